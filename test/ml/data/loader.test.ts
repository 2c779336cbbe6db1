import { mkdtemp, readFile, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/image/decode.js";
import { writeImage } from "../../../src/image/encode.js";
import { crop, flipHorizontal, flipVertical, halves, rotate } from "../../../src/image/geometry.js";
import type { Image } from "../../../src/image/image.js";
import { imageOfPlanes, planesOf } from "../../../src/image/planes.js";
import { resize } from "../../../src/image/resize.js";
import { inspectDataset } from "../../../src/ml/data/inspect.js";
import { type LoadedBatch, openLoader } from "../../../src/ml/data/loader.js";
import { PLAIN_VALUES } from "../../../src/ml/data/network-image.js";
import { drawRandomization, NO_RANDOMIZATION } from "../../../src/ml/data/randomize.js";
import { composites, type Dataset, pairDirectories, unpairedDirectories } from "../../../src/ml/data/samples.js";
import { formOf, type LoaderSettings } from "../../../src/ml/data/settings.js";
import { type Sides, sidesOf } from "./sides.js";

const TERRAIN = "test/fixtures/image/terrain.png";
let folder = "";
/** Six pairs of 12×10 images in files, input i of one value each pixel, reference its negative. */
let pairs: Dataset;
const named = (side: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ name: `${i}.png`, path: join(folder, `${side}${i}.png`) }));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dag-loader-"));
  for (let i = 0; i < 6; i++) {
    const data = Float32Array.from({ length: 3 * 120 }, (_, at) => ((at * (i + 3)) % 251) / 255);
    const image = imageOfPlanes({ width: 12, height: 10, channels: 3 }, data, 8);
    await writeImage(join(folder, `a${i}.png`), image);
    await writeImage(join(folder, `b${i}.png`), { ...image, samples: image.samples.map((value) => 1 - value) });
  }
  pairs = pairDirectories(named("a", 6), named("b", 6));
});
afterAll(() => rm(folder, { recursive: true }));

const SETTINGS: LoaderSettings = {
  channel_count: 3,
  image_size: 8,
  crop_size: null,
  values: PLAIN_VALUES,
  randomization: NO_RANDOMIZATION,
  batch_size: 4,
  max_iterations: 3,
  shuffle_input_order: true,
  drop_boundary: false,
  seed: 11,
  worker_threads: 0,
  storage: "automatic",
};

async function batchesOf(dataset: Dataset, settings: LoaderSettings): Promise<(LoadedBatch & Sides)[]> {
  const loader = openLoader(dataset, settings);
  const batches: (LoadedBatch & Sides)[] = [];
  try {
    for (let step = 0; step < loader.order.steps; step++) batches.push(sidesOf(await loader.batch(step)));
  } finally {
    await loader.close();
  }
  return batches;
}

const essence = (batches: readonly Sides[]) =>
  batches.map(({ draws: turns, input, reference }) => ({ turns, input, reference }));
const centered = (image: Image) => planesOf(image).map((value) => value * 2 - 1);

