/** Formats that hold numbers instead of colors for a screen: OpenEXR and those of terrain tools. Their parameters, and how an image becomes one. */
import type { ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import type { Geo, Image, StripFormat } from "dag-cook/image";

/** Extensions by format. */
export const NUMBER_FORMATS = { exr: ".exr", hgt: ".hgt", asc: ".asc", r16: ".r16", raw: ".raw" } as const;
export type NumberFormat = keyof typeof NUMBER_FORMATS;

export function isNumberFormat(format: string): format is NumberFormat {
  return format in NUMBER_FORMATS;
}

export const NUMBERS = {
  exr_type: {
    type: "string",
    enum: ["float", "half", "uint"],
    default: "float",
    description:
      "Type of an EXR's samples: `float` holds every value; `half` has 11 bits of precision and ends at 65504; `uint` holds whole numbers only.",
  },
  exr_compression: {
    type: "string",
    enum: ["zip", "zips", "piz", "none"],
    default: "zip",
    description:
      "Compression of an EXR, all without loss. `piz` is smaller where there is grain; `zips` keeps single rows.",
  },
  exr_channels: {
    type: ["string", "null"],
    default: null,
    minLength: 1,
    description:
      "Names of an EXR's channels, with commas: `height`, or `N.X,N.Y,N.Z`. Without them: Y; R, G, B; and A for alpha.",
  },
  raw_type: {
    type: "string",
    enum: ["uint16", "int16", "uint8", "int8", "uint32", "int32", "float32", "float64"],
    default: "uint16",
    description:
      "Type of a `.raw` file's numbers; `.r16` has uint16. uint8 and uint16 hold 0..1 over their full range, the other integers rounded values.",
  },
  byte_order: {
    type: "string",
    enum: ["little", "big"],
    default: "little",
    description: "Order of the bytes of `.r16` and `.raw` files.",
  },
} as const satisfies ParamSchemas;

type Numbers = ParamValues<typeof NUMBERS>;

/** How a file of one of the formats is written; a grid says where it lies on the ground. */
export function numbersFormat(
  format: NumberFormat,
  geo: Geo,
  { exr_type: type, exr_compression: compression, exr_channels, raw_type, byte_order: order }: Numbers,
): StripFormat {
  if (format === "hgt") return { format };
  if (format === "r16" || format === "raw")
    return { format: "raw", type: format === "r16" ? "uint16" : raw_type, order };
  if (format === "asc") return { format, geo };
  const names = exr_channels?.split(",").map((name) => name.trim());
  return { format, type, compression, ...(names && { names }) };
}

/** The transfers `from` and `to`. */
export const TRANSFER = {
  from: {
    type: "string",
    enum: ["none", "linear", "srgb", "rec709", "cineon"],
    default: "none",
    description:
      "How the colors of the images stand for light; with `to`, they are converted before all else. `srgb`: IEC 61966-2-1; `rec709`: the camera curve of BT.709; `cineon`: 10-bit log of film, black 95, white 685. `none`: values stay as stored.",
  },
  to: {
    type: "string",
    enum: ["none", "linear", "srgb", "rec709", "cineon"],
    default: "none",
    description: "How the colors of the results stand for light. Alpha stays.",
  },
} as const satisfies ParamSchemas;

type TransferParams = ParamValues<typeof TRANSFER>;

export async function inTransfer(image: Image, { from, to }: TransferParams): Promise<Image> {
  if (from === "none" || to === "none") return image;
  const { transferred } = await import("dag-cook/image");
  return transferred(image, from, to);
}

/** One end alone converts nothing. */
export function transferProblems({ from, to }: TransferParams): readonly ParamProblem[] {
  if ((from === "none") === (to === "none")) return [];
  const missing = to === "none" ? "to" : "from";
  return [{ param: missing, message: 'needs a value: a transfer has two ends, like "srgb" and "linear"' }];
}
