/** Pieces of graphs that several forms of convolutions are made of. */
import type { Shape } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import type { GraphWriter } from "./graph.js";
import { attribute } from "./model.js";

export function reshaped(graph: GraphWriter, value: string, shape: Shape): string {
  return graph.emit("Reshape", [value, graph.ints(shape)]);
}

export function transposed(graph: GraphWriter, value: string, permutation: readonly number[]): string {
  return graph.emit("Transpose", [value], [attribute.ints("perm", permutation)]);
}

/** A · B of matrices, each transposed first where its flag says so. */
export function matrixProduct(
  graph: GraphWriter,
  a: string,
  b: string,
  transpose: { readonly a?: true; readonly b?: true } = {},
): string {
  const flags = [attribute.int("transA", transpose.a ? 1 : 0), attribute.int("transB", transpose.b ? 1 : 0)];
  return graph.emit("Gemm", [a, b], flags);
}

/** Kernels [taps, 1, …kernel] that each pick one pixel; `reversed`: from the last to the first. */
export function oneHot(graph: GraphWriter, kernel: Shape, reversed = false): string {
  const taps = sizeOf(kernel);
  const identity = new Float32Array(taps * taps);
  for (let tap = 0; tap < taps; tap++) identity[tap * taps + (reversed ? taps - 1 - tap : tap)] = 1;
  return graph.floats([taps, 1, ...kernel], identity);
}

/**
 * A convolution of planes [count, 1, …] or a transposed one of [count, kernels, …], by kernels [kernels, 1, …kernel].
 */
export function planeConvolution(
  graph: GraphWriter,
  operator: "Conv" | "ConvTranspose",
  planes: string,
  kernels: string,
  { kernel, stride, pads }: { readonly kernel: Shape; readonly stride: number; readonly pads: Shape },
): string {
  const attributes = [
    attribute.ints("kernel_shape", kernel),
    attribute.ints("strides", [stride, stride]),
    attribute.ints("pads", pads),
  ];
  return graph.emit(operator, [planes, kernels], attributes);
}
