/**
 * Orders a graph so that outputs can be written over inputs: the new value of a state into the buffer of the old one. It
 * adds dependencies without changing a value, and knows nothing of programs or of what runs the graph.
 */
import { sizeOf } from "../program/shapes.js";
import { GraphWriter } from "./graph.js";
import {
  type AttributeProto,
  attribute,
  ElementType,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from "./model.js";

/** An input that an output shall be written over, both by name and of one shape. */
export interface Overwrite {
  readonly input: string;
  readonly output: string;
}

/** The graph with the added dependencies, and the outputs that may be written over their inputs in it. */
export interface OrderedGraph {
  readonly graph: GraphProto;
  readonly inPlace: ReadonlySet<string>;
}

/** Operators whose every result element needs only the operands' elements at its place (all broadcast). */
const ELEMENTWISE = new Set([
  ...["Add", "Sub", "Mul", "Div", "Max", "Min", "Where", "Neg", "Abs", "Exp", "Log", "Sqrt", "Reciprocal"],
  ...["Tanh", "Sigmoid", "Softplus", "Relu", "LeakyRelu", "Elu", "Selu"],
]);
/** Operators whose operands are all float32 and may have one element for many. */
const ARITHMETIC = new Set(["Add", "Sub", "Mul", "Div", "Max", "Min"]);
/** Operators whose output may share its input's memory. */
const VIEWS = new Set(["Reshape", "Identity", "Squeeze", "Unsqueeze", "Flatten"]);

/**
 * Makes every overwriting node wait for all other readers of what it overwrites, readers of its views included. An output
 * is left out of `inPlace` where that cannot be: where its node is not elementwise and reads what it overwrites or would have to
 * wait, or where a reader needs its result. Nodes may come to stand before what they wait for, which onnxruntime sorts out.
 */
export function orderOverwrites(graph: GraphProto, overwrites: readonly Overwrite[]): OrderedGraph {
  const order = new Ordering(graph);
  const inPlace = new Set(overwrites.filter((each) => order.overwrite(each)).map(({ output }) => output));
  return {
    graph: { ...graph, nodes: order.nodes, initializers: [...graph.initializers, ...order.constants] },
    inPlace,
  };
}

class Ordering {
  readonly nodes: NodeProto[] = [];
  readonly #writer = new GraphWriter("order");
  /** The node, by position, that computes a value. */
  readonly #producer = new Map<string, number>();
  readonly #readers = new Map<string, Set<number>>();
  readonly #single: ReadonlySet<string>;

  constructor(graph: GraphProto) {
    for (const node of graph.nodes) this.#add(node);
    this.#single = singleElements(graph);
  }

  get constants(): readonly TensorProto[] {
    return this.#writer.initializers;
  }

  /** Whether the output may be written over the input, for which dependencies are added where needed. */
  overwrite({ input, output }: Overwrite): boolean {
    const target = this.#producer.get(output);
    if (target === undefined) return false;
    const readers = this.#readersOf(input);
    if (readers.size === 0) return true;
    const isOver = writesOver(this.nodes[target]!, input, output);
    if (readers.has(target) && !isOver) return false;
    const before = this.#ancestors([target]);
    const late = [...readers].filter((reader) => !before.has(reader));
    if (late.length === 0) return true;
    if (!isOver) return false;
    const needed = this.#ancestors(late);
    if (needed.has(target)) return false;
    this.#delay(target, late, needed);
    return true;
  }

  /** Whether the output is computed elementwise, by a node that comes after every other reader of the input anyway. */
  comesLast({ input, output }: Overwrite): boolean {
    const target = this.#producer.get(output);
    if (target === undefined || !ELEMENTWISE.has(this.nodes[target]!.operator)) return false;
    const before = this.#ancestors([target]);
    return [...this.#readersOf(input)].every((reader) => before.has(reader));
  }

  #add(node: NodeProto): number {
    const position = this.nodes.push(node) - 1;
    for (const output of node.outputs) this.#producer.set(output, position);
    for (const input of readBy(node)) this.#addReader(input, position);
    return position;
  }

  #addReader(value: string, reader: number): void {
    const readers = this.#readers.get(value) ?? new Set();
    this.#readers.set(value, readers.add(reader));
  }

  /** Every node that reads the value or a view of it, the views themselves included. */
  #readersOf(value: string): Set<number> {
    const found = new Set(this.#readers.get(value));
    for (const reader of found) {
      const { operator, outputs } = this.nodes[reader]!;
      if (VIEWS.has(operator)) for (const next of this.#readers.get(outputs[0]!) ?? []) found.add(next);
    }
    return found;
  }

  /** The nodes that these depend on, themselves included. */
  #ancestors(positions: readonly number[]): Set<number> {
    const found = new Set(positions);
    for (const position of found) {
      for (const input of readBy(this.nodes[position]!)) {
        const producer = this.#producer.get(input);
        if (producer !== undefined) found.add(producer);
      }
    }
    return found;
  }

  /**
   * Makes `target` wait for `late`: an operand x of it, or of a node before it, becomes Where(never, x, x), where `never`
   * is computed from the late nodes' results. Few elements are copied where x is one element, as a learning rate is.
   */
  #delay(target: number, late: readonly number[], needed: ReadonlySet<number>): void {
    const never = late.map((reader) => this.#never(reader)).reduce((a, b) => this.#emit("Or", [a, b]));
    const host = this.#hostOf(target, needed);
    const node = this.nodes[host]!;
    const place = Math.max(0, this.#singlePlace(node));
    const operand = node.inputs[place]!;
    const delayed = this.#emit("Where", [never, operand, operand]);
    this.nodes[host] = { ...node, inputs: node.inputs.map((input, i) => (i === place ? delayed : input)) };
    this.#addReader(delayed, host);
  }

  /** A false that is known only after the node has run: no number is greater than itself, infinity and NaN included. */
  #never(reader: number): string {
    const { outputs, operator } = this.nodes[reader]!;
    const flat = this.#emit("Reshape", [outputs[0]!, this.#writer.ints([-1])]);
    const first = this.#emit("Gather", [flat, this.#writer.int(0)]);
    const isBool = operator === "Greater";
    const number = isBool ? this.#emit("Cast", [first], [attribute.int("to", ElementType.float32)]) : first;
    return this.#emit("Greater", [number, number]);
  }

  #emit(operator: string, inputs: readonly string[], attributes: readonly AttributeProto[] = []): string {
    const written = this.#writer.nodes.length;
    const name = this.#writer.emit(operator, inputs, attributes);
    for (const node of this.#writer.nodes.slice(written)) this.#add(node);
    return name;
  }

  /** The nearest node at or before `target` with an operand of one element that none of `needed` waits for. */
  #hostOf(target: number, needed: ReadonlySet<number>): number {
    for (const position of this.#ancestors([target])) {
      if (!needed.has(position) && this.#singlePlace(this.nodes[position]!) >= 0) return position;
    }
    return target;
  }

  #singlePlace({ operator, inputs }: NodeProto): number {
    return ARITHMETIC.has(operator) ? inputs.findIndex((input) => this.#single.has(input)) : -1;
  }
}

