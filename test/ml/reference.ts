/** Reads the reference numbers under test/fixtures/torch, and measures distances from them. */
import { readFileSync } from "node:fs";
import type { Program, Shape } from "../../src/ml/program/program.js";
import { evaluate, type NamedArrays } from "../../src/ml/program/referee.js";

export interface Reference {
  readonly shape: Shape;
  readonly data: readonly number[];
}

export function readReference<T>(name: string): T {
  return JSON.parse(readFileSync(`test/fixtures/torch/${name}`, "utf8")) as T;
}

/** max|actual − expected| / max|expected|; infinite where the lengths differ or a value is not finite. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [distance, scale] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i])) return Number.POSITIVE_INFINITY;
    distance = Math.max(distance, Math.abs(actual[i]! - expected[i]!));
    scale = Math.max(scale, Math.abs(expected[i]!));
  }
  return actual.length === expected.length ? distance / (scale || 1) : Number.POSITIVE_INFINITY;
}

/** The program's outputs in the referee. */
export function outputsOf(program: Program, feeds: NamedArrays, state: NamedArrays = new Map()): NamedArrays {
  return evaluate(program, { feeds, state }).outputs;
}

/** `count` values in [−1, 1] that repeat in no pattern, for inputs whose values do not matter. */
export function someValues(count: number, phase = 0): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * (phase + 1)));
}
