/** `augment` on real files: flips really flip, both sides move alike, depths and seeds hold. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type NodeCase, testNodeType, type Upstream } from "dag-cook/testing";
import augment from "../../nodes/image/augment.js";
import { readHeader } from "../../src/image/decode.js";
import { planesOf } from "../../src/image/planes.js";
import { CookSpace } from "../helpers/cook-space.js";
import { cookIn, decodeImage, imageFile, rows, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, augment);

/** Input and reference with the same values in other units, so that their geometry can be compared. */
async function pair(depth: 8 | 16 = 8): Promise<readonly Upstream[]> {
  const full = depth === 8 ? 255 : 65535;
  const value = (scale: number) => (_: number, x: number, y: number) => (scale * (1 + x * x + 7 * y)) / full;
  const input = await imageFile(join(folder, `input${depth}`, "a.png"), [8, 8, 1], value(1), depth);
  const reference = await imageFile(join(folder, `reference${depth}`, "a.png"), [8, 8, 1], value(2), depth);
  return [
    {
      name: "a",
      files: [
        { path: input, tag: "file/image/input" },
        { path: reference, tag: "file/image/reference" },
      ],
    },
  ];
}

async function imagesOf(node: NodeCase, item = 0) {
  const { items } = await cook(node);
  return Promise.all(items[item]!.outputs.map((file) => decodeImage(file.path)));
}

