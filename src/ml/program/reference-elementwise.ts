/** The referee's elementwise operations, sums, rearrangements and matrix product. Shapes were checked by the builder. */

import type { Array64 } from "./array64.js";
import type { Operation, Shape } from "./program.js";
import { addProduct, type Matrix } from "./reference-product.js";
import { SELU_ALPHA, SELU_SCALE } from "./selu.js";
import { sizeOf } from "./shapes.js";

/** The operation's result, or undefined where it is not one of this file's. */
export function computeElementwise(
  operation: Operation,
  inputs: readonly Array64[],
  shape: Shape,
): Float64Array | undefined {
  const one = unary(operation);
  const [x, y, z] = inputs as [Array64, Array64, Array64];
  if (one !== undefined) return x.data.map(one);
  const two = binary(operation);
  if (two !== undefined) return x.data.map((value, i) => two(value, y.data[i]!));
  switch (operation.kind) {
    case "where":
      return x.data.map((condition, i) => (condition === 1 ? y.data[i]! : z.data[i]!));
    case "reshape":
      return x.data;
    case "expand":
      return gathered(shape, x, (axis, at) => (x.shape[axis] === 1 ? 0 : at));
    case "transpose":
      return gathered(shape, x, (_, at) => at, operation.permutation);
    case "slice":
      return gathered(shape, x, (axis, at) => at + operation.starts[axis]!);
    case "pad":
      return gathered(shape, x, (axis, position) => {
        const at = position - operation.before[axis]!;
        return operation.mode === "reflect" ? reflected(at, x.shape[axis]!) : at;
      });
    case "upsample2":
      return gathered(shape, x, (axis, at) => (axis < 2 ? at : at >> 1));
    case "concat":
      return concatenated(inputs, operation.axis, shape);
    case "sum":
      return summed(operation.axes, x, shape);
    case "matmul":
      return multiplied(operation, x, y, shape);
    default:
      return undefined;
  }
}

function unary(operation: Operation): ((x: number) => number) | undefined {
  switch (operation.kind) {
    case "neg":
      return (x) => -x;
    case "abs":
      return Math.abs;
    case "exp":
      return Math.exp;
    case "log":
      return Math.log;
    case "sqrt":
      return Math.sqrt;
    case "tanh":
      return Math.tanh;
    case "sigmoid":
      return (x) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
    case "softplus":
      return (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    case "relu":
      return (x) => Math.max(x, 0);
    case "reciprocal":
      return (x) => 1 / x;
    case "leaky_relu":
      return (x) => (x > 0 ? x : operation.alpha * x);
    case "elu":
      return (x) => (x > 0 ? x : operation.alpha * Math.expm1(x));
    case "selu":
      return (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x));
    default:
      return undefined;
  }
}

function binary(operation: Operation): ((a: number, b: number) => number) | undefined {
  switch (operation.kind) {
    case "add":
      return (a, b) => a + b;
    case "sub":
      return (a, b) => a - b;
    case "mul":
      return (a, b) => a * b;
    case "div":
      return (a, b) => a / b;
    case "max":
      return Math.max;
    case "min":
      return Math.min;
    case "greater":
      return (a, b) => Number(a > b);
    default:
      return undefined;
  }
}

/**
 * Offsets into an array of `shape`: entry i of table t is what index i of the walked axis t adds to the offset. It is NaN,
 * and so is the sum, where `place` answers an index outside the axis.
 */
function offsets(
  walked: Shape,
  shape: Shape,
  place: (axis: number, at: number) => number,
  axes: readonly number[] = [...shape.keys()],
): readonly (readonly number[])[] {
  return axes.map((axis, table) =>
    Array.from({ length: walked[table]! }, (_, at) => {
      const index = place(axis, at);
      const inside = index >= 0 && index < shape[axis]!;
      return inside ? index * sizeOf(shape.slice(axis + 1)) : Number.NaN;
    }),
  );
}

/** Calls with every position of the walked shape, in row-major order, and its offset by the tables. */
function forEachOffset(
  tables: readonly (readonly number[])[],
  visit: (position: number, offset: number) => void,
): void {
  let position = 0;
  const walk = (axis: number, offset: number) => {
    if (axis === tables.length) visit(position++, offset);
    else for (const step of tables[axis]!) walk(axis + 1, offset + step);
  };
  walk(0, 0);
}

/** Each element is x's at `place` along every axis, and 0 where that lies outside. */
function gathered(
  shape: Shape,
  x: Array64,
  place: (axis: number, at: number) => number,
  axes?: readonly number[],
): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  forEachOffset(offsets(shape, x.shape, place, axes), (position, offset) => {
    result[position] = x.data[offset] ?? 0;
  });
  return result;
}

function reflected(at: number, length: number): number {
  const positive = Math.abs(at);
  return positive < length ? positive : 2 * (length - 1) - positive;
}

function concatenated(inputs: readonly Array64[], along: number, shape: Shape): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  let start = 0;
  for (const input of inputs) {
    const from = start;
    const tables = offsets(input.shape, shape, (axis, at) => (axis === along ? at + from : at));
    forEachOffset(tables, (position, offset) => {
      result[offset] = input.data[position]!;
    });
    start += input.shape[along]!;
  }
  return result;
}

function summed(axes: readonly number[], x: Array64, shape: Shape): Float64Array {
  const result = new Float64Array(sizeOf(shape));
  const tables = offsets(x.shape, shape, (axis, at) => (axes.includes(axis) ? 0 : at));
  forEachOffset(tables, (position, offset) => {
    result[offset] = result[offset]! + x.data[position]!;
  });
  return result;
}

function multiplied(
  { transposeA, transposeB }: Operation & { kind: "matmul" },
  a: Array64,
  b: Array64,
  shape: Shape,
): Float64Array {
  const [rows, columns] = shape as [number, number];
  const inner = a.shape[transposeA ? 0 : 1]!;
  const result = new Float64Array(rows * columns);
  addProduct(
    matrix(result, columns, false),
    matrix(a.data, a.shape[1]!, transposeA),
    matrix(b.data, b.shape[1]!, transposeB),
    [rows, inner, columns],
  );
  return result;
}

/** Rows of `width` as a matrix, or its transpose. */
function matrix(data: Float64Array, width: number, transposed: boolean): Matrix {
  return { data, start: 0, ...(transposed ? { row: 1, column: width } : { row: width, column: 1 }) };
}
