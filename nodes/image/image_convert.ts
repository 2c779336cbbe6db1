/** Node type `image_convert`: images in another format, size, depth or with other channels. Knows one image at a time. */
import { extname } from "node:path";
import { type CookedFile, defineNode, type InputFile, type ParamProblem, type ParamValues } from "dag-cook";
import type { Encoding, Geo, Image, ImageHeader, OpenedImage, Range } from "dag-cook/image";
import { BACKGROUND, FITTING, fitted, type Size, wholeSize } from "./files/fitted.js";
import { PLACE_ATTRIBUTES, type PlaceAttributes, placeOf } from "./files/geo.js";
import { placeIn, requireTagged } from "./files/images.js";
import {
  encodedNumbers,
  inTransfer,
  isNumberFormat,
  NUMBER_FORMATS,
  NUMBERS,
  type NumberFormat,
  TRANSFER,
  transferProblems,
} from "./files/numbers.js";
import { NON_FINITE, RANGE, rangeProblems } from "./files/values.js";

type Format = "png" | "tiff" | "jpeg" | "webp" | "avif" | NumberFormat;

const EXTENSIONS: Readonly<Record<string, Format>> = {
  ".png": "png",
  ".tif": "tiff",
  ".tiff": "tiff",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
  ".avif": "avif",
  ...Object.fromEntries(
    Object.entries(NUMBER_FORMATS).map(([format, extension]) => [extension, format as NumberFormat]),
  ),
};

const PARAMS = {
  format: {
    type: "string",
    enum: ["same", "png", "tiff", "exr", "hgt", "asc", "r16", "raw", "jpeg", "webp", "avif"],
    default: "same",
    description:
      "Format of the files; `same`: that of `output`'s or else the input's extension, PNG where it cannot be written. TIFF holds 32-bit floats, and where a raster lies on the ground, if its item says so (`pixel_size`, `origin`, `crs`). OpenEXR and `asc` (ESRI's ASCII grid, with the place) hold floats, too; `hgt` (SRTM) whole meters; `r16` and `raw` numbers without a header.",
  },
  depth: {
    type: "string",
    enum: ["same", "8", "16"],
    default: "same",
    description: "Bits of a PNG's channels; `same`: the input's, 16 for floats. JPEG, WebP and AVIF have 8.",
  },
  range: {
    type: ["object", "null"],
    default: null,
    properties: {
      from: { ...RANGE, type: "array", default: [0, 1], description: "The values, [low, high], of the image." },
      to: { ...RANGE, type: "array", default: [0, 1], description: "What they become." },
    },
    description:
      "Maps the values of colors from one range to another, each [low, high]: heights in meters to a PNG by `from` [-300, 2200], and back by `to` [-300, 2200]. Files of integers are 0 to 1. Null: values stay.",
  },
  non_finite: {
    ...NON_FINITE,
    description: `${NON_FINITE.description} TIFF, OpenEXR and formats of heights hold them: \`error\` is for other formats.`,
  },
  ...TRANSFER,
  ...FITTING,
  channels: {
    type: "string",
    enum: ["same", "gray", "color"],
    default: "same",
    description: "Colours: gray is Rec. 709's luma of the stored values; of gray, three equal ones.",
  },
  alpha: {
    type: "string",
    enum: ["keep", "flatten", "remove"],
    default: "keep",
    description: "What becomes of alpha: kept, laid over `background`, or left out. A JPEG has none.",
  },
  background: { ...BACKGROUND, default: "#ffffff", description: "Color below alpha and around `contain`." },
  quality: { type: "integer", minimum: 1, maximum: 100, default: 90, description: "Of JPEG, WebP and AVIF." },
  lossless: { type: "boolean", default: false, description: "Whether WebP and AVIF lose nothing." },
  ...NUMBERS,
  tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the images that are converted." },
  output: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description:
      "Where they are put. `{name}`, an input's name without extension, tells files of one item apart; items are told apart by attributes (`@filename`, `@pdg_name`). Without it, they stay in the store.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description: "Converts images: format, size, bit depth, channels, alpha. The files keep their tags.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "Items with images." } },
  attributes: { reads: [...PLACE_ATTRIBUTES] },
  check: problemsOf,
  async cook({ inputs }, params, { directory, signal, warn }) {
    const members = inputs.main!.flatMap((member) =>
      requireTagged(member, params.tag).map((file) => ({ file, member })),
    );
    const { openImage, writeBytes } = await import("dag-cook/image");
    const outputs: CookedFile[] = [];
    const names = new Set<string>();
    for (const { file, member } of members) {
      signal.throwIfAborted();
      const format = formatOf(file, params);
      const path = nameOf(file, format, params);
      if (names.has(path)) throw new Error(`Two images would be "${path}"; "{name}" in "output" tells files apart.`);
      names.add(path);
      const opened = await openImage(file.path);
      const convert = async () => {
        const [image, geo] = await converted(await opened.decode(), file, member.attributes, format, params);
        await warnOfClipping(image, file, format, warn);
        return named(file, encoded(image, geo, format, params));
      };
      const straight = await straightBytes(opened, format, params);
      await writeBytes(placeIn(directory, path), straight ?? (await convert()));
      outputs.push({ path, tag: file.tag, ...(params.output !== null && { parameter: "output" }) });
    }
    return { outputs };
  },
});

