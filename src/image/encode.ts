/** Encodes images as PNG, float TIFF, JPEG, WebP or AVIF, and writes the first two where the caller says. Equal images give equal bytes. */
import { writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { Sharp } from "sharp";
import { straightened } from "./associated.js";
import { encodeExrImage } from "./encode-exr.js";
import { encodeSmallPng } from "./encode-png.js";
import { type Depth, fullOf, type Image, ImageError } from "./image.js";
import { loadSharp } from "./sharp.js";
import { encodeFloatTiff } from "./tiff.js";

/** Formats of 8 bits that may lose detail. */
export interface Compressed {
  readonly format: "jpeg" | "webp" | "avif";
  /** 1 to 100. */
  readonly quality: number;
  /** Of WebP and AVIF. */
  readonly lossless: boolean;
}

/** What sharp encodes: a PNG, of the image's own depth unless given (16 bits for a float image), or a format of 8 bits. */
export type Encoding = { readonly format: "png"; readonly depth?: 8 | 16 } | Compressed;

/** The bytes of a PNG; see `encodeImage`. */
export function encodePng(image: Image, depth?: 8 | 16): Promise<Uint8Array> {
  return encodeImage(image, { format: "png", ...(depth !== undefined && { depth }) });
}

/**
 * The bytes of a file without metadata. Values are clamped to 0..1 and rounded; NaN becomes 0. Throws an ImageError for a JPEG with
 * alpha, which it cannot hold.
 */
export async function encodeImage(image: Image, encoding: Encoding): Promise<Uint8Array> {
  if (encoding.format === "jpeg" && image.alpha)
    throw new ImageError("A JPEG holds no alpha: lay the image over a background.");
  const { width, height, channels } = image;
  const depth = encoding.format === "png" ? (encoding.depth ?? (image.depth === 8 ? 8 : 16)) : 8;
  const samples = toSamples(image, depth);
  const small = encoding.format === "png" ? encodeSmallPng(image, samples) : undefined;
  if (small !== undefined) return small;
  const sharp = await loadSharp();
  // sharp's types count Uint16Array among the raw inputs; its length is in samples.
  const raw = { width, height, channels: channels as 1 | 2 | 3 | 4 };
  const source = sharp(samples, { raw, limitInputPixels: false });
  return encodeThrough(source, channels, encoding.format === "png" ? { format: "png", depth } : encoding)
    .toBuffer()
    .catch((cause: Error) => {
      throw encodeFailure(cause, image, encoding.format);
    });
}

/** Longest sides that a format holds, as libvips writes it. */
const LONGEST: Readonly<Record<Encoding["format"], number>> = {
  png: 2 ** 31 - 1,
  jpeg: 65500,
  webp: 16383,
  avif: 16384,
};

/** In words, where the size is the reason. */
export function encodeFailure(
  cause: Error,
  { width, height }: Pick<Image, "width" | "height">,
  format: Encoding["format"],
) {
  const longest = LONGEST[format];
  if (Math.max(width, height) <= longest) return cause;
  return new ImageError(
    `${width}×${height} pixels are too many for ${format.toUpperCase()}: sides have up to ${longest}. Write PNG, TIFF or OpenEXR.`,
    { cause },
  );
}

/** A pipeline of sharp, of so many channels, that makes the encoding. */
export function encodeThrough(source: Sharp, channels: number, encoding: Encoding): Sharp {
  const gray = channels <= 2;
  switch (encoding.format) {
    case "png": {
      const space = encoding.depth === 16 ? (gray ? "grey16" : "rgb16") : gray ? "b-w" : "srgb";
      return source.toColourspace(space).png({ compressionLevel: 6, adaptiveFiltering: false, palette: false });
    }
    case "jpeg":
      return source.jpeg({ quality: encoding.quality, chromaSubsampling: "4:4:4" });
    case "webp":
      return source.webp({ quality: encoding.quality, lossless: encoding.lossless });
    case "avif":
      return source.avif({ quality: encoding.quality, lossless: encoding.lossless });
  }
}

/** How a file's extension and a depth go together. */
const WRITABLE = { ".png": [8, 16], ".tif": ["float"], ".tiff": ["float"], ".exr": ["float"] } as const;

/** Whether a file of this name is written as 32-bit floats. */
export function holdsFloats(path: string): boolean {
  return /\.(tiff?|exr)$/i.test(path);
}

/**
 * Writes an image: `.png` (8 or 16 bits), or `.tif`, `.tiff`, `.exr` (32-bit float). The depth is the image's own unless given.
 * Rejects with an ImageError where extension and depth do not go together or the file cannot be written.
 */
export async function writeImage(path: string, image: Image, depth: Depth = image.depth): Promise<void> {
  const extension = extname(path).toLowerCase();
  const depths: readonly Depth[] | undefined = WRITABLE[extension as keyof typeof WRITABLE];
  if (!depths) throw new ImageError(`${path}: images are written as .png, .tif, .tiff or .exr, not "${extension}".`);
  if (!depths.includes(depth)) {
    const other = depth === "float" ? "Use .tif or .exr for 32-bit float." : "Use .png for 8 and 16 bits.";
    throw new ImageError(`${path}: a "${extension}" file does not hold the depth ${depth}. ${other}`);
  }
  const bytes = await bytesOf(image, depth, extension);
  await writeBytes(path, bytes).catch((cause: NodeJS.ErrnoException) => {
    throw new ImageError(`${path}: the image cannot be written (${cause.message}).`, { cause });
  });
}

/** Bytes of a file that is written at once: a thread of its own costs more than they do. */
const AT_ONCE = 2 ** 20;

/** Writes a file. Rejects with the file system's error. */
export async function writeBytes(path: string, bytes: Uint8Array): Promise<void> {
  if (bytes.length <= AT_ONCE) writeFileSync(path, bytes);
  else await writeFile(path, bytes);
}

function bytesOf(image: Image, depth: Depth, extension: string): Uint8Array | Promise<Uint8Array> {
  if (depth !== "float") return encodePng(image, depth);
  return extension === ".exr" ? encodeExrImage(image) : encodeFloatTiff(image);
}

/** The image with integers of the depth. */
export function toIntegers(image: Image, depth: 8 | 16): Image {
  const { associated: _, ...rest } = image;
  return { ...rest, depth, samples: toSamples(image, depth) };
}

/** The samples as integers of the depth: as they are where they have it already. */
function toSamples(image: Image, depth: 8 | 16): Uint8Array | Uint16Array {
  const { samples } = straightened(image);
  if (depth === 8 && samples instanceof Uint8Array) return samples;
  if (depth === 16 && samples instanceof Uint16Array) return samples;
  const integers = depth === 8 ? new Uint8Array(samples.length) : new Uint16Array(samples.length);
  const full = depth === 8 ? 255 : 65535;
  const scale = full / fullOf(samples);
  for (let at = 0; at < integers.length; at++) {
    const value = samples[at]! * scale;
    // The comparisons are false for NaN, which so becomes 0.
    integers[at] = value >= full ? full : value > 0 ? Math.round(value) : 0;
  }
  return integers;
}
