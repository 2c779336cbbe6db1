/**
 * Joins vectors of a program end to end, so that what is done to each element is done to all at once, and takes them apart again.
 * It knows nothing of what they are.
 */
import type { ProgramBuilder } from "../program/build.js";
import type { Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";

/** Vectors [n₁], [n₂], … as one, [n₁ + n₂ + …]. */
export function endToEnd(b: ProgramBuilder, vectors: readonly Tensor[]): Tensor {
  return b.concat(vectors, 0);
}

/** What was made of joined vectors, in the lengths of `vectors`. */
export function takenApart(b: ProgramBuilder, whole: Tensor, vectors: readonly Tensor[]): readonly Tensor[] {
  let end = 0;
  return vectors.map(({ shape }) => {
    const start = end;
    end += sizeOf(shape);
    return b.slice(whole, [start], [end]);
  });
}
