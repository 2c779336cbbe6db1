/** Changes values, never places: the channel rule, brightness, contrast, gamma, noise. Knows nothing of files. */
import type { RandomStream } from "../base/random.js";
import { type Image, ImageError } from "./image.js";

/**
 * The image with `count` channels (1 to 4): surplus ones are dropped, missing ones copy the last, whatever it means.
 * Alpha counts as a channel, so gray with alpha becomes gray, alpha, alpha; see `withoutAlpha`.
 */
export function toChannels(image: Image, count: number): Image {
  if (!(Number.isInteger(count) && count >= 1 && count <= 4)) {
    throw new ImageError(`An image has 1 to 4 channels, not ${count}.`);
  }
  const { channels, data } = image;
  if (count === channels) return image;
  const pixels = image.width * image.height;
  if (count < channels) return { ...image, channels: count, alpha: false, data: data.slice(0, count * pixels) };
  const grown = new Float32Array(count * pixels);
  grown.set(data);
  const last = data.subarray((channels - 1) * pixels);
  for (let c = channels; c < count; c++) grown.set(last, c * pixels);
  return { ...image, channels: count, alpha: false, data: grown };
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
  const data = image.data.slice();
  const offset = 0.5 - 0.5 * contrast + brightness;
  const colors = colorsOf(image, data);
  for (let at = 0; at < colors.length; at++) {
    const value = colors[at]! * contrast + offset;
    colors[at] = gamma === 1 ? value : Math.max(0, value) ** gamma;
  }
  return { ...image, data };
}

/** Adds noise of N(0, deviation²), one value of the stream per value, to every channel but alpha. Nothing is clamped. */
export function addNoise(image: Image, deviation: number, stream: RandomStream): Image {
  const data = image.data.slice();
  const colors = colorsOf(image, data);
  const noise = new Float32Array(colors.length);
  stream.fillNormal(noise, 0, deviation);
  for (let at = 0; at < colors.length; at++) colors[at]! += noise[at]!;
  return { ...image, data };
}

/** The planes that are not alpha. */
function colorsOf(image: Image, data: Float32Array): Float32Array {
  const colors = image.alpha ? image.channels - 1 : image.channels;
  return data.subarray(0, colors * image.width * image.height);
}
