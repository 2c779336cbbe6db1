/** Runs a program in a runtime and in the referee from the same values, and measures how far they are apart. */
import type { Program, Shape } from "../../program/program.js";
import { evaluateReference, type NamedArrays } from "../../program/reference.js";
import { sizeOf } from "../../program/shapes.js";
import { tensorsOf } from "../../program/walk.js";
import type { Runtime, RuntimeState, Values } from "../runtime.js";

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

/** `count` values in [−1, 1] that repeat in no pattern, for inputs whose values do not matter. */
export function someValues(count: number, phase = 0): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * (phase + 1)));
}

/** The leaves of a program of one kind, by name. */
function leavesOf(program: Program, kind: "feed" | "state"): ReadonlyMap<string, Shape> {
  return new Map(
    tensorsOf(program).flatMap(({ operation, shape }) =>
      operation.kind === kind ? [[operation.name, shape] as const] : [],
    ),
  );
}

/** Values for leaves, rounded to float32 so that both sides see the same. */
function valuesFor(leaves: ReadonlyMap<string, Shape>): Map<string, Float64Array> {
  const rounded = (values: Float64Array) => Float64Array.from(Float32Array.from(values));
  return new Map([...leaves].map(([name, shape], at) => [name, rounded(someValues(sizeOf(shape), at))]));
}

export function narrow(values: NamedArrays): Map<string, Values> {
  return new Map([...values].map(([name, data]) => [name, Float32Array.from(data)]));
}

/** State of a runtime with these values, zeros where none are given. */
export function stateWith(runtime: Runtime, shapes: ReadonlyMap<string, Shape>, values: NamedArrays): RuntimeState {
  const state = runtime.createState(shapes);
  for (const [name, data] of values) state.write(name, Float32Array.from(data));
  return state;
}

/**
 * The largest relative error of any output or update after one step, from patterned values where `given` has none for a
 * feed or a state.
 */
export async function largestError(
  runtime: Runtime,
  program: Program,
  given: NamedArrays = new Map(),
): Promise<number> {
  const pick = ([name, values]: readonly [string, Float64Array]) => [name, given.get(name) ?? values] as const;
  const feeds = new Map([...valuesFor(leavesOf(program, "feed"))].map(pick));
  const updated = [...program.updates].map(([name, { shape }]) => [name, shape] as const);
  const shapes = new Map([...leavesOf(program, "state"), ...updated]);
  const values = new Map([...valuesFor(shapes)].map(pick));
  const expected = evaluateReference(program, { feeds, state: values });
  const state = stateWith(runtime, shapes, values);
  const compiled = await runtime.compile(program, state);
  try {
    const outputs = await compiled.step(narrow(feeds));
    const errors = [...expected.outputs].map(([name, data]) => relativeError(outputs.get(name)!, data));
    for (const [name, data] of expected.updates) errors.push(relativeError(await state.read(name), data));
    return Math.max(...errors);
  } finally {
    compiled.dispose();
    state.dispose();
  }
}
