/** Writes TIFF (6.0 baseline, little-endian, one uncompressed strip), of 8 and 16 bits and of 32-bit floats. */
import { endianness } from "node:os";
import { geoTags } from "./geotiff.js";
import type { Geo } from "./header.js";
import { type Image, ImageError, type Samples, valuesOf } from "./image.js";

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const DOUBLE = 12;

/** Bytes of a value. */
const SIZES = { [ASCII]: 1, [SHORT]: 2, [LONG]: 4, [DOUBLE]: 8 } as const;

/** An entry of the directory. Tags rise, as the format demands. */
type Entry = readonly [tag: number, type: keyof typeof SIZES, values: readonly number[]];

/** Where the pixels begin: after the eight bytes of the header. The directory follows them. */
const PIXELS = 8;

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
  const entries = directory(image, pixels.byteLength, geo);
  const directoryAt = PIXELS + pixels.byteLength;
  const long = entries.filter(([, type, values]) => SIZES[type] * values.length > 4);
  let extraAt = directoryAt + 2 + entries.length * 12 + 4;
  const length = extraAt + long.reduce((sum, [, type, values]) => sum + SIZES[type] * values.length, 0);
  if (length > 0xffffffff) throw new ImageError(`${length} bytes are too many for a TIFF; cut the image into tiles.`);

  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x002a4949, true);
  view.setUint32(4, directoryAt, true);
  file.set(pixels, PIXELS);
  view.setUint16(directoryAt, entries.length, true);
  for (const [index, entry] of entries.entries()) {
    const [tag, type, values] = entry;
    const at = directoryAt + 2 + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, values.length, true);
    if (!long.includes(entry)) writeValues(view, at + 8, entry);
    else {
      view.setUint32(at + 8, extraAt, true);
      extraAt = writeValues(view, extraAt, entry);
    }
  }
  return file;
}

function directory(image: Image, bytes: number, geo: Geo): readonly Entry[] {
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
    [273, LONG, [PIXELS]], // StripOffsets
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
    else view.setFloat64(at, value, true);
    at += SIZES[type];
  }
  return at;
}

/** Their bytes, little-endian. */
function littleEndian(samples: Samples): Uint8Array {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  if (endianness() === "LE" || samples instanceof Uint8Array) return bytes;
  const copy = Buffer.from(bytes);
  return samples instanceof Uint16Array ? copy.swap16() : copy.swap32();
}
