/**
 * Applies an ONNX image model to images of any size: in overlapping tiles where the model's size is fixed, padded to the
 * size that it asks for where it is open. It knows nothing of files.
 */
import { RuntimeError } from "../runtime/errors.js";
import { type ImageModel, LARGEST_SIDE, type Planes } from "./image-model.js";
import { reflectedIndices, type Tile, tilesOf } from "./tiles.js";

/** Over which mirrorings of the image an answer is averaged: none (one run), left and right (two), or both ways (four). */
export type FlipAveraging = "none" | "horizontal" | "both";

/** Tiles of a model of open size, in pixels. Both become multiples of what the model's sides must be multiples of. */
export interface Tiling {
  readonly size: number;
  /** Pixels that neighbors share; null: a quarter. The outer quarter of them is discarded, the middle half blends. */
  readonly overlap: number | null;
}

/** How a model is applied. */
export interface Applying {
  /** None unless given. */
  readonly flips?: FlipAveraging;
  /** Without it, tiles of `LARGEST_SIDE`. */
  readonly tiling?: Tiling | undefined;
  /** Stops between tiles. */
  readonly signal?: AbortSignal;
}

/**
 * The model's answer to an image of any size, in its size (times the model's scale, where it enlarges). Values go in and come out
 * in 0..1, whatever the model's scales are. Throws a `RuntimeError` that names the model where the image does not fit it.
 */
export async function applyModel(model: ImageModel, image: Planes, how: Applying = {}): Promise<Planes> {
  if (how.tiling !== undefined && model.height !== undefined && model.width !== undefined) {
    throw new RuntimeError(
      `${model.name}: the model takes images of ${model.width} × ${model.height} px only, which are its tiles. ` +
        'Fix: set "tile" to null, or export the model with open axes ("dynamic_axes" of onnx_export).',
    );
  }
  if (model.channels !== undefined && image.channels !== model.channels) {
    throw new RuntimeError(
      `${model.name}: the model takes ${model.channels} channels, and the image has ${image.channels}.`,
    );
  }
  const { input, output } = model.scales;
  const given = input === "zero_to_one" ? image : mapped(image, TO_MODEL[input]);
  const answer = await overFlips(model, given, how);
  return output === "zero_to_one" ? answer : mapped(answer, FROM_MODEL[output]);
}

const TO_MODEL = { minus_one_to_one: (value: number) => 2 * value - 1, zero_to_255: (value: number) => value * 255 };
const FROM_MODEL = {
  minus_one_to_one: (value: number) => (value + 1) / 2,
  zero_to_255: (value: number) => value / 255,
};

function mapped(image: Planes, change: (value: number) => number): Planes {
  return { ...image, data: image.data.map(change) };
}

const MIRRORINGS: Readonly<Record<FlipAveraging, readonly (readonly [across: boolean, down: boolean])[]>> = {
  none: [[false, false]],
  horizontal: [false, true].map((across) => [across, false] as const),
  both: [false, true].flatMap((down) => [false, true].map((across) => [across, down] as const)),
};

/** The mean of the answers to mirrored images, mirrored back. */
async function overFlips(model: ImageModel, image: Planes, how: Applying): Promise<Planes> {
  const mirrorings = MIRRORINGS[how.flips ?? "none"];
  if (mirrorings.length === 1) return inTiles(model, image, how);
  let sum: Planes | undefined;
  for (const [across, down] of mirrorings) {
    const answer = mirrored(await inTiles(model, mirrored(image, across, down), how), across, down);
    sum ??= emptyPlanes(answer.channels, answer.height, answer.width);
    for (let at = 0; at < answer.data.length; at++) sum.data[at]! += answer.data[at]! / mirrorings.length;
  }
  return sum!;
}

function mirrored(image: Planes, across: boolean, down: boolean): Planes {
  const order = (length: number, turned: boolean) => Array.from({ length }, (_, at) => (turned ? length - 1 - at : at));
  return across || down ? picked(image, order(image.height, down), order(image.width, across)) : image;
}

