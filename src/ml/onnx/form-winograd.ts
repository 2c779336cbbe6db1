/**
 * Convolutions of stride 1 by Winograd's filtering: image, weight and map are each brought into a form where the convolution
 * is one product of matrices for each of its points. Gradients are products of the same forms, which are shared.
 */
import { type Geometry, taps } from "./geometry.js";
import type { GraphWriter } from "./graph.js";
import { attribute } from "./model.js";
import { matrixProduct, planeConvolution, reshaped, transposed } from "./pieces.js";
import { type Filtering, filtering, LARGEST_FILTERING, twice } from "./winograd.js";

/** On maps up to this side, smaller tiles waste less at the edges. */
const SMALL_MAP = 8;

interface Tiling extends Geometry {
  readonly filter: Filtering;
  /** Tiles along the height and the width. */
  readonly down: number;
  readonly across: number;
  /** Values of one tile. */
  readonly points: number;
}

function tilingOf(geometry: Geometry): Tiling {
  const { kernel, map } = geometry;
  const largest = LARGEST_FILTERING - kernel[0] + 1;
  const side = Math.max(map.height, map.width) <= SMALL_MAP ? Math.max(2, largest - 1) : largest;
  const filter = filtering(side, kernel[0]);
  const [down, across] = [Math.ceil(map.height / side), Math.ceil(map.width / side)];
  return { ...geometry, filter, down, across, points: filter.size ** 2 };
}

/** y of x and the weight. */
export function winogradConvolution(graph: GraphWriter, geometry: Geometry, x: string, weight: string): string {
  const tiling = tilingOf(geometry);
  const { batch, map, filter, down, across, points } = tiling;
  const products = graph.emit("MatMul", [weightForm(graph, tiling, weight), imageForm(graph, tiling, x)]);
  const side = filter.outputs;
  const column = reshaped(graph, products, [1, points, map.channels * batch * down, across]);
  const back = graph.floats([points, 1, side, side], twice(filter.a));
  const tiles = planeConvolution(graph, "ConvTranspose", column, back, {
    ...{ kernel: [side, side], stride: side, pads: [0, 0, 0, 0] },
  });
  const whole = reshaped(graph, tiles, [map.channels, batch, down * side, across * side]);
  const cut = cropped(graph, tiling, whole);
  return batch === 1 ? reshaped(graph, cut, [1, map.channels, map.height, map.width]) : byChannel(graph, batch, cut);
}

/** What tiles at the edges have beyond the map is cut off. */
function cropped(graph: GraphWriter, { map, filter: { outputs }, down, across }: Tiling, whole: string): string {
  if (down * outputs === map.height && across * outputs === map.width) return whole;
  const [starts, ends, axes] = [graph.ints([0, 0]), graph.ints([map.height, map.width]), graph.ints([2, 3])];
  return graph.emit("Slice", [whole, starts, ends, axes]);
}

/** [N,C,H,W] as [C,N,H,W], or back. */
function byChannel(graph: GraphWriter, batch: number, value: string): string {
  return batch === 1 ? value : transposed(graph, value, [1, 0, 2, 3]);
}

/** The image that a map and the weight make. */
export function winogradTransposed(graph: GraphWriter, geometry: Geometry, y: string, weight: string): string {
  const tiling = tilingOf(geometry);
  const { batch, image, filter, down, across, points } = tiling;
  const products = graph.emit("MatMul", [turnedForm(graph, tiling, weight), mapForm(graph, tiling, y)]);
  const apart = reshaped(graph, products, [points, image.channels, batch, down * across]);
  const planes = reshaped(graph, transposed(graph, apart, [2, 1, 0, 3]), [
    ...[batch * image.channels, points, down, across],
  ]);
  const spread = planeConvolution(graph, "ConvTranspose", planes, imageKernels(graph, filter), imageTiles(tiling));
  return reshaped(graph, spread, [batch, image.channels, image.height, image.width]);
}

