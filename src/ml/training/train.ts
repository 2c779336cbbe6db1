/**
 * A training from start to end: iterations of steps, and after each iteration the test, the decision to stop, what is saved,
 * the plots. It knows the order of things; what each of them is, its parts and its family know.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { MetricRow } from "../monitor/row.js";
import { addUpdate, type IterationMetrics, lineOf, metricsOf, NO_SUMS, rowOf } from "./history.js";
import type { Tester, TrainingContext, TrainingJob } from "./job.js";
import { explained } from "./memory.js";
import { type Computed, type OpenTraining, openTraining } from "./session.js";
import { restore, type TrainingProgress, writeSnapshot } from "./snapshot.js";
import { Speed } from "./speed.js";
import { lastState, STATE_FILE } from "./start.js";
import { collectStatistics } from "./statistics.js";
import { endText, type Trained } from "./trained.js";
import { requireFinite, TrainingError } from "./watch.js";

/**
 * Trains, and puts the files below `directory`. Rejects with a message for the user (a TrainingError, CheckpointError,
 * ExportError or RuntimeError, and what the family's samples reject with), and where it is stopped before its first step.
 */
export async function runTraining(
  job: TrainingJob,
  context: TrainingContext,
  directory: string,
): Promise<Trained & { readonly computed: Computed }> {
  context.signal.throwIfAborted();
  const session = await openTraining(job, context);
  try {
    const trained = await new Training(session).run();
    await session.files.handOver(directory);
    return { ...trained, computed: session.computed };
  } catch (error) {
    throw explained(error, session.advice);
  } finally {
    await session.close();
  }
}

const NOT_TESTED: { readonly score?: number; readonly ended?: string } = {};

class Training {
  readonly #session: OpenTraining;
  readonly #speed: Speed;
  #progress: TrainingProgress;
  #savedAt = performance.now();
  /** Why the last model is not exported. */
  #refused: string | undefined;

  constructor(session: OpenTraining) {
    this.#session = session;
    this.#progress = session.progress;
    this.#speed = new Speed(session.progress.timing);
  }

  async run(): Promise<Trained> {
    try {
      return await this.#train();
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error;
      return await this.#giveUp(error);
    }
  }

