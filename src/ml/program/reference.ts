/**
 * The referee: a plain float64 interpreter of tensor programs, slow and obvious, against which every runtime is checked.
 * It knows nothing of gradients, networks or devices.
 */

import type { Array64 } from "./array64.js";
import type { Operation, Program, Shape, Tensor } from "./program.js";
import { computeElementwise } from "./reference-elementwise.js";
import { computeImages } from "./reference-images.js";
import { shapeText, sizeOf } from "./shapes.js";
import { tensorsOf } from "./walk.js";

/** Named values, row-major. */
export type NamedArrays = ReadonlyMap<string, Float64Array>;

/** What a program reads: the values of its feeds and of its state. */
export interface ReferenceInputs {
  readonly feeds: NamedArrays;
  readonly state: NamedArrays;
}

/** One step of a program in float64. Throws where a feed or a state is missing or has another length. */
export function evaluateReference(
  program: Program,
  given: ReferenceInputs,
): { outputs: NamedArrays; updates: NamedArrays } {
  const values = new Map<Tensor, Float64Array>();
  const order = tensorsOf(program);
  const uses = usesOf(order);
  const wanted = new Set([...program.outputs.values(), ...program.updates.values()]);
  for (const tensor of order) {
    const inputs = tensor.inputs.map((input) => ({ shape: input.shape, data: values.get(input)! }));
    values.set(tensor, compute(tensor, inputs, given));
    for (const input of tensor.inputs) {
      const left = uses.get(input)! - 1;
      uses.set(input, left);
      if (left === 0 && !wanted.has(input)) values.delete(input); // so that a network of some size fits in memory
    }
  }
  const named = (tensors: ReadonlyMap<string, Tensor>) =>
    new Map([...tensors].map(([name, tensor]) => [name, values.get(tensor)!]));
  return { outputs: named(program.outputs), updates: named(program.updates) };
}

function usesOf(order: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const { inputs } of order) for (const input of inputs) uses.set(input, (uses.get(input) ?? 0) + 1);
  return uses;
}

function compute({ operation, shape }: Tensor, inputs: readonly Array64[], given: ReferenceInputs): Float64Array {
  switch (operation.kind) {
    case "feed":
      return leaf(operation, shape, given.feeds.get(operation.name));
    case "state":
      return leaf(operation, shape, given.state.get(operation.name));
    case "constant":
      return operation.data;
    default: {
      const result = computeElementwise(operation, inputs, shape) ?? computeImages(operation, inputs, shape);
      if (result === undefined) throw new Error(`the referee does not know the operation "${operation.kind}"`);
      return result;
    }
  }
}

function leaf(operation: Operation & { name: string }, shape: Shape, data: Float64Array | undefined): Float64Array {
  const what = `${operation.kind} "${operation.name}" of shape ${shapeText(shape)}`;
  if (data === undefined) throw new Error(`${what} has no value`);
  if (data.length !== sizeOf(shape)) throw new Error(`${what} was given ${data.length} values`);
  return data;
}
