/**
 * The referee: a plain float64 interpreter of tensor programs, slow and obvious, against which every runtime is checked.
 * It knows nothing of gradients, networks or devices.
 */

import {
  addState,
  type CompiledProgram,
  feedOf,
  type Runtime,
  requireState,
  requireValues,
  type State,
  type Values,
} from "../runtime/runtime.js";
import type { Array64 } from "./array64.js";
import type { Operation, Program, Shape, Tensor } from "./program.js";
import { computeElementwise } from "./referee-elementwise.js";
import { computeImages } from "./referee-images.js";
import { shapeText, sizeOf } from "./shapes.js";
import { tensorsOf } from "./walk.js";

/** Named values, row-major. */
export type NamedArrays = ReadonlyMap<string, Float64Array>;

/** What a program reads: the values of its feeds and of its state. */
export interface Given {
  readonly feeds: NamedArrays;
  readonly state: NamedArrays;
}

/** One step of a program in float64. Throws where a feed or a state is missing or has another length. */
export function evaluate(program: Program, given: Given): { outputs: NamedArrays; updates: NamedArrays } {
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

function compute({ operation, shape }: Tensor, inputs: readonly Array64[], given: Given): Float64Array {
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

/** The referee as a runtime: float64 inside, float32 at its doors as every runtime. */
export function createReferee(): Runtime {
  return {
    name: "referee",
    device: "cpu",
    version: process.versions.node,
    createState: (shapes) => new RefereeState(shapes),
    async compile(program, state) {
      if (!(state instanceof RefereeState)) throw new Error("the referee was given another runtime's state");
      requireState(program, state);
      return new RefereeProgram(program, state);
    },
  };
}

class RefereeState implements State {
  readonly shapes = new Map<string, Shape>();
  readonly values = new Map<string, Float64Array>();

  constructor(shapes: ReadonlyMap<string, Shape>) {
    this.add(shapes);
  }

  add(shapes: ReadonlyMap<string, Shape>): void {
    addState(this.shapes, shapes, (name, shape) => void this.values.set(name, new Float64Array(sizeOf(shape))));
  }

  async read(name: string): Promise<Values> {
    return Float32Array.from(this.#known(name));
  }

  write(name: string, values: Values): void {
    requireValues(this.shapes, name, values);
    this.values.set(name, Float64Array.from(values));
  }

  #known(name: string): Float64Array {
    const values = this.values.get(name);
    if (values === undefined) throw new Error(`no state is named "${name}"`);
    return values;
  }

  dispose(): void {
    this.values.clear();
  }
}

class RefereeProgram implements CompiledProgram {
  readonly #program: Program;
  readonly #state: RefereeState;

  constructor(program: Program, state: RefereeState) {
    this.#program = program;
    this.#state = state;
  }

  async step(feeds: ReadonlyMap<string, Values>): Promise<ReadonlyMap<string, Values>> {
    const wide = new Map<string, Float64Array>();
    for (const { operation, shape } of tensorsOf(this.#program)) {
      if (operation.kind === "feed") wide.set(operation.name, Float64Array.from(feedOf(feeds, operation.name, shape)));
    }
    const { outputs, updates } = evaluate(this.#program, { feeds: wide, state: this.#state.values });
    for (const [name, values] of updates) this.#state.values.set(name, values);
    return new Map([...outputs].map(([name, values]) => [name, Float32Array.from(values)]));
  }

  dispose(): void {}
}
