/** Values of an image that are not finite: where the first one is, and what takes its place. Knows no formats. */
import { type Image, ImageError } from "./image.js";

/** What becomes of NaN and infinities: an error that names the place, or the number that replaces them. */
export type NonFinite = "error" | number;

/**
 * The image with finite values only; one that has no others is returned as it is. `name`: what messages call it; `top`: the number
 * of its first row, where it is a part of one. Throws an
 * ImageError that names the first such value's place where the policy is "error".
 */
export function finiteImage(image: Image, policy: NonFinite, name: string, top = 0): Image {
  const { samples, width, channels } = image;
  // Integers are nothing else.
  if (!(samples instanceof Float32Array) || !hasNonFinite(samples)) return image;
  if (policy !== "error") {
    return { ...image, samples: samples.map((value) => (Number.isFinite(value) ? value : policy)) };
  }
  const first = samples.findIndex((value) => !Number.isFinite(value));
  const count = samples.reduce((sum, value) => sum + (Number.isFinite(value) ? 0 : 1), 0);
  const pixel = Math.floor(first / channels);
  const place = `x ${pixel % width}, y ${top + Math.floor(pixel / width)}, channel ${first % channels}`;
  throw new ImageError(
    `${name}: the value at ${place} is ${samples[first]} (${count} of ${samples.length} values are not finite). ` +
      'Fix: repair the file, or set "non_finite" to the number that replaces such values.',
  );
}

/** 0 times such a value is NaN: one look at the end instead of one at each value. */
function hasNonFinite(samples: Float32Array): boolean {
  let sum = 0;
  for (let at = 0; at < samples.length; at++) sum += 0 * samples[at]!;
  return Number.isNaN(sum);
}
