/** The codec of OpenEXR: a file to an image. What is in the file, `exr/` knows. */
import { closeSync, openSync, readSync } from "node:fs";
import type { Codec, ImageFile, Reading, ReadRows } from "./codec.js";
import {
  chooseChannels,
  choosePart,
  type ExrBytes,
  type ExrChannel,
  ExrCutShort,
  ExrError,
  type ExrHeader,
  type ExrPart,
  type ExrPlane,
  type ExrRows,
  heightOf,
  isAlpha,
  isExr,
  readExrHeader,
  readPlanes,
  widthOf,
} from "./exr/index.js";
import { fromHalf, halfValues } from "./half.js";
import type { ImageHeader } from "./header.js";
import { type Image, ImageError, imageOf } from "./image.js";
import { readStart } from "./start.js";

export const exrCodec: Codec = {
  format: "exr",
  name: "OpenEXR",
  extensions: [".exr"],
  sniff: ({ start }) => isExr(start),
  readHeader: (file, reading) => inWords(async () => headerOf(file, chosen(await exrHeader(file), reading))),
  decode: (file, _header, reading) => inWords(() => decode(file, reading)),
  rows: (file, _header, reading) => inWords(() => readRows(file, reading)),
};

interface Chosen {
  readonly part: ExrPart;
  readonly channels: readonly ExrChannel[];
  readonly alpha: boolean;
}

function chosen(header: ExrHeader, { part: wanted, channels: names }: Reading): Chosen {
  const part = choosePart(header, wanted);
  const channels = chooseChannels(part, names);
  const alpha = names === undefined && channels.length > 1 && isAlpha(channels.at(-1)!);
  return { part, channels, alpha };
}

function headerOf({ bytes }: ImageFile, { part, channels, alpha }: Chosen): ImageHeader {
  const [width, height] = [widthOf(part.dataWindow), heightOf(part.dataWindow)];
  const types = new Set(channels.map(({ type }) => type));
  const [type] = types;
  const kind = types.size === 1 && type === "uint" ? "uint" : "float";
  const sample = { kind, bits: types.size === 1 && type === "half" ? 16 : 32 } as const;
  return { width, height, channels: channels.length, depth: "float", alpha, format: "exr", sample, bytes };
}

/** Bytes in which most headers end. */
const MOST_HEADERS = 1 << 16;

async function exrHeader(file: ImageFile): Promise<ExrHeader> {
  for (let size = Math.min(MOST_HEADERS, file.bytes); ; ) {
    try {
      return readExrHeader(await readStart(file, size));
    } catch (cause) {
      if (!(cause instanceof ExrCutShort) || cause.needed > file.bytes) throw cause;
      size = Math.min(file.bytes, Math.max(4 * size, cause.needed));
    }
  }
}

async function decode(file: ImageFile, reading: Reading): Promise<Image> {
  const bytes = await readStart(file);
  const header = readExrHeader(bytes);
  const own = chosen(header, reading);
  return imageFrom(bytes, header, own, { top: 0, count: heightOf(own.part.dataWindow) });
}

/** A channel with fewer rows than the image has is read as a whole. */
async function readRows(file: ImageFile, reading: Reading): Promise<ReadRows | undefined> {
  const header = await exrHeader(file);
  const own = chosen(header, reading);
  if (own.channels.some(({ ySampling }) => ySampling > 1)) return undefined;
  return (top, count) => {
    return inWords(async () => {
      const open = openSync(file.path, "r");
      try {
        return imageFrom(bytesIn(open, file.bytes), header, own, { top, count });
      } finally {
        closeSync(open);
      }
    });
  };
}

/** A file's bytes, read when they are asked for. */
function bytesIn(file: number, length: number): ExrBytes {
  return {
    length,
    subarray(from, to) {
      const bytes = Buffer.allocUnsafe(to - from);
      if (readSync(file, bytes, 0, bytes.length, from) < bytes.length)
        throw new ExrCutShort("it became shorter while it was read.", to);
      return bytes;
    },
  };
}

function imageFrom(bytes: ExrBytes, header: ExrHeader, { part, channels, alpha }: Chosen, rows: ExrRows): Image {
  const planes = readPlanes(bytes, header, part, channels, rows);
  const [width, height] = [widthOf(part.dataWindow), rows.count];
  const count = planes.length;
  const samples = new Float32Array(width * height * count);
  for (const [channel, plane] of planes.entries()) {
    if (plane.samples instanceof Uint16Array && plane.samples.length === width * height) {
      placeHalves(plane.samples, samples, channel, count);
      continue;
    }
    const values = valuesOf(plane);
    const full = values.length === width * height ? values : repeated(values, plane, part, rows);
    for (let at = 0, to = channel; at < full.length; at++, to += count) samples[to] = full[at]!;
  }
  const image = imageOf({ width, height, channels: count }, samples, "float", alpha);
  // By the format's rule, alpha is multiplied into the colors.
  return alpha ? { ...image, associated: true } : image;
}

/** Straight to their places: the usual case. */
function placeHalves(bits: Uint16Array, samples: Float32Array, channel: number, step: number): void {
  const values = halfValues();
  for (let at = 0, to = channel; at < bits.length; at++, to += step) samples[to] = values[bits[at]!]!;
}

/** Exactly, or an ExrError. */
function valuesOf({ channel, samples, width }: ExrPlane): Float32Array {
  if (samples instanceof Float32Array) return samples;
  if (samples instanceof Uint16Array) return fromHalf(samples);
  const values = Float32Array.from(samples);
  const wrong = samples.findIndex((value, at) => value !== values[at]);
  if (wrong === -1) return values;
  const place = `column ${wrong % width}, row ${Math.floor(wrong / width)}`;
  throw new ExrError(
    `channel "${channel.name}" holds the integer ${samples[wrong]} at ${place}, which a 32-bit float cannot hold exactly. Choose other channels with "channels".`,
  );
}

/** A subsampled channel in the image's size: each pixel has the sample at its place or before it. */
function repeated(
  values: Float32Array,
  { channel, width, height }: ExrPlane,
  { dataWindow }: ExrPart,
  { top, count: rows }: ExrRows,
): Float32Array {
  const [xMin, yMin] = [dataWindow.xMin, dataWindow.yMin + top];
  const columns = widthOf(dataWindow);
  if (values.length === 0) throw new ExrError(`channel "${channel.name}" has no samples.`);
  const full = new Float32Array(columns * rows);
  const place = (at: number, first: number, step: number, count: number) => {
    return Math.min(count - 1, Math.max(0, Math.floor((first + at) / step) - Math.ceil(first / step)));
  };
  const across = Int32Array.from({ length: columns }, (_, x) => place(x, xMin, channel.xSampling, width));
  for (let y = 0; y < rows; y++) {
    const from = place(y, yMin, channel.ySampling, height) * width;
    for (let x = 0; x < columns; x++) full[y * columns + x] = values[from + across[x]!]!;
  }
  return full;
}

/** An ExrError's words as those of an image. */
async function inWords<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ExrCutShort) throw new ImageError(cause.message, { cause });
    if (cause instanceof ExrError) throw new ImageError(sentence(cause.message), { cause });
    throw cause;
  }
}

function sentence(message: string): string {
  return message.endsWith(".") ? message : `${message}.`;
}
