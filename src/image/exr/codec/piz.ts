/** The codec PIZ: the values that occur are numbered, a wavelet transforms them, a Huffman code packs them. Lossless. */
import { ExrError } from "../structure/file.js";
import type { Block, BlockChannel } from "../structure/layout.js";
import { toPlanes, toRows } from "../structure/planar.js";
import { huffmanDecode } from "./huffman.js";
import { huffmanEncode } from "./huffman-encode.js";
import { type Grid, waveletDecode, waveletEncode } from "./wavelet.js";

const BITMAP = 8192;

export function unPiz(packed: Uint8Array, block: Block): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  if (packed.length < 8) throw new ExrError("it is cut short");
  const [first, last] = [view.getUint16(0, true), view.getUint16(2, true)];
  const bitmap = new Uint8Array(BITMAP);
  let at = 4;
  if (first <= last) {
    const end = at + last - first + 1;
    if (last >= BITMAP || end + 4 > packed.length) throw new ExrError("its table of values is damaged");
    bitmap.set(packed.subarray(at, end), first);
    at = end;
  }
  const length = view.getUint32(at, true);
  at += 4;
  if (at + length > packed.length) throw new ExrError("it is cut short");
  const { values, most } = valuesOf(bitmap);
  const data = huffmanDecode(packed.subarray(at, at + length), block.bytes / 2);
  for (const grid of gridsOf(block.channels)) waveletDecode(data, grid, most);
  for (let place = 0; place < data.length; place++) data[place] = values[data[place]!]!;
  return toRows(block, new Uint8Array(data.buffer));
}

/** Packs rows of a block. */
export function piz(rows: Uint8Array, block: Block): Uint8Array {
  const planes = toPlanes(block, rows);
  const data = new Uint16Array(planes.buffer);
  const bitmap = new Uint8Array(BITMAP);
  for (let place = 0; place < data.length; place++) bitmap[data[place]! >> 3]! |= 1 << (data[place]! & 7);
  // Zero is always taken to occur.
  bitmap[0]! &= ~1;
  const first = bitmap.findIndex((bits) => bits !== 0);
  const last = bitmap.findLastIndex((bits) => bits !== 0);
  const { values, most } = valuesOf(bitmap);
  const numbers = new Uint16Array(65536);
  for (let number = 0; number <= most; number++) numbers[values[number]!] = number;
  for (let place = 0; place < data.length; place++) data[place] = numbers[data[place]!]!;
  for (const grid of gridsOf(block.channels)) waveletEncode(data, grid, most);
  const used = first === -1 ? new Uint8Array(0) : bitmap.subarray(first, last + 1);
  const code = huffmanEncode(data);
  const packed = new Uint8Array(8 + used.length + code.length);
  const view = new DataView(packed.buffer);
  view.setUint16(0, first === -1 ? BITMAP - 1 : first, true);
  view.setUint16(2, first === -1 ? 0 : last, true);
  packed.set(used, 4);
  view.setUint32(4 + used.length, code.length, true);
  packed.set(code, 8 + used.length);
  return packed;
}

/** The values that occur, rising, by their numbers; `most` is the greatest number. */
function valuesOf(bitmap: Uint8Array): { values: Uint16Array; most: number } {
  const values = new Uint16Array(65536);
  let count = 1;
  for (let value = 1; value < 65536; value++) {
    if ((bitmap[value >> 3]! & (1 << (value & 7))) !== 0) values[count++] = value;
  }
  return { values, most: count - 1 };
}

/** Of each channel, or of each 16-bit half of a channel of 32 bits. */
function* gridsOf(channels: readonly BlockChannel[]): Generator<Grid> {
  let start = 0;
  for (const { width, height, rowBytes } of channels) {
    const stride = rowBytes / 2;
    const step = width === 0 ? 1 : stride / width;
    for (let half = 0; half < step; half++) yield { start: start + half, nx: width, ny: height, step, stride };
    start += stride * height;
  }
}
