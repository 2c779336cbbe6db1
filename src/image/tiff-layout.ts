/** How a TIFF stores its samples, by its own tags: size, type, planes, strips or tiles. Reads no sample and names no color. */
import { damaged, unsupported } from "./codec.js";
import type { SampleType } from "./header.js";
import type { Directory } from "./tiff-directory.js";

/** Where and how the samples lie. All sizes are those of the stored image, before its orientation. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel. */
  readonly samples: number;
  readonly sample: SampleType;
  readonly little: boolean;
  /** Whether each sample has a plane of its own. */
  readonly planar: boolean;
  /** PhotometricInterpretation. */
  readonly photometric: number;
  readonly compression: number;
  readonly predictor: number;
  /** Whether the bits of each byte are in reversed order. */
  readonly reversed: boolean;
  /** 1 to 8, as Exif's. */
  readonly orientation: number;
  /** Size of a strip or tile. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Strips or tiles in a row, and rows of them. */
  readonly across: number;
  readonly down: number;
  readonly tiled: boolean;
  /** For each block, of all planes one after the other. An offset of 0 with 0 bytes: the block is not in the file. */
  readonly offsets: readonly number[];
  readonly counts: readonly number[];
}

/** No sane file has strips or tiles that are larger once decoded. */
const LARGEST_BLOCK = 2 ** 31;

const KINDS: Readonly<Record<number, SampleType["kind"]>> = { 1: "uint", 2: "int", 3: "float", 4: "uint" };

/** Rejects with an ImageError where tags contradict each other, or samples are of a type that is not supported. */
export async function readLayout(directory: Directory, bytes: number): Promise<Layout> {
  const value = async (tag: number, absent: number) => (await directory.number(tag)) ?? absent;
  const [width, height] = [await value(256, 0), await value(257, 0)];
  if (!(width >= 1 && height >= 1)) throw damaged(`its size is ${width}×${height}`);
  const samples = await value(277, 1);
  if (!(samples >= 1)) throw damaged(`its pixels have ${samples} samples`);
  const sample = await sampleOf(directory);
  const planar = (await value(284, 1)) === 2 && samples > 1;
  const tileWidth = await directory.number(322);
  const tiled = tileWidth !== undefined;
  const blockWidth = tileWidth ?? width;
  const rows = await value(tiled ? 323 : 278, height);
  const blockHeight = tiled ? rows : Math.min(rows, height);
  if (!(blockWidth >= 1 && blockHeight >= 1)) throw damaged(`its blocks are of ${blockWidth}×${blockHeight}`);
  if (blockWidth * blockHeight * (planar ? 1 : samples) * (sample.bits / 8) > LARGEST_BLOCK)
    throw unsupported(`a strip or tile of ${blockWidth}×${blockHeight} is`, "Write it again with smaller ones.");
  const [across, down] = [Math.ceil(width / blockWidth), Math.ceil(height / blockHeight)];
  const shape = { width, height, samples, sample, planar, blockWidth, blockHeight, across, down, tiled };
  const compression = await value(259, 1);
  return {
    ...shape,
    little: directory.little,
    photometric: await value(262, samples >= 3 ? 2 : 1),
    compression,
    predictor: await value(317, 1),
    reversed: (await value(266, 1)) === 2,
    orientation: await value(274, 1),
    ...(await blocksOf(directory, across * down * (planar ? samples : 1), compression, shape, bytes)),
  };
}

async function sampleOf(directory: Directory): Promise<SampleType> {
  const sizes = (await directory.numbers(258)) ?? [1];
  const formats = (await directory.numbers(339)) ?? [1];
  const [bits = 1, format = 1] = [sizes[0], formats[0]];
  if (sizes.some((size) => size !== bits))
    throw unsupported(`samples of different sizes (${sizes.join(", ")} bits) are`, "Convert to equal ones.");
  if (formats.some((other) => other !== format)) throw unsupported("samples of different types are", "Convert them.");
  if (format === 5 || format === 6)
    throw unsupported("complex numbers are", "Convert to two bands: real and imaginary part, or magnitude and phase.");
  const kind = KINDS[format];
  if (kind === undefined) throw damaged(`samples of format ${format}`);
  const fits =
    kind === "float"
      ? [16, 24, 32, 64].includes(bits)
      : kind === "int"
        ? [8, 16, 32, 64].includes(bits)
        : (bits >= 1 && bits <= 16) || bits === 32 || bits === 64;
  if (!fits) throw unsupported(`samples of ${bits} bits (${kind}) are`, "Convert to 8, 16 or 32 bits.");
  return { kind, bits };
}

type Shape = Pick<Layout, "width" | "height" | "samples" | "sample" | "planar" | "blockWidth" | "blockHeight">;

/** Bytes of a row of a block, which begins at a whole byte. */
export function rowBytes({ blockWidth, planar, samples, sample }: Omit<Shape, "width" | "height">): number {
  return Math.ceil((blockWidth * (planar ? 1 : samples) * sample.bits) / 8);
}

/** Places of strips or tiles. Where a file does not say how long they are, they go on to the next one, or the end. */
async function blocksOf(directory: Directory, wanted: number, compression: number, shape: Shape, bytes: number) {
  const offsets = (await directory.numbers(324)) ?? (await directory.numbers(273));
  const said = (await directory.numbers(325)) ?? (await directory.numbers(279));
  if (offsets === undefined) throw damaged("it does not say where its pixels are");
  if (offsets.length < wanted) throw damaged(`it has ${offsets.length} of ${wanted} strips or tiles`);
  const full = rowBytes(shape) * shape.blockHeight;
  const counts = offsets.slice(0, wanted).map((offset, index) => {
    const count = said?.[index];
    if (count !== undefined && (count > 0 || offset === 0)) return count;
    const next = offsets[index + 1] ?? bytes;
    return Math.max(0, Math.min(compression === 1 ? full : bytes, (next > offset ? next : bytes) - offset));
  });
  return { offsets: offsets.slice(0, wanted), counts };
}

/** What a block becomes: so many pixels of so many samples, in so many bytes. */
export interface BlockShape {
  readonly width: number;
  readonly height: number;
  readonly samples: number;
  /** Bytes of all rows. */
  readonly bytes: number;
}
