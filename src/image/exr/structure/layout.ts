/** Where a part's samples are: its chunks, each a block of rows or a tile, and the samples of each channel in it. Reads no bytes. */
import {
  COMPRESSIONS,
  type Compression,
  type ExrChannel,
  ExrError,
  type ExrPart,
  heightOf,
  type PixelType,
  SAMPLE_BYTES,
  widthOf,
} from "./file.js";

/** A channel's samples in a block. */
export interface BlockChannel {
  readonly name: string;
  readonly type: PixelType;
  readonly linear: boolean;
  readonly ySampling: number;
  readonly xSampling: number;
  /** Samples of a row, and rows that have any. */
  readonly width: number;
  readonly height: number;
  readonly rowBytes: number;
}

/** What a chunk holds: rows `y` to `y + rows - 1`, each of all channels one after the other (those with samples there). */
export interface Block {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly rows: number;
  readonly channels: readonly BlockChannel[];
  /** Of all its samples, unpacked. */
  readonly bytes: number;
}

/** Rows of a chunk of scan lines. */
export function rowsPerChunk(compression: Compression): number {
  return COMPRESSIONS.find(([name]) => name === compression)![1];
}

/** Multiples of `step` from `first` on, `count` integers long. */
export function samplesIn(first: number, count: number, step: number): number {
  return step === 1 ? count : Math.floor((first + count - 1) / step) - Math.ceil(first / step) + 1;
}

export function blockOf(channels: readonly ExrChannel[], x: number, y: number, columns: number, rows: number): Block {
  let bytes = 0;
  const own = channels.map(({ name, type, linear, xSampling, ySampling }): BlockChannel => {
    const width = samplesIn(x, columns, xSampling);
    const height = samplesIn(y, rows, ySampling);
    const rowBytes = width * SAMPLE_BYTES[type];
    bytes += rowBytes * height;
    return { name, type, linear, xSampling, ySampling, width, height, rowBytes };
  });
  return { x, y, columns, rows, channels: own, bytes };
}

/** How many chunks the full image of a part has: those first in its table of offsets. */
export function chunksOf(part: ExrPart): number {
  const { tiles, dataWindow } = part;
  if (tiles === undefined) return Math.ceil(heightOf(dataWindow) / rowsPerChunk(part.compression));
  return Math.ceil(widthOf(dataWindow) / tiles.width) * Math.ceil(heightOf(dataWindow) / tiles.height);
}

/** The numbers of the chunks that hold rows: the first, and the one after the last. `top`: counted from the data window's. */
export function chunksOfRows(part: ExrPart, top: number, count: number): readonly [first: number, next: number] {
  const { tiles, dataWindow } = part;
  const rows = tiles?.height ?? rowsPerChunk(part.compression);
  const across = tiles === undefined ? 1 : Math.ceil(widthOf(dataWindow) / tiles.width);
  return [Math.floor(top / rows) * across, Math.ceil((top + count) / rows) * across];
}

/** Entries of a part's table of offsets: the chunks of all its levels, which files of several parts say. */
export function tableLength(part: ExrPart): number {
  if (part.chunkCount !== undefined && part.chunkCount >= chunksOf(part)) return part.chunkCount;
  if (part.tiles === undefined || part.tiles.levels === "one") return chunksOf(part);
  throw new ExrError("its header is damaged: a part does not say how many chunks it has.");
}

/** The block of a part's chunk of the full image, by its number. */
export function blockAt(part: ExrPart, chunk: number): Block {
  const { tiles, dataWindow, channels } = part;
  const { xMin, yMin, xMax, yMax } = dataWindow;
  if (tiles === undefined) {
    const rows = rowsPerChunk(part.compression);
    const y = yMin + chunk * rows;
    return blockOf(channels, xMin, y, widthOf(dataWindow), Math.min(rows, yMax - y + 1));
  }
  const across = Math.ceil(widthOf(dataWindow) / tiles.width);
  const x = xMin + (chunk % across) * tiles.width;
  const y = yMin + Math.floor(chunk / across) * tiles.height;
  return blockOf(channels, x, y, Math.min(tiles.width, xMax - x + 1), Math.min(tiles.height, yMax - y + 1));
}
