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

/** Collects the colors outside of a range over the strips of an image. */
export interface RangeWatch {
  add(strip: Image): void;
  /** From where to where all colors go; undefined where none is outside. */
  found(): OutOfRange | undefined;
}

/** A color counts as outside if it is by more than `slack`, a share of the range. NaN counts as outside. */
export function watchRange([low, high]: Range, slack = 2 ** -16): RangeWatch {
  const margin = (high - low) * slack;
  let [lowest, highest, outside, total] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  return {
    add(strip) {
      const { samples, channels } = strip;
      const full = fullOf(samples);
      const colors = colorsOf(strip);
      total += (samples.length / channels) * colors;
      // Integers are from 0 to 1.
      if (full !== 1 && low <= 0 && high >= 1) return;
      const [from, to] = [(low - margin) * full, (high + margin) * full];
      let [least, most, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
      for (let first = 0; first < samples.length; first += channels) {
        for (let at = first; at < first + colors; at++) {
          const value = samples[at]!;
          if (value < least) least = value;
          if (value > most) most = value;
          if (!(value >= from && value <= to)) count += 1;
        }
      }
      [lowest, highest] = [Math.min(lowest, least / full), Math.max(highest, most / full)];
      outside += count;
    },
    found: () => (outside === 0 ? undefined : { low: lowest, high: highest, share: outside / total }),
  };
}

/** The colors of an image outside of a range; undefined where none is. See `watchRange`. */
export function outOfRange(image: Image, range: Range, slack?: number): OutOfRange | undefined {
  const watch = watchRange(range, slack);
  watch.add(image);
  return watch.found();
}

/** A value as messages show it. */
export function rangeValue(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function colorsOf({ alpha, channels }: Image): number {
  return alpha ? channels - 1 : channels;
}
