/** What an image file says about itself, and the limits of size. Reads nothing. */
import type { Depth } from "./image.js";

/** What is refused before anything is decoded. */
export interface Limits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Width times height. */
  readonly pixels: number;
}

/** Samples of an image up to which it is worked on as a whole, and not in strips: 2²⁶, or what the variable DAG_WHOLE_SAMPLES says. */
export function wholeSamples(): number {
  return positive(process.env.DAG_WHOLE_SAMPLES, 2 ** 26);
}

function positive(text: string | undefined, absent: number): number {
  return Number(text) >= 1 ? Number(text) : absent;
}

/** 2³⁰ pixels (32768²), of which a channel takes 4 GiB once decoded, or what the variable DAG_MAX_PIXELS says; and 16 GiB. */
export function limits(): Limits {
  return { bytes: 2 ** 34, pixels: positive(process.env.DAG_MAX_PIXELS, 2 ** 30) };
}

/** How a sample is stored. */
export interface SampleType {
  readonly kind: "uint" | "int" | "float";
  /** 1 to 64. */
  readonly bits: number;
}

/** Where a raster lies on the ground, as GeoTIFF says it. */
export interface Geo {
  /** Size of a pixel in units of the coordinate system: along x, and along y (positive where rows go down, to the south). */
  readonly pixelSize?: readonly [number, number];
  /** Coordinates of the outer corner of the first pixel. */
  readonly origin?: readonly [number, number];
  /** Change of y along a row and of x along a column, of a raster that is turned. */
  readonly shear?: readonly [number, number];
  /** The coordinate system: `EPSG:2056`, or `geokeys:…` with GeoTIFF's keys where it has no such number. */
  readonly crs?: string;
  /** The value that stands for "no data". The samples keep it. */
  readonly nodata?: number;
}

/** An image file's header. Width and height are those of the upright image (Exif orientation applied). */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  /** Channels of the decoded image; a palette's are its colors'. */
  readonly channels: number;
  readonly depth: Depth;
  /** Whether the last channel is alpha. */
  readonly alpha: boolean;
  /** `png`, `jpeg`, `tiff`, … */
  readonly format: string;
  /** How the file stores a sample. */
  readonly sample: SampleType;
  readonly geo?: Geo;
  /** Size of the file. */
  readonly bytes: number;
}
