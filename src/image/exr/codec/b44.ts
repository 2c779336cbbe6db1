/** The codecs B44 and B44A: squares of 4×4 half floats in 14 bytes, or 3 where they are equal. Other types are stored as they are. */
import { halfOf, halfValues } from "../../half.js";
import { ExrError } from "../file.js";
import type { Block, BlockChannel } from "../layout.js";
import { toRows } from "../planar.js";

export function unB44(packed: Uint8Array, block: Block): Uint8Array {
  const planes = new Uint8Array(block.bytes);
  const halves = new Uint16Array(planes.buffer, 0, block.bytes >> 1);
  let from = 0;
  let to = 0;
  for (const channel of block.channels) {
    const size = channel.rowBytes * channel.height;
    if (channel.type === "half") from = decodeSquares(packed, from, channel, halves.subarray(to / 2, (to + size) / 2));
    else {
      if (from + size > packed.length) throw new ExrError("it is cut short");
      planes.set(packed.subarray(from, from + size), to);
      from += size;
    }
    to += size;
  }
  return toRows(block, planes);
}

/** Answers where the next channel begins. */
function decodeSquares(packed: Uint8Array, begin: number, channel: BlockChannel, plane: Uint16Array): number {
  const { width, height, linear } = channel;
  const square = new Uint16Array(16);
  const curve = linear ? linearTable() : undefined;
  let from = begin;
  for (let y = 0; y < height; y += 4) {
    for (let x = 0; x < width; x += 4) {
      from = unpack(packed, from, square);
      if (curve !== undefined) for (let at = 0; at < 16; at++) square[at] = curve[square[at]!]!;
      const [columns, rows] = [Math.min(4, width - x), Math.min(4, height - y)];
      for (let j = 0; j < rows; j++) {
        const to = (y + j) * width + x;
        for (let i = 0; i < columns; i++) plane[to + i] = square[j * 4 + i]!;
      }
    }
  }
  return from;
}

/** Where the 15 differences go, and what each is relative to: the first column downward, then each column from the one before. */
const PLACES = [4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15];
const BASES = [0, 4, 8, 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14];

/**
 * A first value of 16 bits, a shift of 6 bits, and 15 differences of 6 bits; or one value for all, and no shift. Stored
 * so that greater patterns are greater values. Answers where the next square begins.
 */
function unpack(packed: Uint8Array, from: number, square: Uint16Array): number {
  const end = from + ((packed[from + 2] ?? 0) >= 52 ? 3 : 14);
  if (end > packed.length) throw new ExrError("it is cut short");
  const first = (packed[from]! << 8) | packed[from + 1]!;
  for (let at = 0; at < 16; at++) square[at] = first;
  if (end === from + 14) {
    const shift = packed[from + 2]! >> 2;
    const bias = 0x20 << shift;
    for (let index = 0; index < 15; index++) {
      const bit = 22 + index * 6;
      const byte = from + (bit >> 3);
      const pair = (packed[byte]! << 8) | (packed[byte + 1] ?? 0);
      const difference = (pair >> (10 - (bit & 7))) & 63;
      square[PLACES[index]!] = square[BASES[index]!]! + (difference << shift) - bias;
    }
  }
  for (let at = 0; at < 16; at++) {
    const ordered = square[at]!;
    square[at] = (ordered & 0x8000) !== 0 ? ordered & 0x7fff : ~ordered;
  }
  return end;
}

let linear: Uint16Array | undefined;

/** What was stored as exp(v/8), to v: 8·ln; values that have no logarithm are 0. */
function linearTable(): Uint16Array {
  linear ??= Uint16Array.from(halfValues(), (value, bits) => {
    return Number.isFinite(value) && bits <= 0x8000 ? halfOf(8 * Math.log(value)) : 0;
  });
  return linear;
}
