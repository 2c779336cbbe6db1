/** The codecs DWAA and DWAB: colours as cosine transforms of 8×8 blocks, alpha as runs, all else as zlib. Lossy, as the file is. */
import { fromHalf, halfOf, halfValues, toHalf } from "../../../base/half.js";
import { ExrError } from "../structure/file.js";
import type { Block, BlockChannel } from "../structure/layout.js";
import { planeStarts, toRows } from "../structure/planar.js";
import { Reader } from "../structure/reader.js";
import { flat, inverseColor, inverseDct, ZIGZAG } from "./dct.js";
import { readRules, type Schemes, schemesOf } from "./dwa-rules.js";
import { huffmanDecode } from "./huffman.js";
import { expandRuns, inflated, inflatedUpTo, undoPrediction } from "./zip.js";

const HEADER = 88;

export function unDwa(packed: Uint8Array, block: Block): Uint8Array {
  const head = new Reader(packed);
  const next = () => head.u64("its header");
  const [version, plainSize, plainPacked, acPacked, dcPacked] = [next(), next(), next(), next(), next()] as const;
  const [rlePacked, rleSize, runsSize, acCount, dcCount, acCodec] = [
    next(),
    next(),
    next(),
    next(),
    next(),
    next(),
  ] as const;
  if (version > 2) throw new ExrError(`version ${version} of DWA is not known`);
  const { rules, length } = version === 2 ? readRules(packed.subarray(HEADER)) : { rules: undefined, length: 0 };
  const schemes = schemesOf(block.channels, rules);
  const data = new Reader(packed, HEADER + length);
  const [plain, ac, dc, rle] = [plainPacked, acPacked, dcPacked, rlePacked].map((size) => data.take(size, "its data"));
  const sizes = sizesOf(block, schemes);
  if (plainSize > sizes.plain || runsSize > sizes.rle || rleSize > 2 * sizes.rle + 64) {
    throw new ExrError("its sizes are damaged");
  }
  if (dcCount > sizes.blocks || acCount > sizes.blocks * 63) throw new ExrError("its sizes are damaged");
  const coefficients: Coefficients = {
    dc: halves(dcCount === 0 ? dc!.subarray(0, 0) : undoPrediction(inflated(dc!, dcCount * 2))),
    ac: acCount === 0 ? new Uint16Array(0) : readAc(ac!, acCount, acCodec),
    dcAt: 0,
    acAt: 0,
  };
  const streams = {
    plain: plainPacked === 0 ? new Uint8Array(0) : inflatedUpTo(plain!, plainSize),
    rle: runsSize === 0 ? new Uint8Array(0) : expandRuns(inflated(rle!, rleSize), runsSize),
  };
  if (streams.plain.length !== sizes.plain || streams.rle.length !== sizes.rle) throw new ExrError("it is cut short");
  return toRows(block, planesOf(block, schemes, streams, coefficients));
}

function readAc(packed: Uint8Array, count: number, codec: number): Uint16Array {
  if (codec > 1) throw new ExrError(`its coefficients have the unknown codec ${codec}`);
  return codec === 0 ? huffmanDecode(packed, count) : halves(inflated(packed, count * 2));
}

/** Little-endian halves. */
function halves(bytes: Uint8Array): Uint16Array {
  const words = new Uint16Array(bytes.length >> 1);
  for (let at = 0; at < words.length; at++) words[at] = bytes[2 * at]! | (bytes[2 * at + 1]! << 8);
  return words;
}

/** Bytes that each scheme has, and how many 8×8 blocks. */
function sizesOf({ channels }: Block, { schemes }: Schemes): { plain: number; rle: number; blocks: number } {
  const sizes = { plain: 0, rle: 0, blocks: 0 };
  for (const [index, { width, height, rowBytes }] of channels.entries()) {
    const scheme = schemes[index]!;
    if (scheme === "dct") sizes.blocks += Math.ceil(width / 8) * Math.ceil(height / 8);
    else sizes[scheme] += rowBytes * height;
  }
  return sizes;
}

interface Coefficients {
  /** The first of each block, channel after channel within a set of colours. */
  readonly dc: Uint16Array;
  /** The others in zigzag order, zeros as runs. */
  readonly ac: Uint16Array;
  dcAt: number;
  acAt: number;
}

interface Streams {
  readonly plain: Uint8Array;
  readonly rle: Uint8Array;
}

