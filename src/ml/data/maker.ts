/**
 * Makes the samples of turns, on this thread or on others, and keeps what was decoded. Knows nothing of batches or of
 * the order of turns.
 */
import { availableMemory } from "node:process";
import type { Image } from "../../image/image.js";
import { SIDES, type SideKind } from "./network-image.js";
import type { SampleDraw } from "./order.js";
import { doWork, isHeavy, type MadeSample, prepareInto, type SampleForm, type SampleWork } from "./prepare.js";
import { CENTERED, type Draw, drawRandomization } from "./randomize.js";
import { type Dataset, type Side, sidesIn } from "./samples.js";
import type { LoaderSettings } from "./settings.js";
import { openThreads } from "./threads.js";

/** A sample on its way: work for this thread, to be done when it is wanted, or what another thread will answer. */
export interface Underway {
  readonly work: SampleWork;
  readonly outcome: Promise<MadeSample> | undefined;
}

/** Where a sample goes: [channels, side, side] each. */
export type Targets = readonly [input: Float32Array, reference: Float32Array];

/** Makes samples. */
export interface SampleMaker {
  /** Chooses the thread: kept samples that need only flips are not worth another one. */
  begin(sampleDraw: SampleDraw): Underway;
  /** Rejects with an ImageError or DataError that names the file. */
  finish(underway: Underway, targets: Targets): Promise<void>;
  /** Ends threads that will not be needed any more. */
  rest(): void;
  close(): Promise<void>;
}

/** A maker for one data set. */
export function openMaker(dataset: Dataset, settings: LoaderSettings, form: SampleForm): SampleMaker {
  const kept = keepUpTo(budgetOf(settings));
  const threads = settings.worker_threads > 0 ? openThreads(settings.worker_threads, form) : undefined;
  const sideCount = countSides(dataset);
  const alwaysLight = !form.crops && !settings.randomization?.rotation;

  const keep = (work: SampleWork, outcome: MadeSample): MadeSample => {
    const { decoded } = outcome;
    if (decoded) for (const index of [0, 1] as const) kept.add(work.sides[index], SIDES[index], decoded[index]);
    return outcome;
  };
  return {
    begin(sampleDraw) {
      const sides = sidesOf(dataset, sampleDraw);
      const [input, reference] = [kept.get(sides[0], "input"), kept.get(sides[1], "reference")];
      const decoded = input && reference ? ([input, reference] as const) : null;
      const alike = dataset.kind === "paired";
      const work = { sides, decoded, draws: drawsOf(settings, sampleDraw, alike), alike, keep: !kept.full };
      const light = decoded !== null && !work.draws.some((draw) => isHeavy(draw, form));
      if (!threads || light) return { work, outcome: undefined };
      const outcome = threads.run(work).then((done) => keep(work, done));
      // It is awaited when its step comes; until then a failure must not end the process.
      outcome.catch(() => undefined);
      return { work, outcome };
    },
    async finish({ work, outcome }, targets) {
      if (!outcome && work.decoded) {
        for (const index of [0, 1] as const) prepareInto(targets[index], work.decoded[index], work.draws[index], form);
        return;
      }
      const done = await (outcome ?? doWork(work, form).then((made) => keep(work, made)));
      for (const index of [0, 1] as const) targets[index].set(done.planes[index]);
    },
    rest() {
      if (alwaysLight && kept.size === sideCount) threads?.rest();
    },
    close: async () => threads?.close(),
  };
}

function budgetOf({ storage, cache_bytes }: LoaderSettings): number {
  if (storage === "on_device") return Number.POSITIVE_INFINITY;
  return cache_bytes ?? availableMemory() / 4;
}

function countSides(dataset: Dataset): number {
  const { inputs, references } = sidesIn(dataset);
  const keys = [
    ...inputs.map((side) => sideKey(side, "input")),
    ...references.map((side) => sideKey(side, "reference")),
  ];
  return new Set(keys).size;
}

function sidesOf(dataset: Dataset, sampleDraw: SampleDraw): readonly [Side, Side] {
  if (dataset.kind === "unpaired")
    return [dataset.inputs[sampleDraw.input]!, dataset.references[sampleDraw.reference]!];
  const { input, reference } = dataset.samples[sampleDraw.sample]!;
  return [input, reference];
}

function drawsOf(
  { randomization, seed }: LoaderSettings,
  sampleDraw: SampleDraw,
  alike: boolean,
): readonly [Draw, Draw] {
  if (!randomization) return [CENTERED, CENTERED];
  const draw = (side: "both" | "input" | "reference") =>
    drawRandomization(randomization, seed, sampleDraw.iteration, sampleDraw.sample, side);
  if (!alike) return [draw("input"), draw("reference")];
  const both = draw("both");
  return [both, both];
}

/** Decoded sides in memory. Nothing is evicted: every iteration needs every sample, so which ones stay makes no difference. */
interface Kept {
  /** Sides that are kept. */
  readonly size: number;
  /** Whether one was turned away. */
  readonly full: boolean;
  get(side: Side, kind: SideKind): Image | undefined;
  add(side: Side, kind: SideKind, image: Image): void;
}

/** Sides are the same where path, half and what they are used for are: inputs and references have their own data ranges. */
export function sideKey({ path, half }: Side, kind: SideKind): string {
  return `${kind}:${half ?? "whole"}:${path}`;
}

/** Nothing yet, and up to `budget` bytes. */
function keepUpTo(budget: number): Kept {
  const images = new Map<string, Image>();
  let bytes = 0;
  let full = false;
  return {
    get size() {
      return images.size;
    },
    get full() {
      return full;
    },
    get: (side, kind) => images.get(sideKey(side, kind)),
    add(side, kind, image) {
      const key = sideKey(side, kind);
      if (images.has(key)) return;
      if (bytes + image.samples.byteLength > budget) full = true;
      else {
        bytes += image.samples.byteLength;
        images.set(key, image);
      }
    },
  };
}
