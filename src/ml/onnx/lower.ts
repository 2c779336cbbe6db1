/**
 * Lowers a tensor program to an ONNX graph: what it computes, leaf by leaf and operation by operation, by rules. It knows
 * nothing of what runs the graph or of files.
 */
import type { Operation, Program, Shape, Tensor } from "../program/program.js";
import { tensorsOf } from "../program/walk.js";
import { BlockedChains, noChains } from "./blocks.js";
import type { GraphWriter } from "./graph.js";
import { lowerArrangement, lowerElementwise } from "./lower-elementwise.js";
import { lowerConvolution, lowerTraining } from "./lower-images.js";
import { lowerNormalization } from "./lower-norm.js";
import { Lowerer } from "./lowerer.js";
import { ElementType, type GraphProto, tensorValue } from "./model.js";
import type { LoweringRule } from "./value.js";

/** A leaf of the program as an input of the graph. */
export interface GraphInput {
  readonly kind: "feed" | "state";
  /** The program's name of it. */
  readonly name: string;
  /** The graph's name of it. */
  readonly value: string;
  readonly shape: Shape;
}

/** An output or an update of the program as an output of the graph. */
export interface GraphOutput {
  readonly kind: "output" | "update";
  readonly name: string;
  readonly value: string;
  readonly shape: Shape;
}

export interface LoweredProgram {
  readonly graph: GraphProto;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
}

/** The operator set of lowered programs: the first with LayerNormalization. */
export const OPSET = 17;

/** The graph's name of a leaf. */
export function inputName(kind: GraphInput["kind"], name: string): string {
  return `${kind} ${name}`;
}

/** How the programs of a device are lowered. */
export interface LoweringTarget {
  /** Rules that come before the usual ones. */
  readonly rules: readonly LoweringRule[];
  /** Whether chains of elementwise operations on large state are computed block by block. */
  readonly blocks: boolean;
}

/** For any device and any version of onnxruntime. */
export const portable: LoweringTarget = { rules: [], blocks: false };

/** The graph of a whole program, as runtimes run it. */
export function lowerProgram(program: Program, target: LoweringTarget = portable): LoweredProgram {
  const inputs = new Map<Tensor, GraphInput>();
  const chains = target.blocks ? new BlockedChains(program) : noChains();
  const declared = (tensor: Tensor): string => {
    const { kind, name } = tensor.operation as Operation & { kind: GraphInput["kind"] };
    const value = inputName(kind, name);
    inputs.set(tensor, { kind, name, value, shape: chains.shapeOf(tensor) ?? tensor.shape });
    return value;
  };
  const leaf: LoweringRule = ({ graph }, tensor) => {
    const { kind } = tensor.operation;
    if (kind !== "feed" && kind !== "state") return undefined;
    const { shape } = tensor;
    const name = declared(tensor);
    return { name: chains.waits(tensor) ? graph.emit("Reshape", [name, graph.ints(shape)]) : name, shape };
  };
  const blocked: LoweringRule = (lowering, tensor) => {
    const result = chains.result(lowering, tensor, declared);
    if (result === undefined) return undefined;
    const { graph } = lowering;
    return { name: graph.emit("Reshape", [result, graph.ints(tensor.shape)]), shape: tensor.shape };
  };
  // The operator that training takes for both of a norm's values is less exact than what is exported: under a constant image
  // it was off by 2e-5 of the largest value at 256².
  const norms = program.forUse === true ? [lowerNormalization(OPSET)] : [];
  const usual = [lowerElementwise, lowerArrangement, ...norms, lowerTraining, lowerConvolution];
  const lowerer = new Lowerer([leaf, blocked, ...target.rules, ...usual]);
  for (const tensor of tensorsOf(program)) if (!chains.waits(tensor)) lowerer.visit(tensor);
  const stored = (tensor: Tensor) => chains.result(lowerer, tensor, declared) ?? lowerer.full(tensor);
  const outputs = graphOutputs(lowerer.graph, program, (tensor) => ({
    value: stored(tensor),
    shape: chains.shapeOf(tensor) ?? tensor.shape,
  }));
  const { nodes, initializers } = lowerer.graph;
  const described = ({ value, shape }: GraphInput | GraphOutput) => tensorValue(value, ElementType.float32, shape);
  const graph = {
    name: "program",
    nodes,
    initializers,
    inputs: [...inputs.values()].map(described),
    outputs: outputs.map(described),
  };
  return { graph, inputs: [...inputs.values()], outputs };
}

/** Every output and update under a name of its own. Leaves, and what is an output already, go out as copies. */
function graphOutputs(
  graph: GraphWriter,
  { outputs, updates }: Program,
  store: (tensor: Tensor) => { readonly value: string; readonly shape: Shape },
): readonly GraphOutput[] {
  const free = new Set<string>();
  const named = (kind: GraphOutput["kind"], tensors: ReadonlyMap<string, Tensor>) =>
    [...tensors].map(([name, tensor]) => ({ kind, name, ...store(tensor) }));
  const all = [...named("output", outputs), ...named("update", updates)];
  for (const node of graph.nodes) for (const output of node.outputs) free.add(output);
  return all.map(({ kind, name, value, shape }) => {
    const own = free.delete(value) ? value : graph.copy(value, `${kind} ${name}`);
    return { kind, name, value: own, shape };
  });
}
