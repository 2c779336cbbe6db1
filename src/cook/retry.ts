/** When a failed attempt is followed by another. Knows the clock, and nothing of work. */
import type { Clock } from "../base/clock.js";
import { randomStream } from "../base/random.js";

/** However often it failed, an item does not wait longer. */
const LONGEST_SECONDS = 60;

/**
 * Seconds from a failed attempt (1: the first) to the next one: `delay`, doubled with each attempt, of which at least half is
 * waited. The rest is drawn from the item's seed: items that failed together are not tried together, and a cook of the same
 * graph waits the same. ("Exponential Backoff And Jitter", AWS Architecture Blog 2015, equal jitter.)
 */
export function backoff(attempt: number, delay: number, seed: number): number {
  const full = Math.min(LONGEST_SECONDS, delay * 2 ** (attempt - 1));
  return full * (0.5 + 0.5 * randomStream(seed, "retry").uniform(attempt));
}

/** What waits for its next attempt. */
export class Retries<T> {
  readonly #clock: Pick<Clock, "after">;
  readonly #waiting = new Map<T, () => void>();

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /** Calls `again` after some seconds, unless it is called off before. */
  wait(one: T, seconds: number, again: () => void): void {
    const callOff = this.#clock.after(seconds * 1000, () => {
      this.#waiting.delete(one);
      again();
    });
    this.#waiting.set(one, callOff);
  }

  /** Calls off those that are meant. Answers them. */
  callOff(isMeant: (one: T) => boolean = () => true): readonly T[] {
    const off = [...this.#waiting.keys()].filter(isMeant);
    for (const one of off) {
      this.#waiting.get(one)?.();
      this.#waiting.delete(one);
    }
    return off;
  }
}
