/** The one way from an image file to its header or pixels: finds the format, holds the limits, names the file. Knows no format. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { extname } from "node:path";
import type { ImageCodec, ImageFile, Reading, ReadRows } from "./codec.js";
import { CODECS } from "./codecs.js";
import { foreignImageText } from "./foreign.js";
import { type ImageHeader, limits } from "./header.js";
import { type Image, ImageError } from "./image.js";

/** An image file that was looked at. */
export interface OpenedImage {
  readonly header: ImageHeader;
  /** For the codecs' further questions. */
  readonly file: ImageFile;
  /** Its pixels; see `decodeImage`. */
  decode(): Promise<Image>;
  /** What decodes any of its rows alone; undefined where only the whole image can be. */
  rows(): Promise<ReadRows | undefined>;
}

/**
 * Decodes an image file; of several pages or frames, the first. Values are those stored (see `Image`): never colour-managed,
 * never un-premultiplied, never of another band; 16-bit and float data never pass through 8 bits. Exif orientation is applied.
 * Rejects with an ImageError that names the path and the cause.
 */
export async function decodeImage(path: string, reading: Partial<Reading> = {}): Promise<Image> {
  return (await openImage(path, reading)).decode();
}

/** Reads an image file's header, to decode it then or not: a small file is read once for both. Rejects as `readHeader` does. */
export async function openImage(path: string, reading: Partial<Reading> = {}): Promise<OpenedImage> {
  const whole = { ...limits(), ...reading };
  const { codec, file, header } = await looked(path, whole, SMALL);
  return {
    header,
    file,
    decode: () => named(path, () => inMemory(header, () => codec.decode(file, header, whole))),
    async rows() {
      const read = await named(path, async () => codec.rows?.(file, header, whole));
      return read && ((top, count) => named(path, () => read(top, count)));
    },
  };
}

/** An image that memory does not hold is refused with what it takes. */
async function inMemory<T>({ width, height, channels, depth }: ImageHeader, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof RangeError) || !/alloc|length|size/i.test(cause.message)) throw cause;
    const bytes = width * height * channels * (depth === "float" ? 4 : depth / 8);
    throw new ImageError(
      `${width}×${height} pixels of ${channels} channels take ${(bytes / 1e9).toFixed(1)} GB in memory, more than there is.`,
      { cause },
    );
  }
}

/**
 * Reads an image file's header without decoding it. Rejects with an ImageError that names the path and the cause: absent,
 * empty, above the limits, no image, or of a kind that is not supported.
 */
export async function readHeader(path: string, reading: Partial<Reading> = {}): Promise<ImageHeader> {
  return (await looked(path, { ...limits(), ...reading }, 0)).header;
}

/** `wholly`: bytes up to which a file is read as a whole. */
function looked(path: string, reading: Reading, wholly: number) {
  return named(path, async () => {
    const file = openFile(path, reading, wholly);
    const codec = codecOf(file);
    return { codec, file, header: await checkedHeader(codec, file, reading) };
  });
}

async function named<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof ImageError ? new ImageError(`${path}: ${cause.message}`, { cause }) : cause;
  }
}

function codecOf(file: ImageFile): ImageCodec {
  const codec = CODECS.find((one) => one.sniff(file));
  if (codec === undefined) throw new ImageError(foreignImageText(file, CODECS));
  return codec;
}

async function checkedHeader(codec: ImageCodec, file: ImageFile, reading: Reading): Promise<ImageHeader> {
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

/** Bytes of a file that is read at once. */
const SMALL = 2 ** 20;

/** All at once, in this thread: for each of the calls a thread of its own costs several times as much as a small file. */
function openFile(path: string, limits: Reading, wholly: number): ImageFile {
  requireFile(path, limits);
  const file = opened(path);
  try {
    const bytes = fstatSync(file).size;
    const extension = extname(path).toLowerCase();
    if (bytes <= wholly) {
      const whole = readFileSync(file);
      return { path, bytes: whole.length, extension, start: whole.subarray(0, START), whole };
    }
    const start = Buffer.alloc(START);
    return { path, bytes, extension, start: start.subarray(0, readSync(file, start, 0, START, 0)) };
  } finally {
    closeSync(file);
  }
}

/** Throws where there is no file with bytes within the limit. To open a pipe would be to wait for somebody who writes. */
function requireFile(path: string, limits: Reading): void {
  const found = errorsInWords(() => statSync(path));
  if (!found.isFile()) throw new ImageError("this is a folder or a device, not an image file.");
  if (found.size === 0) throw new ImageError("the file is empty.");
  if (found.size > limits.bytes)
    throw new ImageError(`the file has ${found.size} bytes, above the limit of ${limits.bytes}.`);
}

function opened(path: string): number {
  return errorsInWords(() => openSync(path, "r"));
}

function errorsInWords<T>(call: () => T): T {
  try {
    return call();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason =
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
          ? "permission to read it is denied"
          : `the file cannot be read (${code})`;
    throw new ImageError(`${reason}.`, { cause });
  }
}
