/** Expressions made of several operations that networks, losses and optimizers have in common. It adds no operation. */
import type { ProgramBuilder } from "./build.js";
import type { Shape, Tensor } from "./program.js";
import { sizeOf } from "./shapes.js";

/** The mean over all elements, as a scalar of shape []. */
export function mean(b: ProgramBuilder, x: Tensor): Tensor {
  return b.mul(b.reshape(b.sum(x), []), 1 / sizeOf(x.shape));
}

/** A scalar (one element, any rank) as a tensor of `shape`. */
export function broadcast(b: ProgramBuilder, scalar: Tensor, shape: Shape): Tensor {
  const ones = shape.map(() => 1);
  return b.expand(b.reshape(scalar, ones), shape);
}

/** A vector of one value per channel [C] as a tensor of `shape` [N,C,…]. */
export function perChannel(b: ProgramBuilder, vector: Tensor, shape: Shape): Tensor {
  const ones = shape.map((length, axis) => (axis === 1 ? length : 1));
  return b.expand(b.reshape(vector, ones), shape);
}

/** Mirrors `count` pixels at every side of images [N,C,H,W], the edge not repeated (torch ReflectionPad2d). */
export function reflectPad(b: ProgramBuilder, x: Tensor, count: number): Tensor {
  const around = [0, 0, count, count];
  return b.pad(x, around, around, "reflect");
}

/** mean|x − y|, a scalar (torch L1Loss). */
export function meanAbsoluteDifference(b: ProgramBuilder, x: Tensor, y: Tensor): Tensor {
  return mean(b, b.abs(b.sub(x, y)));
}

/**
 * The mean binary cross entropy of logits z against one target for all, a scalar (torch BCEWithLogitsLoss), written as
 * t·softplus(−z) + (1−t)·softplus(z), which neither overflows nor cancels.
 */
export function binaryCrossEntropyWithLogits(b: ProgramBuilder, z: Tensor, target: number): Tensor {
  return mean(b, b.add(b.mul(b.softplus(b.neg(z)), target), b.mul(b.softplus(z), 1 - target)));
}

/** mean(x − target)², a scalar (torch MSELoss). */
export function meanSquareDifference(b: ProgramBuilder, x: Tensor, target: number): Tensor {
  const difference = b.sub(x, target);
  return mean(b, b.mul(difference, difference));
}
