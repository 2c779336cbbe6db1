/** An image in memory, and what its errors look like. Knows nothing of files, formats or tensors' batches. */

/** Bits of a channel in a file: 8 or 16 (unsigned integers), or 32-bit floating point. */
export type Depth = 8 | 16 | "float";

/**
 * An image in memory. `data` is planar (CHW, row-major: `data[(c·height + y)·width + x]`), since that is a tensor's
 * layout: a batch is these arrays one after the other. Integer depths are scaled to 0..1 (v/255, v/65535), floating
 * point values are as the file holds them. `alpha`: whether the last channel is alpha (never premultiplied).
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 to 4. */
  readonly channels: number;
  readonly depth: Depth;
  readonly alpha: boolean;
  readonly data: Float32Array;
}

/** A mistake in an image or in what was asked of it; the message is for the user and names the file where there is one. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}

/** An image over given planes. Throws where their length is not channels·height·width. */
export function imageOf(
  shape: { readonly width: number; readonly height: number; readonly channels: number },
  data: Float32Array,
  depth: Depth = "float",
  alpha = false,
): Image {
  const { width, height, channels } = shape;
  if (data.length !== width * height * channels) {
    throw new Error(`${data.length} values are not ${channels} planes of ${width}×${height}`);
  }
  return { width, height, channels, depth, alpha, data };
}

/** The image with other planes of another size; channels, depth and alpha stay. */
export function withPlanes(image: Image, width: number, height: number, data: Float32Array): Image {
  return { ...image, width, height, data };
}
