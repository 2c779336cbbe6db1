/**
 * Lowers a tensor program to an ONNX graph: what it computes, leaf by leaf and operation by operation, by rules. It knows
 * nothing of what runs the graph or of files.
 */
import type { Program, Shape, Tensor } from "../program/program.js";
import { tensorsOf } from "../program/walk.js";
import { arrangement, elementwise } from "./lower-elementwise.js";
import { convolution, training } from "./lower-images.js";
import { normalization } from "./lower-norm.js";
import { Lowerer } from "./lowerer.js";
import { ElementType, type Graph, tensorValue } from "./model.js";
import type { Rule } from "./value.js";

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
  readonly graph: Graph;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
}

/** The operator set of lowered programs: the first with LayerNormalization. */
export const OPSET = 17;

/** The graph's name of a leaf. */
export function inputName(kind: GraphInput["kind"], name: string): string {
  return `${kind} ${name}`;
}

/** The graph of a whole program, as runtimes run it. `rules`: those of a device, which come before the usual ones. */
export function lowerProgram(program: Program, rules: readonly Rule[] = []): LoweredProgram {
  const inputs: GraphInput[] = [];
  const leaf: Rule = (_, { operation, shape }) => {
    if (operation.kind !== "feed" && operation.kind !== "state") return undefined;
    const { kind, name } = operation;
    const value = inputName(kind, name);
    inputs.push({ kind, name, value, shape });
    return { name: value, shape };
  };
  // The operator that training takes for both of a norm's values is less exact than what is exported: under a constant image
  // it was off by 2e-5 of the largest value at 256².
  const norms = program.forUse === true ? [normalization(OPSET)] : [];
  const lowerer = new Lowerer([leaf, ...rules, elementwise, arrangement, ...norms, training, convolution]);
  for (const tensor of tensorsOf(program)) lowerer.visit(tensor);
  const outputs = graphOutputs(lowerer, program);
  const { nodes, initializers } = lowerer.graph;
  const described = ({ value, shape }: GraphInput | GraphOutput) => tensorValue(value, ElementType.float32, shape);
  const graph = {
    name: "program",
    nodes,
    initializers,
    inputs: inputs.map(described),
    outputs: outputs.map(described),
  };
  return { graph, inputs, outputs };
}

/** Every output and update under a name of its own. Leaves, and what is an output already, go out as copies. */
function graphOutputs({ graph, full }: Lowerer, { outputs, updates }: Program): readonly GraphOutput[] {
  const free = new Set<string>();
  const named = (kind: GraphOutput["kind"], tensors: ReadonlyMap<string, Tensor>) =>
    [...tensors].map(([name, tensor]) => ({ kind, name, tensor, stored: full(tensor) }));
  const all = [...named("output", outputs), ...named("update", updates)];
  for (const node of graph.nodes) for (const output of node.outputs) free.add(output);
  return all.map(({ kind, name, tensor: { shape }, stored }) => {
    const value = free.delete(stored) ? stored : graph.copy(stored, `${kind} ${name}`);
    return { kind, name, value, shape };
  });
}
