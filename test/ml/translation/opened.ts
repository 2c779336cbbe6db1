/**
 * A training opened, but not run: its loader, calendar, networks and their first weights are there to be looked at. The images
 * are ramps, so that what was done to them can be read off: the red value is x, the green one y, the blue one the sample.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeImage } from "../../../src/image/encode.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import type { LoadedBatch } from "../../../src/ml/data/loader.js";
import { type Dataset, givenPairs } from "../../../src/ml/data/samples.js";
import type { Network } from "../../../src/ml/networks/network.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { tensorsOf } from "../../../src/ml/program/walk.js";
import type { TrainingInput } from "../../../src/ml/training/job.js";
import type { OpenTraining } from "../../../src/ml/training/session.js";
import type { TranslationJob } from "../../../src/ml/translation/job.js";
import { openTranslation } from "../../../src/ml/translation/train.js";
import { testFolder } from "../../nodes/space.js";
import { type Sides, sidesOf } from "../data/sides.js";
import { jobOf, recordedContext, smallParams } from "../training/small.js";

export type Change = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

const folder = testFolder();
let count = 0;
export const fresh = () => join(folder, String(count++));

/** Side of the ramps, and how many samples there are. */
export const RAMP = 32;
export const SAMPLES = 6;

/** Image files of ramps; of a pair the reference is the input. The blue value of sample i is i / 10. */
async function ramps(): Promise<Dataset> {
  const where = fresh();
  mkdirSync(where, { recursive: true });
  const pairs = Array.from({ length: SAMPLES }, async (_, sample) => {
    const data = new Float32Array(3 * RAMP * RAMP);
    for (let y = 0; y < RAMP; y++) {
      for (let x = 0; x < RAMP; x++) {
        for (const [c, value] of [x / (RAMP - 1), y / (RAMP - 1), sample / 10].entries()) {
          data[(c * RAMP + y) * RAMP + x] = value;
        }
      }
    }
    const file = { name: `${sample}.tif`, path: join(where, `${sample}.tif`) };
    await writeImage(file.path, imageOfPlanes({ width: RAMP, height: RAMP, channels: 3 }, data), "float");
    return { input: file, reference: file };
  });
  return givenPairs(await Promise.all(pairs));
}

export const samples = await ramps();

/** The same files as two sets, of which nothing belongs together. */
export function unpaired(): Dataset {
  if (samples.kind !== "paired") throw new Error("the ramps are pairs");
  const inputs = samples.samples.map(({ name, input }) => ({ name, path: input.path }));
  return { kind: "unpaired", inputs, references: inputs };
}

/** Opens a training of the ramps with these parameters, hands it over, and closes it. */
export async function opened<T>(
  changes: Change,
  look: (session: OpenTraining) => T | Promise<T>,
  more: Partial<TranslationJob> = {},
): Promise<T> {
  const params = smallParams({ dataset: { batch_size: 1 } }, changes);
  const session = await openTranslation(jobOf(samples, params, more), recordedContext(fresh()));
  try {
    return await look(session);
  } finally {
    await session.close();
  }
}

/** The first `steps` batches, or all. */
export function batches(changes: Change, steps?: number): Promise<readonly Sides[]> {
  return opened(changes, async ({ subject }) => {
    const found: Sides[] = [];
    const { order } = subject.batches;
    for (let step = 0; step < (steps ?? order.steps); step++) found.push(await stepOf(subject, step));
    return found;
  });
}

/** A step's samples, side by side. */
export async function stepOf({ batches }: Pick<TrainingInput, "batches">, step: number): Promise<Sides> {
  return sidesOf((await batches.batch(step)) as LoadedBatch);
}

/** A line in each direction fitted to what a ramp has become: its values per pixel, 0..1, and at the first pixel. */
export interface Seen {
  /** Change of the red value (once x) per pixel to the right and down; 1 / 31 and 0 in the file. */
  readonly red: readonly [right: number, down: number];
  readonly green: readonly [right: number, down: number];
  readonly first: readonly [red: number, green: number];
  readonly sample: number;
}

/** What became of the first image of a batch. Looks at the middle, which no border has touched. */
export function seen({ input }: Pick<Sides, "input">, side: number, of: Float32Array = input): Seen {
  const value = (c: number, x: number, y: number) => (of[(c * side + y) * side + x]! + 1) / 2;
  const [low, high] = [side / 4, (3 * side) / 4];
  const slope = (c: number): readonly [number, number] => [
    (value(c, high, low) - value(c, low, low)) / (high - low),
    (value(c, low, high) - value(c, low, low)) / (high - low),
  ];
  return {
    ...{ red: slope(0), green: slope(1), first: [value(0, 0, 0), value(1, 0, 0)] },
    sample: Math.round(10 * value(2, low, low)),
  };
}

/** How often each operation stands in a network at inference. */
export function operationsOf(network: Network, channels: number, side: number): Readonly<Record<string, number>> {
  const b = new ProgramBuilder();
  const values = new Map(network.parameters.map(({ name, shape }) => [name, b.state(name, shape)]));
  const y = network.apply({ b, values, training: undefined }, b.feed("x", [1, channels, side, side]));
  const counts: Record<string, number> = {};
  for (const { operation } of tensorsOf(b.program(new Map([["y", y]])))) {
    counts[operation.kind] = (counts[operation.kind] ?? 0) + 1;
  }
  return counts;
}

/** Names and shapes of a network's parameters. */
export function shapesOf({ parameters }: Network): ReadonlyMap<string, readonly number[]> {
  return new Map(parameters.map(({ name, shape }) => [name, shape]));
}
