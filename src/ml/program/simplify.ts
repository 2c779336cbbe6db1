/**
 * Simplifications that hold for every value: what an operation is equal to that costs less. It rewrites one operation
 * whose inputs are simple already, and knows nothing of whole programs.
 */
import type { Operation, Shape, Tensor } from "./program.js";
import { sameShape } from "./shapes.js";

/** The builder's doors that a simplification needs. They simplify again and share equal results. */
export interface Simplifier {
  make(operation: Operation, inputs: readonly Tensor[], shape: Shape): Tensor;
  /** The tensor of this shape whose elements all have this value. */
  uniform(shape: Shape, value: number): Tensor;
}

type Kind = Operation["kind"];
type Binary = (a: number, b: number) => number;

const BINARY: Partial<Record<Kind, Binary>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  max: Math.max,
  min: Math.min,
  greater: (a, b) => Number(a > b),
};
const COMMUTATIVE: ReadonlySet<Kind> = new Set<Kind>(["add", "mul", "max", "min"]);
const UNARY: ReadonlySet<Kind> = new Set<Kind>([
  ...(["neg", "abs", "exp", "log", "sqrt", "tanh", "sigmoid", "softplus", "relu", "reciprocal"] as const),
  ...(["leaky_relu", "elu", "selu"] as const),
]);

/** The value that every element of a constant has, where the program itself shows that it is one; else undefined. */
export function uniformValue(tensor: Tensor): number | undefined {
  const source = tensor.operation.kind === "expand" ? tensor.inputs[0]! : tensor;
  const { operation } = source;
  return operation.kind === "constant" && operation.data.length === 1 ? operation.data[0] : undefined;
}

/** Inputs of a commutative operation in their one order: uniform constants last, older tensors first. */
export function canonicalInputs(operation: Operation, inputs: readonly Tensor[]): readonly Tensor[] {
  const [a, b] = inputs;
  if (a === undefined || b === undefined || !COMMUTATIVE.has(operation.kind)) return inputs;
  const rank = (tensor: Tensor) => (uniformValue(tensor) === undefined ? tensor.id : Number.POSITIVE_INFINITY);
  return rank(a) <= rank(b) ? inputs : [b, a];
}

/** A tensor equal to the operation's result and cheaper than it, or undefined where there is none. */
export function simplified(
  m: Simplifier,
  operation: Operation,
  inputs: readonly Tensor[],
  shape: Shape,
): Tensor | undefined {
  const [x, y, z] = inputs as [Tensor, Tensor, Tensor];
  switch (operation.kind) {
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "max":
    case "min":
    case "greater":
      return simplifiedBinary(m, operation.kind, x, y, shape) ?? beforeExpand(m, operation, inputs, shape);
    case "where": {
      const condition = uniformValue(x);
      return y === z || condition === 1 ? y : condition === 0 ? z : undefined;
    }
    case "reshape":
      if (sameShape(x.shape, shape)) return x;
      return uniformAs(m, x, shape) ?? through(m, operation, x, "reshape", shape);
    case "expand":
      return sameShape(x.shape, shape) ? x : through(m, operation, x, "expand", shape);
    case "transpose":
      return simplifiedTranspose(m, operation.permutation, x, shape);
    case "sum":
      return simplifiedSum(m, operation.axes, x, shape);
    case "concat":
      return inputs.length === 1 ? x : undefined;
    case "slice":
    case "pad":
      if (sameShape(x.shape, shape)) return x;
      return operation.kind === "slice" ? uniformAs(m, x, shape) : undefined;
    case "neg":
      return simplifiedNeg(m, x) ?? beforeExpand(m, operation, inputs, shape);
    default:
      return UNARY.has(operation.kind) ? beforeExpand(m, operation, inputs, shape) : undefined;
  }
}

function uniformAs(m: Simplifier, x: Tensor, shape: Shape): Tensor | undefined {
  const value = uniformValue(x);
  return value === undefined ? undefined : m.uniform(shape, value);
}

/** Where x is itself of `kind`, the operation on x's input. */
function through(m: Simplifier, operation: Operation, x: Tensor, kind: Kind, shape: Shape): Tensor | undefined {
  return x.operation.kind === kind ? m.make(operation, x.inputs, shape) : undefined;
}

