/** A step's samples as a contact sheet: what they are, what was made of them, what that ought to be. It knows no files. */
import type { Image } from "../../image/image.js";
import { imageOfPlanes } from "../../image/planes.js";
import { contactSheet } from "../../image/sheet.js";
import type { Settings } from "./settings.js";
import { toUnit } from "./similarity.js";

/** Rows of a sheet, at most. */
const ROWS = 8;

/** A step's images. */
interface StepImages {
  /** Counts from 1. */
  readonly step: number;
  /** By name: the samples' images, [count, channels, side, side] in −1..1. */
  readonly images: ReadonlyMap<string, Float32Array>;
}

/** A row a sample, a column for each of its images. A data range is shown from black to white. */
export function sheetOf(
  { step, images }: StepImages,
  { side, channel_count: channels, values: { alpha } }: Settings,
): Promise<Image> {
  const length = channels * side * side;
  const image = (values: Float32Array, at: number) =>
    imageOfPlanes(
      { width: side, height: side, channels },
      toUnit(values.subarray(at * length, (at + 1) * length)),
      "float",
      alpha === "keep",
    );
  const all = [...images.values()];
  const rows = Array.from({ length: Math.min(all[0]!.length / length, ROWS) }, (_, at) => ({
    label: `step ${step}`,
    images: all.map((values) => image(values, at)),
  }));
  return contactSheet({ columns: [...images.keys()], rows });
}
