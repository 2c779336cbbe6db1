/**
 * Reads TIFF and BigTIFF by the file's own tags: every sample comes through as it is stored, or the file is refused in words.
 * Blocks are read and placed one at a time. Knows neither how blocks are compressed nor how samples are packed.
 */
import { damaged, type ImageCodec, type ImageFile, type Reading, type ReadRows } from "./codec.js";
import { decodeBySharp } from "./codec-sharp.js";
import { readGeo } from "./geotiff.js";
import type { ImageHeader } from "./header.js";
import { type Depth, fullOf, type Image, ImageError, imageOf, type Samples } from "./image.js";
import { oriented } from "./orientation.js";
import { type ReadAt, withBytes } from "./start.js";
import { type Bands, readBands } from "./tiff-bands.js";
import { isFax, requireKnown, type Unpack, unpackOf } from "./tiff-block.js";
import { type Directory, readDirectory } from "./tiff-directory.js";
import type { BlockShape } from "./tiff-layout.js";
import { type Layout, readLayout, rowBytes } from "./tiff-layout.js";
import { type BlockSamples, fullScale, reversedBits, samplesOf } from "./tiff-samples.js";

export const tiffCodec: ImageCodec = {
  format: "tiff",
  name: "TIFF",
  extensions: [".tif", ".tiff"],
  sniff: ({ start }) => /^(II[*+]\0|MM\0[*+])/.test(start.toString("latin1")),
  readHeader: (file, reading) => withTags(file, reading, ({ header }) => Promise.resolve(header)),
  decode: (file, _, reading) => withTags(file, reading, (tagged) => decode(tagged, reading)),
  rows: readRows,
};

/** A file whose tags were read. */
interface Tagged {
  readonly file: ImageFile;
  readonly readAt: ReadAt;
  readonly directory: Directory;
  readonly layout: Layout;
  readonly bands: Bands;
  readonly header: ImageHeader;
}

function withTags<T>(file: ImageFile, reading: Reading, use: (tagged: Tagged) => Promise<T>): Promise<T> {
  return withBytes(file, async (readAt) => {
    const directory = await readDirectory(readAt, file.bytes, pageOf(reading));
    const layout = await readLayout(directory, file.bytes);
    requireKnown(layout);
    const bands = await readBands(directory, layout, reading.channels);
    const geo = await readGeo(directory);
    const header = { ...headerOf(layout, bands), ...(geo && { geo }), bytes: file.bytes };
    return use({ file, readAt, directory, layout, bands, header });
  });
}

function pageOf({ part = "0" }: Reading): number {
  const page = Number(part);
  if (Number.isInteger(page) && page >= 0 && page < 65536) return page;
  throw new ImageError(`"part" is a page's number from 0, not "${part}".`);
}

function headerOf({ width, height, orientation, sample }: Layout, { taken, alpha, palette }: Bands) {
  const size = orientation >= 5 && orientation <= 8 ? { width: height, height: width } : { width, height };
  const ofSample: Depth = fullScale(sample) === undefined ? "float" : sample.bits <= 8 ? 8 : 16;
  const depth = palette ? paletteScale(palette)[1] : ofSample;
  return { ...size, channels: taken.length + (palette ? 2 : 0), depth, alpha, format: "tiff", sample };
}

async function decode(tagged: Tagged, reading: Reading): Promise<Image> {
  const { file, directory, layout, header } = tagged;
  if (isFax(layout.compression)) return decodeBySharp(file, header, reading);
  const unpack = await unpackOf(layout.compression, directory, layout.photometric);
  return oriented(await decodeRows(tagged, unpack, 0, layout.height), layout.orientation);
}

/** Rows of a turned image are columns of the stored one, and a fax is read as a whole. */
async function readRows(file: ImageFile, _: ImageHeader, reading: Reading): Promise<ReadRows | undefined> {
  return withTags(file, reading, async ({ readAt: __, ...tagged }) => {
    const { directory, layout } = tagged;
    if (isFax(layout.compression) || layout.orientation !== 1) return undefined;
    const unpack = await unpackOf(layout.compression, directory, layout.photometric);
    return (top, count) => withBytes(file, (readAt) => decodeRows({ ...tagged, readAt }, unpack, top, count));
  });
}

/** Rows as they are stored. */
async function decodeRows(
  { readAt, layout, bands, header }: Tagged,
  unpack: Unpack,
  top: number,
  count: number,
): Promise<Image> {
  requireInside(layout, header.bytes);
  const { width, planar, across, down, blockHeight } = layout;
  const target = roomFor({ ...layout, height: count }, bands);
  const place = placer(layout, bands, target, top, count);
  const wanted = planar ? [...new Set(bands.taken)] : [0];
  const absent = header.geo?.nodata ?? 0;
  const [first, end] = [Math.floor(top / blockHeight) * across, Math.ceil((top + count) / blockHeight) * across];
  for (const plane of wanted) {
    for (let block = first; block < end; block++) {
      const samples = await readBlock(readAt, layout, plane * across * down + block, unpack);
      place(samples ?? absent, plane, block);
    }
  }
  const samples = bands.palette ? colored(target, bands.palette, bands.alpha, layout.sample.bits) : target;
  const { depth, alpha, channels } = header;
  const stored = imageOf({ width, height: count, channels }, samples, depth, alpha);
  return bands.associated ? { ...stored, associated: true } : stored;
}

