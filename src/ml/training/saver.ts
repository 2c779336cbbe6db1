/**
 * Writes what a training leaves behind: checkpoints, ONNX models, plots, contact sheets, previews. It knows what is due
 * when; the figures and the weights come from others.
 */
import { writeFile } from "node:fs/promises";
import { decodeImage } from "../../image/decode.js";
import { writeImage } from "../../image/encode.js";
import { imageOf } from "../../image/image.js";
import { plotSvg } from "../../image/plot.js";
import { contactSheet } from "../../image/sheet.js";
import { renderSvg } from "../../image/svg.js";
import { toChannels, withoutAlpha } from "../../image/tone.js";
import { applyModel } from "../onnx/apply.js";
import { type CheckpointTensor, writeCheckpoint } from "./checkpoint.js";
import { csvOf, plotOf } from "./figures.js";
import { describeGenerator, sizeMultiple } from "./generator.js";
import { exportGenerator } from "./generator-export.js";
import type { IterationFigures } from "./history.js";
import type { Job, TrainingDoors } from "./job.js";
import type { Component } from "./method.js";
import type { SavedFile, SavedFiles } from "./saved.js";
import type { Settings } from "./settings.js";
import { toUnit } from "./similarity.js";
import { type Progress, writeSnapshot } from "./snapshot.js";
import { fillTemplate } from "./templates.js";
import type { Learned, Trainer } from "./trainer.js";
import { stateName } from "./update.js";

/** Rows of a contact sheet, at most. */
const SHEET_ROWS = 8;
const PLOTS = ["ssim", "loss", "score"] as const;

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

export class Saver {
  readonly #from: SaverSources;

  constructor(from: SaverSources) {
    this.#from = from;
  }

  /** Saves what is due after an iteration. `isFinal`: the training ends here. */
  async saveIteration(progress: Progress, iteration: number, isFinal: boolean): Promise<void> {
    const { checkpoint, onnx, preview } = this.#from.job.params;
    const isDue = (rate: number) => isFinal || iteration % rate === 0;
    if (isDue(checkpoint.save_rate)) await this.#saveCheckpoints(progress, iteration, isFinal);
    const wantsOnnx = onnx.path !== null || onnx.add_as_outputs;
    if (wantsOnnx && isDue(onnx.save_rate)) await this.#saveOnnx(iteration);
    if (preview.path !== null && isDue(checkpoint.save_rate)) await this.#savePreview(preview.path, iteration);
    await this.#savePlots(progress.history, iteration, isFinal);
  }

