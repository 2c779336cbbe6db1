/** The settings of a loader, and what follows from them. Knows nothing of how they are carried out. */
import type { SampleValues } from "./network-image.js";
import type { SampleForm } from "./prepare.js";
import type { Randomization } from "./randomize.js";

/** How a data set becomes batches. Keys are those of the node's `dataset` parameter. */
export interface LoaderSettings {
  readonly channel_count: number;
  readonly image_size: number;
  readonly crop_size: number | null;
  readonly values: SampleValues;
  /** Null in tests: nothing is drawn, crops of a fixed size are taken from the centre. */
  readonly randomization: Randomization | null;
  readonly batch_size: number;
  readonly max_iterations: number;
  readonly shuffle_input_order: boolean;
  readonly drop_boundary: boolean;
  readonly seed: number;
  /** 0: decode on the caller's thread, when the batch is asked for. */
  readonly worker_threads: number;
  /** `on_device` keeps every decoded sample; `automatic` as many as `cache_bytes` allow. */
  readonly storage: "automatic" | "on_device";
  /** A quarter of the memory that is available at the start, unless given. */
  readonly cache_bytes?: number;
}

/** The form of the images in a loader's batches. */
export function formOf(
  settings: Pick<LoaderSettings, "channel_count" | "image_size" | "crop_size" | "randomization" | "values">,
): SampleForm {
  const { channel_count, image_size, crop_size, randomization, values } = settings;
  return { channel_count, image_size, crop_size, values, crops: (randomization?.crop_inputs ?? null) !== null };
}
