/**
 * The layers that image networks are made of, each with its parameters and its part of a program. It knows nothing of how
 * a network joins them.
 */
import { perChannel, reflectPad } from "../program/derived.js";
import type { Tensor } from "../program/program.js";
import type { BatchStatistics, Parameter, Pass, Start } from "./network.js";

/** One layer: its parameters, named within the network, and what it computes. */
export interface Layer {
  readonly parameters: readonly Parameter[];
  apply(pass: Pass, x: Tensor): Tensor;
}

export type Activation = "leaky_relu" | "relu" | "elu" | "selu" | "tanh" | "sigmoid" | "softplus" | "none";
export type Norm = "instance" | "batch" | "none";

/** ε of both norms (PyTorch's default). */
const NORM_EPSILON = 1e-5;
const LEAK = 0.2;

/** Applies an activation; `leaky_relu` has slope 0.2, `elu` α 1. */
export function activate({ b }: Pass, x: Tensor, activation: Activation): Tensor {
  switch (activation) {
    case "leaky_relu":
      return b.leakyRelu(x, LEAK);
    case "none":
      return x;
    default:
      return b[activation](x);
  }
}

function parameter(name: string, shape: readonly number[], start: Start): Parameter {
  return { name, shape, start, trained: start !== "running_mean" && start !== "running_variance" };
}

/** The value of a parameter in this pass. */
function read({ values }: Pass, name: string): Tensor {
  const value = values.get(name);
  if (value === undefined) throw new Error(`the pass was given no value for the parameter "${name}"`);
  return value;
}

/** What a convolution layer needs to know. `inputs` and `outputs` are channels; the kernel is square. */
export interface Convolution {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: number;
  readonly bias: boolean;
}

/** torch Conv2d: x [N,inputs,H,W], weight [outputs,inputs,k,k]. */
export function convolution(o: Convolution): Layer {
  const weight = parameter(`${o.name}.weight`, [o.outputs, o.inputs, o.kernel, o.kernel], "weight");
  return biased(o, weight, (pass, x) => pass.b.conv(x, read(pass, weight.name), o));
}

/** torch ConvTranspose2d: x [N,inputs,H,W], weight [inputs,outputs,k,k]; `extra`: rows and columns of output padding. */
export function transposedConvolution(o: Convolution, extra = 0): Layer {
  const weight = parameter(`${o.name}.weight`, [o.inputs, o.outputs, o.kernel, o.kernel], "weight");
  const { stride, pad } = o;
  return biased(o, weight, (pass, x) =>
    pass.b.convTranspose(x, read(pass, weight.name), { stride, pad, outputPadding: [extra, extra] }),
  );
}

/** Nearest upsampling by 2, reflection padding of 1, and a 3×3 convolution, against checkerboards. */
export function resizeConvolution(o: Pick<Convolution, "name" | "inputs" | "outputs" | "bias">): Layer {
  const inner = convolution({ ...o, kernel: 3, stride: 1, pad: 0 });
  return {
    parameters: inner.parameters,
    apply: (pass, x) => inner.apply(pass, reflectPad(pass.b, pass.b.upsample2(x), 1)),
  };
}

function biased(o: Convolution, weight: Parameter, apply: (pass: Pass, x: Tensor) => Tensor): Layer {
  if (!o.bias) return { parameters: [weight], apply };
  const bias = parameter(`${o.name}.bias`, [o.outputs], "bias");
  return {
    parameters: [weight, bias],
    apply: (pass, x) => {
      const y = apply(pass, x);
      return pass.b.add(y, perChannel(pass.b, read(pass, bias.name), y.shape));
    },
  };
}

/** Instance or batch norm of `channels`, with ε 1e-5; `affine`: a learned scale and shift (batch norm always has them). */
export function normalization(name: string, channels: number, norm: Norm, affine: boolean): Layer {
  if (norm === "none") return { parameters: [], apply: (_, x) => x };
  if (norm === "batch") return batchNormalization(name, channels);
  const normalized = (pass: Pass, x: Tensor) => pass.b.normalize(x, 2, NORM_EPSILON);
  if (!affine) return { parameters: [], apply: normalized };
  return {
    parameters: scaleAndShift(name, channels),
    apply: (pass, x) => scaledAndShifted(pass, name, normalized(pass, x)),
  };
}

function scaleAndShift(name: string, channels: number): readonly Parameter[] {
  return [parameter(`${name}.weight`, [channels], "norm_scale"), parameter(`${name}.bias`, [channels], "norm_shift")];
}

function scaledAndShifted(pass: Pass, name: string, x: Tensor): Tensor {
  const { b } = pass;
  const scaled = b.mul(x, perChannel(b, read(pass, `${name}.weight`), x.shape));
  return b.add(scaled, perChannel(b, read(pass, `${name}.bias`), x.shape));
}

function batchNormalization(name: string, channels: number): Layer {
  const [mean, variance] = [`${name}.running_mean`, `${name}.running_var`];
  return {
    parameters: [
      ...scaleAndShift(name, channels),
      parameter(mean, [channels], "running_mean"),
      parameter(variance, [channels], "running_variance"),
    ],
    apply(pass, x) {
      const { b } = pass;
      if (pass.training !== undefined) {
        const batch = momentsOf(pass, x);
        pass.training.observe(statisticsOf(pass, batch, mean, variance));
        const scale = perChannel(b, read(pass, `${name}.weight`), batch.variance.shape);
        const factor = b.div(scale, b.sqrt(b.add(batch.variance, NORM_EPSILON)));
        const scaled = b.mul(batch.centred, b.expand(factor, x.shape));
        return b.add(scaled, perChannel(b, read(pass, `${name}.bias`), x.shape));
      }
      const deviation = b.sqrt(b.add(read(pass, variance), NORM_EPSILON));
      const centred = b.sub(x, perChannel(b, read(pass, mean), x.shape));
      return scaledAndShifted(pass, name, b.div(centred, perChannel(b, deviation, x.shape)));
    },
  };
}

/** A batch less its mean per channel, [N,C,H,W], and what was found per channel, [1,C,1,1]: mean and population variance. */
interface Moments {
  readonly centred: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** Values per channel. */
  readonly count: number;
}

/** Sums over each image and then over the batch: no image is moved, and short sums round less. */
function momentsOf({ b }: Pass, x: Tensor): Moments {
  const [batch, , ...sides] = x.shape as [number, number, number, number];
  const count = sides.reduce((product, length) => product * length, batch);
  // One value has no unbiased variance; PyTorch refuses it too.
  if (count < 2) throw new Error(`batch norm needs more than one value per channel, not shape ${x.shape}`);
  const meanOf = (values: Tensor) => b.mul(b.sum(b.sum(values, [2, 3]), [0]), 1 / count);
  const mean = meanOf(x);
  const centred = b.sub(x, b.expand(mean, x.shape));
  return { centred, mean, variance: meanOf(b.mul(centred, centred)), count };
}

/** The batch's means and unbiased variances (torch BatchNorm2d), by name. */
function statisticsOf(
  { b }: Pass,
  { mean, variance, count }: Moments,
  meanName: string,
  varianceName: string,
): BatchStatistics {
  const vector = (values: Tensor) => b.reshape(values, [values.shape[1]!]);
  return new Map([
    [meanName, vector(mean)],
    [varianceName, vector(b.mul(variance, count / (count - 1)))],
  ]);
}
