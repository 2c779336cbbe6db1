/** `image_average` and `line_interpolation` on real files, and on the elevation tiles where they are at hand. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeImage, halves, writeImage } from "dag-cook/image";
import { correlation, mae } from "dag-cook/ml/metrics/difference";
import { testNodeType, type Upstream } from "dag-cook/testing";
import image_average from "../../nodes/score/image_average.js";
import line_interpolation from "../../nodes/score/line_interpolation.js";
import { planesOf } from "../../src/image/planes.js";
import { cookIn, imageFile, messageOf, rows, testFolder } from "./space.js";

const folder = testFolder();
const average = cookIn(folder, image_average);
const interpolate = cookIn(folder, line_interpolation);

async function image(
  name: string,
  size: readonly [number, number, number],
  value: (c: number, x: number, y: number) => number,
) {
  return imageFile(join(folder, name), size, value);
}

/** Two references of 2×1 pixels, and a tile to answer. */
async function averaged(size: readonly [number, number] = [2, 1]) {
  const references = [
    await image("r0.png", [2, 1, 1], (_, x) => (x === 0 ? 0 : 100 / 255)),
    await image("r1.png", [2, 1, 1], (_, x) => (x === 0 ? 51 / 255 : 101 / 255)),
  ];
  const tile = await image("tile.png", [...size, 3], () => 0.5);
  const truth = await image("truth.png", [...size, 1], () => 0.5);
  return {
    images: references.map((path) => ({ files: [{ path, tag: "file/image/reference" }] })),
    apply_to: [
      {
        files: [
          { path: tile, tag: "file/image/input" },
          { path: truth, tag: "file/image/reference" },
        ],
      },
    ],
  };
}

describe("image_average", () => {
  testNodeType((name, run) => test(name, run), image_average, {
    module: new URL("../../nodes/score/image_average.js", import.meta.url).href,
    base: async () => ({ inputs: await averaged() }),
    changes: async () => {
      const { images, apply_to } = await averaged();
      const other = { path: await image("other.png", [2, 1, 1], () => 1), tag: "file/image/other" };
      return {
        mode: { to: { mode: "per_pixel" } },
        tag: { to: { tag: "file/image/other" }, inputs: { apply_to, images: [...images, { files: [other] }] } },
        name: { to: { name: "mean height" } },
      };
    },
  });

  test("image_average: the constant is the mean of all pixels, in 16 bits, as large as the image it answers", async () => {
    const { items } = await average({ inputs: await averaged([3, 2]) });
    const [output, ...passed] = items[0]!.outputs;
    const mean = Math.round(((0 + 100 + 51 + 101) / 4) * 257);
    expect(output).toMatchObject({ name: "output/tile.png", tag: "file/image/output" });
    expect(rows(await decodeImage(output!.path), 65535)).toEqual([
      [mean, mean, mean],
      [mean, mean, mean],
    ]);
    expect(passed.map(({ name, tag }) => [name, tag])).toEqual([
      ["tile.png", "file/image/input"],
      ["truth.png", "file/image/reference"],
    ]);
    expect(items[0]!.attributes).toEqual({ baseline: "average" });
  });

  test("image_average: per pixel, each pixel has its own mean", async () => {
    const { items } = await average({ inputs: await averaged(), params: { mode: "per_pixel" } });
    expect(rows(await decodeImage(items[0]!.outputs[0]!.path), 65535)).toEqual([
      [25.5 * 257, 100.5 * 257].map(Math.round),
    ]);
  });

  test("image_average: nothing to average, and nothing to answer, are errors that say what is there", async () => {
    const { images, apply_to } = await averaged();
    expect(
      await messageOf(average({ inputs: { images: apply_to, apply_to }, params: { tag: "file/image/output" } })),
    ).toBe('No member of "images" has a file tagged "file/image/output".');
    expect(await messageOf(average({ inputs: { images, apply_to: images } }))).toBe(
      'The item "item_0" has no file tagged "file/image/input": its files are tagged file/image/reference.',
    );
  });
});

const BLUE = [0, 0, 1];
const RED = [1, 0, 0];

/** A sketch of columns: a river at the left edge, a ridge at the right, nothing between. */
async function valley(): Promise<readonly Upstream[]> {
  const path = await image("valley.png", [33, 9, 3], (c, x) => (x === 0 ? BLUE[c]! : x === 32 ? RED[c]! : 0));
  return [{ name: "valley", files: [{ path, tag: "file/image/input" }] }];
}

