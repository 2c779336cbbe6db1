/** Chance that can be thrown again: a row of values that follows from a seed and words. Knows not what for. */
import { randomStream } from "../../src/base/random.js";

export class Dice {
  readonly #seed: number;
  readonly #words: readonly (string | number)[];
  readonly #stream: ReturnType<typeof randomStream>;
  #thrown = 0;

  constructor(seed: number, ...words: readonly (string | number)[]) {
    this.#seed = seed;
    this.#words = words;
    this.#stream = randomStream(seed, ...words);
  }

  /** Dice of their own: what is thrown with them changes nothing here. */
  apart(...words: readonly (string | number)[]): Dice {
    return new Dice(this.#seed, ...this.#words, ...words);
  }

  /** In [0, 1). */
  part(): number {
    return this.#stream.uniform(this.#thrown++);
  }

  /** A whole number from `least` to `most`. */
  from(least: number, most: number): number {
    return least + Math.floor(this.part() * (most - least + 1));
  }

  /** Whether something of this probability happens. */
  chance(probability: number): boolean {
    return this.part() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.from(0, values.length - 1)]!;
  }
}
