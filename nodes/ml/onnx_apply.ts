/** Node type `onnx_apply`: an image model's answer to an image of any size. */
import { extname } from "node:path";
import {
  defineNode,
  type InputFile,
  type InputMember,
  type ParamProblem,
  type ParamValues,
  tagMatches,
} from "dag-cook";
import type { Depth, Image, ImageHeader } from "dag-cook/image";
import { writeInto } from "../image/files/images.js";
import { NON_FINITE, RANGE, rangeProblems } from "../image/files/values.js";
import { openModel } from "./models/open.js";

const INPUT = "file/image/input";
const SCALES = ["auto", "zero_to_one", "minus_one_to_one", "zero_to_255"] as const;

const PARAMS = {
  model_tag: {
    type: "string",
    default: "file/model/onnx",
    minLength: 1,
    description:
      "Tag of the model. Unpaired training tags its generators `file/model/onnx/0`, inputs to references, and `file/model/onnx/1`, the reverse.",
  },
  tag: {
    type: "string",
    default: INPUT,
    minLength: 1,
    description: "Tag of the image that the model is given; without such a file, the item's first image.",
  },
  flips: {
    type: "string",
    enum: ["none", "horizontal", "both"],
    default: "none",
    description:
      "The mean over mirrored images: `horizontal` runs the model twice, `both` four times. Models trained with flips become better.",
  },
  alpha: {
    type: "string",
    enum: ["auto", "drop", "keep"],
    default: "auto",
    description:
      "The alpha of images: dropped before channels are counted, or kept as the model's last channel. `auto`: as the model's metadata say, else dropped.",
  },
  input_range: {
    ...RANGE,
    description:
      "The values of images, [low, high], that are 0 and 1 to the model, such as [-300, 2200] for heights in meters. Null: as the model's metadata say, else [0, 1].",
  },
  output_range: {
    ...RANGE,
    description:
      "The values of the output, [low, high], for the model's 0 and 1. Null: as the model's metadata say, else [0, 1].",
  },
  non_finite: NON_FINITE,
  value_range: {
    type: "string",
    enum: SCALES,
    default: "auto",
    description:
      "The scale of the model's own numbers. `auto`: as its metadata say, else 0 to 255 for 8-bit integers, 0 to 1 for floats.",
  },
  output_value_range: {
    type: "string",
    enum: SCALES,
    default: "auto",
    description: "The scale of the numbers that the model returns, where it differs. `auto`: that of `value_range`.",
  },
  layout: {
    type: "string",
    enum: ["auto", "nchw", "nhwc"],
    default: "auto",
    description:
      "Where the model's channels are. `auto`: as its metadata or its shape say: [1, 3, height, width] or [1, height, width, 3].",
  },
  size_multiple: {
    type: ["integer", "null"],
    minimum: 1,
    maximum: 8192,
    default: null,
    description:
      "What the sides of images must be multiples of, for a model of open size: they are padded by reflection and cut back. Null: as the model's metadata say, else 1.",
  },
  tile: {
    type: ["integer", "null"],
    minimum: 8,
    maximum: 8192,
    default: null,
    description:
      "The side of tiles in pixels, for a model of open size: less memory for the model. The result is the whole image's for a model without operators over the whole image (instance norm, global pooling, attention), if its receptive field reaches up to a quarter of `overlap` to each side; else tiles differ, and are blended. Null: tiles of 2048 where a side is longer.",
  },
  overlap: {
    type: ["integer", "null"],
    minimum: 0,
    maximum: 4096,
    default: null,
    description:
      "The pixels that tiles of `tile` share, rounded up to `size_multiple`: the outer quarter is discarded, the middle half blends. Null: a quarter of `tile`.",
  },
  max_pixels: {
    type: "integer",
    minimum: 1,
    default: 2 ** 26,
    description:
      "The largest image, width × height. The whole input and output are in memory, as about five copies of 32-bit floats: 4 GB for three channels at the default of 67,108,864.",
  },
  model_output: {
    type: ["integer", "string", "null"],
    minimum: 0,
    minLength: 1,
    template: false,
    default: null,
    description:
      "The output that is the image, by name or by number from 0. Null: as the model's metadata say, else the first.",
  },
  depth: {
    type: "string",
    enum: ["auto", "8", "16", "float"],
    default: "auto",
    description:
      "Bits of the output's channels, 8 and 16 as PNG, 32-bit float as TIFF; `auto`: those of the input, floats with an `output_range` or more than 4 channels.",
  },
  output: {
    type: ["string", "null"],
    path: "output",
    default: null,
    description: "Where the output is put, a .png, or a .tif or .exr for floats; without it, it stays in the store.",
  },
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description:
    "Applies an ONNX image model to an image; the item's own images are passed on, so that they can be compared.",
  version: 1,
  params: PARAMS,
  inputs: {
    model: { description: "Items with a model." },
    images: { description: "Items with images.", main: true },
  },
  meet: "each",
  check: problemsOf,
  async cook({ inputs }, params, { directory, signal, threads, warn }) {
    const { output, depth } = params;
    const [model, images] = [modelOf(inputs.model![0]!, params.model_tag), inputs.images![0]!];
    const file = imageOf(images, params.tag);
    const { openImage } = await import("dag-cook/image");
    const source = await openImage(file.path);
    requireSmall(source.header, file.name, params.max_pixels);
    const { answerTo } = await import("./models/apply.js");
    const opened = await openModel(model, threads, choiceOf(params));
    const image = await source.decode();
    signal.throwIfAborted();
    const { flips, input_range, output_range, non_finite } = params;
    const tiling = params.tile === null ? undefined : { size: params.tile, overlap: params.overlap };
    const how = { flips, tiling, signal, input_range, output_range, non_finite, depth: depthOf(depth, output) };
    const alpha = params.alpha === "auto" ? null : params.alpha;
    const answer = await answerTo(opened, image, file, { ...how, alpha }, warn);
    const path =
      output ??
      `output/${file.name.slice(0, file.name.length - extname(file.name).length)}.${extensionOf(answer.depth)}`;
    requireHolding(path, answer, opened.name);
    await writeInto(directory, path, answer);
    return {
      outputs: [
        { path, tag: "file/image/output", ...(output !== null && { parameter: "output" }) },
        ...images.files.map((each) => ({ pass: each })),
      ],
    };
  },
});

