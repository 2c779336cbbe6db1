/** What a training's parameters come to once every "auto" is decided. It knows nothing of files, samples or runtimes. */
import { PLAIN_VALUES, type SampleValues } from "../data/network-image.js";
import type { Norm } from "../networks/layers.js";
import { largestPatchLayers, type PatchganOptions } from "../networks/patchgan.js";
import { usualBlockCount } from "../networks/resnet.js";
import { largestLayerCount } from "../networks/unet.js";
import type { OptimizerOptions } from "../training/optimizers.js";
import type { Schedule } from "../training/schedules.js";
import { type Defaults, defaultsOf, LONG_TRAINING } from "./defaults.js";
import type { GeneratorOptions } from "./generator.js";
import type { StructureWeights } from "./image-losses.js";
import type { GanMode } from "./losses.js";
import {
  type DatasetParams,
  type GeneratorParams,
  isUnpaired,
  type ModelParams,
  type OptimizerParams,
  type TrainingParams,
} from "./params.js";

/** A method: see `methods.ts`. */
export type MethodName = "pix2pix" | "cyclegan" | "direct";

/** The parameters, decided. */
export interface Settings {
  readonly method: MethodName;
  readonly unpaired: boolean;
  readonly channel_count: number;
  /** How values of files are seen; ranges as measured. */
  readonly values: SampleValues;
  /** Side of the images that the networks see. */
  readonly side: number;
  readonly seed: number;
  readonly max_iterations: number;
  readonly learning_rate: number;
  readonly schedule: Schedule;
  readonly initializer: "normal" | "orthogonal";
  readonly gain: number;
  /** "none": there is no discriminator. */
  readonly gan_mode: GanMode | "none";
  readonly l1_lambda: number;
  /** Where there are pairs: what an image and its reference are compared by besides. */
  readonly loss: StructureWeights;
  /** Decay of an average of the generators' weights; null where there is none. */
  readonly ema: number | null;
  /** Times `l1_lambda`; 0 where there are pairs. */
  readonly identity_lambda: number;
  readonly pool_size: number;
  readonly generator: GeneratorOptions;
  readonly discriminator: PatchganOptions;
  readonly optimizer: OptimizerOptions;
}

const MODEL_SIZES = { small: 16, medium: 32, large: 64 } as const;
/** What the settings depend on besides the parameters. */
export interface Known {
  /** Samples of an iteration. */
  readonly samples: number;
  /** Where `dataset.batch_size` is "auto": what that came to. */
  readonly batch_size?: number;
  /** What the samples' values are to the network, once ranges are measured. */
  readonly values?: SampleValues;
}

/** What parameters alone say of the samples: as many as they may be, which one file is not. */
function knownFrom({ input_type, limit_input_count }: DatasetParams): Known {
  const most = limit_input_count ?? Number.POSITIVE_INFINITY;
  return { samples: input_type === "single_paired" ? 1 : most };
}

/** The samples of an update; where memory decides, and has not yet, the least for which an update is one of several. */
export function batchSizeOf({ preset, dataset }: Pick<ModelParams, "preset" | "dataset">, known: Known): number {
  const { batch_size, input_type } = dataset;
  if (batch_size === "auto") return known.batch_size ?? Math.min(2, known.samples);
  return batch_size ?? Math.min(defaultsOf(preset, isUnpaired(input_type)).batch_size, known.samples);
}

