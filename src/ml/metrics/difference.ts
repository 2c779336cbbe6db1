/** Differences of two arrays of equal length, element by element. Knows nothing of images. Sums are in float64. */

/** Mean of |a − b|. */
export function mae(a: Float32Array, b: Float32Array): number {
  requireEqualLengths(a, b);
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += Math.abs(a[at]! - b[at]!);
  return sum / a.length;
}

/** Mean of (a − b)². */
export function mse(a: Float32Array, b: Float32Array): number {
  requireEqualLengths(a, b);
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at]! - b[at]!) ** 2;
  return sum / a.length;
}

/** Peak signal-to-noise ratio in dB: 10·log₁₀(peak² / mse); Infinity for a mean squared error of 0. */
export function psnr(meanSquare: number, peak = 1): number {
  return 10 * Math.log10((peak * peak) / meanSquare);
}

/** Pearson's correlation, in −1..1; NaN where an array is constant, since nothing can be said then. */
export function correlation(a: Float32Array, b: Float32Array): number {
  requireEqualLengths(a, b);
  const meanA = meanOf(a);
  const meanB = meanOf(b);
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const fromA = a[at]! - meanA;
    const fromB = b[at]! - meanB;
    covariance += fromA * fromB;
    varianceA += fromA * fromA;
    varianceB += fromB * fromB;
  }
  const answer = covariance / Math.sqrt(varianceA * varianceB);
  return Math.min(1, Math.max(-1, answer));
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at]!;
  return sum / values.length;
}

function requireEqualLengths(a: Float32Array, b: Float32Array): void {
  if (a.length !== b.length || a.length === 0) throw new Error(`${a.length} values against ${b.length}`);
}
