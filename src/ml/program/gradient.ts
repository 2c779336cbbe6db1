/**
 * Reverse-mode differentiation of tensor programs. Gradients are made of the same forward operations, so that no runtime
 * needs gradient kernels. It knows nothing of networks; the rules of images lie in `gradient-images.ts`.
 */
import type { ProgramBuilder } from "./build.js";
import { type InputGradient, imageRule, type Step } from "./gradient-images.js";
import type { Tensor } from "./program.js";
import { SELU_ALPHA, SELU_SCALE } from "./selu.js";
import { ensure, shapeText, sizeOf } from "./shapes.js";
import { tensorsBefore } from "./walk.js";

/**
 * The gradients of a scalar `loss` (one element) by each tensor of `by`, in their order and shapes; zeros where the loss
 * does not depend on one. Only what lies between them is differentiated; tensors `held` count as constants even where they
 * depend on `by`, as a stopped gradient does.
 */
export function gradient(
  b: ProgramBuilder,
  loss: Tensor,
  by: readonly Tensor[],
  held: ReadonlySet<Tensor> = new Set(),
): readonly Tensor[] {
  ensure(sizeOf(loss.shape) === 1, "gradient", `a loss has one element, not shape ${shapeText(loss.shape)}`);
  const order = tensorsBefore([loss]);
  const moving = new Set(by);
  for (const tensor of order) {
    if (!held.has(tensor) && tensor.inputs.some((input) => moving.has(input))) moving.add(tensor);
  }
  const gradients = new Map<Tensor, Tensor>([[loss, b.uniform(loss.shape, 1)]]);
  for (const y of order.toReversed()) {
    const dy = gradients.get(y);
    if (dy === undefined || !moving.has(y)) continue;
    const rules = rule({ b, y, dy });
    y.inputs.forEach((input, position) => {
      const dx = moving.has(input) ? rules[position]?.() : undefined;
      if (dx === undefined) return;
      const others = gradients.get(input);
      gradients.set(input, others === undefined ? dx : b.add(others, dx));
    });
  }
  return by.map((tensor) => gradients.get(tensor) ?? b.uniform(tensor.shape, 0));
}

function rule(step: Step): readonly InputGradient[] {
  return elementwiseRule(step) ?? arrangementRule(step) ?? imageRule(step) ?? [];
}

/** Masks are taken from y rather than x where both show the sign: y is needed later anyway, x may be dropped. */
function elementwiseRule({ b, y, dy }: Step): readonly InputGradient[] | undefined {
  const [x, z, w] = y.inputs as [Tensor, Tensor, Tensor];
  switch (y.operation.kind) {
    case "neg":
      return [() => b.neg(dy)];
    case "abs":
      return [() => b.where(b.greater(x, 0), dy, b.where(b.greater(0, x), b.neg(dy), 0))];
    case "exp":
      return [() => b.mul(dy, y)];
    case "log":
      return [() => b.div(dy, x)];
    case "sqrt":
      return [() => b.div(b.mul(dy, 0.5), y)];
    case "tanh":
      return [() => b.mul(dy, b.sub(1, b.mul(y, y)))];
    case "sigmoid":
      return [() => b.mul(dy, b.mul(y, b.sub(1, y)))];
    case "softplus":
      return [() => b.mul(dy, b.sigmoid(x))];
    case "relu":
      return [() => b.mul(dy, b.where(b.greater(y, 0), b.uniform(x.shape, 1), 0))];
    case "reciprocal":
      return [() => b.neg(b.mul(dy, b.mul(y, y)))];
    case "leaky_relu": {
      const { alpha } = y.operation;
      return [() => b.mul(dy, b.where(b.greater(alpha > 0 ? y : x, 0), b.uniform(x.shape, 1), alpha))];
    }
    case "elu": {
      const { alpha } = y.operation;
      return [() => b.where(b.greater(x, 0), dy, b.mul(dy, b.add(y, alpha)))];
    }
    case "selu":
      return [() => b.where(b.greater(y, 0), b.mul(dy, SELU_SCALE), b.mul(dy, b.add(y, SELU_SCALE * SELU_ALPHA)))];
    case "add":
      return [() => dy, () => dy];
    case "sub":
      return [() => dy, () => b.neg(dy)];
    case "mul":
      return [() => b.mul(dy, z), () => b.mul(dy, x)];
    case "div":
      return [() => b.div(dy, z), () => b.neg(b.mul(dy, b.div(y, z)))];
    case "max":
      return [() => b.where(b.greater(x, z), dy, 0), () => b.where(b.greater(x, z), 0, dy)];
    case "min":
      return [() => b.where(b.greater(z, x), dy, 0), () => b.where(b.greater(z, x), 0, dy)];
    case "where":
      return [undefined, () => b.where(x, dy, b.uniform(z.shape, 0)), () => b.where(x, b.uniform(w.shape, 0), dy)];
    default:
      return undefined;
  }
}

function arrangementRule({ b, y, dy }: Step): readonly InputGradient[] | undefined {
  const [x, z] = y.inputs as [Tensor, Tensor];
  switch (y.operation.kind) {
    case "sum":
      return [() => b.expand(dy, x.shape)];
    case "reshape":
      return [() => b.reshape(dy, x.shape)];
    case "expand":
      return [() => sumTo(b, dy, x)];
    case "transpose": {
      const { permutation } = y.operation;
      return [
        () =>
          b.transpose(
            dy,
            permutation.map((_, axis) => permutation.indexOf(axis)),
          ),
      ];
    }
    case "concat":
      return concatRule({ b, y, dy }, y.operation.axis);
    case "slice": {
      const { starts, ends } = y.operation;
      return [
        () =>
          b.pad(
            dy,
            starts,
            ends.map((end, axis) => x.shape[axis]! - end),
          ),
      ];
    }
    case "matmul": {
      const { transposeA: a, transposeB } = y.operation;
      return [
        () => (a ? b.matmul(z, dy, { a: transposeB, b: true }) : b.matmul(dy, z, { b: !transposeB })),
        () => (transposeB ? b.matmul(dy, x, { a: true, b: a }) : b.matmul(x, dy, { a: !a })),
      ];
    }
    default:
      return undefined;
  }
}

/**
 * Sums dy to the shape that it was expanded from: the last two axes first, since normalization needs that sum too and
 * shares it.
 */
function sumTo(b: ProgramBuilder, dy: Tensor, x: Tensor): Tensor {
  const axes = [...x.shape.keys()].filter((axis) => x.shape[axis] !== dy.shape[axis]);
  const isSpatial = (axis: number) => dy.shape.length === 4 && axis >= 2;
  return b.sum(
    b.sum(dy, axes.filter(isSpatial)),
    axes.filter((axis) => !isSpatial(axis)),
  );
}

function concatRule({ b, y, dy }: Step, axis: number): readonly InputGradient[] {
  let offset = 0;
  return y.inputs.map(({ shape }) => {
    const start = offset;
    offset += shape[axis]!;
    const starts = shape.map((_, i) => (i === axis ? start : 0));
    return () =>
      b.slice(
        dy,
        starts,
        starts.map((from, i) => from + shape[i]!),
      );
  });
}
