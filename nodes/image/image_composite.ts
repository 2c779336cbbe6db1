/** Node type `image_composite`: an image laid over another. Knows two images at a time. */
import { defineNode, type ParamValues } from "dag-cook";
import type { Image } from "dag-cook/image";
import { fitted } from "./files/fitted.js";
import { IMAGE_OUTPUT, imageName, imageOutputProblems, requireTagged, writeInto } from "./files/images.js";

const PLACES = [
  "top_left",
  "top",
  "top_right",
  "left",
  "center",
  "right",
  "bottom_left",
  "bottom",
  "bottom_right",
] as const;

const PARAMS = {
  mode: {
    type: "string",
    enum: ["over", "add", "subtract", "multiply", "screen", "difference", "minimum", "maximum"],
    default: "over",
    description: "How the values meet.",
  },
  opacity: { type: "number", minimum: 0, maximum: 1, default: 1, description: "Factor of the upper image's alpha." },
  place: {
    type: "string",
    enum: PLACES,
    default: "center",
    description: "Where on the lower image the upper one lies.",
  },
  x: { type: "integer", default: 0, description: "Pixels to the right from there." },
  y: { type: "integer", default: 0, description: "Pixels downwards from there." },
  size: {
    type: "string",
    enum: ["own", "inside", "cover", "stretch"],
    default: "own",
    description: "Size of the upper image: its own, or made to fit the lower one as `image_convert` does.",
  },
  tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the lower image." },
  over_tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the upper image." },
  output: IMAGE_OUTPUT,
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description: "Lays an image over another, whose size, depth and tag the result has.",
  version: 1,
  params: PARAMS,
  inputs: {
    main: { description: "Items with the lower image." },
    over: { description: "Items with the upper image; of several, each is laid over each." },
  },
  meet: "each",
  check: ({ output }) => imageOutputProblems(output),
  async cook({ inputs }, params, { directory, signal }) {
    const [below] = requireTagged(inputs.main![0]!, params.tag);
    const [above] = requireTagged(inputs.over![0]!, params.over_tag);
    const { decodeImage } = await import("dag-cook/image");
    const images = await Promise.all([decodeImage(below.path), decodeImage(above.path)]);
    signal.throwIfAborted();
    const image = await composed(...images, params);
    const path = params.output ?? imageName(below.name, image.depth);
    await writeInto(directory, path, image);
    return { outputs: [{ path, tag: below.tag, ...(params.output !== null && { parameter: "output" }) }] };
  },
});

async function composed(below: Image, above: Image, params: Params): Promise<Image> {
  const { inChannels, layOver } = await import("dag-cook/image");
  const { width, height } = below;
  const { size } = params;
  const upper = size === "own" ? above : await fitted(above, { width, height, fit: size, background: "#000000" });
  const colors = Math.max(colorsOf(below), colorsOf(upper)) === 1 ? 1 : 3;
  const canvas = inChannels(below, colors, below.alpha);
  const { x, y } = cornerOf(below, upper, params.place);
  layOver(canvas, upper, { x: x + params.x, y: y + params.y, mode: params.mode, opacity: params.opacity });
  return canvas;
}

function colorsOf({ channels, alpha }: Image): number {
  return channels - (alpha ? 1 : 0);
}

function cornerOf(below: Image, above: Image, place: (typeof PLACES)[number]): { x: number; y: number } {
  const [freeX, freeY] = [below.width - above.width, below.height - above.height];
  const x = place.endsWith("left") ? 0 : place.endsWith("right") ? freeX : Math.floor(freeX / 2);
  const y = place.startsWith("top") ? 0 : place.startsWith("bottom") ? freeY : Math.floor(freeY / 2);
  return { x, y };
}
