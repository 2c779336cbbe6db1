/** Images in strips: what a conversion makes of them is what it makes of the whole image. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { decodeImage, valuesOf, writeImage } from "dag-cook/image";
import image_compare from "../../../nodes/image/image_compare.js";
import image_convert from "../../../nodes/image/image_convert.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const folder = testFolder();
const TAG = "file/image";
const FIXTURES = "test/fixtures/image";

afterEach(() => {
  delete process.env.DAG_WHOLE_SAMPLES;
});

const cook = cookIn(folder, image_convert);
const converted = async (path: string, params: object) => {
  const input = { name: "item", files: [{ path, tag: TAG }] };
  return (await cook({ inputs: [input], params: { ...params } })).items[0]!.outputs[0]!.path;
};

/** Both ways, decoded. The strips are of 2,500 samples and less: a few rows. */
async function bothWays(path: string, params: object) {
  const whole = await decodeImage(await converted(path, params));
  process.env.DAG_WHOLE_SAMPLES = "10000";
  const to = await converted(path, params);
  return { whole, strips: await decodeImage(to), to };
}

const FILES = [
  "photo.jpg",
  "turned.jpg",
  "terrain.png",
  "rgba.png",
  "gray-alpha.png",
  "height16.png",
  "float-rgb.tif",
  "int16.tif",
  "half.tif",
  "grid.asc",
].map((name) => join(FIXTURES, name));

/** An image of floats that is large beside the limit of these tests, of 120×173. */
async function floats(extension: ".tif" | ".exr"): Promise<string> {
  const path = join(folder, `floats${extension}`);
  const data = Float32Array.from({ length: 3 * 120 * 173 }, (_, at) => Math.sin(at / 50) * 2 + at / 1e4);
  await writeImage(path, imageOfPlanes({ width: 120, height: 173, channels: 3 }, data));
  return path;
}

const CONVERSIONS: readonly (readonly [string, object])[] = [
  ["to TIFF", { format: "tiff" }],
  ["to OpenEXR, PIZ", { format: "exr", exr_compression: "piz" }],
  ["to PNG of 16 bits", { format: "png", depth: "16", channels: "color" }],
  ["to gray, smaller", { format: "tiff", channels: "gray", width: 37 }],
  ["larger", { format: "tiff", width: 301 }],
  ["to a range, cut to fill", { format: "tiff", range: { to: [-300, 2200] }, width: 100, height: 60, fit: "cover" }],
  [
    "with a background",
    { format: "tiff", channels: "color", width: 90, height: 200, fit: "contain", background: "#f80" },
  ],
  ["without alpha, to WebP", { format: "webp", lossless: true, alpha: "flatten", channels: "color" }],
];

describe.each(CONVERSIONS)("%s", (_, params) => {
  test.each([".tif", ".exr"] as const)("floats of a %s", async (extension) => {
    const { whole, strips } = await bothWays(await floats(extension), { ...params, non_finite: 0 });
    expectSame(strips, whole);
  });

  test.each(FILES)("%s", async (path) => {
    const { whole, strips, to } = await bothWays(path, { ...params, non_finite: 0 });
    expectSame(strips, whole);
    expect(readdirSync(join(to, ".."))).toEqual([basename(to)]);
  });
});

/** Sums in another order differ in the last bit, and then an integer may. */
function expectSame(strips: Awaited<ReturnType<typeof decodeImage>>, whole: typeof strips): void {
  const { width, height, channels, depth, alpha } = whole;
  expect(strips).toMatchObject({ width, height, channels, depth, alpha });
  const [ours, theirs] = [valuesOf(strips), valuesOf(whole)];
  const most = depth === 8 ? 1.01 / 255 : depth === 16 ? 1.01 / 65535 : 0;
  const wrong = ours.findIndex((value, at) => {
    const other = theirs[at]!;
    return !(Object.is(value, other) || Math.abs(value - other) <= Math.max(most, 1e-6 * Math.abs(other)));
  });
  expect(wrong === -1 ? [] : [wrong, ours[wrong], theirs[wrong]]).toEqual([]);
}