/**
 * Whether a node may write an output over an input. A Scan goes block by block, and writes a block's results over that block
 * alone: there it depends on the order within its body.
 */
function writesOver(node: NodeProto, input: string, output: string): boolean {
  const body = bodyOf(node);
  if (body === undefined) return ELEMENTWISE.has(node.operator);
  const source = body.inputs[node.inputs.indexOf(input)];
  const result = body.outputs[node.outputs.indexOf(output)];
  if (source === undefined || result === undefined || node.inputs.indexOf(input) !== node.inputs.lastIndexOf(input)) {
    return false;
  }
  return new Ordering(body).comesLast({ input: source.name, output: result.name });
}

/** What a Scan does to each block; undefined for other operators. */
function bodyOf({ operator, attributes }: NodeProto): GraphProto | undefined {
  return operator === "Scan" ? attributes.find(({ name }) => name === "body")?.graph : undefined;
}

/** The values that a node needs: its operands, and what a body needs of the graph around it. */
function readBy(node: NodeProto): readonly string[] {
  const body = bodyOf(node);
  if (body === undefined) return node.inputs;
  const own = new Set([...body.inputs.map(({ name }) => name), ...body.nodes.flatMap(({ outputs }) => outputs)]);
  return [...node.inputs, ...body.nodes.flatMap(({ inputs }) => inputs).filter((name) => !own.has(name))];
}

/** The names of the graph's values that are one element, as far as that is easily seen. */
function singleElements({ inputs, initializers, nodes }: GraphProto): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { name, shape } of initializers) if (sizeOf(shape) === 1) found.add(name);
  for (const { name, type } of inputs) {
    if (type?.tensor?.shape?.dimensions.every(({ length }) => length === 1)) found.add(name);
  }
  for (const { operator, inputs: operands, outputs } of nodes) {
    const kept = operator === "Reshape" ? operands.slice(0, 1) : ELEMENTWISE.has(operator) ? operands : [];
    if (kept.length > 0 && kept.every((name) => found.has(name))) found.add(outputs[0]!);
  }
  return found;
}
