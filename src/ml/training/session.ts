/**
 * Opens all that a training needs, in the state in which it begins: networks in a runtime, samples, tests, files. It knows
 * no order of steps.
 */
import { join } from "node:path";
import { availableMemory } from "node:process";
import { canonicalJson, digestOf } from "../../base/hash.js";
import { type Loader, openLoader } from "../data/loader.js";
import { type Dataset, namesOf, sampleCount } from "../data/samples.js";
import type { LoaderSettings } from "../data/settings.js";
import { describeRun } from "../monitor/summary.js";
import { chooseRuntimes } from "../runtime/choose.js";
import type { Runtime } from "../runtime/runtime.js";
import { closeAll } from "../runtime/several.js";
import { type Calendar, calendarOf } from "./calendar.js";
import { NO_SUMS } from "./history.js";
import type { Job, TrainingDoors } from "./job.js";
import { automaticBatchSize, explainingMemory, installedMemory, memoryAdvice, updateBytes, workOf } from "./memory.js";
import type { Method } from "./method.js";
import { methodOf } from "./methods.js";
import { Monitor } from "./monitor.js";
import type { DatasetParams } from "./params.js";
import { inspect } from "./samples.js";
import { SavedFiles } from "./saved.js";
import { Saver } from "./saver.js";
import { batchSizeOf, choicesOf, type Known, type Settings, settingsOf } from "./settings.js";
import { type Progress, restore } from "./snapshot.js";
import { NO_TIMING } from "./speed.js";
import { continueFrom, FILES_FOLDER, findResumable, loadInitialWeights } from "./start.js";
import { Statistics } from "./statistics.js";
import { Tester } from "./tester.js";
import { Trainer } from "./trainer.js";
import { settingsWarnings, TrainingError } from "./watch.js";
import { weightsOf } from "./weights.js";

/** The runtime and the device that a training was computed on, and how many there were of it. */
export interface Computed {
  readonly runtime: string;
  readonly device: string;
  readonly devices: number;
}

/** A training about to begin or to go on. */
export interface Session {
  readonly job: Job;
  readonly doors: TrainingDoors;
  readonly settings: Settings;
  readonly trainer: Trainer;
  readonly loader: Loader;
  readonly calendar: Calendar;
  /** Null where the networks in use have no statistics. */
  readonly statistics: Statistics | null;
  readonly tester: Tester | null;
  readonly files: SavedFiles;
  readonly saver: Saver;
  readonly monitor: Monitor;
  /** Where it begins. */
  readonly progress: Progress;
  /** What computes. */
  readonly computed: Computed;
  close(): Promise<void>;
}

