/**
 * The elementwise operations, sums, rearrangements and the matrix product of a program in forward operations of
 * TensorFlow.js. It knows nothing of convolutions. Results are made in the current `tf.tidy`.
 */
import type { Operation, Tensor } from "../../program/program.js";
import { uniformValue } from "../../program/simplify.js";
import {
  type Engine,
  full,
  inOrder,
  naturalOrder,
  numbers,
  type Order,
  reorder,
  type Tf,
  type TfTensor,
  type TfValue,
} from "./value.js";

/** Computes one tensor of a program from its inputs' values, or answers undefined where it does not know the operation. */
export type TfRule = (engine: Engine, tensor: Tensor, inputs: readonly TfValue[]) => TfValue | undefined;

export const tfElementwise: TfRule = ({ tf }, tensor, inputs) => {
  const { operation } = tensor;
  const [x] = inputs as [TfValue];
  const one = unary(tf, operation, x.stored);
  if (one !== undefined) return { stored: one, order: x.order };
  if (operation.kind === "where") return chosen(tf, tensor, inputs);
  const name = BINARY[operation.kind as keyof typeof BINARY];
  if (name === undefined) return undefined;
  const order = orderOfLargest(inputs);
  const [a, b] = inputs.map((input) => reorder(tf, input, order)) as [TfTensor, TfTensor];
  return { stored: tf[name](scalar(tf, a, b), scalar(tf, b, a)), order };
};

/** The order in which the least is moved. */
function orderOfLargest(inputs: readonly TfValue[]): Order {
  return inputs.reduce((largest, each) => (each.stored.size > largest.stored.size ? each : largest)).order;
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

const BINARY = {
  ...({ add: "add", sub: "sub", mul: "mul", div: "div" } as const),
  ...({ max: "maximum", min: "minimum", greater: "greater" } as const),
};

/** One number beside many has no axes: in WebAssembly up to twenty times as fast as axes of length 1. */
function scalar(tf: Tf, stored: TfTensor, beside: TfTensor): TfTensor {
  const values = numbers(tf, stored);
  return values.size === 1 && beside.size > 1 ? tf.reshape(values, []) : values;
}

/** `where`. TensorFlow.js would repeat what it has to expand. */
function chosen(tf: Tf, { inputs: sources, shape }: Tensor, inputs: readonly TfValue[]): TfValue {
  const order = orderOfLargest(inputs);
  const whole = (at: 1 | 2) => {
    const uniform = uniformValue(sources[at]!);
    if (uniform !== undefined) return tf.fill(inOrder(shape, order), uniform);
    return full(tf, inputs[at]!, shape, order);
  };
  const condition = reorder(tf, inputs[0]!, order);
  const mask = condition.dtype === "bool" ? condition : tf.cast(condition, "bool");
  return { stored: tf.where(mask, whole(1), whole(2)), order };
}

export const tfArrangement: TfRule = ({ tf }, { operation, shape, inputs: sources }, inputs) => {
  const [value] = inputs as [TfValue];
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

export const tfProduct: TfRule = ({ tf, native }, { operation, inputs: sources }, inputs) => {
  if (operation.kind !== "matmul") return undefined;
  const { transposeA, transposeB } = operation;
  const natural = [0, 1];
  const [a, b] = inputs.map((input, at) => full(tf, input, sources[at]!.shape, natural)) as [TfTensor, TfTensor];
  if (native) return { stored: tf.matMul(a, b, transposeA, transposeB), order: natural };
  // In WebAssembly only the product of matrices as they are is fast.
  const [left, right] = [transposeA ? tf.transpose(a) : a, transposeB ? tf.transpose(b) : b];
  return { stored: tf.matMul(left, right), order: natural };
};
