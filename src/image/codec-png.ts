/**
 * Reads plain PNGs: 8 or 16 bits, gray or color, with or without alpha, one after another. A call of sharp takes longer than
 * all of a small one. Whatever is not plain, large or broken is sharp's, which then says what is wrong.
 */
import { endianness } from "node:os";
import { crc32, inflateSync } from "node:zlib";
import type { ImageCodec, ImageFile } from "./codec.js";
import type { ImageHeader } from "./header.js";
import { type Image, imageOf } from "./image.js";
import { readStart } from "./start.js";

/** The codec for the files that `other` reads. */
export function plainPngCodec(other: ImageCodec): ImageCodec {
  return {
    ...other,
    async readHeader(file, reading) {
      const plain = reading.channels === undefined ? plainHeader(file) : undefined;
      return plain ?? other.readHeader(file, reading);
    },
    async decode(file, header, reading) {
      const plain = isSmall(header) && plainHeader(file) ? await decodePlain(file, header) : undefined;
      return plain ?? other.decode(file, header, reading);
    },
  };
}

/** Channels by color type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** After the signature, IHDR's length, type and data of 13 bytes; then its checksum. */
const [HEADER, HEADER_END] = [8, 8 + 8 + 13 + 4];

/** Bytes of pixels up to which a file is decoded here: sharp takes larger ones in strips, on a thread of its own. */
const SMALL = 2 ** 24;

function isSmall({ width, height, channels, depth }: ImageHeader): boolean {
  return width * height * channels * (depth === 16 ? 2 : 1) <= SMALL;
}

/** Undefined where the file is not plain, or its chunks before the pixels do not lie within its first bytes. */
function plainHeader({ start, bytes }: ImageFile): ImageHeader | undefined {
  if (start.length < HEADER_END || !isSound(start, HEADER, "IHDR", 13)) return undefined;
  const [width, height] = [start.readUInt32BE(16), start.readUInt32BE(20)];
  const [bits, type, compression, filter, interlace] = start.subarray(24, 29) as unknown as number[];
  const channels = CHANNELS[type!];
  const isPlain = (bits === 8 || bits === 16) && compression === 0 && filter === 0 && interlace === 0;
  if (!isPlain || channels === undefined || width === 0 || height === 0) return undefined;
  if (!leadsToPixels(start)) return undefined;
  const sample = { kind: "uint", bits } as const;
  return { width, height, channels, depth: bits, alpha: type! >= 4, format: "png", sample, bytes };
}

/** Whether no chunk before the pixels changes them: transparency of a color, orientation. */
function leadsToPixels(start: Buffer): boolean {
  for (let at = HEADER_END; at + 8 <= start.length; at += 12 + start.readUInt32BE(at)) {
    const type = start.toString("latin1", at + 4, at + 8);
    if (type === "IDAT") return true;
    if (type === "tRNS" || type === "eXIf" || !/^[a-z]/.test(type)) return false;
  }
  return false;
}

/** Whether a chunk is of a type and length, and its checksum is right. */
function isSound(file: Buffer, at: number, type: string, length: number): boolean {
  if (file.readUInt32BE(at) !== length || file.toString("latin1", at + 4, at + 8) !== type) return false;
  return crc32(file.subarray(at + 4, at + 8 + length)) === file.readUInt32BE(at + 8 + length);
}

/** Undefined where anything is not as it should be. */
async function decodePlain(file: ImageFile, header: ImageHeader): Promise<Image | undefined> {
  const { width, height, channels, depth, alpha } = header;
  const compressed = pixelsOf(file.whole ?? (await readStart(file)));
  if (compressed === undefined) return undefined;
  const unit = channels * (depth === 16 ? 2 : 1);
  const line = width * unit;
  const length = height * (line + 1);
  let filtered: Uint8Array;
  try {
    filtered = inflateSync(compressed, { chunkSize: Math.max(64, length), maxOutputLength: length });
  } catch {
    return undefined;
  }
  const bytes = new Uint8Array(line * height);
  if (filtered.length !== length || !unfilter(filtered, bytes, line, unit)) return undefined;
  return imageOf(header, depth === 16 ? wide(bytes) : bytes, depth, alpha);
}

