/** Reads the formats that sharp returns as they are stored: 8-bit, 16-bit and palette images. */
import type { Metadata, Sharp } from "sharp";
import { damaged, type ImageCodec, type ImageFile, type Reading, unsupported } from "./codec.js";
import { plainPngCodec } from "./codec-png.js";
import type { ImageHeader } from "./header.js";
import { type Depth, emptyLike, type Image, ImageError, imageOf, type Samples } from "./image.js";
import { jpegPrecision } from "./jpeg-frame.js";
import { loadSharp, openSharp } from "./sharp.js";
import { readStart } from "./start.js";

/** All else stays away from libvips' other decoders: SVG reads further files. */
export const sharpCodecs: readonly ImageCodec[] = [
  plainPngCodec(codecOf("png", "PNG", [".png"], /^\x89PNG/)),
  codecOf("jpeg", "JPEG", [".jpg", ".jpeg"], /^\xff\xd8\xff/),
  codecOf("webp", "WebP", [".webp"], /^RIFF....WEBP/s),
  codecOf("gif", "GIF", [".gif"], /^GIF8/),
  codecOf("avif", "AVIF", [".avif"], /^....ftyp(avif|avis|(mif1|msf1).{0,64}avif)/s),
];

function codecOf(format: string, name: string, extensions: readonly string[], mark: RegExp): ImageCodec {
  return {
    format,
    name,
    extensions,
    sniff: ({ start }) => mark.test(start.toString("latin1")),
    readHeader: (file, reading) => readHeader(file, reading, name, format),
    decode: decodeBySharp,
  };
}

async function readHeader(file: ImageFile, reading: Reading, name: string, format: string): Promise<ImageHeader> {
  const metadata = await readMetadata(file, name);
  for (const choice of ["channels", "part"] as const)
    if (reading[choice] !== undefined) throw new ImageError(`"${choice}" is for OpenEXR and TIFF; this is a ${name}.`);
  if (metadata.space === "cmyk")
    throw unsupported(
      "CMYK inks, which cannot be taken for RGB, are",
      "Convert to RGB with the profile that you want.",
    );
  const bits = format === "jpeg" ? ((await jpegPrecision(file)) ?? 8) : 8;
  if (bits !== 8) throw deepJpeg(bits);
  const { width, height } = metadata.autoOrient;
  const depth = depthOf(metadata);
  const sample = { kind: depth === "float" ? "float" : "uint", bits: depth === "float" ? 32 : depth } as const;
  const { channels } = metadata;
  return { width, height, channels, depth, alpha: metadata.hasAlpha, format, sample, bytes: file.bytes };
}

async function readMetadata({ path, whole }: ImageFile, name: string): Promise<Metadata> {
  const sharp = await loadSharp();
  return sharp(whole ?? path, { limitInputPixels: false })
    .metadata()
    .catch((cause: Error) => {
      throw failure(cause, name);
    });
}

function depthOf({ depth, space }: Metadata): Depth {
  if (depth === "uchar") return 8;
  if (depth === "ushort") return 16;
  // libvips gives half floats the interpretation of 16-bit integers, and would cast them.
  if (depth === "float" && (space === "b-w" || space === "scrgb")) return "float";
  throw unsupported(`samples of type ${depth} (${space}) are`, "Convert to 8 or 16-bit unsigned, or 32-bit float.");
}

/** Decodes by sharp a file that its header describes. */
export async function decodeBySharp(file: ImageFile, header: ImageHeader, { pixels }: Reading): Promise<Image> {
  const raw = async (input: string | Buffer, failOn: "error" | "warning") => {
    const source = await openSharp(input, pixels, failOn);
    return inStoredSpace(source, header).raw({ depth: RAW_DEPTH[header.depth] }).toBuffer({ resolveWithObject: true });
  };
  const { data, info } = await raw(file.whole ?? file.path, "error").catch(async (cause: Error) => {
    const isOpen = header.format === "jpeg" && /premature end/i.test(cause.message);
    const closed = isOpen ? endedJpeg(await readStart(file)) : undefined;
    const ended = closed && (await raw(closed, "warning").catch(() => null));
    if (ended) return ended;
    throw failure(cause, header.format);
  });
  return imageFrom(header, data, info.channels);
}

