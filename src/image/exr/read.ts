/** Reads the channels of a part of an OpenEXR file, as they are stored. Knows no images; the caller says which channels. */
import { unpack } from "./codec/codec.js";
import { type ExrChannel, ExrCutShort, ExrError, type ExrHeader, type ExrPart, heightOf, widthOf } from "./file.js";
import { type Block, blockAt, chunksOf, samplesIn, tableLength } from "./layout.js";
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

/**
 * Reads channels of a part. Throws an ExrError where a chunk is damaged and an ExrCutShort where chunks are missing,
 * each before anything is allocated that the file's size does not explain.
 */
export function readPlanes(
  bytes: Uint8Array,
  header: ExrHeader,
  part: ExrPart,
  channels: readonly ExrChannel[],
): readonly ExrPlane[] {
  const chunks = findChunks(bytes, header, part);
  const places = channels.map((channel) => part.channels.indexOf(channel));
  const planes = channels.map((channel) => planeOf(part, channel));
  const bytesOf = planes.map(({ samples }) => new Uint8Array(samples.buffer));
  for (const [number, packed] of chunks.entries()) {
    const block = blockAt(part, number);
    const rows = unpacked(part, packed, block);
    for (const [index, place] of places.entries()) copyRows(rows, block, place, part, planes[index]!, bytesOf[index]!);
  }
  return planes;
}

function planeOf(part: ExrPart, channel: ExrChannel): ExrPlane {
  const { xMin, yMin } = part.dataWindow;
  const [columns, rows] = [widthOf(part.dataWindow), heightOf(part.dataWindow)];
  const width = samplesIn(xMin, columns, channel.xSampling);
  const height = samplesIn(yMin, rows, channel.ySampling);
  const Samples = { half: Uint16Array, float: Float32Array, uint: Uint32Array }[channel.type];
  return { channel, width, height, samples: new Samples(width * height) };
}

/** The packed bytes of each chunk of the full image. */
function findChunks(
  bytes: Uint8Array,
  { parts, multipart, tablesAt }: ExrHeader,
  part: ExrPart,
): readonly Uint8Array[] {
  const number = parts.indexOf(part);
  const before = parts.slice(0, number).reduce((sum, other) => sum + tableLength(other), 0);
  const count = chunksOf(part);
  const table = new Reader(bytes, tablesAt + before * 8);
  if (table.at + count * 8 > bytes.length) {
    throw new ExrCutShort(
      `it ends at byte ${bytes.length}, in the table of its ${count} chunks.`,
      table.at + count * 8,
    );
  }
  const found: Uint8Array[] = [];
  let missing = 0;
  for (let chunk = 0; chunk < count; chunk++) {
    const offset = table.u64("the table of chunks");
    const end = offset < tablesAt ? undefined : chunkAt(bytes, offset, multipart ? number : undefined, part, chunk);
    if (end === undefined) missing++;
    else found.push(end);
  }
  if (missing > 0)
    throw new ExrCutShort(`${missing} of its ${count} chunks are missing or incomplete.`, bytes.length + 1);
  return found;
}

/** A chunk's packed bytes; undefined where the file ends before it does. Throws where it is another chunk. */
function chunkAt(
  bytes: Uint8Array,
  offset: number,
  number: number | undefined,
  part: ExrPart,
  chunk: number,
): Uint8Array | undefined {
  const { tiles } = part;
  const size = (number === undefined ? 0 : 4) + (tiles === undefined ? 8 : 20);
  if (offset + size > bytes.length) return undefined;
  const reader = new Reader(bytes, offset);
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
  if (reader.at + length > bytes.length) return undefined;
  return bytes.subarray(reader.at, reader.at + length);
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

/** A channel's rows of a block to their place in its plane. */
function copyRows(
  rows: Uint8Array,
  block: Block,
  place: number,
  part: ExrPart,
  plane: ExrPlane,
  bytes: Uint8Array,
): void {
  const { xMin, yMin } = part.dataWindow;
  const { xSampling, ySampling } = plane.channel;
  const left = Math.ceil(block.x / xSampling) - Math.ceil(xMin / xSampling);
  const top = Math.ceil(block.y / ySampling) - Math.ceil(yMin / ySampling);
  const size = plane.samples.BYTES_PER_ELEMENT;
  eachRow(block, (c, row, at) => {
    if (c !== place) return;
    const { rowBytes } = block.channels[c]!;
    bytes.set(rows.subarray(at, at + rowBytes), ((top + row) * plane.width + left) * size);
  });
}
