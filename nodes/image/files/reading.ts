/** What of an image file is taken, and what its header says. Knows no folders; decodes nothing. */
import type { Json, ParamProblem, ParamSchemas } from "dag-cook";
import type { Geo, RawType, Reading } from "dag-cook/image";

/** What is taken of a file; null: what it says itself. */
export type Choice = {
  readonly channels: string | null;
  readonly part: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly raw_type: "auto" | RawType;
  readonly byte_order: "little" | "big";
};

const SIDE = { type: ["integer", "null"], minimum: 1, maximum: 1_000_000, default: null } as const;

/** The parameters that choose. */
export const CHOICE = {
  channels: {
    type: ["string", "null"],
    minLength: 1,
    default: null,
    description:
      "Up to four channels to take, in this order: names (`R,G,B`), a layer, or band numbers from 1 (`4,3,2`). None of them counts as alpha. Null: all of the file, which must then have one to four.",
  },
  part: {
    type: ["string", "null"],
    minLength: 1,
    default: null,
    description: "Part of a file of several, by name or by number from 0. Null: the first.",
  },
  width: { ...SIDE, description: "Width in pixels of files that do not say it (`.raw`, `.r16`)." },
  height: { ...SIDE, description: "Height in pixels of such files." },
  raw_type: {
    type: "string",
    enum: ["auto", "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64"],
    default: "auto",
    description:
      "Type of the numbers of such files; `auto`: float32 of `.r32`, uint16 of others. uint8 and uint16 are 0 to 1.",
  },
  byte_order: { type: "string", enum: ["little", "big"], default: "little", description: "Order of their bytes." },
} as const satisfies ParamSchemas;

/** Whether anything is chosen, so that what is below gets a file with just that. */
export function choosesParts({ channels, part, width, height }: Choice): boolean {
  return channels !== null || part !== null || width !== null || height !== null;
}

/** What is wrong with a choice. */
export function choiceProblems({ width, height }: Choice): readonly ParamProblem[] {
  if ((width === null) === (height === null)) return [];
  const [missing, given] = width === null ? ["width", "height"] : ["height", "width"];
  return [{ param: missing!, message: `"${given}" needs it beside it` }];
}

/** The choice as `dag-cook/image` takes it. */
export function readingOf({ channels, part, width, height, raw_type, byte_order }: Choice): Partial<Reading> {
  return {
    byteOrder: byte_order,
    ...(raw_type !== "auto" && { type: raw_type }),
    ...(channels !== null && { channels }),
    ...(part !== null && { part }),
    ...(width !== null && { width }),
    ...(height !== null && { height }),
  };
}

/** What a header says. */
export interface Header {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Bits of a sample in the file. */
  readonly bits: number;
  readonly geo?: Geo;
}

/** What a look at a file found: its header, or why it cannot be read, without its path. */
export type Look =
  | { readonly header: Header; readonly error?: never }
  | { readonly header?: never; readonly error: string };

/** Rejects where the file cannot be opened, which says nothing about it. */
export async function headerOf(path: string, choice: Choice): Promise<Look & Json> {
  const { ImageError, readHeader } = await import("dag-cook/image");
  try {
    const { width, height, channels, sample, geo: all } = await readHeader(path, readingOf(choice));
    const { nodata, ...place } = all ?? {};
    // What a look finds is JSON.
    const geo = { ...place, ...(Number.isFinite(nodata) && { nodata }) };
    return { header: { width, height, channels, bits: sample.bits, geo } } as unknown as Look & Json;
  } catch (error) {
    if (!(error instanceof ImageError) || !isAboutFile(error)) throw error;
    return { error: error.message.replace(`${path}: `, "") } as Look & Json;
  }
}

/** Whether an error is of what is in the file, not of this machine: a missing file, no permission, a limit. */
function isAboutFile(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && /^E[A-Z]+$/.test(String(cause.code))) return false;
  return !error.message.includes("above the limit");
}
