/**
 * Transposed convolutions of a few pixels under a large weight: a product that goes through the weight once, in the order in
 * which it is stored, for all pixels of a batch; then one with a constant matrix that adds each patch at its place.
 */
import { type Geometry, pixels, taps } from "./geometry.js";
import type { GraphWriter } from "./graph.js";
import { matrixProduct, reshaped, transposed } from "./pieces.js";

/** The image that a map and the weight make. */
export function scatteredTransposed(graph: GraphWriter, geometry: Geometry, y: string, weight: string): string {
  const { batch, image, map } = geometry;
  const count = pixels(map);
  const columns = transposed(graph, reshaped(graph, y, [batch, map.channels, count]), [0, 2, 1]);
  const rows = reshaped(graph, columns, [batch * count, map.channels]);
  const patches = matrixProduct(graph, rows, reshaped(graph, weight, [map.channels, image.channels * taps(geometry)]));
  const apart = reshaped(graph, patches, [batch, count, image.channels, taps(geometry)]);
  const perChannel = reshaped(graph, transposed(graph, apart, [0, 2, 1, 3]), [
    ...[batch * image.channels, count * taps(geometry)],
  ]);
  const images = matrixProduct(graph, perChannel, places(graph, geometry));
  return reshaped(graph, images, [batch, image.channels, image.height, image.width]);
}

/** [pixels of the map · taps, pixels of the image]: one where a tap of a pixel's patch lies. */
function places(graph: GraphWriter, { image, map, kernel, stride, pad }: Geometry): string {
  const values = new Float32Array(pixels(map) * kernel[0] * kernel[1] * pixels(image));
  let row = 0;
  for (let y = 0; y < map.height; y++) {
    for (let x = 0; x < map.width; x++) {
      for (let down = 0; down < kernel[0]; down++) {
        for (let across = 0; across < kernel[1]; across++, row++) {
          const [top, left] = [y * stride + down - pad, x * stride + across - pad];
          if (top < 0 || top >= image.height || left < 0 || left >= image.width) continue;
          values[row * pixels(image) + top * image.width + left] = 1;
        }
      }
    }
  }
  return graph.floats([row, pixels(image)], values);
}
