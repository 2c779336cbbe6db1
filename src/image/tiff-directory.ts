/** Reads the first directory of a TIFF or BigTIFF: its tags, as numbers or text. Knows what no tag means but those it is asked for. */
import { damaged } from "./codec.js";
import { ImageError } from "./image.js";
import type { ReadAt } from "./start.js";

/** The tags of a directory, and the order of the file's bytes. */
export interface Directory {
  readonly little: boolean;
  /** The values of a tag of numbers (rationals as quotients), or undefined where the file has no such tag. */
  numbers(tag: number): Promise<readonly number[] | undefined>;
  /** The first of them. */
  number(tag: number): Promise<number | undefined>;
  /** A tag's text, to its first zero byte. */
  text(tag: number): Promise<string | undefined>;
  /** A tag's bytes as they are. */
  bytes(tag: number): Promise<Buffer | undefined>;
}

interface Entry {
  readonly type: number;
  readonly count: number;
  /** Where the values are in the file. */
  readonly at: number;
}

/** Bytes of a value of each type, from BYTE (1) on; 0: there is none such. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];

/** More values than this are in no file: 2²⁶ strips or tiles. */
const MOST_VALUES = 2 ** 26;

/** The directory of a page, counted from 0. Rejects with an ImageError where there is none. `size`: bytes of the file. */
export async function readDirectory(readAt: ReadAt, size: number, page = 0): Promise<Directory> {
  const head = await readAt(0, Math.min(16, size));
  const little = head[0] === 0x49;
  const uint = reader(little);
  const big = uint(head, 2, 2) === 43;
  if (head.length < (big ? 16 : 8)) throw damaged("the file ends in its first bytes");
  const [countSize, entrySize, inline] = big ? [8, 20, 8] : [2, 12, 4];
  let at = big ? uint(head, 8, 8) : uint(head, 4, 4);
  let count = 0;
  for (let seen = 0; seen <= page; seen++) {
    if (seen > 0) {
      const next = at + countSize + count * entrySize;
      at = uint(await readAt(next, inline), 0, inline);
      if (at === 0) throw new ImageError(`it has ${seen} pages, counted from 0, and no page ${page}.`);
    }
    if (at < 8 || at + countSize > size) throw damaged("its directory lies outside the file");
    count = uint(await readAt(at, countSize), 0, countSize);
    if (count === 0 || count > 65535 || at + countSize + count * entrySize > size)
      throw damaged("its directory lies outside the file");
  }
  const bytes = await readAt(at + countSize, count * entrySize);
  const entries = new Map<number, Entry>();
  for (let from = 0; from < bytes.length; from += entrySize) {
    const [tag, type] = [uint(bytes, from, 2), uint(bytes, from + 2, 2)];
    const values = uint(bytes, from + 4, inline);
    const isInline = (SIZES[type] ?? 0) * values <= inline;
    const place = isInline ? at + countSize + from + 4 + inline : uint(bytes, from + 4 + inline, inline);
    // The first of several is the one that counts, as in libtiff.
    if (!entries.has(tag)) entries.set(tag, { type, count: values, at: place });
  }
  return directoryOf(readAt, size, little, entries);
}

function directoryOf(readAt: ReadAt, size: number, little: boolean, entries: ReadonlyMap<number, Entry>): Directory {
  const bytesOf = async (tag: number): Promise<Buffer | undefined> => {
    const entry = entries.get(tag);
    if (entry === undefined) return undefined;
    if (entry.count > MOST_VALUES) throw damaged(`tag ${tag} has ${entry.count} values`);
    const length = entry.count * (SIZES[entry.type] ?? 0);
    if (entry.at + length > size) throw damaged(`tag ${tag} lies outside the file`);
    return readAt(entry.at, length);
  };
  const numbers = async (tag: number): Promise<readonly number[] | undefined> => {
    const bytes = await bytesOf(tag);
    return bytes && numbersIn(bytes, entries.get(tag)!.type, little);
  };
  return {
    little,
    numbers,
    number: async (tag) => (await numbers(tag))?.[0],
    text: async (tag) => (await bytesOf(tag))?.toString("latin1").split("\0")[0],
    bytes: bytesOf,
  };
}

function numbersIn(bytes: Buffer, type: number, little: boolean): readonly number[] {
  const uint = reader(little);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read: Readonly<Record<number, (at: number) => number>> = {
    5: (at) => uint(bytes, at, 4) / uint(bytes, at + 4, 4),
    6: (at) => view.getInt8(at),
    8: (at) => view.getInt16(at, little),
    9: (at) => view.getInt32(at, little),
    10: (at) => view.getInt32(at, little) / view.getInt32(at + 4, little),
    11: (at) => view.getFloat32(at, little),
    12: (at) => view.getFloat64(at, little),
    17: (at) => Number(view.getBigInt64(at, little)),
  };
  const size = SIZES[type] ?? 0;
  if (size === 0) return [];
  const one = read[type] ?? ((at: number) => uint(bytes, at, size));
  return Array.from({ length: bytes.length / size }, (_, index) => one(index * size));
}

/** Reads unsigned integers of 1, 2, 4 or 8 bytes. */
function reader(little: boolean): (bytes: Buffer, at: number, size: number) => number {
  return (bytes, at, size) => {
    if (size <= 4) return little ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
    const value = Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
    if (value > Number.MAX_SAFE_INTEGER) throw new ImageError("the image is damaged (a place beyond 2⁵³).");
    return value;
  };
}
