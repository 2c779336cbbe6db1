/**
 * Lowers a tensor program to an ONNX graph: what it computes, leaf by leaf and operation by operation, by rules. It knows
 * nothing of what runs the graph or of files.
 */
import type { Program, Shape, Tensor } from "../program/program.js";
import { tensorsOf } from "../program/walk.js";
import { GraphWriter } from "./graph.js";
import { arrangement, elementwise, joined } from "./lower-elementwise.js";
import { convolution, training } from "./lower-images.js";
import { attribute, ElementType, type Graph, tensorValue } from "./model.js";
import { expanded, type Lowering, type Rule, type Value } from "./value.js";

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

/** The graph of a whole program, as runtimes run it. */
export function lowerProgram(program: Program): LoweredProgram {
  const lowerer = new Lowerer([elementwise, arrangement, convolution, training]);
  for (const tensor of tensorsOf(program)) lowerer.visit(tensor);
  const outputs = [...lowerer.outputs("output", program.outputs), ...lowerer.outputs("update", program.updates)];
  const { nodes, initializers } = lowerer.graph;
  const graph = {
    name: "program",
    nodes,
    initializers,
    inputs: lowerer.inputs.map(({ value, shape }) => tensorValue(value, ElementType.float32, shape)),
    outputs: outputs.map(({ value, shape }) => tensorValue(value, ElementType.float32, shape)),
  };
  return { graph, inputs: lowerer.inputs, outputs };
}

class Lowerer implements Lowering {
  readonly graph = new GraphWriter();
  readonly inputs: GraphInput[] = [];
  readonly #rules: readonly Rule[];
  readonly #values = new Map<Tensor, Value>();
  readonly #taken = new Set<string>();

  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }

  /** Lowers a tensor whose inputs were visited. What may turn out not to be needed in itself waits until it is. */
  visit(tensor: Tensor): void {
    const { kind } = tensor.operation;
    if (kind !== "greater" && kind !== "constant") this.value(tensor);
  }

  value = (tensor: Tensor): Value => {
    const known = this.#values.get(tensor);
    if (known !== undefined) return known;
    const value = this.#lower(tensor);
    this.#values.set(tensor, value);
    return value;
  };

  full = (tensor: Tensor): string => expanded(this.graph, this.value(tensor), tensor.shape);

  condition = (tensor: Tensor): Value => {
    if (tensor.operation.kind === "greater") return joined(this, "Greater", tensor.inputs.map(this.value));
    const { name, shape } = this.value(tensor);
    return { name: this.graph.emit("Cast", [name], [attribute.int("to", ElementType.bool)]), shape };
  };

  #lower(tensor: Tensor): Value {
    const { operation, shape } = tensor;
    switch (operation.kind) {
      case "feed":
      case "state": {
        const { kind, name } = operation;
        const value = inputName(kind, name);
        this.inputs.push({ kind, name, value, shape });
        return { name: value, shape };
      }
      case "constant":
        return { name: this.graph.floats(shape, Float32Array.from(operation.data)), shape };
      case "greater": {
        const { name, shape: stored } = this.condition(tensor);
        return { name: this.graph.emit("Cast", [name], [attribute.int("to", ElementType.float32)]), shape: stored };
      }
    }
    for (const rule of this.#rules) {
      const value = rule(this, tensor);
      if (value !== undefined) return value;
    }
    throw new Error(`no ONNX form is known for the operation "${operation.kind}"`);
  }

  /** Names of graph outputs. Leaves, and what is an output already, go out as copies. */
  outputs(kind: GraphOutput["kind"], tensors: ReadonlyMap<string, Tensor>): readonly GraphOutput[] {
    return [...tensors].map(([name, tensor]) => {
      const stored = this.full(tensor);
      const computed = this.graph.nodes.some(({ outputs }) => outputs.includes(stored));
      const value = computed && !this.#taken.has(stored) ? stored : this.#copy(stored, `${kind} ${name}`);
      this.#taken.add(value);
      return { kind, name, value, shape: tensor.shape };
    });
  }

  #copy(value: string, name: string): string {
    this.graph.nodes.push({ inputs: [value], outputs: [name], name, operator: "Identity", attributes: [], domain: "" });
    return name;
  }
}
