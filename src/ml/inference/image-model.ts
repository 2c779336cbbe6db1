/**
 * Opens .onnx files as models of images: one image in, one image out, of sizes within bounds, since files come from strangers. It
 * knows nothing of images of other sizes, of files' formats or of who made the model.
 */
import { readFile } from "node:fs/promises";
import { fromHalf, toHalf } from "../../base/half.js";
import { ElementType, type GraphProto } from "../onnx/model.js";
import { decodeModel } from "../onnx/model-bytes.js";
import { messageOf, RuntimeError } from "../runtime/errors.js";
import {
  loadOnnxruntime,
  type Ort,
  type OrtSession,
  type OrtTensor,
  openSession,
} from "../runtime/onnxruntime/load.js";
import { reasonOf } from "./errors.js";
import { type ImageInput, type ImageLayout, type Signature, signatureOf } from "./signature.js";

/** An image as planes, [channels, height, width], row-major. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** The scale of a model's values: what black and white are to it. */
export type ValueScale = "zero_to_one" | "minus_one_to_one" | "zero_to_255";

/** A model of one image in, one image out. */
export interface ImageModel {
  /** What messages call it. */
  readonly name: string;
  /** Undefined where it takes any number. */
  readonly channels: number | undefined;
  /** Where the model's size is fixed. */
  readonly height: number | undefined;
  readonly width: number | undefined;
  /** What open sizes must be multiples of; 1 where nothing says so. */
  readonly size_multiple: number;
  /** The scales of what it takes and returns. */
  readonly scales: { readonly input: ValueScale; readonly output: ValueScale };
  /** The model's answer to an image of a size that it takes; values are the model's own, not converted. */
  run(image: Planes): Promise<Planes>;
  dispose(): void;
}

/** A model from a file, with what the file says of itself. */
export interface LoadedModel extends ImageModel {
  readonly metadata: ReadonlyMap<string, string>;
}

/** What is said of a model beside its file; each takes the place of the file's own metadata. */
export interface ModelChoice {
  readonly layout?: ImageLayout | undefined;
  readonly output?: string | number | undefined;
  readonly size_multiple?: number | undefined;
  readonly value_range?: ValueScale | undefined;
  readonly output_value_range?: ValueScale | undefined;
}

/**
 * Opens an .onnx file. `name`: what messages call it; `threads`: of one operator. Throws a `RuntimeError` that names the model, and
 * what it takes and returns, where it is no model of images.
 */
export async function loadModel(
  path: string,
  threads: number,
  name: string = path,
  choice: ModelChoice = {},
): Promise<LoadedModel> {
  const { graph, metadata } = readModel(name, await readFile(path));
  const said = withMetadata(choice, metadata);
  const signature = signatureOf(name, graph, said);
  const { input } = signature;
  for (const side of [input.height, input.width]) requireBounded(name, "takes images of", side ?? 1);
  const size_multiple = said.size_multiple ?? 1;
  requireBounded(name, "takes multiples of", size_multiple);
  const ort = await loadOnnxruntime();
  const session = await openSession(ort, path, { threads, device: "cpu", layout: "constants" }, name).catch(
    (cause: RuntimeError) => {
      throw new RuntimeError(`${name}: onnxruntime does not take the model: ${reasonOf(cause.reason)}.`, { cause });
    },
  );
  return {
    ...{ name, channels: input.channels, height: input.height, width: input.width, metadata, size_multiple },
    scales: scalesOf(said, signature),
    run: (image) => runOnce({ ort, session, name, signature, isOpen: isOpen(input), size_multiple }, image),
    dispose: () => void session.release(),
  };
}

/** Longer sides are cut into tiles of this length where the model's size is open; no model asks for more. */
export const LARGEST_SIDE = 2048;

function requireBounded(name: string, what: string, side: number): void {
  if (side <= 4 * LARGEST_SIDE) return;
  throw new RuntimeError(`${name}: the model ${what} ${side} pixels a side; at most ${4 * LARGEST_SIDE} are allowed.`);
}

const LFS_POINTER = "version https://git-lfs.github.com/spec/";

function readModel(name: string, bytes: Uint8Array): { graph: GraphProto; metadata: ReadonlyMap<string, string> } {
  if (Buffer.from(bytes.subarray(0, LFS_POINTER.length)).toString("latin1") === LFS_POINTER) {
    throw new RuntimeError(
      `${name}: this is a Git LFS pointer, the model itself was not downloaded. Fix: run "git lfs pull" in its repository.`,
    );
  }
  try {
    const { graph, metadata } = decodeModel(bytes);
    return { graph: graph!, metadata: new Map(metadata.map(({ key, value }) => [key, value])) };
  } catch (error) {
    throw new RuntimeError(`${name}: ${messageOf(error)}.`, { cause: error });
  }
}

