/**
 * The U-Net generator of pix2pix (Isola et al. 2017) with the parameters of `ml_train_style_transfer`, its parameters
 * named as in the junyanz reference implementation. It knows nothing of training.
 */
import type { Tensor } from "../program/program.js";
import {
  type Activation,
  activate,
  convolution,
  type Layer,
  type Norm,
  normalization,
  resizeConvolution,
  transposedConvolution,
} from "./layers.js";
import type { Network, Pass, Problem } from "./network.js";

/** The generator's hyperparameters; the keys are the node's parameters. */
export interface UnetOptions {
  /** Channels of the input and of the output. */
  readonly channel_count: number;
  /** Down- and up-sampling layers; image sides are multiples of 2^layers. */
  readonly layers: number;
  readonly initial_layer_size: number;
  /** Channels double per layer up to this. */
  readonly max_layer_size: number;
  /** Even, 2 to 8; the stride is 2. */
  readonly kernel_size: number;
  readonly down_activation: Activation;
  readonly up_activation: Activation;
  readonly norm: Norm;
  /** Whether instance norm has a learned scale and shift. */
  readonly affine: boolean;
  /** The share of elements dropped after the up norms of layers 4 to layers − 2. */
  readonly dropout: number;
  readonly upsampling: "transposed" | "resize";
}

/** The largest L ≤ log2(side) with 2^L dividing the side; 0 for an odd side. */
export function largestLayerCount(side: number): number {
  let layers = 0;
  while (side % 2 ** (layers + 1) === 0) layers++;
  return layers;
}

/** What is wrong with these options for square images of this side, by parameter. Empty where nothing is. */
export function unetProblems(options: UnetOptions, side: number): readonly Problem[] {
  const { layers, kernel_size, initial_layer_size, max_layer_size, dropout } = options;
  const problems: Problem[] = [];
  const report = (parameter: string, message: string) => problems.push({ parameter, message });
  if (layers < 1) report("layers", `a U-Net has at least 1 layer, not ${layers}`);
  else if (side % 2 ** layers !== 0) {
    const multiple = 2 ** layers;
    const nearest = Math.max(multiple, Math.round(side / multiple) * multiple);
    const most = largestLayerCount(side);
    const fewer = most > 0 ? `, or at most ${most} layers for ${side}` : "";
    report(
      "layers",
      `${layers} layers need an image size that is a multiple of ${multiple}, not ${side}: try ${nearest}${fewer}`,
    );
  }
  if (kernel_size % 2 !== 0 || kernel_size < 2 || kernel_size > 8) {
    report("kernel_size", `the kernel size is 2, 4, 6 or 8, not ${kernel_size}`);
  }
  if (max_layer_size < initial_layer_size) {
    report("max_layer_size", `the largest layer size ${max_layer_size} is below the initial ${initial_layer_size}`);
  }
  if (dropout < 0 || dropout >= 1) report("dropout", `dropout is at least 0 and below 1, not ${dropout}`);
  return problems;
}

/** One level: on the way down activation, convolution, norm; on the way up activation, upsampling, norm, dropout. */
interface Level {
  /** The name that its dropout mask is asked for by; absent where it has no dropout. */
  readonly dropout?: string;
  readonly down: Layer;
  readonly downNorm: Layer;
  readonly up: Layer;
  readonly upNorm: Layer;
}

/** The U-Net of these options, which must have no problems. Images [N,channel_count,H,W] in and out, in [−1, 1] out. */
export function unet(options: UnetOptions): Network {
  const levels = Array.from({ length: options.layers }, (_, index) => level(options, index));
  const down = levels.flatMap((each) => [...each.down.parameters, ...each.downNorm.parameters]);
  const up = levels.toReversed().flatMap((each) => [...each.up.parameters, ...each.upNorm.parameters]);
  return {
    parameters: [...down, ...up],
    dropout: levels.some((each) => each.dropout !== undefined) ? options.dropout : 0,
    apply: (pass, x) => pass.b.tanh(descend(pass, options, levels, 0, x)),
  };
}

/** x through level `index`, everything below it, and up again. A skip is taken before the next level's activation. */
function descend(pass: Pass, options: UnetOptions, levels: readonly Level[], index: number, x: Tensor): Tensor {
  const { b } = pass;
  const here = levels[index]!;
  const activated = index === 0 ? x : activate(pass, x, options.down_activation);
  const skip = here.downNorm.apply(pass, here.down.apply(pass, activated));
  const deeper = index + 1 < levels.length ? [descend(pass, options, levels, index + 1, skip)] : [];
  const joined = activate(pass, b.concat([skip, ...deeper], 1), options.up_activation);
  const result = here.upNorm.apply(pass, here.up.apply(pass, joined));
  if (here.dropout === undefined || pass.training === undefined) return result;
  return b.mul(result, pass.training.dropoutMask(here.dropout, result.shape));
}

/**
 * Names count the modules of the reference's nested blocks: outermost [down, block, activation, up, tanh], middle
 * [activation, down, norm, block, activation, up, norm], innermost [activation, down, activation, up, norm].
 */
function level(options: UnetOptions, index: number): Level {
  const { layers, channel_count, kernel_size: kernel, norm, affine } = options;
  const channels = (i: number) =>
    i < 0 ? channel_count : Math.min(options.initial_layer_size * 2 ** i, options.max_layer_size);
  const [outermost, innermost] = [index === 0, index === layers - 1];
  const module = (position: number) => `${blockName(index)}${position}`;
  const bias = norm === "none" || (norm === "instance" && !affine);
  const shared = { kernel, stride: 2, pad: (kernel - 2) / 2 };
  const down = {
    ...shared,
    name: module(outermost ? 0 : 1),
    inputs: channels(index - 1),
    outputs: channels(index),
    bias,
  };
  const up = {
    ...shared,
    name: module(outermost || innermost ? 3 : 5),
    inputs: (innermost ? 1 : 2) * channels(index),
    outputs: channels(index - 1),
    bias: bias || outermost,
  };
  const upNormPosition = innermost ? 4 : 6;
  const drops = options.dropout > 0 && index >= 4 && index <= layers - 2;
  return {
    ...(drops ? { dropout: module(7) } : {}),
    down: convolution(down),
    downNorm: normalization(module(2), channels(index), outermost || innermost ? "none" : norm, affine),
    up: options.upsampling === "transposed" ? transposedConvolution(up) : resizeConvolution(up),
    upNorm: normalization(module(upNormPosition), channels(index - 1), outermost ? "none" : norm, affine),
  };
}

/** The path of level `index`'s block: the outermost one's submodule is its module 1, the others' is module 3. */
function blockName(index: number): string {
  return index === 0 ? "model.model." : `model.model.1.${"model.3.".repeat(index - 1)}model.`;
}
