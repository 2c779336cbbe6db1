/**
 * Shows how a training goes: tables and plots of its figures, TensorBoard events, a summary, pictures. It knows what is due
 * when; the figures and the pictures come from others.
 */
import { writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { trainingPng } from "../monitor/plots.js";
import type { MetricRow } from "../monitor/row.js";
import { type RunDescription, SummaryWriter } from "../monitor/summary.js";
import { csvOf } from "../monitor/table.js";
import { EVENT_FILE, EventWriter } from "../monitor/tensorboard.js";
import { type IterationMetrics, rowOf } from "./history.js";
import type { Gallery, Picture, RunParams, TrainedStep, TrainingContext } from "./job.js";
import type { SavedFile, SavedFiles } from "./saved.js";
import type { TrainingProgress } from "./snapshot.js";
import { fillTemplate } from "./templates.js";

/** Seconds between two drawings of a plot that takes the former's place: small iterations are shorter than a drawing. */
const DRAWN_EVERY = 10;
const PLOTS = ["ssim", "loss", "score"] as const;

/** What a monitor shows. */
export interface MonitorSources {
  readonly params: RunParams;
  /** What tells this training from others. */
  readonly run: RunDescription;
  readonly gallery: Gallery;
  /** The role of the networks in use, which paths may name. */
  readonly role: string;
  readonly files: SavedFiles;
  readonly context: TrainingContext;
}

export class Monitor {
  readonly #from: MonitorSources;
  readonly #events: EventWriter | null;
  readonly #summary: SummaryWriter | null;
  #seen: TrainedStep | undefined;
  /** The last step of which there are pictures. */
  #shownStep = 0;
  #stopped = false;
  #drawnAt = Number.NEGATIVE_INFINITY;

  /** Begins before a step, counted from 1: what was shown of it and of later ones before is shown anew. Close it. */
  static async open(from: MonitorSources, next_step: number): Promise<Monitor> {
    const { params, files, context, run } = from;
    const { tensorboard, summary } = params;
    const begun = <T>(begin: (next_step: number) => T): T => {
      try {
        return begin(next_step);
      } catch (error) {
        if (next_step === 1) throw error;
        context.warn(`${(error as Error).message} What it held is left out.`);
        return begin(1);
      }
    };
    let events: EventWriter | null = null;
    if (tensorboard.path !== null) {
      const path = await files.grow(growing("tensorboard", `${tensorboard.path}/${EVENT_FILE}`));
      events = begun((next) => new EventWriter(path, { next_step: next }));
      context.log(`while it trains, TensorBoard's events are in ${dirname(path)}`);
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
  addRow(row: MetricRow, isLast: boolean): void {
    const { tensorboard, summary } = this.#from.params;
    const isDue = ({ interval }: { readonly interval: number }) => isLast || row.step % interval === 0;
    if (isDue(tensorboard)) this.#events?.addRow(row);
    if (isDue(summary)) this.#summary?.addRow(row);
  }

  /** Saves pictures of a step's samples where they are due. */
  async addStep(seen: TrainedStep): Promise<void> {
    this.#seen = seen;
    if (seen.step % this.#from.gallery.interval === 0) await this.#showStep(seen);
  }

  /** Whether pictures of the networks in use are due after an iteration. */
  isDue(iteration: number): boolean {
    const { params, gallery } = this.#from;
    return gallery.follows && iteration % params.checkpoint.save_rate === 0;
  }

  /** Saves what is due after an iteration. `isFinal`: the training ends here. */
  async endIteration(
    progress: Pick<TrainingProgress, "step" | "history" | "weights">,
    iteration: number,
    isFinal: boolean,
  ): Promise<void> {
    const { checkpoint, plot } = this.#from.params;
    const isDue = (rate: number) => isFinal || iteration % rate === 0;
    if (isFinal && this.#seen !== undefined && this.#shownStep !== this.#seen.step) await this.#showStep(this.#seen);
    if (isDue(checkpoint.save_rate)) {
      const pictures = this.#from.gallery.ofIteration(progress.weights, iteration);
      for await (const picture of pictures) await this.#show(progress.step, picture);
    }
    if (isDue(plot.rate)) await this.#savePlots(progress.history, iteration, isFinal);
  }

  /** Saves what an end saves; the events are those of a training that goes on, as it does in the next attempt. */
  async stop(progress: Pick<TrainingProgress, "step" | "history" | "weights">, iteration: number): Promise<void> {
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

  async #showStep(seen: TrainedStep): Promise<void> {
    this.#shownStep = seen.step;
    const pictures = await this.#from.gallery.ofStep(seen, this.#events !== null);
    for (const picture of pictures) await this.#show(seen.step, picture);
  }

  async #show(step: number, { tag, shown, file }: Picture): Promise<void> {
    if (!this.#stopped) await this.#events?.addImage(step, tag, shown);
    if (file !== null) await this.#from.files.save(file.saved, (to) => file.write(to));
  }

  async #savePlots(history: readonly IterationMetrics[], iteration: number, isFinal: boolean): Promise<void> {
    const { plot } = this.#from.params;
    if (plot.type === "disabled") return;
    const isFresh = !isFinal && performance.now() - this.#drawnAt < 1000 * DRAWN_EVERY;
    // The last iteration may be none that is due.
    const shown = history.filter((figures) => figures.iteration % plot.rate === 0 || figures === history.at(-1));
    const rows = shown.map(rowOf);
    for (const kind of PLOTS) {
      const path = plot[kind];
      if (path === null || (isFresh && plot.type === "image" && !path.includes("{iteration}"))) continue;
      const file = { path: this.#nameOf(path, iteration), kind: "plot", parameter: `plot.${kind}`, iteration } as const;
      await this.#from.files.save(file, async (to) =>
        writeFile(to, plot.type === "csv" ? csvOf(kind, rows) : await trainingPng(kind, rows)),
      );
    }
    if (!isFresh) this.#drawnAt = performance.now();
  }

  #nameOf(template: string, iteration: number): string {
    return fillTemplate(template, { network: this.#from.role, index: 0, iteration });
  }
}

function growing(kind: "tensorboard" | "summary", path: string): SavedFile {
  return { path, kind, parameter: `${kind}.path`, iteration: 0 };
}
