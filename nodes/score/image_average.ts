/** Node type `image_average`: the mean of images as a baseline, which knows nothing of what it is applied to. */
import { defineNode, type InputFile } from "dag-cook";
import type { Image } from "dag-cook/image";
import { imageName, requireTagged, tagged, writeInto } from "../image/files/images.js";

export default defineNode({
  description: "Answers every image with the mean of others: a baseline that a trained model must beat.",
  version: 1,
  params: {
    mode: {
      type: "string",
      enum: ["constant", "per_pixel"],
      default: "constant",
      description: "One mean value for the whole image, or a mean for each pixel.",
    },
    tag: { type: "string", default: "file/image/reference", minLength: 1, description: "Tag of the averaged images." },
    name: { type: "string", default: "average", minLength: 1, description: "Name of the baseline in comparisons." },
  },
  inputs: {
    images: { description: "A partition of the images that are averaged: those of the training." },
    apply_to: { description: "Items with a `file/image/input`, such as test tiles.", main: true },
  },
  meet: "each",
  attributes: { writes: { baseline: "string" } },
  async cook({ inputs }, { mode, tag, name }, { directory, signal }) {
    const target = inputs.apply_to![0]!;
    const [input] = requireTagged(target, "file/image/input");
    const members = inputs.images!;
    const files = members.flatMap((member) => tagged(member, tag));
    if (files.length === 0) throw new Error(`No member of "images" has a file tagged "${tag}".`);
    const { readHeader, resize } = await import("dag-cook/image");
    const { width, height } = await readHeader(input.path);
    const mean = await meanOf(files, signal);
    const sized = resize(mode === "constant" ? leveled(mean) : mean, width, height);
    // 16 bits where the files have 8: the mean shall not be judged by its rounding.
    const depth = mean.depth === "float" ? "float" : 16;
    const path = `output/${imageName(input.name, depth)}`;
    await writeInto(directory, path, sized, depth);
    const passed = target.files.map((file) => ({ pass: file }));
    return { outputs: [{ path, tag: "file/image/output" }, ...passed], attributes: { baseline: name } };
  },
});

/** The mean of images by pixel, in the size and channels of the first. */
async function meanOf(files: readonly InputFile[], signal: AbortSignal): Promise<Image> {
  const { decodeImage, resize, UNIT, valuesOf } = await import("dag-cook/image");
  const { toNetwork } = await import("dag-cook/ml/data/network-image");
  const read = async ({ path, name }: InputFile, channel_count: number | null) =>
    toNetwork(await decodeImage(path), { channel_count, alpha: "drop", range: UNIT, non_finite: "error" }, name);
  const first = await read(files[0]!, null);
  const sums = new Float64Array(first.samples.length);
  for (const file of files) {
    signal.throwIfAborted();
    const values = valuesOf(resize(await read(file, first.channels), first.width, first.height));
    for (let at = 0; at < sums.length; at++) sums[at]! += values[at]!;
  }
  return { ...first, samples: Float32Array.from(sums, (sum) => sum / files.length) };
}

/** Every channel at its mean. */
function leveled(image: Image): Image {
  const { width, height, channels, samples } = image;
  const sums = new Float64Array(channels);
  for (let at = 0; at < samples.length; at++) sums[at % channels]! += samples[at]!;
  return { ...image, samples: samples.map((_, at) => sums[at % channels]! / (width * height)) };
}
