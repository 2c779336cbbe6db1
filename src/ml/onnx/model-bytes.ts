/** ONNX models as bytes: the messages of onnx.proto, written, and read with suspicion. It knows nothing of what models say. */
import { sizeOf } from "../program/shapes.js";
import {
  type AttributeProto,
  type Dimension,
  ElementType,
  type GraphProto,
  ModelFormatError,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type TensorType,
  type TypeProto,
  type ValueInfoProto,
} from "./model.js";
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

const tensorMessage = message<TensorProto>(() => ({
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
const sequenceMessage: Message<{ element: TypeProto | undefined }> = message(() => ({
  element: optional(1, typeMessage),
}));
const typeMessage: Message<TypeProto> = message(() => ({
  tensor: optional(1, tensorTypeMessage),
  sequence: optional(4, sequenceMessage),
}));
const valueMessage = message<ValueInfoProto>(() => ({ name: one(1, string, ""), type: optional(2, typeMessage) }));
const attributeMessage: Message<AttributeProto> = message(() => ({
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
const nodeMessage: Message<NodeProto> = message(() => ({
  inputs: many(1, string),
  outputs: many(2, string),
  name: one(3, string, ""),
  operator: one(4, string, ""),
  attributes: many(5, attributeMessage),
  domain: one(7, string, ""),
}));
const graphMessage: Message<GraphProto> = message(() => ({
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
const modelMessage = message<ModelProto>(() => ({
  irVersion: one(1, int64, 0),
  producer: one(2, string, ""),
  graph: optional(7, graphMessage),
  opsets: many(8, opsetMessage),
  metadata: many(14, entryMessage),
}));

/** The bytes of a model, as an .onnx file holds them. */
export function encodeModel(model: ModelProto): Uint8Array {
  return encode(modelMessage, model);
}

/** Reads an .onnx file's bytes; tensors are views of them. Throws a `ModelFormatError` on anything else. */
export function decodeModel(data: Uint8Array): ModelProto {
  const model = decoded(data);
  if (model.graph === undefined || model.opsets.length === 0) {
    throw new ModelFormatError("not an ONNX model: it has no graph or names no operator set");
  }
  for (const tensor of tensorsIn(model.graph)) checkTensor(tensor);
  return model;
}

function decoded(data: Uint8Array): ModelProto {
  try {
    return decode(modelMessage, data);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ModelFormatError(`not an ONNX model, or a truncated one (${data.length} bytes): ${reason}`);
  }
}

/** Initializers, and the constants among the attributes, those of graphs in graphs too. */
function* tensorsIn({ initializers, nodes }: GraphProto): Generator<TensorProto> {
  yield* initializers;
  for (const { tensor, graph } of nodes.flatMap(({ attributes }) => attributes)) {
    if (tensor !== undefined) yield tensor;
    if (graph !== undefined) yield* tensorsIn(graph);
  }
}

function checkTensor({ name, type, shape, raw, floats, location }: TensorProto): void {
  // Its path could lead anywhere, and what it holds would be in no fingerprint.
  if (location !== 0)
    throw new ModelFormatError(`the values of "${name}" lie in another file; save the model as one file`);
  const size = sizeOf(shape);
  if (shape.some((length) => length < 0) || !Number.isSafeInteger(size)) {
    throw new ModelFormatError(`the initializer "${name}" has an impossible shape [${shape.join(",")}]`);
  }
  if (type === ElementType.float32 && (raw === undefined ? floats.length : raw.length / 4) !== size) {
    throw new ModelFormatError(`the initializer "${name}" does not hold the values of its shape [${shape.join(",")}]`);
  }
}
