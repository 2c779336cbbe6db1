/** Reads the channels of a part of an OpenEXR file, as they are stored. Knows no images; the caller says which channels. */
import { unpack } from "./codec/codec.js";
import {
  type ExrChannel,
  ExrCutShort,
  ExrError,
  type ExrHeader,
  type ExrPart,
  heightOf,
  widthOf,
} from "./structure/file.js";
import { type Block, blockAt, chunksOf, chunksOfRows, samplesIn, tableLength } from "./structure/layout.js";
import { eachRow } from "./structure/planar.js";
import { Reader } from "./structure/reader.js";

/** Samples in rows, of half floats their bits. */
export type ExrSamples = Uint16Array | Float32Array | Uint32Array;

/** A channel's samples, of the data window: fewer columns or rows where the channel is subsampled. */
export interface ExrPlane {
  readonly channel: ExrChannel;
  readonly width: number;
  readonly height: number;
  readonly samples: ExrSamples;
}

/** A chunk that unpacks to more than this is refused: no real file has one. */
const LARGEST_CHUNK = 2 ** 30;

/** A file's bytes, where they are wanted. */
export interface ExrBytes {
  readonly length: number;
  /** Of bytes that are in the file; they are valid until the next call. */
  subarray(from: number, to: number): Uint8Array;
}

/** Rows of the data window, counted from its first. */
export interface ExrRows {
  readonly top: number;
  readonly count: number;
}

/** Gets samples that follow each other in a row of a channel: `channel` counts those asked for, `row` and `column` the plane's. They are valid until it returns. */
export type PlaceSamples = (channel: number, row: number, column: number, samples: ExrSamples) => void;

const ALL_ROWS = ({ dataWindow }: ExrPart): ExrRows => ({ top: 0, count: heightOf(dataWindow) });

/**
 * Reads channels of a part, of all rows or of some, chunk by chunk. Throws an ExrError where a chunk is damaged and an ExrCutShort where chunks
 * are missing, each before anything is allocated that the file's size does not explain: `begin` is called then, and makes what takes the samples.
 */
export function readSamples(
  bytes: ExrBytes,
  header: ExrHeader,
  part: ExrPart,
  channels: readonly ExrChannel[],
  rows: ExrRows,
  begin: () => PlaceSamples,
): void {
  const chunks = findChunks(bytes, header, part, rows);
  const place = begin();
  const numbers = part.channels.map((channel) => channels.indexOf(channel));
  for (const { number, at, length } of chunks) {
    const block = blockAt(part, number);
    placeRows(unpacked(part, bytes.subarray(at, at + length), block), block, part, numbers, rows, place);
  }
}

/** The same as planes. */
export function readPlanes(
  bytes: ExrBytes,
  header: ExrHeader,
  part: ExrPart,
  channels: readonly ExrChannel[],
  rows: ExrRows = ALL_ROWS(part),
): readonly ExrPlane[] {
  let planes: readonly ExrPlane[] = [];
  readSamples(bytes, header, part, channels, rows, () => {
    planes = channels.map((channel) => planeOf(part, channel, rows));
    return (channel, row, column, own) => {
      const { width, samples } = planes[channel]!;
      samples.set(own, row * width + column);
    };
  });
  return planes;
}

const SAMPLES = { half: Uint16Array, float: Float32Array, uint: Uint32Array };

function planeOf(part: ExrPart, channel: ExrChannel, { top, count }: ExrRows): ExrPlane {
  const { xMin, yMin } = part.dataWindow;
  const width = samplesIn(xMin, widthOf(part.dataWindow), channel.xSampling);
  const height = samplesIn(yMin + top, count, channel.ySampling);
  return { channel, width, height, samples: new SAMPLES[channel.type](width * height) };
}

/** Where a chunk's packed bytes are. */
interface Chunk {
  readonly number: number;
  readonly at: number;
  readonly length: number;
}

