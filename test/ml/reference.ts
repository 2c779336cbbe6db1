/** Reads the reference numbers under test/fixtures/torch. */
import { readFileSync } from "node:fs";
import type { Program, Shape } from "../../src/ml/program/program.js";
import { evaluateReference, type NamedArrays } from "../../src/ml/program/reference.js";

export { relativeError, someValues } from "../../src/ml/runtime/trial/compare.js";

export interface Reference {
  readonly shape: Shape;
  readonly data: readonly number[];
}

export function readReference<T>(name: string): T {
  return JSON.parse(readFileSync(`test/fixtures/torch/${name}`, "utf8")) as T;
}

/** The program's outputs in the referee. */
export function outputsOf(program: Program, feeds: NamedArrays, state: NamedArrays = new Map()): NamedArrays {
  return evaluateReference(program, { feeds, state }).outputs;
}
