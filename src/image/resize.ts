/** Resizes bilinearly with antialiasing: the triangle filter of PIL and torchvision. Knows only samples. */
import type { Box } from "./geometry.js";
import { fullOf, type Image, ImageError, type Samples, withSamples } from "./image.js";

/**
 * The image, or a box of it (fractions of pixels allowed), at another size. Like PIL's `resize(size, BILINEAR, box)`
 * and torch's `interpolate(mode="bilinear", antialias=True)`: when shrinking, the triangle widens with the scale.
 * Every channel by itself: alpha is not premultiplied. Throws an ImageError where the box is empty or leaves the image.
 */
export function resize(image: Image, width: number, height: number, box: Box = whole(image)): Image {
  const { channels } = image;
  if (!(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0)) throw outside(image, box);
  if (box.x + box.width > image.width + 1e-6 || box.y + box.height > image.height + 1e-6) throw outside(image, box);
  const unchanged = box.x === 0 && box.y === 0 && box.width === width && box.height === height;
  if (unchanged && image.width === width && image.height === height) return image;
  const across = tapsOf(image.width, width, box.x, box.width);
  const down = tapsOf(image.height, height, box.y, box.height);
  const line = width * channels;
  const rows = rowsOf(image, across, down.size);
  const resized = new Float32Array(line * height);
  const sums = new Float64Array(line);
  const full = fullOf(image.samples);
  for (let y = 0; y < height; y++) {
    const target = resized.subarray(y * line, (y + 1) * line);
    const weights = down.weights.subarray(y * down.size, y * down.size + down.count[y]!);
    if (weights.length <= 3) addThree(target, weights, down.first[y]!, rows, full);
    else addAll(target, weights, down.first[y]!, rows, full, sums);
  }
  return withSamples(image, width, height, resized);
}

function whole({ width, height }: Image): Box {
  return { x: 0, y: 0, width, height };
}

function outside(image: Image, { x, y, width, height }: Box): ImageError {
  return new ImageError(
    `A box of ${width}×${height} at (${x}, ${y}) is not inside an image of ${image.width}×${image.height}.`,
  );
}

/** For each output place: the first input it reads, and its weights (`size` of them, zeros at the end). */
interface Taps {
  readonly first: Int32Array;
  /** How many inputs there are from the first on, at most `size`. */
  readonly count: Int32Array;
  readonly weights: Float64Array;
  readonly size: number;
}

/** Weights of the triangle filter along one axis, as in PIL's `precompute_coeffs`. */
function tapsOf(inputSize: number, outputSize: number, start: number, length: number): Taps {
  const scale = length / outputSize;
  const support = Math.max(scale, 1);
  const size = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputSize);
  const count = new Int32Array(outputSize);
  const weights = new Float64Array(outputSize * size);
  for (let to = 0; to < outputSize; to++) {
    const center = start + (to + 0.5) * scale;
    const low = Math.max(0, Math.trunc(center - support + 0.5));
    const high = Math.min(inputSize, Math.trunc(center + support + 0.5));
    let sum = 0;
    for (let from = low; from < high; from++) {
      const weight = Math.max(0, 1 - Math.abs((from + 0.5 - center) / support));
      weights[to * size + from - low] = weight;
      sum += weight;
    }
    for (let tap = 0; tap < high - low; tap++) weights[to * size + tap]! /= sum;
    first[to] = low;
    count[to] = high - low;
  }
  return { first, count, weights, size };
}

/** Rows at the new width, each made once: the last `size` of them are kept, since no output row reads back further. */
function rowsOf(image: Image, taps: Taps, size: number): (y: number) => Float64Array {
  const { channels, samples } = image;
  const stride = image.width * channels;
  const kept = Array.from({ length: size }, () => new Float64Array(taps.first.length * channels));
  const place = new Int32Array(size).fill(-1);
  const fill = channels === 3 ? resizeColorRow : resizeRow;
  return (y) => {
    const slot = y % size;
    const row = kept[slot]!;
    if (place[slot] !== y) fill(row, samples, y * stride, channels, taps);
    place[slot] = y;
    return row;
  };
}

function resizeRow(row: Float64Array, samples: Samples, start: number, channels: number, taps: Taps): void {
  const { first, count, weights, size } = taps;
  for (let x = 0, to = 0; x < first.length; x++) {
    const begin = x * size;
    for (let c = 0; c < channels; c++, to++) {
      let from = start + first[x]! * channels + c;
      let sum = 0;
      for (let tap = begin; tap < begin + count[x]!; tap++, from += channels) sum += weights[tap]! * samples[from]!;
      row[to] = sum;
    }
  }
}

/** The same for the usual case, with one look at a weight for three samples: half the time. */
function resizeColorRow(row: Float64Array, samples: Samples, start: number, _: number, taps: Taps): void {
  const { first, count, weights, size } = taps;
  for (let x = 0, to = 0; x < first.length; x++, to += 3) {
    const begin = x * size;
    let from = start + first[x]! * 3;
    let [r, g, b] = [0, 0, 0];
    for (let tap = begin; tap < begin + count[x]!; tap++, from += 3) {
      const weight = weights[tap]!;
      r += weight * samples[from]!;
      g += weight * samples[from + 1]!;
      b += weight * samples[from + 2]!;
    }
    row[to] = r;
    row[to + 1] = g;
    row[to + 2] = b;
  }
}

/** A row from up to three: what enlarging takes, and reducing by little. */
function addThree(
  target: Float32Array,
  weights: Float64Array,
  first: number,
  rows: (y: number) => Float64Array,
  full: number,
): void {
  const [a, b = 0, c = 0] = weights as unknown as [number, number?, number?];
  const one = rows(first);
  const two = weights.length > 1 ? rows(first + 1) : one;
  const three = weights.length > 2 ? rows(first + 2) : one;
  for (let x = 0; x < target.length; x++) target[x] = (a * one[x]! + b * two[x]! + c * three[x]!) / full;
}

/** A row from any number of them. `sums`: room for as many values. */
function addAll(
  target: Float32Array,
  weights: Float64Array,
  first: number,
  rows: (y: number) => Float64Array,
  full: number,
  sums: Float64Array,
): void {
  sums.fill(0);
  for (let tap = 0; tap < weights.length; tap++) {
    const [row, weight] = [rows(first + tap), weights[tap]!];
    for (let x = 0; x < sums.length; x++) sums[x]! += weight * row[x]!;
  }
  for (let x = 0; x < sums.length; x++) target[x] = sums[x]! / full;
}