function formatOf(file: InputFile, { format, output }: Params): Format {
  return format === "same" ? (EXTENSIONS[extname(output ?? file.name).toLowerCase()] ?? "png") : format;
}

function nameOf(file: InputFile, format: Format, { output }: Params): string {
  const name = file.name.slice(0, file.name.length - extname(file.name).length);
  if (output !== null) return output.replaceAll("{name}", name.slice(name.lastIndexOf("/") + 1));
  const own = EXTENSIONS[extname(file.name).toLowerCase()] === format ? extname(file.name) : undefined;
  return (
    name + (own ?? { png: ".png", tiff: ".tif", jpeg: ".jpg", webp: ".webp", avif: ".avif", ...NUMBER_FORMATS }[format])
  );
}

/** Undefined where the image itself is needed. */
async function straightBytes(opened: OpenedImage, format: Format, params: Params): Promise<Uint8Array | undefined> {
  const size = holdsBands(format) ? undefined : sizeAlone(opened.header, format, params);
  if (size === undefined || holdsBands(format)) return undefined;
  const { convertStraight } = await import("dag-cook/image");
  return convertStraight(opened, size, encodingOf(format, params));
}

/** The size, where nothing else of the image is changed: each parameter that changes values or channels is asked here. */
function sizeAlone(header: ImageHeader, format: Format, params: Params): Size | undefined {
  const keepsAlpha = !header.alpha || (params.alpha === "keep" && format !== "jpeg");
  const keepsValues = params.range === null && params.from === "none" && params.channels === "same";
  return keepsAlpha && keepsValues ? wholeSize(header, params) : undefined;
}

function encodingOf(format: Exclude<Format, "tiff" | NumberFormat>, { depth, quality, lossless }: Params): Encoding {
  if (format !== "png") return { format, quality, lossless };
  return depth === "same" ? { format } : { format, depth: depth === "8" ? 8 : 16 };
}

/** The image, and where it lies on the ground, as far as its item says. */
async function converted(decoded: Image, file: InputFile, attributes: PlaceAttributes, format: Format, params: Params) {
  const image = await fitted(await valued(await inTransfer(decoded, params), file, format, params), params);
  // What is cut off or put around would move the origin.
  const isWhole =
    params.fit === "inside" || params.fit === "stretch" || params.width === null || params.height === null;
  return [await inColors(image, format, params), isWhole ? placeOf(attributes, decoded, image) : {}] as const;
}