const FLOATS = [".tif", ".tiff", ".exr"];

/** Copies of an image that are made from a file to its answer, each in 32-bit floats. */
const COPIES = 5;

/** Rejects an image that is too large before anything of it is decoded. */
function requireSmall({ width, height, channels }: ImageHeader, name: string, most: number): void {
  const pixels = width * height;
  if (pixels <= most) return;
  const gigabytes = (pixels * Math.max(3, channels) * 4 * COPIES) / 1e9;
  throw new Error(
    `${name}: ${width} × ${height} px are more than "max_pixels" allows (${most}); the image takes about ${gigabytes.toPrecision(2)} GB of memory. ` +
      'Fix: cut it into smaller images by image_tile, or, if there is so much memory, raise "max_pixels" and set "tile", such as 512.',
  );
}

/** The depth that is asked for: by its parameter, else by the output's extension. */
function depthOf(depth: Params["depth"], output: string | null): Depth | "integer" | null {
  if (depth !== "auto") return depth === "float" ? "float" : depth === "8" ? 8 : 16;
  if (output === null) return null;
  return FLOATS.includes(extname(output).toLowerCase()) ? "float" : "integer";
}

/** Rejects channels that the file's format does not hold. */
function requireHolding(path: string, { channels }: Image, model: string): void {
  if (channels <= 4 || FLOATS.includes(extname(path).toLowerCase())) return;
  throw new Error(
    `${model}: the model returns ${channels} channels, and a PNG holds 1 to 4. ` +
      'Fix: end "output" in .tif or .exr, or choose another output of the model by "model_output".',
  );
}

function problemsOf(params: Params): readonly ParamProblem[] {
  const { output, depth, input_range, output_range, tile, overlap } = params;
  const ranges = [...rangeProblems("input_range", input_range), ...rangeProblems("output_range", output_range)];
  if (overlap !== null && (tile === null || overlap > tile / 2)) {
    const message =
      tile === null ? '"overlap" is of tiles: set "tile"' : `${overlap} is more than half of "tile" (${tile})`;
    ranges.push({ param: "overlap", message });
  }
  if (output === null) return ranges;
  const extension = extname(output).toLowerCase();
  const allowed = depth === "float" ? FLOATS : depth === "auto" ? [".png", ...FLOATS] : [".png"];
  if (allowed.includes(extension)) return ranges;
  const message = `output: "${output}" must end in ${allowed.join(" or ")} where depth is "${depth}"`;
  return [...ranges, { param: "output", message }];
}

/** What the parameters say of the model. */
function choiceOf({ value_range, output_value_range, layout, size_multiple, model_output }: Params) {
  const given = <T>(value: T | "auto" | null) => (value === "auto" || value === null ? undefined : (value as T));
  return {
    value_range: given(value_range),
    output_value_range: given(output_value_range),
    layout: given(layout),
    size_multiple: given(size_multiple),
    output: given(model_output),
  };
}

function modelOf(member: InputMember, wanted: string): InputFile {
  const file = member.files.find(({ tag }) => tagMatches(tag, wanted));
  if (file !== undefined) return file;
  const tags = [...new Set(member.files.map(({ tag }) => tag))].join(", ") || "no files";
  throw new Error(`The item "${member.name}" has no ONNX model (a file tagged ${wanted}), but ${tags}.`);
}

function imageOf(member: InputMember, tag: string): InputFile {
  const find = (wanted: string) => member.files.find((file) => tagMatches(file.tag, wanted));
  const file = find(tag) ?? find("file/image");
  if (file !== undefined) return file;
  throw new Error(`The item "${member.name}" has no image (a file tagged ${tag} or file/image).`);
}

function extensionOf(depth: Depth): string {
  return depth === "float" ? "tif" : "png";
}
