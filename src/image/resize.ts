/** Resizes bilinearly with antialiasing: the triangle filter of PIL and torchvision. Knows only planes. */
import type { Box } from "./geometry.js";
import { type Image, ImageError, withPlanes } from "./image.js";

/**
 * The image, or a box of it (fractions of pixels allowed), at another size. Like PIL's `resize(size, BILINEAR, box)`
 * and torch's `interpolate(mode="bilinear", antialias=True)`: when shrinking, the triangle widens with the scale.
 * Throws an ImageError where the box is empty or leaves the image.
 */
export function resize(image: Image, width: number, height: number, box: Box = whole(image)): Image {
  const { channels, data } = image;
  if (!(box.x >= 0 && box.y >= 0 && box.width > 0 && box.height > 0)) throw outside(image, box);
  if (box.x + box.width > image.width + 1e-6 || box.y + box.height > image.height + 1e-6) throw outside(image, box);
  const unchanged = box.x === 0 && box.y === 0 && box.width === width && box.height === height;
  if (unchanged && image.width === width && image.height === height) return image;
  const across = tapsOf(image.width, width, box.x, box.width);
  const down = tapsOf(image.height, height, box.y, box.height);
  const resized = new Float32Array(channels * width * height);
  for (let c = 0; c < channels; c++) {
    const plane = data.subarray(c * image.width * image.height, (c + 1) * image.width * image.height);
    const rows = resizeRows(plane, image.width, across, down.first[0]!, lastOf(down));
    resizeColumns(rows, width, down, resized.subarray(c * width * height, (c + 1) * width * height));
  }
  return withPlanes(image, width, height, resized);
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
  readonly weights: Float64Array;
  readonly size: number;
}

/** Weights of the triangle filter along one axis, as in PIL's `precompute_coeffs`. */
function tapsOf(inputSize: number, outputSize: number, start: number, length: number): Taps {
  const scale = length / outputSize;
  const support = Math.max(scale, 1);
  const size = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputSize);
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
  }
  return { first, weights, size };
}

/** The row after the last one that any output reads (an upper bound; rows beyond the image weigh nothing). */
function lastOf({ first, size }: Taps): number {
  return first[first.length - 1]! + size;
}

/** Rows `top` to `bottom` at the new width; answered in float64, from row 0 on, rows outside left at zero. */
function resizeRows(plane: Float32Array, stride: number, taps: Taps, top: number, bottom: number): Float64Array {
  const width = taps.first.length;
  const height = plane.length / stride;
  const rows = new Float64Array(bottom * width);
  for (let y = top; y < Math.min(bottom, height); y++) {
    for (let x = 0; x < width; x++) {
      const from = y * stride + taps.first[x]!;
      const count = Math.min(taps.size, stride - taps.first[x]!);
      let sum = 0;
      for (let tap = 0; tap < count; tap++) sum += taps.weights[x * taps.size + tap]! * plane[from + tap]!;
      rows[y * width + x] = sum;
    }
  }
  return rows;
}

function resizeColumns(rows: Float64Array, width: number, taps: Taps, resized: Float32Array): void {
  const line = new Float64Array(width);
  for (let y = 0; y < taps.first.length; y++) {
    line.fill(0);
    for (let tap = 0; tap < taps.size; tap++) {
      const weight = taps.weights[y * taps.size + tap]!;
      if (weight === 0) continue;
      const from = (taps.first[y]! + tap) * width;
      for (let x = 0; x < width; x++) line[x]! += weight * rows[from + x]!;
    }
    resized.set(line, y * width);
  }
}
