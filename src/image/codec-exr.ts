/** The codec of OpenEXR: a file to an image. What is in the file, `exr/` knows. */
import { closeSync, openSync, readSync } from "node:fs";
import { fromHalf, halfValues } from "../base/half.js";
import type { ImageCodec, ImageFile, Reading, ReadRows } from "./codec.js";
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
  readSamples,
  widthOf,
} from "./exr/index.js";
import type { ImageHeader } from "./header.js";
import { type Image, ImageError, imageOf } from "./image.js";
import { readStart } from "./start.js";

export const exrCodec: ImageCodec = {
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
  const header = await exrHeader(file);
  const own = chosen(header, reading);
  return imageIn(file, header, own, { top: 0, count: heightOf(own.part.dataWindow) });
}

/** A channel with fewer rows than the image has is read as a whole. */
async function readRows(file: ImageFile, reading: Reading): Promise<ReadRows | undefined> {
  const header = await exrHeader(file);
  const own = chosen(header, reading);
  if (own.channels.some(({ ySampling }) => ySampling > 1)) return undefined;
  return (top, count) => inWords(async () => imageIn(file, header, own, { top, count }));
}

function imageIn({ path, bytes, whole }: ImageFile, header: ExrHeader, own: Chosen, rows: ExrRows): Image {
  if (whole !== undefined) return imageFrom(whole, header, own, rows);
  const open = openSync(path, "r");
  try {
    return imageFrom(bytesIn(open, bytes), header, own, rows);
  } finally {
    closeSync(open);
  }
}

/** What is read of a file at once, and below what this is not worth while. */
const [PIECE, CRUMB] = [2 ** 20, 64];

/** A file's bytes, read when they are asked for, with some that follow: chunks do. */
function bytesIn(file: number, length: number): ExrBytes {
  let piece = Buffer.alloc(0);
  let [begin, end] = [0, 0];
  return {
    length,
    subarray(from, to) {
      if (from < begin || to > end) {
        const ahead = to - from <= CRUMB ? to - from : Math.max(to - from, Math.min(PIECE, length - from));
        if (ahead > piece.length) piece = Buffer.allocUnsafe(ahead);
        begin = from;
        end = from + readSync(file, piece, 0, ahead, from);
        if (end < to) throw new ExrCutShort("it became shorter while it was read.", to);
      }
      return piece.subarray(from - begin, to - begin);
    },
  };
}

function imageFrom(bytes: ExrBytes, header: ExrHeader, own: Chosen, rows: ExrRows): Image {
  const { part, channels, alpha } = own;
  const [width, height] = [widthOf(part.dataWindow), rows.count];
  const whole = channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1);
  const samples = (whole ? wholeSamples : spreadSamples)(bytes, header, own, rows);
  const image = imageOf({ width, height, channels: channels.length }, samples, "float", alpha);
  // By the format's rule, alpha is multiplied into the colors.
  return alpha ? { ...image, associated: true } : image;
}

/** Of channels with a sample for each pixel. */
function wholeSamples(bytes: ExrBytes, header: ExrHeader, { part, channels }: Chosen, rows: ExrRows): Float32Array {
  const [width, step] = [widthOf(part.dataWindow), channels.length];
  const halves = halfValues();
  let into = new Float32Array(0);
  readSamples(bytes, header, part, channels, rows, () => {
    into = new Float32Array(width * rows.count * step);
    return (channel, row, column, samples) => {
      const to = (row * width + column) * step + channel;
      if (samples instanceof Uint16Array) spreadHalves(samples, halves, into, to, step);
      else spread(exact(samples, channels[channel]!, row, column), into, to, step);
    };
  });
  return into;
}

function spreadHalves(bits: Uint16Array, halves: Float32Array, into: Float32Array, first: number, step: number): void {
  for (let at = 0, to = first; at < bits.length; at++, to += step) into[to] = halves[bits[at]!]!;
}

function spread(values: Float32Array, into: Float32Array, first: number, step: number): void {
  for (let at = 0, to = first; at < values.length; at++, to += step) into[to] = values[at]!;
}

/** Where some channels are subsampled. */
function spreadSamples(bytes: ExrBytes, header: ExrHeader, { part, channels }: Chosen, rows: ExrRows): Float32Array {
  const pixels = widthOf(part.dataWindow) * rows.count;
  const samples = new Float32Array(pixels * channels.length);
  for (const [channel, plane] of readPlanes(bytes, header, part, channels, rows).entries()) {
    const values = valuesOf(plane);
    spread(values.length === pixels ? values : repeated(values, plane, part, rows), samples, channel, channels.length);
  }
  return samples;
}

function valuesOf({ channel, samples, width }: ExrPlane): Float32Array {
  if (samples instanceof Uint16Array) return fromHalf(samples);
  if (samples.length === 0) return new Float32Array(0);
  const values = new Float32Array(samples.length);
  for (let at = 0; at < samples.length; at += width)
    values.set(exact(samples.subarray(at, at + width), channel, at / width, 0), at);
  return values;
}

/** Values of a row from a column on, exactly, or an ExrError. */
function exact(samples: Float32Array | Uint32Array, { name }: ExrChannel, row: number, column: number): Float32Array {
  if (samples instanceof Float32Array) return samples;
  const values = Float32Array.from(samples);
  const wrong = samples.findIndex((value, at) => value !== values[at]);
  if (wrong === -1) return values;
  throw new ExrError(
    `channel "${name}" holds the integer ${samples[wrong]} at column ${column + wrong}, row ${row}, which a 32-bit float cannot hold exactly. Choose other channels with "channels".`,
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
