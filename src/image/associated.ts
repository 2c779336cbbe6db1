/** From associated alpha, by which colors are multiplied, to straight alpha. Knows no files. */
import { type Image, valuesOf } from "./image.js";

/** The image with straight alpha, for formats that have no other; colors where alpha is 0 stay what they are. */
export function straightened(image: Image): Image {
  const { associated, ...rest } = image;
  if (!associated || !image.alpha) return image;
  const { channels } = image;
  const samples = valuesOf(image);
  for (let at = 0; at < samples.length; at += channels) {
    const alpha = samples[at + channels - 1]!;
    if (alpha > 0) for (let c = 0; c < channels - 1; c++) samples[at + c]! /= alpha;
  }
  return { ...rest, samples };
}
