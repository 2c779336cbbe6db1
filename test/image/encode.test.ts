import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import sharp from "sharp";
import { decodeImage } from "../../src/image/decode.js";
import { encodePng, writeImage } from "../../src/image/encode.js";
import { type Depth, valuesOf } from "../../src/image/image.js";
import { imageOfPlanes, planesOf } from "../../src/image/planes.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dag-encode-"));
});
afterAll(() => rm(folder, { recursive: true }));

const FULL = { 8: 255, 16: 65535, float: 1 } as const;
/** Every value is one that the depth can hold. */
function sample(channels: number, depth: Depth) {
  const [width, height] = [7, 5];
  const alpha = channels % 2 === 0;
  const full = FULL[depth];
  const value = (i: number) => (depth === "float" ? Math.sin(i) * 1e4 - 3 : ((i * 7919) % (full + 1)) / full);
  return imageOfPlanes(
    { width, height, channels },
    Float32Array.from({ length: channels * 35 }, (_, i) => value(i)),
    depth,
    alpha,
  );
}

for (const depth of [8, 16, "float"] as const) {
  for (const channels of [1, 2, 3, 4]) {
    test(`encode: ${channels} channels of depth ${depth} come back exactly`, async () => {
      const image = sample(channels, depth);
      const path = join(folder, `${channels}-${depth}.${depth === "float" ? "tif" : "png"}`);
      await writeImage(path, image);
      const read = await decodeImage(path);
      expect(read).toMatchObject({ width: 7, height: 5, channels, depth, alpha: channels % 2 === 0 });
      expect(planesOf(read)).toEqual(planesOf(image));
    });
  }
}

test.each([1, 3, 4])("encode: a small PNG of %d channels is one to libpng, too", async (channels) => {
  for (const depth of [8, 16] as const) {
    const image = sample(channels, depth);
    const space = depth === 8 ? (channels === 1 ? "b-w" : "srgb") : channels === 1 ? "grey16" : "rgb16";
    const read = sharp(await encodePng(image), { failOn: "warning" }).toColourspace(space);
    const { data, info } = await read
      .raw({ depth: depth === 8 ? "uchar" : "ushort" })
      .toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 7, height: 5, channels });
    const samples = depth === 8 ? Uint8Array.from(data) : new Uint16Array(Uint8Array.from(data).buffer);
    expect(Array.from(samples)).toEqual(Array.from(valuesOf(image), (value) => Math.round(value * FULL[depth])));
  }
});

test("encode: equal images give equal bytes, other depths other bytes", async () => {
  const image = sample(3, 16);
  const [once, again, eight] = await Promise.all([encodePng(image), encodePng(sample(3, 16)), encodePng(image, 8)]);
  expect(Buffer.compare(once, again)).toBe(0);
  expect(Buffer.compare(once, eight)).not.toBe(0);
});

test("encode: values are clamped and rounded, NaN is 0", async () => {
  const values = [-1, 0.499 / 255, 0.501 / 255, 1, 7, Number.NaN, Number.POSITIVE_INFINITY, 0.5];
  const path = join(folder, "clamped.png");
  await writeImage(path, imageOfPlanes({ width: 8, height: 1, channels: 1 }, Float32Array.from(values), 8));
  const data = planesOf(await decodeImage(path));
  expect(Array.from(data, (value) => Math.round(value * 255))).toEqual([0, 0, 1, 255, 255, 0, 255, 128]);
});

test("encode: a float image without a given depth becomes 16-bit PNG bytes", async () => {
  const png = Buffer.from(await encodePng(imageOfPlanes({ width: 1, height: 1, channels: 1 }, Float32Array.of(0.25))));
  expect(png[24]).toBe(16);
});

test("encode: a depth that the extension cannot hold, another extension, a missing folder are errors with the path", async () => {
  const image = sample(1, "float");
  await expect(writeImage("x/out.png", image)).rejects.toThrow(
    'x/out.png: a ".png" file does not hold the depth float. Use .tif or .exr for 32-bit float.',
  );
  await expect(writeImage("x/out.tif", image, 8)).rejects.toThrow("Use .png for 8 and 16 bits.");
  await expect(writeImage("x/out.webp", image)).rejects.toThrow(
    'x/out.webp: images are written as .png, .tif, .tiff or .exr, not ".webp".',
  );
  const path = join(folder, "absent", "out.tif");
  await expect(writeImage(path, image)).rejects.toThrow(`${path}: the image cannot be written (ENOENT`);
});

test.each([".tif", ".exr"])(
  "encode: %s holds every value of a float image, colors, gray and alpha",
  async (extension) => {
    for (const channels of [1, 2, 3, 4]) {
      const values = Float32Array.from({ length: channels * 6 }, (_, at) => 1000 * Math.sin(at) - 300);
      const alpha = channels === 2 || channels === 4;
      const image = imageOfPlanes({ width: 3, height: 2, channels }, values, "float", alpha);
      const path = join(folder, `floats${channels}${extension}`);
      await writeImage(path, image);
      const back = await decodeImage(path);
      expect([back.depth, back.channels, back.alpha]).toEqual(["float", channels, alpha]);
      expect(planesOf(back)).toEqual(values);
    }
  },
);

test("encode: an existing file is replaced whole", async () => {
  const path = join(folder, "twice.png");
  await writeImage(path, sample(4, 16));
  await writeImage(path, sample(1, 8));
  expect(Buffer.compare(await readFile(path), await encodePng(sample(1, 8)))).toBe(0);
});
