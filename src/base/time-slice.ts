/** How long the cook has gone on without letting others have a turn: whoever wants to stop it must be heard. Knows time alone. */
import type { Clock } from "./clock.js";

/** Milliseconds: short beside what a user notices, long beside what a turn costs. */
const LONGEST_MS = 50;
/** Looks at the clock are rarer than questions. */
const LOOKS = 16;

export class TimeSlice {
  readonly #clock: Clock;
  #began: number;
  #asked = 0;
  #isOver = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#began = clock.now();
  }

  /** Whether it is time that others have one. */
  get isOver(): boolean {
    this.#asked += 1;
    if (this.#asked % LOOKS === 0) this.#look();
    return this.#isOver;
  }

  /** Lets others have a turn where it is time. Undefined: it is not. */
  next(): Promise<void> | undefined {
    this.#look();
    if (!this.#isOver) return undefined;
    return new Promise((resume) => {
      this.#clock.after(0, () => {
        this.begin();
        resume();
      });
    });
  }

  /** Others had one just now. */
  begin(): void {
    this.#began = this.#clock.now();
    this.#isOver = false;
  }

  #look(): void {
    if (this.#clock.now() - this.#began > LONGEST_MS) this.#isOver = true;
  }
}
