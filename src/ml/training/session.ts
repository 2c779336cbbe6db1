/**
 * Opens all that a training needs, in the state in which it begins: networks in a runtime, what its family works on, files. It
 * knows no order of steps.
 */
import { join } from "node:path";
import { availableMemory } from "node:process";
import { canonicalJson, digestOf } from "../../base/hash.js";
import { describeRun } from "../monitor/summary.js";
import { chooseRuntimes } from "../runtime/choose/choose.js";
import { closeAll } from "../runtime/choose/several.js";
import { type Calendar, calendarOf } from "./calendar.js";
import { appliedOf } from "./components.js";
import { NO_SUMS } from "./history.js";
import type { FamilyWords, Plan, RunParams, TrainingContext, TrainingInput, TrainingJob } from "./job.js";
import { automaticBatchSize, installedMemory, memoryAdvice, updateBytes, workOf } from "./memory.js";
import type { Method } from "./method.js";
import { Monitor } from "./monitor.js";
import { SavedFiles } from "./saved.js";
import { Saver } from "./saver.js";
import { restore, type TrainingProgress } from "./snapshot.js";
import { NO_TIMING } from "./speed.js";
import { continueFrom, FILES_FOLDER, findResumable, loadInitialWeights } from "./start.js";
import { Trainer } from "./trainer.js";
import { TrainingError } from "./watch.js";
import { weightsOf } from "./weights.js";

/** The runtime and the device that a training was computed on, and how many there were of it. */
export interface Computed {
  readonly runtime: string;
  readonly device: string;
  readonly devices: number;
}

/** A training about to begin or to go on. */
export interface OpenTraining {
  readonly params: RunParams;
  readonly context: TrainingContext;
  readonly words: FamilyWords;
  /** What is said where memory runs out. */
  advice(): string;
  readonly trainer: Trainer;
  readonly subject: TrainingInput;
  readonly calendar: Calendar;
  readonly files: SavedFiles;
  readonly saver: Saver;
  readonly monitor: Monitor;
  /** Where it begins. */
  readonly progress: TrainingProgress;
  /** What computes. */
  readonly computed: Computed;
  close(): Promise<void>;
}

/** Opens a training; close it, or its threads stay. Rejects as `train` does. */
export async function openTraining(job: TrainingJob, given: TrainingContext): Promise<OpenTraining> {
  const { params } = job;
  const plan = await job.plan(given);
  const config = digestOf(canonicalJson(plan.identity));
  const resumed = await findResumable(given.resume, config, given.warn);
  // Results depend on both, so that a training keeps what it began with.
  const batch_size = resumed?.progress.batch_size ?? decidedBatchSize(plan, given);
  const threads = resumed?.progress.threads ?? given.threads;
  const context = { ...given, threads };
  const decided = plan.decide(batch_size);
  const { method, words } = decided;
  for (const choice of decided.choices) context.log(choice);
  for (const warning of decided.warnings) context.warn(warning);
  const { devices } = context.runtime;
  const advice = (): string =>
    memoryAdvice(method, batch_size, { words, free: availableMemory(), devices: Math.min(devices, batch_size) });
  const { runtimes, computed } = await openRuntimes(method, batch_size, context, advice);
  const [runtime, ...others] = runtimes;
  const trainer = new Trainer(runtime, method, batch_size, others);
  const files = new SavedFiles(join(context.resume, FILES_FOLDER), resumed?.progress.files ?? []);
  let subject: TrainingInput | undefined;
  let monitor: Monitor | undefined;
  const close = async () => {
    await subject?.close();
    monitor?.close();
    trainer.dispose();
    await closeAll(others);
  };
  try {
    subject = await decided.open(trainer, files, context);
    const { models, gallery } = subject;
    const calendar = calendarOf(subject.batches.order, decided.rateOf);
    if (savesFiles(params) || decided.saves) {
      context.log(`while it trains, what is saved is in ${join(context.resume, FILES_FOLDER)}`);
    }
    const saver = new Saver({ params, config, trainer, models, files, context });
    if (resumed !== undefined) {
      restore(trainer, resumed.checkpoint, context.resume);
      context.log(`resumed after step ${resumed.progress.step} of ${calendar.steps}`);
    }
    const progress = resumed?.progress ?? {
      ...(await begin(job, trainer, calendar)),
      ...{ sums: NO_SUMS, files: [], timing: NO_TIMING, batch_size, threads, settings: config },
    };
    const { role } = appliedOf(method)[0]!;
    const run = describeRun(decided.described);
    monitor = await Monitor.open({ params, run, gallery, role, files, context }, progress.step + 1);
    const open = { params, context, words, advice, trainer, subject, calendar, files, saver, monitor };
    return { ...open, progress, computed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function decidedBatchSize(plan: Plan, { log, runtime }: TrainingContext): number {
  if (plan.batch_size !== "auto") return plan.batch_size;
  const size = automaticBatchSize(plan.decide().method, plan.samples, availableMemory(), runtime.devices);
  log(`dataset.batch_size "auto" is ${size}`);
  return size;
}

/** What computes an update. Rejects where the processor's memory will not do for it. */
async function openRuntimes(method: Method, batch_size: number, context: TrainingContext, advice: () => string) {
  const choice = { ...context.runtime, devices: Math.min(context.runtime.devices, batch_size) };
  const { devices } = choice;
  const work = () => workOf(method, batch_size);
  const runtimes = await chooseRuntimes(choice, { ...context, work });
  const [{ name, device }, ...others] = runtimes;
  const needed = updateBytes(method, batch_size, devices);
  if (device === "cpu" && needed > installedMemory()) {
    await closeAll(others);
    throw new TrainingError(`This machine's memory will not do: ${advice()}`);
  }
  if (needed > availableMemory()) context.warn(`Memory may run out: ${advice()}`);
  return { runtimes, computed: { runtime: name, device, devices: runtimes.length } };
}

/** Whether files are shown before the end, when they come to their paths. */
function savesFiles({ checkpoint, onnx, plot }: RunParams): boolean {
  return plot.type !== "disabled" || checkpoint.model_path !== null || onnx.path !== null;
}

/** Weights and place of a training that no attempt has begun. */
async function begin(
  { initial_weights, continue_from, params }: TrainingJob,
  trainer: Trainer,
  calendar: Calendar,
): Promise<Pick<TrainingProgress, "step" | "updates" | "history" | "weights">> {
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
