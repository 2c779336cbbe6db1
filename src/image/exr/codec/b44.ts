/** The codecs B44 and B44A: squares of 4×4 half floats in 14 bytes, or 3 where they are equal. Other types are stored as they are. */
import { halfOf, halfValues } from "../../../base/half.js";
import { ExrError } from "../structure/file.js";
import type { Block, BlockChannel } from "../structure/layout.js";
import { toRows } from "../structure/planar.js";

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
      const end = from + ((packed[from + 2] ?? 0) >= 52 ? 3 : 14);
      if (end > packed.length) throw new ExrError("it is cut short");
      if (end === from + 3) square.fill(halfOfOrdered((packed[from]! << 8) | packed[from + 1]!));
      else unpack(packed, from, square);
      from = end;
      if (curve !== undefined) for (let at = 0; at < 16; at++) square[at] = curve[square[at]!]!;
      const columns = Math.min(4, width - x);
      const rows = Math.min(4, height - y);
      for (let j = 0; j < rows; j++) {
        const to = (y + j) * width + x;
        for (let i = 0; i < columns; i++) plane[to + i] = square[j * 4 + i]!;
      }
    }
  }
  return from;
}

/** Values are stored so that greater patterns are greater values. */
function halfOfOrdered(value: number): number {
  return (value & 0x8000) !== 0 ? value & 0x7fff : ~value;
}

/** A first value of 16 bits, a shift of 6 bits, and 15 differences of 6 bits: down the first column, then from each column to the next. */
function unpack(packed: Uint8Array, at: number, square: Uint16Array): void {
  const shift = packed[at + 2]! >> 2;
  const bias = 0x20 << shift;
  // The differences' 90 bits.
  const a = ((packed[at + 2]! & 3) << 16) | (packed[at + 3]! << 8) | packed[at + 4]!;
  const b = (packed[at + 5]! << 16) | (packed[at + 6]! << 8) | packed[at + 7]!;
  const c = (packed[at + 8]! << 16) | (packed[at + 9]! << 8) | packed[at + 10]!;
  const d = (packed[at + 11]! << 16) | (packed[at + 12]! << 8) | packed[at + 13]!;
  const v0 = (packed[at]! << 8) | packed[at + 1]!;
  const v4 = v0 + (((a >> 12) & 63) << shift) - bias;
  const v8 = v4 + (((a >> 6) & 63) << shift) - bias;
  const v12 = v8 + ((a & 63) << shift) - bias;
  const v1 = v0 + (((b >> 18) & 63) << shift) - bias;
  const v5 = v4 + (((b >> 12) & 63) << shift) - bias;
  const v9 = v8 + (((b >> 6) & 63) << shift) - bias;
  const v13 = v12 + ((b & 63) << shift) - bias;
  const v2 = v1 + (((c >> 18) & 63) << shift) - bias;
  const v6 = v5 + (((c >> 12) & 63) << shift) - bias;
  const v10 = v9 + (((c >> 6) & 63) << shift) - bias;
  const v14 = v13 + ((c & 63) << shift) - bias;
  square[0] = halfOfOrdered(v0);
  square[1] = halfOfOrdered(v1);
  square[2] = halfOfOrdered(v2);
  square[3] = halfOfOrdered(v2 + (((d >> 18) & 63) << shift) - bias);
  square[4] = halfOfOrdered(v4);
  square[5] = halfOfOrdered(v5);
  square[6] = halfOfOrdered(v6);
  square[7] = halfOfOrdered(v6 + (((d >> 12) & 63) << shift) - bias);
  square[8] = halfOfOrdered(v8);
  square[9] = halfOfOrdered(v9);
  square[10] = halfOfOrdered(v10);
  square[11] = halfOfOrdered(v10 + (((d >> 6) & 63) << shift) - bias);
  square[12] = halfOfOrdered(v12);
  square[13] = halfOfOrdered(v13);
  square[14] = halfOfOrdered(v14);
  square[15] = halfOfOrdered(v14 + ((d & 63) << shift) - bias);
}

let linear: Uint16Array | undefined;

/** What was stored as exp(v/8), to v: 8·ln; values that have no logarithm are 0. */
function linearTable(): Uint16Array {
  linear ??= Uint16Array.from(halfValues(), (value, bits) => {
    return Number.isFinite(value) && bits <= 0x8000 ? halfOf(8 * Math.log(value)) : 0;
  });
  return linear;
}
