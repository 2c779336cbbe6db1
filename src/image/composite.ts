/** Lays images over each other: blend modes, alpha, opacity. Every depth is kept. Knows no files. */
import { type Depth, emptyLike, fullOf, type Image, ImageError, imageOf } from "./image.js";
import { toChannels, withoutAlpha } from "./tone.js";

export const BLEND_MODES = [
  "over",
  "add",
  "subtract",
  "multiply",
  "screen",
  "difference",
  "minimum",
  "maximum",
] as const;

export type BlendMode = (typeof BLEND_MODES)[number];

/** How an image is laid over a canvas. */
export interface Placing {
  /** Where its left upper corner comes to lie, in pixels; whole numbers, also negative. */
  readonly x: number;
  readonly y: number;
  /** `over` unless given. */
  readonly mode?: BlendMode;
  /** Factor of its alpha, 0..1; 1 unless given. */
  readonly opacity?: number;
}

/** b: what lies below, s: what is laid over it. */
const BLENDS: Readonly<Record<BlendMode, (b: number, s: number) => number>> = {
  over: (_, s) => s,
  add: (b, s) => b + s,
  subtract: (b, s) => b - s,
  multiply: (b, s) => b * s,
  screen: (b, s) => b + s - b * s,
  difference: (b, s) => Math.abs(b - s),
  minimum: Math.min,
  maximum: Math.max,
};

/**
 * Changes the canvas: lays the image over it, cut at its edges. The canvas's alpha is straight, the image's as it says; with αs the image's and αb the canvas's
 * (1 without): αo = αs + αb·(1 − αs), colour = (αs·(1 − αb)·s + αs·αb·blend(b, s) + (1 − αs)·αb·b) / αo, as in the W3C's
 * Compositing and Blending Level 1. The image's colours follow the canvas's channels (gray is copied, surplus dropped).
 * A canvas of integers takes values rounded and within its range.
 */
export function layOver(canvas: Image, image: Image, { x, y, mode = "over", opacity = 1 }: Placing): void {
  const colors = canvas.channels - (canvas.alpha ? 1 : 0);
  const source = toChannels(withoutAlpha(image), colors);
  const [left, right] = [Math.max(0, x), Math.min(canvas.width, x + image.width)];
  const [top, bottom] = [Math.max(0, y), Math.min(canvas.height, y + image.height)];
  const covers = mode === "over" && opacity === 1 && !image.alpha && !canvas.alpha && isSameType(canvas, source);
  for (let row = top; row < bottom; row++) {
    const from = (row - y) * image.width + left - x;
    const to = row * canvas.width + left;
    if (covers) {
      const line = source.samples.subarray(from * colors, (from + Math.max(0, right - left)) * colors);
      canvas.samples.set(line, to * colors);
    } else
      for (let at = 0; at < right - left; at++) blendPixel(canvas, to + at, image, source, from + at, mode, opacity);
  }
}

function isSameType({ samples }: Image, other: Image): boolean {
  return samples.constructor === other.samples.constructor;
}

/** Lays a pixel over one of the canvas. `source`: the image's colours in the canvas's number. */
function blendPixel(
  canvas: Image,
  to: number,
  image: Image,
  source: Image,
  from: number,
  mode: BlendMode,
  opacity: number,
): void {
  const [full, fullS] = [fullOf(canvas.samples), fullOf(image.samples)];
  const cover = image.alpha ? image.samples[(from + 1) * image.channels - 1]! / fullS : 1;
  const alphaS = cover * opacity;
  const isAssociated = image.alpha && image.associated === true;
  if (alphaS === 0 && !isAssociated) return;
  const place = to * canvas.channels;
  const colors = source.channels;
  const alphaB = canvas.alpha ? canvas.samples[place + colors]! / full : 1;
  const alphaO = alphaS + alphaB * (1 - alphaS);
  if (alphaO === 0) return;
  const blend = BLENDS[mode];
  for (let c = 0; c < colors; c++) {
    const [b, given] = [canvas.samples[place + c]! / full, source.samples[from * colors + c]! / fullS];
    // Associated colors are multiplied already, and may shine where they cover nothing.
    const [s, covering] = isAssociated ? [cover > 0 ? given / cover : 0, given * opacity] : [given, alphaS * given];
    const blended = mode === "over" ? covering : alphaS * blend(b, s);
    const mixed = (1 - alphaB) * covering + alphaB * blended + (1 - alphaS) * alphaB * b;
    canvas.samples[place + c] = stored(mixed / alphaO, full);
  }
  if (canvas.alpha) canvas.samples[place + colors] = stored(alphaO, full);
}

/** A value as a sample; NaN, which no integer is, becomes 0 in the array. */
function stored(value: number, full: number): number {
  return full === 1 ? value : Math.round(Math.min(1, Math.max(0, value)) * full);
}

/** An image of one colour: `#rgb`, `#rrggbb` or `#rrggbbaa`. Throws an ImageError where it is none of these. */
export function plainImage(width: number, height: number, color: string, depth: Depth = 8): Image {
  const values = colorValues(color);
  const length = values.length * width * height;
  const samples =
    depth === 8 ? new Uint8Array(length) : depth === 16 ? new Uint16Array(length) : new Float32Array(length);
  const scale = fullOf(samples) / 255;
  for (let at = 0; at < samples.length; at++) samples[at] = values[at % values.length]! * scale;
  return imageOf({ width, height, channels: values.length }, samples, depth, values.length === 4);
}

/** 0 to 255 each. */
function colorValues(color: string): readonly number[] {
  const [, short, long] = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}(?:[0-9a-f]{2})?))$/i.exec(color) ?? [];
  const digits = short === undefined ? long : [...short].map((digit) => digit + digit).join("");
  if (digits === undefined) throw new ImageError(`"${color}" is no color such as #80ff00 or, with alpha, #80ff00cc.`);
  return [...digits.matchAll(/../g)].map(([pair]) => Number.parseInt(pair, 16));
}

/** A copy with the channels asked for: 1 or 3 colours (of three, Rec. 709's luma makes one), and alpha or none. */
export function inChannels(image: Image, colors: 1 | 3, alpha: boolean): Image {
  const plain = withoutAlpha(image);
  const own = plain.channels >= 3 && colors === 1 ? luma(plain) : toChannels(plain, colors);
  if (!alpha) return own === image ? { ...own, samples: own.samples.slice() } : own;
  const { width, height, channels: stride, samples } = image;
  const channels = colors + 1;
  const all = emptyLike(own.samples, channels * width * height);
  const [full, scale] = [fullOf(all), fullOf(all) / fullOf(samples)];
  for (let pixel = 0, to = 0; pixel < width * height; pixel++, to += channels) {
    for (let c = 0; c < colors; c++) all[to + c] = own.samples[pixel * colors + c]!;
    all[to + colors] = image.alpha ? samples[(pixel + 1) * stride - 1]! * scale : full;
  }
  return imageOf({ width, height, channels }, all, image.depth, true);
}

/** Rec. 709's weights, on the values as they are stored. */
function luma(image: Image): Image {
  const { width, height, channels, depth, samples } = image;
  const full = fullOf(samples);
  const gray = new Float32Array(width * height);
  for (let at = 0, from = 0; at < gray.length; at++, from += channels) {
    gray[at] = (0.2126 * samples[from]! + 0.7152 * samples[from + 1]! + 0.0722 * samples[from + 2]!) / full;
  }
  return imageOf({ width, height, channels: 1 }, gray, depth);
}