  /** Saves a sheet of an update's samples where one is due after this step, counted from 1. */
  async saveSheet(step: number, isFinal: boolean, iteration: number, { images }: Learned) {
    const { path, interval } = this.#from.job.params.contact_sheet;
    if (path === null || !(isFinal || step % interval === 0)) return;
    const { side, channel_count: channels } = this.#from.settings;
    const length = channels * side * side;
    const image = (values: Float32Array, at: number) =>
      imageOf({ width: side, height: side, channels }, toUnit(values.subarray(at * length, (at + 1) * length)));
    const all = [...images.values()];
    const rows = Array.from({ length: Math.min(all[0]!.length / length, SHEET_ROWS) }, (_, at) => ({
      label: `step ${step}`,
      images: all.map((values) => image(values, at)),
    }));
    const sheet = await contactSheet({ columns: [...images.keys()], rows });
    await this.#from.files.save(
      {
        path: fillTemplate(path, { network: "generator", index: 0, iteration }),
        kind: "contact_sheet",
        parameter: "contact_sheet.path",
        iteration,
      },
      (to) => writeImage(to, sheet),
    );
  }

  /** Every network where a path is given; the final generator always, since nodes below need it. */
  async #saveCheckpoints(progress: Progress, iteration: number, isFinal: boolean): Promise<void> {
    const { trainer, files, job } = this.#from;
    const { model_path, add_as_outputs } = job.params.checkpoint;
    const parameter = model_path === null ? null : "checkpoint.model_path";
    const all = model_path !== null || add_as_outputs;
    if (!all && !isFinal) return;
    const paths = new Map<Component, string>();
    for (const component of trainer.method.components) {
      const { network, index } = component;
      if (!all && network !== "generator") continue;
      const path = fillTemplate(model_path ?? `${this.#defaultName}.safetensors`, { network, index, iteration });
      paths.set(component, path);
      const kind = network === "generator" ? "checkpoint" : "discriminator";
      const { tensors, metadata } = await this.#checkpointOf(component, iteration);
      const file = { path, kind, parameter, iteration, ...this.#ownIndex(index) } as const;
      await files.save(file, (to) => writeCheckpoint(to, { tensors, metadata }));
    }
    if (!all) return;
    const [first] = paths.values();
    await files.save({ path: `${first}.state`, kind: "state", parameter, iteration }, (to) =>
      // What a later training continues from has no use for this one's files.
      writeSnapshot(to, trainer, { ...progress, files: [] }),
    );
  }

  /** Whether there is more than one network of a kind. */
  get #hasIndices(): boolean {
    return this.#from.trainer.method.components.some(({ index }) => index > 0);
  }

  /** Of networks that are given no path. */
  get #defaultName(): string {
    return this.#hasIndices ? "{network}_{index}" : "{network}";
  }

  #ownIndex(index: number): Pick<SavedFile, "index"> {
    return this.#hasIndices ? { index } : {};
  }

  async #checkpointOf(component: Component, iteration: number) {
    const { settings, trainer, config } = this.#from;
    const { state, network, index, layers } = component;
    const tensors = new Map<string, CheckpointTensor>();
    for (const { name, shape } of layers.parameters) {
      tensors.set(name, { shape, data: await trainer.read(stateName(state, name)) });
    }
    const own = { network, index: String(index), iteration: String(iteration), config_hash: config, format: "pt" };
    const described =
      network === "generator" ? describeGenerator({ options: settings.generator, image_size: settings.side }) : {};
    return { tensors, metadata: { ...own, ...described } };
  }

  async #saveOnnx(iteration: number): Promise<void> {
    const { job, settings, trainer, files, doors, config } = this.#from;
    const { onnx } = job.params;
    for (const component of trainer.method.components) {
      const { network, index } = component;
      if (network !== "generator") continue;
      const { tensors } = await this.#checkpointOf(component, iteration);
      const weights = new Map([...tensors].map(([name, { data }]) => [name, data]));
      const generator = { options: settings.generator, image_size: settings.side, weights };
      const notes = { iteration: String(iteration), index: String(index), config_hash: config };
      const { bytes, largest } = await exportGenerator(generator, onnx, notes, doors.threads);
      doors.log(`iteration ${iteration}: exported to ONNX, at most ${largest.toExponential(1)} from the network`);
      const path = fillTemplate(onnx.path ?? `${this.#defaultName}.onnx`, { network, index, iteration });
      const parameter = onnx.path === null ? null : "onnx.path";
      const file = { path, kind: "onnx", parameter, iteration, ...this.#ownIndex(index) } as const;
      await files.save(file, (to) => writeFile(to, bytes));
    }
  }

  async #savePlots(history: readonly IterationFigures[], iteration: number, isFinal: boolean): Promise<void> {
    const { plot } = this.#from.job.params;
    if (plot.type === "disabled" || !(isFinal || iteration % plot.rate === 0)) return;
    // The last iteration may be none that is due.
    const shown = history.filter((figures) => figures.iteration % plot.rate === 0 || figures === history.at(-1));
    for (const name of PLOTS) {
      const path = plot[name];
      if (path === null) continue;
      const file = { path: fillTemplate(path, { network: "generator", index: 0, iteration }), iteration } as const;
      await this.#from.files.save({ ...file, kind: "plot", parameter: `plot.${name}` }, async (to) =>
        plot.type === "csv"
          ? writeFile(to, csvOf(name, shown))
          : writeImage(to, await renderSvg(plotSvg(plotOf(name, shown)))),
      );
    }
  }

  /** The generator's answer to a whole frame, padded to what its layers need and cut back. */
  async #savePreview(path: string, iteration: number): Promise<void> {
    const { job, settings, trainer, files } = this.#from;
    if (job.preview === null) return;
    const { channel_count: channels, generator } = settings;
    const frame = toChannels(withoutAlpha(await decodeImage(job.preview)), channels);
    const answer = await applyModel(
      {
        ...{ channels, height: undefined, width: undefined, size_multiple: sizeMultiple(generator) },
        metadata: new Map([["value_range", "minus_one_to_one"]]),
        run: async (image) => {
          const data = await trainer.generate(0, image.data, 1, image.height, image.width);
          return { ...image, data };
        },
        dispose: () => undefined,
      },
      frame,
    );
    const image = imageOf(answer, answer.data, frame.depth === 8 ? 8 : 16);
    const file = { path: fillTemplate(path, { network: "generator", index: 0, iteration }), iteration } as const;
    await files.save({ ...file, kind: "preview", parameter: "preview.path" }, (to) => writeImage(to, image));
  }
}