describe("augment", () => {
  testNodeType((name, run) => test(name, run), augment, {
    module: new URL("../../nodes/image/augment.js", import.meta.url).href,
    base: async () => ({ inputs: await pair() }),
    changes: () => ({
      copies: { to: { copies: 2 } },
      include_original: { to: { include_original: true } },
      horizontal_flip: { to: { horizontal_flip: 1 } },
      vertical_flip: { to: { vertical_flip: 1 } },
      rotation: { to: { rotation: 1 } },
      rotation_max_degrees: { from: { rotation: 1 }, to: { rotation_max_degrees: 90 } },
      crop_inputs: { to: { crop_inputs: 0.5 } },
      brightness: { to: { brightness: 0.5 } },
      contrast: { to: { contrast: 0.5 } },
      gamma: { to: { gamma: 1 } },
      noise: { to: { noise: 0.1 } },
      photometric_tags: { from: { noise: 0.1 }, to: { photometric_tags: ["file/image"] } },
      seed: { from: { noise: 0.1 }, to: { seed: 1 } },
    }),
  });

  test("augment: a horizontal flip mirrors the rows of both sides, a vertical one their order", async () => {
    const original = await imagesOf({ inputs: await pair() });
    const across = await imagesOf({ inputs: await pair(), params: { horizontal_flip: 1 } });
    const down = await imagesOf({ inputs: await pair(), params: { vertical_flip: 1 } });
    for (const side of [0, 1]) {
      const plain = rows(original[side]!, 255);
      expect(plain[0]).toEqual([1, 2, 5, 10, 17, 26, 37, 50].map((value) => value * (side + 1)));
      expect(rows(across[side]!, 255)).toEqual(plain.map((row) => row.toReversed()));
      expect(rows(down[side]!, 255)).toEqual(plain.toReversed());
    }
  });

  test("augment: input and reference get the same crop, flips and rotation, in 16 bits", async () => {
    const params = { horizontal_flip: 0.5, vertical_flip: 0.5, rotation: 1, crop_inputs: 0.6, copies: 4 };
    for (const seed of [1, 2, 3]) {
      const [input, reference] = await imagesOf({ inputs: await pair(16), params, seed }, 2);
      expect([input!.depth, reference!.depth]).toEqual([16, 16]);
      const doubled = rows(input!, 65535)
        .flat()
        .map((value) => 2 * value);
      const apart = rows(reference!, 65535)
        .flat()
        .map((value, at) => Math.abs(value - doubled[at]!));
      // Each side is rounded once by itself: 2 · ½ + ½.
      expect(Math.max(...apart)).toBeLessThanOrEqual(1);
      expect(new Set(doubled).size).toBeGreaterThan(8);
    }
  });

  test("augment: no corner of a rotated image is empty", async () => {
    const path = await imageFile(join(folder, "full.png"), [16, 16, 1], () => 1);
    const inputs = [{ files: [{ path, tag: "file/image/input" }] }];
    for (const seed of [1, 2, 3, 4]) {
      const [image] = await imagesOf({ inputs, params: { rotation: 1 }, seed });
      expect(Math.min(...planesOf(image!))).toBe(1);
    }
  });

  test("augment: brightness, contrast, gamma and noise change the input alone", async () => {
    const params = { brightness: 0.3, contrast: 0.3, gamma: 0.5, noise: 0.05 };
    const [input, reference] = await imagesOf({ inputs: await pair(), params });
    const [plainInput, plainReference] = await imagesOf({ inputs: await pair() });
    expect(rows(reference!, 255)).toEqual(rows(plainReference!, 255));
    expect(rows(input!, 255)).not.toEqual(rows(plainInput!, 255));
  });

  test("augment: brightness adds one value within its bound everywhere, floats are not clamped", async () => {
    const path = await imageFile(join(folder, "float.tif"), [4, 4, 1], (_, x) => 3 * x - 2, "float");
    const inputs = [{ files: [{ path, tag: "file/image/input" }] }];
    const [plain] = await imagesOf({ inputs });
    const [brighter] = await imagesOf({ inputs, params: { brightness: 0.25 } });
    const shifts = Array.from(planesOf(brighter!), (value, at) => value - planesOf(plain!)[at]!);
    expect([plain!.depth, brighter!.depth, Math.min(...planesOf(plain!))]).toEqual(["float", "float", -2]);
    expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThan(1e-6);
    expect(Math.abs(shifts[0]!)).toBeGreaterThan(0);
    expect(Math.abs(shifts[0]!)).toBeLessThanOrEqual(0.25);
  });

  test("augment: the original comes first and is the very file; copies differ from one another", async () => {
    const params = { copies: 3, include_original: true, noise: 0.1 };
    const inputs = await pair();
    const { items } = await cook({ inputs, params });
    expect(items.map(({ identity, attributes }) => [identity, attributes])).toEqual(
      [0, 1, 2, 3].map((copy) => [copy, { copy }]),
    );
    expect(items[0]!.outputs.map(({ path }) => path)).toEqual(inputs[0]!.files?.map(({ path }) => path));
    expect(new Set(items.map(({ outputs }) => outputs[0]!.digest)).size).toBe(4);
  });

  test("augment: the item's seed decides, and the same seed gives the same bytes", async () => {
    const params = { noise: 0.1 };
    const digest = async (seed: number) =>
      (await cook({ inputs: await pair(), params, seed })).items[0]!.outputs[0]!.digest;
    expect(await digest(5)).toBe(await digest(5));
    expect(await digest(5)).not.toBe(await digest(6));
  });

  test("augment: noise has the asked deviation and no bias", async () => {
    const path = await imageFile(join(folder, "flat.tif"), [64, 64, 1], () => 0.5, "float");
    const inputs = [{ files: [{ path, tag: "file/image/input" }] }];
    const [noisy] = await imagesOf({ inputs, params: { noise: 0.1 } });
    const values = Array.from(planesOf(noisy!), (value) => value - 0.5);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    // Four standard errors of 4096 values: 4 · 0.1 / 64, and 4 · 0.1 / √8192.
    expect(Math.abs(mean)).toBeLessThan(0.00625);
    expect(Math.abs(deviation - 0.1)).toBeLessThan(0.0045);
  });

  test("augment: changes of values that no image would get are warned about; other files are passed on", async () => {
    const path = await imageFile(join(folder, "plain.png"), [4, 4, 1], () => 0.5);
    const inputs = [
      {
        files: [
          { path, tag: "file/image" },
          { path, tag: "file/text", name: "notes.txt" },
        ],
      },
    ];
    const { items, warnings } = await cook({ inputs, params: { gamma: 1 } });
    expect(warnings).toEqual([
      "No image is tagged file/image/input: brightness, contrast, gamma and noise change nothing.",
    ]);
    expect(items[0]!.outputs.map(({ name, tag }) => [name, tag])).toEqual([
      ["0/plain_1.png", "file/image"],
      ["notes.txt", "file/text"],
    ]);
  });

  test("augment: a whole-number parameter out of range is refused", async () => {
    await expect(cook({ params: { horizontal_flip: 1.5 } })).rejects.toThrow(
      "horizontal_flip must be at most 1, not 1.5",
    );
  });

  test("a copy that is turned or cropped does not say that it lies where its raster lies; other copies do", async () => {
    const space = new CookSpace();
    try {
      space.write("in/geo.tif", readFileSync("test/fixtures/image/tiff/geo.tif"));
      const placeOf = async (params: Readonly<Record<string, number>>) => {
        space.graph("g.json", {
          raster: { type: "image_import", params: { directory: "in" } },
          copy: { type: "augment", inputs: ["raster"], params },
          tiff: { type: "image_convert", inputs: ["copy"], params: { format: "tiff", output: "$HIP/out.tif" } },
        });
        expect((await space.cook("g.json")).exit).toBe(0);
        return (await readHeader(space.path("out.tif"))).geo;
      };
      expect(await placeOf({ brightness: 0.1 })).toMatchObject({ origin: [2600000, 1200000], pixelSize: [25, 25] });
      for (const name of ["horizontal_flip", "vertical_flip", "rotation", "crop_inputs"]) {
        const place = await placeOf({ [name]: 0.5 });
        expect([name, place?.origin, place?.pixelSize, place?.crs]).toEqual([name, undefined, undefined, "EPSG:2056"]);
      }
    } finally {
      space.remove();
    }
  });
});
