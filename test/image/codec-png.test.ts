/** PNGs that are read without sharp: every filter, type and depth; and which files are left to it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, describe, expect, test } from "@jest/globals";
import type { ImageCodec, ImageFile } from "../../src/image/codec.js";
import { plainPngCodec } from "../../src/image/codec-png.js";
import type { ImageHeader } from "../../src/image/header.js";

const folder = mkdtempSync(join(tmpdir(), "dag-png-"));
afterAll(() => rmSync(folder, { recursive: true }));

const LIMITS = { bytes: 1e9, pixels: 1e9 };
const left = async () => {
  throw new Error("left to the other codec");
};
const codec = plainPngCodec({ format: "png", readHeader: left, decode: left } as unknown as ImageCodec);

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

const [WIDTH, HEIGHT] = [7, 11];

/** The filters of PNG's section 9.2, forwards, with the definition's own names. */
function filtered(raw: Uint8Array, unit: number, filterOf: (row: number) => number): Uint8Array {
  const line = raw.length / HEIGHT;
  const rows = Array.from({ length: HEIGHT }, (_, y) => {
    const at = (row: number, x: number) => (row < 0 || x < 0 ? 0 : raw[row * line + x]!);
    const filter = filterOf(y);
    const row = Array.from({ length: line }, (_unused, x) => {
      const [a, b, c] = [at(y, x - unit), at(y - 1, x), at(y - 1, x - unit)];
      const p = a + b - c;
      const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
      const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      return at(y, x) - [0, a, b, Math.floor((a + b) / 2), paeth][filter]!;
    });
    return [filter, ...row];
  });
  return Uint8Array.from(rows.flat());
}

interface Kind {
  readonly type: number;
  readonly bits: number;
  readonly channels: number;
  readonly interlace?: number;
}

function rawOf({ bits, channels }: Kind): Uint8Array {
  let noise = 7;
  return Uint8Array.from({ length: (WIDTH * HEIGHT * channels * bits) / 8 }, () => {
    noise = (noise * 1103515245 + 12345) % 2 ** 31;
    return noise >> 20;
  });
}

function pngOf(kind: Kind, filterOf: (row: number) => number, extra: readonly Buffer[] = []): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([kind.bits, kind.type, 0, 0, kind.interlace ?? 0], 8);
  const pixels = deflateSync(filtered(rawOf(kind), (kind.channels * kind.bits) / 8, filterOf));
  const halves = [pixels.subarray(0, 20), pixels.subarray(20)].map((part) => chunk("IDAT", part));
  const mark = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([mark, chunk("IHDR", header), ...extra, ...halves, chunk("IEND", Buffer.of())]);
}

function fileOf(bytes: Buffer): ImageFile {
  const path = join(folder, "image.png");
  writeFileSync(path, bytes);
  return { path, extension: ".png", bytes: bytes.length, start: bytes.subarray(0, 512) };
}

async function read(bytes: Buffer) {
  const file = fileOf(bytes);
  const header: ImageHeader = await codec.readHeader(file, LIMITS);
  return { header, image: await codec.decode(file, header, LIMITS) };
}

const KINDS: readonly Kind[] = [0, 2, 4, 6].flatMap((type) => {
  const channels = { 0: 1, 2: 3, 4: 2, 6: 4 }[type]!;
  return [8, 16].map((bits) => ({ type, bits, channels }));
});

describe("plain PNG", () => {
  test.each(KINDS)("color type $type of $bits bits: every filter, on the first row too", async (kind) => {
    const raw = rawOf(kind);
    const wide = Uint16Array.from({ length: raw.length / 2 }, (_, at) => 256 * raw[2 * at]! + raw[2 * at + 1]!);
    for (let first = 0; first < 5; first++) {
      const { header, image } = await read(pngOf(kind, (row) => (row + first) % 5));
      expect(header).toMatchObject({ width: WIDTH, height: HEIGHT, channels: kind.channels, depth: kind.bits });
      expect(header.alpha).toBe(kind.type >= 4);
      expect(image.samples).toEqual(kind.bits === 8 ? raw : wide);
    }
  });

  const color = KINDS[2]!;
  const sound = () => pngOf(color, () => 4);

  test("chunks that change no pixel are passed over", async () => {
    const extra = [chunk("gAMA", Buffer.of(0, 0, 177, 143)), chunk("tEXt", Buffer.from("a\0b"))];
    expect((await read(pngOf(color, () => 0, extra))).image.samples).toEqual(rawOf(color));
  });

  test.each([
    ["interlaced", () => pngOf({ ...color, interlace: 1 }, () => 0)],
    ["a transparent color", () => pngOf(color, () => 0, [chunk("tRNS", Buffer.alloc(6))])],
    ["an orientation", () => pngOf(color, () => 0, [chunk("eXIf", Buffer.alloc(26))])],
    ["much before the pixels", () => pngOf(color, () => 0, [chunk("iCCP", Buffer.alloc(600))])],
    ["no such filter", () => withFilter(9)],
    ["an end cut off", () => sound().subarray(0, -12)],
    ["a wrong checksum", () => changed(sound(), 90)],
    ["a wrong header", () => changed(sound(), 19)],
  ])("left to sharp: %s", async (_, bytes) => {
    await expect(read(bytes())).rejects.toThrow("left to the other codec");
  });

  function changed(bytes: Buffer, at: number): Buffer {
    bytes[at]! ^= 1;
    return bytes;
  }

  function withFilter(filter: number): Buffer {
    const kind = color;
    const header = pngOf(kind, () => 0).subarray(0, 33);
    const pixels = Buffer.alloc(HEIGHT * (WIDTH * 3 + 1)).fill(filter);
    return Buffer.concat([header, chunk("IDAT", deflateSync(pixels)), chunk("IEND", Buffer.of())]);
  }

  test("the fixtures that PIL wrote: as sharp reads them", async () => {
    const { default: sharp } = await import("sharp");
    const path = "test/fixtures/image/terrain.png";
    const { image } = await read(readFileSync(path));
    expect(Buffer.from(image.samples as Uint8Array).equals(await sharp(path).raw().toBuffer())).toBe(true);
  });
});
