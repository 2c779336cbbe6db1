/** What each key of `dataset` changes: rows of `parameters.test.ts`. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "@jest/globals";
import { datasetOf, findFiles, type Sources } from "../../../nodes/ml/style_transfer/dataset.js";
import { writeImage } from "../../../src/image/encode.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import { type Dataset, givenPairs, sampleNames } from "../../../src/ml/data/samples.js";
import type { Sides } from "../data/sides.js";
import { batches, type Change, fresh, opened, RAMP, SAMPLES, samples, seen, stepOf, unpaired } from "./opened.js";

const PER_PIXEL = 1 / (RAMP - 1);
/** Ramps at their own size. */
const OWN: Readonly<Record<string, unknown>> = { image_size: RAMP };
const dataset = (change: Readonly<Record<string, unknown>>): Change => ({ dataset: { ...OWN, ...change } });
const order = (all: readonly Sides[]) => all.flatMap(({ draws: turns }) => turns.map(({ sample }) => sample));

/** The samples' names for sources: files `a/1.png`… tagged as inputs, references and composites. */
async function found(sources: Partial<Sources>, limit?: number) {
  const file = (kind: string) => (name: string) =>
    ({ name, path: `${kind}/${name}`, tag: `file/image/train/${kind}`, digest: name }) as never;
  const names = ["1.png", "2.png", "3.png"];
  const files = ["input", "reference", "composite"].flatMap((kind) => names.map(file(kind)));
  return datasetOf({ input_type: "paired_directories", ...sources }, "train", files, [], limit);
}

/** The files of the folder that the parameter names come with the tag, and of no other folder. */
async function expectFolder(parameter: keyof Sources, tag: string): Promise<void> {
  const list = async (directory: string) => [{ name: "1.png", path: `${directory}/1.png`, digest: directory }] as never;
  const folders = { input_image_dir: "a", reference_image_dir: "b", composite_image_dir: "c" };
  const input_type = parameter === "composite_image_dir" ? "composite_directory" : "paired_directories";
  for (const directory of [folders[parameter as keyof typeof folders], "elsewhere"]) {
    const files = await findFiles({ input_type, ...folders, [parameter]: directory }, "train", {
      list,
      warn: () => {},
    });
    expect(files.filter((file) => file.tag === tag).map(({ path }) => path)).toEqual([`${directory}/1.png`]);
  }
}

/** A side's values are mapped, the other's are not: [0, 2] halves them; the ramps' own ends change nothing. */
async function expectRange(own: "input" | "reference", other: "input" | "reference"): Promise<void> {
  const first = async (range: unknown) => (await batches(dataset({ [`${own}_range`]: range }), 1))[0]!;
  const [plain, halved, measured] = [await first(null), await first([0, 2]), await first("measured")];
  expect(halved[other]).toEqual(plain[other]);
  expect(halved[own]).toEqual(plain[own].map((value) => (value + 1) / 2 - 1));
  expect(measured).toMatchObject({ [own]: plain[own], [other]: plain[other] });
}

/** A pair of one file with a value that is not finite. */
async function holedSamples() {
  const path = join(fresh(), "holed.tif");
  const data = new Float32Array(3 * RAMP * RAMP).fill(0.5);
  data[5] = Number.NaN;
  mkdirSync(dirname(path), { recursive: true });
  await writeImage(path, imageOfPlanes({ width: RAMP, height: RAMP, channels: 3 }, data), "float");
  const file = { path, name: "holed" };
  return { path, samples: givenPairs([{ input: file, reference: file }]) };
}

async function expectAlike(change: Change): Promise<void> {
  const essence = (all: readonly Sides[]) =>
    all.map(({ input, reference, draws: turns }) => ({ input, reference, turns }));
  expect(essence(await batches(change))).toEqual(essence(await batches(dataset({}))));
}

