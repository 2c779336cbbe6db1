/** Node type `image_convert`: images in another format, size, depth or with other channels. Knows one image at a time. */
import { dirname, extname } from "node:path";
import { type CookedFile, defineNode, type InputFile, type ParamProblem, type ParamValues } from "dag-cook";
import type {
  Encoding,
  Geo,
  Image,
  ImageHeader,
  OpenedImage,
  Range,
  RangeWatch,
  StripFormat,
  Strips,
} from "dag-cook/image";
import { BACKGROUND, FITTING, fittedRows, fittedSize, type Rows, type Size, wholeSize } from "./files/fitted.js";
import { PLACE_ATTRIBUTES, type PlaceAttributes, placeOf } from "./files/geo.js";
import { placeIn, requireTagged } from "./files/images.js";
import {
  inTransfer,
  isNumberFormat,
  NUMBER_FORMATS,
  NUMBERS,
  type NumberFormat,
  numbersFormat,
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
    const { openImage } = await import("dag-cook/image");
    const outputs: CookedFile[] = [];
    const names = new Set<string>();
    for (const { file, member } of members) {
      signal.throwIfAborted();
      const format = formatOf(file, params);
      const path = nameOf(file, format, params);
      if (names.has(path)) throw new Error(`Two images would be "${path}"; "{name}" in "output" tells files apart.`);
      names.add(path);
      const task = { file, format, params, warn, to: placeIn(directory, path) };
      await convert(await openImage(file.path), member.attributes, task);
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

/** What is done to a file. */
interface Task {
  readonly file: InputFile;
  readonly format: Format;
  readonly params: Params;
  readonly to: string;
  readonly warn: (line: string) => void;
}

/** By libvips alone where no more than the size changes; else strip by strip, of which a small image is one. */
async function convert(opened: OpenedImage, attributes: PlaceAttributes, task: Task): Promise<void> {
  const { format, params, to } = task;
  const alone = holdsBands(format) ? undefined : sizeAlone(opened.header, format, params);
  const { convertStraight, openStrips } = await import("dag-cook/image");
  if (alone && !holdsBands(format) && (await convertStraight(opened, alone, encodingOf(format, params), to))) return;
  const strips = await openStrips(opened, dirname(to));
  try {
    await convertStrips(strips, attributes, task);
  } finally {
    await strips.close();
  }
}

async function convertStrips({ header, rows }: Strips, attributes: PlaceAttributes, task: Task): Promise<void> {
  const { file, format, params, to } = task;
  const { stripRows, UNIT, watchRange, writeStrips } = await import("dag-cook/image");
  const size = await fittedSize(header, params);
  const source: Rows = {
    ...header,
    rows: async (top, count) => valued(await inTransfer(await rows(top, count), params), task, top),
  };
  const step = stripRows(header, { ...size, channels: Math.max(3, header.channels) }, format === "exr" ? 32 : 1);
  const watch = watchRange(UNIT);
  let failure: unknown;
  const made = async function* () {
    try {
      for (let top = 0; top < size.height; top += step) {
        const image = await fittedRows(source, params, top, Math.min(step, size.height - top));
        const colored = await inColors(image, format, params);
        watch.add(colored);
        yield colored;
      }
    } catch (cause) {
      failure = cause;
      throw cause;
    }
  };
  // What is cut off or put around would move the origin.
  const isWhole =
    params.fit === "inside" || params.fit === "stretch" || params.width === null || params.height === null;
  const geo = isWhole ? placeOf(attributes, header, size) : {};
  await writeStrips(to, size.height, made(), stripFormatOf(format, geo, params)).catch((cause: Error) => {
    throw cause === failure ? cause : new Error(`${file.name}: ${cause.message}`, { cause });
  });
  if (!holdsBands(format)) await warnClipped(task, watch);
}

function stripFormatOf(format: Format, geo: Geo, params: Params): StripFormat {
  if (isNumberFormat(format)) return numbersFormat(format, geo, params);
  return format === "tiff" ? { format, floats: true, geo } : encodingOf(format, params);
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

/** The image with the values that it is to have: finite where the format holds no others, and of the range. */
async function valued(
  decoded: Image,
  { file, format, params: { range, non_finite } }: Task,
  top: number,
): Promise<Image> {
  const { finiteImage, mapRange } = await import("dag-cook/image");
  const isHeld = holdsBands(format) && non_finite === "error";
  const image = isHeld ? decoded : finiteImage(decoded, non_finite, file.name, top);
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

/** Warns of what is outside of 0 to 1, which integers do not hold. */
async function warnClipped({ file, warn }: Task, watch: RangeWatch): Promise<void> {
  const { rangeValue: shownValue } = await import("dag-cook/image");
  const found = watch.found();
  if (found === undefined) return;
  const [low, high] = [shownValue(found.low), shownValue(found.high)];
  warn(
    `${file.name}: ${Math.ceil(100 * found.share)}% of its values are outside 0 to 1 (${low} to ${high}), and are clipped. ` +
      `Fix: set range.from to that of all images, such as [${low}, ${high}], or "format" to "tiff".`,
  );
}

/** Whether files of the format have any number of channels, or none but one: nothing is made a color for them. */
function holdsBands(format: Format): format is "tiff" | NumberFormat {
  return format === "tiff" || isNumberFormat(format);
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
