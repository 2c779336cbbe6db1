/** Structural similarity (Wang et al., "Image quality assessment: from error visibility to structural similarity", 2004). */

/** Form of the planes that are compared: [channels, height, width], row-major. */
export interface PlaneShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

const SIGMA = 1.5;
const WINDOW = 11;
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * Mean SSIM of two images with values in 0..1 (others are clamped): Gaussian window of 11×11 with σ 1.5, K1 0.01,
 * K2 0.03, L 1, population covariance, only where the whole window fits, mean over pixels and channels. Below 11 pixels
 * the window is the largest odd one that fits. Throws where the arrays do not have the shape.
 */
export function ssim(a: Float32Array, b: Float32Array, { channels, height, width }: PlaneShape): number {
  const pixels = height * width;
  if (a.length !== channels * pixels || b.length !== a.length || a.length === 0) {
    throw new Error(`${a.length} and ${b.length} values are not ${channels}×${height}×${width}`);
  }
  const weights = gaussian(ssimWindow({ height, width }));
  let sum = 0;
  for (let c = 0; c < channels; c++) {
    const [from, end] = [c * pixels, (c + 1) * pixels];
    sum += planeSsim(a.subarray(from, end), b.subarray(from, end), width, height, weights);
  }
  return sum / channels;
}

/**
 * Side of the window of an image of this size, in pixels. A strip of `n + ssimWindow(…) − 1` rows has n of the image's
 * `height − ssimWindow(…) + 1` rows of windows, so that the mean of the strips' SSIM, each weighed by its rows, is the image's.
 */
export function ssimWindow({ height, width }: Pick<PlaneShape, "height" | "width">): number {
  const shortest = Math.min(height, width);
  return Math.min(WINDOW, shortest % 2 === 0 ? shortest - 1 : shortest);
}

function gaussian(size: number): Float64Array {
  const middle = (size - 1) / 2;
  const weights = Float64Array.from({ length: size }, (_, at) => Math.exp(-((at - middle) ** 2) / (2 * SIGMA * SIGMA)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Local means of x, y, x² + y², xy, side by side, so that one pass weighs all; SSIM needs no variance by itself. */
const MOMENTS = 4;

function planeSsim(a: Float32Array, b: Float32Array, width: number, height: number, weights: Float64Array): number {
  const rows = height - weights.length + 1;
  const columns = width - weights.length + 1;
  const products = new Float64Array(width * MOMENTS);
  const moments = new Float64Array(columns * MOMENTS);
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    weighDown(a, b, width, row, weights, products);
    weighAcross(products, weights, moments);
    for (let at = 0; at < moments.length; at += MOMENTS) {
      const meanA = moments[at]!;
      const meanB = moments[at + 1]!;
      const product = meanA * meanB;
      const squares = meanA * meanA + meanB * meanB;
      const variances = moments[at + 2]! - squares;
      const covariance = moments[at + 3]! - product;
      sum += ((2 * product + C1) * (2 * covariance + C2)) / ((squares + C1) * (variances + C2));
    }
  }
  return sum / (rows * columns);
}

/** The four products of every column, weighed over the window's rows from `top` on. */
function weighDown(
  a: Float32Array,
  b: Float32Array,
  width: number,
  top: number,
  weights: Float64Array,
  products: Float64Array,
): void {
  products.fill(0);
  for (let line = 0; line < weights.length; line++) {
    const weight = weights[line]!;
    let from = (top + line) * width;
    for (let at = 0; at < products.length; at += MOMENTS, from++) {
      const x = clamp(a[from]!);
      const y = clamp(b[from]!);
      products[at]! += weight * x;
      products[at + 1]! += weight * y;
      products[at + 2]! += weight * (x * x + y * y);
      products[at + 3]! += weight * x * y;
    }
  }
}

function weighAcross(products: Float64Array, weights: Float64Array, moments: Float64Array): void {
  for (let at = 0; at < moments.length; at++) {
    let sum = 0;
    for (let tap = 0, from = at; tap < weights.length; tap++, from += MOMENTS) sum += weights[tap]! * products[from]!;
    moments[at] = sum;
  }
}

function clamp(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}
