/** Equal values told apart: how many of the same came before. Knows no items. */
import type { Json } from "dag-cook";
import { sameText, type Value } from "./order.js";

/** Counts values as they come. */
export class Repeats {
  readonly #seen = new Map<string, number>();

  /** How many equal values came before this one. */
  before(value: Json | Value): number {
    const text = sameText(value as Value);
    const repeat = this.#seen.get(text) ?? 0;
    this.#seen.set(text, repeat + 1);
    return repeat;
  }
}
