/** Lowers tensors one after the other by rules, each once. It knows nothing of operations, but for comparisons. */
import type { Tensor } from "../program/program.js";
import { GraphWriter } from "./graph.js";
import { attribute, ElementType } from "./model.js";
import { expanded, joined, type LoweredValue, type Lowering, type LoweringRule } from "./value.js";

export class Lowerer implements Lowering {
  readonly graph: GraphWriter;
  readonly #rules: readonly LoweringRule[];
  readonly #values = new Map<Tensor, LoweredValue>();

  /** The first rule that answers is taken. `prefix`: of the names of the graph's values. */
  constructor(rules: readonly LoweringRule[], prefix?: string) {
    this.#rules = rules;
    this.graph = new GraphWriter(prefix);
  }

  /** Lowers a tensor whose inputs were visited. What may turn out not to be needed in itself waits until it is. */
  visit(tensor: Tensor): void {
    const { kind } = tensor.operation;
    if (kind !== "greater" && kind !== "constant") this.value(tensor);
  }

  value = (tensor: Tensor): LoweredValue => {
    const known = this.#values.get(tensor);
    if (known !== undefined) return known;
    const value = this.#lower(tensor);
    this.#values.set(tensor, value);
    return value;
  };

  full = (tensor: Tensor): string => expanded(this.graph, this.value(tensor), tensor.shape);

  condition = (tensor: Tensor): LoweredValue => {
    if (tensor.operation.kind === "greater") return joined(this.graph, "Greater", tensor.inputs.map(this.value));
    const { name, shape } = this.value(tensor);
    return { name: this.graph.emit("Cast", [name], [attribute.int("to", ElementType.bool)]), shape };
  };

  #lower(tensor: Tensor): LoweredValue {
    for (const rule of this.#rules) {
      const value = rule(this, tensor);
      if (value !== undefined) return value;
    }
    throw new Error(`no ONNX form is known here for the operation "${tensor.operation.kind}"`);
  }
}
