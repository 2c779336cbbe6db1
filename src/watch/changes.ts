/** The paths that changed since it was last asked. Changes that come close together are one. Knows a clock and no files. */
import type { Clock } from "../base/clock.js";

/**
 * It is quiet once nothing was heard for this long. The watcher tells nothing new of a path within 50 ms: what it says
 * first must not be acted upon before.
 */
const QUIET_MS = 80;
/** However busy it is, nobody waits longer: a program may write files without end. */
const LONGEST_MS = 2000;

export class FileChanges {
  readonly #clock: Clock;
  readonly #paths = new Set<string>();
  #first = 0;
  #latest = 0;
  #callOff: () => void = () => {};
  #asked:
    | { readonly changed: Promise<readonly string[]>; readonly notify: (paths: readonly string[]) => void }
    | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(path: string): void {
    this.#latest = this.#clock.now();
    if (this.#paths.size === 0) this.#first = this.#latest;
    this.#paths.add(path);
    this.#look();
  }

  /** Resolves with what changed, sorted, once it is quiet. Who asks again before that gets the same answer. */
  next(): Promise<readonly string[]> {
    if (this.#asked === undefined) {
      let notify: (paths: readonly string[]) => void = () => {};
      const changed = new Promise<readonly string[]>((resolve) => {
        notify = resolve;
      });
      this.#asked = { changed, notify };
    }
    const { changed } = this.#asked;
    this.#look();
    return changed;
  }

  close(): void {
    this.#callOff();
    this.#paths.clear();
  }

  #look(): void {
    this.#callOff();
    if (this.#paths.size === 0 || this.#asked === undefined) return;
    const due = Math.min(this.#latest + QUIET_MS, this.#first + LONGEST_MS) - this.#clock.now();
    if (due > 0) {
      this.#callOff = this.#clock.after(due, () => this.#look());
      return;
    }
    const { notify } = this.#asked;
    this.#asked = undefined;
    const paths = [...this.#paths].sort();
    this.#paths.clear();
    notify(paths);
  }
}
