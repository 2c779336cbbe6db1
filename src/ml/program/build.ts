/**
 * Builds tensor programs: one method per operation, shapes checked as it is called, equal subexpressions made once. It
 * knows nothing of gradients or networks. Where shapes do not fit, every method throws a `ShapeError`.
 */
import type { Operation, Program, Shape, Tensor } from "./program.js";
import { checkWeightGradient, ensure, type Inferred, sameShape, shapeAfter, shapeText, sizeOf } from "./shapes.js";
import { canonicalInputs, simplified } from "./simplify.js";

/** An operand of elementwise arithmetic; a number stands for a tensor of the other operand's shape. */
export type Operand = Tensor | number;

/** A new tensor; the parts of a program must come from one builder. */
export class ProgramBuilder {
  readonly #shared = new Map<string, Tensor>();
  readonly #leaves = new Map<string, Shape>();
  #count = 0;

  /** Any operation on inputs of this builder, its shape given: simplified, and the same object for equal ones. */
  make(operation: Operation, given: readonly Tensor[], shape: Shape): Tensor {
    const inputs = canonicalInputs(operation, given);
    const key = keyOf(operation, inputs, shape);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const tensor = simplified(this, operation, inputs, shape) ?? { id: this.#count++, operation, inputs, shape };
    this.#shared.set(key, tensor);
    return tensor;
  }

  #infer(operation: Inferred, ...inputs: readonly Tensor[]): Tensor {
    const shapes = inputs.map((input) => input.shape);
    return this.make(operation, inputs, shapeAfter(operation, shapes));
  }

