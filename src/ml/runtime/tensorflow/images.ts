/**
 * The convolutions and normalizations of a program in forward operations of TensorFlow.js, on images stored as NHWC and
 * weights as HWIO. In WebAssembly a convolution is a matrix product: the kernels there turn every new weight over, are
 * slow for transposed ones, and write outside their memory for weights higher than wide (4.22). It knows nothing of the
 * other operations. Results are made in the current `tf.tidy`.
 */
import type { Operation, Shape, Tensor } from "../../program/program.js";
import { sizeOf } from "../../program/shapes.js";
import type { TfRule } from "./elementwise.js";
import { type Engine, full, HWIO, NHWC, type Order, type Tf, type TfTensor, type TfValue } from "./value.js";

type Images = import("@tensorflow/tfjs-core").Tensor4D;
type Pair = readonly [number, number];
type Length4 = [number, number, number, number];
type Geometry = { readonly stride: number; readonly pad: number };

export const tfConvolution: TfRule = (engine, { operation, shape, inputs: sources }, inputs) => {
  const { tf } = engine;
  const whole = (at: 0 | 1, order: Order) => full(tf, inputs[at]!, sources[at]!.shape, order) as Images;
  const [height, width] = [shape[2]!, shape[3]!];
  switch (operation.kind) {
    case "conv":
      return images(convolved(engine, operation, whole(0, NHWC), whole(1, HWIO), [height, width]));
    case "conv_transpose": {
      const spread = transposed(engine, operation.stride, whole(0, NHWC), whole(1, HWIO));
      return images(cropped(tf, spread, operation.pad, [height, width]));
    }
    case "conv_weight_gradient":
      return { stored: weightGradient(engine, operation, whole(0, NHWC), whole(1, NHWC), shape), order: HWIO };
    case "upsample2":
      return images(tf.image.resizeNearestNeighbor(whole(0, NHWC), [height, width]));
    default:
      return undefined;
  }
};

function images(stored: TfTensor): TfValue {
  return { stored, order: NHWC };
}

function convolved({ tf, native }: Engine, geometry: Geometry, x: Images, w: Images, size: Pair): TfTensor {
  const { stride, pad } = geometry;
  if (native) return tf.conv2d(x, w, stride, [NONE, [pad, pad], [pad, pad], NONE], "NHWC", 1, "floor");
  const [kernelHeight, kernelWidth, channels, outputs] = w.shape;
  const columns = tf.concat(taps(tf, x, size, [kernelHeight, kernelWidth], geometry), 1);
  const product = tf.matMul(columns, tf.reshape(w, [kernelHeight * kernelWidth * channels, outputs]));
  return tf.reshape(product, [x.shape[0], ...size, outputs]);
}

/** Images from `pad` rows and columns on, in this size; zeros where there are none. */
function cropped(tf: Tf, x: Images, pad: number, [height, width]: Pair): Images {
  const [batch, rows, columns, channels] = x.shape;
  if (pad === 0 && rows === height && columns === width) return x;
  const missing = (length: number, wanted: number) => Math.max(0, pad + wanted - length);
  const [below, right] = [missing(rows, height), missing(columns, width)];
  const enough = below + right === 0 ? x : tf.pad(x, [NONE, [0, below], [0, right], NONE]);
  return tf.slice(enough, [0, pad, pad, 0], [batch, height, width, channels]);
}

/** The transposed convolution of x by w [kh,kw,Co,Ci], whole: output padding and what padding cuts off are left to do. */
function transposed({ tf, native }: Engine, stride: number, x: Images, w: Images): Images {
  if (!native) return transposedByPhases(tf, stride, x, w);
  const [batch, height, width] = x.shape;
  const [kernelHeight, kernelWidth, channels] = w.shape;
  const length = (count: number, kernel: number) => (count - 1) * stride + kernel;
  const shape: Length4 = [batch, length(height, kernelHeight), length(width, kernelWidth), channels];
  return tf.conv2dTranspose(x, w, shape, stride, "valid");
}

/**
 * Output pixel o = i·s + t of input pixel i and tap t = u·s + a belongs to phase a of the coarse pixel i + u: it sums
 * x[c − u]·w[u·s + a] at the coarse pixel c. One product makes all phases, which are then laid side by side.
 */
