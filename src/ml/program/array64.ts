/** A tensor's values as the reference interpreter holds them. */
import type { Shape } from "./program.js";

/** A tensor's value with its shape. */
export interface Array64 {
  readonly shape: Shape;
  readonly data: Float64Array;
}
