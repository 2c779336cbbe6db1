/**
 * Tensors of a program as values of an ONNX graph. ONNX broadcasts by itself, so an expanded tensor is not stored: its
 * value keeps length 1 where the tensor has more, until an operator needs it in full.
 */
import type { Shape, Tensor } from "../program/program.js";
import { sameShape } from "../program/shapes.js";
import type { GraphWriter } from "./graph.js";

/** A value of the graph; an axis has the tensor's length, or 1 where all along the axis is equal. */
export interface LoweredValue {
  readonly name: string;
  readonly shape: Shape;
}

/** What a rule of lowering sees: the graph, and the values of the tensors before. */
export interface Lowering {
  readonly graph: GraphWriter;
  /** The value of a tensor, perhaps not expanded. */
  value(tensor: Tensor): LoweredValue;
  /** The value of a tensor in its whole shape, by name. */
  full(tensor: Tensor): string;
  /** A tensor of ones and zeros as ONNX's bool. */
  condition(tensor: Tensor): LoweredValue;
}

/** Lowers one tensor whose inputs are lowered; undefined where its operation is not one of the rule's. */
export type LoweringRule = (lowering: Lowering, tensor: Tensor) => LoweredValue | undefined;

/** The shape of an elementwise result of values of these shapes (equal ranks). */
function broadcastShape(shapes: readonly Shape[]): Shape {
  return shapes.reduce((a, b) => a.map((length, axis) => Math.max(length, b[axis]!)));
}

/** The name of a value in a tensor's whole shape. */
export function expanded(graph: GraphWriter, value: LoweredValue, shape: Shape): string {
  return sameShape(value.shape, shape) ? value.name : graph.emit("Expand", [value.name, graph.ints(shape)]);
}

/** An operator that broadcasts its inputs. */
export function joined(graph: GraphWriter, operator: string, values: readonly LoweredValue[]): LoweredValue {
  const shape = broadcastShape(values.map((value) => value.shape));
  return {
    name: graph.emit(
      operator,
      values.map(({ name }) => name),
    ),
    shape,
  };
}