describe("loader", () => {
  test("a composite's halves arrive as [1, 3, side, side] in −1..1, without any change at their own size", async () => {
    const dataset = composites([{ name: "terrain.png", path: TERRAIN }]);
    const [batch] = await batchesOf(dataset, { ...SETTINGS, image_size: 128, batch_size: 1, max_iterations: 1 });
    const [left, right] = halves(await decodeImage(TERRAIN));
    expect(batch!.input).toEqual(centered(left));
    expect(batch!.reference).toEqual(centered(right));
    expect(batch!.waited).toBeGreaterThan(0);
  });

  test("batches hold each sample once an iteration; the last partial one is kept", async () => {
    const batches = await batchesOf(pairs, SETTINGS);
    expect(batches.map(({ input }) => input.length / (3 * 64))).toEqual([4, 2, 4, 2, 4, 2]);
    for (const { draws: turns, input, reference } of batches) {
      for (const [place, { sample }] of turns.entries()) {
        const path = join(folder, `a${sample}.png`);
        const expected = centered(resize(await decodeImage(path), 8, 8));
        const got = input.subarray(place * 192, (place + 1) * 192);
        expect(Buffer.compare(Buffer.from(got.slice().buffer), Buffer.from(expected.buffer))).toBe(0);
        // The reference is 1 − v, so centred it is the negative, up to rounding of 8-bit values.
        const sum = got.reduce((worst, value, i) => Math.max(worst, Math.abs(value + reference[place * 192 + i]!)), 0);
        expect(sum).toBeLessThan(1e-5);
      }
    }
  });

  test("randomization: crop, resize, horizontal flip, vertical flip, rotation, in this order, alike for the pair", async () => {
    const randomization = {
      crop_inputs: 0.5,
      horizontal_flip: 0.5,
      vertical_flip: 0.5,
      rotation: 0.7,
      rotation_max_degrees: 90,
    };
    const settings = { ...SETTINGS, randomization, batch_size: 6 };
    let flipped = 0;
    for (const { draws: turns, input, reference } of await batchesOf(pairs, settings)) {
      for (const [place, { iteration, sample }] of turns.entries()) {
        const draw = drawRandomization(randomization, 11, iteration, sample);
        const expected = (image: Image) => {
          const [width, height] = [12 * draw.fraction, 10 * draw.fraction];
          const box = { x: draw.left * (12 - width), y: draw.top * (10 - height), width, height };
          let view = resize(image, 8, 8, box);
          if (draw.flipHorizontal) view = flipHorizontal(view);
          if (draw.flipVertical) view = flipVertical(view);
          if (draw.degrees !== 0) view = rotate(view, draw.degrees);
          return centered(view);
        };
        flipped += draw.flipHorizontal ? 1 : 0;
        const slice = (of: Float32Array) => of.slice(place * 192, (place + 1) * 192);
        expect(slice(input)).toEqual(expected(await decodeImage(join(folder, `a${sample}.png`))));
        expect(slice(reference)).toEqual(expected(await decodeImage(join(folder, `b${sample}.png`))));
      }
    }
    expect(flipped).toBeGreaterThan(0);
    expect(flipped).toBeLessThan(18);
  });

  test("decoding on threads, here, with or without a cache, on_device: the same bits", async () => {
    const randomization = { ...NO_RANDOMIZATION, crop_inputs: 0.3, horizontal_flip: 0.5, rotation: 0.5 };
    for (const changes of [{ randomization }, {}]) {
      const settings = { ...SETTINGS, ...changes };
      const here = essence(await batchesOf(pairs, settings));
      expect(essence(await batchesOf(pairs, { ...settings, worker_threads: 2 }))).toEqual(here);
      expect(essence(await batchesOf(pairs, { ...settings, worker_threads: 1, cache_bytes: 0 }))).toEqual(here);
      expect(essence(await batchesOf(pairs, { ...settings, cache_bytes: 3000 }))).toEqual(here);
      expect(essence(await batchesOf(pairs, { ...settings, storage: "on_device" }))).toEqual(here);
    }
  });

  test("any step alone is what it is in the row: a resumed training sees the same", async () => {
    const row = essence(await batchesOf(pairs, SETTINGS));
    const loader = openLoader(pairs, { ...SETTINGS, worker_threads: 1 });
    expect(
      essence([sidesOf(await loader.batch(4)), sidesOf(await loader.batch(5)), sidesOf(await loader.batch(1))]),
    ).toEqual([row[4], row[5], row[1]]);
    await loader.close();
  });

  test.each([0, 1])(
    "with %d threads kept samples are not read again; without a cache they are",
    async (worker_threads) => {
      const path = join(folder, `gone${worker_threads}.png`);
      await writeFile(path, await readFile(TERRAIN));
      const dataset = composites([{ name: "gone.png", path }]);
      const settings = { ...SETTINGS, batch_size: 1, max_iterations: 9, worker_threads };
      const keeping = openLoader(dataset, settings);
      const forgetful = openLoader(dataset, { ...settings, cache_bytes: 0 });
      const first = sidesOf(await keeping.batch(0));
      await forgetful.batch(0);
      // What was begun ahead of time may still have read the file.
      for (let step = 1; step < 5; step++) await keeping.batch(step);
      await unlink(path);
      expect(sidesOf(await keeping.batch(8)).input).toEqual(first.input);
      await expect(forgetful.batch(8)).rejects.toThrow(`${path}: there is no such file.`);
      await Promise.all([keeping.close(), forgetful.close()]);
    },
  );

  test("threads end once everything is kept and only flips are drawn, and stay where more is to be done", async () => {
    const threadCount = () => process.getActiveResourcesInfo().filter((kind) => kind === "MessagePort").length;
    const before = threadCount();
    const running = async (randomization: LoaderSettings["randomization"]) => {
      const loader = openLoader(pairs, { ...SETTINGS, randomization, max_iterations: 6, worker_threads: 2 });
      await loader.batch(0);
      const early = threadCount() - before;
      for (let step = 1; step < 12; step++) await loader.batch(step);
      // An ended thread is gone a moment later.
      for (let tries = 0; threadCount() > before && tries < 100; tries++) await new Promise((r) => setTimeout(r, 10));
      const late = threadCount() - before;
      await loader.close();
      return [early, late];
    };
    expect(await running({ ...NO_RANDOMIZATION, horizontal_flip: 0.5 })).toEqual([2, 0]);
    expect(await running({ ...NO_RANDOMIZATION, rotation: 0.5 })).toEqual([2, 2]);
  });

  test("channels: alpha is dropped, missing colors copy the last, surplus ones are dropped, in files of any", async () => {
    const planes = (channels: number) =>
      Array.from({ length: channels }, (_, c) => Float32Array.from({ length: 64 }, (_unused, i) => (i + 50 * c) / 255));
    for (const channels of [1, 2, 3, 4] as const) {
      const path = join(folder, `channels${channels}.png`);
      const data = Float32Array.from(planes(channels).flatMap((plane) => [...plane]));
      await writeImage(path, imageOfPlanes({ width: 8, height: 8, channels }, data), 8);
      const dataset = pairDirectories([{ name: "c", path }], [{ name: "c", path }]);
      for (const channel_count of [1, 2, 3, 4] as const) {
        const settings = { ...SETTINGS, channel_count, batch_size: 1, max_iterations: 1 };
        const [batch] = await batchesOf(dataset, settings);
        const expected = planes(channels);
        const colors = channels % 2 === 0 ? channels - 1 : channels;
        const wanted = Array.from({ length: channel_count }, (_, c) => expected[Math.min(c, colors - 1)]!);
        expect(batch!.input).toEqual(
          Float32Array.from(
            wanted.flatMap((plane) => [...plane]),
            (value) => value * 2 - 1,
          ),
        );
        expect(batch!.reference).toEqual(batch!.input);
      }
    }
  });

  test("crop_size: whole pixels of both images at one place; the centre in tests", async () => {
    const settings = { ...SETTINGS, crop_size: 4, batch_size: 6, max_iterations: 20 };
    const places = new Set<string>();
    for (const { draws: turns, input, reference } of await batchesOf(pairs, settings)) {
      for (const [place, { iteration, sample }] of turns.entries()) {
        const { left, top } = drawRandomization(NO_RANDOMIZATION, 11, iteration, sample);
        const box = { x: Math.floor(left * 9), y: Math.floor(top * 7), width: 4, height: 4 };
        places.add(`${box.x},${box.y}`);
        const slice = (of: Float32Array) => of.slice(place * 48, (place + 1) * 48);
        expect(slice(input)).toEqual(centered(crop(await decodeImage(join(folder, `a${sample}.png`)), box)));
        expect(slice(reference)).toEqual(centered(crop(await decodeImage(join(folder, `b${sample}.png`)), box)));
      }
    }
    // 120 draws over 63 places leave out 9 on average.
    expect(places.size).toBeGreaterThan(40);
    const [test] = await batchesOf(pairs, {
      ...settings,
      randomization: null,
      max_iterations: 1,
      shuffle_input_order: false,
    });
    const middle = crop(await decodeImage(join(folder, "a0.png")), { x: 4, y: 3, width: 4, height: 4 });
    expect(test!.input.slice(0, 48)).toEqual(centered(middle));
  });

  test("unpaired: each side has its own draws", async () => {
    const randomization = { ...NO_RANDOMIZATION, horizontal_flip: 0.5 };
    const dataset = unpairedDirectories(named("a", 6), named("a", 6));
    const settings = { ...SETTINGS, randomization, shuffle_input_order: false, batch_size: 6, max_iterations: 4 };
    let different = 0;
    for (const { input, reference } of await batchesOf(dataset, settings)) {
      for (let place = 0; place < 6; place++) {
        const slice = (of: Float32Array) => Array.from(of.slice(place * 192, (place + 1) * 192)).join();
        different += slice(input) === slice(reference) ? 0 : 1;
      }
    }
    expect(different).toBeGreaterThan(3);
    expect(different).toBeLessThan(21);
  });

  test("16-bit and float data keep their precision up to the batch", async () => {
    const path = join(folder, "fine.tif");
    const data = Float32Array.from({ length: 64 }, (_, i) => 0.5 + i * 1e-6);
    await writeImage(path, imageOfPlanes({ width: 8, height: 8, channels: 1 }, data));
    const dataset = pairDirectories([{ name: "fine", path }], [{ name: "fine", path }]);
    const [batch] = await batchesOf(dataset, { ...SETTINGS, channel_count: 1, batch_size: 1, max_iterations: 1 });
    expect(batch!.input).toEqual(data.map((value) => value * 2 - 1));
  });
});

