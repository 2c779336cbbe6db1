/**
 * Exports an image-to-image network with its weights as a portable .onnx file: one image in, one image out, operators of
 * ONNX's own sets 11 to 21. It knows nothing of training; `verify.ts` checks what it writes.
 */
import type { Program, Shape, Tensor } from "../program/program.js";
import { evaluateReference } from "../program/reference.js";
import { tensorsBefore } from "../program/walk.js";
import type { GraphWriter } from "./graph.js";
import { lowerArrangement, lowerElementwise } from "./lower-elementwise.js";
import { lowerConvolution } from "./lower-images.js";
import { lowerNormalization } from "./lower-norm.js";
import { Lowerer } from "./lowerer.js";
import { ElementType, type GraphProto, modelOf, tensorValue } from "./model.js";
import { encodeModel } from "./model-bytes.js";
import type { LoweredValue, LoweringRule } from "./value.js";

/** A trained network as the exporter sees it. */
export interface ExportSource {
  /** The program of one image [1,C,height,width] in [−1, 1]: one feed, one output; it reads `weights` as state. */
  program(height: number, width: number): Program;
  /** State by name. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** Taken off the front of state names, which makes them the names in the file. */
  readonly prefix: string;
  /** Height and width of the images trained on. */
  readonly size: readonly [number, number];
  /** What heights and widths must be multiples of. */
  readonly size_multiple: number;
}

export type ValueRange = "zero_to_one" | "minus_one_to_one";

export interface ExportOptions {
  /** Operator set, 11 to 21. */
  readonly version: number;
  /** Height and width are left open, in multiples of `size_multiple`. */
  readonly dynamic_axes: boolean;
  /** The range of the file's input and output; `zero_to_one` adds the conversions to the graph. */
  readonly value_range: ValueRange;
  /** Further entries of the file's metadata, such as iteration, index, norm and config_hash. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** A network that cannot be exported as asked; the message says why. */
export class ExportError extends Error {
  override readonly name = "ExportError";
}

/** The bytes of the .onnx file: input `input`, output `output`. Throws an `ExportError`. */
export function exportModel(source: ExportSource, options: ExportOptions): Uint8Array {
  const { version } = options;
  if (!Number.isInteger(version) || version < 11 || version > 21) {
    throw new ExportError(`the ONNX version is an operator set from 11 to 21, not ${version}`);
  }
  const [height, width] = source.size;
  const channels = leafOf(source.program(height, width)).shape[1]!;
  const metadata = new Map([
    ["layout", "NCHW"],
    ["color_order", "RGB"],
    ["value_range", options.value_range],
    ["channel_count", String(channels)],
    ["image_size", height === width ? String(height) : `${height}x${width}`],
    ["size_multiple", String(source.size_multiple)],
    ...options.metadata,
  ]);
  const bytesAt = (h: number, w: number) =>
    encodeModel(modelOf(exportedGraph(source, options, h, w), version, metadata));
  const bytes = bytesAt(height, width);
  if (options.dynamic_axes) {
    // What is written for one size holds for all where another size gives the same file.
    const other = bytesAt(height + source.size_multiple, width + 2 * source.size_multiple);
    if (Buffer.compare(bytes, other) !== 0) {
      throw new ExportError("this network's operations depend on the image size, so its axes cannot be dynamic");
    }
  }
  return bytes;
}

function leafOf(program: Program): Tensor {
  const leaves = [...tensorsBefore(program.outputs.values())].filter(({ operation }) => operation.kind === "feed");
  const [feed] = leaves;
  if (feed === undefined || leaves.length > 1 || program.outputs.size !== 1) {
    throw new Error(
      `an exported program has one feed and one output, not ${leaves.length} and ${program.outputs.size}`,
    );
  }
  return feed;
}

function exportedGraph(source: ExportSource, options: ExportOptions, height: number, width: number): GraphProto {
  const program = source.program(height, width);
  const feed = leafOf(program);
  const [result] = program.outputs.values() as Iterable<Tensor> as [Tensor];
  const order = tensorsBefore([result]);
  const moving = new Set<Tensor>([feed]);
  for (const tensor of order) if (tensor.inputs.some((input) => moving.has(input))) moving.add(tensor);

  const isUnit = options.value_range === "zero_to_one";
  const image: LoweringRule = ({ graph }, tensor) =>
    tensor === feed ? { name: isUnit ? scaled(graph, INPUT, 2, -1) : INPUT, shape: feed.shape } : undefined;
  const folded = foldedWeights(source, moving);
  const lowerer = new Lowerer([
    image,
    folded,
    lowerElementwise,
    lowerArrangement,
    lowerConvolution,
    lowerNormalization(options.version),
  ]);
  for (const tensor of order) if (moving.has(tensor)) lowerer.visit(tensor);
  const { graph } = lowerer;
  const answer = lowerer.full(result);
  graph.copy(isUnit ? scaled(graph, answer, 0.5, 0.5) : answer, OUTPUT);
  const shapeOf = ([n, c, ...sides]: Shape) => [n!, c!, ...(options.dynamic_axes ? ["height", "width"] : sides)];
  return {
    name: "generator",
    nodes: graph.nodes,
    initializers: graph.initializers,
    inputs: [tensorValue(INPUT, ElementType.float32, shapeOf(feed.shape))],
    outputs: [tensorValue(OUTPUT, ElementType.float32, shapeOf(result.shape))],
  };
}

const INPUT = "input";
const OUTPUT = "output";

function scaled(graph: GraphWriter, name: string, factor: number, offset: number): string {
  const constant = (value: number) => graph.floats([1], Float32Array.of(value));
  return graph.emit("Add", [graph.emit("Mul", [name, constant(factor)]), constant(offset)]);
}

/**
 * What the image has no part in is computed here, in float64, and stored. A weight keeps its name, in another shape too;
 * what is expanded is stored unexpanded.
 */
function foldedWeights({ weights, prefix }: ExportSource, moving: ReadonlySet<Tensor>): LoweringRule {
  const state = new Map([...weights].map(([name, values]) => [name, new Float64Array(values)]));
  const taken = new Set<string>();
  return ({ graph }, tensor): LoweredValue | undefined => {
    const { operation, shape } = tensor;
    if (moving.has(tensor) || operation.kind === "expand" || operation.kind === "constant") return undefined;
    const root = operation.kind === "reshape" ? tensor.inputs[0]!.operation : operation;
    if (root.kind === "state") {
      const values = weights.get(root.name);
      if (values === undefined) throw new Error(`no weight is named "${root.name}"`);
      const name = root.name.startsWith(prefix) ? root.name.slice(prefix.length) : root.name;
      if (taken.has(name)) return { name: graph.floats(shape, values), shape };
      taken.add(name);
      return { name: graph.named(name, shape, values), shape };
    }
    const outputs = new Map([["folded", tensor]]);
    const { outputs: computed } = evaluateReference({ outputs, updates: new Map() }, { feeds: new Map(), state });
    return { name: graph.floats(shape, Float32Array.from(computed.get("folded")!)), shape };
  };
}
