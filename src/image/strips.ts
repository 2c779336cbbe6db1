/**
 * Images in strips of rows, for those that are too large to be in memory as a whole. Where a decoder goes through a file in its own
 * order (PNG, JPEG and the like), it writes a plain TIFF first, whose rows are read. Knows no conversions.
 */
import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type OpenedImage, openImage } from "./decode.js";
import { type ImageHeader, limits, wholeSamples } from "./header.js";
import { type Image, withSamples } from "./image.js";
import { openSharp } from "./sharp.js";

/** An image whose rows are read when they are asked for. */
export interface Strips {
  readonly header: ImageHeader;
  /** `count` rows from `top` on. */
  rows(top: number, count: number): Promise<Image>;
  /** Removes what was written for them. */
  close(): Promise<void>;
}

/** Strips of a large image have this share of what is worked on as a whole. */
const SHARE = 1 / 4;

type Size = Pick<ImageHeader, "width" | "height" | "channels">;

/**
 * Rows of an output that are made at a time of an input: all, or so many that a strip of neither is large. `step`: what they are
 * multiples of.
 */
export function stripRows(input: Size, output: Size, step: number): number {
  const samples = ({ width, height, channels }: Size) => width * height * channels;
  const most = Math.max(samples(input), samples(output));
  const whole = wholeSamples();
  if (most <= whole) return output.height;
  return Math.max(step, Math.floor(((whole * SHARE) / most) * (output.height / step)) * step);
}

/** Opens an image for its rows. `folder`: where a file for them may be written until `close`. */
export async function openStrips(opened: OpenedImage, folder: string): Promise<Strips> {
  const { header } = opened;
  const isLarge = header.width * header.height * header.channels > wholeSamples();
  const rows = isLarge ? await opened.rows() : undefined;
  if (rows !== undefined) return { header, rows, close: async () => {} };
  if (isLarge && isSpilled(header)) return spilled(opened, join(folder, `rows-${randomUUID()}.tif`));
  const image = await opened.decode();
  return { header, rows: async (top, count) => rowsOf(image, top, count), close: async () => {} };
}

/** Rows of an image in memory, which share its samples. */
export function rowsOf(image: Image, top: number, count: number): Image {
  if (count === image.height) return image;
  const line = image.width * image.channels;
  return withSamples(image, image.width, count, image.samples.subarray(top * line, (top + count) * line));
}

/** Whether libvips reads the format, and keeps its channels: of 8-bit gray it makes three before alpha. */
function isSpilled({ format, channels, depth }: ImageHeader): boolean {
  return ["png", "jpeg", "webp", "gif", "avif"].includes(format) && !(channels === 2 && depth === 8);
}

async function spilled({ header, file }: OpenedImage, path: string): Promise<Strips> {
  const { channels, depth } = header;
  const space = channels <= 2 ? (depth === 16 ? "grey16" : "b-w") : depth === 16 ? "rgb16" : "srgb";
  const source = await openSharp(file.path, limits().pixels);
  const close = () => rm(path, { force: true });
  try {
    const bigtiff = header.width * header.height * channels * (depth === 16 ? 2 : 1) > 2 ** 31;
    await source.toColourspace(space).tiff({ compression: "none", predictor: "none", bigtiff }).toFile(path);
    const rows = await (await openImage(path)).rows();
    return { header, rows: rows!, close };
  } catch {
    // Decoding says what is wrong, with the file's name.
    await close();
    const image = await (await openImage(file.path)).decode();
    return { header, rows: async (top, count) => rowsOf(image, top, count), close };
  }
}
