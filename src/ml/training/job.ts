/**
 * What a training is given: by its family, what is learned and from what; by its caller, the doors to the outside. Types alone:
 * they are all that the general part of training asks of a family.
 */
import type { Image } from "../../image/image.js";
import type { SampleDraw } from "../data/order.js";
import type { RuntimeChoice } from "../runtime/choose/choose.js";
import type { Values } from "../runtime/runtime.js";
import type { IterationMetrics, ScoreName } from "./history.js";
import type { Component, Method, SampleBatch } from "./method.js";
import type { Retention } from "./retention.js";
import type { SavedFile, SavedFiles } from "./saved.js";
import type { Trainer } from "./trainer.js";
import type { Weights } from "./weights.js";

/** The parameters that every training has; paths of outputs are names, in which variables may stand. */
export interface RunParams {
  readonly training: { readonly max_iterations: number };
  /** After how many iterations it is tested. */
  readonly test: { readonly frequency: number };
  readonly checkpoint: Retention & Saving;
  readonly onnx: Saving<"path">;
  readonly plot: {
    readonly type: "disabled" | "csv" | "image";
    readonly rate: number;
    readonly ssim: string | null;
    readonly loss: string | null;
    readonly score: string | null;
  };
  readonly tensorboard: { readonly path: string | null; readonly interval: number };
  readonly summary: { readonly path: string | null; readonly interval: number };
  readonly resume_interval: number;
}

/** Where files of networks go, and after how many iterations. */
type Saving<Path extends string = "model_path"> = { readonly [name in Path]: string | null } & {
  readonly save_rate: number;
  readonly add_as_outputs: boolean;
};

/** A training to do, as its family gives it. */
export interface TrainingJob {
  readonly params: RunParams;
  /** A checkpoint to start from. */
  readonly initial_weights: string | null;
  /** The state file of the training to continue. */
  readonly continue_from: string | null;
  /** Looks at the samples. Rejects with a message for the user that names the file. */
  plan(context: TrainingContext): Promise<Plan>;
}

/** What is known once the samples have been looked at. */
export interface Plan {
  /** What decides the result, weights to start from aside: a state of another identity is of another training. */
  readonly identity: unknown;
  /** Samples of an iteration. */
  readonly samples: number;
  /** Samples of an update; "auto": as many as memory allows. */
  readonly batch_size: number | "auto";
  /** Decides what is open; without a batch size, as far as that does not need one. */
  decide(batch_size?: number): TrainingConfig;
}

/** A training with everything decided. */
export interface TrainingConfig {
  readonly method: Method;
  /** The learning rate of an iteration, counted from 1; `schedules.ts` has the usual ones. */
  rateOf(iteration: number): number;
  /** What tells it from others in a summary. */
  readonly described: object;
  /** What parameters that were left open have come to, in words; and what is doubtful. */
  readonly choices: readonly string[];
  readonly warnings: readonly string[];
  /** Whether the family has files to show before the end. */
  readonly saves: boolean;
  readonly words: FamilyWords;
  /** Opens what the training works on; close it. Rejects with a message for the user. */
  open(trainer: Trainer, files: SavedFiles, context: TrainingContext): Promise<TrainingInput>;
}

/** A family's words in messages of the general part. */
export interface FamilyWords {
  /** The form of a sample: `64×64`. */
  readonly form: string;
  /** Parameters to lower where memory does not do, the batch size aside: `dataset.image_size or …`. */
  readonly smaller: string;
  /** What to look for in samples of these names whose losses are no numbers: "check that …". */
  check(names: readonly string[]): string;
}

/** What a training works on, open. */
export interface TrainingInput {
  readonly batches: Batches;
  /** What networks with batch norm are measured on; null where none is, or it is never wanted. */
  readonly survey: SampleReader | null;
  readonly tester: Tester | null;
  readonly gallery: Gallery;
  readonly models: Models;
  /** Scores of each sample of an update by name, such as `ssim_train`; `outputs`: of its programs. */
  scores(samples: SampleBatch, outputs: ReadonlyMap<string, Values>): ReadonlyMap<ScoreName, readonly number[]>;
  /** What goes wrong as the figures show it, once; undefined where nothing does. */
  warning(history: readonly IterationMetrics[]): string | undefined;
  close(): Promise<void>;
}

/** Samples in the order in which they are learned from. */
export interface Batches {
  readonly order: { readonly steps: number; batch(step: number): readonly Pick<SampleDraw, "iteration">[] };
  /** A step's samples, and the seconds that they were waited for. */
  batch(step: number): Promise<SampleBatch & { readonly waited: number; readonly names: () => readonly string[] }>;
}

/** Samples one by one, as the networks in use are given them: nothing drawn, always the same. */
export interface SampleReader {
  /** How many there are for a network in use. */
  count(network: number): number;
  /** What each network in use is given of a sample, [1, ...form]; more than it has samples need not be made. */
  sample(at: number): Promise<readonly { readonly values: Values; readonly shape: readonly number[] }[]>;
}

/** Tests networks on samples that they do not learn from. */
export interface Tester {
  run(iteration: number, history: readonly IterationMetrics[]): Promise<TestResult>;
}

/** What a test finds. */
export interface TestResult {
  /** The score of each set of weights, and the one of the best: it is in use from now on. */
  readonly scores: ReadonlyMap<Weights, number>;
  readonly best: Weights;
  /** Why the training need not go on. */
  readonly ended?: string;
}

/** Images that show how a training goes. */
export interface Gallery {
  /** Steps from one picture of samples to the next; the last step always has one. */
  readonly interval: number;
  /** Of a step's samples. Asked for only where `shown` or a path wants it. */
  ofStep(seen: TrainedStep, shown: boolean): Promise<readonly Picture[]>;
  /** Whether there are pictures after iterations. */
  readonly follows: boolean;
  /** After an iteration after which checkpoints are due. */
  ofIteration(weights: Weights, iteration: number): AsyncIterable<Picture>;
}

/** A step, and what was learned from and made in it: valid until the next one. */
export interface TrainedStep {
  /** Counts from 1. */
  readonly step: number;
  readonly iteration: number;
  readonly samples: SampleBatch;
  readonly outputs: ReadonlyMap<string, Values>;
}

/** An image under a tag of TensorBoard, and as a file where it is one. */
export interface Picture {
  readonly tag: string;
  readonly shown: Image;
  readonly file: { readonly saved: SavedFile; write(path: string): Promise<unknown> } | null;
}

/** How networks become files. */
export interface Models {
  /** Metadata of a component's checkpoint, from which it can be built again. */
  describe(component: Component): Readonly<Record<string, string>>;
  /**
   * A network in use with its weights, by parameter name, as an .onnx file, compared with the network itself: the largest
   * difference. Rejects with an ExportError.
   */
  export(
    component: Component,
    weights: ReadonlyMap<string, Float32Array>,
    notes: Readonly<Record<string, string>>,
  ): Promise<{ readonly bytes: Uint8Array; readonly largest: number }>;
}

/** Figures shown while it trains, and what computes them: `runtime`, `device`. */
export type ProgressMetrics = { readonly fraction?: number; readonly [figure: string]: number | string | undefined };

/** The doors to the outside. */
export interface TrainingContext {
  /** A folder that outlives a killed attempt. */
  readonly resume: string;
  /** Aborted: save and stop. */
  readonly signal: AbortSignal;
  readonly threads: number;
  /** What computes. */
  readonly runtime: RuntimeChoice;
  progress(figures: ProgressMetrics): void;
  log(line: string): void;
  warn(line: string): void;
}
