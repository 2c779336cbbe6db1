/**
 * Straight from one file to another: libvips decodes, reduces and encodes strip by strip, and the whole image is never in memory.
 * Only where that means what decoding, `resize` and encoding mean: 8 bits in, 8 bits out, at most a smaller size between.
 */
import type { OpenedImage } from "./decode.js";
import { type Encoding, encodeThrough } from "./encode.js";
import { type ImageHeader, limits } from "./header.js";
import { openSharp } from "./sharp.js";

/** Formats that libvips returns as they are stored. */
const READ = ["png", "jpeg", "webp", "gif", "avif"];

/** Bytes of pixels from which on libvips reads a PNG in less time than `codec-png.ts`. */
const WORTHWHILE = 2 ** 18;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Writes a file's image in another size and format to `to`. False where libvips would not do the same: then `to` is not there, or no image. The filter is that of `resize`.
 * When reducing to a fourth or less, libvips first takes
 * means of whole blocks (a JPEG's decoder does it by itself), so that the triangle does the last factor of two or more, as with
 * Pillow's `reducing_gap=2`: on photographs 1/255 apart in the mean.
 */
export async function convertStraight(
  { header, file }: Pick<OpenedImage, "header" | "file">,
  size: Size,
  encoding: Encoding,
  to: string,
): Promise<boolean> {
  if (!isStraight(header, size, encoding)) return false;
  const source = await openSharp(file.whole ?? file.path, limits().pixels);
  const resized = source.resize({ ...size, fit: "fill", kernel: "linear", fastShrinkOnLoad: false });
  // What is broken or almost so is for decoding to judge.
  return encodeThrough(resized, header.channels, encoding)
    .toFile(to)
    .then(
      () => true,
      () => false,
    );
}

function isStraight(header: ImageHeader, { width, height }: Size, encoding: Encoding): boolean {
  const { channels, format, depth } = header;
  const isEight = depth === 8 && (encoding.format !== "png" || encoding.depth !== 16);
  const isSame = width === header.width && height === header.height;
  // sharp loses the alpha of gray, and multiplies colors with alpha before it resizes.
  const isPlain = channels === 1 || channels === 3 || (channels === 4 && isSame);
  // libvips enlarges by another rule.
  const isReduced = width <= header.width && height <= header.height;
  const isWorthwhile = format !== "png" || header.width * header.height * channels >= WORTHWHILE;
  return READ.includes(format) && isEight && isPlain && isReduced && isWorthwhile;
}
