/** What a training's parameters come to once every "auto" is decided. It knows nothing of files, samples or runtimes. */
import type { PatchganOptions } from "../networks/patchgan.js";
import { usualBlockCount } from "../networks/resnet.js";
import { largestLayerCount } from "../networks/unet.js";
import type { GeneratorOptions } from "./generator.js";
import type { GanMode } from "./losses.js";
import type { OptimizerOptions } from "./optimizers.js";
import {
  type GeneratorParams,
  isUnpaired,
  type ModelParams,
  type OptimizerParams,
  type TrainingParams,
} from "./params.js";
import type { Schedule } from "./schedules.js";

/** The parameters, decided. */
export interface Settings {
  readonly unpaired: boolean;
  readonly channel_count: number;
  /** Side of the images that the networks see. */
  readonly side: number;
  readonly seed: number;
  readonly max_iterations: number;
  readonly learning_rate: number;
  readonly schedule: Schedule;
  readonly initializer: "normal" | "orthogonal";
  readonly gain: number;
  readonly gan_mode: GanMode;
  readonly l1_lambda: number;
  /** Times `l1_lambda`; 0 where there are pairs. */
  readonly identity_lambda: number;
  readonly pool_size: number;
  readonly generator: GeneratorOptions;
  readonly discriminator: PatchganOptions;
  readonly optimizer: OptimizerOptions;
}

const MODEL_SIZES = { small: 16, medium: 32, large: 64 } as const;
/** What is "auto", by pairing; the affine norm is that of the reference, too. */
const PAIRED = { gan_mode: "vanilla", l1_lambda: 100, dropout: 0.5, pool_size: 0, affine: true } as const;
const UNPAIRED = { gan_mode: "lsgan", l1_lambda: 10, dropout: 0, pool_size: 50, affine: false } as const;
type Automatic = typeof PAIRED | typeof UNPAIRED;

/** Decides everything that is "auto". It checks nothing: see `problems.ts`. */
export function settingsOf({ dataset, training, generator, discriminator, optimizer }: ModelParams): Settings {
  const { channel_count, seed } = dataset;
  const side = dataset.crop_size ?? dataset.image_size;
  const unpaired = isUnpaired(dataset.input_type);
  const automatic = unpaired ? UNPAIRED : PAIRED;
  const { affine } = automatic;
  return {
    unpaired,
    channel_count,
    side,
    seed,
    max_iterations: training.max_iterations,
    learning_rate: training.learning_rate,
    schedule: scheduleOf(training),
    initializer: training.initializer,
    gain: training.gain,
    gan_mode: decided(training.gan_mode, automatic.gan_mode),
    l1_lambda: decided(generator.l1_lambda, automatic.l1_lambda),
    identity_lambda: unpaired ? training.identity_lambda : 0,
    pool_size: decided(training.pool_size, automatic.pool_size),
    generator: generatorOf(generator, channel_count, side, automatic),
    // Where there are pairs, it sees the input and the image that it judges.
    discriminator: {
      ...{ ...discriminator, channel_count: unpaired ? channel_count : 2 * channel_count },
      ...{ norm: generator.norm, affine },
    },
    optimizer: optimizerOf(optimizer),
  };
}

function decided<T>(value: T, automatic: Exclude<T, "auto">): Exclude<T, "auto"> {
  return value === "auto" ? automatic : (value as Exclude<T, "auto">);
}

function scheduleOf({ rate_scheduler, linear_decay, max_iterations, step_size, gamma }: TrainingParams): Schedule {
  switch (rate_scheduler) {
    case "linear":
      return { rate_scheduler, linear_decay: decided(linear_decay, Math.floor(max_iterations / 2)) };
    case "cosine":
      return { rate_scheduler };
    case "step":
      return { rate_scheduler, step_size, gamma };
  }
}

function generatorOf(
  params: GeneratorParams,
  channel_count: number,
  side: number,
  { affine, dropout: automatic }: Automatic,
): GeneratorOptions {
  const { architecture, norm, upsampling, model_size } = params;
  const initial_layer_size = model_size === null ? params.initial_layer_size : MODEL_SIZES[model_size];
  const dropout = decided(params.dropout, automatic);
  const shared = { channel_count, initial_layer_size, norm, affine, dropout, upsampling };
  if (architecture === "resnet") return { architecture, ...shared, blocks: usualBlockCount(side) };
  return {
    architecture,
    ...shared,
    layers: decided(params.layers, largestLayerCount(side)),
    max_layer_size: decided(params.max_layer_size, Math.max(side, initial_layer_size)),
    kernel_size: params.kernel_size,
    down_activation: params.down_activation,
    up_activation: params.up_activation,
  };
}

function optimizerOf({ algorithm, beta, rho, momentum, lambda, alpha, t0 }: OptimizerParams): OptimizerOptions {
  switch (algorithm) {
    case "adam":
      return { algorithm, beta: [beta[0]!, beta[1]!] };
    case "adadelta":
      return { algorithm, rho };
    case "sgd":
      return { algorithm, momentum };
    case "asgd":
      return { algorithm, lambda, alpha, t0 };
  }
}
