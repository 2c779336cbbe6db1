/** An image in memory, and what its errors look like. Knows nothing of files, formats or tensors' batches. */

/** Bits of a channel in a file: 8 or 16 (unsigned integers), or 32-bit floating point. */
export type Depth = 8 | 16 | "float";

/** Samples of an image. Integers are as a file stores them: v/255 and v/65535 are their values. Floats are values. */
export type Samples = Uint8Array | Uint16Array | Float32Array;

/**
 * An image in memory. `samples` are interleaved, as decoders and encoders have them:
 * `samples[(y·width + x)·channels + c]`. What moves pixels keeps their type; arithmetic makes floats of them, scaled to
 * 0..1 where the depth is 8 or 16. They become planes once, where a tensor begins (`planes.ts`).
 *
 * Values: unsigned integers of n ≤ 16 bits are scaled to 0..1 by their full range, v/(2ⁿ−1), and have the depth 8 (n ≤ 8) or
 * 16. All others (signed integers, such as heights in metres, unsigned ones of 32 and 64 bits, floats of 16 to 64 bits) are
 * the numbers that the file holds, as the nearest float32, and have the depth `float`. NaN and "no data" stay what they are.
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 to 4. */
  readonly channels: number;
  /** Of the file that the image comes from, and of the one it is written to unless another is asked for. */
  readonly depth: Depth;
  /** Whether the last channel is alpha; of channels that are not colors none is. */
  readonly alpha: boolean;
  /** Whether colors are multiplied by alpha, as they are in the file (associated alpha). */
  readonly associated?: true;
  readonly samples: Samples;
}

/** Width and height in pixels, and channels. */
export interface ImageShape {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** A mistake in an image or in what was asked of it; the message is for the user and names the file where there is one. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}

/** An image over interleaved samples; the depth is theirs unless given. Throws where their number does not fit the shape. */
export function imageOf(
  { width, height, channels }: ImageShape,
  samples: Samples,
  depth: Depth = samples instanceof Uint8Array ? 8 : samples instanceof Uint16Array ? 16 : "float",
  alpha = false,
): Image {
  if (samples.length !== width * height * channels) {
    throw new Error(`${samples.length} samples are not ${channels} channels of ${width}×${height}`);
  }
  return { width, height, channels, depth, alpha, samples };
}

/** The image's values, interleaved: always a copy. */
export function valuesOf({ samples }: Pick<Image, "samples">): Float32Array<ArrayBuffer> {
  const values = new Float32Array(samples);
  const full = fullOf(samples);
  if (full !== 1) for (let at = 0; at < values.length; at++) values[at]! /= full;
  return values;
}

/** The sample whose value is 1. */
export function fullOf(samples: Samples): 255 | 65535 | 1 {
  return samples instanceof Uint8Array ? 255 : samples instanceof Uint16Array ? 65535 : 1;
}

/** Room for samples of the same type. */
export function emptyLike(samples: Samples, length: number): Samples {
  if (samples instanceof Uint8Array) return new Uint8Array(length);
  return samples instanceof Uint16Array ? new Uint16Array(length) : new Float32Array(length);
}

/** The image with other samples of another size; channels, depth and alpha stay. */
export function withSamples(image: Image, width: number, height: number, samples: Samples): Image {
  return { ...image, width, height, samples };
}
