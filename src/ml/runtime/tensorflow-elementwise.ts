/**
 * The elementwise operations, sums, rearrangements and the matrix product of a program in forward operations of
 * TensorFlow.js. It knows nothing of convolutions. Results are made in the current `tf.tidy`.
 */
import type { Operation, Tensor } from "../program/program.js";
import {
  full,
  inOrder,
  naturalOrder,
  numbers,
  type Order,
  reorder,
  type Tf,
  type TfTensor,
  type Value,
} from "./tensorflow-value.js";

/** Computes one tensor of a program from its inputs' values, or answers undefined where it does not know the operation. */
export type Rule = (tf: Tf, tensor: Tensor, inputs: readonly Value[]) => Value | undefined;

export const elementwise: Rule = (tf, { operation }, inputs) => {
  const { order } = inputs.reduce(larger, inputs[0]!);
  const [x, y, z] = inputs.map((input) => reorder(tf, input, order)) as [TfTensor, TfTensor, TfTensor];
  const stored = unary(tf, operation, x) ?? binary(tf, operation, x, y) ?? chosen(tf, operation, x, y, z);
  return stored === undefined ? undefined : { stored, order };
};

/** The largest input keeps its order, so that the least is moved. */
function larger(a: Value, b: Value): Value {
  return b.stored.size > a.stored.size ? b : a;
}

function unary(tf: Tf, operation: Operation, input: TfTensor): TfTensor | undefined {
  const { kind } = operation;
  switch (kind) {
    case "neg":
    case "abs":
    case "exp":
    case "log":
    case "sqrt":
    case "tanh":
    case "sigmoid":
    case "softplus":
    case "relu":
    case "reciprocal":
    case "selu":
      return tf[kind](numbers(tf, input));
    case "leaky_relu":
      return tf.leakyRelu(numbers(tf, input), operation.alpha);
    case "elu": {
      // TensorFlow's own has α = 1.
      const x = numbers(tf, input);
      return tf.add(tf.relu(x), tf.mul(tf.elu(tf.minimum(x, 0)), operation.alpha));
    }
    default:
      return undefined;
  }
}

const BINARY = { add: "add", sub: "sub", mul: "mul", div: "div", max: "maximum", min: "minimum" } as const;

function binary(tf: Tf, { kind }: Operation, a: TfTensor, b: TfTensor): TfTensor | undefined {
  switch (kind) {
    case "add":
    case "sub":
    case "mul":
    case "div":
    case "max":
    case "min":
      return tf[BINARY[kind]](numbers(tf, a), numbers(tf, b));
    case "greater":
      return tf.greater(numbers(tf, a), numbers(tf, b));
    default:
      return undefined;
  }
}

function chosen(tf: Tf, { kind }: Operation, x: TfTensor, a: TfTensor, b: TfTensor): TfTensor | undefined {
  if (kind !== "where") return undefined;
  return tf.where(x.dtype === "bool" ? x : tf.cast(x, "bool"), numbers(tf, a), numbers(tf, b));
}

export const arrangement: Rule = (tf, { operation, shape, inputs: sources }, inputs) => {
  const [value] = inputs as [Value];
  const { order } = value;
  /** Every input, expanded and in the first one's order. */
  const whole = () => inputs.map((input, at) => full(tf, input, sources[at]!.shape, order));
  switch (operation.kind) {
    case "expand":
      // Elementwise operations expand what they are given: nothing is repeated before something needs it whole.
      return value;
    case "transpose":
      return { stored: value.stored, order: order.map((axis) => operation.permutation.indexOf(axis)) };
    case "reshape": {
      const natural = full(tf, value, sources[0]!.shape, naturalOrder(sources[0]!.shape));
      return { stored: tf.reshape(natural, [...shape]), order: naturalOrder(shape) };
    }
    case "sum": {
      const axes = operation.axes.map((axis) => order.indexOf(axis));
      return { stored: tf.sum(whole()[0]!, axes, true), order };
    }
    case "concat":
      return { stored: tf.concat(whole(), order.indexOf(operation.axis)), order };
    case "slice":
      return { stored: tf.slice(whole()[0]!, inOrder(operation.starts, order), inOrder(shape, order)), order };
    case "pad":
      return { stored: padded(tf, operation, whole()[0]!, order), order };
    default:
      return undefined;
  }
};

function padded(tf: Tf, { before, after, mode }: Operation & { kind: "pad" }, x: TfTensor, order: Order): TfTensor {
  const paddings = order.map((axis): [number, number] => [before[axis]!, after[axis]!]);
  return mode === "zero" ? tf.pad(x, paddings) : tf.mirrorPad(x, paddings, "reflect");
}

export const product: Rule = (tf, { operation, inputs: sources }, inputs) => {
  if (operation.kind !== "matmul") return undefined;
  const [a, b] = inputs.map((input, at) => full(tf, input, sources[at]!.shape, [0, 1])) as [TfTensor, TfTensor];
  return { stored: tf.matMul(a, b, operation.transposeA, operation.transposeB), order: [0, 1] };
};
