/**
 * The convolutions and normalizations of a program in forward operations of TensorFlow.js, on images stored as NHWC and
 * weights as HWIO. It knows nothing of the other operations. Results are made in the current `tf.tidy`.
 */
import type { Operation, Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";
import type { Rule } from "./tensorflow-elementwise.js";
import { type Engine, full, HWIO, NHWC, type Order, type Tf, type TfTensor, type Value } from "./tensorflow-value.js";

type Images = import("@tensorflow/tfjs-core").Tensor4D;
type Length4 = [number, number, number, number];

export const convolution: Rule = (engine, { operation, shape, inputs: sources }, inputs) => {
  const { tf } = engine;
  const whole = (at: 0 | 1, order: Order) => full(tf, inputs[at]!, sources[at]!.shape, order) as Images;
  switch (operation.kind) {
    case "conv": {
      const { stride, pad } = operation;
      return images(tf.conv2d(whole(0, NHWC), whole(1, HWIO), stride, pad, "NHWC", 1, "floor"));
    }
    case "conv_transpose": {
      const spread = transposed(engine, operation.stride, whole(0, NHWC), whole(1, HWIO));
      return images(cropped(tf, spread, operation.pad, [shape[2]!, shape[3]!]));
    }
    case "conv_weight_gradient":
      return { stored: weightGradient(engine, operation, whole(0, NHWC), whole(1, NHWC), shape), order: HWIO };
    case "upsample2":
      return images(tf.image.resizeNearestNeighbor(whole(0, NHWC), [shape[2]!, shape[3]!]));
    default:
      return undefined;
  }
};

function images(stored: TfTensor): Value {
  return { stored, order: NHWC };
}

/** Images from `pad` rows and columns on, in this size; zeros where there are none. */
function cropped(tf: Tf, x: Images, pad: number, [height, width]: readonly [number, number]): Images {
  const [batch, rows, columns, channels] = x.shape;
  if (pad === 0 && rows === height && columns === width) return x;
  const missing = (length: number, wanted: number) => Math.max(0, pad + wanted - length);
  const [below, right] = [missing(rows, height), missing(columns, width)];
  const enough = below + right === 0 ? x : tf.pad(x, [NONE, [0, below], [0, right], NONE]);
  return tf.slice(enough, [0, pad, pad, 0], [batch, height, width, channels]);
}

/** Above so many pixels the WebAssembly kernel for transposed convolutions is far slower than rearranging the weight. */
const FEW_PIXELS = 16;

/** The transposed convolution of x by w [kh,kw,Co,Ci], whole: output padding and what padding cuts off are left to do. */
function transposed(engine: Engine, stride: number, x: Images, w: Images): Images {
  const { tf, native } = engine;
  const [batch, height, width] = x.shape;
  const [kernelHeight, kernelWidth, channels] = w.shape;
  if (!native && batch * height * width > FEW_PIXELS) return transposedByPhases(tf, stride, x, w);
  const length = (count: number, kernel: number) => (count - 1) * stride + kernel;
  const shape: Length4 = [batch, length(height, kernelHeight), length(width, kernelWidth), channels];
  return tf.conv2dTranspose(x, w, shape, stride, "valid");
}

/**
 * Output pixel o = i·s + t of input pixel i and tap t = u·s + a belongs to phase a of the coarse pixel i + u. One
 * convolution over u, with a channel for each phase, makes all phases, which are then laid side by side.
 */
function transposedByPhases(tf: Tf, stride: number, x: Images, w: Images): Images {
  const channels = w.shape[2];
  const [rows, columns] = [Math.ceil(w.shape[0] / stride), Math.ceil(w.shape[1] / stride)];
  const around = (count: number): [number, number] => [count - 1, count - 1];
  const kernel = phaseKernel(tf, stride, w, [rows, columns]);
  const coarse = tf.conv2d(tf.pad(x, [NONE, around(rows), around(columns), NONE]), kernel, 1, "valid");
  const [batch, height, width] = coarse.shape;
  const lines = tf.reshape(coarse, [batch * height, width, stride, stride * channels]);
  const shape: Length4 = [batch, height * stride, width * stride, channels];
  return tf.reshape(tf.transpose(lines, [0, 2, 1, 3]), shape);
}

/** The weight [kh,kw,Co,Ci] as [u,v,Ci,(a,b,Co)], the taps (u·s+a, v·s+b) mirrored along u and v. */
function phaseKernel(tf: Tf, stride: number, w: Images, [rows, columns]: readonly [number, number]): Images {
  const [kernelHeight, kernelWidth, outputs, inputs] = w.shape;
  const taps = tf.transpose(tf.reshape(w, [kernelHeight * kernelWidth, outputs, inputs]), [0, 2, 1]);
  const tap = (i: number, j: number) =>
    i < kernelHeight && j < kernelWidth
      ? tf.reshape(tf.slice(taps, [i * kernelWidth + j, 0, 0], [1, inputs, outputs]), [inputs, outputs])
      : tf.zeros([inputs, outputs]);
  const phases = range(stride);
  const blocks = range(rows).flatMap((u) =>
    range(columns).map((v) => {
      const [i, j] = [(rows - 1 - u) * stride, (columns - 1 - v) * stride];
      return tf.concat(
        phases.flatMap((a) => phases.map((b) => tap(i + a, j + b))),
        1,
      );
    }),
  );
  return tf.reshape(tf.concat(blocks, 0), [rows, columns, inputs, stride * stride * outputs]);
}

/**
 * The product of the pixels under each tap of the kernel (im2col) with dy, [kh,kw,Ci,Co]: TensorFlow.js has no kernel of
 * its own for this in WebAssembly.
 */
function weightGradient(
  { tf, native }: Engine,
  { stride, pad }: Operation & { kind: "conv_weight_gradient" },
  x: Images,
  dy: Images,
  [outputs, channels, kernelHeight, kernelWidth]: Shape,
): TfTensor {
  const columns = columnsOf(tf, x, dy.shape, [kernelHeight!, kernelWidth!], stride, pad);
  const rows = tf.reshape(dy, [columns.shape[0]!, outputs!]);
  const shape = [kernelHeight!, kernelWidth!, channels!, outputs!];
  if (native) return tf.reshape(tf.matMul(columns, rows, true, false), shape);
  // In WebAssembly only the product of matrices as they are is fast: the smaller of the two is turned.
  const small = columns.shape[0]! < outputs!;
  const product = small ? tf.matMul(tf.transpose(columns), rows) : tf.transpose(tf.matMul(tf.transpose(rows), columns));
  return tf.reshape(product, shape);
}

/** The pixels of x [N,H,W,Ci] under every tap, [N·OH·OW, kh·kw·Ci], where the convolution answers [N,OH,OW,·]. */
function columnsOf(
  tf: Tf,
  x: Images,
  [batch, rows, columns]: readonly number[],
  [kernelHeight, kernelWidth]: readonly [number, number],
  stride: number,
  pad: number,
): TfTensor {
  const channels = x.shape[3];
  // Every stride-th row, from each of the first `stride` on, and so for columns: then a tap is one block.
  const [high, wide] = [rows! + Math.ceil(kernelHeight / stride) - 1, columns! + Math.ceil(kernelWidth / stride) - 1];
  const framed = cropped(tf, tf.pad(x, [NONE, [pad, 0], [pad, 0], NONE]), 0, [high * stride, wide * stride]);
  const lines = tf.reshape(framed, [batch! * high, stride, wide, stride * channels]);
  const phases = tf.reshape(tf.transpose(lines, [1, 0, 2, 3]), [stride * batch!, high, wide, stride * channels]);
  const taps = range(kernelHeight).flatMap((i) =>
    range(Math.ceil(kernelWidth / stride)).map((v) => {
      const begin = [(i % stride) * batch!, Math.floor(i / stride), v, 0];
      const depth = Math.min(stride, kernelWidth - v * stride) * channels;
      const block = tf.slice(phases, begin, [batch!, rows!, columns!, depth]);
      return tf.reshape(block, [batch! * rows! * columns!, depth]);
    }),
  );
  return tf.concat(taps, 1);
}

const NONE: [number, number] = [0, 0];

function range(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
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
