/** LZW of TIFF 6.0, LZW as it was written before (bits from the low end), and PackBits. Knows no image. */
import { damaged } from "./codec.js";

const CLEAR = 256;
const END = 257;
const FIRST = 258;
const MOST = 4096;
const WIDEST = 12;

/** Decodes LZW into `length` bytes, or fewer where the stream ends. Throws an ImageError for a code that is not yet defined. */
export function decodeLzw(packed: Uint8Array, length: number): Uint8Array {
  const isOld = packed.length >= 2 && packed[0] === 0 && (packed[1]! & 1) === 1;
  const read = isOld ? lowBits : highBits;
  const early = isOld ? 0 : 1;
  const output = new Uint8Array(length);
  // A defined string is the previous code's with the byte that follows it in the output: a place and a length there.
  const starts = new Uint32Array(MOST);
  const lengths = new Uint32Array(MOST);
  const bits = packed.length * 8;
  let [next, width, begin, size, at] = [FIRST, 9, 0, 0, 0];
  for (let bit = 0; at < length && bit + width <= bits; ) {
    const code = read(packed, bit, width);
    bit += width;
    if (code === END) break;
    if (code === CLEAR) {
      [next, width, size] = [FIRST, 9, 0];
      continue;
    }
    if (size > 0 && next < MOST) {
      starts[next] = begin;
      lengths[next++] = size + 1;
    }
    if (code >= next) throw damaged("an LZW code that is not defined");
    begin = at;
    if (code < CLEAR) output[at++] = code;
    else {
      const end = Math.min(length, at + lengths[code]!);
      for (let from = starts[code]!; at < end; ) output[at++] = output[from++]!;
    }
    size = code < CLEAR ? 1 : lengths[code]!;
    if (next + early >= 1 << width && width < WIDEST) width += 1;
  }
  return at === length ? output : output.subarray(0, at);
}

function highBits(bytes: Uint8Array, bit: number, width: number): number {
  const at = bit >> 3;
  const three = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  return (three >> (24 - (bit & 7) - width)) & ((1 << width) - 1);
}

function lowBits(bytes: Uint8Array, bit: number, width: number): number {
  const at = bit >> 3;
  const three = bytes[at]! | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (three >> (bit & 7)) & ((1 << width) - 1);
}

/** Decodes PackBits into `length` bytes, or fewer where the stream ends. */
export function decodePackBits(packed: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let at = 0;
  for (let from = 0; from + 1 < packed.length && at < length; ) {
    const head = packed[from++]!;
    if (head === 128) continue;
    const count = Math.min(head < 128 ? head + 1 : 257 - head, length - at);
    if (head < 128) output.set(packed.subarray(from, from + count), at);
    else output.fill(packed[from]!, at, at + count);
    const taken = head < 128 ? Math.min(count, packed.length - from) : count;
    from += head < 128 ? head + 1 : 1;
    at += taken;
  }
  return at === length ? output : output.subarray(0, at);
}
