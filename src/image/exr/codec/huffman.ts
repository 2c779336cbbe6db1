/** The Huffman code of PIZ and DWA: canonical codes of 16-bit values and of a run. Knows no pixels. */
import { ExrError } from "../structure/file.js";

/** The values, and one more for runs. */
export const SYMBOLS = 65537;
/** The longest code that a table may describe. */
const LONGEST = 58;
/** Codes up to here are found by one look into a table. */
const LOOK = 14;
/** Bits that are seen at once wherever a code begins within its first byte. */
const SEEN = 25;

const damaged = (what: string) => new ExrError(`its Huffman code is damaged: ${what}`);

/** Codes by length: the longer, the smaller. */
interface Codes {
  /** The first code of each length. */
  readonly first: Float64Array;
  /** The count of codes of each length. */
  readonly count: Int32Array;
  /** Where the symbols of each length begin in `symbols`, which rise within a length. */
  readonly start: Int32Array;
  readonly symbols: Int32Array;
}

/** Canonical codes: of equal length, a greater symbol has a greater code; a shorter code is greater than what longer ones begin with. */
export function canonical(lengths: Uint8Array): Codes {
  const count = new Int32Array(LONGEST + 1);
  for (let symbol = 0; symbol < lengths.length; symbol++) count[lengths[symbol]!]!++;
  count[0] = 0;
  const first = new Float64Array(LONGEST + 1);
  let code = 0;
  for (let length = LONGEST; length > 0; length--) {
    first[length] = code;
    code = Math.floor((code + count[length]!) / 2);
  }
  const start = new Int32Array(LONGEST + 2);
  for (let length = 1; length <= LONGEST; length++) start[length + 1] = start[length]! + count[length]!;
  const symbols = new Int32Array(start[LONGEST + 1]!);
  const next = start.slice();
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length > 0) symbols[next[length]!++] = symbol;
  }
  return { first, count, start, symbols };
}

/** For each 14 bits, the symbol and its code's length times 2¹⁷; 0 where the code is longer, or none. */
function lookup({ first, count, start, symbols }: Codes): Int32Array {
  const table = new Int32Array(1 << LOOK);
  for (let length = 1; length <= LOOK; length++) {
    const span = 1 << (LOOK - length);
    for (let index = 0; index < count[length]!; index++) {
      const from = (first[length]! + index) * span;
      if (from + span > table.length) throw damaged("more codes than there can be");
      table.fill((length << 17) | symbols[start[length]! + index]!, from, from + span);
    }
  }
  return table;
}

/** Code lengths of the symbols `from` to `to`: 6 bits each, with runs of zeros. Answers how many bytes they took. */
function readLengths(packed: Uint8Array, from: number, to: number): { lengths: Uint8Array; end: number } {
  const lengths = new Uint8Array(SYMBOLS);
  let at = 20;
  let bits = 0;
  let held = 0;
  const read = (count: number): number => {
    while (held < count) {
      if (at >= packed.length) throw damaged("its table is cut short");
      bits = ((bits << 8) | packed[at++]!) & 0xffffff;
      held += 8;
    }
    held -= count;
    return (bits >> held) & ((1 << count) - 1);
  };
  for (let symbol = from; symbol <= to; ) {
    const length = read(6);
    const zeros = length === 63 ? read(8) + 6 : length >= 59 ? length - 57 : 0;
    if (symbol + zeros > to + 1) throw damaged("its table is too long");
    if (zeros > 0) symbol += zeros;
    else lengths[symbol++] = length;
  }
  return { lengths, end: at };
}

/** Decodes `count` values. Throws an ExrError where the data are damaged. */
export function huffmanDecode(packed: Uint8Array, count: number): Uint16Array {
  const out = new Uint16Array(count);
  if (packed.length < 20) {
    if (count > 0) throw damaged("it is cut short");
    return out;
  }
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const [from, run, bits] = [view.getUint32(0, true), view.getUint32(4, true), view.getUint32(12, true)];
  if (from >= SYMBOLS || run >= SYMBOLS) throw damaged("its table is too long");
  const { lengths, end } = readLengths(packed, from, run);
  if (bits > (packed.length - end) * 8) throw damaged("it is cut short");
  decodeBits({ packed, at: end, bits }, canonical(lengths), run, out);
  return out;
}

interface Bits {
  readonly packed: Uint8Array;
  /** The byte where the codes begin. */
  readonly at: number;
  readonly bits: number;
}

function decodeBits({ packed, at, bits }: Bits, codes: Codes, run: number, out: Uint16Array): void {
  const table = lookup(codes);
  const { count, start, symbols } = codes;
  const first = Int32Array.from(codes.first.subarray(0, SEEN + 1));
  const leasts = leastSeen(codes);
  const shortest = Math.max(
    LOOK + 1,
    count.findIndex((number, length) => length > LOOK && number > 0),
  );
  const [least0, least1, least2] = [leasts[shortest]!, leasts[shortest + 1]!, leasts[shortest + 2]!];
  // Zeros follow the last byte: the longest code and a run may end up to 9 bytes beyond it.
  const code = new Uint8Array(packed.length - at + 16);
  code.set(packed.subarray(at));
  const view = new DataView(code.buffer);
  let bit = 0;
  let to = 0;
  // Also the end of runs of no times, which go on for ever.
  while (to < out.length && bit <= bits) {
    // The next 25 bits at least.
    const word = view.getUint32(bit >>> 3) << (bit & 7);
    const entry = table[word >>> (32 - LOOK)]!;
    let symbol = entry & 0x1ffff;
    bit += entry >>> 17;
    if (entry === 0) {
      const seen = word >>> (32 - SEEN);
      // Most lengths without a branch, which would be foreseen wrongly: a difference's sign is 1 where a code is longer.
      let length = shortest + ((seen - least0) >>> 31) + ((seen - least1) >>> 31) + ((seen - least2) >>> 31);
      while (seen < leasts[length]!) length++;
      const index = length > SEEN ? 0 : (word >>> (32 - length)) - first[length]!;
      if (length <= SEEN && index < count[length]!) {
        symbol = symbols[start[length]! + index]!;
        bit += length;
      } else {
        const long = longCode(code, bit, codes);
        symbol = long.symbol;
        bit = long.end;
      }
    }
    if (symbol !== run) out[to++] = symbol;
    else {
      const times = ((view.getUint16(bit >>> 3) << (bit & 7)) >>> 8) & 255;
      bit += 8;
      if (to === 0 || to + times > out.length) throw damaged("a run goes beyond its end");
      out.fill(out[to - 1]!, to, to + times);
      to += times;
    }
  }
  if (bit > bits) throw damaged("it ends too early");
}

/** Of each length, the least that is seen of a code of it or of a shorter one; 0 beyond what is seen. */
function leastSeen({ first }: Codes): Int32Array {
  const leasts = new Int32Array(LONGEST + 4);
  for (let length = 1; length <= SEEN; length++) leasts[length] = first[length]! * 2 ** (SEEN - length);
  return leasts;
}

/** The code longer than what is seen at once that begins at a bit, and the bit after it. */
function longCode(packed: Uint8Array, position: number, codes: Codes): { symbol: number; end: number } {
  const { first, count, start, symbols } = codes;
  let code = 0;
  for (let length = 1; length <= LONGEST; length++) {
    const at = position + length - 1;
    code = code * 2 + (((packed[at >>> 3] ?? 0) >> (7 - (at & 7))) & 1);
    const index = code - first[length]!;
    if (index >= 0 && index < count[length]!) return { symbol: symbols[start[length]! + index]!, end: at + 1 };
  }
  throw damaged("a code that its table does not have");
}
