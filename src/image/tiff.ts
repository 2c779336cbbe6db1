/** Writes TIFF (6.0 baseline, little-endian, one uncompressed strip), of 8 and 16 bits and of 32-bit floats; BigTIFF beyond 4 GiB. */
import { endianness } from "node:os";
import { geoTags } from "./geotiff.js";
import type { Geo } from "./header.js";
import { type Image, type Samples, valuesOf } from "./image.js";

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const DOUBLE = 12;
const LONG8 = 16;

/** Bytes of a value. */
const SIZES = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8, [LONG8]: 8 } as const;

/** An entry of the directory. Tags rise, as the format demands. */
type Entry = readonly [tag: number, type: keyof typeof SIZES, values: readonly number[]];

/** What is around the pixels, which follow `start`. */
export interface TiffFrame {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
}

/** The bytes of a float TIFF: the image's values. */
export function encodeFloatTiff(image: Image, geo: Geo = {}): Uint8Array {
  return encodeTiff({ ...image, samples: valuesOf(image) }, geo);
}

/**
 * The bytes of a TIFF with the image's samples as they are; equal images give equal bytes. Gray (1, 2 channels) or RGB (3, 4),
 * alpha as the image has it, and where it lies on the ground, if that is given.
 */
export function encodeTiff(image: Image, geo: Geo = {}): Uint8Array {
  const pixels = littleEndian(image.samples);
  const { start, end } = tiffFrame(image, pixels.length, geo);
  return Buffer.concat([start, pixels, end]);
}

/** The frame of an image whose pixels have so many bytes; of `image`, the samples' type alone counts. */
export function tiffFrame(image: Image, bytes: number, geo: Geo = {}): TiffFrame {
  // What is beside the pixels takes far less than this.
  const big = bytes > 2 ** 32 - 2 ** 20;
  const start = Buffer.alloc(big ? 16 : 8);
  const entries = directory(image, bytes, start.length, geo).map((entry) => (big ? widened(entry) : entry));
  const [countSize, entrySize, inline] = big ? [8, 20, 8] : [2, 12, 4];
  const directoryAt = start.length + bytes;
  start.write("II", "latin1");
  start.writeUInt16LE(big ? 43 : 42, 2);
  if (big) start.writeUInt32LE(8, 4); // bytes of an offset
  if (big) start.writeBigUInt64LE(BigInt(directoryAt), 8);
  else start.writeUInt32LE(directoryAt, 4);

  const long = entries.filter(([, type, values]) => SIZES[type] * values.length > inline);
  let extra = countSize + entries.length * entrySize + inline;
  const length = extra + long.reduce((sum, [, type, values]) => sum + SIZES[type] * values.length, 0);
  const end = new Uint8Array(length);
  const view = new DataView(end.buffer);
  const word = (at: number, value: number) => {
    if (big) view.setBigUint64(at, BigInt(value), true);
    else view.setUint32(at, value, true);
  };
  view.setUint16(0, entries.length, true);
  for (const [index, entry] of entries.entries()) {
    const [tag, type, values] = entry;
    const at = countSize + index * entrySize;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    word(at + 4, values.length);
    const place = at + 4 + inline;
    if (!long.includes(entry)) writeValues(view, place, entry);
    else {
      word(place, directoryAt + extra);
      extra = writeValues(view, extra, entry);
    }
  }
  return { start, end };
}

/** Numbers that may be beyond 32 bits. */
function widened([tag, type, values]: Entry): Entry {
  return [tag, type === LONG ? LONG8 : type, values];
}

function directory(image: Image, bytes: number, pixels: number, geo: Geo): readonly Entry[] {
  const { width, height, channels, alpha, associated, samples } = image;
  // Of more than four, none is known to be a color.
  const colors = channels === 3 || channels === 4 ? 3 : 1;
  const each = (value: number) => Array.from({ length: channels }, () => value);
  const extra = Array.from({ length: channels - colors }, (_, at) =>
    alpha && at === channels - colors - 1 ? (associated ? 1 : 2) : 0,
  );
  return [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, each(samples.BYTES_PER_ELEMENT * 8)], // BitsPerSample
    [259, SHORT, [1]], // Compression: none
    [262, SHORT, [colors === 3 ? 2 : 1]], // PhotometricInterpretation: RGB or black is zero
    [273, LONG, [pixels]], // StripOffsets
    [277, SHORT, [channels]], // SamplesPerPixel
    [278, LONG, [height]], // RowsPerStrip
    [279, LONG, [bytes]], // StripByteCounts
    ...(channels > colors ? ([[338, SHORT, extra]] as const) : []), // ExtraSamples
    [339, SHORT, each(samples instanceof Float32Array ? 3 : 1)], // SampleFormat: floating point or unsigned
    ...geoTags(geo).map(([tag, type, values]): Entry => {
      if (typeof values === "string") return [tag, ASCII, [...Buffer.from(`${values}\0`, "latin1")]];
      return [tag, type === "short" ? SHORT : DOUBLE, values];
    }),
  ];
}

/** Answers the offset after the values. */
function writeValues(view: DataView, offset: number, [, type, values]: Entry): number {
  let at = offset;
  for (const value of values) {
    if (type === ASCII) view.setUint8(at, value);
    else if (type === SHORT) view.setUint16(at, value, true);
    else if (type === LONG) view.setUint32(at, value, true);
    else if (type === LONG8) view.setBigUint64(at, BigInt(value), true);
    else view.setFloat64(at, value, true);
    at += SIZES[type];
  }
  return at;
}

/** Their bytes, little-endian. */
export function littleEndian(samples: Samples): Uint8Array {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  if (endianness() === "LE" || samples instanceof Uint8Array) return bytes;
  const copy = Buffer.from(bytes);
  return samples instanceof Uint16Array ? copy.swap16() : copy.swap32();
}
