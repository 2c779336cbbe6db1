/**
 * Finds what a program computes of large state element by element, as an optimizer does, and lowers each such chain to one
 * Scan over blocks: a block's intermediate values stay in a core's cache, and none is as large as the weight. It knows
 * nothing of optimizers.
 */
import type { Program, Shape, Tensor } from "../program/program.js";
import { sameShape, sizeOf } from "../program/shapes.js";
import { tensorsBefore, tensorsOf } from "../program/walk.js";
import { isElementwise, lowerElementwise } from "./lower-elementwise.js";
import { Lowerer } from "./lowerer.js";
import { attribute, ElementType, type GraphProto, tensorValue } from "./model.js";
import type { LoweredValue, Lowering, LoweringRule } from "./value.js";

/** Measured: below a million elements plain operators are as fast; a block of a quarter of one is split between threads. */
const LEAST_SIZE = 2 ** 20;
const LARGEST_BLOCK = 2 ** 18;

/** Operations that need each other's elements only at their own place, all of one shape. */
interface Chain {
  readonly members: ReadonlySet<Tensor>;
  /** The members that others need, or that are new state. */
  readonly roots: readonly Tensor[];
  /** What members need of others and is as large. */
  readonly inputs: readonly Tensor[];
  /** What members need of others and is one element, repeated. */
  readonly scalars: readonly Tensor[];
  /** [blocks, elements of a block]. */
  readonly shape: Shape;
}

/** The chains of a program. Their states and results are values of the shape [blocks, length] in the graph. */
export class BlockedChains {
  readonly #chains = new Map<Tensor, Chain>();
  readonly #states = new Map<Tensor, Chain>();
  readonly #results = new Map<Tensor, string>();

  constructor(program: Program) {
    for (const chain of chainsOf(program)) {
      for (const member of chain.members) this.#chains.set(member, chain);
      for (const input of chain.inputs) if (input.operation.kind === "state") this.#states.set(input, chain);
    }
  }

  /** Whether a tensor is lowered when it is asked for: its plain form may not be needed. */
  waits(tensor: Tensor): boolean {
    return this.#chains.has(tensor) || this.#states.has(tensor);
  }

