/** Half-precision floats (IEEE 754 binary16) from and to 32-bit floats. Knows no files. */

let table: Float32Array | undefined;

/** The value of each of the 65,536 bit patterns; NaN patterns are NaN. Built on first use. */
export function halfValues(): Float32Array {
  table ??= buildTable();
  return table;
}

function buildTable(): Float32Array {
  const values = new Float32Array(65536);
  for (let bits = 0; bits < 32768; bits++) {
    const value = patternValue(bits);
    values[bits] = value;
    values[bits + 32768] = -value;
  }
  return values;
}

/** Of a pattern without sign. */
function patternValue(bits: number): number {
  const exponent = bits >> 10;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? Number.POSITIVE_INFINITY : Number.NaN;
  return exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const float = new Float32Array(1);
const word = new Uint32Array(float.buffer);

/** The half float nearest to a value, ties to even, as its 16 bits; above 65519 it is infinity, NaN stays NaN. */
export function halfOf(value: number): number {
  float[0] = value;
  return narrowed(word[0]!);
}

/** The bits of a 32-bit float to those of the nearest half float. */
function narrowed(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const rest = bits & 0x7fffffff;
  if (rest >= 0x7f800000) return sign | (rest > 0x7f800000 ? 0x7e00 : 0x7c00);
  if (rest >= 0x477ff000) return sign | 0x7c00;
  // Rounded to even: half a unit less one, and one more where the last bit kept is odd.
  if (rest >= 0x38800000) return sign | ((rest - 0x38000000 + 0xfff + ((rest >> 13) & 1)) >> 13);
  if (rest < 0x33000000) return sign;
  const shift = 126 - (rest >> 23);
  const fraction = (rest & 0x7fffff) | 0x800000;
  return sign | ((fraction + (1 << (shift - 1)) - 1 + ((fraction >> shift) & 1)) >> shift);
}

/** Half floats' bits to values, exactly. */
export function fromHalf(bits: Uint16Array, into = new Float32Array(bits.length)): Float32Array {
  const values = halfValues();
  for (let at = 0; at < bits.length; at++) into[at] = values[bits[at]!]!;
  return into;
}

/** Values to the bits of the nearest half floats, as {@link halfOf}. */
export function toHalf(values: Float32Array, bits = new Uint16Array(values.length)): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let at = 0; at < bits.length; at++) bits[at] = narrowed(words[at]!);
  return bits;
}