/** What the IDAT chunks hold together. */
function pixelsOf(file: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = HEADER; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    if (at + 12 + length > file.length) return undefined;
    if (type === "IEND") return parts.length === 1 ? parts[0] : Buffer.concat(parts);
    if (type === "IDAT") {
      if (!isSound(file, at, type, length)) return undefined;
      parts.push(file.subarray(at + 8, at + 8 + length));
    }
    at += 12 + length;
  }
  return undefined;
}

/** Takes every row's filter back (PNG 3, section 9); false where one has none that there is. */
function unfilter(filtered: Uint8Array, bytes: Uint8Array, line: number, unit: number): boolean {
  for (let from = 0, to = 0; to < bytes.length; from += line + 1, to += line) {
    const filter = filtered[from]!;
    const above = to - line;
    if (filter === 0) bytes.set(filtered.subarray(from + 1, from + 1 + line), to);
    else if (filter === 1) addLeft(filtered, from + 1, bytes, to, line, unit);
    else if (filter === 2) addAbove(filtered, from + 1, bytes, to, line, above);
    else if (filter === 3) addMean(filtered, from + 1, bytes, to, line, unit, above);
    else if (filter === 4) addPaeth(filtered, from + 1, bytes, to, line, unit, above);
    else return false;
  }
  return true;
}

function addLeft(filtered: Uint8Array, from: number, bytes: Uint8Array, to: number, line: number, unit: number): void {
  for (let x = 0; x < unit; x++) bytes[to + x] = filtered[from + x]!;
  for (let x = unit; x < line; x++) bytes[to + x] = filtered[from + x]! + bytes[to + x - unit]!;
}

/** Above the first row there are zeros, here and below. */
function addAbove(
  filtered: Uint8Array,
  from: number,
  bytes: Uint8Array,
  to: number,
  line: number,
  above: number,
): void {
  if (above < 0) bytes.set(filtered.subarray(from, from + line), to);
  else for (let x = 0; x < line; x++) bytes[to + x] = filtered[from + x]! + bytes[above + x]!;
}

function addMean(
  filtered: Uint8Array,
  from: number,
  bytes: Uint8Array,
  to: number,
  line: number,
  unit: number,
  above: number,
): void {
  for (let x = 0; x < line; x++) {
    const left = x < unit ? 0 : bytes[to + x - unit]!;
    const up = above < 0 ? 0 : bytes[above + x]!;
    bytes[to + x] = filtered[from + x]! + ((left + up) >> 1);
  }
}

function addPaeth(
  filtered: Uint8Array,
  from: number,
  bytes: Uint8Array,
  to: number,
  line: number,
  unit: number,
  above: number,
): void {
  if (above < 0) {
    addLeft(filtered, from, bytes, to, line, unit);
    return;
  }
  for (let x = 0; x < unit; x++) bytes[to + x] = filtered[from + x]! + bytes[above + x]!;
  for (let x = unit; x < line; x++) {
    const left = bytes[to + x - unit]!;
    const up = bytes[above + x]!;
    const corner = bytes[above + x - unit]!;
    const toLeft = absolute(up - corner);
    const toUp = absolute(left - corner);
    const toCorner = absolute(left + up - 2 * corner);
    // Masks instead of branches, which a processor guesses wrong every third time here: all ones where a distance is smaller.
    const notLeft = ((toUp - toLeft) | (toCorner - toLeft)) >> 31;
    const isCorner = (toCorner - toUp) >> 31;
    const nearest = (left & ~notLeft) | (notLeft & ((up & ~isCorner) | (corner & isCorner)));
    bytes[to + x] = filtered[from + x]! + nearest;
  }
}

function absolute(value: number): number {
  const sign = value >> 31;
  return (value ^ sign) - sign;
}

/** Big-endian pairs of bytes as samples. */
function wide(bytes: Uint8Array<ArrayBuffer>): Uint16Array {
  if (endianness() === "LE") Buffer.from(bytes.buffer).swap16();
  return new Uint16Array(bytes.buffer);
}
