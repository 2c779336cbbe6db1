/**
 * ONNX models as values: their parts, and their bytes (onnx.proto of ONNX 1.16, the fields that are used here). It knows
 * the format, and nothing of what operators compute or of tensor programs.
 */
import type { Shape } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import {
  bytes,
  decode,
  double,
  encode,
  float,
  int64,
  type Message,
  many,
  message,
  one,
  optional,
  string,
} from "./protobuf.js";

/** TensorProto.DataType. */
export const ElementType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;

/** A constant tensor. Values lie in `raw` (little-endian) or, in other programs' models, in one of the lists. */
export interface TensorData {
  readonly name: string;
  readonly type: number;
  readonly shape: Shape;
  readonly raw: Uint8Array | undefined;
  readonly floats: readonly number[];
  readonly int32s: readonly number[];
  readonly int64s: readonly number[];
  readonly doubles: readonly number[];
  /** 1: the values lie in another file. */
  readonly location: number;
}

/** A length, the name of a length known only at run time, or neither. */
export interface Dimension {
  readonly length: number | undefined;
  readonly symbol: string | undefined;
}

/** A tensor's element type (TensorProto.DataType) and, where it is said, its shape. */
export interface TensorType {
  readonly element: number;
  readonly shape: { readonly dimensions: readonly Dimension[] } | undefined;
}

export interface ValueType {
  readonly tensor: TensorType | undefined;
  readonly sequence: { readonly element: ValueType | undefined } | undefined;
}

/** An input or output of a graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ValueType | undefined;
}

/** An attribute of an operator: exactly one of the values, told by `type` (AttributeProto.AttributeType). */
export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly float: number | undefined;
  readonly int: number | undefined;
  readonly string: Uint8Array | undefined;
  readonly tensor: TensorData | undefined;
  readonly graph: Graph | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
}

