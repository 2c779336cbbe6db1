/** OpenEXR against what OpenEXR's own package reads (`make.py` beside the files), and files that no one should trust. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { fromHalf, halfOf, halfValues, toHalf } from "../../src/base/half.js";
import { decodeImage, readHeader } from "../../src/image/decode.js";
import { writeExr } from "../../src/image/encode-exr.js";
import {
  choosePart,
  ExrError,
  type ExrOutput,
  type ExrPlane,
  encodeExr,
  heightOf,
  readExrHeader,
  readPlanes,
  type WritableCompression,
  widthOf,
} from "../../src/image/exr/index.js";

const FOLDER = "test/fixtures/image/exr";
const fixture = (name: string) => join(FOLDER, `${name}.exr`);
const folder = mkdtempSync(join(tmpdir(), "dag-exr-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Golden {
  readonly name: string | null;
  readonly channels: Readonly<Record<string, { shape: [number, number]; sha256: string; first: number[] }>>;
}
const golden: Record<string, Golden[]> = JSON.parse(readFileSync(join(FOLDER, "golden.json"), "utf8"));

function planesIn(bytes: Uint8Array, wanted?: string): readonly ExrPlane[] {
  const header = readExrHeader(bytes);
  const part = choosePart(header, wanted);
  return readPlanes(bytes, header, part, part.channels);
}

function digest({ samples }: ExrPlane): string {
  return createHash("sha256").update(new Uint8Array(samples.buffer)).digest("hex");
}

const said = (path: string, reading = {}) =>
  decodeImage(path, reading).then(
    ({ width, height, channels }) => `${width}×${height}, ${channels} channels`,
    (error: Error) => `${error.name}: ${error.message.replace(`${path}: `, "")}`,
  );

/** A changed copy of a fixture. */
function changed(name: string, change: (bytes: Buffer) => Buffer | undefined): string {
  const bytes = readFileSync(fixture(name));
  const path = join(folder, `${name}-changed.exr`);
  writeFileSync(path, change(bytes) ?? bytes);
  return path;
}

const UNREADABLE = ["mixed-htj2k32.exr", "mixed-zstd.exr"];
const files = readdirSync(FOLDER).filter((name) => name.endsWith(".exr"));

