/**
 * Applies an ONNX image model to images of any size: in overlapping tiles where the model's size is fixed, padded to the
 * size that it asks for where it is open. It knows nothing of files' formats or of who made the model.
 */
import { readFile } from "node:fs/promises";
import { loadOnnxruntime, type Ort, openSession, RuntimeError, type Session } from "../runtime/load.js";
import { decodeModel, ElementType, type Graph, type ValueInfo } from "./model.js";
import { reflectedIndices, type Tile, tilesOf } from "./tiles.js";

/** An image as planes, [channels, height, width], row-major. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** A model of one image in, one image out. */
export interface ImageModel {
  readonly channels: number;
  /** Where the model's size is fixed. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** What open sizes must be multiples of; 1 where the file says nothing. */
  readonly size_multiple: number;
  /** The file's own metadata. */
  readonly metadata: ReadonlyMap<string, string>;
  /** The model's answer to an image of a size that it takes; values are the model's own, not converted. */
  run(image: Planes): Promise<Planes>;
  dispose(): void;
}

/**
 * Opens an .onnx file with one image input, [1,C,H,W] float32. `threads`: of one operator. Throws a `RuntimeError` or a
 * `ModelFormatError` that names the file.
 */
export async function loadModel(path: string, threads: number): Promise<ImageModel> {
  const bytes = await readFile(path);
  const { graph, metadata } = readModel(path, bytes);
  const { name, shape } = imageInput(path, graph);
  const ort = await loadOnnxruntime();
  for (const side of shape.slice(2)) requireBounded(path, "takes images of", side ?? 1);
  // By path, so that weights in files beside it are found.
  const session = await openSession(ort, path, { threads, device: "cpu", layout: "constants" }, `the model ${path}`);
  return {
    ...{ channels: shape[1]!, height: shape[2], width: shape[3], metadata, size_multiple: multipleOf(path, metadata) },
    run: (image) => runOnce(ort, session, name, path, image),
    dispose: () => void session.release(),
  };
}

/** Longer sides are cut into tiles of this length where the model's size is open; no model asks for more. */
export const LARGEST_SIDE = 2048;

function requireBounded(path: string, what: string, side: number): void {
  if (side <= 4 * LARGEST_SIDE) return;
  throw new RuntimeError(`${path}: the model ${what} ${side} pixels a side; at most ${4 * LARGEST_SIDE} are allowed`);
}

function multipleOf(path: string, metadata: ReadonlyMap<string, string>): number {
  const multiple = Number(metadata.get("size_multiple") ?? 1);
  if (!Number.isInteger(multiple) || multiple < 1) return 1;
  requireBounded(path, "takes multiples of", multiple);
  return multiple;
}

function readModel(path: string, bytes: Uint8Array): { graph: Graph; metadata: ReadonlyMap<string, string> } {
  try {
    const { graph, metadata } = decodeModel(bytes);
    return { graph: graph!, metadata: new Map(metadata.map(({ key, value }) => [key, value])) };
  } catch (error) {
    throw new RuntimeError(`${path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

function imageInput(path: string, graph: Graph): { name: string; shape: readonly (number | undefined)[] } {
  // Files of IR 3 and before list their constants as inputs too.
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  const said = inputs.map((input) => `"${input.name}" ${textOf(input)}`).join(", ") || "none";
  const [input] = inputs;
  const tensor = input?.type?.tensor;
  const shape = tensor?.shape?.dimensions.map(({ length }) =>
    length === undefined || length < 1 ? undefined : length,
  );
  const isImage = tensor?.element === ElementType.float32 && shape?.length === 4 && (shape[0] ?? 1) === 1;
  if (input === undefined || inputs.length > 1 || !isImage || shape?.[1] === undefined || shape[1] > 4) {
    throw new RuntimeError(
      `${path}: an image model has one input of float32 [1, channels (1 to 4), height, width]; this one has ${said}`,
    );
  }
  return { name: input.name, shape };
}

function textOf({ type }: ValueInfo): string {
  const element =
    Object.entries(ElementType).find(([, number]) => number === type?.tensor?.element)?.[0] ?? "no tensor";
  const dimensions = type?.tensor?.shape?.dimensions.map(({ length, symbol }) => length ?? (symbol || "?"));
  return `${element} [${dimensions?.join(", ") ?? "?"}]`;
}

async function runOnce(ort: Ort, session: Session, input: string, path: string, image: Planes): Promise<Planes> {
  const feed = new ort.Tensor("float32", image.data, [1, image.channels, image.height, image.width]);
  const results = await session.run({ [input]: feed });
  const { type, dims, data } = results[session.outputNames[0]!]!;
  if (type !== "float32" || dims.length !== 4 || dims[0] !== 1) {
    throw new RuntimeError(
      `${path}: the model answers ${type} [${dims.join(", ")}], not an image of float32 [1, C, H, W]`,
    );
  }
  return { channels: dims[1]!, height: dims[2]!, width: dims[3]!, data: data as Float32Array };
}

/**
 * The model's answer to an image of any size, in its size (times the model's scale, where it enlarges). Values go in and
 * come out in [0, 1]: a model whose metadata says `minus_one_to_one` is converted for. Throws a `RuntimeError` where the
 * channels do not fit.
 */
export async function applyModel(model: ImageModel, image: Planes): Promise<Planes> {
  if (image.channels !== model.channels) {
    throw new RuntimeError(`the model takes ${model.channels} channels, and the image has ${image.channels}`);
  }
  const isSigned = model.metadata.get("value_range") === "minus_one_to_one";
  const given = isSigned ? mapped(image, (value) => 2 * value - 1) : image;
  const answer = await inTiles(model, given);
  return isSigned ? mapped(answer, (value) => (value + 1) / 2) : answer;
}

function mapped(image: Planes, change: (value: number) => number): Planes {
  return { ...image, data: image.data.map(change) };
}

/** An open axis is one tile, of the next multiple, up to the largest side. */
async function inTiles(model: ImageModel, image: Planes): Promise<Planes> {
  const open = (length: number) =>
    Math.ceil(Math.min(length, LARGEST_SIDE) / model.size_multiple) * model.size_multiple;
  const tileHeight = model.height ?? open(image.height);
  const tileWidth = model.width ?? open(image.width);
  const padded = {
    rows: reflectedIndices(image.height, Math.max(image.height, tileHeight)),
    columns: reflectedIndices(image.width, Math.max(image.width, tileWidth)),
  };
  const rows = tilesOf(padded.rows.length, tileHeight);
  const columns = tilesOf(padded.columns.length, tileWidth);
  let result: Planes | undefined;
  for (const row of rows) {
    for (const column of columns) {
      const part = picked(
        image,
        padded.rows.slice(row.start, row.start + tileHeight),
        padded.columns.slice(column.start, column.start + tileWidth),
      );
      const answer = await model.run(part);
      const scale = scaleOf(part, answer);
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
function scaleOf(given: Planes, answer: Planes): number {
  const scale = answer.height / given.height;
  if (Number.isInteger(scale) && scale >= 1 && answer.width === given.width * scale) return scale;
  throw new RuntimeError(
    `the model answers ${answer.width}×${answer.height} pixels to ${given.width}×${given.height}; ` +
      "only models that keep the size, or enlarge by a whole number, can be applied to images",
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
