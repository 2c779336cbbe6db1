/**
 * Writes the models that a training leaves behind: checkpoints and ONNX. It knows what is due when; the weights come from
 * others.
 */
import { writeFile } from "node:fs/promises";
import { dataFormOf } from "../data/data-form.js";
import { ExportError } from "../onnx/export.js";
import { type CheckpointTensor, firstNotFinite, writeCheckpoint } from "./checkpoint.js";
import { describeGenerator } from "./generator.js";
import { exportGenerator } from "./generator-export.js";
import { generatorsOf, hasIndices, ownIndex } from "./indices.js";
import type { Job, TrainingDoors } from "./job.js";
import type { Component } from "./method.js";
import { retain } from "./retention.js";
import type { SavedFiles } from "./saved.js";
import type { Settings } from "./settings.js";
import { type Progress, writeSnapshot } from "./snapshot.js";
import { NO_TIMING } from "./speed.js";
import { fillTemplate } from "./templates.js";
import type { Trainer } from "./trainer.js";
import { stateName } from "./update.js";
import { requireFiniteState } from "./watch.js";
import { slotOf, type Weights, weightsOf } from "./weights.js";

/** What a saver writes from. */
export interface SaverSources {
  readonly job: Job;
  readonly settings: Settings;
  /** Digest of the settings. */
  readonly config: string;
  readonly trainer: Trainer;
  readonly files: SavedFiles;
  readonly doors: TrainingDoors;
}

/** A network with some of its weights, as a file. */
interface Part {
  readonly component: Component;
  readonly weights: Weights;
  readonly kind: "checkpoint" | "discriminator" | "other_weights";
}

export class Saver {
  readonly #from: SaverSources;

  constructor(from: SaverSources) {
    this.#from = from;
  }

  /** Whether anything is due after an iteration that is not the last. */
  isDue(iteration: number): boolean {
    const { checkpoint, onnx } = this.#from.job.params;
    const saves = checkpoint.model_path !== null || checkpoint.add_as_outputs;
    return (saves && iteration % checkpoint.save_rate === 0) || (this.#exports && iteration % onnx.save_rate === 0);
  }

  get #exports(): boolean {
    const { onnx } = this.#from.job.params;
    return onnx.path !== null || onnx.add_as_outputs;
  }

  /**
   * Saves what is due after an iteration. `isFinal`: the training ends here. A model that cannot be exported costs no
   * training: it is warned of, and the warning is answered where that was the last export.
   */
  async saveIteration(progress: Progress, iteration: number, isFinal: boolean): Promise<string | undefined> {
    const { checkpoint, onnx } = this.#from.job.params;
    const isDue = (rate: number) => isFinal || iteration % rate === 0;
    if (isDue(checkpoint.save_rate)) await this.#saveCheckpoints(progress, iteration, isFinal);
    if (!this.#exports || !isDue(onnx.save_rate)) return undefined;
    try {
      await this.#saveOnnx(progress, iteration);
    } catch (error) {
      if (!(error instanceof ExportError)) throw error;
      const refused = `Iteration ${iteration} is not exported to ONNX: ${error.message}.`;
      if (isFinal) return refused;
      this.#from.doors.warn(refused);
    }
    return undefined;
  }

  /** Every network where a path is given; the final generator always, since nodes below need it. */
  async #saveCheckpoints(progress: Progress, iteration: number, isFinal: boolean): Promise<void> {
    const { trainer, files, job } = this.#from;
    const { model_path, add_as_outputs } = job.params.checkpoint;
    const parameter = model_path === null ? null : "checkpoint.model_path";
    const all = model_path !== null || add_as_outputs;
    if (!all && !isFinal) return;
    const paths: string[] = [];
    for (const part of this.#parts(progress.weights, all)) {
      const { component, weights, kind } = part;
      const network = weights === "ema" ? `${component.network}_ema` : component.network;
      const { index } = component;
      const path = fillTemplate(model_path ?? `${this.#defaultName}.safetensors`, { network, index, iteration });
      paths.push(path);
      const { tensors, metadata } = await this.#checkpointOf(component, weights, progress, iteration);
      const file = { path, kind, parameter, iteration, ...ownIndex(trainer.method, index) } as const;
      await files.save(file, (to) => writeCheckpoint(to, { tensors, metadata }));
    }
    if (!all) return;
    const [first] = paths;
    await files.save({ path: `${first}.state`, kind: "state", parameter, iteration }, (to) =>
      // What a later training continues from has no use for this one's files and times.
      writeSnapshot(to, trainer, { ...progress, files: [], timing: NO_TIMING }),
    );
    retain(files, progress.history, job.params.checkpoint);
  }

  /** The networks to save, each with its weights: those in use; and, of `all`, the others beside them. */
  #parts(used: Weights, all: boolean): readonly Part[] {
    const { method } = this.#from.trainer;
    return method.components.flatMap((component): readonly Part[] => {
      if (component.network !== "generator") return all ? [{ component, weights: "raw", kind: "discriminator" }] : [];
      return weightsOf(method)
        .filter((weights) => all || weights === used)
        .map((weights) => ({ component, weights, kind: weights === used ? "checkpoint" : "other_weights" }));
    });
  }

  /** Of networks that are given no path. */
  get #defaultName(): string {
    return hasIndices(this.#from.trainer.method) ? "{network}_{index}" : "{network}";
  }

  async #checkpointOf(component: Component, weights: Weights, progress: Progress, iteration: number) {
    const { settings, trainer, config } = this.#from;
    const { state, network, index, layers } = component;
    const tensors = new Map<string, CheckpointTensor>();
    for (const { name, shape } of layers.parameters) {
      tensors.set(name, { shape, data: await trainer.read(stateName(state, name, slotOf(weights))) });
    }
    requireFiniteState(firstNotFinite(tensors), progress.step);
    const own = { network, index: String(index), iteration: String(iteration), config_hash: config, format: "pt" };
    const which = weights === "raw" ? {} : { weights };
    const { generator: options, side: image_size, values } = settings;
    const described =
      network === "generator" ? describeGenerator({ options, image_size, data: dataFormOf(values, index) }) : {};
    const metadata: Readonly<Record<string, string>> = { ...own, ...which, ...described };
    return { tensors, metadata };
  }

  async #saveOnnx(progress: Progress, iteration: number): Promise<void> {
    const { job, settings, trainer, files, doors, config } = this.#from;
    const { onnx } = job.params;
    for (const component of generatorsOf(trainer.method)) {
      const { network, index } = component;
      const { tensors, metadata } = await this.#checkpointOf(component, progress.weights, progress, iteration);
      const weights = new Map([...tensors].map(([name, { data }]) => [name, data]));
      const { generator: options, side: image_size, values } = settings;
      const generator = { options, image_size, data: dataFormOf(values, index), weights };
      const which = metadata.weights === undefined ? {} : { weights: metadata.weights };
      const notes = { iteration: String(iteration), index: String(index), config_hash: config, ...which };
      const { bytes, largest } = await exportGenerator(generator, onnx, notes, doors.threads);
      doors.log(`iteration ${iteration}: exported to ONNX, at most ${largest.toExponential(1)} from the network`);
      const path = fillTemplate(onnx.path ?? `${this.#defaultName}.onnx`, { network, index, iteration });
      const parameter = onnx.path === null ? null : "onnx.path";
      const file = { path, kind: "onnx", parameter, iteration, ...ownIndex(trainer.method, index) } as const;
      await files.save(file, (to) => writeFile(to, bytes));
    }
  }
}
