/** Reads what an image file says about itself, and holds the limits of size. Decodes no pixels. */
import { stat } from "node:fs/promises";
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

async function readMetadata(path: string): Promise<Metadata> {
  const sharp = await loadSharp();
  const metadata = await sharp(path, { limitInputPixels: false })
    .metadata()
    .catch((cause: Error) => {
      throw new ImageError(`${path}: ${unreadable(path, cause)}`, { cause });
    });
  if (metadata.format === "svg" || metadata.format === "pdf") {
    throw new ImageError(`${path}: ${metadata.format.toUpperCase()} is a drawing, not pixels. Convert it to PNG.`);
  }
  return metadata;
}

function unreadable(path: string, cause: Error): string {
  if (/\.exr$/i.test(path)) return "OpenEXR is not in this build of sharp. Convert it to a 32-bit float TIFF.";
  if (/permission denied/i.test(cause.message)) return "permission to read it is denied.";
  const reason = cause.message.split("\n")[0]?.replace(/:$/, "");
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
