/**
 * Batches for training: answers any step's batch, keeps decoded samples, and decodes ahead on other threads, since the
 * training step blocks the thread that it runs on. Knows nothing of networks.
 */
import { openMaker, type Underway } from "./maker.js";
import { SIDES, type SideKind } from "./network-image.js";
import { type OrderSettings, orderOf, type SampleDraw, type SampleOrder } from "./order.js";
import { sideOf } from "./prepare.js";
import { type Dataset, namesIn, sampleCount } from "./samples.js";
import { formOf, type LoaderSettings } from "./settings.js";

/** One step's samples. */
export interface LoadedBatch {
  /** Counts from 0. */
  readonly step: number;
  /** How many samples there are, and whose turns they are; the iteration of a batch is that of its last. */
  readonly count: number;
  readonly draws: readonly SampleDraw[];
  /** Of each side, [count, channels, side, side] in −1..1. */
  readonly values: ReadonlyMap<SideKind, Float32Array>;
  /** Names of its samples, each once. */
  names(): readonly string[];
  /** Seconds between asking and having: the data time of the step. */
  readonly waited: number;
}

/** Batches by step. */
export interface Loader {
  readonly order: SampleOrder;
  /** Side of the images in pixels. */
  readonly side: number;
  /**
   * A step's batch; the same arrays never come twice. Steps that follow are begun on other threads. Rejects with an
   * ImageError or DataError that names the file.
   */
  batch(step: number): Promise<LoadedBatch>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** Opens a data set. Throws a DataError where the settings do not fit it. Close it, or its threads stay. */
export function openLoader(dataset: Dataset, settings: LoaderSettings): Loader {
  const order = orderOf(orderSettings(dataset, settings));
  const form = formOf(settings);
  const side = sideOf(form);
  const planes = form.channel_count * side * side;
  const maker = openMaker(dataset, settings, form);
  const ahead = aheadOf(settings);
  const begun = new Map<number, readonly Underway[]>();
  const begin = (step: number): readonly Underway[] => {
    const known = begun.get(step) ?? order.batch(step).map(maker.begin);
    begun.set(step, known);
    return known;
  };
  return {
    order,
    side,
    async batch(step) {
      const start = performance.now();
      const draws = order.batch(step);
      const samples = begin(step);
      const last = Math.min(step + ahead, order.steps - 1);
      for (let next = step + 1; next <= last; next++) begin(next);
      for (const old of begun.keys()) if (old <= step || old > last) begun.delete(old);
      const count = draws.length;
      const sides = [new Float32Array(count * planes), new Float32Array(count * planes)] as const;
      for (const [place, sample] of samples.entries()) {
        const target = (at: 0 | 1) => sides[at].subarray(place * planes, (place + 1) * planes);
        await maker.finish(sample, [target(0), target(1)]);
      }
      maker.rest();
      const values = new Map(SIDES.map((kind, at) => [kind, sides[at]!] as const));
      const waited = (performance.now() - start) / 1000;
      return { step, count, draws, values, waited, names: () => namesIn(dataset, draws) };
    },
    close: maker.close,
  };
}

/** How many steps are begun early: two at least, and enough samples that no thread waits for the next step. */
function aheadOf({ worker_threads, batch_size }: LoaderSettings): number {
  return worker_threads === 0 ? 0 : Math.ceil(Math.max(2, (2 * worker_threads) / batch_size));
}

function orderSettings(dataset: Dataset, settings: LoaderSettings): OrderSettings {
  const { batch_size, max_iterations, shuffle_input_order: shuffle, drop_boundary, seed } = settings;
  const paired = dataset.kind === "paired";
  const inputs = paired ? sampleCount(dataset) : dataset.inputs.length;
  const references = paired ? sampleCount(dataset) : dataset.references.length;
  return { inputs, references, paired, batch_size, max_iterations, shuffle, drop_boundary, seed };
}
