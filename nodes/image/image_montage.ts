/** Node type `image_montage`: the images of a partition side by side. Knows no labels: `contact_sheet` has them. */
import { defineNode, type InputFile, type ParamValues } from "dag-cook";
import type { Depth, Image } from "dag-cook/image";
import { BACKGROUND, fitted, holdPixels } from "./files/fitted.js";
import { IMAGE_OUTPUT, imageOutputProblems, tagged, writeInto } from "./files/images.js";

const PARAMS = {
  columns: {
    type: ["integer", "null"],
    minimum: 1,
    default: null,
    description: "Images in a row; null: as many as make the rows as long as the columns.",
  },
  width: { type: ["integer", "null"], minimum: 1, default: null, description: "Width of a cell; null: the widest's." },
  height: {
    type: ["integer", "null"],
    minimum: 1,
    default: null,
    description: "Height of a cell; null: the highest's.",
  },
  gap: { type: "integer", minimum: 0, maximum: 1024, default: 0, description: "Pixels between the cells." },
  border: { type: "integer", minimum: 0, maximum: 1024, default: 0, description: "Pixels around all of them." },
  background: { ...BACKGROUND, default: "#000000", description: "Color of what no image covers." },
  tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the images." },
  output: IMAGE_OUTPUT,
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description: "Lays the images of a partition out in a grid, in order; larger ones than a cell are made smaller.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "A partition, such as that of `wait_for_all`." } },
  check: ({ output }) => imageOutputProblems(output),
  async cook({ inputs }, params, { directory, signal }) {
    const files = inputs.main!.flatMap((member) => tagged(member, params.tag));
    if (files.length === 0) throw new Error(`No member has a file tagged "${params.tag}".`);
    const { depth, cell } = await sizesOf(files, params);
    const image = await laidOut(files, cell, depth, params, signal);
    const path = params.output ?? (depth === "float" ? "montage.tif" : "montage.png");
    await writeInto(directory, path, image, /\.png$/i.test(path) && depth === "float" ? 16 : depth);
    return { outputs: [{ path, tag: "file/image/montage", ...(params.output !== null && { parameter: "output" }) }] };
  },
});

interface Cell {
  readonly width: number;
  readonly height: number;
}

/** What the headers say: the size of a cell and the deepest depth; nothing is decoded yet. */
async function sizesOf(files: readonly InputFile[], { width, height }: Params): Promise<{ depth: Depth; cell: Cell }> {
  const { readHeader } = await import("dag-cook/image");
  const headers = await Promise.all(files.map((file) => readHeader(file.path)));
  const most = (side: "width" | "height") => headers.reduce((largest, header) => Math.max(largest, header[side]), 1);
  const depth = headers.some((each) => each.depth === "float")
    ? "float"
    : headers.some((each) => each.depth === 16)
      ? 16
      : 8;
  return { depth, cell: { width: width ?? most("width"), height: height ?? most("height") } };
}

async function laidOut(
  files: readonly InputFile[],
  cell: Cell,
  depth: Depth,
  { columns, gap, border, background }: Params,
  signal: AbortSignal,
): Promise<Image> {
  const { decodeImage, layOver, plainImage } = await import("dag-cook/image");
  const across = columns ?? Math.ceil(Math.sqrt(files.length));
  const down = Math.ceil(files.length / across);
  const length = (cells: number, size: number) => 2 * border + cells * size + (cells - 1) * gap;
  const [width, height] = [length(across, cell.width), length(down, cell.height)];
  await holdPixels(width, height);
  const canvas = plainImage(width, height, background, depth);
  for (const [index, file] of files.entries()) {
    signal.throwIfAborted();
    const image = await inside(await decodeImage(file.path), cell);
    const x = border + (index % across) * (cell.width + gap) + Math.floor((cell.width - image.width) / 2);
    const y = border + Math.floor(index / across) * (cell.height + gap) + Math.floor((cell.height - image.height) / 2);
    layOver(canvas, image, { x, y });
  }
  return canvas;
}

async function inside(image: Image, cell: Cell): Promise<Image> {
  if (image.width <= cell.width && image.height <= cell.height) return image;
  return fitted(image, { ...cell, fit: "inside", background: "#000000" });
}
