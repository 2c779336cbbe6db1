/**
 * The referee's convolutions and normalization. A convolution is a matrix product of its weight with the patches of its
 * larger image; the three kinds differ only in which of the three matrices is the result.
 */

import type { Array64 } from "./array64.js";
import type { Operation, Shape } from "./program.js";
import { addProduct, type Matrix } from "./reference-product.js";
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
      forEachBlock({ large: x, weight: w, small: result }, operation, (block) => {
        gather(x.data, block);
        const { weight, patches, small, outputs, taps, count } = block;
        addProduct(small, weight, patches, [outputs, taps, count]);
      });
      return result.data;
    case "conv_transpose":
      forEachBlock({ large: result, weight: w, small: x }, operation, (block) => {
        const { weight, patches, small, outputs, taps, count } = block;
        addProduct(patches, { ...weight, row: 1, column: taps }, small, [taps, outputs, count]);
        scatter(result.data, block);
      });
      return result.data;
    case "conv_weight_gradient":
      forEachBlock({ large: x, weight: result, small: w }, operation, (block) => {
        gather(x.data, block);
        const { weight, patches, small, outputs, taps, count } = block;
        addProduct(weight, small, { ...patches, row: 1, column: count }, [outputs, count, taps]);
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

/** Some rows of one small image, and the patches of the large one that their pixels meet. */
interface Block {
  /** [outputs, taps]: the whole weight, a tap being a channel and a place of the kernel. */
  readonly weight: Matrix;
  /** [taps, count], zeros at first. */
  readonly patches: Matrix;
  /** [outputs, count] */
  readonly small: Matrix;
  readonly outputs: number;
  readonly taps: number;
  readonly count: number;
  /** Runs of neighbours: the first one's place among the patches and in the large image, and how many. */
  forEachRun(visit: (patch: number, image: number, length: number) => void): void;
  /** How far apart the neighbours are in the large image. */
  readonly stride: number;
}

/** Patches held at a time, or those of one row: 8 MiB. */
const PATCHES = 2 ** 20;

function forEachBlock(
  { large, weight, small }: Convolution,
  { stride, pad }: { readonly stride: number; readonly pad: number },
  visit: (block: Block) => void,
): void {
  const [outputs, channels, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const [batch, , height, width] = large.shape as [number, number, number, number];
  const [smallHeight, smallWidth] = [small.shape[2]!, small.shape[3]!];
  const [taps, pixels] = [channels * kernelHeight * kernelWidth, smallHeight * smallWidth];
  const most = Math.min(smallHeight, Math.max(1, Math.floor(PATCHES / (taps * smallWidth))));
  const patches = new Float64Array(taps * most * smallWidth);
  const runs = (n: number, top: number, rows: number): Block["forEachRun"] => {
    return (visitRun) => {
      for (let tap = 0; tap < taps; tap++) {
        const [i, j] = [Math.floor(tap / kernelWidth) % kernelHeight, tap % kernelWidth];
        const plane = (n * channels + Math.floor(tap / (kernelHeight * kernelWidth))) * height;
        const first = Math.max(0, Math.ceil((pad - j) / stride));
        const length = Math.min(smallWidth - 1, Math.floor((width - 1 + pad - j) / stride)) - first + 1;
        for (let y = 0; y < rows; y++) {
          const line = (top + y) * stride + i - pad;
          if (line < 0 || line >= height || length <= 0) continue;
          const image = (plane + line) * width + first * stride + j - pad;
          visitRun((tap * rows + y) * smallWidth + first, image, length);
        }
      }
    };
  };
  for (let n = 0; n < batch; n++) {
    for (let top = 0; top < smallHeight; top += most) {
      const rows = Math.min(most, smallHeight - top);
      const count = rows * smallWidth;
      visit({
        ...{ outputs, taps, count, stride, forEachRun: runs(n, top, rows) },
        weight: { data: weight.data, start: 0, row: taps, column: 1 },
        patches: { data: patches.fill(0), start: 0, row: count, column: 1 },
        small: { data: small.data, start: n * outputs * pixels + top * smallWidth, row: pixels, column: 1 },
      });
    }
  }
}

/** Copies the large image's pixels into the patches. */
function gather(image: Float64Array, { patches: { data }, forEachRun, stride }: Block): void {
  forEachRun((patch, start, length) => {
    for (let i = 0, at = start; i < length; i++, at += stride) data[patch + i] = image[at]!;
  });
}

/** Adds the patches to the large image's pixels. */
function scatter(image: Float64Array, { patches: { data }, forEachRun, stride }: Block): void {
  forEachRun((patch, start, length) => {
    for (let i = 0, at = start; i < length; i++, at += stride) image[at] = image[at]! + data[patch + i]!;
  });
}

/** The mean of equal values is that value, whatever their rounded sum says: 1/√ε would make the difference 300 times larger. */
function normalized(
  { kind, axes, epsilon }: Operation & { kind: "normalize" | "inverse_deviation" },
  x: Array64,
  result: Float64Array,
): Float64Array {
  const size = sizeOf(x.shape.slice(x.shape.length - axes));
  for (let start = 0; start < x.data.length; start += size) {
    const group = x.data.subarray(start, start + size);
    const sum = group.reduce((total, value) => total + value, 0);
    const [least, most] = [group.reduce((a, b) => Math.min(a, b)), group.reduce((a, b) => Math.max(a, b))];
    const mean = Math.min(Math.max(sum / size, least), most);
    const variance = group.reduce((total, value) => total + (value - mean) ** 2, 0) / size;
    const factor = 1 / Math.sqrt(variance + epsilon);
    if (kind === "inverse_deviation") result[start / size] = factor;
    else
      group.forEach((value, i) => {
        result[start + i] = (value - mean) * factor;
      });
  }
  return result;
}