/** The weight's gradient, of x and of the map's gradient. */
export function winogradWeightGradient(graph: GraphWriter, geometry: Geometry, x: string, dy: string): string {
  const tiling = tilingOf(geometry);
  const { image, map, filter, points, kernel } = tiling;
  const operands = [mapForm(graph, tiling, dy), imageForm(graph, tiling, x)];
  const products = graph.emitContributed("FusedMatMul", operands, [attribute.int("transB", 1)]);
  const flat = reshaped(graph, products, [points, map.channels * image.channels]);
  const back = graph.floats([points, taps(geometry)], twice(filter.g));
  const weights = matrixProduct(graph, flat, back, { a: true });
  return reshaped(graph, weights, [map.channels, image.channels, ...kernel]);
}

/** [points, map's channels, image's channels]. */
function weightForm(graph: GraphWriter, tiling: Tiling, weight: string): string {
  const { image, map, filter, points } = tiling;
  const flat = reshaped(graph, weight, [map.channels * image.channels, taps(tiling)]);
  const form = matrixProduct(graph, graph.floats([points, taps(tiling)], twice(filter.g)), flat, { b: true });
  return reshaped(graph, form, [points, map.channels, image.channels]);
}

/** [points, image's channels, map's channels]: faster than to have every product turn the weight's form. */
function turnedForm(graph: GraphWriter, tiling: Tiling, weight: string): string {
  const { image, map, kernel } = tiling;
  const turned = transposed(graph, reshaped(graph, weight, [map.channels, image.channels, taps(tiling)]), [1, 0, 2]);
  return weightForm(
    graph,
    { ...tiling, image: map, map: image },
    reshaped(graph, turned, [image.channels, map.channels, ...kernel]),
  );
}

/** [points, image's channels, N · tiles]. */
function imageForm(graph: GraphWriter, tiling: Tiling, x: string): string {
  const { batch, image, filter } = tiling;
  const planes = reshaped(graph, x, [batch * image.channels, 1, image.height, image.width]);
  const tiles = planeConvolution(graph, "Conv", planes, imageKernels(graph, filter), imageTiles(tiling));
  return byPoint(graph, tiling, tiles, image.channels);
}

/**
 * [points, map's channels, N · tiles]. Tiles of a map do not overlap, so that all maps one below the other are one convolution:
 * its results come by point, and all threads compute it, which they do not where each map is one of its own.
 */
function mapForm(graph: GraphWriter, tiling: Tiling, y: string): string {
  const { batch, map, filter, down, across, points } = tiling;
  const side = filter.outputs;
  const below = down * side - map.height;
  const apart = byChannel(graph, batch, y);
  const filled = below === 0 ? apart : graph.emit("Pad", [apart, graph.ints([0, 0, 0, 0, 0, 0, below, 0])]);
  const column = reshaped(graph, filled, [1, 1, map.channels * batch * down * side, map.width]);
  const kernels = graph.floats([points, 1, side, side], twice(filter.a));
  const pads = [0, 0, 0, across * side - map.width];
  const tiles = planeConvolution(graph, "Conv", column, kernels, { kernel: [side, side], stride: side, pads });
  return reshaped(graph, tiles, [points, map.channels, batch * down * across]);
}

function byPoint(graph: GraphWriter, { batch, down, across, points }: Tiling, tiles: string, channels: number): string {
  const apart = reshaped(graph, tiles, [batch, channels, points, down * across]);
  return reshaped(graph, transposed(graph, apart, [2, 1, 0, 3]), [points, channels, batch * down * across]);
}

function imageKernels(graph: GraphWriter, { size, b }: Filtering): string {
  return graph.floats([size * size, 1, size, size], twice(b));
}

/** Tiles of the image overlap by all but `outputs` pixels; beyond its padding it goes on with zeros. */
function imageTiles({ filter: { size, outputs }, pad, image, down, across }: Tiling) {
  const after = (tiles: number, length: number) => (tiles - 1) * outputs + size - length - pad;
  const pads = [pad, pad, after(down, image.height), after(across, image.width)];
  return { kernel: [size, size], stride: outputs, pads };
}