/** The tiles of one axis, and the pixels of the image at its positions, padded by reflection. */
interface Axis {
  readonly size: number;
  readonly tiles: readonly Tile[];
  readonly indices: readonly number[];
}

/** `fixed`: the model's length, where it has one. An open axis is one tile, of the next multiple, up to the tiling's size. */
function axisOf(length: number, fixed: number | undefined, multiple: number, tiling: Tiling | undefined): Axis {
  if (fixed !== undefined) {
    const padded = Math.max(length, fixed);
    return { size: fixed, tiles: tilesOf(padded, fixed), indices: reflectedIndices(length, padded) };
  }
  const up = (value: number) => Math.ceil(value / multiple) * multiple;
  const size = up(Math.min(length, tiling?.size ?? LARGEST_SIDE));
  // Tiles begin at multiples, so that what the model halves lies on the grid of the whole image.
  const indices = reflectedIndices(length, up(length));
  if (tiling === undefined) return { size, tiles: tilesOf(indices.length, size), indices };
  const overlap = Math.min(up(tiling.overlap ?? size / 4), size - multiple);
  return { size, tiles: tilesOf(indices.length, size, overlap, Math.floor(overlap / 4)), indices };
}

async function inTiles(model: ImageModel, image: Planes, { tiling, signal }: Applying): Promise<Planes> {
  const rows = axisOf(image.height, model.height, model.size_multiple, tiling);
  const columns = axisOf(image.width, model.width, model.size_multiple, tiling);
  let result: Planes | undefined;
  for (const row of rows.tiles) {
    for (const column of columns.tiles) {
      signal?.throwIfAborted();
      const part = picked(
        image,
        rows.indices.slice(row.start, row.start + rows.size),
        columns.indices.slice(column.start, column.start + columns.size),
      );
      const answer = await model.run(part);
      const scale = scaleOf(model.name, part, answer);
      result ??= emptyPlanes(answer.channels, image.height * scale, image.width * scale);
      addTile(result, answer, scale, row, column);
    }
  }
  return result!;
}

/** The image's pixels at these rows and columns. */
function picked(image: Planes, rows: readonly number[], columns: readonly number[]): Planes {
  const [height, width] = [rows.length, columns.length];
  const data = new Float32Array(image.channels * height * width);
  let at = 0;
  for (let channel = 0; channel < image.channels; channel++) {
    for (const row of rows) {
      const line = (channel * image.height + row) * image.width;
      for (const column of columns) data[at++] = image.data[line + column]!;
    }
  }
  return { channels: image.channels, height, width, data };
}

/** How much larger the answer is than what the model was given. */
function scaleOf(name: string, given: Planes, answer: Planes): number {
  const scale = answer.height / given.height;
  if (Number.isInteger(scale) && scale >= 1 && answer.width === given.width * scale) return scale;
  throw new RuntimeError(
    `${name}: the model returns ${answer.width} × ${answer.height} px for ${given.width} × ${given.height}; ` +
      "only models that keep the size, or enlarge it by a whole number, can be applied to images.",
  );
}

function emptyPlanes(channels: number, height: number, width: number): Planes {
  return { channels, height, width, data: new Float32Array(channels * height * width) };
}

/** Adds a tile's share to the result; what lies beyond the result was padding. */
function addTile(result: Planes, tile: Planes, scale: number, row: Tile, column: Tile): void {
  const [top, left] = [row.start * scale, column.start * scale];
  const height = Math.min(tile.height, result.height - top);
  const width = Math.min(tile.width, result.width - left);
  for (let channel = 0; channel < result.channels; channel++) {
    for (let y = 0; y < height; y++) {
      const share = row.weights[Math.floor(y / scale)]!;
      const from = (channel * tile.height + y) * tile.width;
      const to = (channel * result.height + top + y) * result.width + left;
      for (let x = 0; x < width; x++) {
        const value = share * column.weights[Math.floor(x / scale)]! * tile.data[from + x]!;
        result.data[to + x] = result.data[to + x]! + value;
      }
    }
  }
}