  async #train(): Promise<Trained> {
    const { context, calendar, monitor } = this.#session;
    for (let ended = false; !ended; ) {
      // A step blocks this thread: what came in meanwhile, a stop among it, is heard here.
      await setImmediate();
      if (context.signal.aborted) return this.#stop();
      const { step } = this.#progress;
      const row = await this.#learn(step);
      if (calendar.endsIteration(step)) ended = await this.#endIteration(calendar.iterationOf(step), row);
      else monitor.addRow(row, false);
      if (!ended) await this.#saveState();
    }
    return this.#trained(this.#progress.history.at(-1)!, false);
  }

  #trained(figures: IterationMetrics, partial: boolean): Trained {
    const trained = { figures, partial, files: this.#session.files.all, timing: this.#speed.timing };
    if (this.#refused === undefined) return trained;
    return { ...trained, failure: endText(this.#refused, this.#progress.step, trained.files) };
  }

  /** One step: an update of all networks, and what follows from it. Answers its figures. */
  async #learn(step: number): Promise<MetricRow> {
    const { trainer, subject, calendar, words, monitor } = this.#session;
    const batch = await subject.batches.batch(step);
    const began = performance.now();
    const { updates, sums } = this.#progress;
    const iteration = calendar.iterationOf(step);
    // Updates of a training that is continued come before the first step.
    const rateAt = (update: number) => calendar.rateOf(calendar.iterationOf(Math.max(0, update - 1 - updates + step)));
    const { scalars, outputs } = await trainer.update(batch, updates + 1, rateAt);
    const learning_rate = calendar.rateOf(iteration);
    const done = step + 1;
    requireFinite(scalars, { step: done, iteration, learning_rate, check: () => words.check(batch.names()) });
    const { count } = batch;
    const found = { count, scalars, scores: subject.scores(batch, outputs) };
    this.#progress = { ...this.#progress, step: done, updates: updates + 1, sums: addUpdate(sums, found) };
    this.#speed.add(count, batch.waited, (performance.now() - began) / 1000);
    this.#show(iteration, scalars);
    await monitor.addStep({ step: done, iteration, samples: batch, outputs });
    return rowOf({ ...metricsOf(addUpdate(NO_SUMS, found), iteration, learning_rate), iteration: done });
  }

  /** Tests, decides whether to stop, and saves. Answers whether the training has ended. */
  async #endIteration(iteration: number, row: MetricRow): Promise<boolean> {
    const { params, subject, trainer, saver, monitor, calendar, context } = this.#session;
    const { tester } = subject;
    const isLast = iteration === params.training.max_iterations;
    const isTested = tester !== null && (isLast || iteration % params.test.frequency === 0);
    const isUsed = isTested || isLast || saver.isDue(iteration) || monitor.isDue(iteration);
    const collecting = isUsed ? await this.#collect() : "";
    const { score, ended: isEnough } = isTested ? await this.#test(tester, iteration) : NOT_TESTED;
    const tested = score === undefined ? {} : { [trainer.method.score.name]: score };
    const figures = { ...metricsOf(this.#progress.sums, iteration, calendar.rateOf(iteration)), ...tested };
    this.#progress = { ...this.#progress, sums: NO_SUMS, history: [...this.#progress.history, figures] };
    const { data_ms, step_ms } = this.#speed.lap();
    context.log(`${lineOf(figures)} data ${data_ms.toFixed(1)} ms step ${step_ms.toFixed(1)} ms${collecting}`);
    monitor.addRow({ ...row, figures: { ...row.figures, ...tested } }, true);
    if (isEnough !== undefined) context.log(isEnough);
    const ended = isEnough !== undefined || isLast;
    this.#refused = await saver.saveIteration(this.#progress, iteration, ended);
    await monitor.endIteration(this.#progress, iteration, ended);
    for (const warning of [subject.warning(this.#progress.history), this.#speed.warning()]) {
      if (warning !== undefined) context.warn(warning);
    }
    return ended;
  }

  /** The networks' statistics for use with the weights as they are. Answers what that took, for the log. */
  async #collect(): Promise<string> {
    const { subject, trainer } = this.#session;
    if (subject.survey === null) return "";
    const began = performance.now();
    await collectStatistics(trainer, subject.survey);
    return ` statistics ${((performance.now() - began) / 1000).toFixed(2)} s`;
  }

  /** The score of the best weights, which are those in use from now on, and why the training need not go on. */
  async #test(tester: Tester, iteration: number): Promise<{ readonly score?: number; readonly ended?: string }> {
    const { trainer, context } = this.#session;
    const { scores, best, ended } = await tester.run(iteration, this.#progress.history);
    this.#progress = { ...this.#progress, weights: best };
    if (scores.size > 1) {
      const each = [...scores].map(([weights, score]) => `${weights} ${score.toFixed(4)}`).join(", ");
      const { title } = trainer.method.score;
      context.log(`iteration ${iteration}: the test's ${title} by weights: ${each}; ${best} is used`);
    }
    return { score: scores.get(best)!, ...(ended !== undefined && { ended }) };
  }

  /** Saves what there is, so that the next attempt goes on from here. */
  async #stop(): Promise<Trained> {
    const { calendar, context } = this.#session;
    const { step } = this.#progress;
    if (step === 0) context.signal.throwIfAborted();
    await this.#writeState();
    context.log(`stopped after step ${step} of ${calendar.steps}`);
    return this.#handOver();
  }

  /** Goes back to the last state that is good, and hands over what it is worth. Rejects where there is none. */
  async #giveUp(error: TrainingError): Promise<Trained> {
    const { context, trainer, files } = this.#session;
    const good = await lastState(context.resume, files, this.#progress.settings);
    if (good === undefined || good.snapshot.progress.step === 0) throw error;
    restore(trainer, good.snapshot.checkpoint, good.path);
    this.#progress = good.snapshot.progress;
    const trained = await this.#handOver();
    return { ...trained, failure: endText(error.message, this.#progress.step, trained.files) };
  }

  /** Saves, as at an end, what there is. */
  async #handOver(): Promise<Trained> {
    const { calendar, saver, monitor } = this.#session;
    const { step, sums, history } = this.#progress;
    const iteration = calendar.iterationOf(Math.max(0, step - 1));
    const figures = sums.samples > 0 ? metricsOf(sums, iteration, calendar.rateOf(iteration)) : history.at(-1)!;
    await this.#collect();
    this.#refused = await saver.saveIteration(this.#progress, iteration, true);
    await monitor.stop(this.#progress, iteration);
    return this.#trained(figures, true);
  }

  async #saveState(): Promise<void> {
    const { resume_interval } = this.#session.params;
    if ((performance.now() - this.#savedAt) / 1000 >= resume_interval) await this.#writeState();
  }

  async #writeState(): Promise<void> {
    const { context, trainer, files, monitor } = this.#session;
    await mkdir(context.resume, { recursive: true });
    monitor.sync();
    const progress = { ...this.#progress, files: files.all, timing: this.#speed.timing };
    await writeSnapshot(join(context.resume, STATE_FILE), trainer, progress);
    await files.tidy();
    this.#savedAt = performance.now();
  }

  #show(iteration: number, scalars: ReadonlyMap<string, number>): void {
    const { context, calendar, params, computed } = this.#session;
    const { step } = this.#progress;
    context.progress({
      fraction: step / calendar.steps,
      iteration: `${iteration}/${params.training.max_iterations}`,
      ...Object.fromEntries(scalars),
      ...this.#speed.figures(calendar.steps - step),
      ...computed,
    });
  }
}
