/**
 * Convolutions and gradients of weights as one product of matrices with all patches of a batch. For convolutions it pays
 * where images are a few pixels under a large weight: onnxruntime goes through the whole weight for every image.
 */
import { type Geometry, pixels, taps } from "./geometry.js";
import type { GraphWriter } from "./graph.js";
import { attribute } from "./model.js";
import { matrixProduct, oneHot, planeConvolution, reshaped, transposed } from "./pieces.js";

/** y of x and the weight, by the same patches as the weight's gradient. */
export function patchConvolution(graph: GraphWriter, geometry: Geometry, x: string, weight: string): string {
  const { batch, image, map } = geometry;
  const matrix = reshaped(graph, weight, [map.channels, image.channels * taps(geometry)]);
  const columns = matrixProduct(graph, matrix, patches(graph, geometry, x));
  const images = reshaped(graph, columns, [map.channels, batch, pixels(map)]);
  return reshaped(graph, batch === 1 ? images : transposed(graph, images, [1, 0, 2]), [
    ...[batch, map.channels, map.height, map.width],
  ]);
}

/**
 * dW = dy · patchesᵀ. The batch is folded into their length, so that one product also sums over it. Right for 1×1 maps too.
 */
export function patchWeightGradient(graph: GraphWriter, geometry: Geometry, x: string, dy: string): string {
  const { batch, image, map, kernel } = geometry;
  const gradients = folded(graph, dy, [batch, map.channels, pixels(map)]);
  const weights = matrixProduct(graph, gradients, patches(graph, geometry, x), { b: true });
  return reshaped(graph, weights, [map.channels, image.channels, ...kernel]);
}

/**
 * dW as the sum of a product per image. Where maps are large, patches are many times as large as the weights that are added up,
 * and nothing of them is moved; the products of a batch also go to all threads, which one with a long inner side does not.
 */
export function summedWeightGradient(graph: GraphWriter, geometry: Geometry, x: string, dy: string): string {
  const { batch, image, map, kernel } = geometry;
  const rows = image.channels * taps(geometry);
  const gradients = reshaped(graph, dy, [batch, map.channels, pixels(map)]);
  const columns = reshaped(graph, picked(graph, geometry, x), [batch, rows, pixels(map)]);
  // The right operand is copied, whose turn it is where it is much the smaller one.
  const turns = map.channels <= FEW_CHANNELS;
  const products = graph.emitContributed("FusedMatMul", turns ? [columns, gradients] : [gradients, columns], [
    attribute.int("transB", 1),
  ]);
  const sum = batch === 1 ? products : graph.emit("ReduceSum", [products, graph.ints([0])]);
  const weights = turns ? transposed(graph, reshaped(graph, sum, [rows, map.channels]), [1, 0]) : sum;
  return reshaped(graph, weights, [map.channels, image.channels, ...kernel]);
}

/** Measured: with more, the product of the patches on the left is no faster. */
const FEW_CHANNELS = 96;

/** [image's channels · taps, N · pixels of the map]. */
function patches(graph: GraphWriter, geometry: Geometry, x: string): string {
  const { batch, image, map } = geometry;
  return folded(graph, picked(graph, geometry, x), [batch, image.channels * taps(geometry), pixels(map)]);
}

/** [N · image's channels, taps, the map's sides]: a convolution of every channel with one-hot kernels picks the patches. */
function picked(graph: GraphWriter, { batch, image, kernel, stride, pad }: Geometry, x: string): string {
  const planes = reshaped(graph, x, [batch * image.channels, 1, image.height, image.width]);
  return planeConvolution(graph, "Conv", planes, oneHot(graph, kernel), { kernel, stride, pads: [pad, pad, pad, pad] });
}

/** [N, rows, pixels] with the batch beside the pixels: [rows, N·pixels]. */
function folded(graph: GraphWriter, value: string, [batch, rows, length]: readonly [number, number, number]): string {
  if (batch === 1) return reshaped(graph, value, [rows, length]);
  const apart = reshaped(graph, value, [batch, rows, length]);
  return reshaped(graph, transposed(graph, apart, [1, 0, 2]), [rows, batch * length]);
}
