/** What a convolution and its two gradients have in common: the image, the map, and the kernel between them. */
import type { Shape, Tensor } from "../program/program.js";

interface Plane {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/**
 * A convolution's image x [N, image.channels, …], map y [N, map.channels, …] and weight [map.channels, image.channels, kernel].
 * `conv` makes y of x and the weight, `conv_transpose` an image of a map and the weight, `conv_weight_gradient` a weight
 * of both.
 */
export interface Geometry {
  readonly batch: number;
  readonly image: Plane;
  readonly map: Plane;
  readonly kernel: readonly [number, number];
  readonly stride: number;
  readonly pad: number;
}

/** The operations that a geometry tells. */
export type ConvolutionKind = "conv" | "conv_transpose" | "conv_weight_gradient";

/** The geometry of a convolution or of one of its gradients; undefined for other operations. */
export function geometryOf({ operation, inputs, shape }: Tensor): Geometry | undefined {
  const [first, second] = inputs.map((input) => input.shape) as [Shape, Shape];
  switch (operation.kind) {
    case "conv":
      return geometry(first, shape, second, operation);
    case "conv_transpose":
      return geometry(shape, first, second, operation);
    case "conv_weight_gradient":
      return geometry(first, second, shape, operation);
    default:
      return undefined;
  }
}

function geometry(image: Shape, map: Shape, weight: Shape, { stride, pad }: { stride: number; pad: number }): Geometry {
  const plane = ([, channels, height, width]: Shape) => ({ channels: channels!, height: height!, width: width! });
  return { batch: image[0]!, image: plane(image), map: plane(map), kernel: [weight[2]!, weight[3]!], stride, pad };
}

/** The pixels of a plane. */
export function pixels({ height, width }: Plane): number {
  return height * width;
}

/** The pixels of a kernel. */
export function taps({ kernel: [height, width] }: Geometry): number {
  return height * width;
}
