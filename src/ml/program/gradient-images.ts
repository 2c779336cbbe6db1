/** Differentiation rules of the operations on images: convolutions, padding, upsampling, normalization. */
import type { ProgramBuilder } from "./build.js";
import type { Shape, Tensor } from "./program.js";
import { sizeOf } from "./shapes.js";

/** The gradient of one input, or undefined where the operation does not depend on it smoothly. */
export type InputGradient = (() => Tensor) | undefined;

/** What a rule sees: the operation's result y, the gradient of the loss by it, and the builder. */
export interface Step {
  readonly b: ProgramBuilder;
  readonly y: Tensor;
  readonly dy: Tensor;
}

/** The gradients of the inputs of an image operation; undefined for other operations. */
export function imageRule(step: Step): readonly InputGradient[] | undefined {
  const { b, y, dy } = step;
  const { operation } = y;
  const [x, w] = y.inputs as [Tensor, Tensor];
  switch (operation.kind) {
    case "conv":
      return [
        () => convInputGradient(b, dy, w, x.shape, operation),
        () => b.convWeightGradient(x, dy, w.shape, operation),
      ];
    case "conv_transpose":
      return [() => b.conv(dy, w, operation), () => b.convWeightGradient(dy, x, w.shape, operation)];
    case "conv_weight_gradient":
      return [() => convInputGradient(b, w, dy, x.shape, operation), () => b.conv(x, dy, operation)];
    case "pad": {
      const { before, after, mode } = operation;
      if (mode === "zero")
        return [
          () =>
            b.slice(
              dy,
              before,
              before.map((count, axis) => count + x.shape[axis]!),
            ),
        ];
      return [() => before.reduce((sum, _, axis) => foldReflection(b, sum, axis, before[axis]!, after[axis]!), dy)];
    }
    case "upsample2":
      return [() => sumBlocks(b, dy, x.shape)];
    case "normalize":
      return [() => normalizeGradient(step, operation.axes, operation.epsilon)];
    case "inverse_deviation":
      // r = (var + ε)^−½, so ∂r/∂x = −r²·x̂ / n.
      return [
        () => {
          const factor = b.mul(b.mul(dy, b.mul(y, y)), -1 / normalizedCount(x.shape, operation.axes));
          return b.mul(b.normalize(x, operation.axes, operation.epsilon), b.expand(factor, x.shape));
        },
      ];
    default:
      return undefined;
  }
}

/** The input gradient of conv(x, w): the transposed convolution whose output padding gives back x's size. */
function convInputGradient(
  b: ProgramBuilder,
  dy: Tensor,
  w: Tensor,
  shape: Shape,
  { stride, pad }: { stride: number; pad: number },
): Tensor {
  const missing = (axis: number) => shape[axis]! - ((dy.shape[axis]! - 1) * stride - 2 * pad + w.shape[axis]!);
  return b.convTranspose(dy, w, { stride, pad, outputPadding: [missing(2), missing(3)] });
}

/** Adds the mirrored borders of one axis back onto the pixels that they are copies of. */
function foldReflection(b: ProgramBuilder, dy: Tensor, axis: number, before: number, after: number): Tensor {
  const length = dy.shape[axis]! - before - after;
  const part = (from: number, to: number) => {
    const starts = dy.shape.map((_, i) => (i === axis ? from : 0));
    return b.slice(
      dy,
      starts,
      dy.shape.map((all, i) => (i === axis ? to : all)),
    );
  };
  /** `count` lines from `from` on, last first, laid at `place` of an empty image. */
  const mirrored = (from: number, count: number, place: number) => {
    const lines = Array.from({ length: count }, (_, line) => part(from + count - 1 - line, from + count - line));
    const margin = (size: number) => dy.shape.map((_, i) => (i === axis ? size : 0));
    return b.pad(b.concat(lines, axis), margin(place), margin(length - place - count));
  };
  let sum = part(before, before + length);
  if (before > 0) sum = b.add(sum, mirrored(0, before, 1));
  if (after > 0) sum = b.add(sum, mirrored(before + length, after, length - 1 - after));
  return sum;
}

/** Sums of 2×2 pixels: the gradient of nearest upsampling. `shape` is the smaller one, [N,C,H,W]. */
function sumBlocks(b: ProgramBuilder, dy: Tensor, shape: Shape): Tensor {
  const [n, c, h, w] = shape as [number, number, number, number];
  return b.reshape(b.sum(b.reshape(dy, [n * c, h, 2, w, 2]), [2, 4]), shape);
}

function normalizedCount(shape: Shape, axes: number): number {
  return sizeOf(shape.slice(shape.length - axes));
}

/**
 * dx = r·(dy − mean(dy) − x̂·mean(dy·x̂)) (Ioffe and Szegedy 2015). A scale γ that is constant over the normalized axes
 * is taken out first: dy = γ·g gives dx = γ·r·(g − mean(g) − x̂·mean(g·x̂)), whose sums γ's and β's gradients share.
 */
function normalizeGradient({ b, y, dy }: Step, axes: number, epsilon: number): Tensor {
  const x = y.inputs[0]!;
  const { shape } = x;
  const over = [...shape.keys()].slice(shape.length - axes);
  const meanOf = (values: Tensor) => b.mul(b.sum(values, over), 1 / normalizedCount(shape, axes));
  const { scale, rest: g } = takeOutScale(dy, over);
  const deviation = b.inverseDeviation(x, axes, epsilon);
  const rate = scale === undefined ? b.expand(deviation, shape) : scaled(b, deviation, scale, shape);
  const along = b.mul(y, b.expand(meanOf(b.mul(g, y)), shape));
  return b.mul(b.sub(b.sub(g, along), b.expand(meanOf(g), shape)), rate);
}

/** γ·r, multiplied while both are small. */
function scaled(b: ProgramBuilder, deviation: Tensor, scale: Tensor, shape: Shape): Tensor {
  return b.expand(b.mul(deviation, b.expand(scale, deviation.shape)), shape);
}

function takeOutScale(dy: Tensor, over: readonly number[]): { scale?: Tensor; rest: Tensor } {
  if (dy.operation.kind !== "mul") return { rest: dy };
  const position = dy.inputs.findIndex(
    ({ operation, inputs }) => operation.kind === "expand" && over.every((axis) => inputs[0]!.shape[axis] === 1),
  );
  const scale = dy.inputs[position]?.inputs[0];
  return scale === undefined ? { rest: dy } : { scale, rest: dy.inputs[1 - position]! };
}
