/** Changes values, never places: the channel rule, brightness, contrast, gamma, noise. Knows nothing of files. */
import type { RandomStream } from "../base/random.js";
import { emptyLike, type Image, ImageError, valuesOf } from "./image.js";

/**
 * The image with `count` channels (1 to 4): surplus ones are dropped, missing ones copy the last, whatever it means.
 * Alpha counts as a channel, so gray with alpha becomes gray, alpha, alpha; see `withoutAlpha`.
 */
export function toChannels(image: Image, count: number): Image {
  if (!(Number.isInteger(count) && count >= 1 && count <= 4)) {
    throw new ImageError(`An image has 1 to 4 channels, not ${count}.`);
  }
  const { channels, samples } = image;
  if (count === channels) return image;
  const chosen = emptyLike(samples, (samples.length / channels) * count);
  for (let c = 0; c < count; c++) {
    const first = Math.min(c, channels - 1);
    for (let to = c, from = first; to < chosen.length; to += count, from += channels) chosen[to] = samples[from]!;
  }
  return { ...image, channels: count, alpha: false, samples: chosen };
}

/** The image without its alpha channel, colours untouched; one without alpha is answered as it is. */
export function withoutAlpha(image: Image): Image {
  return image.alpha && image.channels > 1 ? toChannels(image, image.channels - 1) : image;
}

/** How `adjust` changes values; what is absent changes nothing. */
export interface Adjustment {
  /** Added, after the contrast. */
  readonly brightness?: number;
  /** Factor of the distance from 0.5. */
  readonly contrast?: number;
  /** Exponent, applied last, to values of at least 0. */
  readonly gamma?: number;
}

/**
 * v → max(0, (v − ½)·contrast + ½ + brightness)^gamma for every channel but alpha. Without gamma nothing is clamped;
 * encoding to integers clamps. Throws an ImageError where gamma is not above 0.
 */
export function adjust(image: Image, { brightness = 0, contrast = 1, gamma = 1 }: Adjustment): Image {
  if (!(gamma > 0)) throw new ImageError(`gamma is an exponent above 0, not ${gamma}.`);
  const offset = 0.5 - 0.5 * contrast + brightness;
  return withColors(image, (color) => {
    const value = color * contrast + offset;
    return gamma === 1 ? value : Math.max(0, value) ** gamma;
  });
}

/** Adds noise of N(0, deviation²), one value of the stream per value, to every channel but alpha. Nothing is clamped. */
export function addNoise(image: Image, deviation: number, stream: RandomStream): Image {
  const pixels = image.width * image.height;
  const noise = new Float32Array(colorsOf(image) * pixels);
  stream.fillNormal(noise, 0, deviation);
  return withColors(image, (color, c, pixel) => color + noise[c * pixels + pixel]!);
}

/** Other values in every channel but alpha. */
function withColors(image: Image, change: (value: number, c: number, pixel: number) => number): Image {
  const { channels } = image;
  const colors = colorsOf(image);
  const samples = valuesOf(image);
  for (let at = 0, pixel = 0; at < samples.length; at += channels, pixel++) {
    for (let c = 0; c < colors; c++) samples[at + c] = change(samples[at + c]!, c, pixel);
  }
  return { ...image, samples };
}

/** Channels that are not alpha. */
function colorsOf({ alpha, channels }: Image): number {
  return alpha ? channels - 1 : channels;
}
