/** The parameters of `ml_train_style_transfer` that decide what is computed, as its node declares them. Types, but for one question. */

import type { NonFinite } from "../../image/finite.js";
import type { AlphaUse } from "../data/network-image.js";
import type { RangeParam } from "../data/ranges.js";
import type { Activation, Norm } from "../networks/layers.js";
import type { OptimizerOptions } from "../training/optimizers.js";
import type { Preset } from "./defaults.js";
import type { StructureWeights } from "./image-losses.js";
import type { GanMode } from "./losses.js";

/** How images are found, prepared and varied. */
export interface DatasetParams {
  readonly input_type: InputType;
  readonly channel_count: number;
  readonly alpha: AlphaUse;
  readonly input_range: RangeParam;
  readonly reference_range: RangeParam;
  readonly non_finite: NonFinite;
  readonly image_size: number;
  readonly storage: "automatic" | "on_device";
  readonly worker_threads: number;
  /** Null: as `defaults.ts` has it. */
  readonly batch_size: number | "auto" | null;
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
  readonly learning_rate: number | null;
  readonly rate_scheduler: "linear" | "cosine" | "step";
  readonly linear_decay: number | "auto";
  readonly step_size: number;
  readonly gamma: number;
  readonly initializer: "normal" | "orthogonal";
  readonly gain: number;
  readonly gan_mode: GanMode | "none" | "auto";
  readonly ema: number | null;
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
  readonly norm: Norm | "auto";
  readonly dropout: number | "auto";
  readonly upsampling: "transposed" | "resize";
}

export interface DiscriminatorParams {
  readonly layers: number | "auto";
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
  readonly preset: Preset;
  readonly dataset: DatasetParams;
  readonly training: TrainingParams;
  readonly generator: GeneratorParams;
  readonly discriminator: DiscriminatorParams;
  readonly loss: StructureWeights;
  readonly optimizer: OptimizerParams;
}