describe("image_compare in strips", () => {
  const compare = cookIn(folder, image_compare);
  const compared = async (path: string, reference: string, params: Readonly<Record<string, unknown>> = {}) => {
    const files = [
      { path, tag: "file/image/output" },
      { path: reference, tag: "file/image/reference" },
    ];
    const { items, warnings } = await compare({ inputs: [{ name: "item", files }], params });
    const { attributes, outputs } = items[0]!;
    return { attributes, warnings, to: outputs[0]!.path, difference: await decodeImage(outputs[0]!.path) };
  };

  /** Another image of the same size and depth. */
  async function changed(path: string): Promise<string> {
    const image = await decodeImage(path);
    const { samples, depth } = image;
    const other = samples.slice();
    const most = depth === "float" ? 1 : depth === 8 ? 255 : 65535;
    for (let at = 0; at < other.length; at++) {
      const value = samples[at]! + ((at * 7919) % 97) * (most / 1000);
      other[at] = depth === "float" ? value : Math.min(most, value);
    }
    const to = join(folder, `changed-${basename(path)}${depth === "float" ? ".tif" : ".png"}`);
    await writeImage(to, { ...image, samples: other });
    return to;
  }

  // The window is 11 rows; the last strip of most of these heights is shorter than it.
  const NAMES = ["rgba.png", "gray-alpha.png", "height16.png", "float-rgb.tif", "grid.asc"];
  for (const name of NAMES) {
    test.each([
      [{}, "2000"],
      [{ range: [-1, 2], gain: 2, tolerance: 0.02 }, "100"],
    ] as const)(
      `${name}, %j: the metrics and the difference are the whole image's, in strips of %s/4 samples`,
      async (params, samples) => {
        const path = join(FIXTURES, name);
        const reference = await changed(path);
        const whole = await compared(path, reference, { ...params, non_finite: 0 });
        process.env.DAG_WHOLE_SAMPLES = samples;
        const strips = await compared(path, reference, { ...params, non_finite: 0 });
        for (const [metric, value] of Object.entries(whole.attributes)) {
          const other = Number(strips.attributes[metric]);
          expect([metric, Math.abs(other - Number(value)) <= 1e-12 * Math.abs(Number(value))]).toEqual([metric, true]);
        }
        expect(Number(whole.attributes.mae)).toBeGreaterThan(0);
        expect(strips.warnings).toEqual(whole.warnings);
        expectSame(strips.difference, whole.difference);
        // No file of rows stays.
        expect(readdirSync(join(strips.to, ".."))).toEqual([basename(strips.to)]);
      },
    );
  }

  const SHARED = "../shared/data/ssim";
  (existsSync(SHARED) ? test : test.skip)("photographs in strips: SSIM, PSNR as scikit-image", async () => {
    const values = JSON.parse(readFileSync(`${SHARED}/values.json`, "utf8"));
    process.env.DAG_WHOLE_SAMPLES = "30000";
    const camera = await compared(`${SHARED}/camera.png`, `${SHARED}/camera_noisy.png`);
    expect(camera.attributes.ssim).toBeCloseTo(values.camera.ssim_gaussian, 5);
    expect(camera.attributes.psnr).toBeCloseTo(values.camera.psnr, 4);
    const cat = await compared(`${SHARED}/cat.png`, `${SHARED}/cat_blur.png`);
    expect(cat.attributes.ssim).toBeCloseTo(values.cat.ssim_gaussian_per_channel_mean, 5);
  });

  test("values that are not finite are named by their row in the whole image", async () => {
    const path = join(folder, "hole.tif");
    const data = new Float32Array(120 * 173).fill(0.5);
    data[130 * 120 + 7] = Number.NaN;
    await writeImage(path, imageOfPlanes({ width: 120, height: 173, channels: 1 }, data));
    process.env.DAG_WHOLE_SAMPLES = "4000";
    expect(await messageOf(compared(path, path))).toMatch(/^hole\.tif: the value at x 7, y 130, channel 0 is NaN/);
  });
});
