/** Decodes image files into planes of floats, each depth without loss. Knows no training and no cache. */
import type { Sharp } from "sharp";
import { DEFAULT_LIMITS, type ImageHeader, type Limits, readHeader } from "./header.js";
import { type Depth, type Image, ImageError } from "./image.js";
import { loadSharp } from "./sharp.js";

/**
 * Decodes an image file; of several pages or frames, the first. Values are those stored: colour profiles are ignored,
 * 16-bit and float data never pass through 8 bits, alpha is kept as the last channel. Exif orientation is applied.
 * Rejects with an ImageError that names the path and the cause.
 */
export async function decodeImage(path: string, limits: Limits = DEFAULT_LIMITS): Promise<Image> {
  const header = await readHeader(path, limits);
  const sharp = await loadSharp();
  const source = sharp(path, {
    failOn: "error",
    ignoreIcc: true,
    autoOrient: true,
    limitInputPixels: limits.pixels,
  });
  const decoded = await inStoredSpace(source, header)
    .raw({ depth: RAW_DEPTH[header.depth] })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: Error) => {
      const reason = cause.message.split("\n")[0];
      throw new ImageError(`${path}: the image is damaged or cut short (${reason}).`, { cause });
    });
  return toPlanes(header, decoded.data, decoded.info.channels);
}

const RAW_DEPTH = { 8: "uchar", 16: "ushort", float: "float" } as const;

/** Keeps sharp from converting to 8-bit sRGB. */
function inStoredSpace(source: Sharp, { depth, channels }: ImageHeader): Sharp {
  if (depth === 16) return source.toColourspace(channels <= 2 ? "grey16" : "rgb16");
  // Gray with alpha would lose its alpha here; in sRGB its gray comes three times, unchanged.
  if (channels === 1) return source.toColourspace("b-w");
  return depth === "float" && channels >= 3 ? source.toColourspace("scrgb") : source;
}

/** Interleaved samples, of which gray with alpha has four a pixel (gray, gray, gray, alpha), to planes. */
function toPlanes(header: ImageHeader, bytes: Buffer, stride: number): Image {
  const { width, height, channels, depth, alpha } = header;
  const pixels = width * height;
  const samples = samplesOf(bytes, depth);
  if (samples.length !== pixels * stride || stride < channels) {
    throw new Error(`sharp answered ${samples.length} samples for ${width}×${height}, ${channels} channels`);
  }
  const data = new Float32Array(pixels * channels);
  const full = FULL[depth];
  for (let c = 0; c < channels; c++) {
    const first = c === channels - 1 ? stride - 1 : c;
    const end = (c + 1) * pixels;
    for (let at = c * pixels, from = first; at < end; at++, from += stride) data[at] = samples[from]! / full;
  }
  return { width, height, channels, depth, alpha, data };
}

const FULL = { 8: 255, 16: 65535, float: 1 } as const;

function samplesOf(bytes: Buffer, depth: Depth): Uint8Array | Uint16Array | Float32Array {
  if (depth === 8) return bytes;
  const size = depth === 16 ? 2 : 4;
  const aligned = bytes.byteOffset % size === 0 ? bytes : Buffer.from(new Uint8Array(bytes).buffer);
  const length = aligned.length / size;
  return depth === 16
    ? new Uint16Array(aligned.buffer, aligned.byteOffset, length)
    : new Float32Array(aligned.buffer, aligned.byteOffset, length);
}
