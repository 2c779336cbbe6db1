/** Types of numbers in files without a header, and how they are read and written. Knows no files. */

const BYTES = { uint8: 1, int8: 1, uint16: 2, int16: 2, uint32: 4, int32: 4, float32: 4, float64: 8 } as const;

/** A sample's type in a file without a header. */
export type RawType = keyof typeof BYTES;

export type ByteOrder = "little" | "big";

export function bytesOfType(type: RawType): number {
  return BYTES[type];
}

/** The numbers that bytes hold. */
export function numbersOf(bytes: Uint8Array, type: RawType, order: ByteOrder): Uint8Array | Uint16Array | Float32Array {
  const little = order === "little";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = BYTES[type];
  const count = Math.floor(bytes.length / size);
  if (type === "uint8") return bytes.slice(0, count);
  const numbers = type === "uint16" ? new Uint16Array(count) : new Float32Array(count);
  const read = READ[type];
  for (let at = 0; at < count; at++) numbers[at] = read(view, at * size, little);
  return numbers;
}

const READ: Readonly<Record<RawType, (view: DataView, at: number, little: boolean) => number>> = {
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at, little) => view.getUint16(at, little),
  int16: (view, at, little) => view.getInt16(at, little),
  uint32: (view, at, little) => view.getUint32(at, little),
  int32: (view, at, little) => view.getInt32(at, little),
  float32: (view, at, little) => view.getFloat32(at, little),
  float64: (view, at, little) => view.getFloat64(at, little),
};

const WRITE: Readonly<Record<RawType, (view: DataView, at: number, value: number, little: boolean) => void>> = {
  uint8: (view, at, value) => view.setUint8(at, value),
  int8: (view, at, value) => view.setInt8(at, value),
  uint16: (view, at, value, little) => view.setUint16(at, value, little),
  int16: (view, at, value, little) => view.setInt16(at, value, little),
  uint32: (view, at, value, little) => view.setUint32(at, value, little),
  int32: (view, at, value, little) => view.setInt32(at, value, little),
  float32: (view, at, value, little) => view.setFloat32(at, value, little),
  float64: (view, at, value, little) => view.setFloat64(at, value, little),
};

/** Lowest and highest integer of a type; undefined of floats. */
export function rangeOf(type: RawType): readonly [number, number] | undefined {
  if (type === "float32" || type === "float64") return undefined;
  const bits = BYTES[type] * 8;
  return type.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** The bytes of numbers; integers must be whole and in range already. */
export function bytesOfNumbers(numbers: ArrayLike<number>, type: RawType, order: ByteOrder): Uint8Array {
  const size = BYTES[type];
  const bytes = new Uint8Array(numbers.length * size);
  const view = new DataView(bytes.buffer);
  const write = WRITE[type];
  for (let at = 0; at < numbers.length; at++) write(view, at * size, numbers[at]!, order === "little");
  return bytes;
}
