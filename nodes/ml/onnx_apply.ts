/** Node type `onnx_apply`: an image model's answer to an image of any size. */
import { extname } from "node:path";
import { defineNode, type InputFile, type InputMember, type ParamProblem, tagMatches } from "dag-cook";
import type { Depth, Image } from "dag-cook/image";
import { openModel } from "./models/open.js";

const INPUT = "file/image/input";

export default defineNode({
  description:
    "Applies an ONNX image model to an image; the item's own images are passed on, so that they can be compared.",
  version: 1,
  params: {
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
    depth: {
      type: "string",
      enum: ["auto", "8", "16", "float"],
      default: "auto",
      description: "Bits of the output's channels, 8 and 16 as PNG, 32-bit float as TIFF; `auto`: those of the input.",
    },
    output: {
      type: ["string", "null"],
      path: "output",
      default: null,
      description: "Where the output is put, a .png or .tif; without it, it stays in the store.",
    },
  },
  inputs: {
    model: { description: "Items with a model." },
    images: { description: "Items with images." },
  },
  meet: "each",
  check: outputProblems,
  async cook({ inputs }, { model_tag, tag, depth, output }, { directory, signal, threads }) {
    const [model, images] = [modelOf(inputs.model![0]!, model_tag), inputs.images![0]!];
    const file = imageOf(images, tag);
    const { decodeImage } = await import("dag-cook/image");
    const image = await decodeImage(file.path);
    signal.throwIfAborted();
    const written = depth === "auto" ? image.depth : depth === "float" ? "float" : depth === "8" ? 8 : 16;
    const path =
      output ?? `output/${file.name.slice(0, file.name.length - extname(file.name).length)}.${extensionOf(written)}`;
    await writeInto(directory, path, await apply(model, image, threads), written);
    return {
      outputs: [
        { path, tag: "file/image/output", ...(output !== null && { parameter: "output" }) },
        ...images.files.map((each) => ({ pass: each })),
      ],
    };
  },
});

function outputProblems({ output, depth }: { output: string | null; depth: string }): readonly ParamProblem[] {
  if (output === null) return [];
  const extension = extname(output).toLowerCase();
  const allowed = depth === "float" ? [".tif", ".tiff"] : depth === "auto" ? [".png", ".tif", ".tiff"] : [".png"];
  if (allowed.includes(extension)) return [];
  return [
    { param: "output", message: `output: "${output}" must end in ${allowed.join(" or ")} where depth is "${depth}"` },
  ];
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

async function apply(file: InputFile, image: Image, threads: number): Promise<Image> {
  const { imageOfPlanes, planesOf, toChannels, withoutAlpha } = await import("dag-cook/image");
  const { applyModel } = await import("dag-cook/ml/onnx/apply");
  const model = await openModel(file, threads);
  const given = toChannels(withoutAlpha(image), model.channels);
  const answer = await applyModel(model, { ...given, data: planesOf(given) });
  return imageOfPlanes(answer, answer.data, image.depth);
}

async function writeInto(directory: string, path: string, image: Image, depth: Depth): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  const { dirname, join } = await import("node:path");
  const { writeImage } = await import("dag-cook/image");
  await mkdir(dirname(join(directory, path)), { recursive: true });
  await writeImage(join(directory, path), image, depth);
}