/** Decides everything that is open. It checks nothing: see `problems.ts`. */
export function settingsOf(params: ModelParams, known: Known = knownFrom(params.dataset)): Settings {
  const { dataset, training, generator, discriminator, optimizer, loss } = params;
  const { channel_count, seed } = dataset;
  const side = dataset.crop_size ?? dataset.image_size;
  const unpaired = isUnpaired(dataset.input_type);
  const automatic = defaultsOf(params.preset, unpaired);
  // Memory decides how many samples an update has, not what is learned by.
  const sizeForNorm = batchSizeOf(params, { samples: known.samples });
  const norm = decided(generator.norm, automatic.norm(sizeForNorm));
  const { affine } = automatic;
  const gan_mode = decided<GanMode | "none" | "auto">(training.gan_mode, automatic.gan_mode);
  // Where there are pairs, it sees the input and the image that it judges.
  const judge = { ...discriminator, channel_count: unpaired ? channel_count : 2 * channel_count, norm, affine };
  return {
    method: unpaired ? "cyclegan" : gan_mode === "none" ? "direct" : "pix2pix",
    unpaired,
    channel_count,
    values: known.values ?? PLAIN_VALUES,
    side,
    seed,
    max_iterations: training.max_iterations,
    learning_rate: training.learning_rate ?? rateOf(params, known, automatic),
    schedule: scheduleOf(training),
    initializer: training.initializer,
    gain: training.gain,
    gan_mode,
    l1_lambda: decided(generator.l1_lambda, automatic.l1_lambda),
    loss: { gradient: loss.gradient, ssim: loss.ssim },
    ema: training.ema,
    identity_lambda: unpaired ? training.identity_lambda : 0,
    pool_size: decided(training.pool_size, automatic.pool_size),
    generator: generatorOf(generator, channel_count, side, { ...automatic, norm }),
    discriminator: {
      ...judge,
      layers: decided(discriminator.layers, largestPatchLayers(judge, side, automatic.patchLayers(side))),
    },
    optimizer: optimizerOf(optimizer),
  };
}

/** The mode of a method that has discriminators. */
export function ganModeOf({ gan_mode }: Settings): GanMode {
  if (gan_mode === "none") throw new Error("a method without discriminators has no GAN mode");
  return gan_mode;
}

/** What was measured was measured with Adam. */
function rateOf(params: ModelParams, known: Known, automatic: Defaults): number {
  if (params.optimizer.algorithm !== "adam") return automatic.learningRate(Number.POSITIVE_INFINITY);
  return automatic.learningRate(updatesOf(params, known));
}

function updatesOf(params: ModelParams, known: Known): number {
  return params.training.max_iterations * Math.ceil(known.samples / batchSizeOf(params, known));
}

/** What parameters that were left open have come to, in words. */
export function choicesOf(params: ModelParams, settings: Settings, known: Known): readonly string[] {
  const { dataset, training, generator, discriminator } = params;
  const isOpen = settings.method !== "direct" && discriminator.layers === "auto";
  return [
    ...(dataset.batch_size === null ? [`dataset.batch_size is ${batchSizeOf(params, known)}`] : []),
    ...(generator.norm === "auto" ? [`generator.norm is "${settings.generator.norm}"`] : []),
    ...(training.learning_rate === null ? [`training.learning_rate is ${rateText(params, settings, known)}`] : []),
    ...(isOpen ? [`discriminator.layers is ${settings.discriminator.layers}`] : []),
  ];
}

function rateText(params: ModelParams, { learning_rate, schedule, unpaired }: Settings, known: Known): string {
  const { learningRate } = defaultsOf(params.preset, unpaired);
  const updates = updatesOf(params, known);
  const depends = params.optimizer.algorithm === "adam" && learningRate(0) !== learningRate(LONG_TRAINING);
  const length = updates < LONG_TRAINING ? "fewer than" : "not fewer than";
  const isHalf = schedule.rate_scheduler === "linear" && params.training.linear_decay === "auto";
  return [
    String(learning_rate),
    depends ? ` (${updates} ${updates === 1 ? "update" : "updates"}, ${length} ${LONG_TRAINING})` : "",
    isHalf ? ", falling over the last half" : "",
  ].join("");
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
  { affine, dropout: automatic, norm }: Pick<Defaults, "affine" | "dropout"> & { readonly norm: Norm },
): GeneratorOptions {
  const { architecture, upsampling, model_size } = params;
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
