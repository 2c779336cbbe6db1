/** Data ranges, measured over whole sets: the golden numbers are numpy's (`numpy.percentile` of all values, float64). */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { writeImage } from "../../../src/image/encode.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import { keptRange } from "../../../src/ml/data/kept-ranges.js";
import { type RangeParam, type RangeSource, sampleRange } from "../../../src/ml/data/ranges.js";
import type { Side } from "../../../src/ml/data/samples.js";
import { testFolder } from "../../nodes/space.js";

const folder = testFolder();
const [WIDTH, HEIGHT] = [15, 11];

async function file(name: string, planes: readonly ((at: number) => number)[], alpha = false, width = WIDTH) {
  const path = join(folder, name);
  const pixels = width * HEIGHT;
  const data = Float32Array.from({ length: planes.length * pixels }, (_, at) =>
    planes[Math.floor(at / pixels)]!(at % pixels),
  );
  await writeImage(path, imageOfPlanes({ width, height: HEIGHT, channels: planes.length }, data, "float", alpha));
  return { path };
}

/** Heights around nothing, with some that are a thousand times as far from it. */
const heights = (i: number) => (at: number) => {
  const value = ((at * 7919 + i * 104729) % 1000) * (i + 1) * 1.25 - 700;
  return at % 41 === 0 ? value * 1000 : value;
};

const set = await Promise.all([0, 1, 2].map((i) => file(`h${i}.tif`, [heights(i)])));
const source = (sides: readonly Side[], more: Partial<RangeSource> = {}): RangeSource => ({
  ...{ kind: "reference", sides, floats: sides, non_finite: "error", colors: 3, ...more },
});
const measured = async (sides: readonly Side[], param: RangeParam, more: Partial<RangeSource> = {}) =>
  (await sampleRange(source(sides, more), param)).range;

describe("data ranges", () => {
  test("data ranges: the lowest and the highest value of the set", async () => {
    expect(await measured(set, "measured")).toEqual([-700000, 2360000]);
    expect(await measured([set[0]!], "measured")).toEqual([-700000, expect.any(Number)]);
  });

  for (const [percentiles, expected] of [
    [
      [1, 99],
      [-55824.99999999994, 448800.0000000014],
    ],
    [
      [2.5, 97.5],
      [-687.4375, 2952.3124999999995],
    ],
    [
      [0, 100],
      [-700000, 2360000],
    ],
    [
      [33.3, 50],
      [-20.61750000000007, 327.5],
    ],
  ] as const) {
    test(`data ranges: percentiles ${percentiles.join(" and ")} of the whole set are numpy's`, async () => {
      const [low, high] = await measured(set, { percentiles });
      expect(low).toBeCloseTo(expected[0], 8);
      expect(high).toBeCloseTo(expected[1], 6);
    });
  }

  test("data ranges: alpha, channels that are not used, and the other half of a composite do not count", async () => {
    const layered = await file("layers.tif", [(at) => at, () => 900, () => -900, () => 5000], true);
    expect(await measured([layered], "measured", { colors: 1 })).toEqual([0, WIDTH * HEIGHT - 1]);
    expect(await measured([layered], "measured", { colors: 2 })).toEqual([0, 900]);
    expect(await measured([layered], "measured", { colors: 4 })).toEqual([-900, 900]);
    const both = await file("both.tif", [(at) => (at % 16 < 8 ? -at : 10_000 + at)], false, 16);
    expect(await measured([{ ...both, half: "left" }], "measured")).toEqual([-167, 0]);
    expect(await measured([{ ...both, half: "right" }], "measured")).toEqual([10_008, 10_175]);
  });

  test("data ranges: values that are not finite are named, or replaced before they are measured", async () => {
    const holed = await file("holed.tif", [
      (at) => (at === 17 ? Number.NaN : at === 20 ? Number.NEGATIVE_INFINITY : 5),
    ]);
    await expect(measured([set[0]!, holed], "measured")).rejects.toThrow(
      `${holed.path}: the value at x 2, y 1, channel 0 is NaN (2 of 165 values are not finite).`,
    );
    expect(await measured([holed], "measured", { non_finite: -3 })).toEqual([-3, 5]);
  });

  test("data ranges: a set of one value has none", async () => {
    const flat = await file("flat.tif", [() => 7]);
    await expect(measured([flat], "measured")).rejects.toThrow(
      'dataset.reference_range "measured": all values are equal (7). Fix: set dataset.reference_range to [low, high].',
    );
    await expect(measured([flat], { percentiles: [1, 99] })).rejects.toThrow("both percentiles are equal (7)");
  });

  test("data ranges: given ones stay, and what lies outside is warned of with a range that would hold it", async () => {
    const { range, warnings } = await sampleRange(source(set), [-700, 3050]);
    expect(range).toEqual([-700, 3050]);
    expect(warnings).toEqual([
      `3 of 3 reference images have values outside dataset.reference_range [-700, 3050]; the first is ${set[0]!.path} (-700000 to 195000). ` +
        "The network's output ends there, so that it cannot learn them. " +
        'Fix: set dataset.reference_range to "measured", or to [low, high] such as [-700000, 2360000].',
    ]);
    expect((await sampleRange(source(set), [-700000, 2360000])).warnings).toEqual([]);
    // Files of integers are 0 to 1: nothing is decoded where nothing is measured.
    expect(await sampleRange(source([{ path: "absent.png" }], { floats: [] }), null)).toEqual({
      range: [0, 1],
      warnings: [],
    });
  });

  test("data ranges: a start after the first decodes nothing again, unless a file or the parameter changed", async () => {
    const sides = [await file("kept.tif", [(at) => at])];
    const start = (param: RangeParam) => keptRange(folder, source(sides), param);
    expect(await start("measured")).toEqual({ range: [0, 164], warnings: [] });
    const kept = join(folder, "reference_range.json");
    writeFileSync(kept, readFileSync(kept, "utf8").replace("164", "99"));
    expect((await start("measured")).range).toEqual([0, 99]);
    expect((await start({ percentiles: [0, 50] })).range).toEqual([0, 82]);
    expect((await start("measured")).range).toEqual([0, 164]);
    await file("kept.tif", [(at) => at + 1]);
    expect((await start("measured")).range).toEqual([1, 165]);
    writeFileSync(kept, "{");
    expect((await start("measured")).range).toEqual([1, 165]);
  });
});