/** Integers stay what they are where their bits fill 8 or 16, or a multiple does; a palette's indices do. */
function roomFor({ width, height, sample }: Layout, { taken, palette }: Bands): Samples {
  const length = taken.length * width * height;
  if (sample.kind === "uint" && (palette ? sample.bits <= 8 : 8 % sample.bits === 0)) return new Uint8Array(length);
  if (sample.kind === "uint" && (sample.bits === 16 || palette)) return new Uint16Array(length);
  return new Float32Array(length);
}

/** Throws where a block lies outside the file: nothing is allocated for a file that claims what it does not have. */
function requireInside({ offsets, counts }: Layout, bytes: number): void {
  const lost = offsets.findIndex((offset, index) => offset + counts[index]! > bytes);
  if (lost >= 0) throw damaged(`strip or tile ${lost + 1} of ${offsets.length} ends after the file`);
}

/** The samples of a block; undefined for one that is not in the file. */
async function readBlock(
  readAt: ReadAt,
  layout: Layout,
  index: number,
  unpack: Unpack,
): Promise<BlockSamples | undefined> {
  const [at, count] = [layout.offsets[index]!, layout.counts[index]!];
  if (count === 0) return undefined;
  const read = await readAt(at, count);
  const row = Math.floor((index % (layout.across * layout.down)) / layout.across);
  const rows = layout.tiled
    ? layout.blockHeight
    : Math.min(layout.blockHeight, layout.height - row * layout.blockHeight);
  const bytes = rowBytes(layout) * rows;
  const samples = layout.planar ? 1 : layout.samples;
  const shape: BlockShape = { width: layout.blockWidth, height: rows, samples, bytes };
  const unpacked = await unpack(layout.reversed ? reversedBits(read) : read, shape);
  if (unpacked.length < bytes) throw damaged(`strip or tile ${index + 1} has ${unpacked.length} of ${bytes} bytes`);
  return samplesOf(
    unpacked.length === bytes ? unpacked : unpacked.subarray(0, bytes),
    layout,
    layout.compression === 34887,
  );
}

/** Puts a block's samples (or one value) where they belong among those of the bands that are taken, of `count` rows from `from` on. */
function placer(layout: Layout, { taken, palette }: Bands, target: Samples, from: number, count: number) {
  const { width, blockWidth, blockHeight, across, planar, photometric, sample } = layout;
  const full = fullScale(sample) ?? 1;
  const scale = palette ? 1 : fullOf(target) / full;
  // Of numbers without a full scale, no value is white.
  const isInverted = photometric === 0 && fullScale(sample) !== undefined;
  const [stride, step] = [planar ? 1 : layout.samples, taken.length];
  const row = (samples: BlockSamples, start: number, to: number, columns: number): void => {
    let from = start;
    const end = to + columns * step;
    if (scale === 1 && !isInverted) for (let at = to; at < end; at += step, from += stride) target[at] = samples[from]!;
    else
      for (let at = to; at < end; at += step, from += stride) {
        const value = isInverted ? full - samples[from]! : samples[from]!;
        target[at] = scale >= 1 ? value * scale : value / full;
      }
  };
  return (samples: BlockSamples | number, plane: number, block: number): void => {
    const [left, top] = [(block % across) * blockWidth, Math.floor(block / across) * blockHeight];
    const columns = Math.min(blockWidth, width - left);
    const [first, end] = [Math.max(0, from - top), Math.min(blockHeight, from + count - top)];
    for (const [channel, band] of taken.entries()) {
      if (planar && band !== plane) continue;
      for (let y = first; y < end; y++) {
        const to = ((top + y - from) * width + left) * step + channel;
        if (typeof samples === "number") for (let x = 0; x < columns; x++) target[to + x * step] = samples * scale;
        else row(samples, y * blockWidth * stride + (planar ? 0 : band), to, columns);
      }
    }
  };
}

/**
 * What a palette's values are out of, and whether they are of 8 bits: those that use the low or the high 8 of their 16 bits,
 * or repeat them.
 */
function paletteScale(palette: readonly number[]): readonly [full: number, depth: Depth] {
  if (palette.every((value) => value < 256)) return [255, 8];
  if (palette.every((value) => value % 256 === 0)) return [255 * 256, 8];
  return [65535, palette.every((value) => value % 257 === 0) ? 8 : 16];
}

/** Colors by index; what is beside an index is alpha. */
function colored(indices: Samples, palette: readonly number[], alpha: boolean, bits: number): Samples {
  const [full, depth] = paletteScale(palette);
  const [colors, step] = [2 ** bits, alpha ? 2 : 1];
  const [top, channels] = [depth === 8 ? 255 : 65535, 2 + step];
  const length = (indices.length / step) * channels;
  const samples = depth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  for (let from = 0, to = 0; from < indices.length; from += step, to += channels) {
    for (let c = 0; c < 3; c++) samples[to + c] = Math.round((palette[c * colors + indices[from]!]! / full) * top);
    if (alpha) samples[to + 3] = Math.round((indices[from + 1]! / (colors - 1)) * top);
  }
  return samples;
}
