/**
 * The convolutions and normalizations of a program in forward operations of TensorFlow.js, on images stored as NHWC and
 * weights as HWIO. It knows nothing of the other operations. Results are made in the current `tf.tidy`.
 */
import type { Operation, Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import type { Rule } from "./tensorflow-elementwise.js";
import { full, HWIO, NHWC, type Tf, type TfTensor, type Value } from "./tensorflow-value.js";

type Images = import("@tensorflow/tfjs-core").Tensor4D;
type Length4 = [number, number, number, number];

export const convolution: Rule = (tf, { operation, shape, inputs: sources }, inputs) => {
  const whole = (at: 0 | 1, order: typeof NHWC) => full(tf, inputs[at]!, sources[at]!.shape, order) as Images;
  switch (operation.kind) {
    case "conv": {
      const { stride, pad } = operation;
      return images(tf.conv2d(whole(0, NHWC), whole(1, HWIO), stride, pad, "NHWC", 1, "floor"));
    }
    case "conv_transpose":
      return images(transposed(tf, operation, whole(0, NHWC), whole(1, HWIO)));
    case "conv_weight_gradient":
      return { stored: weightGradient(tf, operation, whole(0, NHWC), whole(1, NHWC), shape), order: HWIO };
    case "upsample2":
      return images(tf.image.resizeNearestNeighbor(whole(0, NHWC), [shape[2]!, shape[3]!]));
    default:
      return undefined;
  }
};

function images(stored: TfTensor): Value {
  return { stored, order: NHWC };
}

/** Native TensorFlow pads a transposed convolution not at all ("valid"): what would be padding is cut off after it. */
function transposed(
  tf: Tf,
  { stride, pad, outputPadding }: Operation & { kind: "conv_transpose" },
  x: Images,
  w: Images,
): TfTensor {
  const [batch, height, width] = x.shape;
  const [kernelHeight, kernelWidth, channels] = w.shape;
  const length = (count: number, kernel: number, more: number) => (count - 1) * stride + kernel + more;
  const rows = length(height, kernelHeight, Math.max(0, outputPadding[0] - pad));
  const columns = length(width, kernelWidth, Math.max(0, outputPadding[1] - pad));
  const whole = tf.conv2dTranspose(x, w, [batch, rows, columns, channels], stride, "valid");
  if (pad === 0) return whole;
  const kept = (count: number, kernel: number, more: number) => (count - 1) * stride - 2 * pad + kernel + more;
  return tf.slice(
    whole,
    [0, pad, pad, 0],
    [batch, kept(height, kernelHeight, outputPadding[0]), kept(width, kernelWidth, outputPadding[1]), channels],
  );
}

/**
 * One matrix product with the image's pixels under each tap of the kernel (im2col): TensorFlow.js has no kernel of its
 * own for this in WebAssembly.
 */
function weightGradient(
  tf: Tf,
  { stride, pad }: Operation & { kind: "conv_weight_gradient" },
  x: Images,
  dy: Images,
  [outputs, channels, kernelHeight, kernelWidth]: Shape,
): TfTensor {
  const [batch, rows, columns] = dy.shape;
  const pixels = batch * rows * columns;
  const planes = tf.transpose(tf.pad(x, [[0, 0], [pad, pad], [pad, pad], [0, 0]]), [3, 0, 1, 2]);
  const taps: TfTensor[] = [];
  for (let i = 0; i < kernelHeight!; i++) {
    for (let j = 0; j < kernelWidth!; j++) {
      const end = [channels!, batch, i + (rows - 1) * stride + 1, j + (columns - 1) * stride + 1];
      const tap = tf.stridedSlice(planes, [0, 0, i, j], end, [1, 1, stride, stride]);
      taps.push(tf.reshape(tap, [channels!, pixels]));
    }
  }
  const product = tf.matMul(tf.concat(taps, 0), tf.reshape(dy, [pixels, outputs!]));
  return tf.reshape(product, [kernelHeight!, kernelWidth!, channels!, outputs!]);
}

/** The two operations that say what normalization does; they share their sums where both have the same input. */
export type Normalization = Operation & { kind: "normalize" | "inverse_deviation" };

/** Computes all of `tensors`, which normalize the same input alike. */
export function normalized(tf: Tf, tensors: readonly Tensor[], input: Value): readonly Value[] {
  const { axes, epsilon } = tensors[0]!.operation as Normalization;
  const source = tensors[0]!.inputs[0]!.shape;
  const { order } = input;
  const x = full(tf, input, source, order);
  const over = order.flatMap((axis, at) => (axis >= source.length - axes ? [at] : []));
  const count = sizeOf(over.map((at) => x.shape[at]!));
  const mean = (values: TfTensor) => tf.mul(tf.sum(values, over, true), 1 / count);
  const centred = tf.sub(x, mean(x));
  const deviation = tf.rsqrt(tf.add(mean(tf.square(centred)), epsilon));
  return tensors.map(({ operation: { kind } }) => ({
    stored: kind === "normalize" ? tf.mul(centred, deviation) : deviation,
    order,
  }));
}
