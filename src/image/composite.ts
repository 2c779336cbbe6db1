/** Lays images over each other: blend modes, alpha, opacity. Knows planes of floats, so every depth is kept; no files. */
import { type Image, ImageError, imageOf } from "./image.js";
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
 * Changes the canvas: lays the image over it, cut at its edges. Alpha is straight; with αs the image's and αb the canvas's
 * (1 without): αo = αs + αb·(1 − αs), colour = (αs·(1 − αb)·s + αs·αb·blend(b, s) + (1 − αs)·αb·b) / αo, as in the W3C's
 * Compositing and Blending Level 1. The image's colours follow the canvas's channels (gray is copied, surplus dropped).
 */
export function layOver(canvas: Image, image: Image, { x, y, mode = "over", opacity = 1 }: Placing): void {
  const colors = canvas.channels - (canvas.alpha ? 1 : 0);
  const source = toChannels(withoutAlpha(image), colors).data;
  const [left, right] = [Math.max(0, x), Math.min(canvas.width, x + image.width)];
  const [top, bottom] = [Math.max(0, y), Math.min(canvas.height, y + image.height)];
  const [below, area] = [canvas.width * canvas.height, image.width * image.height];
  const cover = image.alpha ? image.data.subarray((image.channels - 1) * area) : undefined;
  const blend = BLENDS[mode];
  for (let row = top; row < bottom; row++) {
    for (let column = left; column < right; column++) {
      const from = (row - y) * image.width + column - x;
      const to = row * canvas.width + column;
      const alphaS = (cover ? cover[from]! : 1) * opacity;
      if (alphaS === 0) continue;
      const alphaB = canvas.alpha ? canvas.data[colors * below + to]! : 1;
      const alphaO = alphaS + alphaB * (1 - alphaS);
      for (let c = 0; c < colors; c++) {
        const [b, s] = [canvas.data[c * below + to]!, source[c * area + from]!];
        const mixed = alphaS * (1 - alphaB) * s + alphaS * alphaB * blend(b, s) + (1 - alphaS) * alphaB * b;
        canvas.data[c * below + to] = mixed / alphaO;
      }
      if (canvas.alpha) canvas.data[colors * below + to] = alphaO;
    }
  }
}

/** An image of one colour: `#rgb`, `#rrggbb` or `#rrggbbaa`. Throws an ImageError where it is none of these. */
export function plainImage(width: number, height: number, color: string, depth: Image["depth"] = 8): Image {
  const values = colorValues(color);
  const data = new Float32Array(values.length * width * height);
  for (const [c, value] of values.entries()) data.fill(value, c * width * height, (c + 1) * width * height);
  return imageOf({ width, height, channels: values.length }, data, depth, values.length === 4);
}

function colorValues(color: string): readonly number[] {
  const [, short, long] = /^#(?:([0-9a-f]{3})|([0-9a-f]{6}(?:[0-9a-f]{2})?))$/i.exec(color) ?? [];
  const digits = short === undefined ? long : [...short].map((digit) => digit + digit).join("");
  if (digits === undefined) throw new ImageError(`"${color}" is no color such as #80ff00 or, with alpha, #80ff00cc.`);
  return [...digits.matchAll(/../g)].map(([pair]) => Number.parseInt(pair, 16) / 255);
}

/** A copy with the channels asked for: 1 or 3 colours (of three, Rec. 709's luma makes one), and alpha or none. */
export function inChannels(image: Image, colors: 1 | 3, alpha: boolean): Image {
  const { width, height } = image;
  const area = width * height;
  const plain = withoutAlpha(image);
  const own = plain.channels >= 3 && colors === 1 ? luma(plain) : toChannels(plain, colors).data;
  const data = new Float32Array((colors + (alpha ? 1 : 0)) * area).fill(1);
  data.set(own);
  if (alpha && image.alpha) data.set(image.data.subarray((image.channels - 1) * area), colors * area);
  return imageOf({ width, height, channels: colors + (alpha ? 1 : 0) }, data, image.depth, alpha);
}

/** Rec. 709's weights, on the values as they are stored. */
function luma({ width, height, data }: Image): Float32Array {
  const area = width * height;
  return Float32Array.from(
    { length: area },
    (_, at) => 0.2126 * data[at]! + 0.7152 * data[area + at]! + 0.0722 * data[2 * area + at]!,
  );
}