describe("exr", () => {
  test.each(files.filter((name) => !UNREADABLE.includes(name)))("%s: every channel has OpenEXR's bits", (name) => {
    const bytes = readFileSync(join(FOLDER, name));
    for (const [index, { channels }] of golden[name]!.entries()) {
      const planes = planesIn(bytes, String(index));
      expect(planes.map(({ channel }) => channel.name).sort()).toEqual(Object.keys(channels).sort());
      for (const plane of planes) {
        const expected = channels[plane.channel.name]!;
        expect([plane.height, plane.width]).toEqual(expected.shape);
        expect([plane.channel.name, digest(plane)]).toEqual([plane.channel.name, expected.sha256]);
      }
    }
  });

  test.each([
    ["gray", undefined, 1, false, ["Y"]],
    ["height", undefined, 1, false, ["height"]],
    ["xyz", undefined, 3, false, ["X", "Y", "Z"]],
    ["small-letters", undefined, 3, false, ["r", "g", "b"]],
    ["one-layer", undefined, 4, true, ["beauty.R", "beauty.G", "beauty.B", "beauty.A"]],
    ["layers", undefined, 3, false, ["R", "G", "B"]],
    ["mixed-zip", undefined, 4, true, ["R", "G", "B", "A"]],
    ["layers", "albedo", 3, false, ["albedo.R", "albedo.G", "albedo.B"]],
    ["layers", "N", 3, false, ["N.X", "N.Y", "N.Z"]],
    ["layers", "Z", 1, false, ["Z"]],
    ["layers", "B, N.Y", 2, false, ["B", "N.Y"]],
    ["mixed-zip", "R,G,B,A", 4, false, ["R", "G", "B", "A"]],
    ["arbitrary", "c,a", 2, false, ["c", "a"]],
    ["parts", undefined, 3, false, ["R", "G", "B"]],
    ["chroma-piz", "Y", 1, false, ["Y"]],
  ] as const)(
    "%s with channels %s: %i channels, alpha %s, those named",
    async (name, channels, count, alpha, names) => {
      const image = await decodeImage(fixture(name), channels === undefined ? {} : { channels });
      expect(image).toMatchObject({ channels: count, alpha, depth: "float" });
      const [{ channels: expected }] = golden[`${name}.exr`] as [Golden];
      const first = names.map((_, c) => Array.from({ length: 3 }, (_, x) => image.samples[x * count + c]!));
      expect(first).toEqual(names.map((own) => expected[own]!.first.slice(0, 3)));
    },
  );

  test.each([
    ["depth", 1],
    ["2", 1],
    ["beauty", 3],
    ["1", 3],
  ] as const)("part %s: %i channels", async (part, count) => {
    expect(await readHeader(fixture("parts"), { part })).toMatchObject({ width: 21, height: 35, channels: count });
    expect((await decodeImage(fixture("parts"), { part })).channels).toBe(count);
  });

  test("the data window is the image, whatever the display window is", async () => {
    const header = await readHeader(fixture("mixed-piz"), { channels: "R" });
    expect(header).toMatchObject({ width: 21, height: 35, sample: { kind: "float", bits: 16 }, format: "exr" });
  });

  test("a subsampled channel repeats its samples", async () => {
    const [plane] = planesIn(readFileSync(fixture("chroma-zip"))).filter(({ channel }) => channel.name === "RY");
    const values = fromHalf(plane!.samples as Uint16Array);
    const { samples: data, width } = await decodeImage(fixture("chroma-zip"), { channels: "RY" });
    const places = [
      [0, 0],
      [1, 1],
      [2, 0],
      [19, 35],
    ] as const;
    const expected = places.map(([x, y]) => values[(y >> 1) * 10 + (x >> 1)]!);
    expect(places.map(([x, y]) => data[y * width + x]!)).toEqual(expected);
  });

  test.each([
    [
      "a codec that is not read",
      () => fixture("mixed-zstd"),
      {},
      "ImageError: its compression zstd cannot be read. Write it with ZIP or PIZ.",
    ],
    [
      "a part that there is not",
      () => fixture("parts"),
      { part: "alpha" },
      'ImageError: it has no part "alpha". Its parts: 0 "beauty", 1 "normal", 2 "depth".',
    ],
    [
      "a channel that there is not",
      () => fixture("gray"),
      { channels: "R" },
      'ImageError: it has no channel and no layer "R". Its channels: Y.',
    ],
    [
      "channels that are no image by themselves",
      () => fixture("arbitrary"),
      {},
      'ImageError: it has 7 channels, and none named R, G, B or Y. Its channels: a, b, c, d, e, f, g. Choose with "channels".',
    ],
    [
      "luminance and chroma",
      () => fixture("chroma-zip"),
      {},
      'ImageError: it holds luminance and chroma (BY, RY, Y) instead of R, G, B. Convert it, or choose with "channels", like "Y".',
    ],
    [
      "integers that floats do not hold",
      () => made("id", [{ name: "id", type: "uint", values: Uint32Array.of(7, 4000000001) }], 2),
      {},
      'ImageError: channel "id" holds the integer 4000000001 at column 1, row 0, which a 32-bit float cannot hold exactly. Choose other channels with "channels".',
    ],
    [
      "deep data",
      () => changed("gray", (bytes) => void bytes.writeUInt32LE(bytes.readUInt32LE(4) | 0x800, 4)),
      {},
      "ImageError: it holds deep data (several samples a pixel), which cannot be read. Flatten it.",
    ],
    [
      "an end in its pixels",
      () => changed("float-zip", (bytes) => bytes.subarray(0, 3000)),
      {},
      "ImageError: the file is cut short: 3 of its 3 chunks are missing or incomplete.",
    ],
    [
      "an end in its table",
      () => changed("float-zip", (bytes) => bytes.subarray(0, readExrHeader(bytes).tablesAt + 10)),
      {},
      /^ImageError: the file is cut short: it ends at byte \d+, in the table of its 3 chunks\.$/,
    ],
    [
      "an end in its header",
      () => changed("float-zip", (bytes) => bytes.subarray(0, 100)),
      {},
      /^ImageError: the file is cut short: it ends at byte 100, in /,
    ],
    [
      "bytes that changed",
      () => changed("float-zip", (bytes) => bytes.fill(0x55, bytes.length - 200)),
      {},
      /^ImageError: the rows 32 to 34 are damaged \(zip: its zlib data are damaged: .*\)\.$/,
    ],
  ])("%s: said in words", async (_what, path, reading, words) => {
    if (typeof words === "string") expect(await said(path(), reading)).toBe(words);
    else expect(await said(path(), reading)).toMatch(words);
  });
});

function made(name: string, channels: readonly ExrOutput[], width: number): string {
  const path = join(folder, `${name}.exr`);
  writeFileSync(path, encodeExr({ width, height: channels[0]!.values.length / width, channels }));
  return path;
}

/** The channels of a file, to be written again. */
function outputsOf(planes: readonly ExrPlane[]): readonly ExrOutput[] {
  return planes.map(({ channel: { name, type }, samples }): ExrOutput => {
    return { name, type, values: samples instanceof Uint16Array ? fromHalf(samples) : samples };
  });
}

