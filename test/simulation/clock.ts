/** Time that passes only when nothing else is left to do. Knows nothing of what waits for it. */
import type { Clock } from "../../src/base/clock.js";

interface Timer {
  readonly time: number;
  readonly number: number;
  readonly run: () => void;
}

/** Where simulated time begins: milliseconds since the epoch. */
const BEGINNING = 1_700_000_000_000;

/** More timers than this mean that something goes on for ever. */
const MOST_STEPS = 100_000;

export class VirtualClock implements Clock {
  #now = BEGINNING;
  #numbered = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { time: this.#now + milliseconds, number: this.#numbered++, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** A clock that is the same until `isDead` says so: from then on nobody hears it. */
  during(isDead: () => boolean): Clock {
    const living = (run: () => void) => () => {
      if (!isDead()) run();
    };
    return { now: () => this.#now, after: (milliseconds, run) => this.after(milliseconds, living(run)) };
  }

  /** Goes on to the next timer, and runs it. Answers false where there is none. */
  step(): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (next === undefined || isBefore(timer, next)) next = timer;
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.#now = Math.max(this.#now, next.time);
    next.run();
    return true;
  }

  /** What a promise comes to, time passing meanwhile. Rejects where nothing is left that could settle it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    promise.then(settle, settle);
    let idle = 0;
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      await turn();
      if (settled) return promise;
      // The engine may let others have a turn, too.
      idle = this.step() ? 0 : idle + 1;
      if (idle > 10) throw new Error("nothing is under way, and it has not ended");
    }
    throw new Error("it goes on and on");
  }
}

/** All that can happen without time has happened. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

function isBefore(one: Timer, other: Timer): boolean {
  return one.time === other.time ? one.number < other.number : one.time < other.time;
}
