/**
 * The innermost loop of the referee's matrix product, as a WebAssembly function that is assembled here: JavaScript has no
 * pairs of float64, and takes three times as long. It computes what the plain loop computes, bit for bit.
 */

/** Rows and columns of a tile. */
export const TILE = 4;

/** A place for panels, and the product of two of them. Addresses are in elements. */
export interface TileMemory {
  /** The memory, with room for `length` elements after those of a tile; holds until the next call. */
  reserve(length: number): Float64Array;
  /**
   * memory[0…16) = Σ over k < inner of the column of four at `a + 4k` times the row of four at `b + 4k`, in the order of k.
   * `inner` is at least 1.
   */
  multiply(a: number, b: number, inner: number): void;
}

/** What is used of a global that the compiler knows only with a browser's types. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

const PAGE = 65536;
const BYTES = Float64Array.BYTES_PER_ELEMENT;

/** One memory for all products of a thread, since they come one after another. */
export function tileMemory(): TileMemory {
  shared ??= open();
  return shared;
}

let shared: TileMemory | undefined;

function open(): TileMemory {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(moduleBytes());
  const { multiply } = new WebAssembly.Instance(module, { m: { m: memory } }).exports as {
    multiply(a: number, end: number, b: number): void;
  };
  return {
    reserve(length) {
      const missing = (TILE * TILE + length) * BYTES - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
      return new Float64Array(memory.buffer);
    },
    multiply: (a, b, inner) => multiply(a * BYTES, (a + inner * TILE) * BYTES, b * BYTES),
  };
}

/** Numbers of the WebAssembly binary format (core specification 2.0, chapter 5). */
const I32 = 0x7f;
const V128 = 0x7b;
const NO_RESULT = 0x40;
const SIMD = 0xfd;
const loop = [0x03, NO_RESULT];
const end = [0x0b];
const repeat_if = [0x0d, 0];
const less = [0x49];
const plus = [0x6a];
const constant = (value: number) => [0x41, ...leb(value)];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
/** A pair from memory; one number from memory, twice; a pair to memory. */
const loadPair = (offset: number) => [SIMD, 0x00, 3, ...leb(offset)];
const loadTwice = (offset: number) => [SIMD, 0x0a, 3, ...leb(offset)];
const storePair = (offset: number) => [SIMD, 0x0b, 3, ...leb(offset)];
const multiplyPairs = [SIMD, ...leb(0xf2)];
const addPairs = [SIMD, ...leb(0xf0)];

/** Locals: the three parameters (addresses), eight sums by rows, and what is multiplied. */
const [A, END, B, SUMS, LEFT_COLUMNS, RIGHT_COLUMNS, ROW] = [0, 1, 2, 3, 11, 12, 13] as const;

function multiplyCode(): readonly number[] {
  const rows = [0, 1, 2, 3];
  const step = TILE * BYTES;
  const add = (sum: number, columns: number) => [
    ...[get(sum), get(ROW), get(columns), multiplyPairs, addPairs, set(sum)].flat(),
  ];
  return [
    ...loop,
    ...[get(B), loadPair(0), set(LEFT_COLUMNS)].flat(),
    ...[get(B), loadPair(2 * BYTES), set(RIGHT_COLUMNS)].flat(),
    ...rows.flatMap((row) => [
      ...[get(A), loadTwice(row * BYTES), set(ROW)].flat(),
      ...add(SUMS + 2 * row, LEFT_COLUMNS),
      ...add(SUMS + 2 * row + 1, RIGHT_COLUMNS),
    ]),
    ...[get(B), constant(step), plus, set(B)].flat(),
    ...[get(A), constant(step), plus, set(A)].flat(),
    ...[get(A), get(END), less, repeat_if].flat(),
    ...end,
    ...Array.from({ length: 8 }, (_, pair) =>
      [constant(0), get(SUMS + pair), storePair(2 * pair * BYTES)].flat(),
    ).flat(),
    ...end,
  ];
}

/** One function type, the memory imported as `m.m`, one function, exported as `multiply`. */
function moduleBytes(): Uint8Array<ArrayBuffer> {
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const section = (id: number, content: readonly number[]) => [id, ...leb(content.length), ...content];
  const locals = [1, 11, V128];
  const body = [...locals, ...multiplyCode()];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(2, [1, ...name("m"), ...name("m"), 2, 0, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("multiply"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** A number below 2¹⁴, at least 64 in two bytes, so that it is the same signed and unsigned. */
function leb(value: number): readonly number[] {
  return value < 64 ? [value] : [(value & 0x7f) | 0x80, value >> 7];
}
