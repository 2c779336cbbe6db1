/**
 * Convolutions of stride 1 to few channels, as a discriminator's last: not the many channels of the image are laid out in
 * patches, but the few of the map. Each is an exact sum of the same products.
 */
import { type Geometry, pixels, taps } from "./geometry.js";
import type { GraphWriter } from "./graph.js";
import { attribute } from "./model.js";
import { oneHot, planeConvolution, reshaped, transposed } from "./pieces.js";

/** y: every channel of x times every tap's weight, then the sums of what each output pixel's taps see. */
export function shiftedConvolution(graph: GraphWriter, geometry: Geometry, x: string, weight: string): string {
  const { batch, image, map, kernel, pad } = geometry;
  const planes = reshaped(graph, x, [batch, image.channels, pixels(image)]);
  const products = graph.emit("MatMul", [rows(graph, geometry, weight), planes]);
  const perTap = reshaped(graph, products, [batch, map.channels * taps(geometry), image.height, image.width]);
  return graph.emit(
    "Conv",
    [perTap, picking(graph, geometry)],
    [
      attribute.ints("kernel_shape", kernel),
      attribute.ints("pads", [pad, pad, pad, pad]),
      attribute.int("group", map.channels),
    ],
  );
}

/** The image that a map makes: the weights times the map shifted by every tap. */
export function shiftedTransposed(graph: GraphWriter, geometry: Geometry, y: string, weight: string): string {
  const { batch, image } = geometry;
  const columns = transposed(graph, rows(graph, geometry, weight), [1, 0]);
  const planes = graph.emit("MatMul", [columns, shifts(graph, geometry, y)]);
  return reshaped(graph, planes, [batch, image.channels, image.height, image.width]);
}

/** The weight's gradient: the image times the map shifted by every tap. */
export function shiftedWeightGradient(graph: GraphWriter, geometry: Geometry, x: string, dy: string): string {
  const { batch, image, map, kernel } = geometry;
  const planes = reshaped(graph, x, [batch, image.channels, pixels(image)]);
  const perImage = graph.emitContributed(
    "FusedMatMul",
    [shifts(graph, geometry, dy), planes],
    [attribute.int("transB", 1)],
  );
  const sum = batch === 1 ? perImage : graph.emit("ReduceSum", [perImage, graph.ints([0])]);
  const perTap = reshaped(graph, sum, [map.channels, taps(geometry), image.channels]);
  return reshaped(graph, transposed(graph, perTap, [0, 2, 1]), [map.channels, image.channels, ...kernel]);
}

/** The weight as [map's channels · taps, image's channels]. */
function rows(graph: GraphWriter, geometry: Geometry, weight: string): string {
  const { image, map } = geometry;
  const apart = reshaped(graph, weight, [map.channels, image.channels, taps(geometry)]);
  return reshaped(graph, transposed(graph, apart, [0, 2, 1]), [map.channels * taps(geometry), image.channels]);
}

/** [N, map's channels · taps, pixels of the image]: at each pixel, what of the map each tap reaches from there. */
function shifts(graph: GraphWriter, geometry: Geometry, y: string): string {
  const { batch, image, map, kernel, pad } = geometry;
  const planes = reshaped(graph, y, [batch * map.channels, 1, map.height, map.width]);
  const [above, beside] = [kernel[0] - 1 - pad, kernel[1] - 1 - pad];
  const around = { kernel, stride: 1, pads: [above, beside, above, beside] };
  const shifted = planeConvolution(graph, "Conv", planes, oneHot(graph, kernel, true), around);
  return reshaped(graph, shifted, [batch, map.channels * taps(geometry), pixels(image)]);
}

/** Kernels [map's channels, taps, …kernel] that pick from the plane of each tap the pixel at that tap. */
function picking(graph: GraphWriter, geometry: Geometry): string {
  const { map, kernel } = geometry;
  const count = taps(geometry);
  const values = new Float32Array(map.channels * count * count);
  for (let at = 0; at < map.channels * count; at++) values[at * count + (at % count)] = 1;
  return graph.floats([map.channels, count, ...kernel], values);
}