describe("loader: bad input", () => {
  test.each([0, 2])(
    "with %d threads the message names the file and the cause, and other steps go on",
    async (worker_threads) => {
      const broken = join(folder, "broken.png");
      await writeFile(broken, (await readFile(TERRAIN)).subarray(0, 9000));
      const dataset = composites([
        { name: "0.png", path: TERRAIN },
        { name: "1.png", path: broken },
      ]);
      const settings = { ...SETTINGS, batch_size: 1, shuffle_input_order: false, worker_threads };
      const loader = openLoader(dataset, settings);
      await loader.batch(0);
      await expect(loader.batch(1)).rejects.toThrow(`${broken}: the image is damaged or cut short`);
      expect(sidesOf(await loader.batch(2)).input.length).toBe(192);
      await loader.close();
    },
  );

  test("closing rejects what is still wanted", async () => {
    const loader = openLoader(pairs, { ...SETTINGS, worker_threads: 1 });
    const wanted = loader.batch(0);
    const outcome = expect(wanted).rejects.toThrow("A decoding thread ended before its work was done.");
    await loader.close();
    await outcome;
  });

  test("an odd composite, a crop above the image, sizes that differ: found in the headers and in the loader", async () => {
    const odd = join(folder, "odd.png");
    await writeImage(odd, imageOfPlanes({ width: 5, height: 4, channels: 1 }, new Float32Array(20), 8));
    const small = join(folder, "small.png");
    await writeImage(small, imageOfPlanes({ width: 10, height: 10, channels: 1 }, new Float32Array(100), 8));
    const cases: readonly [Dataset, Partial<LoaderSettings>, string][] = [
      [composites([{ name: "odd.png", path: odd }]), {}, `${odd}: `],
      [pairs, { crop_size: 11 }, "12×10 is smaller than crop_size 11."],
      [
        pairDirectories([{ name: "0", path: join(folder, "a0.png") }], [{ name: "0", path: small }]),
        { crop_size: 4 },
        "12×10 and 10×10; with crop_size both must have one size.",
      ],
    ];
    for (const [dataset, changes, message] of cases) {
      const settings = { ...SETTINGS, batch_size: 1, ...changes };
      await expect(inspectDataset(dataset, formOf(settings))).rejects.toThrow(message);
      await expect(openLoader(dataset, settings).batch(0)).rejects.toThrow(message);
    }
  });
});