  /** The shape that a state or a result is kept in, where a chain has it. */
  shapeOf(tensor: Tensor): Shape | undefined {
    return (this.#states.get(tensor) ?? this.#chains.get(tensor))?.shape;
  }

  /** The value of a chain's result in blocks; undefined for other tensors. */
  result(lowering: Lowering, tensor: Tensor, stateName: (state: Tensor) => string): string | undefined {
    const chain = this.#chains.get(tensor);
    if (chain === undefined) return undefined;
    if (!this.#results.has(tensor)) this.#lower(lowering, chain, stateName);
    return this.#results.get(tensor);
  }

  #lower(lowering: Lowering, chain: Chain, stateName: (state: Tensor) => string): void {
    const { graph } = lowering;
    const whole = (tensor: Tensor) =>
      this.#states.get(tensor) === chain
        ? stateName(tensor)
        : graph.emit("Reshape", [lowering.full(tensor), graph.ints(chain.shape)]);
    const outer = chain.inputs.map(whole);
    const scalars = new Map(chain.scalars.map((scalar) => [scalar, alone(lowering, scalar)]));
    const body = bodyOf(chain, scalars, `${graph.nodes.length} `);
    const attributes = [attribute.graph("body", body), attribute.int("num_scan_inputs", outer.length)];
    const outputs = graph.emitAll("Scan", outer, attributes, chain.roots.length);
    chain.roots.forEach((root, at) => void this.#results.set(root, outputs[at]!));
  }
}

/** A scalar as a vector of one element; the last operator is the chain's own, so that it can be made to wait. */
function alone({ graph, value }: Lowering, scalar: Tensor): string {
  const { operation } = scalar.inputs[0]!;
  if (operation.kind === "constant") return graph.floats([1], Float32Array.from(operation.data));
  const vector = graph.emit("Reshape", [value(scalar).name, graph.ints([1])]);
  return graph.emitOwn("Mul", [vector, graph.floats([1], Float32Array.of(1))]);
}

/** What a chain does to one block. */
function bodyOf(chain: Chain, scalars: ReadonlyMap<Tensor, string>, prefix: string): GraphProto {
  const names = new Map(chain.inputs.map((input, at) => [input, `${prefix}in${at}`]));
  const leaf: LoweringRule = (_, tensor): LoweredValue | undefined => {
    const scalar = scalars.get(tensor);
    if (scalar !== undefined) return { name: scalar, shape: tensor.shape.map(() => 1) };
    const name = names.get(tensor);
    return name === undefined ? undefined : { name, shape: tensor.shape };
  };
  const lowerer = new Lowerer([leaf, lowerElementwise], prefix);
  const length = chain.shape[1]!;
  const described = (name: string) => tensorValue(name, ElementType.float32, [length]);
  const outputs = chain.roots.map((root) => described(lowerer.full(root)));
  const { nodes, initializers } = lowerer.graph;
  return { name: "block", nodes, initializers, inputs: [...names.values()].map(described), outputs };
}

function chainsOf(program: Program): readonly Chain[] {
  const readers = readersOf(program);
  const groups: Set<Tensor>[] = [];
  for (const update of program.updates.values()) {
    const members = membersOf(update);
    if (members.size === 0) continue;
    const joined = groups.filter((group) => [...members].some((member) => group.has(member)));
    for (const group of joined) {
      for (const member of group) members.add(member);
      groups.splice(groups.indexOf(group), 1);
    }
    groups.push(members);
  }
  const updates = new Set(program.updates.values());
  return groups.map((members) => chainOf(members, readers, updates)).filter((chain) => chain !== undefined);
}

function readersOf(program: Program): ReadonlyMap<Tensor, readonly Tensor[]> {
  const readers = new Map<Tensor, Tensor[]>();
  for (const tensor of tensorsOf(program)) {
    for (const input of tensor.inputs) {
      const known = readers.get(input);
      if (known === undefined) readers.set(input, [tensor]);
      else known.push(tensor);
    }
  }
  for (const output of program.outputs.values()) readers.set(output, [...(readers.get(output) ?? []), output]);
  return readers;
}

/** An update with all before it that is elementwise and of its shape; empty where it is small or cannot be cut. */
function membersOf(update: Tensor): Set<Tensor> {
  const members = new Set<Tensor>();
  if (!isElementwise(update.operation) || blocksOf(update.shape) === undefined) return members;
  members.add(update);
  for (const member of members) {
    for (const input of member.inputs) {
      if (isElementwise(input.operation) && sameShape(input.shape, update.shape)) members.add(input);
    }
  }
  return members;
}

function chainOf(
  members: ReadonlySet<Tensor>,
  readers: ReadonlyMap<Tensor, readonly Tensor[]>,
  updates: ReadonlySet<Tensor>,
): Chain | undefined {
  const needed = new Set([...members].flatMap(({ inputs }) => inputs).filter((input) => !members.has(input)));
  const scalars = [...needed].filter(isOneRepeated);
  const inputs = [...needed].filter((input) => !isOneRepeated(input));
  // What others make of a member cannot be waited for within the chain.
  if (tensorsBefore([...needed]).some((tensor) => members.has(tensor))) return undefined;
  const isRoot = (member: Tensor) =>
    updates.has(member) || (readers.get(member) ?? []).some((reader) => !members.has(reader));
  const shape = blocksOf([...members][0]!.shape)!;
  return { members, roots: [...members].filter(isRoot), inputs, scalars, shape };
}

function isOneRepeated({ operation, inputs }: Tensor): boolean {
  return operation.kind === "expand" && sizeOf(inputs[0]!.shape) === 1;
}

/** [blocks, length] of equal blocks that are not much smaller than the largest; undefined where there are none. */
function blocksOf(shape: Shape): Shape | undefined {
  const size = sizeOf(shape);
  if (size < LEAST_SIZE) return undefined;
  const least = Math.ceil(size / LARGEST_BLOCK);
  for (let blocks = least; blocks <= 2 * least; blocks++) if (size % blocks === 0) return [blocks, size / blocks];
  return undefined;
}

/** For programs, or devices, whose chains stay as they are. */
export function noChains(): BlockedChains {
  return new BlockedChains({ outputs: new Map(), updates: new Map() });
}
