/** The one way from an image file to its header or pixels: finds the format, holds the limits, names the file. Knows no format. */
import { open, stat } from "node:fs/promises";
import { extname } from "node:path";
import type { Codec, ImageFile, Reading } from "./codec.js";
import { CODECS } from "./codecs.js";
import { type ImageHeader, limits } from "./header.js";
import { type Image, ImageError } from "./image.js";
import { strangerWords } from "./stranger.js";

/**
 * Decodes an image file; of several pages or frames, the first. Values are those stored (see `Image`): never colour-managed,
 * never un-premultiplied, never of another band; 16-bit and float data never pass through 8 bits. Exif orientation is applied.
 * Rejects with an ImageError that names the path and the cause.
 */
export function decodeImage(path: string, reading: Partial<Reading> = {}): Promise<Image> {
  return reads(path, reading, async (codec, file, whole) => {
    return codec.decode(file, await checkedHeader(codec, file, whole), whole);
  });
}

/**
 * Reads an image file's header without decoding it. Rejects with an ImageError that names the path and the cause: absent,
 * empty, above the limits, no image, or of a kind that is not supported.
 */
export function readHeader(path: string, reading: Partial<Reading> = {}): Promise<ImageHeader> {
  return reads(path, reading, checkedHeader);
}

async function reads<T>(
  path: string,
  reading: Partial<Reading>,
  use: (codec: Codec, file: ImageFile, reading: Reading) => Promise<T>,
): Promise<T> {
  const whole = { ...limits(), ...reading };
  try {
    const file = await openFile(path, whole);
    return await use(codecOf(file), file, whole);
  } catch (cause) {
    throw cause instanceof ImageError ? new ImageError(`${path}: ${cause.message}`, { cause }) : cause;
  }
}

function codecOf(file: ImageFile): Codec {
  const codec = CODECS.find((one) => one.sniff(file));
  if (codec === undefined) throw new ImageError(strangerWords(file, CODECS));
  return codec;
}

async function checkedHeader(codec: Codec, file: ImageFile, reading: Reading): Promise<ImageHeader> {
  const header = await codec.readHeader(file, reading);
  const { width, height } = header;
  if (width * height > reading.pixels) {
    const advice = "The variable DAG_MAX_PIXELS raises it.";
    throw new ImageError(`${width}×${height} pixels are above the limit of ${reading.pixels}. ${advice}`);
  }
  return header;
}

/** Bytes that a codec's `sniff` sees. */
const START = 512;

async function openFile(path: string, limits: Reading): Promise<ImageFile> {
  const bytes = await fileBytes(path);
  if (bytes === 0) throw new ImageError("the file is empty.");
  if (bytes > limits.bytes) throw new ImageError(`the file has ${bytes} bytes, above the limit of ${limits.bytes}.`);
  const file = await open(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "EACCES" ? "permission to read it is denied" : `it cannot be read (${cause.code})`;
    throw new ImageError(`${reason}.`, { cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(START), 0, START, 0);
    return { path, bytes, extension: extname(path).toLowerCase(), start: buffer.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}

async function fileBytes(path: string): Promise<number> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === "ENOENT" ? "there is no such file" : `the file cannot be read (${cause.code})`;
    throw new ImageError(`${reason}.`, { cause });
  });
  if (!found.isFile()) throw new ImageError("this is a folder or a device, not an image file.");
  return found.size;
}
