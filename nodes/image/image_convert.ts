/** Node type `image_convert`: images in another format, size, depth or with other channels. Knows one image at a time. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { type CookedFile, defineNode, type InputFile, type ParamProblem, type ParamValues } from "dag-cook";
import type { Image } from "dag-cook/image";
import { BACKGROUND, FITTING, fitted } from "./files/fitted.js";
import { requireTagged } from "./files/images.js";

type Format = "png" | "tiff" | "jpeg" | "webp" | "avif";

const EXTENSIONS: Readonly<Record<string, Format>> = {
  ".png": "png",
  ".tif": "tiff",
  ".tiff": "tiff",
  ".jpg": "jpeg",
  ".jpeg": "jpeg",
  ".webp": "webp",
  ".avif": "avif",
};

const PARAMS = {
  format: {
    type: "string",
    enum: ["same", "png", "tiff", "jpeg", "webp", "avif"],
    default: "same",
    description:
      "Format of the files; `same`: that of `output`'s or else the input's extension, PNG where it cannot be written. TIFF holds 32-bit floats.",
  },
  depth: {
    type: "string",
    enum: ["same", "8", "16"],
    default: "same",
    description: "Bits of a PNG's channels; `same`: the input's, 16 for floats. JPEG, WebP and AVIF have 8.",
  },
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
  check: problemsOf,
  async cook({ inputs }, params, { directory, signal }) {
    const files = inputs.main!.flatMap((member) => requireTagged(member, params.tag));
    const outputs: CookedFile[] = [];
    const names = new Set<string>();
    for (const file of files) {
      signal.throwIfAborted();
      const format = formatOf(file, params);
      const path = nameOf(file, format, params);
      if (names.has(path)) throw new Error(`Two images would be "${path}"; "{name}" in "output" tells files apart.`);
      names.add(path);
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), await encoded(await converted(file, format, params), format, params));
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
  return name + (own ?? { png: ".png", tiff: ".tif", jpeg: ".jpg", webp: ".webp", avif: ".avif" }[format]);
}

async function converted(file: InputFile, format: Format, params: Params): Promise<Image> {
  const { decodeImage, inChannels, layOver, plainImage } = await import("dag-cook/image");
  const image = await fitted(await decodeImage(file.path), params);
  const alpha = params.alpha === "keep" && format === "jpeg" ? "flatten" : params.alpha;
  const own = image.channels - (image.alpha ? 1 : 0) === 1 ? 1 : 3;
  const colors = params.channels === "same" ? own : params.channels === "gray" ? 1 : 3;
  if (!image.alpha || alpha !== "flatten") return inChannels(image, colors, image.alpha && alpha === "keep");
  const canvas = inChannels(plainImage(image.width, image.height, params.background, image.depth), 3, false);
  layOver(canvas, image, { x: 0, y: 0 });
  return inChannels(canvas, colors, false);
}

async function encoded(image: Image, format: Format, { depth, quality, lossless }: Params): Promise<Uint8Array> {
  const { encodeCompressed, encodeFloatTiff, encodePng } = await import("dag-cook/image");
  if (format === "tiff") return encodeFloatTiff(image);
  if (format === "png") return encodePng(image, depth === "same" ? undefined : depth === "8" ? 8 : 16);
  return encodeCompressed(image, { format, quality, lossless });
}

function problemsOf({ format, depth, output }: Params): readonly ParamProblem[] {
  const problems: ParamProblem[] = [];
  const named = output === null ? undefined : EXTENSIONS[extname(output).toLowerCase()];
  const wanted = Object.keys(EXTENSIONS).filter((extension) => format === "same" || EXTENSIONS[extension] === format);
  if (output !== null && (named === undefined || (format !== "same" && named !== format)))
    problems.push({ param: "output", message: `"${output}" must end in ${wanted.join(" or ")}` });
  const other = format === "same" ? named : format;
  if (depth === "16" && other !== undefined && other !== "png")
    problems.push({ param: "depth", message: `16 bits are for PNG, not for ${other}` });
  return problems;
}
