/** Reads Radiance's RGBE files: a byte of mantissa a color and a byte of exponent, plain or in runs, old and new. */
import { damaged, type ImageCodec, type ImageFile, requireWhole, unsupported } from "./codec.js";
import type { ImageHeader } from "./header.js";
import { imageOf } from "./image.js";
import { oriented } from "./orientation.js";
import { readStart } from "./start.js";

export const hdrCodec: ImageCodec = {
  format: "hdr",
  name: "Radiance HDR",
  extensions: [".hdr"],
  sniff: ({ start }) => /^#\?(RADIANCE|RGBE)\s/.test(start.toString("latin1")),
  readHeader: async (file, reading) => {
    requireWhole(reading, "Radiance HDR");
    return headerOf(file, await readHead(file));
  },
  decode: async (file) => {
    const bytes = await readStart(file);
    const head = parseHead(bytes);
    const samples = pixelsOf(bytes.subarray(head.at), head);
    const image = imageOf({ width: head.columns, height: head.rows, channels: 3 }, samples);
    return oriented(image, head.orientation);
  },
};

interface Head {
  /** Of a stored row, and rows; a turned image's are its height and width. */
  readonly columns: number;
  readonly rows: number;
  /** By Exif. */
  readonly orientation: number;
  /** Where the pixels begin. */
  readonly at: number;
}

/** Headers are text; longer ones are not of this format. */
const MOST_HEAD = 1 << 16;

async function readHead(file: ImageFile): Promise<Head> {
  return parseHead(await readStart(file, Math.min(MOST_HEAD, file.bytes)));
}

/** Exif's number for the order of rows and columns. */
const ORIENTATIONS: Readonly<Record<string, number>> = {
  "-Y+X": 1,
  "-Y-X": 2,
  "+Y-X": 3,
  "+Y+X": 4,
  "+X-Y": 5,
  "+X+Y": 8,
  "-X-Y": 6,
  "-X+Y": 7,
};

/** Lines of variables, an empty line, the line of the size. Exposure and the like change no value. */
function parseHead(bytes: Buffer): Head {
  const text = bytes.toString("latin1", 0, MOST_HEAD);
  const found = /\r?\n\r?\n(?:([-+])([XY]) (\d{1,9}) ([-+])([XY]) (\d{1,9})\r?\n)?/.exec(text);
  const [whole, sign, axis, first, otherSign, otherAxis, second] = found ?? [];
  const orientation = ORIENTATIONS[`${sign}${axis}${otherSign}${otherAxis}`];
  if (found === null || whole === undefined || orientation === undefined) throw damaged("its header has no size");
  const format = /^FORMAT\s*=\s*(\S+)/m.exec(text.slice(0, found.index))?.[1];
  if (format !== undefined && format !== "32-bit_rle_rgbe") {
    throw unsupported(`a Radiance file of the format ${format} is`, "Convert it to RGBE or OpenEXR.");
  }
  const [rows, columns] = [Number(first), Number(second)];
  if (rows < 1 || columns < 1) throw damaged(`its size is ${columns}×${rows}`);
  return { rows, columns, orientation, at: found.index + whole.length };
}

function headerOf({ bytes }: ImageFile, { rows, columns, orientation }: Head): ImageHeader {
  const [width, height] = orientation >= 5 ? [rows, columns] : [columns, rows];
  const sample = { kind: "float", bits: 32 } as const;
  return { width, height, channels: 3, depth: "float", alpha: false, format: "hdr", sample, bytes };
}

/** Values are mantissa · 2^(exponent − 136), as in most readers; an exponent of 0 is black. */
function pixelsOf(bytes: Uint8Array, { rows, columns }: Head): Float32Array {
  // A row has a pixel and a run at least; wide ones are never in runs.
  const least = columns < 32768 ? Math.min(8, columns * 4) : columns * 4;
  if (bytes.length < rows * least) throw damaged("its pixels are missing");
  const samples = new Float32Array(rows * columns * 3);
  const line = new Uint8Array(columns * 4);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    at = readLine(bytes, at, line, row);
    for (let x = 0, to = row * columns * 3; x < columns; x++, to += 3) {
      const exponent = line[x * 4 + 3]!;
      const scale = exponent === 0 ? 0 : 2 ** (exponent - 136);
      samples[to] = line[x * 4]! * scale;
      samples[to + 1] = line[x * 4 + 1]! * scale;
      samples[to + 2] = line[x * 4 + 2]! * scale;
    }
  }
  return samples;
}

/** A row as R, G, B, E of each pixel. Answers where the next one begins. */
function readLine(bytes: Uint8Array, at: number, line: Uint8Array, row: number): number {
  const columns = line.length / 4;
  const inRuns = columns >= 8 && columns < 32768 && bytes[at] === 2 && bytes[at + 1] === 2 && bytes[at + 2]! < 128;
  if (!inRuns) return readOldLine(bytes, at, line, row);
  if (bytes[at + 2]! * 256 + bytes[at + 3]! !== columns) throw damaged(`row ${row} has another width`);
  let from = at + 4;
  for (let part = 0; part < 4; part++) {
    for (let x = 0; x < columns; ) {
      const code = bytes[from++] ?? 0;
      const count = code > 128 ? code - 128 : code;
      const last = from + (code > 128 ? 1 : count);
      if (count === 0 || x + count > columns || last > bytes.length) throw damaged(`row ${row} is damaged or missing`);
      for (let copy = 0; copy < count; copy++) line[(x + copy) * 4 + part] = bytes[code > 128 ? from : from + copy]!;
      x += count;
      from = last;
    }
  }
  return from;
}

/** Whole pixels; one of 1, 1, 1 repeats the pixel before it, several in a row count in bytes from the lowest. */
function readOldLine(bytes: Uint8Array, at: number, line: Uint8Array, row: number): number {
  const columns = line.length / 4;
  let from = at;
  let shift = 0;
  for (let x = 0; x < columns; from += 4) {
    if (from + 4 > bytes.length) throw damaged(`row ${row} is missing`);
    if (bytes[from] !== 1 || bytes[from + 1] !== 1 || bytes[from + 2] !== 1) {
      line.set(bytes.subarray(from, from + 4), x++ * 4);
      shift = 0;
      continue;
    }
    const count = bytes[from + 3]! * 2 ** shift;
    if (x === 0 || x + count > columns) throw damaged(`a run of row ${row} is too long`);
    for (let copy = 0; copy < count; copy++, x++) line.copyWithin(x * 4, (x - 1) * 4, x * 4);
    shift += 8;
  }
  return from;
}
