/**
 * Batches for training: answers any step's batch, keeps decoded samples, and decodes ahead on other threads, since the
 * training step blocks the thread that it runs on. Knows nothing of networks.
 */
import { availableMemory } from "node:process";
import type { Image } from "../../image/image.js";
import { type Order, orderOf, type Turn } from "./order.js";
import { type Form, isHeavy, prepareInto, sideOf } from "./prepare.js";
import { CENTERED, type Draw, drawRandomization, type Randomization } from "./randomize.js";
import { type Dataset, type Side, sampleCount } from "./samples.js";
import { openThreads } from "./threads.js";
import { doWork, type Outcome, type Work } from "./work.js";

/** How a data set becomes batches. Keys are those of the node's `dataset` parameter. */
export interface LoaderSettings {
  readonly channel_count: number;
  readonly image_size: number;
  readonly crop_size: number | null;
  /** Null in tests: nothing is drawn, crops of a fixed size are taken from the centre. */
  readonly randomization: Randomization | null;
  readonly batch_size: number;
  readonly max_iterations: number;
  readonly shuffle_input_order: boolean;
  readonly drop_boundary: boolean;
  readonly seed: number;
  /** 0: decode on the caller's thread, when the batch is asked for. */
  readonly worker_threads: number;
  /** `on_device` keeps every decoded sample; `automatic` as many as `cache_bytes` allow. */
  readonly storage: "automatic" | "on_device";
  /** A quarter of the memory that is available at the start, unless given. */
  readonly cache_bytes?: number;
}

/** One step's samples. */
export interface Batch {
  /** Counts from 0. */
  readonly step: number;
  /** One per sample of the batch; the iteration of a batch is that of its last. */
  readonly turns: readonly Turn[];
  /** [turns, channels, side, side] in −1..1. */
  readonly input: Float32Array;
  readonly reference: Float32Array;
  /** Seconds between asking and having: the data time of the step. */
  readonly waited: number;
}

/** Batches by step. */
export interface Loader {
  readonly order: Order;
  /** Side of the images in pixels. */
  readonly side: number;
  /**
   * A step's batch; the same arrays never come twice. Steps that follow are begun on other threads. Rejects with an
   * ImageError or DataError that names the file.
   */
  batch(step: number): Promise<Batch>;
  /** Ends the threads. */
  close(): Promise<void>;
}

/** A sample on its way: work for later on this thread, or what another thread is about to answer. */
interface Underway {
  readonly work: Work;
  readonly outcome: Promise<Outcome> | undefined;
}

/** Opens a data set. Throws a DataError where the settings do not fit it. Close it, or its threads stay. */
export function openLoader(dataset: Dataset, settings: LoaderSettings): Loader {
  const order = orderOf(orderSettings(dataset, settings));
  const form = formOf(settings);
  const side = sideOf(form);
  const planes = form.channel_count * side * side;
  const kept = openStore(budgetOf(settings));
  const threads = settings.worker_threads > 0 ? openThreads(settings.worker_threads, form) : undefined;
  const ahead = threads ? Math.ceil(Math.max(2, (2 * settings.worker_threads) / settings.batch_size)) : 0;
  const begun = new Map<number, readonly Underway[]>();

  const keep = (work: Work, outcome: Outcome): Outcome => {
    if (outcome.decoded) for (const index of [0, 1] as const) kept.add(work.sides[index], outcome.decoded[index]);
    return outcome;
  };
  const begin = (turn: Turn): Underway => {
    const work = workOf(dataset, settings, turn, kept);
    const light = work.decoded !== null && !work.draws.some((draw) => isHeavy(draw, form));
    if (!threads || light) return { work, outcome: undefined };
    const outcome = threads.run(work).then((done) => keep(work, done));
    // It is awaited when its step comes; until then a failure must not end the process.
    outcome.catch(() => undefined);
    return { work, outcome };
  };
  const beginStep = (step: number): readonly Underway[] => {
    const known = begun.get(step) ?? order.batch(step).map(begin);
    begun.set(step, known);
    return known;
  };
  const finish = async ({ work, outcome }: Underway, targets: readonly [Float32Array, Float32Array]): Promise<void> => {
    if (!outcome && work.decoded) {
      for (const index of [0, 1] as const) prepareInto(targets[index], work.decoded[index], work.draws[index], form);
      return;
    }
    const done = await (outcome ?? doWork(work, form).then((made) => keep(work, made)));
    for (const index of [0, 1] as const) targets[index].set(done.planes[index]);
  };

  return {
    order,
    side,
    async batch(step) {
      const start = performance.now();
      const turns = order.batch(step);
      const underway = beginStep(step);
      for (let next = step + 1; next <= Math.min(step + ahead, order.steps - 1); next++) beginStep(next);
      for (const old of begun.keys()) if (old <= step || old > step + ahead) begun.delete(old);
      const input = new Float32Array(turns.length * planes);
      const reference = new Float32Array(turns.length * planes);
      for (const [place, sample] of underway.entries()) {
        const [from, end] = [place * planes, (place + 1) * planes];
        await finish(sample, [input.subarray(from, end), reference.subarray(from, end)]);
      }
      return { step, turns, input, reference, waited: (performance.now() - start) / 1000 };
    },
    close: async () => threads?.close(),
  };
}

