import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { decodeImage, readHeader } from "../../src/image/decode.js";
import { type Image, ImageError } from "../../src/image/image.js";
import { planesOf } from "../../src/image/planes.js";

const FIXTURES = "test/fixtures/image";
const fixture = (name: string) => join(FIXTURES, name);
let golden: {
  terrain: { sum: number[]; row64: number[][] };
  height16: { sum: number; row3: number[] };
  float_rgb_row2: number[][];
  palette_row2: number[][];
};
let folder = "";

beforeAll(async () => {
  golden = JSON.parse(await readFile(fixture("golden.json"), "utf8"));
  folder = await mkdtemp(join(tmpdir(), "dag-image-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Pixels of a row as [channels] each, times `full`. */
function row(image: Image, y: number, full: number, from = 0, end = image.width): number[][] {
  const { width, height, channels } = image;
  const data = planesOf(image);
  return Array.from({ length: end - from }, (_, x) =>
    Array.from({ length: channels }, (_, c) => data[(c * height + y) * width + from + x]! * full),
  );
}

async function made(name: string, bytes: Uint8Array | string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** A PNG of any size that says it is gray with 8 bits. */
function pngOf(width: number, height: number, pixels: Uint8Array): Buffer {
  const chunk = (type: string, data: Uint8Array) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(8 + body.length);
    framed.writeUInt32BE(data.length);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), 4 + body.length);
    return framed;
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const magic = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([magic, chunk("IHDR", header), chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.of())]);
}

describe("decode", () => {
  test("8-bit RGB: planes hold what PIL reads, over 255", async () => {
    const image = await decodeImage(fixture("terrain.png"));
    expect(image).toMatchObject({ width: 256, height: 128, channels: 3, depth: 8, alpha: false });
    const sums = [0, 1, 2].map((c) =>
      planesOf(image)
        .slice(c * 32768, (c + 1) * 32768)
        .reduce((sum, v) => sum + v, 0),
    );
    for (const [c, sum] of sums.entries()) expect(Math.abs(sum * 255 - golden.terrain.sum[c]!)).toBeLessThan(0.5);
    for (const [x, pixel] of row(image, 64, 255, 120, 136).entries()) {
      expect(pixel.map(Math.round)).toEqual(golden.terrain.row64[x]);
    }
  });

  test("16-bit PNG: every bit is kept", async () => {
    const image = await decodeImage(fixture("height16.png"));
    expect(image).toMatchObject({ width: 32, height: 24, channels: 1, depth: 16, alpha: false });
    const values = Array.from(planesOf(image), (value) => value * 65535);
    expect(Math.max(...values.map((value) => Math.abs(value - Math.round(value))))).toBeLessThan(0.01);
    expect(values.reduce((sum, value) => sum + Math.round(value), 0)).toBe(golden.height16.sum);
    expect(values.slice(96, 128).map(Math.round)).toEqual(golden.height16.row3);
  });

  test("float TIFF: values are as stored, outside 0..1 and negative too", async () => {
    const gray = await decodeImage(fixture("height-float.tif"));
    expect(gray).toMatchObject({ width: 32, height: 24, channels: 1, depth: "float" });
    expect(Array.from(planesOf(gray).slice(96, 128))).toEqual(golden.height16.row3.map((value) => value - 1000));
    const color = await decodeImage(fixture("float-rgb.tif"));
    expect(color).toMatchObject({ width: 10, height: 8, channels: 3, depth: "float" });
    expect(row(color, 2, 1)).toEqual(golden.float_rgb_row2.map((pixel) => pixel.map(Math.fround)));
  });

  test("alpha: the last channel, never premultiplied", async () => {
    const gray = await decodeImage(fixture("gray-alpha.png"));
    expect(gray).toMatchObject({ channels: 2, alpha: true, depth: 8 });
    expect(row(gray, 2, 255).map((pixel) => pixel.map(Math.round))).toEqual(
      Array.from({ length: 9 }, (_, x) => [x * 20 + 2, 195]),
    );
    const color = await decodeImage(fixture("rgba.png"));
    expect(color).toMatchObject({ channels: 4, alpha: true });
    expect(row(color, 3, 255).map((pixel) => pixel.map(Math.round))).toEqual(
      Array.from({ length: 9 }, (_, x) => [x * 20, 120, x * 3, 255 - x * 10]),
    );
  });

  test("palette and 1-bit PNG: their colours", async () => {
    const palette = await decodeImage(fixture("palette.png"));
    expect(row(palette, 2, 255).map((pixel) => pixel.map(Math.round))).toEqual(golden.palette_row2);
    const bits = await decodeImage(fixture("bits.png"));
    expect(bits).toMatchObject({ channels: 1, depth: 8 });
    expect(Array.from(planesOf(bits).slice(0, 4))).toEqual([1, 0, 1, 0]);
  });

  test("colour profiles: values are those stored", async () => {
    const data = planesOf(await decodeImage(fixture("profile.png")));
    // As PIL reads them; converted to sRGB the first pixel would be 255, 0, 0.
    const stored = [234, 117, 12, 120, 51, 251, 20, 67, 34, 76, 192, 39];
    expect(Array.from(data, (value) => Math.round(value * 255))).toEqual(stored);
  });

  test("a file that changes: every decoding and every header is of the file as it is", async () => {
    const path = await made("changes.png", await readFile(fixture("height16.png")));
    expect((await readHeader(path)).width).toBe(32);
    const first = await decodeImage(path);
    await writeFile(path, await readFile(fixture("rgba.png")));
    expect((await readHeader(path)).width).toBe(9);
    expect(planesOf(await decodeImage(path)).length).not.toBe(planesOf(first).length);
    expect(await decodeImage(path)).toEqual(await decodeImage(fixture("rgba.png")));
  });

  test("Exif orientation: the image is upright, the header agrees", async () => {
    const image = await decodeImage(fixture("turned.jpg"));
    expect(image).toMatchObject({ width: 48, height: 72 });
    expect(await readHeader(fixture("turned.jpg"))).toMatchObject({ width: 48, height: 72, format: "jpeg" });
    // Stored: brighter to the right. Upright (a quarter turn clockwise): brighter downwards.
    expect(planesOf(image)[70 * 48 + 20]! - planesOf(image)[20]!).toBeGreaterThan(0.7);
  });
});

describe("header", () => {
  test("size, channels, depth, format and bytes, without decoding", async () => {
    expect(await readHeader(fixture("height16.png"))).toEqual({
      width: 32,
      height: 24,
      channels: 1,
      depth: 16,
      alpha: false,
      format: "png",
      sample: { kind: "uint", bits: 16 },
      bytes: (await readFile(fixture("height16.png"))).length,
    });
    expect(await readHeader(fixture("float-rgb.tif"))).toMatchObject({ channels: 3, depth: "float", format: "tiff" });
    const broken = await made("only-header.png", (await readFile(fixture("terrain.png"))).subarray(0, 400));
    expect(await readHeader(broken)).toMatchObject({ width: 256, height: 128 });
  });
});

describe("bad input", () => {
  async function problemOf(path: string, ...rest: [{ bytes: number; pixels: number }?]): Promise<string> {
    const error = await decodeImage(path, ...rest).then(
      () => undefined,
      (problem: unknown) => problem,
    );
    expect(error).toBeInstanceOf(ImageError);
    const { message } = error as ImageError;
    expect(message.startsWith(`${path}: `)).toBe(true);
    return message.slice(path.length + 2);
  }

  test.each([
    ["terrain.png", 0.5, "the image is damaged or cut short (vipspng: libpng read error)."],
    ["terrain.png", 0.999, "the image is damaged or cut short (vipspng: libpng read error)."],
    ["turned.jpg", 0.9, "the image is damaged or cut short (VipsJpeg: premature end of JPEG image)."],
  ])("truncated %s to %d: path and cause", async (name, part, message) => {
    const bytes = await readFile(fixture(name));
    expect(await problemOf(await made(`cut-${part}-${name}`, bytes.subarray(0, bytes.length * part)))).toBe(message);
  });

  test("a JPEG that lacks nothing but its end mark: whole", async () => {
    const bytes = await readFile(fixture("turned.jpg"));
    const open = await decodeImage(await made("open.jpg", bytes.subarray(0, bytes.length - 2)));
    expect(open).toEqual(await decodeImage(fixture("turned.jpg")));
  });

  test("a progressive JPEG that lacks its last scans: damaged, not a blurred image", async () => {
    const bytes = await readFile(fixture("progressive.jpg"));
    expect(await decodeImage(fixture("progressive.jpg"))).toMatchObject({ width: 32, height: 24 });
    const cut = bytes.subarray(0, bytes.lastIndexOf(Buffer.of(0xff, 0xda)));
    expect(await problemOf(await made("cut-progressive.jpg", cut))).toMatch(/^the image is damaged or cut short/);
  });

  test("a JPEG of 12 bits is refused by its header, also behind a long comment", async () => {
    const bytes = await readFile(fixture("jpeg12.jpg"));
    const comment = Buffer.concat([Buffer.of(0xff, 0xfe, 3000 >> 8, 3000 & 255), Buffer.alloc(2998)]);
    const long = await made("long12.jpg", Buffer.concat([bytes.subarray(0, 2), comment, bytes.subarray(2)]));
    for (const path of [fixture("jpeg12.jpg"), long])
      await expect(readHeader(path)).rejects.toThrow("JPEG of 12 bits is not supported.");
    const eight = await readFile(fixture("turned.jpg"));
    const plain = await made("long.jpg", Buffer.concat([eight.subarray(0, 2), comment, eight.subarray(2)]));
    expect(await readHeader(plain)).toEqual({
      ...(await readHeader(fixture("turned.jpg"))),
      bytes: eight.length + 3002,
    });
  });

  test("kinds that are not supported are told from damage: 12-bit and CMYK JPEG, HEIC, Photoshop, a pointer of Git LFS", async () => {
    expect(await problemOf(fixture("jpeg12.jpg"))).toBe(
      "JPEG of 12 bits is not supported. Convert it to a 16-bit PNG or TIFF.",
    );
    expect(await problemOf(fixture("cmyk.jpg"))).toMatch(
      /^CMYK inks, which cannot be taken for RGB, are not supported/,
    );
    expect(await problemOf(fixture("photo.heic"))).toBe("HEIC is not supported. Convert it to PNG or TIFF.");
    expect(await problemOf(await made("a.psd", "8BPS\0\x01"))).toMatch(/^A Photoshop document is not supported/);
    expect(await problemOf(await made("a.tga", "\0\0\x02"))).toMatch(/^Targa is not supported/);
    const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12345\n";
    expect(await problemOf(await made("lfs.png", pointer))).toMatch(
      /^this is a pointer of Git LFS, not the image itself/,
    );
  });

  test("a flipped byte in the pixels: damaged", async () => {
    const bytes = Buffer.from(await readFile(fixture("terrain.png")));
    bytes[bytes.length >> 1]! ^= 0xff;
    expect(await problemOf(await made("flipped.png", bytes))).toMatch(/^the image is damaged or cut short/);
  });

  test("no image, nothing, no file, a folder, a drawing: each says so", async () => {
    expect(await problemOf(await made("text.png", "this is a letter\n"))).toMatch(
      /^this is not an image, or its start is damaged\. PNG, JPEG, WebP, .*OpenEXR.* and .* can be read\.$/,
    );
    expect(await problemOf(await made("empty.png", ""))).toBe("the file is empty.");
    expect(await problemOf(join(folder, "absent.png"))).toBe("there is no such file.");
    expect(await problemOf(folder)).toBe("this is a folder or a device, not an image file.");
    const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    expect(await problemOf(await made("a.png", drawing))).toBe("SVG is a drawing, not pixels. Convert it to PNG.");
    const entity = `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${drawing}`;
    expect(await problemOf(await made("b.png", entity))).toBe("SVG is a drawing, not pixels. Convert it to PNG.");
    expect(await problemOf(await made("c.ppm", "P6 1 1 255\nabc"))).toMatch(/^a PNM or PFM file is not supported/);
  });

  test("a small file that claims 60000×60000 pixels: refused before decoding", async () => {
    const bomb = await made("bomb.png", pngOf(60_000, 60_000, new Uint8Array(100_000)));
    expect(await problemOf(bomb)).toBe(
      "60000×60000 pixels are above the limit of 1073741824. The variable DAG_MAX_PIXELS raises it.",
    );
  });

  test("limits given by the caller: bytes and pixels", async () => {
    expect(await problemOf(fixture("terrain.png"), { bytes: 1000, pixels: 1e6 })).toMatch(
      /^the file has \d+ bytes, above the limit of 1000\.$/,
    );
    expect(await problemOf(fixture("terrain.png"), { bytes: 1e6, pixels: 32767 })).toMatch(/^256×128 pixels are above/);
  });

  test("half float, signed integers: the numbers that the file holds", async () => {
    // As tifffile reads them.
    for (const name of ["half.tif", "int16.tif"]) {
      const image = await decodeImage(fixture(name));
      expect(image).toMatchObject({ width: 8, height: 8, channels: 1, depth: "float" });
      expect(row(image, 0, 1).flat()).toEqual([522, 534, 520, 504, 505, 519, 520, 535]);
    }
  });
});
