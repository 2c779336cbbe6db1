/** Ranges of values: maps colors from one to another, and finds what lies outside of one. Knows no files. */
import { fullOf, type Image, valuesOf } from "./image.js";

export type Range = readonly [low: number, high: number];

/** The range of files of unsigned integers, of networks, and of all that is shown. */
export const UNIT: Range = [0, 1];

/** Whether a range is 0 to 1. */
export function isUnit([low, high]: Range): boolean {
  return low === 0 && high === 1;
}

/**
 * The image with its colors mapped linearly from a range to another; nothing is clipped, and alpha stays. In float64, so that small
 * differences of large values stay.
 */
export function mapRange(image: Image, from: Range, to: Range): Image {
  if (from[0] === to[0] && from[1] === to[1]) return image;
  const samples = valuesOf(image);
  const factor = (to[1] - to[0]) / (from[1] - from[0]);
  const colors = colorsOf(image);
  for (let first = 0; first < samples.length; first += image.channels) {
    for (let at = first; at < first + colors; at++) samples[at] = to[0] + (samples[at]! - from[0]) * factor;
  }
  return { ...image, samples };
}

/** Colors outside of a range: from where to where all go, and their share. */
export interface OutOfRange {
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

/** The colors outside of a range; undefined where none is by more than `slack`, a share of the range. NaN counts as outside. */
export function outOfRange(image: Image, [low, high]: Range, slack = 2 ** -16): OutOfRange | undefined {
  const { samples, channels } = image;
  const full = fullOf(samples);
  // Integers are from 0 to 1.
  if (full !== 1 && low <= 0 && high >= 1) return undefined;
  const margin = (high - low) * slack;
  const [least, most, colors] = [(low - margin) * full, (high + margin) * full, colorsOf(image)];
  const found = { low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY, count: 0 };
  for (let first = 0; first < samples.length; first += channels) {
    for (let at = first; at < first + colors; at++) {
      const value = samples[at]!;
      if (value < found.low) found.low = value;
      if (value > found.high) found.high = value;
      if (!(value >= least && value <= most)) found.count += 1;
    }
  }
  if (found.count === 0) return undefined;
  return {
    low: found.low / full,
    high: found.high / full,
    share: found.count / ((samples.length / channels) * colors),
  };
}

/** A value as messages show it. */
export function rangeValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function colorsOf({ alpha, channels }: Image): number {
  return alpha ? channels - 1 : channels;
}
