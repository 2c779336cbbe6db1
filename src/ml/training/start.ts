/**
 * Where a training begins: at a state that a killed or stopped attempt left, at another training's state, at given weights,
 * or at random ones. It knows files of state and weights, nothing of samples or steps.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Checkpoint, CheckpointError, readCheckpoint, requireShapes } from "./checkpoint.js";
import { appliedOf } from "./components.js";
import { AVERAGE } from "./optimizers.js";
import { SavedFiles } from "./saved.js";
import { isSnapshot, readSnapshot, restore, type Snapshot } from "./snapshot.js";
import type { Trainer } from "./trainer.js";
import { stateName } from "./update.js";

/** Where state and files of an attempt lie in its resume folder. */
export const STATE_FILE = "state.safetensors";
export const FILES_FOLDER = "files";

/**
 * The state that an earlier attempt left in the resume folder, if it is whole and of this training (`settings`: its digest).
 * What is damaged is warned of and left aside.
 */
export async function findResumable(
  folder: string,
  settings: string,
  warn: (line: string) => void,
): Promise<Snapshot | undefined> {
  const path = join(folder, STATE_FILE);
  if (!existsSync(path)) return undefined;
  const ignored = (why: string) =>
    warn(`The saved state of an earlier attempt is not used, and training starts anew: ${why}`);
  try {
    const found = await readSnapshot(path);
    if (found.progress.settings !== settings) return void ignored("it was made with other settings or samples.");
    if (new SavedFiles(join(folder, FILES_FOLDER), found.progress.files).complete) return found;
    return void ignored("files that were saved with it are missing.");
  } catch (error) {
    return void ignored((error as Error).message);
  }
}

/** A state, and the file that holds it. */
export interface FoundState {
  readonly path: string;
  readonly snapshot: Snapshot;
}

/** The latest state that this training (`settings`: its digest) wrote, for the next attempt or beside a checkpoint. */
export async function lastState(folder: string, files: SavedFiles, settings: string): Promise<FoundState | undefined> {
  const saved = files.all.findLast(({ kind }) => kind === "state");
  const paths = [join(folder, STATE_FILE), ...(saved === undefined ? [] : [join(folder, FILES_FOLDER, saved.path)])];
  const found: FoundState[] = [];
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const snapshot = await readSnapshot(path);
    if (snapshot.progress.settings === settings) found.push({ path, snapshot });
  }
  return found.sort((a, b) => b.snapshot.progress.updates - a.snapshot.progress.updates)[0];
}

/** Sets weights from a checkpoint of one network, or from a training's whole state. Rejects with a CheckpointError. */
export async function loadInitialWeights(path: string, trainer: Trainer): Promise<void> {
  const checkpoint = await readCheckpoint(path);
  const whole = isSnapshot(checkpoint);
  const { network = appliedOf(trainer.method)[0]!.role, index = "0" } = checkpoint.metadata;
  for (const component of trainer.method.components) {
    if (!whole && (component.role !== network || String(component.index) !== index)) continue;
    const expected = new Map(component.layers.parameters.map(({ name, shape }) => [name, shape]));
    const own = whole ? weightsOf(checkpoint, component.state) : checkpoint;
    requireShapes(own, expected, path);
    for (const [name, { data }] of own.tensors) trainer.writeWeights(component, name, data);
  }
}

/** A network's weights in a training's state, without the optimizer's slots. */
function weightsOf({ tensors, metadata }: Checkpoint, state: string): Checkpoint {
  const prefix = stateName(state, "");
  const own = [...tensors].filter(([name]) => name.startsWith(prefix) && !name.includes(":"));
  return { tensors: new Map(own.map(([name, tensor]) => [name.slice(prefix.length), tensor])), metadata };
}

/** The state of the training that is continued, put into the trainer. Rejects with a CheckpointError. */
export async function continueFrom(path: string, trainer: Trainer): Promise<Snapshot> {
  const snapshot = await readSnapshot(path);
  requireOptimizer(snapshot.checkpoint, trainer, path);
  restore(trainer, snapshot.checkpoint, path);
  return snapshot;
}

/** Another optimizer keeps other values of each weight: hundreds of lines would say less. */
function requireOptimizer({ tensors }: Checkpoint, trainer: Trainer, path: string): void {
  const slotsIn = (names: Iterable<string>) =>
    new Set([...names].flatMap((name) => /^[^:]*\.[^:]*:(.*)$/.exec(name)?.[1] ?? []));
  const [found, expected] = [slotsIn(tensors.keys()), slotsIn(trainer.shapes.keys())];
  const had = found.delete(AVERAGE);
  if (had !== expected.delete(AVERAGE)) {
    throw new CheckpointError(
      `${path}: its training had ${had ? "a" : "no"} training.ema, which cannot begin or end in between: set the same, or take its weights alone by training.initial_weights.`,
    );
  }
  if (found.size === expected.size && [...found].every((slot) => expected.has(slot))) return;
  throw new CheckpointError(
    `${path}: its training had another optimizer.algorithm, whose state cannot be gone on with: set the same, or take its weights alone by training.initial_weights.`,
  );
}