  #binary(kind: "add" | "sub" | "mul" | "div" | "max" | "min" | "greater", a: Operand, b: Operand): Tensor {
    const shape = typeof a !== "number" ? a.shape : typeof b !== "number" ? b.shape : [];
    return this.#infer({ kind }, this.#tensor(a, shape), this.#tensor(b, shape));
  }

  #tensor(operand: Operand, shape: Shape): Tensor {
    return typeof operand === "number" ? this.uniform(shape, operand) : operand;
  }

  #leaf(kind: "feed" | "state", name: string, shape: Shape): Tensor {
    const known = this.#leaves.get(`${kind} ${name}`) ?? shape;
    ensure(
      sameShape(known, shape),
      kind,
      `"${name}" of shape ${shapeText(shape)} has shape ${shapeText(known)} already`,
    );
    this.#leaves.set(`${kind} ${name}`, shape);
    return this.make({ kind, name }, [], shape);
  }

  /** A value given at every step. */
  feed(name: string, shape: Shape): Tensor {
    return this.#leaf("feed", name, shape);
  }

  /** A value kept by the runtime between steps. */
  state(name: string, shape: Shape): Tensor {
    return this.#leaf("state", name, shape);
  }

  /** Values baked into the program, row-major. */
  constant(shape: Shape, data: Float64Array): Tensor {
    ensure(data.length === sizeOf(shape), "constant", `${data.length} values for shape ${shapeText(shape)}`);
    return this.make({ kind: "constant", data }, [], shape);
  }

  /** One value everywhere, held once. */
  uniform(shape: Shape, value: number): Tensor {
    const ones = shape.map(() => 1);
    return this.expand(this.constant(ones, Float64Array.of(value)), shape);
  }

  neg = (x: Tensor): Tensor => this.#infer({ kind: "neg" }, x);
  abs = (x: Tensor): Tensor => this.#infer({ kind: "abs" }, x);
  exp = (x: Tensor): Tensor => this.#infer({ kind: "exp" }, x);
  log = (x: Tensor): Tensor => this.#infer({ kind: "log" }, x);
  sqrt = (x: Tensor): Tensor => this.#infer({ kind: "sqrt" }, x);
  tanh = (x: Tensor): Tensor => this.#infer({ kind: "tanh" }, x);
  sigmoid = (x: Tensor): Tensor => this.#infer({ kind: "sigmoid" }, x);
  softplus = (x: Tensor): Tensor => this.#infer({ kind: "softplus" }, x);
  relu = (x: Tensor): Tensor => this.#infer({ kind: "relu" }, x);
  reciprocal = (x: Tensor): Tensor => this.#infer({ kind: "reciprocal" }, x);
  leakyRelu = (x: Tensor, alpha: number): Tensor => this.#infer({ kind: "leaky_relu", alpha }, x);
  elu = (x: Tensor, alpha = 1): Tensor => this.#infer({ kind: "elu", alpha }, x);
  selu = (x: Tensor): Tensor => this.#infer({ kind: "selu" }, x);

  add = (a: Operand, b: Operand): Tensor => this.#binary("add", a, b);
  sub = (a: Operand, b: Operand): Tensor => this.#binary("sub", a, b);
  mul = (a: Operand, b: Operand): Tensor => this.#binary("mul", a, b);
  div = (a: Operand, b: Operand): Tensor => this.#binary("div", a, b);
  max = (a: Operand, b: Operand): Tensor => this.#binary("max", a, b);
  min = (a: Operand, b: Operand): Tensor => this.#binary("min", a, b);
  /** 1 where a > b, else 0. */
  greater = (a: Operand, b: Operand): Tensor => this.#binary("greater", a, b);

  /** a where the condition is 1, b where it is 0. */
  where(condition: Tensor, a: Operand, b: Operand): Tensor {
    const { shape } = condition;
    return this.#infer({ kind: "where" }, condition, this.#tensor(a, shape), this.#tensor(b, shape));
  }

  /** Sums over `axes` (all of them by default), which stay with length 1. */
  sum(x: Tensor, axes: readonly number[] = [...x.shape.keys()]): Tensor {
    return this.#infer({ kind: "sum", axes: [...axes].sort((a, b) => a - b) }, x);
  }

  reshape(x: Tensor, shape: Shape): Tensor {
    ensure(sizeOf(x.shape) === sizeOf(shape), "reshape", `shape ${shapeText(x.shape)} to ${shapeText(shape)}`);
    return this.make({ kind: "reshape" }, [x], shape);
  }

  /** Repeats axes of length 1. */
  expand(x: Tensor, shape: Shape): Tensor {
    const fits =
      x.shape.length === shape.length && x.shape.every((length, axis) => length === 1 || length === shape[axis]);
    ensure(fits, "expand", `shape ${shapeText(x.shape)} to ${shapeText(shape)}`);
    return this.make({ kind: "expand" }, [x], shape);
  }

  /** Axis i of the result is axis permutation[i] of x. */
  transpose(x: Tensor, permutation: readonly number[]): Tensor {
    return this.#infer({ kind: "transpose", permutation }, x);
  }

  concat(inputs: readonly Tensor[], axis: number): Tensor {
    return this.#infer({ kind: "concat", axis }, ...inputs);
  }

  /** From `starts` (inclusive) to `ends` (exclusive), every axis. */
  slice(x: Tensor, starts: readonly number[], ends: readonly number[]): Tensor {
    return this.#infer({ kind: "slice", starts, ends }, x);
  }

  /** Adds `before` and `after` elements to each axis. */
  pad(x: Tensor, before: readonly number[], after: readonly number[], mode: "zero" | "reflect" = "zero"): Tensor {
    return this.#infer({ kind: "pad", before, after, mode }, x);
  }

  matmul(a: Tensor, b: Tensor, transpose: { a?: boolean; b?: boolean } = {}): Tensor {
    const { a: transposeA = false, b: transposeB = false } = transpose;
    return this.#infer({ kind: "matmul", transposeA, transposeB }, a, b);
  }

  /** x [N,Ci,H,W], w [Co,Ci,kh,kw]. */
  conv(x: Tensor, w: Tensor, { stride = 1, pad = 0 } = {}): Tensor {
    return this.#infer({ kind: "conv", stride, pad }, x, w);
  }

  /** x [N,Ci,H,W], w [Ci,Co,kh,kw]. */
  convTranspose(
    x: Tensor,
    w: Tensor,
    { stride = 1, pad = 0, outputPadding = [0, 0] as readonly [number, number] } = {},
  ): Tensor {
    return this.#infer({ kind: "conv_transpose", stride, pad, outputPadding }, x, w);
  }

  /** The gradient, of this shape, of the weight of conv(x, w) where dy is the gradient of its result. */
  convWeightGradient(x: Tensor, dy: Tensor, shape: Shape, { stride = 1, pad = 0 } = {}): Tensor {
    checkWeightGradient(stride, pad, x.shape, dy.shape, shape);
    return this.make({ kind: "conv_weight_gradient", stride, pad }, [x, dy], shape);
  }

  /** Zero mean and unit variance over the last `axes` axes. */
  normalize = (x: Tensor, axes: number, epsilon: number): Tensor =>
    this.#infer({ kind: "normalize", axes, epsilon }, x);
  /** The factor that `normalize` multiplies by. */
  inverseDeviation = (x: Tensor, axes: number, epsilon: number): Tensor =>
    this.#infer({ kind: "inverse_deviation", axes, epsilon }, x);
  /** x [N,C,H,W] → [N,C,2H,2W], nearest. */
  upsample2 = (x: Tensor): Tensor => this.#infer({ kind: "upsample2" }, x);

  /** The finished program. Throws where an update names no state of this builder, or has another shape. */
  program(outputs: ReadonlyMap<string, Tensor>, updates: ReadonlyMap<string, Tensor> = new Map()): Program {
    for (const [name, { shape }] of updates) {
      const known = this.#leaves.get(`state ${name}`);
      ensure(known !== undefined, "update", `no state is named "${name}"`);
      ensure(
        sameShape(known, shape),
        "update",
        `state "${name}" of shape ${shapeText(known)} with shape ${shapeText(shape)}`,
      );
    }
    return { outputs, updates };
  }
}

/** Above this, comparing constants costs more than sharing them saves. */
const LARGEST_SHARED_CONSTANT = 4096;
let unshared = 0;

function keyOf(operation: Operation, inputs: readonly Tensor[], shape: Shape): string {
  const ids = inputs.map((input) => input.id).join();
  if (operation.kind !== "constant") return `${JSON.stringify(operation)} ${ids} ${shape}`;
  const { data } = operation;
  return `constant ${data.length > LARGEST_SHARED_CONSTANT ? `#${unshared++}` : data.join()} ${shape}`;
}
