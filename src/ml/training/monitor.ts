/**
 * Shows how a training goes: tables and plots of its figures, TensorBoard events, a summary, contact sheets, previews. It
 * knows what is due when; the figures and the images come from others.
 */
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { decodeImage } from "../../image/decode.js";
import { holdsFloats, writeImage } from "../../image/encode.js";
import type { Image } from "../../image/image.js";
import { resize } from "../../image/resize.js";
import { trainingPng } from "../monitor/plots.js";
import type { Row } from "../monitor/row.js";
import { type RunDescription, SummaryWriter } from "../monitor/summary.js";
import { csvOf } from "../monitor/table.js";
import { EVENT_FILE, EventWriter } from "../monitor/tensorboard.js";
import { type IterationFigures, rowOf } from "./history.js";
import { generatorsOf, hasIndices, ownIndex } from "./indices.js";
import type { Frame, Job, TrainingDoors } from "./job.js";
import { previewOf } from "./preview.js";
import type { SavedFile, SavedFiles } from "./saved.js";
import type { Settings } from "./settings.js";
import { type Seen, sheetOf } from "./sheet.js";
import type { Progress } from "./snapshot.js";
import { fillTemplate, type TemplateValues } from "./templates.js";
import type { Trainer } from "./trainer.js";

/** Longest side of an image in TensorBoard. */
const SHOWN_SIDE = 1024;
/** Seconds between two drawings of a plot that takes the former's place: small iterations are shorter than a drawing. */
const DRAWN_EVERY = 10;
const PLOTS = ["ssim", "loss", "score"] as const;

/** What a monitor shows. */
export interface MonitorSources {
  readonly job: Job;
  readonly settings: Settings;
  /** What tells this training from others. */
  readonly run: RunDescription;
  readonly trainer: Trainer;
  readonly files: SavedFiles;
  readonly doors: TrainingDoors;
}

export class Monitor {
  readonly #from: MonitorSources;
  readonly #events: EventWriter | null;
  readonly #summary: SummaryWriter | null;
  #seen: Seen | undefined;
  #sheetOf = 0;
  #stopped = false;
  #drawnAt = Number.NEGATIVE_INFINITY;

  /** Begins before a step, counted from 1: what was shown of it and of later ones before is shown anew. Close it. */
  static async open(from: MonitorSources, next_step: number): Promise<Monitor> {
    const { job, files, doors, run } = from;
    const { tensorboard, summary } = job.params;
    const begun = <T>(begin: (next_step: number) => T): T => {
      try {
        return begin(next_step);
      } catch (error) {
        if (next_step === 1) throw error;
        doors.warn(`${(error as Error).message} What it held is left out.`);
        return begin(1);
      }
    };
    let events: EventWriter | null = null;
    if (tensorboard.path !== null) {
      const path = await files.grow(growing("tensorboard", `${tensorboard.path}/${EVENT_FILE}`));
      events = begun((next) => new EventWriter(path, { next_step: next }));
      doors.log(`while it trains, TensorBoard's events are in ${dirname(path)}`);
    }
    try {
      const path = summary.path === null ? null : await files.grow(growing("summary", summary.path));
      const rows = path === null ? null : begun((next) => new SummaryWriter(path, run, next));
      return new Monitor(from, events, rows);
    } catch (error) {
      events?.close();
      throw error;
    }
  }

  private constructor(from: MonitorSources, events: EventWriter | null, summary: SummaryWriter | null) {
    this.#from = from;
    this.#events = events;
    this.#summary = summary;
  }

  /** A step's figures; `isLast`: of its iteration, whose figures are among them. */
  addRow(row: Row, isLast: boolean): void {
    const { tensorboard, summary } = this.#from.job.params;
    const isDue = ({ interval }: { readonly interval: number }) => isLast || row.step % interval === 0;
    if (isDue(tensorboard)) this.#events?.addRow(row);
    if (isDue(summary)) this.#summary?.addRow(row);
  }

