/** Writes an ONNX graph node by node, equal nodes and constants once. It knows nothing of tensor programs. */
import type { Shape } from "../program/program.js";
import { type AttributeProto, floatTensor, int64Tensor, type NodeProto, type TensorProto } from "./model.js";

/** The domain of the operators that only onnxruntime has. */
export const CONTRIBUTED = "com.microsoft";

/** Nodes and constants in the making. Values are named by the writer: `v0`, `v1`, … */
export class GraphWriter {
  readonly nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  readonly #known = new Map<string, readonly string[]>();
  readonly #prefix: string;
  #count = 0;

  /** `prefix` keeps the values of one graph apart from those of another that it is part of. */
  constructor(prefix = "v") {
    this.#prefix = prefix;
  }

  /** The first output of an operator, which is written where an equal one was not written before. */
  emit(operator: string, inputs: readonly string[], attributes: readonly AttributeProto[] = []): string {
    return this.emitAll(operator, inputs, attributes, 1)[0]!;
  }

  /** The first `count` outputs of an operator. */
  emitAll(
    operator: string,
    inputs: readonly string[],
    attributes: readonly AttributeProto[],
    count: number,
    domain = "",
  ): readonly string[] {
    const key = JSON.stringify([domain, operator, inputs, attributes]);
    const known = this.#known.get(key);
    if (known !== undefined && known.length >= count) return known;
    const outputs = Array.from({ length: count }, () => this.#newName());
    this.nodes.push({ inputs, outputs, name: outputs[0]!, operator, attributes, domain });
    this.#known.set(key, outputs);
    return outputs;
  }

  /** The output of an operator of onnxruntime's own (domain com.microsoft). */
  emitContributed(operator: string, inputs: readonly string[], attributes: readonly AttributeProto[] = []): string {
    return this.emitAll(operator, inputs, attributes, 1, CONTRIBUTED)[0]!;
  }

  /** The output of an operator that is written again even where an equal one was written before. */
  emitOwn(operator: string, inputs: readonly string[]): string {
    const name = this.#newName();
    this.nodes.push({ inputs, outputs: [name], name, operator, attributes: [], domain: "" });
    return name;
  }

  /** The value under another name, of the caller's. */
  copy(value: string, name: string): string {
    this.nodes.push({ inputs: [value], outputs: [name], name, operator: "Identity", attributes: [], domain: "" });
    return name;
  }

  /** A float32 constant under a name of the caller's. */
  named(name: string, shape: Shape, data: Float32Array): string {
    this.initializers.push(floatTensor(name, shape, data));
    return name;
  }

  /** A float32 constant. */
  floats(shape: Shape, data: Float32Array): string {
    const key = data.length <= LARGEST_SHARED ? `floats ${shape} ${data.join()}` : undefined;
    return this.#constant(key, (name) => floatTensor(name, shape, data));
  }

  /** A list of int64. */
  ints(values: readonly number[]): string {
    return this.#constant(`ints ${values}`, (name) => int64Tensor(name, [values.length], values));
  }

  /** One int64, of no axes. */
  int(value: number): string {
    return this.#constant(`int ${value}`, (name) => int64Tensor(name, [], [value]));
  }

  #constant(key: string | undefined, make: (name: string) => TensorProto): string {
    const known = key === undefined ? undefined : this.#known.get(key)?.[0];
    if (known !== undefined) return known;
    const name = this.#newName();
    this.initializers.push(make(name));
    if (key !== undefined) this.#known.set(key, [name]);
    return name;
  }

  #newName(): string {
    return `${this.#prefix}${this.#count++}`;
  }
}

/** Above this, comparing constants costs more than sharing them saves. */
const LARGEST_SHARED = 4096;
