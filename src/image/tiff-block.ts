/** The bytes of a TIFF's strip or tile, by its compression. Knows no samples; JPEG and WebP are decoded by sharp. */

import { inflateSync, constants as zlib } from "node:zlib";
import { damaged, unsupported } from "./codec.js";
import type { Directory } from "./tiff-directory.js";
import type { BlockShape, Layout } from "./tiff-layout.js";
import { decodeLzw, decodePackBits } from "./tiff-lzw.js";

/** Decodes a block into `shape.bytes` bytes, in the file's order of bytes, or fewer where its data end before. */
export type Unpack = (packed: Buffer, shape: BlockShape) => Promise<Uint8Array> | Uint8Array;

/** Compressions that are not supported, in words. */
const UNKNOWN: Readonly<Record<number, string>> = {
  6: "JPEG of the old kind (compression 6)",
  32766: "NeXT's compression",
  32809: "ThunderScan's compression",
  32908: "Pixar's compression",
  32909: "PixarLog compression",
  33003: "JPEG 2000 compression",
  33004: "JPEG 2000 compression",
  33005: "JPEG 2000 compression",
  34661: "JBIG compression",
  34676: "SGI's LogLuv compression",
  34677: "SGI's LogLuv compression",
  34712: "JPEG 2000 compression",
  34892: "lossy JPEG of a camera's raw file",
  34925: "LZMA compression",
  50002: "JPEG XL compression",
  52546: "JPEG XL compression",
};

const KNOWN = [1, 2, 3, 4, 5, 7, 8, 32773, 32946, 34887, 34926, 50000, 50001];

/** Whether the compression is one of fax machines, which work on the whole image. */
export function isFax(compression: number): boolean {
  return compression >= 2 && compression <= 4;
}

/** Throws an ImageError that names a compression which is not supported, or is not for such samples. */
export function requireKnown(layout: Layout): void {
  const { compression, photometric, planar, sample } = layout;
  if (!KNOWN.includes(compression)) {
    const name = UNKNOWN[compression] ?? `compression ${compression}`;
    throw unsupported(`${name} is`, ADVICE);
  }
  if (photometric === 6 && (compression !== 7 || planar))
    throw unsupported("YCbCr without JPEG compression is", "Convert it to RGB.");
  if ((compression === 7 || compression === 50001) && (sample.bits !== 8 || sample.kind !== "uint"))
    throw unsupported(`JPEG or WebP compression of ${sample.bits} bits is`, ADVICE);
  if (isFax(compression) && (sample.bits !== 1 || layout.samples !== 1))
    throw unsupported(`fax compression of ${layout.samples} samples of ${sample.bits} bits is`, ADVICE);
}

const ADVICE = "Write the TIFF again with LZW, Deflate, ZSTD or no compression.";

/** For a compression that `requireKnown` lets pass, but fax. */
export async function unpackOf(compression: number, directory: Directory, photometric: number): Promise<Unpack> {
  switch (compression) {
    case 1:
      return (packed, { bytes }) => packed.subarray(0, bytes);
    case 5:
      return (packed, { bytes }) => decodeLzw(packed, bytes);
    case 7: {
      const tables = await directory.bytes(347);
      const { decodeJpegBlock } = await import("./tiff-jpeg.js");
      return (packed, shape) => decodeJpegBlock(packed, tables, photometric, shape);
    }
    case 8:
    case 32946:
      return (packed, { bytes }) => inflated(packed, bytes);
    case 32773:
      return (packed, { bytes }) => decodePackBits(packed, bytes);
    case 34887:
      return unpackLerc((await directory.numbers(50674))?.[1] ?? 0);
    case 34926:
    case 50000:
      return unpackZstd();
    case 50001: {
      const { decodeWebpBlock } = await import("./tiff-jpeg.js");
      return decodeWebpBlock;
    }
    default:
      throw new Error(`compression ${compression} was let pass`);
  }
}

function inflated(packed: Uint8Array, bytes: number): Uint8Array {
  try {
    // What comes after a stream's end, or is missing at it, is of no matter where the pixels are all there.
    return inflateSync(packed, { finishFlush: zlib.Z_SYNC_FLUSH, maxOutputLength: bytes + 65536 });
  } catch (cause) {
    throw damaged(`Deflate: ${(cause as Error).message}`, cause);
  }
}

async function unpackZstd(): Promise<Unpack> {
  const { ZSTDDecoder } = await import("zstddec");
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (packed, { bytes }) => {
    try {
      return decoder.decode(packed, bytes);
    } catch (cause) {
      throw damaged(`ZSTD: ${(cause as Error).message}`, cause);
    }
  };
}

/** LERC, inside which there may be Deflate (1) or ZSTD (2). */
async function unpackLerc(inner: number): Promise<Unpack> {
  const lerc = await import("lerc");
  await lerc.load();
  const zstd = inner === 2 ? await unpackZstd() : undefined;
  return async (packed, shape) => {
    const bound = shape.bytes * 2 + 65536;
    const blob = inner === 1 ? inflated(packed, bound) : zstd ? await zstd(packed, { ...shape, bytes: bound }) : packed;
    const { pixels, mask, depthCount, width, height } = decodeLerc(lerc, blob);
    if (width !== shape.width || height > shape.height || depthCount * pixels.length !== shape.samples)
      throw damaged(`LERC: a block of ${width}×${height} where ${shape.width}×${shape.height} belong`);
    const [first] = pixels;
    if (first === undefined) throw damaged("LERC: a block without pixels");
    const values = pixels.length === 1 ? first : interleaved(pixels);
    if (values.byteLength * shape.height !== shape.bytes * height) throw damaged("LERC: samples of another type");
    if (mask && (values instanceof Float32Array || values instanceof Float64Array))
      for (const [at, valid] of mask.entries())
        if (valid === 0) values.fill(Number.NaN, at * shape.samples, (at + 1) * shape.samples);
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  };
}

function decodeLerc(lerc: typeof import("lerc"), blob: Uint8Array) {
  try {
    return lerc.decode(blob, { returnInterleaved: true });
  } catch (cause) {
    throw damaged(`LERC: ${(cause as Error).message}`, cause);
  }
}

type Numbers = import("lerc").PixelTypedArray;

function interleaved(bands: readonly Numbers[]): Numbers {
  const [first] = bands as readonly [Numbers];
  const mixed = new (first.constructor as new (length: number) => Numbers)(first.length * bands.length);
  for (const [band, values] of bands.entries())
    for (let from = 0, to = band; from < values.length; from++, to += bands.length) mixed[to] = values[from]!;
  return mixed;
}
