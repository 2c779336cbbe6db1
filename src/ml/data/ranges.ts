/**
 * Data ranges of a training set: measures them over the whole set, never by image, and reports values that lie outside. Knows
 * nothing of networks. Memory does not grow with the set: percentiles are exact order statistics, found in two passes.
 */
import { decodeImage } from "../../image/decode.js";
import { finiteImage, type NonFinite } from "../../image/finite.js";
import { valuesOf } from "../../image/image.js";
import { isUnit, type Range, rangeValue, UNIT } from "../../image/range.js";
import { toChannels, withoutAlpha } from "../../image/tone.js";
import type { SideKind } from "./network-image.js";
import { halfOfSide } from "./prepare.js";
import { DataError, type Side } from "./samples.js";

/** `dataset.input_range` and `reference_range`; null: values are taken as they are, 0 to 1. */
export type RangeParam = readonly number[] | "measured" | { readonly percentiles: readonly number[] } | null;

/** One side of a training set. */
export interface RangeSource {
  readonly kind: SideKind;
  readonly sides: readonly Side[];
  /** Those of files of floats, whose values may be any. */
  readonly floats: readonly Side[];
  readonly non_finite: NonFinite;
  /** How many of a file's color channels are used. */
  readonly colors: number;
}

/** The range, and what lies outside of it, as sentences for the user. */
export interface Ranged {
  readonly range: Range;
  readonly warnings: readonly string[];
}

/**
 * The range that a parameter means for a set. Decodes all files where it is to be measured, those of floats otherwise. Rejects
 * with an ImageError or DataError that names the file: unreadable, values that are not finite, a set of one value only.
 */
export async function sampleRange(source: RangeSource, param: RangeParam): Promise<Ranged> {
  const isMeasured = param !== null && !Array.isArray(param);
  const extents = await extentsOf(isMeasured ? source.sides : source.floats, source);
  if (!isMeasured) {
    const range = (param ?? UNIT) as Range;
    return { range, warnings: outside(source, extents, range) };
  }
  const range =
    param === "measured" ? whole(extents) : await percentilesOf(source, (param as { percentiles: Range }).percentiles);
  if (range[0] < range[1]) return { range, warnings: [] };
  const name = `dataset.${source.kind}_range`;
  const what = param === "measured" ? "all values are equal" : "both percentiles are equal";
  throw new DataError(`${name} ${JSON.stringify(param)}: ${what} (${range[0]}). Fix: set ${name} to [low, high].`);
}

interface Extent {
  readonly path: string;
  readonly low: number;
  readonly high: number;
}

/** The lowest and the highest value of each side's colors. */
async function extentsOf(sides: readonly Side[], source: RangeSource): Promise<readonly Extent[]> {
  const extents: Extent[] = [];
  await eachColors(sides, source, (data, at) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of data) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    extents[at] = { path: sides[at]!.path, low, high };
  });
  return extents;
}

function whole(extents: readonly Extent[]): Range {
  // Adding 0 makes 0 of −0, as JSON has it.
  return [
    extents.reduce((low, each) => Math.min(low, each.low), Number.POSITIVE_INFINITY) + 0,
    extents.reduce((high, each) => Math.max(high, each.high), Number.NEGATIVE_INFINITY) + 0,
  ];
}

/** A rounding of 16 bits more or less changes no image. */
const TOLERANCE = 2 ** -16;

function outside({ kind, sides }: RangeSource, extents: readonly Extent[], range: Range): readonly string[] {
  const slack = (range[1] - range[0]) * TOLERANCE;
  const beyond = extents.filter(({ low, high }) => low < range[0] - slack || high > range[1] + slack);
  const first = beyond[0];
  if (first === undefined) return [];
  const name = `dataset.${kind}_range`;
  const [low, high] = whole(beyond);
  const expected = isUnit(range) ? "0 to 1" : `${name} [${range.join(", ")}]`;
  const effect = kind === "reference" ? "The network's output ends there, so that it cannot learn them. " : "";
  return [
    `${beyond.length} of ${sides.length} ${kind} images have values outside ${expected}; the first is ${first.path} ` +
      `(${rangeValue(first.low)} to ${rangeValue(first.high)}). ${effect}` +
      `Fix: set ${name} to "measured", or to [low, high] such as [${rangeValue(low)}, ${rangeValue(high)}].`,
  ];
}

/** Values of float32 fall into as many bins by their upper 16 bits, and those of a bin into as many by the lower. */
const BINS = 2 ** 16;

/**
 * Percentiles of all values of a set, linearly interpolated between order statistics (numpy's default). The bits of a float32,
 * read as an integer, rise with its value, so that counts by bits find an order statistic without sorting.
 */
async function percentilesOf(source: RangeSource, percentiles: Range): Promise<Range> {
  const upper = new Float64Array(BINS);
  let count = 0;
  await eachColors(source.sides, source, (data) => {
    count += data.length;
    for (const bits of orderedBits(data)) upper[bits >>> 16]! += 1;
  });
  const places = percentiles.map((percentile) => ((count - 1) * percentile) / 100);
  const ranks = [...new Set(places.flatMap((place) => [Math.floor(place), Math.ceil(place)]))];
  const found = ranks.map((rank) => ({ rank, ...binOf(upper, rank) }));
  const lower = new Map(found.map(({ bin }) => [bin, new Float64Array(BINS)]));
  await eachColors(source.sides, source, (data) => {
    for (const bits of orderedBits(data)) {
      const counts = lower.get(bits >>> 16);
      if (counts !== undefined) counts[bits & 0xffff]! += 1;
    }
  });
  const statistics = new Map(
    found.map(({ rank, bin, before }) => [rank, floatOf((bin << 16) | binOf(lower.get(bin)!, rank - before).bin)]),
  );
  const [low, high] = places.map((place) => {
    const [a, b] = [statistics.get(Math.floor(place))!, statistics.get(Math.ceil(place))!];
    return a + (b - a) * (place - Math.floor(place));
  });
  return [low!, high!];
}

/** The bin that holds the value of a rank, counted from 0, and how many values lie before the bin. */
function binOf(counts: Float64Array, rank: number): { readonly bin: number; readonly before: number } {
  let before = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    if (before + counts[bin]! > rank) return { bin, before };
    before += counts[bin]!;
  }
  throw new Error(`there are ${before} values, none of rank ${rank}`);
}

/** Integers in the order of the floats: negative ones have all bits flipped, the others their sign. */
function orderedBits(data: Float32Array): Uint32Array {
  const bits = new Uint32Array(data.slice().buffer);
  for (let at = 0; at < bits.length; at++) bits[at] = bits[at]! >>> 31 === 1 ? ~bits[at]! : bits[at]! ^ 0x80000000;
  return bits;
}

function floatOf(ordered: number): number {
  const bits = ordered >>> 31 === 1 ? ordered ^ 0x80000000 : ~ordered;
  return new Float32Array(Uint32Array.of(bits).buffer)[0]!;
}

/** Hands over the used colors of every side, a few files at a time; a file of two sides is decoded for each. */
async function eachColors(
  sides: readonly Side[],
  { non_finite, colors }: RangeSource,
  take: (data: Float32Array, at: number) => void,
): Promise<void> {
  const rest = sides.entries();
  const reader = async () => {
    for (const [at, side] of rest) {
      const image = withoutAlpha(finiteImage(halfOfSide(await decodeImage(side.path), side), non_finite, side.path));
      take(valuesOf(toChannels(image, Math.min(colors, image.channels))), at);
    }
  };
  await Promise.all(Array.from({ length: 4 }, reader));
}