describe("exr: written", () => {
  test.each(["none", "zips", "zip", "piz"] as const)("%s: read again, every bit is there", (compression) => {
    for (const name of ["mixed-zip", "layers", "long-names", "one-pixel", "arbitrary", "float-piz"]) {
      const planes = planesIn(readFileSync(fixture(name)));
      const [{ width, height }] = planes as [ExrPlane];
      const bytes = encodeExr({ width, height, channels: [...outputsOf(planes)].reverse(), compression });
      const again = planesIn(bytes);
      expect(again.map(({ channel }) => channel)).toEqual(planes.map(({ channel }) => channel));
      expect(again.map(digest)).toEqual(planes.map(digest));
    }
  });

  test.each([
    ["float-piz", "piz"],
    ["arbitrary", "zip"],
    ["mixed-none", "none"],
  ] as const)("%s: PIZ's chunks have the very bytes that OpenEXR wrote, others its size", (name, compression) => {
    const theirs = readFileSync(fixture(name));
    const planes = planesIn(theirs);
    const [{ width, height }] = planes as [ExrPlane];
    const origin = name === "mixed-none" ? ([-3, 5] as const) : undefined;
    const ours = Buffer.from(
      encodeExr({
        width,
        height,
        channels: outputsOf(planes),
        compression,
        ...(origin && { origin, display: [64, 48] }),
      }),
    );
    const chunks = (bytes: Buffer) =>
      bytes.subarray(readExrHeader(bytes).tablesAt + 8 * Math.ceil(height / ROWS[compression]));
    if (compression !== "zip") expect(chunks(ours).equals(chunks(theirs))).toBe(true);
    expect(Math.abs(ours.length - theirs.length)).toBeLessThan(theirs.length / 20);
  });

  test("writeExr: a file of any channels is there, or its path and the reason are named", async () => {
    const path = join(folder, "normals.exr");
    const channels = ["N.X", "N.Y", "N.Z"].map(
      (name, c) => ({ name, type: "half", values: Float32Array.of(c, -c / 4) }) as const,
    );
    await writeExr(path, { width: 2, height: 1, channels, compression: "piz" });
    const { samples } = await decodeImage(path, { channels: "N" });
    expect([...samples]).toEqual([0, 1, 2, -0, -0.25, -0.5]);
    const twice = [...channels, channels[0]!];
    await expect(writeExr(path, { width: 2, height: 1, channels: twice })).rejects.toThrow(
      `${path}: Two channels have the name "N.X".`,
    );
    await expect(writeExr(folder, { width: 2, height: 1, channels })).rejects.toThrow(
      `${folder}: it cannot be written (EISDIR`,
    );
  });

  test("values that a type does not hold are named", () => {
    const channels = [{ name: "id", type: "uint", values: Float32Array.of(3, 2.5) }] as const;
    const words = 'Channel "id" of type uint cannot hold 2.5: it takes integers from 0 to 4294967295.';
    expect(() => encodeExr({ width: 2, height: 1, channels })).toThrow(words);
  });
});

const ROWS: Readonly<Record<WritableCompression, number>> = { none: 1, zips: 1, zip: 16, piz: 32 };

describe("half", () => {
  test("every bit pattern comes back, and values between two go to the nearest, ties to even", () => {
    const values = halfValues();
    const patterns = Uint16Array.from({ length: 65536 }, (_, bits) => bits).filter(
      (bits) => !Number.isNaN(values[bits]!),
    );
    expect(toHalf(fromHalf(patterns))).toEqual(patterns);
    const cases = [
      1 + 2 ** -11,
      1 + 3 * 2 ** -11,
      65519,
      65520,
      2 ** -25,
      2 ** -25 * 1.01,
      -(2 ** -24) * 1.5,
      Number.NaN,
    ];
    // numpy.float16 of the same values.
    expect(cases.map(halfOf)).toEqual([0x3c00, 0x3c02, 0x7bff, 0x7c00, 0, 1, 0x8002, 0x7e00]);
  });
});

/** A small deterministic generator. */
function* randoms(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

/** A copy with some bytes changed, and some cut to a part. Half of the changes are in the header, where they do most. */
function spoiled(whole: Buffer, round: number, next: (below: number) => number): Buffer {
  const bytes = Buffer.from(round % 4 === 0 ? whole.subarray(0, next(whole.length)) : whole);
  for (let count = 0; count <= next(8); count++) bytes[next(round % 2 ? 400 : bytes.length) % bytes.length] = next(256);
  return bytes;
}

/** Reads all that a million pixels hold. */
function readAll(bytes: Buffer): void {
  const header = readExrHeader(bytes);
  for (const [index, { dataWindow }] of header.parts.entries()) {
    if (widthOf(dataWindow) * heightOf(dataWindow) > 1e6) continue;
    const part = choosePart(header, String(index));
    readPlanes(bytes, header, part, part.channels);
  }
}

describe("exr: from strangers", () => {
  test("files with changed and missing bytes are read or named, in bounded time and memory", () => {
    const random = randoms(12);
    const next = (below: number) => Math.floor((random.next().value as number) * below);
    const started = process.memoryUsage().rss;
    for (const name of files) {
      const whole = readFileSync(join(FOLDER, name));
      for (let round = 0; round < 40; round++) {
        try {
          readAll(spoiled(whole, round, next));
        } catch (error) {
          if (!(error instanceof ExrError)) throw new Error(`${name}, round ${round}`, { cause: error });
        }
      }
    }
    expect(process.memoryUsage().rss - started).toBeLessThan(300e6);
  });
});
