/**
 * Programs interpreted operation by operation with TensorFlow.js. It knows nothing of backends or of networks, and never
 * asks TensorFlow.js for a gradient: gradients are programs already.
 */
import type { Operation, Program, Tensor } from "../../program/program.js";
import { tensorsOf } from "../../program/walk.js";
import { type CompiledProgram, feedOf, requireState, type Values } from "../runtime.js";
import { tfArrangement, tfElementwise, tfProduct } from "./elementwise.js";
import { type Normalization, tfConvolution, tfNormalization } from "./images.js";
import type { TensorState } from "./state.js";
import {
  type Engine,
  feedOrder,
  full,
  naturalOrder,
  type Order,
  reorder,
  shared,
  stateOrder,
  type Tf,
  type TfTensor,
  type TfValue,
} from "./value.js";

type Feeds = ReadonlyMap<string, Values>;

/** A part of a step: it makes `results` from `inputs`, after which the values of `last` are needed no more. */
interface Instruction {
  readonly inputs: readonly Tensor[];
  readonly results: readonly Tensor[];
  readonly run: (inputs: readonly TfValue[], feeds: Feeds) => readonly TfValue[];
  readonly last: Tensor[];
}

/** A program over state. Throws where the program and the state do not fit. */
export class InterpretedProgram implements CompiledProgram {
  readonly #engine: Engine;
  readonly #program: Program;
  readonly #state: TensorState;
  readonly #instructions: readonly Instruction[];
  readonly #states: readonly (readonly [Tensor, string])[];
  readonly #constants = new Map<Tensor, TfValue>();

  constructor(engine: Engine, program: Program, state: TensorState) {
    const { tf } = engine;
    requireState(program, state);
    this.#engine = engine;
    this.#program = program;
    this.#state = state;
    const tensors = tensorsOf(program);
    this.#states = tensors.flatMap((tensor) =>
      tensor.operation.kind === "state" ? [[tensor, tensor.operation.name] as const] : [],
    );
    this.#instructions = instructionsOf(
      engine,
      tensors,
      new Set([...program.outputs.values(), ...program.updates.values()]),
    );
    for (const tensor of tensors) {
      if (tensor.operation.kind === "constant")
        this.#constants.set(tensor, constant(tf, tensor, tensor.operation.data));
    }
  }

  async step(feeds: Feeds): Promise<ReadonlyMap<string, Values>> {
    this.#engine.ensureActive();
    const { outputs, updates } = this.#program;
    const made = this.#engine.tf.tidy(() => this.#compute(feeds));
    for (const [at, name] of [...updates.keys()].entries()) this.#state.replace(name, made[outputs.size + at]!);
    const computed = made.slice(0, outputs.size);
    try {
      const values = await Promise.all(computed.map((output) => output.data<"float32">()));
      return new Map([...outputs.keys()].map((name, at) => [name, values[at]!]));
    } finally {
      for (const output of computed) output.dispose();
    }
  }

  /** The outputs row-major, then the updates as the state stores them. */
  #compute(feeds: Feeds): TfTensor[] {
    const { tf } = this.#engine;
    const values = new Map(this.#constants);
    for (const [tensor, name] of this.#states) values.set(tensor, this.#state.value(name));
    for (const { inputs, results, run, last } of this.#instructions) {
      const given = inputs.map((input) => values.get(input)!);
      for (const [at, value] of owned(tf, given, () => run(given, feeds)).entries()) values.set(results[at]!, value);
      for (const tensor of last) values.get(tensor)!.stored.dispose();
    }
    const copy = (tensor: Tensor, order: Order) => shared(tf, full(tf, values.get(tensor)!, tensor.shape, order));
    return [
      ...[...this.#program.outputs.values()].map((tensor) => copy(tensor, naturalOrder(tensor.shape))),
      ...[...this.#program.updates.values()].map((tensor) => copy(tensor, stateOrder(tensor.shape))),
    ];
  }

  dispose(): void {
    for (const { stored } of this.#constants.values()) stored.dispose();
    this.#constants.clear();
  }
}

/** What `make` answers, freed of what it made on the way; what it hands through gets a handle of its own. */
function owned(tf: Tf, given: readonly TfValue[], make: () => readonly TfValue[]): readonly TfValue[] {
  let orders: readonly Order[] = [];
  const handles = tf.tidy(() => {
    const values = make();
    orders = values.map(({ order }) => order);
    return values.map(({ stored }) => (given.some((value) => value.stored === stored) ? shared(tf, stored) : stored));
  });
  return handles.map((stored, at) => ({ stored, order: orders[at]! }));
}

function constant(tf: Tf, { shape }: Tensor, data: Float64Array): TfValue {
  return { stored: tf.tensor(Float32Array.from(data), [...shape], "float32"), order: naturalOrder(shape) };
}

/** Everything but constants and state, in order, with the end of each value's life. */
function instructionsOf(
  engine: Engine,
  tensors: readonly Tensor[],
  wanted: ReadonlySet<Tensor>,
): readonly Instruction[] {
  const instructions: Instruction[] = [];
  const made = new Set<Tensor>();
  const alike = normalizations(tensors);
  for (const tensor of tensors) {
    const { kind } = tensor.operation;
    if (made.has(tensor) || kind === "constant" || kind === "state") continue;
    const results = alike.get(normalizationKey(tensor)) ?? [tensor];
    instructions.push({ inputs: tensor.inputs, results, run: runOf(engine, results), last: [] });
    for (const result of results) made.add(result);
  }
  const ended = new Set(wanted);
  for (const { inputs, results, last } of [...instructions].reverse()) {
    for (const tensor of [...inputs, ...results]) {
      if (!made.has(tensor) || ended.has(tensor)) continue;
      ended.add(tensor);
      last.push(tensor);
    }
  }
  return instructions;
}

function isNormalization(operation: Operation): operation is Normalization {
  return operation.kind === "normalize" || operation.kind === "inverse_deviation";
}

/** Equal for tensors that come from the same sums. */
function normalizationKey({ operation, inputs }: Tensor): string | undefined {
  return isNormalization(operation) ? `${inputs[0]!.id} ${operation.axes} ${operation.epsilon}` : undefined;
}

/** The normalizing tensors of each key. */
function normalizations(tensors: readonly Tensor[]): ReadonlyMap<string | undefined, readonly Tensor[]> {
  const groups = new Map<string | undefined, Tensor[]>();
  for (const tensor of tensors) {
    const key = normalizationKey(tensor);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), tensor]);
  }
  return groups;
}

function runOf(engine: Engine, results: readonly Tensor[]): Instruction["run"] {
  const { tf } = engine;
  const tensor = results[0]!;
  const { operation } = tensor;
  if (isNormalization(operation)) return ([input]) => tfNormalization(tf, results, input!);
  if (operation.kind === "feed") return (_, feeds) => [fed(tf, tensor, operation.name, feeds)];
  return (inputs) => {
    for (const rule of [tfElementwise, tfArrangement, tfConvolution, tfProduct]) {
      const value = rule(engine, tensor, inputs);
      if (value !== undefined) return [value];
    }
    throw new Error(`TensorFlow.js has no form here for the operation "${operation.kind}"`);
  };
}

function fed(tf: Tf, { shape }: Tensor, name: string, feeds: Feeds): TfValue {
  const values = feedOf(feeds, name, shape);
  const natural = { stored: tf.tensor(values, [...shape], "float32"), order: naturalOrder(shape) };
  const order = feedOrder(shape);
  return { stored: reorder(tf, natural, order), order };
}
