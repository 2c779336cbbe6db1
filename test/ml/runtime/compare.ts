/** Runs a program in a runtime and in the referee, from the same values. */

import type { Program, Shape } from "../../../src/ml/program/program.js";
import { evaluate, type NamedArrays } from "../../../src/ml/program/referee.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { tensorsOf } from "../../../src/ml/program/walk.js";
import type { Runtime, State } from "../../../src/ml/runtime/runtime.js";
import { relativeError, someValues } from "../reference.js";

/** The leaves of a program of one kind, by name. */
export function leavesOf(program: Program, kind: "feed" | "state"): ReadonlyMap<string, Shape> {
  return new Map(
    tensorsOf(program).flatMap(({ operation, shape }) =>
      operation.kind === kind ? [[operation.name, shape] as const] : [],
    ),
  );
}

/** Values for leaves, rounded to float32 so that both sides see the same. */
export function valuesFor(leaves: ReadonlyMap<string, Shape>): Map<string, Float64Array> {
  return new Map([...leaves].map(([name, shape], at) => [name, rounded(someValues(sizeOf(shape), at))]));
}

export function rounded(values: ArrayLike<number>): Float64Array {
  return Float64Array.from(Float32Array.from(values));
}

export function narrow(values: NamedArrays): Map<string, Float32Array> {
  return new Map([...values].map(([name, data]) => [name, Float32Array.from(data)]));
}

/** State of a runtime with these values. */
export function stateWith(runtime: Runtime, shapes: ReadonlyMap<string, Shape>, values: NamedArrays): State {
  const state = runtime.createState(shapes);
  for (const [name, data] of values) state.write(name, Float32Array.from(data));
  return state;
}

/** The largest relative error of any output or update after one step. */
export async function largestError(runtime: Runtime, program: Program, given?: NamedArrays): Promise<number> {
  const feeds = new Map([...valuesFor(leavesOf(program, "feed")), ...(given ?? [])]);
  const shapes = new Map([
    ...leavesOf(program, "state"),
    ...[...program.updates].map(([k, { shape }]) => [k, shape] as const),
  ]);
  const values = valuesFor(shapes);
  const expected = evaluate(program, { feeds, state: values });
  const state = stateWith(runtime, shapes, values);
  const compiled = await runtime.compile(program, state);
  const outputs = await compiled.step(narrow(feeds));
  const errors = [...expected.outputs].map(([name, data]) => relativeError(outputs.get(name)!, data));
  for (const [name, data] of expected.updates) errors.push(relativeError(await state.read(name), data));
  compiled.dispose();
  state.dispose();
  return Math.max(...errors);
}
