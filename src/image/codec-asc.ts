/** Reads ESRI's ASCII grids (.asc): a few lines of names and numbers, then heights in rows from the north. */
import { damaged, type ImageCodec, type ImageFile, requireWhole } from "./codec.js";
import type { Geo, ImageHeader } from "./header.js";
import { imageOf } from "./image.js";
import { readStart } from "./start.js";

/** Numbers come as the nearest 32-bit floats; "no data" stays the number that it is. */
export const ascCodec: ImageCodec = {
  format: "asc",
  name: "ESRI ASCII grid",
  extensions: [".asc"],
  sniff: ({ start }) => /^(\xef\xbb\xbf)?\s*ncols\s+\d/i.test(start.toString("latin1")),
  readHeader: async (file, reading) => {
    requireWhole(reading, "ASCII grid");
    return headOf(await readStart(file, Math.min(MOST_HEAD, file.bytes)), file).header;
  },
  decode: async (file) => {
    const bytes = await readStart(file);
    const { header, at } = headOf(bytes, file);
    const { width, height } = header;
    return imageOf({ width, height, channels: 1 }, numbersOf(bytes, at, width, height));
  },
};

const MOST_HEAD = 4096;
const LINE = /^\s*([a-z_]+)[ \t]+([-+0-9.eE]+|nan)\s*?(?:\r?\n|\r|$)/i;

function headOf(bytes: Buffer, file: ImageFile): { readonly header: ImageHeader; readonly at: number } {
  const text = bytes.toString("latin1", 0, MOST_HEAD).replace(/^\xef\xbb\xbf/, "   ");
  const values = new Map<string, number>();
  let at = 0;
  for (let found = LINE.exec(text); found !== null; found = LINE.exec(text.slice(at))) {
    values.set(found[1]!.toLowerCase(), Number(found[2]));
    at += found[0].length;
  }
  const [width, height] = [values.get("ncols") ?? 0, values.get("nrows") ?? 0];
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw damaged(`its header says ${width} columns and ${height} rows`);
  }
  // A number is a digit and a space at least.
  if (width * height * 2 - 1 > file.bytes)
    throw damaged(`${file.bytes} bytes hold less than ${width}×${height} numbers`);
  const sample = { kind: "float", bits: 32 } as const;
  const shape = { width, height, channels: 1, depth: "float", alpha: false } as const;
  return { header: { ...shape, format: "asc", sample, geo: geoOf(values, height), bytes: file.bytes }, at };
}

/** From the corner or the center of the lowest left cell. Grids name no coordinate system. */
function geoOf(values: ReadonlyMap<string, number>, height: number): Geo {
  const nodata = values.get("nodata_value") ?? -9999;
  const [dx, dy] = [values.get("dx") ?? values.get("cellsize"), values.get("dy") ?? values.get("cellsize")];
  if (dx === undefined || dy === undefined) return { nodata };
  const [centerX, centerY] = [values.get("xllcenter"), values.get("yllcenter")];
  const x = values.get("xllcorner") ?? (centerX === undefined ? undefined : centerX - dx / 2);
  const y = values.get("yllcorner") ?? (centerY === undefined ? undefined : centerY - dy / 2);
  if (x === undefined || y === undefined) return { pixelSize: [dx, dy], nodata };
  return { pixelSize: [dx, dy], origin: [x, y + dy * height], nodata };
}

/** Bytes of text that are parsed at a time. */
const PIECE = 1 << 22;

function numbersOf(bytes: Buffer, start: number, width: number, height: number): Float32Array {
  const numbers = new Float32Array(width * height);
  let to = 0;
  for (let at = start; at < bytes.length; ) {
    let end = Math.min(bytes.length, at + PIECE);
    // Not within a number.
    while (end < bytes.length && bytes[end]! > 32) end++;
    for (const word of bytes.toString("latin1", at, end).split(/\s+/)) {
      if (word === "") continue;
      const value = Number(word);
      if (Number.isNaN(value) && !/^-?nan$/i.test(word)) {
        throw damaged(
          `"${word.slice(0, 20)}" at column ${to % width} of row ${Math.floor(to / width)} is not a number`,
        );
      }
      if (to === numbers.length) throw damaged(`it has more than ${width}×${height} numbers`);
      numbers[to++] = value;
    }
    at = end;
  }
  if (to < numbers.length) throw damaged(`it has ${to} of ${width}×${height} numbers`);
  return numbers;
}