function planesOf(block: Block, { schemes, colors }: Schemes, { plain, rle }: Streams, from: Coefficients): Uint8Array {
  const planes = new Uint8Array(block.bytes);
  const starts = planeStarts(block);
  const bytesOf = (index: number) => {
    const { rowBytes, height } = block.channels[index]!;
    return planes.subarray(starts[index]!, starts[index]! + rowBytes * height);
  };
  const decode = (set: readonly number[]) => {
    const own = set.map((index) => planeOf(block.channels[index]!, set.length > 1));
    decodeBlocks(own, from);
    for (const [at, index] of set.entries()) bytesOf(index).set(new Uint8Array(own[at]!.values.buffer));
  };
  for (const set of colors) decode(set);
  const done = new Set(colors.flat());
  let plainAt = 0;
  let rleAt = 0;
  for (const [index, { rowBytes, height, width }] of block.channels.entries()) {
    const size = rowBytes * height;
    const bytes = bytesOf(index);
    if (schemes[index] === "plain") {
      bytes.set(plain.subarray(plainAt, plainAt + size));
      plainAt += size;
    } else if (schemes[index] === "rle") {
      const pixels = width * height;
      const depth = pixels === 0 ? 0 : size / pixels;
      for (let byte = 0; byte < depth; byte++) {
        for (let at = 0; at < pixels; at++) bytes[at * depth + byte] = rle[rleAt++]!;
      }
    } else if (!done.has(index)) decode([index]);
  }
  return planes;
}

/** Where a channel's values go, and the values of each of the 65,536 halves that the blocks hold. */
interface Plane {
  readonly values: Uint16Array | Float32Array;
  readonly width: number;
  readonly height: number;
  readonly ofHalf: Uint16Array | Float32Array;
}

function planeOf({ type, width, height, linear }: BlockChannel, color: boolean): Plane {
  const curve = color || !linear ? lightTable() : undefined;
  const size = width * height;
  if (type === "float") {
    return { values: new Float32Array(size), width, height, ofHalf: curve ? lightValues() : halfValues() };
  }
  return {
    values: new Uint16Array(size),
    width,
    height,
    ofHalf: curve ?? Uint16Array.from({ length: 65536 }, (_, bits) => bits),
  };
}

/** One channel, or the three of a colour. */
function decodeBlocks(planes: readonly Plane[], from: Coefficients): void {
  const { width, height } = planes[0]!;
  const [across, down] = [Math.ceil(width / 8), Math.ceil(height / 8)];
  if (from.dcAt + across * down * planes.length > from.dc.length) throw new ExrError("it is cut short");
  const blocks = planes.map(() => new Float32Array(64));
  for (let index = 0; index < across * down; index++) {
    for (let c = 0; c < blocks.length; c++) {
      const block = blocks[c]!;
      const used = readBlock(block, from, from.dc[from.dcAt + c * across * down + index]!);
      // Of a block of one value, each sum is that value times a constant.
      if (used === 0) block.fill(flat(block[0]!));
      else inverseDct(block, used | 1);
    }
    if (blocks.length === 3) inverseColor(blocks[0]!, blocks[1]!, blocks[2]!);
    const x = (index % across) * 8;
    const y = Math.floor(index / across) * 8;
    for (let c = 0; c < planes.length; c++) {
      const { values, ofHalf } = planes[c]!;
      const bits = toHalf(blocks[c]!, halvesOfBlock);
      const columns = Math.min(8, width - x);
      const rows = Math.min(8, height - y);
      for (let row = 0; row < rows; row++) store(bits, row * 8, columns, values, (y + row) * width + x, ofHalf);
    }
  }
  from.dcAt += across * down * planes.length;
}

function store(
  bits: Uint16Array,
  first: number,
  count: number,
  values: Uint16Array | Float32Array,
  to: number,
  ofHalf: Uint16Array | Float32Array,
): void {
  for (let at = 0; at < count; at++) values[to + at] = ofHalf[bits[first + at]!]!;
}

/** A block's coefficients in row order. Halves with a high byte of 255 stand for as many zeros as the low byte says, 0 for all that is left. Answers a bit for each row that has some. */
function readBlock(block: Float32Array, from: Coefficients, dc: number): number {
  const values = halfValues();
  const { ac } = from;
  let at = from.acAt;
  let used = 0;
  block.fill(0);
  block[0] = values[dc]!;
  for (let place = 1; place < 64; ) {
    if (at >= ac.length) throw new ExrError("it is cut short");
    const bits = ac[at++]!;
    if (bits >= 0xff00) place += (bits & 255) === 0 ? 64 : bits & 255;
    else {
      const to = ZIGZAG[place++]!;
      used |= 1 << (to >> 3);
      block[to] = values[bits]!;
    }
  }
  from.acAt = at;
  return used;
}

/** The halves of a block, made here for every one. */
const halvesOfBlock = new Uint16Array(64);

let light: Uint16Array | undefined;

/** The curve in which the blocks are stored, undone: v^2.2 up to 1, e^(2.2·(v−1)) beyond; what is no number is 0. */
function lightTable(): Uint16Array {
  light ??= Uint16Array.from(halfValues(), (value) => {
    if (!Number.isFinite(value)) return 0;
    const size = Math.abs(value);
    const linear = size <= 1 ? size ** Math.fround(2.2) : Math.fround(9.02501329156) ** Math.fround(size - 1);
    return halfOf(value < 0 ? -linear : linear);
  });
  return light;
}

let lit: Float32Array | undefined;

/** {@link lightTable}'s halves as values. */
function lightValues(): Float32Array {
  lit ??= fromHalf(lightTable());
  return lit;
}