/** Opens a training; close the session, or its threads stay. Rejects as `train` does. */
export async function openSession(job: Job, given: TrainingDoors): Promise<Session> {
  const { params } = job;
  const { values, depths } = await inspect(job, given);
  const known = { samples: sampleCount(job.samples), values };
  // Without what memory decides, which another attempt may find otherwise.
  const asked = settingsOf(params, known);
  const order = orderOf({ ...params.dataset, batch_size: orderedBatch(params, known) });
  const config = digestOf(canonicalJson({ settings: asked, order, samples: contentOf(job.samples) }));
  const resumed = await findResumable(given.resume, config, given.warn);
  // Results depend on both, so that a training keeps what it began with.
  const batch_size = resumed?.progress.batch_size ?? decidedBatchSize(job, methodOf(asked), known, given);
  const threads = resumed?.progress.threads ?? given.threads;
  const doors = { ...given, threads };
  const decided = { ...known, batch_size };
  const settings = settingsOf(params, decided);
  const method = methodOf(settings);
  for (const choice of choicesOf(params, settings, decided)) doors.log(choice);

  for (const warning of settingsWarnings(settings, batch_size)) doors.warn(warning);
  const choice = { ...doors.runtime, devices: Math.min(doors.runtime.devices, batch_size) };
  const { devices } = choice;
  const work = () => workOf(method, batch_size);
  const advice = () => memoryAdvice(method, batch_size, { side: settings.side, free: availableMemory(), devices });
  const runtimes = (await chooseRuntimes(choice, { ...doors, work })).map((each) => explainingMemory(each, advice));
  const [runtime, ...others] = runtimes as [Runtime, ...Runtime[]];
  const needed = updateBytes(method, batch_size, devices);
  if (runtime.device === "cpu" && needed > installedMemory()) {
    await closeAll(others);
    throw new TrainingError(`This machine's memory will not do: ${advice()}`);
  }
  if (needed > availableMemory()) doors.warn(`Memory may run out: ${advice()}`);
  const computed = { runtime: runtime.name, device: runtime.device, devices: runtimes.length };
  const trainer = new Trainer(runtime, method, settings, batch_size, others);
  const loader = openLoader(job.samples, loaderSettings(job, settings, batch_size));
  const calendar = calendarOf(loader.order, settings);
  const close = async () => {
    await loader.close();
    await statistics?.close();
    await tester?.close();
    monitor?.close();
    trainer.dispose();
    await closeAll(others);
  };
  let statistics: Statistics | null = null;
  let tester: Tester | null = null;
  let monitor: Monitor | undefined;
  try {
    const files = new SavedFiles(join(doors.resume, FILES_FOLDER), resumed?.progress.files ?? []);
    if (savesFiles(params)) doors.log(`while it trains, what is saved is in ${join(doors.resume, FILES_FOLDER)}`);
    const saver = new Saver({ job, settings, config, trainer, files, doors });
    statistics = Statistics.open({ trainer, samples: job.samples, settings, dataset: params.dataset });
    tester = job.tests && new Tester({ samples: job.tests, params, settings, trainer, files, depths });
    if (resumed !== undefined) {
      restore(trainer, resumed.checkpoint, doors.resume);
      doors.log(`resumed after step ${resumed.progress.step} of ${calendar.steps}`);
    }
    const progress = resumed?.progress ?? {
      ...(await begin(job, trainer, calendar)),
      ...{ sums: NO_SUMS, files: [], timing: NO_TIMING, batch_size, threads, settings: config },
    };
    const run = describeRun({ ...settings, dataset: { ...order, batch_size } });
    monitor = await Monitor.open({ job, settings, run, trainer, files, doors }, progress.step + 1);
    const open = { job, doors, settings, trainer, loader, calendar, statistics, tester, files, saver, monitor };
    return { ...open, progress, computed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Whether files are shown before the end, when they come to their paths. */
function savesFiles({ checkpoint, onnx, plot, contact_sheet, preview, test }: Job["params"]): boolean {
  const paths = [checkpoint.model_path, onnx.path, contact_sheet.path, preview.path, test.output_dir];
  return plot.type !== "disabled" || paths.some((path) => path !== null);
}

/** Weights and place of a training that no attempt has begun. */
async function begin(
  { initial_weights, continue_from, params }: Job,
  trainer: Trainer,
  calendar: Calendar,
): Promise<Pick<Progress, "step" | "updates" | "history" | "weights">> {
  if (initial_weights !== null) await loadInitialWeights(initial_weights, trainer);
  if (continue_from === null) return { step: 0, updates: 0, history: [], weights: weightsOf(trainer.method).at(-1)! };
  const { updates, history, weights } = (await continueFrom(continue_from, trainer)).progress;
  const done = history.at(-1)?.iteration ?? 0;
  const { max_iterations } = params.training;
  if (done >= max_iterations) {
    throw new TrainingError(
      `training.continue_from has ${done} iterations already, so that max_iterations must be above ${done}, not ${max_iterations}.`,
    );
  }
  return { step: calendar.firstStepAfter(done), updates, history, weights };
}

/** What is said of batches where samples are told apart from those of another training. */
function orderedBatch(params: Job["params"], known: Known): number | "auto" {
  return params.dataset.batch_size === "auto" ? "auto" : batchSizeOf(params, known);
}

function decidedBatchSize({ params }: Job, method: Method, known: Known, { log, runtime }: TrainingDoors): number {
  if (params.dataset.batch_size !== "auto") return batchSizeOf(params, known);
  const size = automaticBatchSize(method, known.samples, availableMemory(), runtime.devices);
  log(`dataset.batch_size "auto" is ${size}`);
  return size;
}

function loaderSettings({ params }: Job, { values }: Settings, batch_size: number): LoaderSettings {
  const { dataset, training } = params;
  return { ...dataset, values, randomization: dataset, batch_size, max_iterations: training.max_iterations };
}

/** What decides which samples a step sees, and how; without what only decides how fast. */
function orderOf(dataset: Omit<DatasetParams, "batch_size"> & { readonly batch_size: number | "auto" }): object {
  const { batch_size, drop_boundary, shuffle_input_order, crop_inputs, crop_size } = dataset;
  const { horizontal_flip, vertical_flip, rotation, rotation_max_degrees } = dataset;
  const changes = { crop_inputs, crop_size, horizontal_flip, vertical_flip, rotation, rotation_max_degrees };
  return { batch_size, drop_boundary, shuffle_input_order, ...changes };
}

/** What tells two sets of samples apart, whatever kind of source they came from. */
function contentOf(samples: Dataset): unknown {
  const { input, reference } = namesOf(samples);
  return samples.kind === "paired" ? input : { input, reference };
}
