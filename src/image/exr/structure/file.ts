/** What an OpenEXR file says about itself: parts, channels, windows, codecs. Knows no bytes and no pixels. */

export const PIXEL_TYPES = ["uint", "half", "float"] as const;
/** Type of a channel's samples, in the order of their codes in the file. */
export type PixelType = (typeof PIXEL_TYPES)[number];

export const SAMPLE_BYTES: Readonly<Record<PixelType, number>> = { uint: 4, half: 2, float: 4 };

/** Codecs in the order of their codes, with the rows of a chunk of scan lines. Those after dwab came with OpenEXR 3.4 and 3.5. */
export const COMPRESSIONS = [
  ["none", 1],
  ["rle", 1],
  ["zips", 1],
  ["zip", 16],
  ["piz", 32],
  ["pxr24", 16],
  ["b44", 32],
  ["b44a", 32],
  ["dwaa", 32],
  ["dwab", 256],
  ["htj2k256", 256],
  ["htj2k32", 32],
  ["lj2k", 256],
  ["zstd", 1],
] as const;
export type Compression = (typeof COMPRESSIONS)[number][0];

export interface ExrChannel {
  /** With its layer: `albedo.R`. */
  readonly name: string;
  readonly type: PixelType;
  /** Columns and rows between two samples. */
  readonly xSampling: number;
  readonly ySampling: number;
  /** Whether B44 and DWA keep the values as they are, instead of a curve that suits light. */
  readonly linear: boolean;
}

/** Inclusive, in pixels. */
export interface Window {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

export interface Tiles {
  readonly width: number;
  readonly height: number;
  /** `one`, `mip` or `rip`: which smaller copies of the image the file has as well. */
  readonly levels: "one" | "mip" | "rip";
}

export interface ExrPart {
  /** Undefined where the file gives none (one part). */
  readonly name: string | undefined;
  /** Deep data (any number of samples a pixel) cannot be decoded. */
  readonly deep: boolean;
  readonly compression: Compression;
  /** In the file's order: by name. */
  readonly channels: readonly ExrChannel[];
  readonly dataWindow: Window;
  readonly displayWindow: Window;
  readonly tiles: Tiles | undefined;
  /** Chunks that the file says it has, of all levels; undefined where it does not say. */
  readonly chunkCount: number | undefined;
}

export interface ExrHeader {
  readonly parts: readonly ExrPart[];
  /** Whether each chunk begins with the number of its part. */
  readonly multipart: boolean;
  /** Where the tables of chunk offsets begin. */
  readonly tablesAt: number;
}

/** What is wrong with a file; the caller puts its path before it. */
export class ExrError extends Error {
  override readonly name = "ExrError";
}

/** That the bytes end too early; `needed` bytes at least make it whole. */
export class ExrCutShort extends ExrError {
  readonly needed: number;

  constructor(what: string, needed: number) {
    super(`the file is cut short: ${what}`);
    this.needed = needed;
  }
}

export function widthOf({ xMin, xMax }: Window): number {
  return xMax - xMin + 1;
}

export function heightOf({ yMin, yMax }: Window): number {
  return yMax - yMin + 1;
}
