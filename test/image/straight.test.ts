/** Conversions that libvips carries out from file to file: what they mean, and which are left to `resize`. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { decodeImage, openImage, readHeader } from "../../src/image/decode.js";
import { type Encoding, encodeImage, writeImage } from "../../src/image/encode.js";
import { type Depth, type Image, imageOf } from "../../src/image/image.js";
import { resize } from "../../src/image/resize.js";
import { convertStraight } from "../../src/image/straight.js";

const folder = mkdtempSync(join(tmpdir(), "dag-straight-"));
afterAll(() => rmSync(folder, { recursive: true }));

const PHOTO = "test/fixtures/image/photo.jpg";
const PNG: Encoding = { format: "png" };
const JPEG: Encoding = { format: "jpeg", quality: 90, lossless: false };

/** In units of 1/255: the mean difference, and what one value of a thousand goes beyond. */
function apart(a: Image, b: Image): { readonly mean: number; readonly most: number } {
  const [ours, theirs] = [encoded(a), encoded(b)];
  const all = Float64Array.from(ours, (value, at) => Math.abs(value - theirs[at]!)).sort();
  return { mean: all.reduce((sum, one) => sum + one, 0) / all.length, most: all[Math.floor(all.length * 0.999)]! };
}

function encoded({ samples }: Image): Uint8Array {
  return samples instanceof Uint8Array ? samples : Uint8Array.from(samples, (value) => Math.round(value * 255));
}

/** As `image_convert` calls it. */
async function straightened(path: string, sizeOf: (size: Size) => Size, encoding: Encoding) {
  const opened = await openImage(path);
  const to = join(mkdtempSync(join(folder, "to-")), "straight");
  return (await convertStraight(opened, sizeOf(opened.header), encoding, to)) ? readFileSync(to) : undefined;
}

type Size = { readonly width: number; readonly height: number };

async function read(bytes: Uint8Array | undefined): Promise<Image> {
  writeFileSync(join(folder, "read"), bytes!);
  return decodeImage(join(folder, "read"));
}

describe("the filter is PIL's bilinear one", () => {
  test.each([
    [150, 99, 1, 4],
    [100, 66, 1, 8],
    [40, 26, 1, 8],
  ])("a JPEG to %d×%d: within 1/255 in the mean", async (width, height, mean, most) => {
    const golden = await decodeImage(`test/fixtures/image/photo-${width}.png`);
    const straight = await read(await straightened(PHOTO, () => ({ width, height }), PNG));
    for (const image of [straight, resize(await decodeImage(PHOTO), width, height)]) {
      const found = apart(image, golden);
      expect(found.mean).toBeLessThan(mean);
      expect(found.most).toBeLessThanOrEqual(most);
    }
  });

  test.each([1, 3])(
    "a PNG of %d channels, by less than a fourth: one step, and libvips' rounding of weights",
    async (channels) => {
      const path = join(folder, `large-${channels}.png`);
      await writeImage(path, pattern(640, 500, channels));
      const straight = await read(await straightened(path, () => ({ width: 211, height: 407 }), PNG));
      expect(straight).toMatchObject({ channels, depth: 8, alpha: false });
      expect(apart(straight, resize(await decodeImage(path), 211, 407)).most).toBeLessThanOrEqual(3);
    },
  );
});

test("another format alone: what decoding and encoding give, upright", async () => {
  for (const path of ["test/fixtures/image/turned.jpg", PHOTO]) {
    for (const encoding of [PNG, JPEG]) {
      const straight = await read(await straightened(path, (size) => size, encoding));
      expect(straight).toEqual(await read(await encodeImage(await decodeImage(path), encoding)));
    }
  }
});

test("equal files give equal bytes", async () => {
  const [once, again] = await Promise.all(
    [1, 2].map(() => straightened(PHOTO, () => ({ width: 100, height: 66 }), JPEG)),
  );
  expect(Buffer.from(once!).equals(Buffer.from(again!))).toBe(true);
});

describe("left to decoding, resize and encoding", () => {
  const half = ({ width, height }: Size) => ({ width: width / 2, height: height / 2 });
  test.each<[string, number, Depth, Encoding, typeof half]>([
    ["alpha, which sharp would multiply with", 4, 8, PNG, half],
    ["gray with alpha", 2, 8, PNG, (size) => size],
    ["16 bits", 3, 16, PNG, half],
    ["16 bits to 8", 3, 16, { format: "png", depth: 8 }, half],
    ["8 bits to 16", 3, 8, { format: "png", depth: 16 }, half],
    ["enlarging", 3, 8, PNG, ({ width, height }) => ({ width: width + 1, height })],
  ])("%s", async (_, channels, depth, encoding, size) => {
    const path = join(folder, "left.png");
    await writeImage(path, { ...pattern(400, 400, channels), alpha: channels % 2 === 0 }, depth);
    expect(await straightened(path, size, encoding)).toBeUndefined();
  });

  test("a small PNG, and a float TIFF", async () => {
    expect(await straightened("test/fixtures/image/terrain.png", half, PNG)).toBeUndefined();
    expect(await straightened("test/fixtures/image/height-float.tif", half, PNG)).toBeUndefined();
  });
});

test("a damaged file is left to decoding, which says what is wrong", async () => {
  const path = join(folder, "cut.jpg");
  const bytes = readFileSync(PHOTO);
  writeFileSync(path, bytes.subarray(0, bytes.length / 2));
  expect((await readHeader(path)).width).toBe(400);
  expect(await straightened(path, () => ({ width: 200, height: 132 }), PNG)).toBeUndefined();
});

function pattern(width: number, height: number, channels: number): Image {
  const samples = new Uint8Array(width * height * channels);
  for (let at = 0; at < samples.length; at++) {
    const [x, y] = [Math.floor(at / channels) % width, Math.floor(at / channels / width)];
    samples[at] = 128 + 90 * Math.sin(x / 5 + (at % channels)) * Math.cos(y / 7) + ((at * 7919) % 31);
  }
  return imageOf({ width, height, channels }, samples);
}
