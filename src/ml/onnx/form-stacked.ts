/**
 * Transposed convolutions of a batch as that of one tall image: onnxruntime goes through the whole weight for every image of a
 * batch, which takes longer than the arithmetic where images are small (4 of 2×2 pixels, 512 channels to 256: 12 and 2.5 ms).
 * Between the images lie as many rows of zeros as the kernel reaches over.
 */
import type { Geometry } from "./geometry.js";
import type { GraphWriter } from "./graph.js";
import { attribute } from "./model.js";
import { reshaped, transposed } from "./pieces.js";

/** The images that a batch of maps and the weight make. */
export function stackedTransposed(graph: GraphWriter, geometry: Geometry, y: string, weight: string): string {
  const { batch, image, map, kernel, stride, pad } = geometry;
  const missing = (length: number, size: number, side: number) => size - ((length - 1) * stride - 2 * pad + side);
  const reach = Math.max(kernel[0], kernel[0] - pad + missing(map.height, image.height, kernel[0]));
  const gap = Math.max(0, Math.ceil((reach - stride) / stride));
  const turned = (value: string) => transposed(graph, value, [1, 0, 2, 3]);
  const apart = graph.emit("Pad", [turned(y), graph.ints([0, 0, 0, 0, 0, 0, gap, 0])]);
  const tall = reshaped(graph, apart, [1, map.channels, batch * (map.height + gap), map.width]);
  const period = (map.height + gap) * stride;
  const spread = graph.emit(
    "ConvTranspose",
    [tall, weight],
    [
      attribute.ints("kernel_shape", kernel),
      attribute.ints("strides", [stride, stride]),
      // What the last image's kernel reaches beyond its rows is cut off, or rows that it does not reach are added.
      attribute.ints("pads", [0, pad, Math.max(0, kernel[0] - stride), pad]),
      attribute.ints("output_padding", [Math.max(0, stride - kernel[0]), missing(map.width, image.width, kernel[1])]),
    ],
  );
  const images = reshaped(graph, spread, [image.channels, batch, period, image.width]);
  const cut = [graph.ints([pad]), graph.ints([pad + image.height]), graph.ints([2])];
  return turned(graph.emit("Slice", [images, ...cut]));
}