/** One operator. Values are names; an empty name is an optional input or output that is left out. */
export interface Node {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name: string;
  readonly operator: string;
  readonly attributes: readonly Attribute[];
  readonly domain: string;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly name: string;
  readonly initializers: readonly TensorData[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

export interface Model {
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly producer: string;
  readonly graph: Graph | undefined;
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
}

const tensorMessage = message<TensorData>(() => ({
  shape: many(1, int64),
  type: one(2, int64, 0),
  floats: many(4, float),
  int32s: many(5, int64),
  int64s: many(7, int64),
  name: one(8, string, ""),
  raw: optional(9, bytes),
  doubles: many(10, double),
  location: one(14, int64, 0),
}));
const dimensionMessage = message<Dimension>(() => ({ length: optional(1, int64), symbol: optional(2, string) }));
const shapeMessage = message<{ dimensions: readonly Dimension[] }>(() => ({ dimensions: many(1, dimensionMessage) }));
const tensorTypeMessage = message<TensorType>(() => ({ element: one(1, int64, 0), shape: optional(2, shapeMessage) }));
const sequenceMessage: Message<{ element: ValueType | undefined }> = message(() => ({
  element: optional(1, typeMessage),
}));
const typeMessage: Message<ValueType> = message(() => ({
  tensor: optional(1, tensorTypeMessage),
  sequence: optional(4, sequenceMessage),
}));
const valueMessage = message<ValueInfo>(() => ({ name: one(1, string, ""), type: optional(2, typeMessage) }));
const attributeMessage: Message<Attribute> = message(() => ({
  name: one(1, string, ""),
  float: optional(2, float),
  int: optional(3, int64),
  string: optional(4, bytes),
  tensor: optional(5, tensorMessage),
  graph: optional(6, graphMessage),
  floats: many(7, float),
  ints: many(8, int64),
  type: one(20, int64, 0),
}));
const nodeMessage: Message<Node> = message(() => ({
  inputs: many(1, string),
  outputs: many(2, string),
  name: one(3, string, ""),
  operator: one(4, string, ""),
  attributes: many(5, attributeMessage),
  domain: one(7, string, ""),
}));
const graphMessage: Message<Graph> = message(() => ({
  nodes: many(1, nodeMessage),
  name: one(2, string, ""),
  initializers: many(5, tensorMessage),
  inputs: many(11, valueMessage),
  outputs: many(12, valueMessage),
}));
const opsetMessage = message<{ domain: string; version: number }>(() => ({
  domain: one(1, string, ""),
  version: one(2, int64, 0),
}));
const entryMessage = message<{ key: string; value: string }>(() => ({
  key: one(1, string, ""),
  value: one(2, string, ""),
}));
const modelMessage = message<Model>(() => ({
  irVersion: one(1, int64, 0),
  producer: one(2, string, ""),
  graph: optional(7, graphMessage),
  opsets: many(8, opsetMessage),
  metadata: many(14, entryMessage),
}));

/** Bytes that are no ONNX model. */
export class ModelFormatError extends Error {
  override readonly name = "ModelFormatError";
}

/** The bytes of a model, as an .onnx file holds them. */
export function encodeModel(model: Model): Uint8Array {
  return encode(modelMessage, model);
}

/** Reads an .onnx file's bytes; tensors are views of them. Throws a `ModelFormatError` on anything else. */
export function decodeModel(data: Uint8Array): Model {
  const model = decoded(data);
  if (model.graph === undefined || model.opsets.length === 0) {
    throw new ModelFormatError("not an ONNX model: it has no graph or names no operator set");
  }
  for (const tensor of model.graph.initializers) checkTensor(tensor);
  return model;
}

function decoded(data: Uint8Array): Model {
  try {
    return decode(modelMessage, data);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFormatError(`not an ONNX model, or a truncated one (${data.length} bytes): ${reason}`);
  }
}

function checkTensor({ name, type, shape, raw, floats, location }: TensorData): void {
  const size = sizeOf(shape);
  if (shape.some((length) => length < 0) || !Number.isSafeInteger(size)) {
    throw new ModelFormatError(`the initializer "${name}" has an impossible shape [${shape.join(",")}]`);
  }
  if (location === 0 && type === ElementType.float32 && (raw === undefined ? floats.length : raw.length / 4) !== size) {
    throw new ModelFormatError(`the initializer "${name}" does not hold the values of its shape [${shape.join(",")}]`);
  }
}

/** The IR version that an operator set came with (ONNX's table of versions), for 11 to 21. */
export function irVersionOf(opset: number): number {
  if (opset < 12) return 6;
  if (opset < 15) return 7;
  if (opset < 19) return 8;
  return opset < 21 ? 9 : 10;
}

/** A model of one graph, with metadata by key. */
export function modelOf(graph: Graph, opset: number, metadata: ReadonlyMap<string, string> = new Map()): Model {
  return {
    irVersion: irVersionOf(opset),
    opsets: [{ domain: "", version: opset }],
    producer: "dag",
    graph,
    metadata: [...metadata].map(([key, value]) => ({ key, value })),
  };
}

const NO_VALUES = { floats: [], int32s: [], int64s: [], doubles: [], location: 0 } as const;

/** A float32 constant; values are those of `data` when the model is encoded, row-major. */
export function floatTensor(name: string, shape: Shape, data: Float32Array): TensorData {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { ...NO_VALUES, name, type: ElementType.float32, shape, raw };
}

/** An int64 constant. */
export function int64Tensor(name: string, shape: Shape, values: readonly number[]): TensorData {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { ...NO_VALUES, name, type: ElementType.int64, shape, raw };
}

/** The values of a float32 constant, as a copy. Throws on another element type. */
export function floatsOf({ name, type, raw, floats }: TensorData): Float32Array {
  if (type !== ElementType.float32) throw new ModelFormatError(`"${name}" does not hold float32`);
  return raw === undefined ? Float32Array.from(floats) : new Float32Array(raw.slice().buffer);
}

/** The values of an int64 constant. Throws on another element type. */
export function intsOf({ name, type, raw, int64s }: TensorData): readonly number[] {
  if (type !== ElementType.int64) throw new ModelFormatError(`"${name}" does not hold int64`);
  return raw === undefined ? int64s : [...new BigInt64Array(raw.slice().buffer)].map(Number);
}

/** A tensor input or output; a dimension is a length or the name of one that is known only at run time. */
export function tensorValue(name: string, element: number, shape: readonly (number | string)[]): ValueInfo {
  const dimensions = shape.map((dimension) =>
    typeof dimension === "number" ? { length: dimension, symbol: undefined } : { length: undefined, symbol: dimension },
  );
  return { name, type: { tensor: { element, shape: { dimensions } }, sequence: undefined } };
}

const NO_ATTRIBUTE = {
  ...{ float: undefined, int: undefined, string: undefined, tensor: undefined, graph: undefined },
  ...{ floats: [], ints: [] },
};

/** Attributes of operators, by the kind of their value; `type` is AttributeProto.AttributeType. */
export const attribute = {
  float: (name: string, value: number): Attribute => ({ ...NO_ATTRIBUTE, name, type: 1, float: value }),
  int: (name: string, value: number): Attribute => ({ ...NO_ATTRIBUTE, name, type: 2, int: value }),
  string: (name: string, value: string): Attribute => ({
    ...NO_ATTRIBUTE,
    name,
    type: 3,
    string: new TextEncoder().encode(value),
  }),
  graph: (name: string, value: Graph): Attribute => ({ ...NO_ATTRIBUTE, name, type: 5, graph: value }),
  ints: (name: string, values: readonly number[]): Attribute => ({ ...NO_ATTRIBUTE, name, type: 7, ints: values }),
};
