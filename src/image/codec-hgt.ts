/** Reads SRTM's .hgt: a square of big-endian 16-bit heights in metres, from the north, whose name says where it lies. */
import { basename } from "node:path";
import { damaged, type ImageCodec, type ImageFile, requireWhole } from "./codec.js";
import type { Geo, ImageHeader } from "./header.js";
import { type Image, imageOf } from "./image.js";
import { readStart, withBytes } from "./start.js";

/** What stands for "no data". */
export const HGT_VOID = -32768;

/** Heights come as they are, in metres; no data stays −32768. */
export const hgtCodec: ImageCodec = {
  format: "hgt",
  name: "SRTM HGT",
  extensions: [".hgt"],
  // The format has no mark.
  sniff: ({ extension }) => extension === ".hgt",
  readHeader: async (file, reading) => {
    requireWhole(reading, "HGT");
    return headerOf(file);
  },
  decode: async (file, { width, height }) => {
    return rowsOf(await readStart(file), width, height);
  },
  rows: async (file, { width }) => {
    return (top, count) =>
      withBytes(file, async (readAt) => rowsOf(await readAt(top * width * 2, count * width * 2), width, count));
  },
};

function rowsOf(bytes: Buffer, width: number, height: number): Image {
  const samples = new Float32Array(width * height);
  for (let at = 0; at < samples.length; at++) samples[at] = bytes.readInt16BE(at * 2);
  return imageOf({ width, height, channels: 1 }, samples);
}

function headerOf({ path, bytes }: ImageFile): ImageHeader {
  const side = Math.sqrt(bytes / 2);
  if (!Number.isInteger(side) || side < 2) {
    throw damaged(`${bytes} bytes are not a square of 16-bit heights; 1201² are 2884802, 3601² are 25934402`);
  }
  const sample = { kind: "int", bits: 16 } as const;
  const geo = geoOf(basename(path), side);
  const shape = { width: side, height: side, channels: 1, depth: "float", alpha: false } as const;
  return { ...shape, format: "hgt", sample, ...(geo && { geo }), bytes };
}

/** `N46E007.hgt` covers a degree from its south-west corner; samples lie on its edges, so that pixels reach half a step beyond. */
function geoOf(name: string, side: number): Geo {
  const step = 1 / (side - 1);
  const [, north, latitude, east, longitude] = /^([NS])(\d{2})([EW])(\d{3})/i.exec(name) ?? [];
  if (north === undefined || east === undefined) return { nodata: HGT_VOID };
  const south = Number(latitude) * (/s/i.test(north) ? -1 : 1);
  const west = Number(longitude) * (/w/i.test(east) ? -1 : 1);
  const origin = [west - step / 2, south + 1 + step / 2] as const;
  return { pixelSize: [step, step], origin, crs: "EPSG:4326", nodata: HGT_VOID };
}
