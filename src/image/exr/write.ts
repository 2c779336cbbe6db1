/** Writes an OpenEXR file of one part in rows, from planes. Equal planes give equal bytes. Knows no images. */
import { toHalf } from "../../base/half.js";
import { pack, type WritableCompression } from "./codec/codec.js";
import { COMPRESSIONS, type ExrChannel, ExrError, PIXEL_TYPES, type PixelType } from "./structure/file.js";
import { type Block, blockOf, rowsPerChunk } from "./structure/layout.js";
import { eachRow } from "./structure/planar.js";

/** A channel to write: `width`·`height` values in rows. */
export interface ExrOutput {
  /** With its layer: `albedo.R`. Up to 255 bytes. */
  readonly name: string;
  /** `half` rounds to the nearest, beyond 65519 to infinity; `uint` takes integers from 0 to 2³² − 1 only. */
  readonly type: PixelType;
  readonly values: Float32Array | Uint32Array;
}

/** What is written. */
export interface ExrWriting extends ExrFrame {
  readonly channels: readonly ExrOutput[];
}

/** What is written, without its pixels. */
export interface ExrFrame {
  readonly width: number;
  readonly height: number;
  readonly channels: readonly Pick<ExrOutput, "name" | "type">[];
  /** All are lossless. ZIP unless given: small for renders; PIZ is smaller where there is grain. */
  readonly compression?: WritableCompression;
  /** Where the data window's first pixel is; 0, 0 unless given. */
  readonly origin?: readonly [x: number, y: number];
  /** Width and height of the display window, which begins at 0, 0; that of the data unless given. */
  readonly display?: readonly [width: number, height: number];
}

/** The bytes of an OpenEXR file. Throws an ExrError where values do not fit their channel's type. */
export function encodeExr(writing: ExrWriting): Uint8Array {
  const { header, chunksOf } = openExr(writing);
  const chunks = chunksOf(
    writing.channels.map(({ values }) => values),
    0,
    writing.height,
  );
  return Buffer.concat([header, exrTable(header.length, chunks), ...chunks]);
}

/** A file that is written in pieces: its header, the table of chunks (`exrTable`), the chunks. */
export interface ExrPieces {
  readonly header: Uint8Array;
  /** How many chunks there are in all. */
  readonly count: number;
  /** The chunks of rows: `values` by channel as they were given, `top` a multiple of 32. */
  chunksOf(values: readonly (Float32Array | Uint32Array)[], top: number, rows: number): readonly Uint8Array[];
}

/** A file before its pixels. Throws an ExrError where channels cannot be. */
export function openExr(writing: ExrFrame): ExrPieces {
  const { width, height, compression = "zip", origin = [0, 0] } = writing;
  const outputs = sorted(writing.channels);
  const places = outputs.map((output) => writing.channels.indexOf(output));
  const channels = outputs.map(
    ({ name, type }): ExrChannel => ({ name, type, xSampling: 1, ySampling: 1, linear: false }),
  );
  const perChunk = rowsPerChunk(compression);
  return {
    header: headerBytes(writing, channels, compression),
    count: Math.ceil(height / perChunk),
    chunksOf(values, top, rows) {
      const planes = outputs.map((output, at) => bytesOf(output, values[places[at]!]!, width * rows));
      const chunks: Uint8Array[] = [];
      for (let row = 0; row < rows; row += perChunk) {
        const block = blockOf(channels, origin[0], origin[1] + top + row, width, Math.min(perChunk, rows - row));
        chunks.push(chunkOf(block, pack(compression, rowsOf(block, planes, row), block)));
      }
      return chunks;
    },
  };
}

/** Files hold channels by name. */
function sorted<C extends Pick<ExrOutput, "name">>(channels: readonly C[]): readonly C[] {
  if (channels.length === 0) throw new ExrError("An OpenEXR file has one channel at least.");
  for (const { name } of channels) {
    const bytes = Buffer.byteLength(name);
    if (bytes < 1 || bytes > 255 || name.includes("\0")) {
      throw new ExrError(`"${name}" is not a channel's name: it has 1 to 255 bytes.`);
    }
  }
  const ordered = [...channels].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const twice = ordered.find(({ name }, index) => name === ordered[index + 1]?.name);
  if (twice !== undefined) throw new ExrError(`Two channels have the name "${twice.name}".`);
  return ordered;
}

