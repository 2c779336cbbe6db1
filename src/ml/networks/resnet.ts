/**
 * The residual generator of CycleGAN (Johnson et al. 2016; Zhu et al. 2017), its parameters named as in the junyanz
 * reference implementation. It knows nothing of training.
 */
import { reflectPad } from "../program/derived.js";
import type { Tensor } from "../program/program.js";
import {
  convolution,
  type Layer,
  type Norm,
  normalization,
  resizeConvolution,
  transposedConvolution,
} from "./layers.js";
import type { Network, Parameter, Pass, Problem } from "./network.js";

/** The generator's hyperparameters; the keys are the node's parameters. */
export interface ResnetOptions {
  /** Channels of the input and of the output. */
  readonly channel_count: number;
  readonly initial_layer_size: number;
  /** Residual blocks between the two down- and the two up-sampling layers. */
  readonly blocks: number;
  readonly norm: Norm;
  /** Whether instance norm has a learned scale and shift. */
  readonly affine: boolean;
  /** The share of elements dropped in the middle of every block. */
  readonly dropout: number;
  readonly upsampling: "transposed" | "resize";
}

const SAMPLINGS = 2;

/** The reference's number of blocks for images of this side. */
export function usualBlockCount(side: number): number {
  return side <= 128 ? 6 : 9;
}

/** What is wrong with these options for square images of this side, by parameter. Empty where nothing is. */
export function resnetProblems({ blocks, dropout }: ResnetOptions, side: number): readonly Problem[] {
  const problems: Problem[] = [];
  if (side % 4 !== 0 || side < 8) {
    const nearest = Math.max(8, Math.round(side / 4) * 4);
    const message = `a residual generator needs an image size of 8 or more that is a multiple of 4, not ${side}: try ${nearest}`;
    problems.push({ parameter: "image_size", message });
  }
  if (blocks < 0) problems.push({ parameter: "blocks", message: `there are 0 or more blocks, not ${blocks}` });
  if (dropout < 0 || dropout >= 1) {
    problems.push({ parameter: "dropout", message: `dropout is at least 0 and below 1, not ${dropout}` });
  }
  return problems;
}

/** The residual generator of these options. Images [N,channel_count,H,W] in and out, in [−1, 1] out. */
export function resnet(options: ResnetOptions): Network {
  const { channel_count, initial_layer_size: size, blocks } = options;
  const channels = (level: number) => size * 2 ** level;
  const bias = options.norm === "none" || (options.norm === "instance" && !options.affine);
  const stage = (position: number, outputs: number, conv: Layer): Layer =>
    inSequence(conv, normalization(`model.${position + 1}`, outputs, options.norm, options.affine), relu);
  const around = { kernel: 7, stride: 1, pad: 0 };
  const first = convolution({ ...around, name: "model.1", inputs: channel_count, outputs: size, bias });
  const down = [0, 1].map((level) => {
    const [name, outputs] = [4 + 3 * level, channels(level + 1)];
    const shape = { name: `model.${name}`, inputs: channels(level), outputs, kernel: 3, stride: 2, pad: 1, bias };
    return stage(name, outputs, convolution(shape));
  });
  const middle = Array.from({ length: blocks }, (_, index) => block(options, index, channels(SAMPLINGS), bias));
  const up = [0, 1].map((step) => {
    const [name, outputs] = [10 + blocks + 3 * step, channels(SAMPLINGS - 1 - step)];
    const shape = { name: `model.${name}`, inputs: 2 * outputs, outputs, kernel: 3, stride: 2, pad: 1, bias };
    const transposed = options.upsampling === "transposed";
    return stage(name, outputs, transposed ? transposedConvolution(shape, 1) : resizeConvolution(shape));
  });
  const lastName = `model.${17 + blocks}`;
  const last = convolution({ ...around, name: lastName, inputs: size, outputs: channel_count, bias: true });
  const layers = inSequence(reflection(3), stage(1, size, first), ...down, ...middle, ...up, reflection(3), last);
  return {
    parameters: layers.parameters,
    dropout: blocks > 0 ? options.dropout : 0,
    apply: (pass, x) => pass.b.tanh(layers.apply(pass, x)),
  };
}

/** x + [reflection 1, conv 3, norm, relu, dropout?, reflection 1, conv 3, norm](x); names count these modules. */
function block(options: ResnetOptions, index: number, channels: number, bias: boolean): Layer {
  const module = (position: number) => `model.${10 + index}.conv_block.${position}`;
  const { norm, affine, dropout } = options;
  const conv = (position: number) =>
    inSequence(
      reflection(1),
      convolution({ name: module(position), inputs: channels, outputs: channels, kernel: 3, stride: 1, pad: 0, bias }),
      normalization(module(position + 1), channels, norm, affine),
    );
  const drops = dropout > 0;
  const inner = inSequence(conv(1), relu, ...(drops ? [dropped(module(4))] : []), conv(drops ? 6 : 5));
  return { parameters: inner.parameters, apply: (pass, x) => pass.b.add(x, inner.apply(pass, x)) };
}

/** Layers one after another. */
function inSequence(...layers: readonly Layer[]): Layer {
  return {
    parameters: layers.flatMap(({ parameters }): readonly Parameter[] => parameters),
    apply: (pass, x) => layers.reduce((below, layer) => layer.apply(pass, below), x),
  };
}

function withoutParameters(apply: (pass: Pass, x: Tensor) => Tensor): Layer {
  return { parameters: [], apply };
}

const relu = withoutParameters(({ b }, x) => b.relu(x));

function reflection(count: number): Layer {
  return withoutParameters(({ b }, x) => reflectPad(b, x, count));
}

/** Multiplies by the mask that the pass gives for this layer in training. */
function dropped(name: string): Layer {
  return withoutParameters(({ b, training }, x) =>
    training === undefined ? x : b.mul(x, training.dropoutMask(name, x.shape)),
  );
}
