/** Node type `image_tile`: an item for each tile of an image. Knows no operation on tiles. */
import { type DiscoverContext, defineNode, type InputFile, tagMatches, type UpstreamItem } from "dag-cook";
import type { Image } from "dag-cook/image";
import { imageName, writeInto } from "./files/images.js";
import { EDGES, type Span, spansOf } from "./files/tiling.js";

const PARAMS = {
  file: {
    type: ["string", "null"],
    path: "input",
    upstream: true,
    default: null,
    description: "The image. Without it, the images of the upstream item are cut, once it is cooked.",
  },
  tag: {
    type: "string",
    default: "file/image",
    minLength: 1,
    description: "Of the upstream item: files with this tag or one below it; tag of the tiles.",
  },
  width: { type: "integer", minimum: 1, maximum: 1_000_000, default: 256, description: "Width of a tile in pixels." },
  height: {
    type: ["integer", "null"],
    minimum: 1,
    maximum: 1_000_000,
    default: null,
    description: "Height of a tile in pixels. Null: as its width.",
  },
  overlap: { type: "integer", minimum: 0, default: 0, description: "Pixels that a tile shares with its neighbor." },
  edge: {
    type: "string",
    enum: EDGES,
    default: "shift",
    description:
      "What becomes of tiles at the right and lower edge that would leave the image. `shift`: they are moved back inside. `smaller`: they end at the edge. `leave_out`: they are not there.",
  },
} as const;

/** A file with its size in pixels. */
interface Found {
  readonly file: { readonly name: string; readonly digest: string; readonly size: number; readonly tag: string };
  readonly width: number;
  readonly height: number;
}

export default defineNode({
  description: "Cuts images into tiles, an item each, with or without overlap. Values and bit depth are kept.",
  version: 1,
  params: PARAMS,
  inputs: { main: { description: "Items with images, or for each of which the file is cut.", optional: true } },
  attributes: {
    reads: ["tile_x", "tile_y", "tile_left", "tile_top", "width", "height", "origin", "pixel_size", "shear"],
    writes: {
      tile_x: "int",
      tile_y: "int",
      tile_left: "int",
      tile_top: "int",
      tile_columns: "int",
      tile_rows: "int",
      image_width: "int",
      image_height: "int",
      width: "int",
      height: "int",
      origin: "float[]",
    },
  },
  check: ({ width, height, overlap }) => {
    const least = Math.min(width, height ?? width);
    if (overlap < least) return [];
    return [{ param: "overlap", message: `${overlap} pixels of overlap leave nothing of a tile of ${least}` }];
  },
  async discover({ file, tag }, context) {
    const files = file === null ? await upstreamImages(tag, context) : [{ ...(await context.read(file)), tag }];
    const found = files.map(async (each) => ({ file: each, ...(await context.probe(each, sizeOf)) }));
    return (await Promise.all(found)) as unknown as readonly { readonly [name: string]: never }[];
  },
  *generate([upstream], params, discovered) {
    const { width, height, overlap, edge } = params;
    for (const image of discovered as unknown as readonly Found[]) {
      const columns = spansOf(image.width, width, overlap, edge);
      const rows = spansOf(image.height, height ?? width, overlap, edge);
      for (const [y, down] of rows.entries()) {
        for (const [x, across] of columns.entries()) {
          const place = { tile_x: x, tile_y: y, tile_left: across.start, tile_top: down.start };
          const counts = { tile_columns: columns.length, tile_rows: rows.length };
          const whole = { image_width: image.width, image_height: image.height };
          const size = { width: across.length, height: down.length };
          yield {
            identity: { file: image.file.name, left: across.start, top: down.start },
            label: `${image.file.name} ${x},${y}`,
            files: [image.file],
            attributes: { ...place, ...counts, ...whole, ...size, ...moved(upstream, across, down) },
          };
        }
      }
    }
  },
  async cook({ files, attributes }, { tag }, { directory, signal }) {
    signal.throwIfAborted();
    const file = files[0] as InputFile;
    const { tile_left: x, tile_top: y, tile_x, tile_y, width, height } = attributes as Readonly<Record<string, number>>;
    const { crop } = await import("dag-cook/image");
    const image = await decoded(file);
    const tile = crop(image, { x: x!, y: y!, width: width!, height: height! });
    const path = imageName(file.name, image.depth, `_${tile_x}_${tile_y}`);
    await writeInto(directory, path, tile);
    return { outputs: [{ path, tag }] };
  },
});

async function upstreamImages(tag: string, { upstream = [] }: DiscoverContext): Promise<readonly Found["file"][]> {
  const files = upstream.filter((file) => tagMatches(file.tag, tag));
  if (files.length > 0) return files;
  const tags = [...new Set(upstream.map((file) => file.tag))].join(", ");
  throw new Error(
    `The upstream item has no file tagged "${tag}": ${tags === "" ? "it has no files" : `its files are tagged ${tags}`}.`,
  );
}

async function sizeOf(path: string): Promise<{ width: number; height: number }> {
  const { readHeader } = await import("dag-cook/image");
  const { width, height } = await readHeader(path);
  return { width, height };
}

/** The image that was decoded last: its tiles follow each other in one worker. By its content, so that it is never another one. */
let latest: { readonly digest: string; readonly image: Promise<Image> } | undefined;

async function decoded(file: InputFile): Promise<Image> {
  const { decodeImage } = await import("dag-cook/image");
  if (latest?.digest !== file.digest) latest = { digest: file.digest, image: decodeImage(file.path) };
  try {
    return await latest.image;
  } catch (cause) {
    latest = undefined;
    throw new Error(`${file.name}: ${(cause as Error).message}`, { cause });
  }
}

/** Where a tile begins on the ground, where that is known of the image: `header.ts` says what the pairs are. */
function moved(item: UpstreamItem | undefined, { start: left }: Span, { start: top }: Span): { origin?: number[] } {
  const [origin, size, shear] = ["origin", "pixel_size", "shear"].map((name) => pairOf(item, name));
  if (origin === undefined || size === undefined) return {};
  const [yByColumn, xByRow] = shear ?? [0, 0];
  return { origin: [origin[0] + left * size[0] + top * xByRow, origin[1] + left * yByColumn - top * size[1]] };
}

function pairOf(item: UpstreamItem | undefined, name: string): readonly [number, number] | undefined {
  const value = item?.attribute(name);
  return Array.isArray(value) && value.length === 2 ? (value as unknown as readonly [number, number]) : undefined;
}
