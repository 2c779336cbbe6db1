/** Writes the Huffman code of PIZ: the counterpart of `huffman`. Equal values give equal bytes, those that OpenEXR itself writes. */
import { canonical, SYMBOLS } from "./huffman.js";

/** Encodes values; the answer holds its own table. */
export function huffmanEncode(values: Uint16Array): Uint8Array {
  const counts = new Float64Array(SYMBOLS + 1);
  for (let at = 0; at < values.length; at++) counts[values[at]!]!++;
  let from = 0;
  while (counts[from] === 0) from++;
  let last = SYMBOLS - 2;
  while (counts[last] === 0) last--;
  // The symbol after the last one stands for runs.
  const run = last + 1;
  counts[run] = 1;
  const lengths = codeLengths(counts, from, run);
  const out = new BitWriter(20);
  writeLengths(out, lengths, from, run);
  out.align();
  const tableEnd = out.length;
  writeValues(out, values, lengths, run);
  const bits = (out.length - tableEnd) * 8 + out.held;
  out.align();
  const bytes = out.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (const [index, value] of [from, run, tableEnd - 20, bits, 0].entries()) view.setUint32(index * 4, value, true);
  return bytes;
}

class BitWriter {
  private buffer = new Uint8Array(1 << 16);
  private word = 0;
  length: number;
  /** Bits that do not fill a byte yet. */
  held = 0;

  constructor(start: number) {
    this.length = start;
  }

  /** Of any number of bits up to 52, the highest first. */
  write(count: number, value: number): void {
    if (count > 16) {
      this.write(count - 16, Math.floor(value / 65536));
      this.write(16, value % 65536);
      return;
    }
    this.word = ((this.word << count) | value) & 0xffffff;
    this.held += count;
    while (this.held >= 8) {
      this.held -= 8;
      this.byte(this.word >> this.held);
    }
  }

  align(): void {
    if (this.held > 0) this.byte(this.word << (8 - this.held));
    this.held = 0;
  }

  private byte(value: number): void {
    if (this.length === this.buffer.length) {
      const larger = new Uint8Array(this.buffer.length * 2);
      larger.set(this.buffer);
      this.buffer = larger;
    }
    this.buffer[this.length++] = value;
  }

  bytes(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }
}

/** Huffman's tree without the tree: the two rarest join until one is left, and the codes of all below grow by a bit. */
function codeLengths(counts: Float64Array, from: number, to: number): Uint8Array {
  const heap: number[] = [];
  const after = (a: number, b: number) => counts[a]! > counts[b]! || (counts[a] === counts[b] && a > b);
  for (let symbol = from; symbol <= to; symbol++) if (counts[symbol]! > 0) heap.push(symbol);
  for (let root = (heap.length >> 1) - 1; root >= 0; root--) sink(heap, root, after);
  const lengths = new Uint8Array(SYMBOLS);
  // Each symbol's next in the list of those below one node; the last is its own next.
  const next = Int32Array.from({ length: SYMBOLS }, (_, symbol) => symbol);
  while (heap.length > 1) {
    const rarest = heap[0]!;
    const moved = heap.pop()!;
    if (heap.length > 0) heap[0] = moved;
    sink(heap, 0, after);
    const second = heap[0]!;
    counts[second]! += counts[rarest]!;
    sink(heap, 0, after);
    next[deepen(lengths, next, second)] = rarest;
    deepen(lengths, next, rarest);
  }
  return lengths;
}

function sink(heap: number[], root: number, after: (a: number, b: number) => boolean): void {
  for (let at = root; ; ) {
    let child = 2 * at + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && after(heap[child]!, heap[child + 1]!)) child++;
    if (!after(heap[at]!, heap[child]!)) return;
    [heap[at], heap[child]] = [heap[child]!, heap[at]!];
    at = child;
  }
}

/** A bit more for each symbol of a list; answers its last one. */
function deepen(lengths: Uint8Array, next: Int32Array, first: number): number {
  for (let symbol = first; ; symbol = next[symbol]!) {
    lengths[symbol]!++;
    if (next[symbol] === symbol) return symbol;
  }
}

/** 6 bits each; 2 to 5 zeros are 59 to 62, 6 to 261 are 63 and 8 bits more. */
function writeLengths(out: BitWriter, lengths: Uint8Array, from: number, to: number): void {
  for (let symbol = from; symbol <= to; ) {
    let zeros = 0;
    while (symbol + zeros <= to && lengths[symbol + zeros] === 0 && zeros < 261) zeros++;
    if (zeros < 2) out.write(6, lengths[symbol]!);
    else if (zeros < 6) out.write(6, 57 + zeros);
    else {
      out.write(6, 63);
      out.write(8, zeros - 6);
    }
    symbol += Math.max(1, zeros);
  }
}

/** Each value's code; a value that repeats up to 255 times is followed by a run where that is shorter. */
function writeValues(out: BitWriter, values: Uint16Array, lengths: Uint8Array, run: number): void {
  const codes = codesOf(lengths);
  const runLength = lengths[run]!;
  for (let at = 0; at < values.length; ) {
    const value = values[at]!;
    let end = at + 1;
    while (end < values.length && values[end] === value && end - at < 256) end++;
    const repeats = end - at - 1;
    const [length, code] = [lengths[value]!, codes[value]!];
    if (length + runLength + 8 < length * repeats) {
      out.write(length, code);
      out.write(runLength, codes[run]!);
      out.write(8, repeats);
    } else for (let copy = at; copy < end; copy++) out.write(length, code);
    at = end;
  }
}

function codesOf(lengths: Uint8Array): Float64Array {
  const { first } = canonical(lengths);
  const codes = new Float64Array(SYMBOLS);
  for (let symbol = 0; symbol < SYMBOLS; symbol++) if (lengths[symbol]! > 0) codes[symbol] = first[lengths[symbol]!]!++;
  return codes;
}
