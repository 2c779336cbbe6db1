/** What a translation is given: its parameters, its samples, what it starts from. Types alone. */
import type { Dataset } from "../data/samples.js";
import type { RunParams } from "../training/job.js";
import type { OnnxParams } from "./generator-export.js";
import type { DatasetParams, ModelParams } from "./params.js";

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
export interface JobParams extends ModelParams, Omit<RunParams, "training" | "test" | "onnx"> {
  readonly test: TestParams;
  readonly onnx: OnnxParams & RunParams["onnx"];
  readonly contact_sheet: { readonly path: string | null; readonly interval: number };
  readonly preview: { readonly path: string | null };
}

/** An image that is no sample. */
export interface Frame {
  readonly path: string;
  /** What it is called in paths: one part of a path, without extension. */
  readonly name: string;
}

/** A translation to train. */
export interface TranslationJob {
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

/** What a translation's files are besides what those of any training are. */
export type TranslationKind =
  | "discriminator"
  | "test_input"
  | "test_output"
  | "test_reference"
  | "test_reconstruction"
  | "contact_sheet"
  | "preview";
