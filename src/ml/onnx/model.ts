/**
 * ONNX models as values: their parts (onnx.proto of ONNX 1.16, the fields that are used here), and how they are made. It knows
 * nothing of bytes, of what operators compute or of tensor programs.
 */
import type { Shape } from "../program/program.js";
/** TensorProto.DataType. */
export const ElementType = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 } as const;

/** A constant tensor. Values lie in `raw` (little-endian) or, in other programs' models, in one of the lists. */
export interface TensorProto {
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

export interface TypeProto {
  readonly tensor: TensorType | undefined;
  readonly sequence: { readonly element: TypeProto | undefined } | undefined;
}

/** An input or output of a graph. */
export interface ValueInfoProto {
  readonly name: string;
  readonly type: TypeProto | undefined;
}

/** An attribute of an operator: exactly one of the values, told by `type` (AttributeProto.AttributeType). */
export interface AttributeProto {
  readonly name: string;
  readonly type: number;
  readonly float: number | undefined;
  readonly int: number | undefined;
  readonly string: Uint8Array | undefined;
  readonly tensor: TensorProto | undefined;
  readonly graph: GraphProto | undefined;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
}

/** One operator. Values are names; an empty name is an optional input or output that is left out. */
export interface NodeProto {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name: string;
  readonly operator: string;
  readonly attributes: readonly AttributeProto[];
  readonly domain: string;
}

export interface GraphProto {
  readonly nodes: readonly NodeProto[];
  readonly name: string;
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

export interface ModelProto {
  readonly irVersion: number;
  readonly opsets: readonly { readonly domain: string; readonly version: number }[];
  readonly producer: string;
  readonly graph: GraphProto | undefined;
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
}

/** Bytes that are no ONNX model. */
export class ModelFormatError extends Error {
  override readonly name = "ModelFormatError";
}

/** The IR version that an operator set came with (ONNX's table of versions), for 11 to 21. */
export function irVersionOf(opset: number): number {
  if (opset < 12) return 6;
  if (opset < 15) return 7;
  if (opset < 19) return 8;
  return opset < 21 ? 9 : 10;
}

/** A model of one graph, with metadata by key. Operators of other domains are those of their version 1. */
export function modelOf(
  graph: GraphProto,
  opset: number,
  metadata: ReadonlyMap<string, string> = new Map(),
): ModelProto {
  const others = new Set(graph.nodes.map(({ domain }) => domain).filter((domain) => domain !== ""));
  return {
    irVersion: irVersionOf(opset),
    opsets: [{ domain: "", version: opset }, ...[...others].map((domain) => ({ domain, version: 1 }))],
    producer: "dag",
    graph,
    metadata: [...metadata].map(([key, value]) => ({ key, value })),
  };
}

const NO_VALUES = { floats: [], int32s: [], int64s: [], doubles: [], location: 0 } as const;

/** A float32 constant; values are those of `data` when the model is encoded, row-major. */
export function floatTensor(name: string, shape: Shape, data: Float32Array): TensorProto {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { ...NO_VALUES, name, type: ElementType.float32, shape, raw };
}

/** An int64 constant. */
export function int64Tensor(name: string, shape: Shape, values: readonly number[]): TensorProto {
  const raw = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { ...NO_VALUES, name, type: ElementType.int64, shape, raw };
}

/** The values of a float32 constant, as a copy. Throws on another element type. */
export function floatsOf({ name, type, raw, floats }: TensorProto): Float32Array {
  if (type !== ElementType.float32) throw new ModelFormatError(`"${name}" does not hold float32`);
  return raw === undefined ? Float32Array.from(floats) : new Float32Array(raw.slice().buffer);
}

/** The values of an int64 constant. Throws on another element type. */
export function intsOf({ name, type, raw, int64s }: TensorProto): readonly number[] {
  if (type !== ElementType.int64) throw new ModelFormatError(`"${name}" does not hold int64`);
  return raw === undefined ? int64s : [...new BigInt64Array(raw.slice().buffer)].map(Number);
}

/** A tensor input or output; a dimension is a length or the name of one that is known only at run time. */
export function tensorValue(name: string, element: number, shape: readonly (number | string)[]): ValueInfoProto {
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
  float: (name: string, value: number): AttributeProto => ({ ...NO_ATTRIBUTE, name, type: 1, float: value }),
  int: (name: string, value: number): AttributeProto => ({ ...NO_ATTRIBUTE, name, type: 2, int: value }),
  string: (name: string, value: string): AttributeProto => ({
    ...NO_ATTRIBUTE,
    name,
    type: 3,
    string: new TextEncoder().encode(value),
  }),
  graph: (name: string, value: GraphProto): AttributeProto => ({ ...NO_ATTRIBUTE, name, type: 5, graph: value }),
  ints: (name: string, values: readonly number[]): AttributeProto => ({ ...NO_ATTRIBUTE, name, type: 7, ints: values }),
};
