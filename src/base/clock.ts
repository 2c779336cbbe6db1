/** Time as an argument, so that a simulation can tell it. Knows nothing of what waits. */

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` once, `milliseconds` from now. Answers a function that calls it off. */
  after(milliseconds: number, run: () => void): () => void;
}

/** The machine's own clock. What waits for it keeps the process alive. */
export const realClock: Clock = {
  now: Date.now,
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
