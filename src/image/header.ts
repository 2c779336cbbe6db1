/** Reads what an image file says about itself, and holds the limits of size. Decodes no pixels. */
import { open, stat } from "node:fs/promises";
import type { Metadata } from "sharp";
import { type Depth, ImageError } from "./image.js";
import { loadSharp } from "./sharp.js";

/** What is refused before anything is decoded. */
export interface Limits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Width times height. */
  readonly pixels: number;
}

/** 1 GiB, and 2²⁷ pixels (11585²): half a GiB a channel once decoded. */
export const DEFAULT_LIMITS: Limits = { bytes: 2 ** 30, pixels: 2 ** 27 };

/** An image file's header. Width and height are those of the upright image (Exif orientation applied). */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  /** Channels that decoding answers: palettes count 3, CMYK counts 3. */
  readonly channels: number;
  readonly depth: Depth;
  /** Whether the last channel is alpha. */
  readonly alpha: boolean;
  /** `png`, `jpeg`, `tiff`, … */
  readonly format: string;
  /** Size of the file. */
  readonly bytes: number;
}

/**
 * Reads an image file's header without decoding it. Rejects with an ImageError that names the path and the cause:
 * absent, empty, above the limits, no image, or of a kind that is not supported.
 */
export async function readHeader(path: string, limits: Limits = DEFAULT_LIMITS): Promise<ImageHeader> {
  const bytes = await fileBytes(path);
  if (bytes === 0) throw new ImageError(`${path}: the file is empty.`);
  if (bytes > limits.bytes) {
    throw new ImageError(`${path}: the file has ${bytes} bytes, above the limit of ${limits.bytes}.`);
  }
  await requireKind(path);
  const metadata = await readMetadata(path);
  const { width, height } = metadata.autoOrient;
  if (width * height > limits.pixels) {
    throw new ImageError(
      `${path}: ${width}×${height} pixels are above the limit of ${limits.pixels}. Make it smaller.`,
    );
  }
  const depth = depthOf(path, metadata);
  const channels = metadata.space === "cmyk" ? 3 : metadata.channels;
  return { width, height, channels, depth, alpha: metadata.hasAlpha, format: metadata.format, bytes };
}

async function fileBytes(path: string): Promise<number> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : `the file cannot be read (${cause.code})`;
    throw new ImageError(`${path}: ${reason}.`, { cause });
  });
  if (!found.isFile()) throw new ImageError(`${path}: this is a folder or a device, not an image file.`);
  return found.size;
}

/** The first bytes of the kinds that are decoded. All else stays away from libvips' other decoders: SVG reads further files. */
const KINDS: readonly RegExp[] = [
  /^\x89PNG/,
  /^\xff\xd8\xff/,
  /^GIF8/,
  /^II(\*|\+)\0/,
  /^MM\0(\*|\+)/,
  /^RIFF....WEBP/s,
  /^....ftyp(avif|avis|mif1|msf1|heic)/s,
];

async function requireKind(path: string): Promise<void> {
  const start = await firstBytes(path);
  if (KINDS.some((kind) => kind.test(start))) return;
  const drawing = /^%PDF/.test(start) ? "PDF" : /^(\xef\xbb\xbf)?\s*<(\?xml|svg|!)/i.test(start) ? "SVG" : undefined;
  if (drawing !== undefined) throw new ImageError(`${path}: ${drawing} is a drawing, not pixels. Convert it to PNG.`);
  throw new ImageError(`${path}: ${unreadable(path, "Input file contains unsupported image format")}`);
}

/** As latin-1. */
async function firstBytes(path: string): Promise<string> {
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "EACCES" ? "permission to read it is denied" : `it cannot be read (${cause.code})`;
    throw new ImageError(`${path}: ${reason}.`, { cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(16), 0, 16, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readMetadata(path: string): Promise<Metadata> {
  const sharp = await loadSharp();
  return sharp(path, { limitInputPixels: false })
    .metadata()
    .catch((cause: Error) => {
      throw new ImageError(`${path}: ${unreadable(path, cause.message)}`, { cause });
    });
}

function unreadable(path: string, message: string): string {
  if (/\.exr$/i.test(path)) return "OpenEXR is not in this build of sharp. Convert it to a 32-bit float TIFF.";
  const reason = message.split("\n")[0]?.replace(/:$/, "");
  return `this is no image, or its start is damaged (${reason}). PNG, JPEG, WebP, TIFF, GIF and AVIF can be read.`;
}

function depthOf(path: string, { depth, space }: Metadata): Depth {
  if (depth === "uchar") return 8;
  if (depth === "ushort") return 16;
  // libvips gives half floats the interpretation of 16-bit integers, and would cast them.
  if (depth === "float" && (space === "b-w" || space === "scrgb")) return "float";
  throw new ImageError(
    `${path}: samples of type ${depth} (${space}) are not supported. Convert to 8 or 16-bit unsigned, or 32-bit float.`,
  );
}
