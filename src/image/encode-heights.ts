/** Images of one channel as files of terrain tools: .hgt, .asc and raw numbers. Equal images give equal bytes. */
import { HGT_VOID } from "./codec-hgt.js";
import type { Geo } from "./header.js";
import { type Image, ImageError, valuesOf } from "./image.js";
import { type ByteOrder, bytesOfNumbers, type RawType, rangeOf } from "./raw-type.js";

/** Which rows of a larger image are given: those from `top` on, of `height` in all. */
export interface Part {
  readonly top: number;
  readonly height: number;
}

function wholeOf({ height }: Image): Part {
  return { top: 0, height };
}

/** The values of an image of one channel. Throws an ImageError where it has others. */
function heightsOf(image: Image, format: string): Float32Array {
  const { channels } = image;
  if (channels === 1) return valuesOf(image);
  throw new ImageError(
    `${format} holds one channel; the image has ${channels}. Choose "gray", or one channel on import.`,
  );
}

/** SRTM's .hgt: heights in metres, rounded; NaN is "no data" (−32768). Throws an ImageError where the image is not square. */
export function encodeHgt(image: Image, { top, height }: Part = wholeOf(image)): Uint8Array {
  const heights = heightsOf(image, "An .hgt file");
  if (image.width !== height) {
    throw new ImageError(`An .hgt file is square; the image is ${image.width}×${height}. Cut it first.`);
  }
  const filled = heights.map((value) => (Number.isNaN(value) ? HGT_VOID : value));
  return bytesOfNumbers(rounded(filled, image.width, top, "int16", 1), "int16", "big");
}

/**
 * Numbers without a header. uint8 and uint16 hold 0..1 over their full range, the other integers rounded numbers. Throws an
 * ImageError that names the first value that does not fit.
 */
export function encodeRaw(image: Image, type: RawType, order: ByteOrder, { top } = wholeOf(image)): Uint8Array {
  const heights = heightsOf(image, "A raw file");
  const full = type === "uint8" ? 255 : type === "uint16" ? 65535 : 1;
  return bytesOfNumbers(
    rangeOf(type) === undefined ? heights : rounded(heights, image.width, top, type, full),
    type,
    order,
  );
}

/** Whole numbers of a type. */
function rounded(values: Float32Array, width: number, top: number, type: RawType, full: number): Float64Array {
  const [low, high] = rangeOf(type)!;
  const numbers = new Float64Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const number = Math.round(values[at]! * full);
    // False for NaN as well.
    if (!(number >= low && number <= high)) {
      const place = `column ${at % width}, row ${top + Math.floor(at / width)}`;
      const span = full === 1 ? `${low} to ${high}` : "0 to 1";
      throw new ImageError(
        `The value ${values[at]} at ${place} is outside ${span}, which ${type} holds. Map it ("range"), or write floats.`,
      );
    }
    numbers[at] = number;
  }
  return numbers;
}

/** ESRI's ASCII grid, with the place that is known; cells of 1 at 0, 0 otherwise. NaN is "no data" (−9999 unless it has another). */
export function encodeAsc(image: Image, geo: Geo = {}, { top: first, height } = wholeOf(image)): Uint8Array {
  const heights = heightsOf(image, "An ASCII grid");
  const { width } = image;
  const { pixelSize: [dx, dy] = [1, 1], origin: [x, top] = [0, dy * height], nodata = -9999 } = geo;
  const lines: string[] = [];
  const head = [`ncols ${width}`, `nrows ${height}`, `xllcorner ${x}`, `yllcorner ${top - dy * height}`];
  head.push(...(dx === dy ? [`cellsize ${dx}`] : [`dx ${dx}`, `dy ${dy}`]), `NODATA_value ${nodata}`);
  if (first === 0) lines.push(...head);
  for (let y = 0; y < image.height; y++) {
    const row = heights.subarray(y * width, (y + 1) * width);
    lines.push(Array.from(row, (value) => (Number.isNaN(value) ? String(nodata) : shortest(value))).join(" "));
  }
  return Buffer.from(`${lines.join("\n")}\n`);
}

/** The fewest digits that are this 32-bit float again. */
function shortest(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(Number(value.toPrecision(9)));
}
