/** Reads the channels of a part of an OpenEXR file, as they are stored. Knows no images; the caller says which channels. */
import { unpack } from "./codec/codec.js";
import { type ExrChannel, ExrCutShort, ExrError, type ExrHeader, type ExrPart, heightOf, widthOf } from "./file.js";
import { type Block, blockAt, chunksOf, chunksOfRows, samplesIn, tableLength } from "./layout.js";
import { eachRow } from "./planar.js";
import { Reader } from "./reader.js";

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
  /** Of bytes that are in the file. */
  subarray(from: number, to: number): Uint8Array;
}

/** Rows of the data window, counted from its first. */
export interface ExrRows {
  readonly top: number;
  readonly count: number;
}

/**
 * Reads channels of a part, of all rows or of some. Throws an ExrError where a chunk is damaged and an ExrCutShort where chunks are missing,
 * each before anything is allocated that the file's size does not explain.
 */
export function readPlanes(
  bytes: ExrBytes,
  header: ExrHeader,
  part: ExrPart,
  channels: readonly ExrChannel[],
  rows: ExrRows = { top: 0, count: heightOf(part.dataWindow) },
): readonly ExrPlane[] {
  const chunks = findChunks(bytes, header, part, rows);
  const places = channels.map((channel) => part.channels.indexOf(channel));
  const planes = channels.map((channel) => planeOf(part, channel, rows));
  const bytesOf = planes.map(({ samples }) => new Uint8Array(samples.buffer));
  for (const { number, at, length } of chunks) {
    const block = blockAt(part, number);
    const unpackedRows = unpacked(part, bytes.subarray(at, at + length), block);
    for (const [index, place] of places.entries())
      copyRows(unpackedRows, block, place, part, planes[index]!, bytesOf[index]!, rows);
  }
  return planes;
}

function planeOf(part: ExrPart, channel: ExrChannel, { top, count }: ExrRows): ExrPlane {
  const { xMin, yMin } = part.dataWindow;
  const width = samplesIn(xMin, widthOf(part.dataWindow), channel.xSampling);
  const height = samplesIn(yMin + top, count, channel.ySampling);
  const Samples = { half: Uint16Array, float: Float32Array, uint: Uint32Array }[channel.type];
  return { channel, width, height, samples: new Samples(width * height) };
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
  const table = new Reader(bytes.subarray(start + first * 8, start + next * 8));
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

/** A channel's rows of a block to their place in its plane, those that are wanted. */
function copyRows(
  rows: Uint8Array,
  block: Block,
  place: number,
  part: ExrPart,
  plane: ExrPlane,
  bytes: Uint8Array,
  wanted: ExrRows,
): void {
  const { xMin, yMin } = part.dataWindow;
  const { xSampling, ySampling } = plane.channel;
  const left = Math.ceil(block.x / xSampling) - Math.ceil(xMin / xSampling);
  const top = Math.ceil(block.y / ySampling) - Math.ceil((yMin + wanted.top) / ySampling);
  const size = plane.samples.BYTES_PER_ELEMENT;
  eachRow(block, (c, row, at) => {
    if (c !== place || top + row < 0 || top + row >= plane.height) return;
    const { rowBytes } = block.channels[c]!;
    bytes.set(rows.subarray(at, at + rowBytes), ((top + row) * plane.width + left) * size);
  });
}
