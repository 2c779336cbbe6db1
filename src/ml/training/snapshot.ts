/**
 * A training's whole state as one file: every tensor, and the progress that its future depends on. It knows the format of
 * the file and how to tell a damaged one; not when it is written.
 */
import { createHash } from "node:crypto";
import {
  type Checkpoint,
  CheckpointError,
  type CheckpointTensor,
  firstNotFinite,
  readCheckpoint,
  requireShapes,
  writeCheckpoint,
} from "./checkpoint.js";
import type { IterationMetrics, MetricSums } from "./history.js";
import type { SavedFile } from "./saved.js";
import type { Timing } from "./speed.js";
import type { Trainer } from "./trainer.js";
import { requireFiniteState } from "./watch.js";
import type { Weights } from "./weights.js";

/** Where a training stands, besides its tensors. */
export interface TrainingProgress {
  /** Steps done, of this training. */
  readonly step: number;
  /** Updates done in all, those of a training that this one continues among them: the optimizer counts them. */
  readonly updates: number;
  readonly sums: MetricSums;
  readonly history: readonly IterationMetrics[];
  /** Files saved so far. */
  readonly files: readonly SavedFile[];
  /** Of all attempts. */
  readonly timing: Timing;
  /** Those of the networks' weights that are in use: the best of the last test. */
  readonly weights: Weights;
  /** As decided when the training began, and kept: results depend on both. */
  readonly batch_size: number;
  readonly threads: number;
  /** Digest of all settings that decide the result. */
  readonly settings: string;
}

/** A state file, read. */
export interface Snapshot {
  readonly checkpoint: Checkpoint;
  readonly progress: TrainingProgress;
}

const KIND = "training state 1";

/**
 * Writes the state, whole or not at all. Rejects with a CheckpointError, and with a TrainingError where the training has
 * diverged: what was written before stays then.
 */
export async function writeSnapshot(path: string, trainer: Trainer, progress: TrainingProgress): Promise<void> {
  const tensors = new Map<string, CheckpointTensor>();
  for (const [name, shape] of trainer.shapes) tensors.set(name, { shape, data: await trainer.read(name) });
  requireFiniteState(firstNotFinite(tensors), progress.step);
  const metadata = { kind: KIND, progress: JSON.stringify(progress), digest: digestOfTensors(tensors) };
  await writeCheckpoint(path, { tensors, metadata });
}

/** Reads a state. Rejects with a CheckpointError where it is damaged, cut short, or something else. */
export async function readSnapshot(path: string): Promise<Snapshot> {
  const checkpoint = await readCheckpoint(path);
  if (!isSnapshot(checkpoint)) throw new CheckpointError(`${path}: this is no training state.`);
  const { progress, digest } = checkpoint.metadata;
  if (digestOfTensors(checkpoint.tensors) !== digest) throw new CheckpointError(`${path}: its values are damaged.`);
  return { checkpoint, progress: progressFrom(JSON.parse(progress!) as StoredProgress) };
}

/** Progress as states have it, whose earlier versions had one score, and kept no averages. */
type StoredProgress = Omit<TrainingProgress, "weights" | "sums"> & {
  readonly weights?: Weights;
  readonly sums: Omit<MetricSums, "scores"> & { readonly scores?: MetricSums["scores"]; readonly ssim?: number };
};

/** In the order in which they were stored: a state that is read and written again is the same to the byte. */
function progressFrom(stored: StoredProgress): TrainingProgress {
  const { ssim, ...sums } = stored.sums;
  const scores = sums.scores ?? (ssim === undefined ? {} : { ssim_train: ssim });
  return { ...stored, weights: stored.weights ?? "raw", sums: { ...sums, scores } };
}

/** Whether a checkpoint is a training's whole state. */
export function isSnapshot({ metadata }: Checkpoint): boolean {
  return metadata.kind === KIND;
}

/** Puts the tensors of a state into a trainer. Throws a CheckpointError that lists the layers that do not fit. */
export function restore(trainer: Trainer, { tensors, metadata }: Checkpoint, where: string): void {
  requireShapes({ tensors, metadata }, trainer.shapes, where);
  for (const [name, { data }] of tensors) trainer.write(name, data);
}

function digestOfTensors(tensors: ReadonlyMap<string, CheckpointTensor>): string {
  const sum = createHash("sha256");
  for (const [name, { data }] of tensors) {
    sum.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return sum.digest("hex");
}
