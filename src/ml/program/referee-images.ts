/**
 * The referee's convolutions and normalization. All three convolutions are one loop over the products that they sum:
 * pixel of the larger image, weight, pixel of the smaller image; they differ only in which of the three is the result.
 */
import type { Operation, Shape } from "./program.js";
import type { Array64 } from "./referee.js";
import { sizeOf } from "./shapes.js";

/** The operation's result, or undefined where it is not one of this file's. */
export function computeImages(
  operation: Operation,
  inputs: readonly Array64[],
  shape: Shape,
): Float64Array | undefined {
  const [x, w] = inputs as [Array64, Array64];
  const result: Array64 = { shape, data: new Float64Array(sizeOf(shape)) };
  switch (operation.kind) {
    case "conv":
      forEachRow({ large: x, weight: w, small: result }, operation, (row) => {
        const factor = w.data[row.weight]!;
        addRows(result.data, row.small, 1, x.data, row.large, operation.stride, factor, row.count);
      });
      return result.data;
    case "conv_transpose":
      forEachRow({ large: result, weight: w, small: x }, operation, (row) => {
        const factor = w.data[row.weight]!;
        addRows(result.data, row.large, operation.stride, x.data, row.small, 1, factor, row.count);
      });
      return result.data;
    case "conv_weight_gradient":
      forEachRow({ large: x, weight: result, small: w }, operation, (row) => {
        let sum = result.data[row.weight]!;
        for (let i = 0; i < row.count; i++) {
          sum += x.data[row.large + i * operation.stride]! * w.data[row.small + i]!;
        }
        result.data[row.weight] = sum;
      });
      return result.data;
    case "normalize":
    case "inverse_deviation":
      return normalized(operation, x, result.data);
    default:
      return undefined;
  }
}

/** The images [N,C,H,W] with C the weight's second axis, the weight, and the images whose C is its first axis. */
interface Convolution {
  readonly large: Array64;
  readonly weight: Array64;
  readonly small: Array64;
}

/** `count` neighbours in a row of the small image that meet one weight; the large image's are `stride` apart. */
interface Row {
  readonly large: number;
  readonly weight: number;
  readonly small: number;
  readonly count: number;
}

function forEachRow(
  { large, weight, small }: Convolution,
  { stride, pad }: { stride: number; pad: number },
  visit: (row: Row) => void,
): void {
  const [outputs, channels, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [batch, , height, width] = large.shape as [number, number, number, number];
  const [smallHeight, smallWidth] = [small.shape[2]!, small.shape[3]!];
  /** The rows of one pair of images that meet the weight of row i, column j, which lies at `at`. */
  const visitImages = (n: number, o: number, c: number, i: number, j: number, at: number) => {
    const first = Math.max(0, Math.ceil((pad - j) / stride));
    const last = Math.min(smallWidth - 1, Math.floor((width - 1 + pad - j) / stride));
    for (let y = 0; y < smallHeight; y++) {
      const line = y * stride + i - pad;
      if (line < 0 || line >= height || last < first) continue;
      visit({
        large: ((n * channels + c) * height + line) * width + first * stride + j - pad,
        weight: at,
        small: ((n * outputs + o) * smallHeight + y) * smallWidth + first,
        count: last - first + 1,
      });
    }
  };
  for (let n = 0; n < batch; n++) {
    let at = 0;
    for (let o = 0; o < outputs; o++)
      for (let c = 0; c < channels; c++)
        for (let i = 0; i < kernelHeight; i++) for (let j = 0; j < kernelWidth; j++) visitImages(n, o, c, i, j, at++);
  }
}

/** target[i] += factor · source[i], each row with a step of its own. */
function addRows(
  target: Float64Array,
  targetStart: number,
  targetStep: number,
  source: Float64Array,
  sourceStart: number,
  sourceStep: number,
  factor: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const at = targetStart + i * targetStep;
    target[at] = target[at]! + factor * source[sourceStart + i * sourceStep]!;
  }
}

function normalized(
  { kind, axes, epsilon }: Operation & { kind: "normalize" | "inverse_deviation" },
  x: Array64,
  result: Float64Array,
): Float64Array {
  const size = sizeOf(x.shape.slice(x.shape.length - axes));
  for (let start = 0; start < x.data.length; start += size) {
    const group = x.data.subarray(start, start + size);
    const mean = group.reduce((sum, value) => sum + value, 0) / size;
    const variance = group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / size;
    const factor = 1 / Math.sqrt(variance + epsilon);
    if (kind === "inverse_deviation") result[start / size] = factor;
    else
      group.forEach((value, i) => {
        result[start + i] = (value - mean) * factor;
      });
  }
  return result;
}
