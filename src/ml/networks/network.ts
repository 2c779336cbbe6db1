/**
 * What a network is: named parameters in PyTorch's names and layouts, and a function that adds the network to a program.
 * It knows nothing of training, weights' values or files.
 */
import type { ProgramBuilder } from "../program/build.js";
import type { Shape, Tensor } from "../program/program.js";
import { sizeOf } from "../program/shapes.js";

/** How a parameter starts: see `training/initialize.ts`. Running statistics start at 0 (mean) and 1 (variance). */
export type Start = "weight" | "bias" | "norm_scale" | "norm_shift" | "running_mean" | "running_variance";

/** A named array of a network. */
export interface Parameter {
  /** PyTorch's name, for example `model.model.1.model.1.weight`. */
  readonly name: string;
  readonly shape: Shape;
  readonly start: Start;
  /** False for batch norm's running statistics: no gradient, no optimizer. */
  readonly trained: boolean;
}

/** What a batch norm found in a batch: mean and unbiased variance, [channels] each, by the parameters that keep them. */
export type BatchStatistics = ReadonlyMap<string, Tensor>;

/** What a training pass has and inference has not. */
export interface TrainingPass {
  /** Masks that drop elements, by layer name and shape. */
  dropoutMask(layer: string, shape: Shape): Tensor;
  /** Receives the statistics that a batch norm takes from the batch, in the order of its layers. */
  observe(statistics: BatchStatistics): void;
}

/** One pass through a network within a program. */
export interface Pass {
  readonly b: ProgramBuilder;
  /** The value of every parameter by name. */
  readonly values: ReadonlyMap<string, Tensor>;
  /** Batch norm takes its statistics from the batch in training, the running ones at inference. */
  readonly training: TrainingPass | undefined;
}

/** A network of fixed hyperparameters; any batch, and any image size that its layers accept. */
export interface Network {
  readonly parameters: readonly Parameter[];
  /** The share of elements that its dropout masks set to zero; kept ones are 1 / (1 − share). 0: it asks for none. */
  readonly dropout: number;
  /** x [N,C,H,W] → the network's answer. Throws a `ShapeError` where the image does not fit. */
  apply(pass: Pass, x: Tensor): Tensor;
}

/** A hyperparameter that cannot be, for the node's diagnostics: its key, what is wrong and what would be right. */
export interface Problem {
  readonly parameter: string;
  readonly message: string;
}

/** The number of trained values, as `sum(p.numel() for p in model.parameters())` counts in PyTorch. */
export function parameterCount(network: Network): number {
  return network.parameters.reduce((count, { shape, trained }) => (trained ? count + sizeOf(shape) : count), 0);
}
