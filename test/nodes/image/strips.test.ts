/** Images in strips: what a conversion makes of them is what it makes of the whole image. */

import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { decodeImage, valuesOf, writeImage } from "dag-cook/image";
import image_convert from "../../../nodes/image/image_convert.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import { cookIn, testFolder } from "../space.js";

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