/** As a file holds them, little-endian. */
function bytesOf(
  { name, type }: ExrFrame["channels"][number],
  values: ExrOutput["values"],
  pixels: number,
): Uint8Array {
  if (values.length !== pixels) throw new Error(`channel ${name}: ${values.length} values, not ${pixels}`);
  const samples = type === "half" ? toHalf(floats(values)) : type === "float" ? floats(values) : integers(name, values);
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

function floats(values: Float32Array | Uint32Array): Float32Array {
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function integers(name: string, values: Float32Array | Uint32Array): Uint32Array {
  if (values instanceof Uint32Array) return values;
  const whole = Uint32Array.from(values);
  const wrong = values.findIndex((value, at) => value !== whole[at]);
  if (wrong === -1) return whole;
  throw new ExrError(
    `Channel "${name}" of type uint cannot hold ${values[wrong]}: it takes integers from 0 to 4294967295.`,
  );
}

function rowsOf(block: Block, planes: readonly Uint8Array[], top: number): Uint8Array {
  const rows = new Uint8Array(block.bytes);
  eachRow(block, (c, row, at) => {
    const { rowBytes } = block.channels[c]!;
    const from = (top + row) * rowBytes;
    rows.set(planes[c]!.subarray(from, from + rowBytes), at);
  });
  return rows;
}

function chunkOf({ y }: Block, packed: Uint8Array): Uint8Array {
  const chunk = Buffer.alloc(8 + packed.length);
  chunk.writeInt32LE(y, 0);
  chunk.writeInt32LE(packed.length, 4);
  chunk.set(packed, 8);
  return chunk;
}

/** The table of chunks, which follows the header. */
export function exrTable(headerLength: number, chunks: readonly { readonly length: number }[]): Buffer {
  const table = Buffer.alloc(chunks.length * 8);
  let offset = headerLength + table.length;
  for (const [index, { length }] of chunks.entries()) {
    table.writeBigUInt64LE(BigInt(offset), index * 8);
    offset += length;
  }
  return table;
}

const LONG_NAMES = 0x400;

function headerBytes(writing: ExrFrame, channels: readonly ExrChannel[], compression: WritableCompression): Buffer {
  const { width, height, origin: [x, y] = [0, 0], display } = writing;
  const [wide, high] = display ?? [width, height];
  const long = channels.some(({ name }) => Buffer.byteLength(name) > 31);
  return Buffer.concat([
    integersOf(20000630, 2 | (long ? LONG_NAMES : 0)),
    attribute("channels", "chlist", Buffer.concat([...channels.map(channelBytes), Buffer.of(0)])),
    attribute("compression", "compression", Buffer.of(COMPRESSIONS.findIndex(([name]) => name === compression))),
    attribute("dataWindow", "box2i", integersOf(x, y, x + width - 1, y + height - 1)),
    attribute("displayWindow", "box2i", integersOf(0, 0, wide - 1, high - 1)),
    attribute("lineOrder", "lineOrder", Buffer.of(0)),
    attribute("pixelAspectRatio", "float", floatsOf(1)),
    attribute("screenWindowCenter", "v2f", floatsOf(0, 0)),
    attribute("screenWindowWidth", "float", floatsOf(1)),
    Buffer.of(0),
  ]);
}

function channelBytes({ name, type }: ExrChannel): Buffer {
  const code = PIXEL_TYPES.indexOf(type);
  return Buffer.concat([text(name), integersOf(code, 0, 1, 1)]);
}

function attribute(name: string, type: string, value: Buffer): Buffer {
  return Buffer.concat([text(name), text(type), integersOf(value.length), value]);
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`);
}

function integersOf(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value, index * 4);
  return bytes;
}

function floatsOf(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes;
}
