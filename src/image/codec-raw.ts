/** Reads heights without a header (.r16, .r32, .raw), whose size and type the reader says. */
import { damaged, type ImageCodec, type ImageFile, type Reading, requireWhole } from "./codec.js";
import type { ImageHeader } from "./header.js";
import { ImageError, imageOf } from "./image.js";
import { bytesOfType, numbersOf, type RawType } from "./raw-type.js";
import { readStart, withBytes } from "./start.js";

/** One channel. uint8 and uint16 are out of their full range; all others are the numbers themselves, as 32-bit floats. */
export const rawCodec: ImageCodec = {
  format: "raw",
  name: "raw heights",
  // Those of a folder are no images until somebody says their size.
  extensions: [],
  // The format has no mark, and cameras' raw files may have this name: most begin like a TIFF.
  sniff: ({ extension }) => [".r16", ".r32", ".raw"].includes(extension),
  readHeader: async (file, reading) => headerOf(file, reading),
  decode: async (file, { width, height }, reading) => {
    const bytes = await readStart(file);
    const samples = numbersOf(bytes, typeOf(file, reading), reading.byteOrder ?? "little");
    return imageOf({ width, height, channels: 1 }, samples);
  },
  async rows(file, { width }, reading) {
    const [type, order] = [typeOf(file, reading), reading.byteOrder ?? "little"];
    const line = width * bytesOfType(type);
    return (top, count) =>
      withBytes(file, async (readAt) => {
        return imageOf(
          { width, height: count, channels: 1 },
          numbersOf(await readAt(top * line, count * line), type, order),
        );
      });
  },
};

function typeOf({ extension }: ImageFile, { type }: Reading): RawType {
  return type ?? (extension === ".r32" ? "float32" : "uint16");
}

function headerOf(file: ImageFile, reading: Reading): ImageHeader {
  const { width, height } = reading;
  requireWhole(reading, "raw");
  const type = typeOf(file, reading);
  const size = bytesOfType(type);
  if (width === undefined || height === undefined) {
    const side = Math.sqrt(file.bytes / size);
    const guess = Number.isInteger(side) ? ` (${file.bytes} bytes would be ${side}×${side} of ${type})` : "";
    throw new ImageError(`a raw file does not say its size. Set "width" and "height"${guess}.`);
  }
  if (width * height * size !== file.bytes) {
    throw damaged(
      `${width}×${height} samples of ${type} are ${width * height * size} bytes; the file has ${file.bytes}`,
    );
  }
  const kind = type.startsWith("f") ? "float" : type.startsWith("u") ? "uint" : "int";
  const depth = type === "uint8" ? 8 : type === "uint16" ? 16 : "float";
  const shape = { width, height, channels: 1, depth, alpha: false } as const;
  return { ...shape, format: "raw", sample: { kind, bits: size * 8 }, bytes: file.bytes };
}
