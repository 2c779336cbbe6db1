/** From a block's bytes to its samples as numbers: predictors, bits, order of bytes, types. Knows no place in an image. */
import { endianness } from "node:os";
import { unsupported } from "./codec.js";
import type { SampleType } from "./header.js";
import { type Layout, rowBytes } from "./tiff-layout.js";

/** Samples of a block, row by row; each row may end with values of its padding. */
export type BlockSamples = ArrayLike<number>;

const LITTLE = endianness() === "LE";

/** Bit-reversed bytes. */
const REVERSED = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) bits |= 0x80 >> bit;
  return bits;
});

/** The bytes with each one's bits turned round. */
export function reversedBits(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => REVERSED[byte]!));
}

/** What the samples' values are in the file's range: that of unsigned integers of up to 16 bits, else nothing. */
export function fullScale({ kind, bits }: SampleType): number | undefined {
  return kind === "uint" && bits <= 16 ? 2 ** bits - 1 : undefined;
}

/** Makes samples of a block's bytes; `native`: they are in this machine's order already. May change the bytes. */
export function samplesOf(bytes: Uint8Array, layout: Layout, native: boolean): BlockSamples {
  const { sample, predictor, planar, samples } = layout;
  const stride = planar ? 1 : samples;
  const isSwapped = !native && layout.little !== LITTLE;
  if (predictor === 3 && sample.kind === "float") {
    const floats = unfloated(bytes, layout, stride);
    return sample.bits === 24 ? float24(floats, LITTLE) : typed(floats, sample);
  }
  const isWhole = sample.bits === 8 || sample.bits === 16 || sample.bits === 32 || sample.bits === 64;
  if (predictor !== 1 && (predictor !== 2 || !isWhole))
    throw unsupported(`predictor ${predictor} with ${sample.bits} bits is`, "Write the TIFF again without it.");
  if (!isWhole) return sample.kind === "float" ? float24(bytes, layout.little) : unpacked(bytes, layout, stride);
  const aligned = bytes.byteOffset % (sample.bits / 8) === 0 ? bytes : new Uint8Array(bytes);
  if (isSwapped) swap(aligned, sample.bits / 8);
  if (predictor === 2) accumulate(aligned, layout, stride);
  return typed(aligned, sample);
}

function swap(bytes: Uint8Array, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - (bytes.length % size));
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else if (size === 8) buffer.swap64();
}

function typed(bytes: Uint8Array, { kind, bits }: SampleType): BlockSamples {
  const at = [bytes.buffer, bytes.byteOffset, Math.floor((bytes.length * 8) / bits)] as const;
  if (bits === 8) return kind === "int" ? new Int8Array(...at) : bytes;
  if (kind === "float") {
    if (bits === 32) return new Float32Array(...at);
    return bits === 64 ? new Float64Array(...at) : halves(new Uint16Array(...at));
  }
  if (bits === 16) return kind === "int" ? new Int16Array(...at) : new Uint16Array(...at);
  if (bits === 32) return kind === "int" ? new Int32Array(...at) : new Uint32Array(...at);
  return Float64Array.from(kind === "int" ? new BigInt64Array(...at) : new BigUint64Array(...at), Number);
}

/** IEEE 754 half floats. */
function halves(words: Uint16Array): Float32Array {
  const floats = new Float32Array(words.length);
  for (const [at, word] of words.entries()) floats[at] = halfTable()[word]!;
  return floats;
}

let table: Float32Array | undefined;

function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65536 }, (_, word) => {
    const [exponent, fraction] = [(word >> 10) & 31, word & 1023];
    const size = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    const value = exponent < 31 ? size : fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
    return word >> 15 ? -value : value;
  });
  return table;
}

/** 24-bit floats of Adobe's technical note 3: 1 sign, 7 exponent, 16 fraction. */
function float24(bytes: Uint8Array, little: boolean): Float32Array {
  return Float32Array.from({ length: Math.floor(bytes.length / 3) }, (_, index) => {
    const [a, b, c] = [bytes[index * 3]!, bytes[index * 3 + 1]!, bytes[index * 3 + 2]!];
    const word = little ? (c << 16) | (b << 8) | a : (a << 16) | (b << 8) | c;
    const [exponent, fraction] = [(word >> 16) & 127, word & 65535];
    const size = exponent === 0 ? fraction * 2 ** -78 : (1 + fraction / 65536) * 2 ** (exponent - 63);
    const value = exponent < 127 ? size : fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
    return word >> 23 ? -value : value;
  });
}

/** Unsigned integers of up to 16 bits, from the high end; rows begin at whole bytes. */
function unpacked(bytes: Uint8Array, layout: Layout, stride: number): Uint16Array {
  const { bits } = layout.sample;
  const perRow = layout.blockWidth * stride;
  const length = rowBytes(layout);
  const rows = Math.floor(bytes.length / length);
  const values = new Uint16Array(rows * perRow);
  for (let row = 0, to = 0; row < rows; row++) {
    let [from, held, kept] = [row * length, 0, 0];
    for (let end = to + perRow; to < end; to++) {
      for (; kept < bits; kept += 8) held = (held << 8) | bytes[from++]!;
      kept -= bits;
      values[to] = held >> kept;
      held &= (1 << kept) - 1;
    }
  }
  return values;
}

/** Undoes horizontal differencing. */
function accumulate(bytes: Uint8Array, layout: Layout, stride: number): void {
  const { bits } = layout.sample;
  const at = [bytes.buffer, bytes.byteOffset, Math.floor((bytes.length * 8) / bits)] as const;
  const perRow = layout.blockWidth * stride;
  if (bits === 64) {
    const values = new BigUint64Array(...at);
    for (let row = 0; row + perRow <= values.length; row += perRow)
      for (let x = row + stride; x < row + perRow; x++) values[x]! += values[x - stride]!;
    return;
  }
  const values = bits === 8 ? bytes : bits === 16 ? new Uint16Array(...at) : new Uint32Array(...at);
  for (let row = 0; row + perRow <= values.length; row += perRow)
    for (let x = row + stride; x < row + perRow; x++) values[x]! += values[x - stride]!;
}

/** Undoes the floating point predictor: bytes of a row added up, then put together again, the highest come first. */
function unfloated(bytes: Uint8Array, layout: Layout, stride: number): Uint8Array {
  const size = layout.sample.bits / 8;
  const perRow = layout.blockWidth * stride;
  const length = perRow * size;
  const output = new Uint8Array(bytes.length);
  for (let row = 0; row + length <= bytes.length; row += length) {
    for (let x = row + stride; x < row + length; x++) bytes[x]! += bytes[x - stride]!;
    for (let x = 0; x < perRow; x++)
      for (let byte = 0; byte < size; byte++) {
        const place = LITTLE ? size - 1 - byte : byte;
        output[row + x * size + place] = bytes[row + byte * perRow + x]!;
      }
  }
  return output;
}