const tiles = "../shared/data/terrain/paired128/test";
const whereTiles = existsSync(tiles) ? test : test.skip;

describe("line_interpolation", () => {
  testNodeType((name, run) => test(name, run), line_interpolation, {
    module: new URL("../../nodes/score/line_interpolation.js", import.meta.url).href,
    base: async () => ({ inputs: await valley() }),
    changes: async () => {
      const dark = await image("dark.png", [33, 9, 3], (c, x) => (x < 2 ? 0.7 * BLUE[c]! : RED[c]!));
      const [{ files = [] }] = (await valley()) as [Upstream];
      return {
        lines: { to: { lines: [{ color: "#0000ff", height: 0.3 }] } },
        tolerance: { to: { tolerance: 0.4 }, inputs: [{ files: [{ path: dark, tag: "file/image/input" }] }] },
        stiffness: { to: { stiffness: 1000 } },
        precision: { to: { precision: 0.01 } },
        tag: {
          to: { tag: "file/image/other" },
          inputs: [{ files: [...files, { path: dark, tag: "file/image/other" }] }],
        },
        name: { to: { name: "lines" } },
      };
    },
  });

  test("line_interpolation: between two fixed lines the heights rise evenly, as Laplace's equation says", async () => {
    const params = { stiffness: 1e6, precision: 1e-9 };
    const { items } = await interpolate({ inputs: await valley(), params });
    const output = await decodeImage(items[0]!.outputs[0]!.path);
    expect([output.width, output.height, output.channels, output.depth]).toEqual([33, 9, 1, 16]);
    for (let at = 0; at < planesOf(output).length; at++) {
      expect(planesOf(output)[at]).toBeCloseTo(0.1 + (0.5 * (at % 33)) / 32, 4);
    }
    expect(items[0]!.outputs.map(({ tag }) => tag)).toEqual(["file/image/output", "file/image/input"]);
  });

  test("line_interpolation: softer lines give way, by the springs' balance", async () => {
    const { items } = await interpolate({ inputs: await valley(), params: { stiffness: 0.5, precision: 1e-9 } });
    const data = planesOf(await decodeImage(items[0]!.outputs[0]!.path));
    // In a row: k·(u₀ − 0.1) = k·(0.6 − u₃₂) = slope, and u₃₂ − u₀ = 32·slope, so slope = 0.5 / (32 + 2/k).
    const slope = 0.5 / 36;
    expect(data[0]).toBeCloseTo(0.1 + 2 * slope, 4);
    expect(data[16]).toBeCloseTo(0.35, 4);
  });

  test("line_interpolation: a sketch without lines is level, with a warning", async () => {
    const path = await image("black.png", [8, 8, 3], () => 0);
    const { items, warnings } = await interpolate({ inputs: [{ files: [{ path, tag: "file/image/input" }] }] });
    expect(warnings).toEqual(["black.png: no pixel has the colour of a line; the heights are all the same."]);
    expect(new Set(rows(await decodeImage(items[0]!.outputs[0]!.path), 65535).flat())).toEqual(new Set([26214]));
  });

  test("line_interpolation: a colour that is none, and no lines at all, are refused", async () => {
    const lines = [{ color: "blue", height: 0.1 }];
    expect(await messageOf(interpolate({ params: { lines } }))).toBe(
      'lines.0.color must match /^#[0-9a-fA-F]{6}$/, not "blue"',
    );
    expect(await messageOf(interpolate({ params: { lines: [] } }))).toBe("lines must have at least 1 item, not 0");
  });

  whereTiles(
    "line_interpolation: the test tiles come near to MAE 0.15 and correlation 0.68, as a spike had found",
    async () => {
      const scores: number[][] = [];
      for (const name of readdirSync(tiles)) {
        const [sketch, heights] = halves(await decodeImage(join(tiles, name)));
        const path = join(folder, name);
        await writeImage(path, sketch);
        const { items } = await interpolate({ inputs: [{ files: [{ path, tag: "file/image/input" }] }] });
        const output = await decodeImage(items[0]!.outputs[0]!.path);
        const truth = planesOf(heights).subarray(0, planesOf(output).length);
        scores.push([mae(planesOf(output), truth), correlation(planesOf(output), truth)]);
      }
      const mean = (place: number) => scores.reduce((sum, score) => sum + score[place]!, 0) / scores.length;
      expect(scores.length).toBe(13);
      expect(Math.abs(mean(0) - 0.15)).toBeLessThan(0.01);
      expect(Math.abs(mean(1) - 0.68)).toBeLessThan(0.01);
    },
  );
});