/** The chunks of the full image that hold some of the rows. */
function findChunks(
  bytes: ExrBytes,
  { parts, multipart, tablesAt }: ExrHeader,
  part: ExrPart,
  { top, count: rows }: ExrRows,
): readonly Chunk[] {
  const number = parts.indexOf(part);
  const before = parts.slice(0, number).reduce((sum, other) => sum + tableLength(other), 0);
  const count = chunksOf(part);
  const start = tablesAt + before * 8;
  const end = start + count * 8;
  if (end > bytes.length)
    throw new ExrCutShort(`it ends at byte ${bytes.length}, in the table of its ${count} chunks.`, end);
  const [first, next] = chunksOfRows(part, top, rows);
  const table = new Reader(new Uint8Array(bytes.subarray(start + first * 8, start + next * 8)));
  const found: Chunk[] = [];
  for (let chunk = first; chunk < next; chunk++) {
    const offset = table.u64("the table of chunks");
    const place = offset < tablesAt ? undefined : chunkAt(bytes, offset, multipart ? number : undefined, part, chunk);
    if (place !== undefined) found.push(place);
  }
  const missing = next - first - found.length;
  if (missing > 0)
    throw new ExrCutShort(`${missing} of its ${count} chunks are missing or incomplete.`, bytes.length + 1);
  return found;
}

/** A chunk's place; undefined where the file ends before it does. Throws where it is another chunk. */
function chunkAt(
  bytes: ExrBytes,
  offset: number,
  number: number | undefined,
  part: ExrPart,
  chunk: number,
): Chunk | undefined {
  const { tiles } = part;
  const size = (number === undefined ? 0 : 4) + (tiles === undefined ? 8 : 20);
  if (offset + size > bytes.length) return undefined;
  const reader = new Reader(bytes.subarray(offset, offset + size));
  const block = blockAt(part, chunk);
  const expected = tiles === undefined ? [block.y] : tileOf(part, chunk);
  const whose = number === undefined ? number : reader.i32("a chunk");
  const place = expected.map(() => reader.i32("a chunk"));
  if (whose !== number || place.some((value, index) => value !== expected[index])) {
    throw new ExrError(
      `its table of chunks is damaged: at byte ${offset} is another chunk than ${nameOf(part, block)}.`,
    );
  }
  const length = reader.i32("a chunk");
  if (length < 0 || block.bytes > LARGEST_CHUNK || (length === 0 && block.bytes > 0)) {
    throw new ExrError(`${nameOf(part, block)} are damaged: they claim ${length} bytes, ${block.bytes} unpacked.`);
  }
  if (offset + size + length > bytes.length) return undefined;
  return { number: chunk, at: offset + size, length };
}

/** Column, row and levels of a tile of the full image. */
function tileOf({ tiles, dataWindow }: ExrPart, chunk: number): readonly number[] {
  const across = Math.ceil(widthOf(dataWindow) / tiles!.width);
  return [chunk % across, Math.floor(chunk / across), 0, 0];
}

function nameOf({ tiles }: ExrPart, { x, y, columns, rows }: Block): string {
  const own = `rows ${y} to ${y + rows - 1}`;
  return tiles === undefined ? `the ${own}` : `the ${own} of columns ${x} to ${x + columns - 1}`;
}

function unpacked(part: ExrPart, packed: Uint8Array, block: Block): Uint8Array {
  try {
    return unpack(part.compression, packed, block);
  } catch (cause) {
    if (!(cause instanceof ExrError)) throw cause;
    throw new ExrError(
      `${nameOf(part, block)} are damaged (${part.compression}: ${cause.message.replace(/\.$/, "")}).`,
    );
  }
}

/** The rows of a block that are wanted; `numbers`: each channel's among those asked for, −1 for others. */
function placeRows(
  rows: Uint8Array,
  block: Block,
  { channels, dataWindow: { xMin, yMin } }: ExrPart,
  numbers: readonly number[],
  wanted: ExrRows,
  place: PlaceSamples,
): void {
  const longest = Math.max(...block.channels.map(({ rowBytes }) => rowBytes));
  // A row's samples need not begin at a multiple of their size.
  const aligned = new Uint8Array(longest);
  const places = block.channels.map(({ type, width }, index) => {
    const { xSampling, ySampling } = channels[index]!;
    const first = Math.ceil((yMin + wanted.top) / ySampling);
    const count = samplesIn(yMin + wanted.top, wanted.count, ySampling);
    const top = Math.ceil(block.y / ySampling) - first;
    const left = Math.ceil(block.x / xSampling) - Math.ceil(xMin / xSampling);
    return { top, left, count, samples: new SAMPLES[type](aligned.buffer, 0, width) };
  });
  eachRow(block, (c, row, at) => {
    const { top, left, count, samples } = places[c]!;
    if (numbers[c] === -1 || top + row < 0 || top + row >= count) return;
    aligned.set(rows.subarray(at, at + block.channels[c]!.rowBytes));
    place(numbers[c]!, top + row, left, samples);
  });
}