/** The image with the values that it is to have: finite where the format holds no others, and of the range. */
async function valued(decoded: Image, file: InputFile, format: Format, { range, non_finite }: Params): Promise<Image> {
  const { finiteImage, mapRange } = await import("dag-cook/image");
  const isHeld = holdsBands(format) && non_finite === "error";
  const image = isHeld ? decoded : finiteImage(decoded, non_finite, file.name);
  return range === null ? image : mapRange(image, range.from as unknown as Range, range.to as unknown as Range);
}

async function inColors(image: Image, format: Format, params: Params): Promise<Image> {
  const { inChannels, layOver, plainImage } = await import("dag-cook/image");
  const alpha = params.alpha === "keep" && format === "jpeg" ? "flatten" : params.alpha;
  if (params.channels === "same" && holdsBands(format) && (alpha === "keep" || !image.alpha)) return image;
  const own = image.channels - (image.alpha ? 1 : 0);
  const isBands = own === 2 || own > 3;
  if (isBands)
    throw new Error(
      `${own} bands that are not colors cannot be ${format}, gray or color. Write TIFF or OpenEXR, or set "channels" of image_import.`,
    );
  const colors = params.channels === "gray" || (params.channels === "same" && own === 1) ? 1 : 3;
  if (!image.alpha || alpha !== "flatten") return inChannels(image, colors, image.alpha && alpha === "keep");
  const canvas = inChannels(plainImage(image.width, image.height, params.background, image.depth), 3, false);
  layOver(canvas, image, { x: 0, y: 0 });
  return inChannels(canvas, colors, false);
}

/** Integers hold 0 to 1 alone. */
async function warnOfClipping(image: Image, file: InputFile, format: Format, warn: (line: string) => void) {
  if (holdsBands(format)) return;
  const { outsideOf, shownValue, UNIT } = await import("dag-cook/image");
  const outside = outsideOf(image, UNIT);
  if (outside === undefined) return;
  const [low, high] = [shownValue(outside.low), shownValue(outside.high)];
  warn(
    `${file.name}: ${Math.ceil(100 * outside.share)}% of its values are outside 0 to 1 (${low} to ${high}), and are clipped. ` +
      `Fix: set range.from to that of all images, such as [${low}, ${high}], or "format" to "tiff".`,
  );
}

/** What is wrong with an image says which one it is. */
function named<T>({ name }: InputFile, work: Promise<T>): Promise<T> {
  return work.catch((cause: Error) => {
    throw new Error(`${name}: ${cause.message}`, { cause });
  });
}

/** Whether files of the format have any number of channels, or none but one: nothing is made a color for them. */
function holdsBands(format: Format): format is "tiff" | NumberFormat {
  return format === "tiff" || isNumberFormat(format);
}

async function encoded(image: Image, geo: Geo, format: Format, params: Params): Promise<Uint8Array> {
  if (isNumberFormat(format)) return encodedNumbers(image, geo, format, params);
  const { encodeFloatTiff, encodeImage } = await import("dag-cook/image");
  return format === "tiff" ? encodeFloatTiff(image, geo) : encodeImage(image, encodingOf(format, params));
}

function problemsOf(params: Params): readonly ParamProblem[] {
  const { format, depth, output, range } = params;
  const ranges = Object.entries(range ?? {});
  const problems = ranges.flatMap(([end, value]) => rangeProblems(`range.${end}`, value as Range));
  problems.push(...transferProblems(params));
  const named = output === null ? undefined : EXTENSIONS[extname(output).toLowerCase()];
  const wanted = Object.keys(EXTENSIONS).filter((extension) => format === "same" || EXTENSIONS[extension] === format);
  if (output !== null && (named === undefined || (format !== "same" && named !== format)))
    problems.push({ param: "output", message: `"${output}" must end in ${wanted.join(" or ")}` });
  const other = format === "same" ? named : format;
  if (depth === "16" && other !== undefined && other !== "png")
    problems.push({ param: "depth", message: `16 bits are for PNG, not for ${other}` });
  return problems;
}