/** The form of the images in a loader's batches. */
export function formOf(
  settings: Pick<LoaderSettings, "channel_count" | "image_size" | "crop_size" | "randomization">,
): Form {
  const { channel_count, image_size, crop_size, randomization } = settings;
  return { channel_count, image_size, crop_size, crops: (randomization?.crop_inputs ?? null) !== null };
}

function orderSettings(dataset: Dataset, settings: LoaderSettings) {
  const { batch_size, max_iterations, shuffle_input_order: shuffle, drop_boundary, seed } = settings;
  const paired = dataset.kind === "paired";
  const inputs = paired ? sampleCount(dataset) : dataset.inputs.length;
  const references = paired ? sampleCount(dataset) : dataset.references.length;
  return { inputs, references, paired, batch_size, max_iterations, shuffle, drop_boundary, seed };
}

function budgetOf({ storage, cache_bytes }: LoaderSettings): number {
  if (storage === "on_device") return Number.POSITIVE_INFINITY;
  return cache_bytes ?? availableMemory() / 4;
}

function workOf(dataset: Dataset, settings: LoaderSettings, turn: Turn, kept: Store): Work {
  const alike = dataset.kind === "paired";
  const sides: readonly [Side, Side] =
    dataset.kind === "paired"
      ? [dataset.samples[turn.sample]!.input, dataset.samples[turn.sample]!.reference]
      : [dataset.inputs[turn.input]!, dataset.references[turn.reference]!];
  const [input, reference] = [kept.get(sides[0]), kept.get(sides[1])];
  const decoded = input && reference ? ([input, reference] as const) : null;
  return { sides, decoded, draws: drawsOf(settings, turn, alike), alike, keep: !kept.full };
}

function drawsOf({ randomization, seed }: LoaderSettings, turn: Turn, alike: boolean): readonly [Draw, Draw] {
  if (!randomization) return [CENTERED, CENTERED];
  const draw = (side: "both" | "input" | "reference") =>
    drawRandomization(randomization, seed, turn.iteration, turn.sample, side);
  if (!alike) return [draw("input"), draw("reference")];
  const both = draw("both");
  return [both, both];
}

/** Decoded sides up to a number of bytes. Nothing is evicted: every iteration needs all, so which ones stay is equal. */
interface Store {
  /** Whether a side was turned away. */
  readonly full: boolean;
  get(side: Side): Image | undefined;
  add(side: Side, image: Image): void;
}

function openStore(budget: number): Store {
  const images = new Map<string, Image>();
  const keyOf = ({ path, half }: Side) => `${half ?? "whole"}:${path}`;
  let bytes = 0;
  let full = false;
  return {
    get full() {
      return full;
    },
    get: (side) => images.get(keyOf(side)),
    add(side, image) {
      if (images.has(keyOf(side))) return;
      if (bytes + image.data.byteLength > budget) full = true;
      else {
        bytes += image.data.byteLength;
        images.set(keyOf(side), image);
      }
    },
  };
}
