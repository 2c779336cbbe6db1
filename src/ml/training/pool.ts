/**
 * Outputs of earlier updates, shown to later stages in place of the newest (Shrivastava et al. 2017; junyanz's ImagePool). It
 * knows nothing of what the outputs are or of how they are made.
 */
import { randomStream } from "../../base/random.js";
import type { Shape } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import type { Values } from "../runtime/runtime.js";

/** Keeps up to `size` outputs of a form. What it answers follows from seed, name and update, and from what it was given. */
export class Pool {
  readonly #name: string;
  readonly #size: number;
  readonly #form: Shape;
  readonly #seed: number;
  /** [size, ...form], of which the first `#count` places are taken. */
  readonly #kept: Values;
  #count = 0;

  constructor(name: string, size: number, form: Shape, seed: number) {
    this.#name = name;
    this.#size = size;
    this.#form = form;
    this.#seed = seed;
    this.#kept = new Float32Array(size * sizeOf(form));
  }

  /**
   * As many outputs as are given, [count, ...form]: the given ones until the pool is full; then, one by one with p = ½, a
   * kept one, whose place the given one takes.
   */
  query(given: Values, update: number): Values {
    if (this.#size === 0) return given;
    const answer = given.slice();
    const length = sizeOf(this.#form);
    const stream = randomStream(this.#seed, "pool", this.#name, update);
    for (let at = 0; at * length < given.length; at++) {
      const one = given.subarray(at * length, (at + 1) * length);
      if (this.#count < this.#size) {
        this.#kept.set(one, this.#count * length);
        this.#count += 1;
      } else if (stream.uniform(at) > 0.5) {
        const from = stream.integer(at, this.#size) * length;
        answer.set(this.#kept.subarray(from, from + length), at * length);
        this.#kept.set(one, from);
      }
    }
    return answer;
  }

  /** The tensors of its state. */
  get shapes(): ReadonlyMap<string, Shape> {
    if (this.#size === 0) return new Map();
    return new Map([
      [`${this.#name}:pool`, [this.#size, ...this.#form]],
      [`${this.#name}:pool_count`, [1]],
    ]);
  }

  /** A copy of a tensor of its state. */
  read(tensor: string): Values {
    return tensor.endsWith("_count") ? Float32Array.of(this.#count) : this.#kept.slice();
  }

  write(tensor: string, values: Values): void {
    if (tensor.endsWith("_count")) this.#count = values[0]!;
    else this.#kept.set(values);
  }
}
