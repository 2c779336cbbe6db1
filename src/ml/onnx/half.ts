/** IEEE 754 half floats as the 16-bit integers that onnxruntime takes and returns. It knows nothing of models. */

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** The nearest half floats, ties to even; what is too large is infinite. */
export function toHalf(values: Float32Array): Uint16Array {
  return Uint16Array.from(values, (value) => {
    float[0] = value;
    const [sign, exponent, fraction] = [(bits[0]! >>> 16) & 0x8000, (bits[0]! >>> 23) & 0xff, bits[0]! & 0x7fffff];
    if (exponent === 0xff) return sign | 0x7c00 | (fraction === 0 ? 0 : 0x200);
    const scaled = exponent - 127 + 15;
    if (scaled >= 31) return sign | 0x7c00;
    // Below 2⁻¹⁴ the leading 1 is stored, too, and the fraction moves to the right.
    const whole = scaled > 0 ? (scaled << 23) | fraction : exponent < 102 ? 0 : (fraction | 0x800000) >>> (1 - scaled);
    const lost = scaled > 0 || exponent < 102 ? 0 : (fraction | 0x800000) & ((1 << (1 - scaled)) - 1);
    const [half, rest] = [whole >>> 13, whole & 0x1fff];
    const up = rest > 0x1000 || (rest === 0x1000 && (lost > 0 || (half & 1) === 1));
    return sign | (half + (up ? 1 : 0));
  });
}

/** Their values, which float32 holds exactly. */
export function fromHalf(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const [sign, exponent, fraction] = [half >>> 15 === 1 ? -1 : 1, (half >>> 10) & 0x1f, half & 0x3ff];
    if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  });
}