function transposedByPhases(tf: Tf, stride: number, x: Images, w: Images): Images {
  const [batch, height, width, inputs] = x.shape;
  const [kernelHeight, kernelWidth, outputs] = w.shape;
  const [rows, columns] = [Math.ceil(kernelHeight / stride), Math.ceil(kernelWidth / stride)];
  const [high, wide] = [height + rows - 1, width + columns - 1];
  const framed = tf.pad(x, [NONE, [rows - 1, rows - 1], [columns - 1, columns - 1], NONE]);
  // Tap u of the window at c is x[c − (rows − 1) + u]: the order of −u is the other way round.
  const windows = taps(tf, framed, [high, wide], [rows, columns], { stride: 1, pad: 0 });
  const matrix = phaseMatrix(tf, stride, w, [rows, columns]);
  const coarse = tf.matMul(tf.concat(windows.reverse(), 1), tf.reshape(matrix, [rows * columns * inputs, -1]));
  const lines = tf.reshape(coarse, [batch * high, wide, stride, stride * outputs]);
  return tf.reshape(tf.transpose(lines, [0, 2, 1, 3]), [batch, high * stride, wide * stride, outputs]);
}

/** The weight [(u,a),(v,b),Co,Ci] as [(u,v),Ci,(a,b,Co)], zeros for the taps that it lacks. */
function phaseMatrix(tf: Tf, stride: number, w: Images, [rows, columns]: Pair): TfTensor {
  const [kernelHeight, kernelWidth, outputs, inputs] = w.shape;
  const [below, right] = [rows * stride - kernelHeight, columns * stride - kernelWidth];
  const even = below + right === 0 ? w : tf.pad(w, [[0, below], [0, right], NONE, NONE]);
  const blocks = tf.transpose(tf.reshape(even, [rows, stride, columns, stride * outputs * inputs]), [0, 2, 1, 3]);
  return tf.transpose(tf.reshape(blocks, [rows * columns, stride * stride * outputs, inputs]), [0, 2, 1]);
}

/** The product of the pixels under each tap with dy, [kh,kw,Ci,Co]: WebAssembly has no kernel of its own for it. */
function weightGradient({ tf, native }: Engine, geometry: Geometry, x: Images, dy: Images, shape: Shape): TfTensor {
  const [outputs, channels, kernelHeight, kernelWidth] = shape as Length4;
  const [, height, width] = dy.shape;
  const columns = tf.concat(taps(tf, x, [height, width], [kernelHeight, kernelWidth], geometry), 1);
  const pixels = columns.shape[0]!;
  const rows = tf.reshape(dy, [pixels, outputs]);
  const stored = [kernelHeight, kernelWidth, channels, outputs];
  if (native) return tf.reshape(tf.matMul(columns, rows, true, false), stored);
  // In WebAssembly only the product of matrices as they are is fast: the smaller of the two is turned over.
  const product =
    pixels < outputs ? tf.matMul(tf.transpose(columns), rows) : tf.transpose(tf.matMul(tf.transpose(rows), columns));
  return tf.reshape(product, stored);
}

/**
 * The pixels of x [N,H,W,C] that a convolution with an answer of `size` has under the taps of its kernel (im2col): for
 * neighbouring taps together [N·OH·OW, taps·C], in the order of the kernel.
 */
function taps(tf: Tf, x: Images, [rows, columns]: Pair, kernel: Pair, { stride, pad }: Geometry): TfTensor[] {
  const [batch, , , channels] = x.shape;
  const [kernelHeight, kernelWidth] = kernel;
  // Every stride-th row, from each of the first `stride` on, and so for columns: then a tap is one block.
  const [high, wide] = [rows + Math.ceil(kernelHeight / stride) - 1, columns + Math.ceil(kernelWidth / stride) - 1];
  const framed = pad === 0 ? x : tf.pad(x, [NONE, [pad, 0], [pad, 0], NONE]);
  const whole = cropped(tf, framed, 0, [high * stride, wide * stride]);
  const lines = tf.reshape(whole, [batch * high, stride, wide, stride * channels]);
  const phases = tf.reshape(tf.transpose(lines, [1, 0, 2, 3]), [stride * batch, high, wide, stride * channels]);
  return range(kernelHeight).flatMap((i) =>
    range(Math.ceil(kernelWidth / stride)).map((v) => {
      const depth = Math.min(stride, kernelWidth - v * stride) * channels;
      const begin = [(i % stride) * batch, Math.floor(i / stride), v, 0];
      return tf.reshape(tf.slice(phases, begin, [batch, rows, columns, depth]), [batch * rows * columns, depth]);
    }),
  );
}

const NONE: [number, number] = [0, 0];

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** The two operations that say what normalization does; they share their sums where both have the same input. */
export type Normalization = Operation & { kind: "normalize" | "inverse_deviation" };

/** Computes all of `tensors`, which normalize the same input alike. */
export function tfNormalization(tf: Tf, tensors: readonly Tensor[], input: TfValue): readonly TfValue[] {
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
