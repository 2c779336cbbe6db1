/** How many items go into one message to a worker: learned from how long a node type's items took. Knows no slots. */

/** Items shorter than this are sent several at a time: a message to a worker and back costs about 0.1 ms. */
const SHORT_SECONDS = 0.005;
/** A message of short items should keep a worker busy for about this long. */
const MESSAGE_SECONDS = 0.02;
/** More never share a message by themselves. */
const MOST_JOINED = 256;
/** Weight of the latest item. */
const WEIGHT = 0.2;

export interface Estimate {
  learn(module: string, seconds: number): void;
  /** How many of a node type's items share a message; 1 where nothing is known of it, or its items are not short. */
  batch(module: string): number;
}

export function createEstimate(): Estimate {
  const means = new Map<string, number>();
  return {
    learn(module, seconds) {
      const mean = means.get(module);
      means.set(module, mean === undefined ? seconds : mean + WEIGHT * (seconds - mean));
    },
    batch(module) {
      const mean = means.get(module) ?? SHORT_SECONDS;
      if (mean >= SHORT_SECONDS) return 1;
      return Math.max(1, Math.min(MOST_JOINED, Math.floor(MESSAGE_SECONDS / Math.max(mean, Number.MIN_VALUE))));
    },
  };
}
