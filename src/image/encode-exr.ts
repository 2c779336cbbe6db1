/** Images as OpenEXR. How a file is laid out, `exr/` knows. */
import { writeFile } from "node:fs/promises";
import {
  ExrError,
  type ExrWriting,
  encodeExr,
  exrTable,
  openExr,
  type PixelType,
  type WritableCompression,
} from "./exr/index.js";
import { type Image, ImageError } from "./image.js";
import { planesOf } from "./planes.js";

export interface ExrChoice {
  /** `float` unless given. `half` has 11 bits of precision and ends at 65504; `uint` takes whole numbers only. */
  readonly type?: PixelType;
  /** `zip` unless given. All are lossless. */
  readonly compression?: WritableCompression;
  /** A name for each channel (`N.X`); Y, with A for alpha; R, G, B; of more, `band1` and so on, unless given. */
  readonly names?: readonly string[];
}

/** The bytes of an OpenEXR file; equal images give equal bytes. Throws an ImageError where values or names do not fit. */
export function encodeExrImage(image: Image, choice: ExrChoice = {}): Uint8Array {
  return inExrWords(() => {
    const { header, chunksOf } = exrPieces(image, image.height, choice);
    const chunks = chunksOf(image, 0);
    return Buffer.concat([header, exrTable(header.length, chunks), ...chunks]);
  });
}

/** A file that is written in pieces; `image`: some of its rows, of which only the channels count. */
export function exrPieces(
  image: Image,
  height: number,
  { type = "float", compression = "zip", names }: ExrChoice = {},
) {
  const { width, channels } = image;
  const own = names ?? namesOf(image);
  if (own.length !== channels) {
    throw new ImageError(`${own.length} names (${own.join(", ")}) are not those of ${channels} channels.`);
  }
  const pieces = inExrWords(() => {
    return openExr({ width, height, channels: own.map((name) => ({ name, type })), compression });
  });
  return {
    ...pieces,
    chunksOf(rows: Image, top: number): readonly Uint8Array[] {
      const data = planesOf(rows);
      const pixels = width * rows.height;
      const values = own.map((_, c) => data.subarray(c * pixels, (c + 1) * pixels));
      return inExrWords(() => pieces.chunksOf(values, top, rows.height));
    },
  };
}

function inExrWords<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw cause instanceof ExrError ? new ImageError(cause.message, { cause }) : cause;
  }
}

/** Writes an OpenEXR file of any channels. Rejects with an ImageError where values do not fit, or the file cannot be written. */
export async function writeExr(path: string, writing: ExrWriting): Promise<void> {
  try {
    await writeFile(path, encodeExr(writing));
  } catch (cause) {
    const reason = cause instanceof ExrError ? cause.message : `it cannot be written (${(cause as Error).message}).`;
    throw new ImageError(`${path}: ${reason}`, { cause });
  }
}

/** By which a reader finds colors and alpha again. */
function namesOf({ channels, alpha }: Image): readonly string[] {
  const colors = channels - (alpha ? 1 : 0);
  if (colors > 3) {
    const digits = String(channels).length;
    return Array.from({ length: channels }, (_, c) => `band${String(c + 1).padStart(digits, "0")}`);
  }
  const names = colors === 1 ? ["Y"] : ["R", "G", "B"].slice(0, colors);
  return alpha ? [...names, "A"] : names;
}
