/**
 * Writes the models that a training leaves behind: checkpoints and ONNX. It knows what is due when; the weights, and how they
 * are exported, come from others.
 */
import { writeFile } from "node:fs/promises";
import { ExportError } from "../onnx/export.js";
import { type CheckpointTensor, firstNotFinite, writeCheckpoint } from "./checkpoint.js";
import { appliedOf, hasIndices, ownIndex } from "./components.js";
import type { Models, RunParams, TrainingContext } from "./job.js";
import type { Component } from "./method.js";
import { retain } from "./retention.js";
import type { SavedFiles } from "./saved.js";
import { type TrainingProgress, writeSnapshot } from "./snapshot.js";
import { NO_TIMING } from "./speed.js";
import { fillTemplate } from "./templates.js";
import type { Trainer } from "./trainer.js";
import { stateName } from "./update.js";
import { requireFiniteState } from "./watch.js";
import { slotOf, type Weights, weightsOf } from "./weights.js";

/** What a saver writes from. */
export interface SaverSources {
  readonly params: RunParams;
  /** Digest of all that decides the result. */
  readonly config: string;
  readonly trainer: Trainer;
  readonly models: Models;
  readonly files: SavedFiles;
  readonly context: TrainingContext;
}

/** A network with some of its weights, as a file. */
interface Part {
  readonly component: Component;
  readonly weights: Weights;
  readonly kind: string;
}

export class Saver {
  readonly #from: SaverSources;

  constructor(from: SaverSources) {
    this.#from = from;
  }

  /** Whether anything is due after an iteration that is not the last. */
  isDue(iteration: number): boolean {
    const { checkpoint, onnx } = this.#from.params;
    const saves = checkpoint.model_path !== null || checkpoint.add_as_outputs;
    return (saves && iteration % checkpoint.save_rate === 0) || (this.#exports && iteration % onnx.save_rate === 0);
  }

  get #exports(): boolean {
    const { onnx } = this.#from.params;
    return onnx.path !== null || onnx.add_as_outputs;
  }

  /**
   * Saves what is due after an iteration. `isFinal`: the training ends here. A model that cannot be exported costs no
   * training: it is warned of, and the warning is answered where that was the last export.
   */
  async saveIteration(progress: TrainingProgress, iteration: number, isFinal: boolean): Promise<string | undefined> {
    const { checkpoint, onnx } = this.#from.params;
    const isDue = (rate: number) => isFinal || iteration % rate === 0;
    if (isDue(checkpoint.save_rate)) await this.#saveCheckpoints(progress, iteration, isFinal);
    if (!this.#exports || !isDue(onnx.save_rate)) return undefined;
    try {
      await this.#saveOnnx(progress, iteration);
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      const refused = `Iteration ${iteration} is not exported to ONNX: ${error.message}.`;
      if (isFinal) return refused;
      this.#from.context.warn(refused);
    }
    return undefined;
  }

  /** Every network where a path is given; those in use always at the end, since nodes below need them. */
  async #saveCheckpoints(progress: TrainingProgress, iteration: number, isFinal: boolean): Promise<void> {
    const { trainer, files, params } = this.#from;
    const { model_path, add_as_outputs } = params.checkpoint;
    const parameter = model_path === null ? null : "checkpoint.model_path";
    const all = model_path !== null || add_as_outputs;
    if (!all && !isFinal) return;
    const paths: string[] = [];
    for (const part of this.#parts(progress.weights, all)) {
      const { component, weights, kind } = part;
      const { role, index } = component;
      const network = weights === "ema" ? `${role}_ema` : role;
      const path = fillTemplate(model_path ?? `${this.#defaultName}.safetensors`, { network, index, iteration });
      paths.push(path);
      const { tensors, metadata } = await this.#checkpointOf(component, weights, progress, iteration);
      const file = { path, kind, parameter, iteration, ...ownIndex(trainer.method, index) };
      await files.save(file, (to) => writeCheckpoint(to, { tensors, metadata }));
    }
    if (!all) return;
    const [first] = paths;
    await files.save({ path: `${first}.state`, kind: "state", parameter, iteration }, (to) =>
      // What a later training continues from has no use for this one's files and times.
      writeSnapshot(to, trainer, { ...progress, files: [], timing: NO_TIMING }),
    );
    retain(files, progress.history, params.checkpoint, trainer.method);
  }

  /** The networks to save, each with its weights: those in use; and, of `all`, the others beside them. */
  #parts(used: Weights, all: boolean): readonly Part[] {
    const { method } = this.#from.trainer;
    return method.components.flatMap((component): readonly Part[] => {
      if (!component.applied) return all ? [{ component, weights: "raw", kind: component.role }] : [];
      return weightsOf(method)
        .filter((weights) => all || weights === used)
        .map((weights) => ({ component, weights, kind: weights === used ? "checkpoint" : "other_weights" }));
    });
  }

  /** Of networks that are given no path. */
  get #defaultName(): string {
    return hasIndices(this.#from.trainer.method) ? "{network}_{index}" : "{network}";
  }

  async #checkpointOf(component: Component, weights: Weights, progress: TrainingProgress, iteration: number) {
    const { models, trainer, config } = this.#from;
    const { state, role: network, index, layers } = component;
    const tensors = new Map<string, CheckpointTensor>();
    for (const { name, shape } of layers.parameters) {
      tensors.set(name, { shape, data: await trainer.read(stateName(state, name, slotOf(weights))) });
    }
    requireFiniteState(firstNotFinite(tensors), progress.step);
    const own = { network, index: String(index), iteration: String(iteration), config_hash: config, format: "pt" };
    const which = weights === "raw" ? {} : { weights };
    const metadata: Readonly<Record<string, string>> = { ...own, ...which, ...models.describe(component) };
    return { tensors, metadata };
  }

  async #saveOnnx(progress: TrainingProgress, iteration: number): Promise<void> {
    const { params, models, trainer, files, context, config } = this.#from;
    const { onnx } = params;
    for (const component of appliedOf(trainer.method)) {
      const { role: network, index } = component;
      const { tensors, metadata } = await this.#checkpointOf(component, progress.weights, progress, iteration);
      const weights = new Map([...tensors].map(([name, { data }]) => [name, data]));
      const which = metadata.weights === undefined ? {} : { weights: metadata.weights };
      const notes = { iteration: String(iteration), index: String(index), config_hash: config, ...which };
      const { bytes, largest } = await models.export(component, weights, notes);
      context.log(`iteration ${iteration}: exported to ONNX, at most ${largest.toExponential(1)} from the network`);
      const path = fillTemplate(onnx.path ?? `${this.#defaultName}.onnx`, { network, index, iteration });
      const parameter = onnx.path === null ? null : "onnx.path";
      const file = { path, kind: "onnx", parameter, iteration, ...ownIndex(trainer.method, index) } as const;
      await files.save(file, (to) => writeFile(to, bytes));
    }
  }
}