  /** Saves a sheet of a step's samples where one is due. */
  async addStep(seen: Seen): Promise<void> {
    this.#seen = seen;
    if (seen.step % this.#from.job.params.contact_sheet.interval === 0) await this.#saveSheet(seen);
  }

  /** Whether previews are due after an iteration. */
  previewsDue(iteration: number): boolean {
    const { params, previews } = this.#from.job;
    return previews.length > 0 && iteration % params.checkpoint.save_rate === 0;
  }

  /** Saves what is due after an iteration. `isFinal`: the training ends here. */
  async endIteration(
    progress: Pick<Progress, "step" | "history" | "weights">,
    iteration: number,
    isFinal: boolean,
  ): Promise<void> {
    const { checkpoint, plot } = this.#from.job.params;
    const isDue = (rate: number) => isFinal || iteration % rate === 0;
    if (isFinal && this.#seen !== undefined && this.#sheetOf !== this.#seen.step) await this.#saveSheet(this.#seen);
    if (isDue(checkpoint.save_rate)) {
      for (const frame of this.#from.job.previews) await this.#savePreviews(frame, progress, iteration);
    }
    if (isDue(plot.rate)) await this.#savePlots(progress.history, iteration, isFinal);
  }

  /** Saves what an end saves; the events are those of a training that goes on, as it does in the next attempt. */
  async stop(progress: Pick<Progress, "step" | "history" | "weights">, iteration: number): Promise<void> {
    this.#stopped = true;
    await this.endIteration(progress, iteration, true);
  }

  /** What is shown so far outlives a crash of the machine. */
  sync(): void {
    this.#events?.sync();
    this.#summary?.sync();
  }

  close(): void {
    this.#events?.close();
    this.#summary?.close();
  }

  async #show(step: number, tag: string, image: Image): Promise<void> {
    if (!this.#stopped) await this.#events?.addImage(step, tag, image);
  }

  async #saveSheet(seen: Seen): Promise<void> {
    const { step, iteration } = seen;
    this.#sheetOf = step;
    const { job, settings, files } = this.#from;
    const { path } = job.params.contact_sheet;
    if (path === null && this.#events === null) return;
    const sheet = await sheetOf(seen, settings);
    await this.#show(step, "contact_sheet", sheet);
    if (path === null) return;
    const file = { path: nameOf(path, iteration), kind: "contact_sheet", parameter: "contact_sheet.path" } as const;
    await files.save({ ...file, iteration }, (to) => writeImage(to, sheet));
  }

  async #savePlots(history: readonly IterationFigures[], iteration: number, isFinal: boolean): Promise<void> {
    const { plot } = this.#from.job.params;
    if (plot.type === "disabled") return;
    const isFresh = !isFinal && performance.now() - this.#drawnAt < 1000 * DRAWN_EVERY;
    // The last iteration may be none that is due.
    const shown = history.filter((figures) => figures.iteration % plot.rate === 0 || figures === history.at(-1));
    const rows = shown.map(rowOf);
    for (const kind of PLOTS) {
      const path = plot[kind];
      if (path === null || (isFresh && plot.type === "image" && !path.includes("{iteration}"))) continue;
      const file = { path: nameOf(path, iteration), kind: "plot", parameter: `plot.${kind}`, iteration } as const;
      await this.#from.files.save(file, async (to) =>
        writeFile(to, plot.type === "csv" ? csvOf(kind, rows) : await trainingPng(kind, rows)),
      );
    }
    if (!isFresh) this.#drawnAt = performance.now();
  }

  /** Each generator's answer to a whole frame. */
  async #savePreviews(
    frame: Frame,
    { step, weights }: Pick<Progress, "step" | "weights">,
    iteration: number,
  ): Promise<void> {
    const { path, name } = frame;
    const { job, settings, trainer, files } = this.#from;
    const { method } = trainer;
    const decoded = await decodeImage(path);
    const template = job.params.preview.path;
    for (const { index } of generatorsOf(method)) {
      const used = { network: index, weights };
      const { file: values, shown } = await previewOf(trainer, settings, used, decoded, frame);
      await this.#show(step, hasIndices(method) ? `preview/${name}/${index}` : `preview/${name}`, fitted(shown));
      if (template === null) continue;
      const own = { path: nameOf(template, iteration, { index, frame: name }), ...ownIndex(method, index) };
      const file = { ...own, kind: "preview", parameter: "preview.path", iteration } as const;
      // What a PNG cannot hold, metres say, is shown as the share of its range.
      const image = holdsFloats(template) ? { ...values, depth: "float" as const } : shown;
      await files.save(file, (to) => writeImage(to, image));
    }
  }
}

function growing(kind: "tensorboard" | "summary", path: string): SavedFile {
  return { path, kind, parameter: `${kind}.path`, iteration: 0 };
}

function nameOf(template: string, iteration: number, own: Partial<TemplateValues> = {}): string {
  return fillTemplate(template, { network: "generator", index: 0, iteration, ...own });
}

/** The image in a size that TensorBoard shows. */
function fitted(image: Image): Image {
  const scale = SHOWN_SIDE / Math.max(image.width, image.height);
  if (scale >= 1) return image;
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return resize(image, side(image.width), side(image.height));
}
