/** Writes 32-bit float TIFF (6.0 baseline, little-endian, one uncompressed strip), which sharp would round to 16 bits. */
import { endianness } from "node:os";
import { type Image, ImageError, valuesOf } from "./image.js";

const SHORT = 3;
const LONG = 4;

/** An entry of the directory. Tags rise, as the format demands. */
type Entry = readonly [tag: number, type: typeof SHORT | typeof LONG, values: readonly number[]];

/** Where the pixels begin: after the eight bytes of the header. The directory follows them. */
const PIXELS = 8;

/** The bytes of a float TIFF; equal images give equal bytes. Gray (1, 2 channels) or RGB (3, 4), alpha unassociated. */
export function encodeFloatTiff(image: Image): Uint8Array {
  const pixels = littleEndian(image);
  const entries = directory(image, pixels.byteLength);
  const directoryAt = PIXELS + pixels.byteLength;
  const long = entries.filter(([, type, values]) => sizeOf(type) * values.length > 4);
  let extraAt = directoryAt + 2 + entries.length * 12 + 4;
  const length = extraAt + long.reduce((sum, [, type, values]) => sum + sizeOf(type) * values.length, 0);
  if (length > 0xffffffff) throw new ImageError(`${length} bytes are too many for a TIFF; cut the image into tiles.`);

  const file = new Uint8Array(length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x002a4949, true);
  view.setUint32(4, directoryAt, true);
  file.set(new Uint8Array(pixels.buffer), PIXELS);
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

function directory({ width, height, channels, alpha }: Image, bytes: number): readonly Entry[] {
  const colors = channels >= 3 ? 3 : 1;
  const each = (value: number) => Array.from({ length: channels }, () => value);
  return [
    [256, LONG, [width]],
    [257, LONG, [height]],
    [258, SHORT, each(32)], // BitsPerSample
    [259, SHORT, [1]], // Compression: none
    [262, SHORT, [colors === 3 ? 2 : 1]], // PhotometricInterpretation: RGB or black is zero
    [273, LONG, [PIXELS]], // StripOffsets
    [277, SHORT, [channels]], // SamplesPerPixel
    [278, LONG, [height]], // RowsPerStrip
    [279, LONG, [bytes]], // StripByteCounts
    ...(channels > colors ? ([[338, SHORT, [alpha ? 2 : 0]]] as const) : []), // ExtraSamples
    [339, SHORT, each(3)], // SampleFormat: floating point
  ];
}

function sizeOf(type: Entry[1]): number {
  return type === SHORT ? 2 : 4;
}

/** Answers the offset after the values. */
function writeValues(view: DataView, offset: number, [, type, values]: Entry): number {
  let at = offset;
  for (const value of values) {
    if (type === SHORT) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += sizeOf(type);
  }
  return at;
}

/** Values, little-endian. */
function littleEndian(image: Image): Float32Array<ArrayBuffer> {
  const values = valuesOf(image);
  if (endianness() === "BE") Buffer.from(values.buffer).swap32();
  return values;
}
