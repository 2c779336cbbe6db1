/** What a training is given: its parameters, its samples, and its doors to the outside. Types alone. */
import type { Dataset } from "../data/samples.js";
import type { RuntimeChoice } from "../runtime/choose.js";
import type { OnnxParams } from "./generator-export.js";
import type { DatasetParams, ModelParams } from "./params.js";
import type { Retention } from "./retention.js";

export interface TestParams {
  readonly enabled: boolean;
  readonly target_ssim: number | null;
  readonly output_dir: string | null;
  readonly storage: DatasetParams["storage"];
  readonly worker_threads: number;
  readonly batch_size: number;
  readonly frequency: number;
  readonly size: number | "all";
  readonly add_results_as_outputs: boolean;
}

/** All parameters; paths of outputs are names, in which variables may stand. */
export interface JobParams extends ModelParams {
  readonly test: TestParams;
  readonly checkpoint: Retention & {
    readonly model_path: string | null;
    readonly save_rate: number;
    readonly add_as_outputs: boolean;
  };
  readonly onnx: OnnxParams & {
    readonly path: string | null;
    readonly save_rate: number;
    readonly add_as_outputs: boolean;
  };
  readonly plot: {
    readonly type: "disabled" | "csv" | "image";
    readonly rate: number;
    readonly ssim: string | null;
    readonly loss: string | null;
    readonly score: string | null;
  };
  readonly contact_sheet: { readonly path: string | null; readonly interval: number };
  readonly preview: { readonly path: string | null };
  readonly tensorboard: { readonly path: string | null; readonly interval: number };
  readonly summary: { readonly path: string | null; readonly interval: number };
  readonly resume_interval: number;
}

/** An image that is no sample. */
export interface Frame {
  readonly path: string;
  /** What it is called in paths: one part of a path, without extension. */
  readonly name: string;
}

/** A training to do. */
export interface Job {
  readonly params: JobParams;
  readonly samples: Dataset;
  /** Samples to test with; null where testing is off. */
  readonly tests: Dataset | null;
  /** A checkpoint to start from. */
  readonly initial_weights: string | null;
  /** The state file of the training to continue. */
  readonly continue_from: string | null;
  /** Frames to apply the generator to. */
  readonly previews: readonly Frame[];
}

/** Figures shown while it trains, and what computes them: `runtime`, `device`. */
export type Figures = { readonly fraction?: number; readonly [figure: string]: number | string | undefined };

/** The doors to the outside. */
export interface TrainingDoors {
  /** A folder that outlives a killed attempt. */
  readonly resume: string;
  /** Aborted: save and stop. */
  readonly signal: AbortSignal;
  readonly threads: number;
  /** What computes. */
  readonly runtime: RuntimeChoice;
  progress(figures: Figures): void;
  log(line: string): void;
  warn(line: string): void;
}
