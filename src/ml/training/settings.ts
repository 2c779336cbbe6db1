/**
 * What a training is asked to do: the parameters of `ml_train_style_transfer` as its node declares them, and what they come
 * to once every "auto" is decided. It knows nothing of files, samples or runtimes.
 */
import type { Activation, Norm } from "../networks/layers.js";
import type { PatchganOptions } from "../networks/patchgan.js";
import { usualBlockCount } from "../networks/resnet.js";
import { largestLayerCount } from "../networks/unet.js";
import type { GeneratorOptions } from "./generator.js";
import type { GanMode } from "./losses.js";
import type { OptimizerOptions } from "./optimizers.js";
import type { Schedule } from "./schedules.js";

/** How images are found, prepared and varied. */
export interface DatasetParams {
  readonly input_type: InputType;
  readonly channel_count: number;
  readonly image_size: number;
  readonly storage: "automatic" | "on_device";
  readonly worker_threads: number;
  readonly batch_size: number | "auto";
  readonly drop_boundary: boolean;
  readonly limit_input_count: number | null;
  readonly crop_inputs: number | null;
  readonly crop_size: number | null;
  readonly horizontal_flip: number | null;
  readonly vertical_flip: number | null;
  readonly rotation: number | null;
  readonly rotation_max_degrees: number;
  readonly shuffle_input_order: boolean;
  readonly seed: number;
}

export type InputType =
  | "single_paired"
  | "paired_directories"
  | "unpaired_directories"
  | "composite_directory"
  | "work_items"
  | "unpaired_work_items";

/** Whether samples of this type come as two sets without pairs, which is trained as a cycle. */
export function isUnpaired(input_type: InputType): boolean {
  return input_type === "unpaired_directories" || input_type === "unpaired_work_items";
}

export interface TrainingParams {
  readonly max_iterations: number;
  readonly learning_rate: number;
  readonly rate_scheduler: "linear" | "cosine" | "step";
  readonly linear_decay: number | "auto";
  readonly step_size: number;
  readonly gamma: number;
  readonly initializer: "normal" | "orthogonal";
  readonly gain: number;
  readonly gan_mode: GanMode | "auto";
  readonly pool_size: number | "auto";
  readonly identity_lambda: number;
}

export interface GeneratorParams {
  readonly architecture: "unet" | "resnet";
  readonly layers: number | "auto";
  readonly model_size: "small" | "medium" | "large" | null;
  readonly initial_layer_size: number;
  readonly max_layer_size: number | "auto";
  readonly kernel_size: number;
  readonly l1_lambda: number | "auto";
  readonly down_activation: Activation;
  readonly up_activation: Activation;
  readonly norm: Norm;
  readonly dropout: number | "auto";
  readonly upsampling: "transposed" | "resize";
}

export interface DiscriminatorParams {
  readonly layers: number;
  readonly initial_layer_size: number;
  readonly kernel_size: number;
  readonly activation: Activation;
}

export interface OptimizerParams {
  readonly algorithm: OptimizerOptions["algorithm"];
  readonly beta: readonly number[];
  readonly rho: number;
  readonly momentum: number;
  readonly lambda: number;
  readonly alpha: number;
  readonly t0: number;
}

/** The parameters that decide what is computed. */
export interface ModelParams {
  readonly dataset: DatasetParams;
  readonly training: TrainingParams;
  readonly generator: GeneratorParams;
  readonly discriminator: DiscriminatorParams;
  readonly optimizer: OptimizerParams;
}

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
