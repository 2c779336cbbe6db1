/** Time as an argument, so that a simulation can tell it. Knows nothing of what waits. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, `milliseconds` from now; 0: once what is at hand is done. Answers a function that calls it off. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's own clock. What waits for it keeps the process alive. */
export const realClock: Clock = {
  now: Date.now,
  after(milliseconds, run) {
    if (milliseconds === 0) {
      // A timer takes a millisecond at least.
      const soon = setImmediate(run);
      return () => clearImmediate(soon);
    }
    const timer = setTimeout(run, Math.min(milliseconds, LONGEST_MS));
    return () => clearTimeout(timer);
  },
};