describe("inspection", () => {
  test("stretched images are counted, the first is named with its size", async () => {
    const { warnings } = await inspectDataset(pairs, formOf(SETTINGS));
    expect(warnings).toEqual([
      `12 of 12 images are not square and are stretched to 8×8; the first is ${join(folder, "a0.png")} (12×10).`,
    ]);
    const square = composites([{ name: "terrain.png", path: TERRAIN }]);
    expect((await inspectDataset(square, formOf(SETTINGS))).warnings).toEqual([]);
    expect((await inspectDataset(pairs, formOf({ ...SETTINGS, crop_size: 4 }))).warnings).toEqual([]);
  });

  test("alpha that is dropped where channel_count asks for it is an error; kept, or not asked for, it is none", async () => {
    const path = "test/fixtures/image/gray-alpha.png";
    const set = unpairedDirectories([{ name: "a", path }], [{ name: "a", path }]);
    const look = (change: Partial<LoaderSettings>) =>
      inspectDataset(set, formOf({ ...SETTINGS, crop_size: 2, ...change })).then(({ warnings }) => warnings);
    for (const channel_count of [2, 4]) {
      await expect(look({ channel_count })).rejects.toThrow(
        `dataset.channel_count is ${channel_count}, 2 of 2 images have alpha, and dataset.alpha "drop" takes it off; the first is ${path}.`,
      );
      expect(await look({ channel_count, values: { ...PLAIN_VALUES, alpha: "keep" } })).toEqual([]);
    }
    expect(await look({ channel_count: 3 })).toEqual([]);
  });

  test("on_device: an estimate above half of the free memory is an error with both figures", async () => {
    // 12 images of 3 × 8 × 8 floats.
    expect((await inspectDataset(pairs, formOf(SETTINGS), "on_device", 2 * 9216)).bytes).toBe(9216);
    await expect(inspectDataset(pairs, formOf(SETTINGS), "on_device", 2 * 9215)).rejects.toThrow(
      'storage "on_device" would keep 1 MiB of decoded samples, above half of the 1 MiB that are free.',
    );
    const twice = {
      kind: "paired",
      samples: pairs.kind === "paired" ? [...pairs.samples, ...pairs.samples] : [],
    } as const;
    expect((await inspectDataset(twice, formOf(SETTINGS))).bytes).toBe(9216);
    const cropping = { ...SETTINGS, randomization: { ...NO_RANDOMIZATION, crop_inputs: 0.1 } };
    // Whole images are kept as they are stored: a byte a sample.
    expect((await inspectDataset(pairs, formOf(cropping))).bytes).toBe(12 * 3 * 120);
  });
});
