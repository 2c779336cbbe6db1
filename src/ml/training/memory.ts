/** How much memory an update takes, and the batch size that follows from it. It knows programs, not what runs them. */
import { sizeOf } from "../program/shapes.js";
import { tensorsOf } from "../program/walk.js";
import type { Work } from "../runtime/self-test.js";
import type { Method } from "./method.js";

/**
 * Bytes of all values of an update of `count` samples: more than a runtime needs, which frees what was used, but keeps the
 * memory of each of its programs.
 */
export function updateBytes(method: Method, count: number): number {
  const bytes = method.stages(count).map(({ training }) =>
    tensorsOf(training.program)
      // An expanded value is not stored.
      .filter(({ operation }) => operation.kind !== "expand" && operation.kind !== "constant")
      .reduce((sum, { shape }) => sum + Float32Array.BYTES_PER_ELEMENT * sizeOf(shape), 0),
  );
  return bytes.reduce((sum, each) => sum + each);
}

/** An update of `count` samples as what a runtime is tried with. */
export function workOf(method: Method, count: number): Work {
  const trainings = method.stages(count).map(({ training }) => training);
  return {
    programs: trainings.map(({ program }) => program),
    state: new Map(trainings.flatMap(({ state }) => [...state])),
  };
}

/** The largest power of two, up to the number of samples, whose update fits into half of `free` bytes; 1 at least. */
export function automaticBatchSize(method: Method, samples: number, free: number): number {
  let size = 1;
  while (2 * size <= samples && updateBytes(method, 2 * size) <= free / 2) size *= 2;
  return size;
}