/** An elementwise operation whose inputs are all expanded from one shape happens before the expansion. */
function beforeExpand(
  m: Simplifier,
  operation: Operation,
  inputs: readonly Tensor[],
  shape: Shape,
): Tensor | undefined {
  const expanded = inputs.find((input) => uniformValue(input) === undefined);
  if (expanded?.operation.kind !== "expand") return undefined;
  const small = expanded.inputs[0]!;
  const sources = inputs.map((input) => {
    const uniform = uniformAs(m, input, small.shape);
    if (uniform !== undefined) return uniform;
    return input.operation.kind === "expand" && sameShape(input.inputs[0]!.shape, small.shape)
      ? input.inputs[0]
      : undefined;
  });
  if (!sources.every((source) => source !== undefined)) return undefined;
  return m.make({ kind: "expand" }, [m.make(operation, sources, small.shape)], shape);
}

function simplifiedBinary(m: Simplifier, kind: Kind, x: Tensor, y: Tensor, shape: Shape): Tensor | undefined {
  const [a, b] = [uniformValue(x), uniformValue(y)];
  if (a !== undefined && b !== undefined) return m.uniform(shape, BINARY[kind]!(a, b));
  const make = (other: "add" | "sub", left: Tensor, right: Tensor) => m.make({ kind: other }, [left, right], shape);
  switch (kind) {
    case "add":
      if (b === 0) return x;
      if (y.operation.kind === "neg") return make("sub", x, y.inputs[0]!);
      return x.operation.kind === "neg" ? make("sub", y, x.inputs[0]!) : undefined;
    case "sub":
      if (b !== undefined) return make("add", x, m.uniform(shape, -b));
      if (y.operation.kind === "neg") return make("add", x, y.inputs[0]!);
      return a === 0 ? m.make({ kind: "neg" }, [y], shape) : undefined;
    case "div":
      return b === undefined ? undefined : m.make({ kind: "mul" }, [x, m.uniform(shape, 1 / b)], shape);
    case "mul":
      return b === undefined ? undefined : simplifiedScaling(m, x, b);
    default:
      return undefined;
  }
}

/** x · factor, a factor joined with one that x carries already. */
function simplifiedScaling(m: Simplifier, x: Tensor, factor: number): Tensor | undefined {
  const { shape } = x;
  const scaled = (tensor: Tensor, by: number) => m.make({ kind: "mul" }, [tensor, m.uniform(shape, by)], shape);
  if (factor === 0) return m.uniform(shape, 0);
  if (factor === 1) return x;
  if (factor === -1) return m.make({ kind: "neg" }, [x], shape);
  if (x.operation.kind === "neg") return scaled(x.inputs[0]!, -factor);
  const inner = x.operation.kind === "mul" ? uniformValue(x.inputs[1]!) : undefined;
  return inner === undefined ? undefined : scaled(x.inputs[0]!, inner * factor);
}

function simplifiedNeg(m: Simplifier, x: Tensor): Tensor | undefined {
  const value = uniformValue(x);
  if (value !== undefined) return m.uniform(x.shape, -value);
  const [a, b] = x.inputs;
  if (x.operation.kind === "neg") return a;
  if (x.operation.kind === "sub") return m.make({ kind: "sub" }, [b!, a!], x.shape);
  const factor = x.operation.kind === "mul" ? uniformValue(b!) : undefined;
  return factor === undefined ? undefined : m.make({ kind: "mul" }, [a!, m.uniform(x.shape, -factor)], x.shape);
}

function simplifiedSum(m: Simplifier, axes: readonly number[], x: Tensor, shape: Shape): Tensor | undefined {
  const summed = axes.filter((axis) => x.shape[axis] !== 1);
  if (summed.length === 0) return x;
  return summed.length < axes.length ? m.make({ kind: "sum", axes: summed }, [x], shape) : undefined;
}

function simplifiedTranspose(
  m: Simplifier,
  permutation: readonly number[],
  x: Tensor,
  shape: Shape,
): Tensor | undefined {
  const moved = permutation.filter((axis) => x.shape[axis] !== 1);
  // Axes of length 1 move without moving an element.
  if (moved.every((axis, position) => position === 0 || axis > moved[position - 1]!)) {
    return m.make({ kind: "reshape" }, [x], shape);
  }
  if (x.operation.kind !== "transpose") return undefined;
  const inner = x.operation.permutation;
  return m.make({ kind: "transpose", permutation: permutation.map((axis) => inner[axis]!) }, x.inputs, shape);
}
