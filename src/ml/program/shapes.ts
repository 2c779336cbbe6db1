/** Shapes of operations: what comes out of which inputs, and which inputs are wrong. It knows nothing of values. */
import type { Operation, Shape } from "./program.js";

/** The number of elements of a shape; 1 for a scalar (no axes). */
export function sizeOf(shape: Shape): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Whether two shapes have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** A shape as messages show it: `[2,3,8,6]`. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(",")}]`;
}

/** A program that cannot be built: shapes that do not fit, in words. A bug of the program's author, not of a user. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

/** Throws a `ShapeError` that begins with the operation's kind, where `right` is false. */
export function ensure(right: boolean, kind: string, problem: string): asserts right {
  if (!right) throw new ShapeError(`${kind}: ${problem}`);
}

/** The length of a convolution's output along one axis (torch conv2d); 0 or less where the kernel does not fit. */
export function convolvedLength(length: number, kernel: number, stride: number, pad: number): number {
  return Math.floor((length + 2 * pad - kernel) / stride) + 1;
}

/** Operations whose output shape does not follow from the inputs alone. */
type Targeted = "feed" | "state" | "constant" | "reshape" | "expand" | "conv_weight_gradient";
export type Inferred = Exclude<Operation, { kind: Targeted }>;

/** The shape that an operation answers for inputs of these shapes. Throws a `ShapeError` where they do not fit. */
export function shapeAfter(operation: Inferred, inputs: readonly Shape[]): Shape {
  const { kind } = operation;
  const [x, y, z] = inputs as [Shape, Shape, Shape];
  switch (operation.kind) {
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "max":
    case "min":
    case "greater":
      ensure(sameShape(x, y), kind, `inputs of shapes ${shapeText(x)} and ${shapeText(y)}; expand one first`);
      return x;
    case "where":
      ensure(
        sameShape(x, y) && sameShape(y, z),
        kind,
        `inputs of shapes ${shapeText(x)}, ${shapeText(y)} and ${shapeText(z)}`,
      );
      return x;
    case "sum":
      for (const axis of operation.axes) requireAxis(axis, x, kind);
      return x.map((length, axis) => (operation.axes.includes(axis) ? 1 : length));
    case "transpose": {
      const { permutation } = operation;
      const sorted = [...permutation].sort((a, b) => a - b);
      ensure(
        permutation.length === x.length && sorted.every((axis, position) => axis === position),
        kind,
        `permutation ${shapeText(permutation)} of shape ${shapeText(x)}`,
      );
      return permutation.map((axis) => x[axis]!);
    }
    case "concat":
      return concatenated(operation.axis, inputs);
    case "slice":
      return sliced(operation, x);
    case "pad":
      return padded(operation, x);
    case "matmul":
      return multiplied(operation, x, y);
    case "conv":
      return convolved(operation, x, y);
    case "conv_transpose":
      return transposeConvolved(operation, x, y);
    case "normalize":
    case "inverse_deviation": {
      const { axes } = operation;
      ensure(axes >= 1 && axes <= x.length, kind, `the last ${axes} axes of shape ${shapeText(x)}`);
      return kind === "normalize" ? x : x.map((length, axis) => (axis >= x.length - axes ? 1 : length));
    }
    case "upsample2":
      ensure(x.length === 4, kind, `an image batch has 4 axes, not shape ${shapeText(x)}`);
      return [x[0]!, x[1]!, 2 * x[2]!, 2 * x[3]!];
    default:
      return x;
  }
}

function requireAxis(axis: number, shape: Shape, kind: string): void {
  ensure(Number.isInteger(axis) && axis >= 0 && axis < shape.length, kind, `axis ${axis} of ${shapeText(shape)}`);
}

function concatenated(along: number, inputs: readonly Shape[]): Shape {
  const first = inputs[0];
  ensure(first !== undefined, "concat", "nothing to join");
  requireAxis(along, first, "concat");
  for (const shape of inputs) {
    const fits = shape.length === first.length && shape.every((length, i) => i === along || length === first[i]);
    ensure(fits, "concat", `shapes ${inputs.map(shapeText).join(", ")} along axis ${along}`);
  }
  const total = inputs.reduce((sum, shape) => sum + shape[along]!, 0);
  return first.map((length, axis) => (axis === along ? total : length));
}

function sliced({ starts, ends }: Operation & { kind: "slice" }, x: Shape): Shape {
  ensure(
    starts.length === x.length &&
      ends.length === x.length &&
      x.every((length, axis) => starts[axis]! >= 0 && starts[axis]! < ends[axis]! && ends[axis]! <= length),
    "slice",
    `from ${shapeText(starts)} to ${shapeText(ends)} of shape ${shapeText(x)}`,
  );
  return ends.map((end, axis) => end - starts[axis]!);
}

function padded({ before, after, mode }: Operation & { kind: "pad" }, x: Shape): Shape {
  ensure(
    before.length === x.length && after.length === x.length && [...before, ...after].every((count) => count >= 0),
    "pad",
    `by ${shapeText(before)} and ${shapeText(after)} around shape ${shapeText(x)}`,
  );
  ensure(
    mode === "zero" || x.every((length, axis) => Math.max(before[axis]!, after[axis]!) < length),
    "pad",
    `reflection by ${shapeText(before)} and ${shapeText(after)} needs more pixels than shape ${shapeText(x)} has`,
  );
  return x.map((length, axis) => before[axis]! + length + after[axis]!);
}

function multiplied({ transposeA, transposeB }: Operation & { kind: "matmul" }, a: Shape, b: Shape): Shape {
  ensure(a.length === 2 && b.length === 2, "matmul", `matrices, not shapes ${shapeText(a)} and ${shapeText(b)}`);
  const [m, k] = transposeA ? [a[1]!, a[0]!] : [a[0]!, a[1]!];
  const [l, n] = transposeB ? [b[1]!, b[0]!] : [b[0]!, b[1]!];
  ensure(k === l, "matmul", `inner lengths ${k} and ${l} of shapes ${shapeText(a)} and ${shapeText(b)}`);
  return [m, n];
}

function convolved({ stride, pad }: Operation & { kind: "conv" }, x: Shape, w: Shape): Shape {
  requireImages("conv", x, w, 1);
  const height = convolvedLength(x[2]!, w[2]!, stride, pad);
  const width = convolvedLength(x[3]!, w[3]!, stride, pad);
  ensure(height > 0 && width > 0, "conv", `kernel ${w[2]}×${w[3]} does not fit shape ${shapeText(x)} with pad ${pad}`);
  return [x[0]!, w[0]!, height, width];
}

function transposeConvolved(operation: Operation & { kind: "conv_transpose" }, x: Shape, w: Shape): Shape {
  const { stride, pad, outputPadding } = operation;
  requireImages("conv_transpose", x, w, 0);
  const height = (x[2]! - 1) * stride - 2 * pad + w[2]! + outputPadding[0];
  const width = (x[3]! - 1) * stride - 2 * pad + w[3]! + outputPadding[1];
  ensure(
    height > 0 && width > 0 && Math.min(...outputPadding) >= 0 && Math.max(...outputPadding) < stride,
    "conv_transpose",
    `stride ${stride}, pad ${pad}, output padding ${outputPadding.join("×")} on shapes ${shapeText(x)} and ${shapeText(w)}`,
  );
  return [x[0]!, w[1]!, height, width];
}

function requireImages(kind: string, x: Shape, w: Shape, channelAxis: 0 | 1): void {
  ensure(
    x.length === 4 && w.length === 4 && x[1] === w[channelAxis],
    kind,
    `images ${shapeText(x)} and weight ${shapeText(w)} do not agree on the channels`,
  );
}

/** Throws where `conv_weight_gradient` cannot answer `shape` for images `x` and gradient `dy`. */
export function checkWeightGradient(stride: number, pad: number, x: Shape, dy: Shape, shape: Shape): void {
  requireImages("conv_weight_gradient", x, shape, 1);
  const expected = [x[0]!, shape[0]!, ...[2, 3].map((i) => convolvedLength(x[i]!, shape[i]!, stride, pad))];
  ensure(
    sameShape(expected, dy),
    "conv_weight_gradient",
    `a convolution of ${shapeText(x)} with ${shapeText(shape)} answers ${shapeText(expected)}, not ${shapeText(dy)}`,
  );
}
