/** Node type `augment`: varied copies of an item's images. Every draw follows from the item's seed. */
import { type CookedFile, defineNode, type InputFile, type ParamValues, tagMatches } from "dag-cook";
import type { Image } from "dag-cook/image";
import type { Draw } from "dag-cook/ml/data/randomize";
import { imageName, writeInto } from "./files/images.js";

const PROBABILITY = { type: "number", minimum: 0, maximum: 1, default: 0 } as const;

const PARAMS = {
  copies: {
    type: "integer",
    minimum: 0,
    default: 1,
    effect: "items",
    description: "Varied copies of each upstream item.",
  },
  include_original: {
    type: "boolean",
    default: false,
    effect: "items",
    description: "Whether an unchanged item comes before the copies.",
  },
  horizontal_flip: { ...PROBABILITY, description: "Probability that left and right are swapped." },
  vertical_flip: { ...PROBABILITY, description: "Probability that top and bottom are swapped." },
  rotation: {
    ...PROBABILITY,
    description: "Probability of a rotation, which is zoomed so that no corner is empty.",
  },
  rotation_max_degrees: {
    type: "number",
    minimum: 0,
    maximum: 180,
    default: 180,
    description: "Largest angle of a rotation, to either side.",
  },
  crop_inputs: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: "Crops a fraction between 1 − this and 1 of both sides, at any place, and resizes it back.",
  },
  brightness: { ...PROBABILITY, description: "Largest value added or taken away, of a range of 0 to 1." },
  contrast: {
    type: "number",
    minimum: 0,
    exclusiveMaximum: 1,
    default: 0,
    description: "Largest change of the factor of contrast, which lies within 1 ± this.",
  },
  gamma: {
    type: "number",
    minimum: 0,
    default: 0,
    description: "Largest change of gamma, which lies between 1 / (1 + this) and 1 + this.",
  },
  noise: { type: "number", minimum: 0, default: 0, description: "Standard deviation of normal noise that is added." },
  photometric_tags: {
    type: "array",
    items: { type: "string", minLength: 1 },
    default: ["file/image/input"],
    description: "Tags of the images that brightness, contrast, gamma and noise change; geometry changes all images.",
  },
  seed: { type: "integer", default: 0, description: "Another value gives other draws." },
} as const;

type Params = ParamValues<typeof PARAMS>;

/** Attributes that say where an image lies on the ground. */
const PLACE = ["pixel_size", "origin", "shear"];

export default defineNode({
  description: "Makes varied copies: flips, rotation, crop, the same for all images of an item; and changes of values.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "Items with images." } },
  attributes: { reads: ["copy"], writes: { copy: "int" }, removes: (params) => (moves(params) ? PLACE : []) },
  seeded: true,
  *generate([upstream], { copies, include_original, ...params }) {
    for (let copy = include_original ? 0 : 1; copy <= copies; copy++) {
      const label = `${upstream?.name ?? "item"} ${copy === 0 ? "original" : `copy ${copy}`}`;
      const removes = copy > 0 && moves(params) ? PLACE : [];
      yield { identity: copy, attributes: { copy }, label, removes };
    }
  },
  async cook({ attributes, inputs }, params, { directory, seed, signal, warn }) {
    const copy = attributes.copy as number;
    const files = inputs.main!.flatMap((member) => member.files);
    if (copy === 0) return { outputs: files.map((file) => ({ pass: file })) };
    const { drawRandomization } = await import("dag-cook/ml/data/randomize");
    const draw = drawRandomization(params, seed, params.seed, 0);
    const outputs: CookedFile[] = [];
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      if (!tagMatches(file.tag, "file/image")) outputs.push({ pass: file });
      else outputs.push(await vary(file, index, copy, draw, params, seed, directory));
    }
    if (changesValues(params) && !files.some((file) => isPhotometric(file, params))) {
      warn(
        `No image is tagged ${params.photometric_tags.join(" or ")}: brightness, contrast, gamma and noise change nothing.`,
      );
    }
    return { outputs };
  },
});

/** Whether a copy may lie elsewhere on the ground than its original: flipped, turned or cropped. */
function moves(params: Pick<Params, "horizontal_flip" | "vertical_flip" | "rotation" | "crop_inputs">): boolean {
  return [params.horizontal_flip, params.vertical_flip, params.rotation, params.crop_inputs].some((some) => some > 0);
}

async function vary(
  file: InputFile,
  index: number,
  copy: number,
  draw: Draw,
  params: Params,
  seed: number,
  directory: string,
): Promise<CookedFile> {
  const { decodeImage } = await import("dag-cook/image");
  const moved = await move(await decodeImage(file.path), draw);
  const image = isPhotometric(file, params) ? await shade(moved, index, params, seed) : moved;
  // Files of one name, from several upstream nodes, must not meet.
  const path = `${index}/${imageName(file.name, image.depth, `_${copy}`)}`;
  await writeInto(directory, path, image);
  return { path, tag: file.tag };
}

/** Crop and resize, flips, rotation: the order of training. */
async function move(image: Image, draw: Draw): Promise<Image> {
  const { flipHorizontal, flipVertical, resize, rotate } = await import("dag-cook/image");
  const { width, height } = image;
  const [w, h] = [width * draw.fraction, height * draw.fraction];
  const box = { x: (width - w) * draw.left, y: (height - h) * draw.top, width: w, height: h };
  let moved = draw.fraction < 1 ? resize(image, width, height, box) : image;
  if (draw.flipHorizontal) moved = flipHorizontal(moved);
  if (draw.flipVertical) moved = flipVertical(moved);
  return draw.degrees === 0 ? moved : rotate(moved, draw.degrees);
}

async function shade(image: Image, index: number, params: Params, seed: number): Promise<Image> {
  const { addNoise, adjust } = await import("dag-cook/image");
  const { randomStream } = await import("dag-cook/random");
  const stream = randomStream(seed, "photometric", params.seed);
  const between = (place: number) => 2 * stream.uniform(place) - 1;
  const shaded = adjust(image, {
    brightness: params.brightness * between(0),
    contrast: 1 + params.contrast * between(1),
    gamma: (1 + params.gamma) ** between(2),
  });
  return params.noise === 0 ? shaded : addNoise(shaded, params.noise, randomStream(seed, "noise", params.seed, index));
}

function changesValues({ brightness, contrast, gamma, noise }: Params): boolean {
  return brightness > 0 || contrast > 0 || gamma > 0 || noise > 0;
}

function isPhotometric(file: InputFile, { photometric_tags }: Params): boolean {
  return photometric_tags.some((tag) => tagMatches(file.tag, tag));
}
