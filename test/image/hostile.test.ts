/** Images from strangers: what they claim, and what is packed into them, costs no more than a limit of memory. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32, deflateSync } from "node:zlib";
import { afterAll, expect, test } from "@jest/globals";

const folder = mkdtempSync(join(tmpdir(), "dag-hostile-"));
afterAll(() => rmSync(folder, { recursive: true }));

const DECODE = new URL("../../src/image/decode.js", import.meta.url).href;

/** Decodes in a process of its own. Answers what was said, and the most memory that was held, in megabytes. */
async function decoded(bytes: Uint8Array, name: string): Promise<{ said: string; most: number }> {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  const program = `
    const { decodeImage } = await import(${JSON.stringify(DECODE)});
    const said = await decodeImage(${JSON.stringify(path)}).then(({ width, height }) => width + "×" + height, (error) => error.name + ": " + error.message);
    console.log(JSON.stringify({ said, most: process.resourceUsage().maxRSS / 1024 }));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  return JSON.parse(stdout);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(8 + body.length);
  framed.writeUInt32BE(data.length);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), 4 + body.length);
  return framed;
}

/** A gray PNG with chunks of the stranger's before its pixels. */
function png(width: number, height: number, pixels: Uint8Array, ...chunks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0]);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  const magic = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    magic,
    chunk("IHDR", header),
    ...chunks,
    chunk("IDAT", deflateSync(pixels)),
    chunk("IEND", Buffer.of()),
  ]);
}

/** A gray 8-bit TIFF that claims a size, and has one strip of a few bytes. */
function tiff(width: number, height: number): Buffer {
  const entries = [
    [256, 4, 1, width],
    [257, 4, 1, height],
    [258, 3, 1, 8],
    [259, 3, 1, 1],
    [262, 3, 1, 1],
    [273, 4, 1, 8],
    [277, 3, 1, 1],
    [278, 4, 1, height],
    [279, 4, 1, 4],
  ] as const;
  const directory = Buffer.alloc(2 + entries.length * 12 + 4);
  directory.writeUInt16LE(entries.length);
  for (const [place, [tag, type, count, value]] of entries.entries()) {
    const at = 2 + place * 12;
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(count, at + 4);
    if (type === 3) directory.writeUInt16LE(value, at + 8);
    else directory.writeUInt32LE(value, at + 8);
  }
  return Buffer.concat([Buffer.from([73, 73, 42, 0, 12, 0, 0, 0, 1, 2, 3, 4]), directory]);
}

const bomb = deflateSync(Buffer.alloc(400 << 20), { level: 9 });
const packed = (type: string, name: string) => chunk(type, Buffer.concat([Buffer.from(`${name}\0\0`, "latin1"), bomb]));
const small = new Uint8Array(10 * 11);

test.each([
  ["a PNG that claims 100,000 by 100,000", "a.png", png(100_000, 100_000, small), /above the limit/],
  ["a PNG that claims more than there are numbers", "b.png", png(0x7fffffff, 0x7fffffff, small), /./],
  ["a PNG of 10,000 by 10,000 that ends at once", "c.png", png(10_000, 10_000, small), /damaged or cut short/],
  [
    "a TIFF that claims 100,000 by 100,000",
    "d.tif",
    tiff(100_000, 100_000),
    /a strip or tile of 100000×100000 is not supported/,
  ],
  ["a TIFF of 10,000 by 10,000 in four bytes", "e.tif", tiff(10_000, 10_000), /damaged/],
  ["a profile of 400 MB in a small PNG", "f.png", png(10, 10, small, packed("iCCP", "p")), /^10×10$|damaged/],
  ["a text of 400 MB in a small PNG", "g.png", png(10, 10, small, packed("zTXt", "t")), /^10×10$|damaged/],
  ["pixels of 400 MB in a small PNG", "h.png", png(10, 10, Buffer.alloc(400 << 20)), /^10×10$|damaged/],
  [
    "an OpenEXR file",
    "i.exr",
    Buffer.from([0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0]),
    /the file is cut short: it ends at byte 8, in the name of an attribute/,
  ],
])("%s: said in words, within 400 MB", async (_, name, bytes, words) => {
  const { said, most } = await decoded(bytes, name);
  expect(said).toMatch(words);
  expect(said).toMatch(/^ImageError: |^10×10$/);
  expect(most).toBeLessThan(400);
});