/**
 * A JPEG with an end mark behind it: one that lacks nothing else is then decoded without a warning. Undefined where its pixels
 * come in several scans, of which some may be missing without one.
 */
function endedJpeg(file: Buffer): Buffer | undefined {
  let components = 0;
  for (let at = 2; at + 4 < file.length && file[at] === 0xff; ) {
    const mark = file[at + 1]!;
    if (mark === 0xc0 || mark === 0xc1) components = file[at + 9] ?? 0;
    if (mark === 0xda) return file[at + 4] === components ? Buffer.concat([file, Buffer.of(0xff, 0xd9)]) : undefined;
    // An 0xff may stand before a mark.
    at += mark === 0xff ? 1 : 2 + file.readUInt16BE(at + 2);
  }
  return undefined;
}

function deepJpeg(bits: number): ImageError {
  return unsupported(`JPEG of ${bits} bits is`, "Convert it to a 16-bit PNG or TIFF.");
}

/** libvips' words: of kinds of a format that it does not read, and of files that are broken. */
function failure(cause: Error, name: string): ImageError {
  const reason = cause.message.split("\n")[0]?.replace(/:$/, "") ?? "";
  const precision = /Unsupported JPEG data precision (\d+)/.exec(cause.message);
  if (precision !== null) return deepJpeg(Number(precision[1]));
  if (/unsupported image format|not supported|Unsupported/i.test(cause.message))
    return unsupported(`this kind of ${name.toUpperCase()} is`, "Convert it to PNG or TIFF.");
  return damaged(reason, cause);
}

const RAW_DEPTH = { 8: "uchar", 16: "ushort", float: "float" } as const;

/** Keeps sharp from converting to 8-bit sRGB. */
function inStoredSpace(source: Sharp, { depth, channels }: ImageHeader): Sharp {
  if (depth === 16) return source.toColourspace(channels <= 2 ? "grey16" : "rgb16");
  // Gray with alpha would lose its alpha here; in sRGB its gray comes three times, unchanged.
  if (channels === 1) return source.toColourspace("b-w");
  return depth === "float" && channels >= 3 ? source.toColourspace("scrgb") : source;
}

/** Of gray with alpha sharp returns four samples a pixel (gray, gray, gray, alpha), of which two are kept. */
function imageFrom(header: ImageHeader, bytes: Buffer, stride: number): Image {
  const { width, height, channels, depth, alpha } = header;
  const samples = samplesOf(bytes, depth);
  if (samples.length !== width * height * stride || stride < channels) {
    throw new Error(`sharp returned ${samples.length} samples for ${width}×${height}, ${channels} channels`);
  }
  return imageOf(header, stride === channels ? samples : picked(samples, stride, channels), depth, alpha);
}

/** The first channels and the last one of every pixel. */
function picked(samples: Samples, stride: number, channels: number): Samples {
  const kept = emptyLike(samples, (samples.length / stride) * channels);
  for (let c = 0; c < channels; c++) {
    const first = c === channels - 1 ? stride - 1 : c;
    for (let to = c, from = first; to < kept.length; to += channels, from += stride) kept[to] = samples[from]!;
  }
  return kept;
}

/** The bytes as samples, without a copy where they are aligned. */
function samplesOf(bytes: Buffer, depth: Depth): Samples {
  const size = depth === 8 ? 1 : depth === 16 ? 2 : 4;
  const [buffer, offset] =
    bytes.byteOffset % size === 0 ? [bytes.buffer, bytes.byteOffset] : [new Uint8Array(bytes).buffer, 0];
  const length = bytes.length / size;
  if (depth === 8) return new Uint8Array(buffer, offset, length);
  return depth === 16 ? new Uint16Array(buffer, offset, length) : new Float32Array(buffer, offset, length);
}