export const DATASET: Readonly<Record<string, () => Promise<void>>> = {
  async input_type() {
    const states = (input_type: string, samples: Dataset) =>
      opened(dataset({ input_type }), ({ trainer }) => trainer.method.components.map(({ state }) => state), {
        samples,
      });
    expect(await states("paired_directories", samples)).toEqual(["netG", "netD"]);
    expect(await states("unpaired_directories", unpaired())).toEqual(["netG0", "netG1", "netD0", "netD1"]);
    expect(sampleNames(await found({})).input).toEqual(["1", "2", "3"]);
    expect(await found({ input_type: "composite_directory" })).toMatchObject({
      samples: { 0: { input: { path: "composite/1.png", half: "left" } }, length: 3 },
    });
    const single = { input_type: "single_paired", input_image: "x/a.png", reference_image: "y/b.png" } as const;
    expect(sampleNames(await found(single)).input).toEqual(["a"]);
  },
  async pattern() {
    const globs: string[] = [];
    const list = async (_: string, glob: string) => {
      globs.push(glob);
      return [{ name: "1.png", path: "a/1.png", digest: "a" }] as never;
    };
    const sources = { input_type: "composite_directory", composite_image_dir: "a", pattern: "*_b.exr" } as const;
    await findFiles(sources, "train", { list, warn: () => {} });
    expect(globs).toEqual(["*_b.[eE][xX][rR]"]);
  },
  input_image_dir: () => expectFolder("input_image_dir", "file/image/train/input"),
  reference_image_dir: () => expectFolder("reference_image_dir", "file/image/train/reference"),
  composite_image_dir: () => expectFolder("composite_image_dir", "file/image/train/composite"),
  async input_image() {
    const single = { input_type: "single_paired", reference_image: "r.png" } as const;
    for (const input_image of ["a.png", "b.png"]) {
      expect(await found({ ...single, input_image })).toMatchObject({ samples: [{ input: { path: input_image } }] });
    }
  },
  async reference_image() {
    const single = { input_type: "single_paired", input_image: "a.png" } as const;
    for (const reference_image of ["r.png", "s.png"]) {
      const expected = { samples: [{ input: { path: "a.png" }, reference: { path: reference_image } }] };
      expect(await found({ ...single, reference_image })).toMatchObject(expected);
    }
  },
  async limit_input_count() {
    expect(sampleNames(await found({}, 2)).input).toEqual(["1", "2"]);
    expect(sampleNames(await found({ input_type: "composite_directory" }, 1)).input).toEqual(["1"]);
    const unpaired = sampleNames(await found({ input_type: "unpaired_directories" }, 1));
    expect([unpaired.input.length, unpaired.reference.length]).toEqual([1, 1]);
  },
  async channel_count() {
    const planes = async (channel_count: number) => {
      const [batch] = await batches(dataset({ channel_count }), 1);
      return Array.from({ length: channel_count }, (_, c) =>
        batch!.input.slice(c * RAMP * RAMP, (c + 1) * RAMP * RAMP),
      );
    };
    const [red, green, blue] = await planes(3);
    expect(await planes(1)).toEqual([red]);
    expect(await planes(2)).toEqual([red, green]);
    expect(await planes(4)).toEqual([red, green, blue, blue]);
  },
  async alpha() {
    const planes = async (change: Readonly<Record<string, unknown>>) => {
      const [batch] = await batches(dataset({ channel_count: 4, ...change }), 1);
      return Array.from({ length: 4 }, (_, c) => batch!.input.slice(c * RAMP * RAMP, (c + 1) * RAMP * RAMP));
    };
    // Files without alpha: the last color comes twice, or they are opaque.
    const [red, green, blue] = await planes({});
    expect(await planes({ alpha: "keep" })).toEqual([red, green, blue, new Float32Array(RAMP * RAMP).fill(1)]);
  },
  async input_range() {
    await expectRange("input", "reference");
  },
  async reference_range() {
    await expectRange("reference", "input");
  },
  async non_finite() {
    const holed = await holedSamples();
    const shown = (non_finite: number | "error") =>
      opened(dataset({ non_finite }), async ({ subject }) => (await stepOf(subject, 0)).input[5], {
        samples: holed.samples,
      });
    expect(await shown(0.25)).toBe(-0.5);
    await expect(shown("error")).rejects.toThrow(
      `${holed.path}: the value at x 5, y 0, channel 0 is NaN (1 of 3072 values are not finite).`,
    );
  },
  async image_size() {
    for (const side of [16, 32, 64]) {
      const [batch] = await batches({ dataset: { image_size: side } }, 1);
      expect(batch!.input.length).toBe(3 * side * side);
      // The whole picture, at another scale.
      expect(seen(batch!, side).red[0] * side).toBeCloseTo(PER_PIXEL * RAMP, 4);
    }
  },
  storage: () => expectAlike(dataset({ storage: "on_device" })),
  worker_threads: () => expectAlike(dataset({ worker_threads: 2 })),
  async batch_size() {
    const sizes = (all: readonly Sides[]) => all.map(({ draws: turns }) => turns.length);
    expect(sizes(await batches(dataset({})))).toEqual(Array(2 * SAMPLES).fill(1));
    expect(sizes(await batches(dataset({ batch_size: 4 })))).toEqual([4, 2, 4, 2]);
  },
  async drop_boundary() {
    const all = await batches(dataset({ batch_size: 4, drop_boundary: true }));
    expect(all.map(({ draws: turns }) => turns.length)).toEqual([4, 4, 4]);
    expect(order(all)).toEqual(order(await batches(dataset({ batch_size: 4 }))));
  },
  async crop_inputs() {
    const fractions: number[] = [];
    for (const batch of await batches(dataset({ crop_inputs: 0.5 }))) {
      const { red, green, first } = seen(batch, RAMP);
      const fraction = red[0] / PER_PIXEL;
      // Square, upright, inside the picture, and the same for both sides of the pair.
      expect(green[1] / PER_PIXEL).toBeCloseTo(fraction, 3);
      expect([red[1], green[0]]).toEqual([expect.closeTo(0, 5), expect.closeTo(0, 5)]);
      for (const value of first) expect(value).toBeGreaterThanOrEqual(-1e-6);
      for (const value of first) expect(value).toBeLessThanOrEqual(1 - fraction + 0.05);
      expect(batch.reference).toEqual(batch.input);
      fractions.push(fraction);
    }
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0.5 - 1e-3);
    expect(Math.max(...fractions)).toBeLessThanOrEqual(1 + 1e-3);
    expect(new Set(fractions.map((fraction) => fraction.toFixed(3))).size).toBe(2 * SAMPLES);
  },
  async crop_size() {
    const places = new Set<string>();
    for (const batch of await batches(dataset({ crop_size: 16 }))) {
      expect(batch.input.length).toBe(3 * 16 * 16);
      const { red, green, first } = seen(batch, 16);
      // Pixels keep their size, and come from a whole place.
      expect([red[0] / PER_PIXEL, green[1] / PER_PIXEL]).toEqual([expect.closeTo(1, 4), expect.closeTo(1, 4)]);
      const place = first.map((value) => value / PER_PIXEL);
      for (const at of place) expect(at).toBeCloseTo(Math.round(at), 3);
      expect(batch.reference).toEqual(batch.input);
      places.add(place.map(Math.round).join());
    }
    expect(places.size).toBeGreaterThan(6);
  },
  async horizontal_flip() {
    const plain = await batches(dataset({}));
    const flipped = await batches(dataset({ horizontal_flip: 1 }));
    for (const [at, batch] of flipped.entries()) {
      const rows = (values: Float32Array) =>
        Array.from({ length: 3 * RAMP }, (_, row) => Array.from(values.slice(row * RAMP, (row + 1) * RAMP)));
      expect(rows(batch.input)).toEqual(rows(plain[at]!.input).map((row) => row.toReversed()));
      expect(batch.reference).toEqual(batch.input);
    }
    const some = (await batches(dataset({ horizontal_flip: 0.5 }))).map((batch) => Math.sign(seen(batch, RAMP).red[0]));
    expect(new Set(some)).toEqual(new Set([1, -1]));
  },
  async vertical_flip() {
    for (const batch of await batches(dataset({ vertical_flip: 1 }))) {
      const { red, green } = seen(batch, RAMP);
      expect([red[0], green[1]]).toEqual([expect.closeTo(PER_PIXEL, 5), expect.closeTo(-PER_PIXEL, 5)]);
      expect(batch.reference).toEqual(batch.input);
    }
  },
  async rotation() {
    const degrees = await rotations({ rotation: 1 });
    expect(Math.max(...degrees.map(Math.abs))).toBeGreaterThan(90);
    expect(new Set(degrees.map((angle) => angle.toFixed(2))).size).toBe(2 * SAMPLES);
    expect((await rotations({ rotation: 0 })).every((angle) => Math.abs(angle) < 1e-3)).toBe(true);
  },
  async rotation_max_degrees() {
    const degrees = await rotations({ rotation: 1, rotation_max_degrees: 20 });
    expect(Math.max(...degrees.map(Math.abs))).toBeLessThanOrEqual(20.01);
    // The same draws, times 20 / 180.
    const widely = await rotations({ rotation: 1 });
    for (const [at, angle] of degrees.entries()) expect(angle).toBeCloseTo(widely[at]! / 9, 1);
  },
  async shuffle_input_order() {
    const sorted = Array.from({ length: SAMPLES }, (_, sample) => sample);
    expect(order(await batches(dataset({ shuffle_input_order: false })))).toEqual([...sorted, ...sorted]);
    const shuffled = order(await batches(dataset({})));
    const [one, two] = [shuffled.slice(0, SAMPLES), shuffled.slice(SAMPLES)];
    expect([one.toSorted(), two.toSorted()]).toEqual([sorted, sorted]);
    expect(one).not.toEqual(two);
    // And what is read is what the order says.
    const read = (await batches(dataset({}))).map((batch) => seen(batch, RAMP).sample);
    expect(read).toEqual(shuffled);
  },
  async seed() {
    const of = (seed: number) =>
      opened(dataset({ seed, crop_inputs: 0.5 }), async ({ trainer, subject }) => ({
        weight: await trainer.read("netG.model.model.0.weight"),
        order: Array.from(
          { length: subject.batches.order.steps },
          (_, step) => subject.batches.order.batch(step) as Sides["draws"],
        ).map(([turn]) => turn!.sample),
        image: (await stepOf(subject, 0)).input,
      }));
    const [zero, again, one] = [await of(0), await of(0), await of(1)];
    expect(again).toEqual(zero);
    for (const key of ["weight", "order", "image"] as const) expect(one[key]).not.toEqual(zero[key]);
  },
};

/** The angles by which the ramps were turned, counter-clockwise; checks the zoom by |cos θ| + |sin θ|, about the centre. */
async function rotations(change: Readonly<Record<string, unknown>>): Promise<readonly number[]> {
  return (await batches(dataset(change))).map((batch) => {
    const { red, green } = seen(batch, RAMP);
    // A turn by θ reads x from cos θ · right − sin θ · down, y from sin θ · right + cos θ · down, both over the zoom.
    const angle = Math.atan2(green[0], red[0]);
    const zoom = Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle));
    expect(Math.hypot(...red) * zoom).toBeCloseTo(PER_PIXEL, 4);
    expect(Math.hypot(...green) * zoom).toBeCloseTo(PER_PIXEL, 4);
    expect([red[1], green[1]]).toEqual([expect.closeTo(-green[0], 4), expect.closeTo(red[0], 4)]);
    expect(batch.reference).toEqual(batch.input);
    return (angle * 180) / Math.PI;
  });
}
