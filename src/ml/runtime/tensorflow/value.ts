/**
 * Tensors of TensorFlow.js as values of a program. Its kernels want images as NHWC and kernels as HWIO, the program says
 * NCHW and OIHW: a value therefore stores its axes in an order of its own, which changes only where an operation needs
 * another. It knows nothing of what operations compute.
 */
import type * as TensorFlow from "@tensorflow/tfjs-core";
import type { Shape } from "../../program/program.js";
import { sameShape } from "../../program/shapes.js";

/** The package, whichever of its backends is active. */
export type Tf = typeof TensorFlow;
export type TfTensor = TensorFlow.Tensor;

/** TensorFlow.js as values are computed with. `native`: its backend is TensorFlow itself, where every kernel is fast. */
export interface Engine {
  readonly tf: Tf;
  readonly native: boolean;
  /** Throws where something else in this process has activated another backend since. */
  ensureActive(): void;
}

/** Axis i of what is stored is axis order[i] of the program's tensor. */
export type Order = readonly number[];

/** Where the program expands an axis, what is stored may still have length 1 there. Comparisons are stored as booleans. */
export interface TfValue {
  readonly stored: TfTensor;
  readonly order: Order;
}

/** Images, [N,C,H,W] in the program. */
export const NHWC: Order = [0, 2, 3, 1];
/** Weights: [O,I,kh,kw] of a convolution, or [I,O,kh,kw] of a transposed one (whose kernels are HWOI for TensorFlow.js). */
export const HWIO: Order = [2, 3, 1, 0];

/** The program's own order: row-major as its shape says. */
export function naturalOrder({ length }: Shape): Order {
  return Array.from({ length }, (_, axis) => axis);
}

/** The order in which state is kept: with four axes it is a convolution's weight, or an optimizer's moment of one. */
export function stateOrder(shape: Shape): Order {
  return shape.length === 4 ? HWIO : naturalOrder(shape);
}

/** The order in which feeds go in: with four axes they are images or masks of images. */
export function feedOrder(shape: Shape): Order {
  return shape.length === 4 ? NHWC : naturalOrder(shape);
}

/** The stored shape of a program's shape. */
export function inOrder<T>(axes: readonly T[], order: Order): T[] {
  return order.map((axis) => axes[axis]!);
}

/** What is stored, its axes in another order. */
export function reorder(tf: Tf, { stored, order: from }: TfValue, order: Order): TfTensor {
  if (sameShape(from, order)) return stored;
  const permutation = order.map((axis) => from.indexOf(axis));
  const moved = permutation.filter((axis) => stored.shape[axis] !== 1);
  // Axes of length 1 move without moving an element.
  const inPlace = moved.every((axis, position) => position === 0 || axis > moved[position - 1]!);
  return inPlace ? tf.reshape(stored, inOrder(stored.shape, permutation)) : tf.transpose(stored, permutation);
}

/** What is stored as numbers, in this order, expanded to the program's shape. */
export function full(tf: Tf, value: TfValue, shape: Shape, order: Order): TfTensor {
  const ordered = numbers(tf, reorder(tf, value, order));
  const wanted = inOrder(shape, order);
  // In WebAssembly forty times as fast as repeating (`tf.tile`).
  return sameShape(ordered.shape, wanted) ? ordered : tf.add(ordered, tf.zeros(wanted));
}

/** Another handle of the same values, disposed on its own. (`tf.clone` copies them, in WebAssembly.) */
export function shared(tf: Tf, stored: TfTensor): TfTensor {
  return tf.reshape(stored, stored.shape);
}

/** Comparisons as 0 and 1. */
export function numbers(tf: Tf, stored: TfTensor): TfTensor {
  return stored.dtype === "bool" ? tf.cast(stored, "float32") : stored;
}
