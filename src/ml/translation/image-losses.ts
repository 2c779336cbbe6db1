/**
 * Losses between an image and what it ought to be, both in −1..1, as scalars of a program. They know nothing of networks or of
 * how the image was made.
 */
import type { ProgramBuilder } from "../program/build.js";
import { mean, meanAbsoluteDifference } from "../program/derived.js";
import type { Shape, Tensor } from "../program/program.js";

/** The weight of each loss of structure; 0 leaves it out. The keys are the node's parameters. */
export interface StructureWeights {
  /** Of the differences' slopes, see `gradientLoss`. */
  readonly gradient: number;
  /** Of 1 − SSIM. */
  readonly ssim: number;
}

/** No loss of structure. */
export const NO_STRUCTURE: StructureWeights = { gradient: 0, ssim: 0 };

/** Halvings at which slopes are compared: whole, half and quarter size. */
const SCALES = 3;
/** As in `metrics/ssim`: Wang et al. 2004 for values of 0..1. */
const [WINDOW, SIGMA, C1, C2] = [11, 1.5, 0.01 ** 2, 0.03 ** 2];

/** Names of the losses that have a weight, beside `g_l1`. */
export function structureScalars({ gradient, ssim }: StructureWeights): readonly string[] {
  return [...(gradient > 0 ? ["g_gradient"] : []), ...(ssim > 0 ? ["g_ssim"] : [])];
}

/** The losses by name, unweighted, and their sum, in which `l1_lambda` weighs the mean absolute difference. */
export function imageLosses(
  b: ProgramBuilder,
  made: Tensor,
  target: Tensor,
  l1_lambda: number,
  structure: StructureWeights,
): { readonly total: Tensor; readonly scalars: ReadonlyMap<string, Tensor> } {
  const l1 = meanAbsoluteDifference(b, made, target);
  const scalars = new Map([["g_l1", l1]]);
  let total = b.mul(l1, l1_lambda);
  const add = (name: string, weight: number, loss: Tensor) => {
    scalars.set(name, loss);
    total = b.add(total, b.mul(loss, weight));
  };
  if (structure.gradient > 0) add("g_gradient", structure.gradient, gradientLoss(b, made, target));
  if (structure.ssim > 0) add("g_ssim", structure.ssim, ssimLoss(b, made, target));
  return { total, scalars };
}

/**
 * The sum, over the scales 1, ½ and ¼, of mean|∂x d| + mean|∂y d| of the difference d, each scale the means of 2×2 blocks of
 * the one before. Images [N,C,H,W]; a scale below 2 pixels has no slopes.
 */
export function gradientLoss(b: ProgramBuilder, made: Tensor, target: Tensor): Tensor {
  const slopes: Tensor[] = [];
  let difference = asPlanes(b, b.sub(made, target));
  for (let scale = 0; scale < SCALES; scale++) {
    if (scale > 0) difference = halved(b, difference);
    const [, , height, width] = difference.shape as [number, number, number, number];
    if (height < 2 || width < 2) break;
    slopes.push(mean(b, b.abs(stepped(b, difference, 3))), mean(b, b.abs(stepped(b, difference, 2))));
  }
  return slopes.reduce((sum, slope) => b.add(sum, slope));
}

/** 1 − SSIM of (x + 1) / 2, not clamped; the window, the constants and the valid region are those of `metrics/ssim`. */
export function ssimLoss(b: ProgramBuilder, made: Tensor, target: Tensor): Tensor {
  const unit = (x: Tensor) => asPlanes(b, b.mul(b.add(x, 1), 0.5));
  const [x, y] = [unit(made), unit(target)];
  // One blur for all five moments.
  const moments = blurred(b, b.concat([x, y, b.mul(x, x), b.mul(y, y), b.mul(x, y)], 0));
  const planes = x.shape[0]!;
  const [meanX, meanY, squareX, squareY, product] = [0, 1, 2, 3, 4].map((at) =>
    b.slice(moments, [at * planes, 0, 0, 0], [(at + 1) * planes, ...moments.shape.slice(1)]),
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  const [means, squares] = [b.mul(meanX, meanY), b.add(b.mul(meanX, meanX), b.mul(meanY, meanY))];
  const variances = b.sub(b.add(squareX, squareY), squares);
  const covariance = b.sub(product, means);
  const above = b.mul(b.add(b.mul(means, 2), C1), b.add(b.mul(covariance, 2), C2));
  const below = b.mul(b.add(squares, C1), b.add(variances, C2));
  return b.sub(1, mean(b, b.div(above, below)));
}

/** [N,C,H,W] as [N·C,1,H,W], so that one small kernel serves all channels. */
function asPlanes(b: ProgramBuilder, x: Tensor): Tensor {
  const [count, channels, height, width] = x.shape as [number, number, number, number];
  return b.reshape(x, [count * channels, 1, height, width]);
}

/** Each value less the one before it along an axis. */
function stepped(b: ProgramBuilder, x: Tensor, axis: number): Tensor {
  const { shape } = x;
  const at = (starts: number, ends: number) =>
    b.slice(
      x,
      shape.map((_, each) => (each === axis ? starts : 0)),
      shape.map((length, each) => (each === axis ? length + ends : length)),
    );
  return b.sub(at(1, 0), at(0, -1));
}

/** The means of 2×2 blocks; an odd last row or column is left out. */
function halved(b: ProgramBuilder, x: Tensor): Tensor {
  return b.conv(x, kernel(b, [1, 1, 2, 2], [0.25, 0.25, 0.25, 0.25]), { stride: 2 });
}

function blurred(b: ProgramBuilder, x: Tensor): Tensor {
  const [, , height, width] = x.shape as [number, number, number, number];
  const shortest = Math.min(WINDOW, height, width);
  const size = shortest % 2 === 0 ? shortest - 1 : shortest;
  const weights = Array.from({ length: size }, (_, at) => Math.exp(-((at - (size - 1) / 2) ** 2) / (2 * SIGMA ** 2)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const normed = weights.map((weight) => weight / sum);
  return b.conv(b.conv(x, kernel(b, [1, 1, size, 1], normed)), kernel(b, [1, 1, 1, size], normed));
}

function kernel(b: ProgramBuilder, shape: Shape, values: readonly number[]): Tensor {
  return b.constant(shape, Float64Array.from(values));
}
