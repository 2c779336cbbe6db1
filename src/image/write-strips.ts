/** Writes files from strips of rows, one after the other. An image of one strip is encoded in memory. Knows no decoding. */
import { type FileHandle, open, rm } from "node:fs/promises";
import { type Encoding, encodeFailure, encodeImage, encodeThrough, toIntegers, writeBytes } from "./encode.js";
import { type ExrChoice, encodeExrImage, exrPieces } from "./encode-exr.js";
import { encodeAsc, encodeHgt, encodeRaw, type Part } from "./encode-heights.js";
import { exrTable } from "./exr/index.js";
import type { Geo } from "./header.js";
import { type Image, ImageError, valuesOf } from "./image.js";
import type { ByteOrder, RawType } from "./raw-type.js";
import { openSharp } from "./sharp.js";
import { encodeFloatTiff, encodeTiff, littleEndian, tiffFrame } from "./tiff.js";

/** The strips of an image from its top on; of all but the last, the height is a multiple of 32. */
export type StripsOf = AsyncIterable<Image>;

/** How a file is written. `tiff`: samples as they are, or as floats. */
export type StripFormat =
  | { readonly format: "tiff"; readonly floats: boolean; readonly geo: Geo }
  | ({ readonly format: "exr" } & ExrChoice)
  | { readonly format: "hgt" }
  | { readonly format: "asc"; readonly geo: Geo }
  | { readonly format: "raw"; readonly type: RawType; readonly order: ByteOrder }
  | Encoding;

/** Writes an image of so many rows. Rejects with an ImageError where the format does not hold it, or the file cannot be written. */
export async function writeStrips(path: string, height: number, strips: StripsOf, format: StripFormat): Promise<void> {
  const iterator = strips[Symbol.asyncIterator]();
  const { value: first, done } = await iterator.next();
  if (done) throw new Error("an image without rows");
  if (first.height === height) {
    await iterator.return?.();
    return writeBytes(path, await encoded(first, format));
  }
  const all = (async function* () {
    yield first;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  })();
  if (isEncoding(format)) return encodeStrips(path, height, all, first, format);
  await withFile(path, (file) => {
    if (format.format === "tiff") return tiff(file, height, all, first, format.floats, format.geo);
    if (format.format === "exr") return exr(file, height, all, first, format);
    return numbers(file, height, all, format);
  });
}

function isEncoding(format: StripFormat): format is Encoding {
  return ["png", "jpeg", "webp", "avif"].includes(format.format);
}

async function encoded(image: Image, format: StripFormat): Promise<Uint8Array> {
  if (isEncoding(format)) return encodeImage(image, format);
  if (format.format === "tiff")
    return format.floats ? encodeFloatTiff(image, format.geo) : encodeTiff(image, format.geo);
  if (format.format === "exr") return encodeExrImage(image, format);
  return numberBytes(image, format, { top: 0, height: image.height });
}

type Heights = Extract<StripFormat, { readonly format: "hgt" | "asc" | "raw" }>;

function numberBytes(rows: Image, format: Heights, part: Part): Uint8Array {
  if (format.format === "hgt") return encodeHgt(rows, part);
  if (format.format === "asc") return encodeAsc(rows, format.geo, part);
  return encodeRaw(rows, format.type, format.order, part);
}

async function numbers(file: FileHandle, height: number, strips: StripsOf, format: Heights): Promise<void> {
  let top = 0;
  for await (const rows of strips) {
    await file.writeFile(numberBytes(rows, format, { top, height }));
    top += rows.height;
  }
}

async function tiff(file: FileHandle, height: number, strips: StripsOf, first: Image, floats: boolean, geo: Geo) {
  const sampled = (image: Image) => (floats ? { ...image, samples: valuesOf(image) } : image);
  const one = sampled(first);
  const bytes = (one.samples.byteLength / first.height) * height;
  const { start, end } = tiffFrame({ ...one, height }, bytes, geo);
  await file.writeFile(start);
  for await (const rows of strips) await file.writeFile(littleEndian(sampled(rows).samples));
  await file.writeFile(end);
}

async function exr(file: FileHandle, height: number, strips: StripsOf, first: Image, choice: ExrChoice) {
  const { header, count, chunksOf } = exrPieces(first, height, choice);
  const lengths: { readonly length: number }[] = [];
  await file.writeFile(header);
  await file.writeFile(new Uint8Array(count * 8));
  let top = 0;
  for await (const rows of strips) {
    const chunks = chunksOf(rows, top);
    for (const { length } of chunks) lengths.push({ length });
    await file.writeFile(Buffer.concat(chunks));
    top += rows.height;
  }
  const table = exrTable(header.length, lengths);
  await file.write(table, 0, table.length, header.length);
}

/** By way of a plain TIFF, which libvips encodes strip by strip. */
async function encodeStrips(path: string, height: number, strips: StripsOf, first: Image, encoding: Encoding) {
  const plain = `${path}.plain.tif`;
  const depth = encoding.format === "png" ? (encoding.depth ?? (first.depth === 8 ? 8 : 16)) : 8;
  if (encoding.format === "jpeg" && first.alpha)
    throw new ImageError("A JPEG holds no alpha: lay the image over a background.");
  const integers = async function* () {
    for await (const rows of strips) yield toIntegers(rows, depth);
  };
  try {
    await withFile(plain, (file) => tiff(file, height, integers(), toIntegers(first, depth), false, {}));
    const source = await openSharp(plain, Number.MAX_SAFE_INTEGER);
    const size = { width: first.width, height };
    await encodeThrough(source, first.channels, encoding.format === "png" ? { format: "png", depth } : encoding)
      .toFile(path)
      .catch((cause: Error) => {
        throw encodeFailure(cause, size, encoding.format);
      });
  } finally {
    await rm(plain, { force: true });
  }
}

/** A file that is written from its beginning. */
async function withFile(path: string, write: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, "w").catch((cause: Error) => {
    throw new ImageError(`${path}: the image cannot be written (${cause.message}).`, { cause });
  });
  try {
    await write(file);
  } finally {
    await file.close();
  }
}