/** What nothing was said of is as the file's metadata have it, where they have what makes sense. */
function withMetadata(choice: ModelChoice, metadata: ReadonlyMap<string, string>): ModelChoice {
  const scale = (key: string) => SCALES.find((each) => each === metadata.get(key));
  const multiple = Number(metadata.get("size_multiple"));
  const layout = metadata.get("layout")?.toLowerCase();
  return {
    layout: choice.layout ?? (layout === "nchw" || layout === "nhwc" ? layout : undefined),
    output: choice.output ?? metadata.get("output"),
    size_multiple: choice.size_multiple ?? (Number.isInteger(multiple) && multiple >= 1 ? multiple : undefined),
    value_range: choice.value_range ?? scale("value_range"),
    output_value_range:
      choice.output_value_range ?? (choice.value_range === undefined ? scale("output_value_range") : undefined),
  };
}

export const SCALES = ["zero_to_one", "minus_one_to_one", "zero_to_255"] as const satisfies readonly ValueScale[];

/** Integers of 8 bits have one scale; what is returned has that of what is taken, where nothing else is said. */
function scalesOf(said: ModelChoice, { input, element }: Signature): ImageModel["scales"] {
  const given = said.value_range ?? (input.element === "uint8" ? "zero_to_255" : "zero_to_one");
  return { input: given, output: said.output_value_range ?? (element === ElementType.uint8 ? "zero_to_255" : given) };
}

function isOpen({ height, width }: ImageInput): boolean {
  return height === undefined || width === undefined;
}

interface Running {
  readonly ort: Ort;
  readonly session: OrtSession;
  readonly name: string;
  readonly signature: Signature;
  readonly isOpen: boolean;
  readonly size_multiple: number;
}

async function runOnce({ ort, session, name, signature, ...sizes }: Running, image: Planes): Promise<Planes> {
  const { input, output, text } = signature;
  const results = await session.run({ [input.name]: fed(ort, input, image) }, [output]).catch((cause: unknown) => {
    const fix = sizes.isOpen
      ? ' Fix: set "size_multiple" to what its sides must be multiples of; U-Nets need 2 to the power of their layers, such as 8, 16 or 32.'
      : "";
    throw new RuntimeError(
      `${name}: the model does not take an image of ${image.width} × ${image.height} px, ${image.channels} channels: ` +
        `${reasonOf(messageOf(cause))}; ${text}.${fix}`,
      { cause },
    );
  });
  return returned(name, results[output]!, input.layout, image);
}

/** The image as the model takes it. */
function fed(ort: Ort, { element, layout, rank }: ImageInput, image: Planes): OrtTensor {
  const { channels, height, width, data } = image;
  const values = layout === "nchw" ? data : interleaved(image);
  const shape = layout === "nchw" ? [channels, height, width] : [height, width, channels];
  const dims = rank === 4 ? [1, ...shape] : shape;
  switch (element) {
    case "float32":
      return new ort.Tensor("float32", values, dims);
    case "float16":
      return new ort.Tensor("float16", toHalf(values), dims);
    case "uint8":
      return new ort.Tensor(
        "uint8",
        Uint8Array.from(values, (value) => Math.min(255, Math.max(0, Math.round(value)))),
        dims,
      );
  }
}

/** What the model returned as planes: a batch of one, or none; one channel may have no axis. */
function returned(name: string, tensor: OrtTensor, layout: ImageLayout, given: Planes): Planes {
  const { type, dims } = tensor;
  const values = valuesOf(tensor);
  const shape = dims.length === 4 && dims[0] === 1 ? dims.slice(1) : dims.length === 2 ? [1, ...dims] : dims;
  if (values === undefined || shape.length !== 3) {
    throw new RuntimeError(
      `${name}: the model returns ${type} [${dims.join(", ")}], not an image: float32, float16 or uint8, [1, C, H, W] or [1, H, W, C]. ` +
        'Fix: if it has another output that is an image, set "model_output" to it.',
    );
  }
  const [a, b, c] = shape as [number, number, number];
  // Without an axis for it, the one channel comes first in both layouts.
  if (
    layout === "nchw" ||
    dims.length < 3 ||
    (dims.length === 3 && a === 1 && c === given.width && b === given.height)
  ) {
    return { channels: a, height: b, width: c, data: values };
  }
  return planar({ channels: c, height: a, width: b, data: values });
}

function valuesOf({ type, data }: OrtTensor): Float32Array | undefined {
  if (type === "float32") return data as Float32Array;
  if (type === "uint8") return Float32Array.from(data as Uint8Array);
  if (type !== "float16") return undefined;
  // Where JavaScript has half floats of its own, these are they.
  return (data as unknown) instanceof Uint16Array
    ? fromHalf(data as Uint16Array)
    : Float32Array.from(data as Uint16Array);
}

function interleaved({ channels, height, width, data }: Planes): Float32Array {
  const pixels = height * width;
  const values = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let at = 0; at < pixels; at++) values[at * channels + c] = data[c * pixels + at]!;
  }
  return values;
}

function planar(image: Planes): Planes {
  const { channels, height, width, data } = image;
  const pixels = height * width;
  const values = new Float32Array(data.length);
  for (let c = 0; c < channels; c++) {
    for (let at = 0; at < pixels; at++) values[c * pixels + at] = data[at * channels + c]!;
  }
  return { ...image, data: values };
}
