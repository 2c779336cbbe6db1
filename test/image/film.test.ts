/** DPX, Cineon and Radiance against what OpenImageIO reads (`make.py` beside the files). */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { decodeImage, readHeader } from "../../src/image/decode.js";
import { type Image, valuesOf } from "../../src/image/image.js";

const FOLDER = "test/fixtures/image/film";
const golden: Record<string, { shape: number[]; sha256: string }> = JSON.parse(
  readFileSync(join(FOLDER, "golden.json"), "utf8"),
);
const folder = mkdtempSync(join(tmpdir(), "dag-film-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Values pixel by pixel, as float32. */
function digest(image: Image): string {
  return createHash("sha256")
    .update(new Uint8Array(valuesOf(image).buffer))
    .digest("hex");
}

/** A changed copy. */
function changed(name: string, change: (bytes: Buffer) => Buffer | undefined): string {
  const bytes = readFileSync(join(FOLDER, name));
  const path = join(folder, name);
  writeFileSync(path, change(bytes) ?? bytes);
  return path;
}

const said = (path: string, reading = {}) =>
  decodeImage(path, reading).then(
    () => "read",
    ({ name, message }: Error) => `${name}: ${message.replace(`${path}: `, "")}`,
  );

describe("film", () => {
  test.each(Object.entries(golden))("%s: every sample is OpenImageIO's", async (name, { shape, sha256 }) => {
    const image = await decodeImage(join(FOLDER, name));
    expect([image.height, image.width, image.channels]).toEqual(shape);
    expect(image.alpha).toBe(name.startsWith("rgba"));
    expect(digest(image)).toBe(sha256);
  });

  test.each([
    ["rgb8-big.dpx", { depth: 8, sample: { kind: "uint", bits: 8 }, format: "dpx" }],
    ["rgb10a-little.dpx", { depth: "float", sample: { kind: "uint", bits: 10 }, format: "dpx" }],
    ["gray16-big.dpx", { depth: 16, channels: 1, sample: { kind: "uint", bits: 16 } }],
    ["log.cin", { depth: "float", channels: 3, sample: { kind: "uint", bits: 10 }, format: "cineon" }],
    ["turned.hdr", { depth: "float", width: 13, height: 11, sample: { kind: "float", bits: 32 }, format: "hdr" }],
  ])("%s: its header says what decoding gives", async (name, expected) => {
    expect(await readHeader(join(FOLDER, name))).toMatchObject(expected);
  });

  test("a DPX from the bottom up is turned upright", async () => {
    const upright = await decodeImage(join(FOLDER, "gray8-big.dpx"));
    const turned = await decodeImage(changed("gray8-big.dpx", (bytes) => void bytes.writeUInt16BE(2, 768)));
    const last = upright.samples.subarray((upright.height - 1) * upright.width);
    expect(turned.samples.subarray(0, upright.width)).toEqual(last);
  });

  test.each([
    [
      "rgb8-big.dpx",
      (b: Buffer) => b.subarray(0, 2100),
      /^ImageError: the image is damaged or cut short \(its pixels end at byte 2477, the file at 2100\)\.$/,
    ],
    ["rgb8-big.dpx", (b: Buffer) => b.subarray(0, 300), /its header is cut short/],
    [
      "rgb8-big.dpx",
      (b: Buffer) => void b.writeUInt8(100, 800),
      "ImageError: a DPX whose pixels are Y'CbCr is not supported. Convert it to R, G, B.",
    ],
    [
      "rgb8-big.dpx",
      (b: Buffer) => void b.writeUInt16BE(1, 806),
      "ImageError: a DPX in runs (RLE) is not supported. Write it without compression.",
    ],
    [
      "rgb8-big.dpx",
      (b: Buffer) => void b.writeUInt8(1, 803),
      "ImageError: a DPX of 1 bits is not supported. Write 8, 10, 12 or 16 bits, or 32-bit floats.",
    ],
    ["log.cin", (b: Buffer) => b.subarray(0, 2500), /its pixels end at byte 2620, the file at 2500/],
    [
      "log.cin",
      (b: Buffer) => void b.writeUInt8(2, 680),
      "ImageError: a Cineon file of separate channels is not supported. Write R, G, B together.",
    ],
    ["plain.hdr", (b: Buffer) => b.subarray(0, 400), /row 6 is missing/],
    ["new-runs.hdr", (b: Buffer) => b.subarray(0, 900), /row \d+ is damaged or missing/],
    [
      "plain.hdr",
      (b: Buffer) => Buffer.from(b.toString("latin1").replace("rgbe", "xyze"), "latin1"),
      /a Radiance file of the format 32-bit_rle_xyze is not supported/,
    ],
    ["old-runs.hdr", (b: Buffer) => void b.writeUInt8(255, b.indexOf("263\n") + 4 + 7), /a run of row 0 is too long/],
  ])("%s, changed: said in words", async (name, change, words) => {
    const text = await said(changed(name, change));
    if (typeof words === "string") expect(text).toBe(words);
    else expect(text).toMatch(words);
  });

  test("channels are not chosen from film", async () => {
    expect(await said(join(FOLDER, "log.cin"), { channels: "R" })).toBe(
      'ImageError: "channels" and "part" choose from OpenEXR and TIFF files; this is a file of another format (Cineon).',
    );
  });

  test("changed and shortened files are read or named", async () => {
    let state = 5;
    const next = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (const name of readdirSync(FOLDER).filter((file) => golden[file] !== undefined)) {
      for (let round = 0; round < 10; round++) {
        const path = changed(name, (whole) => {
          const bytes = Buffer.from(round % 3 === 0 ? whole.subarray(0, 1 + next(whole.length)) : whole);
          for (let count = 0; count < 6; count++)
            bytes[next(round % 2 ? 820 : bytes.length) % bytes.length] = next(256);
          return bytes;
        });
        expect([name, round, await said(path, { pixels: 1e6 })]).toEqual([
          name,
          round,
          expect.stringMatching(/^(read|ImageError: .)/),
        ]);
      }
    }
  });
});
