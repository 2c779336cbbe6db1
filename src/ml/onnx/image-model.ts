/**
 * Opens .onnx files as models of images: one image in, one image out, of sizes within bounds, since files come from strangers. It
 * knows nothing of images of other sizes, of files' formats or of who made the model.
 */
import { readFile } from "node:fs/promises";
import { loadOnnxruntime, type Ort, openSession, RuntimeError, type Session } from "../runtime/load.js";
import { ElementType, type Graph, type ValueInfo } from "./model.js";
import { decodeModel } from "./model-bytes.js";

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
