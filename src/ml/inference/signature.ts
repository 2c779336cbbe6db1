/**
 * What an ONNX model takes and returns as images: the element type, where channels, rows and columns are, and which of several
 * outputs is meant. It reads declarations, which strangers wrote, and runs nothing.
 */

import { ElementType, type GraphProto, type ValueInfoProto } from "../onnx/model.js";
import { RuntimeError } from "../runtime/errors.js";

/** Where the channels are: before the rows and columns, or after them. */
export type ImageLayout = "nchw" | "nhwc";

/** The element types that images are given in. */
export type ImageElement = "float32" | "float16" | "uint8";

/** An image as a model declares it; lengths are undefined where they are open. */
export interface ImageInput {
  readonly name: string;
  readonly element: ImageElement;
  readonly layout: ImageLayout;
  /** 4 with a batch of one, 3 without. */
  readonly rank: number;
  readonly channels: number | undefined;
  readonly height: number | undefined;
  readonly width: number | undefined;
}

/** What a model takes, and which output is read. */
export interface Signature {
  readonly input: ImageInput;
  readonly output: string;
  /** Of the output, where it is declared. */
  readonly element: number | undefined;
  /** Both as text, for messages. */
  readonly text: string;
}

/** What is said about a model beside its file. */
export interface SignatureChoice {
  readonly layout?: ImageLayout | undefined;
  /** An output's name, or its number from 0. */
  readonly output?: string | number | undefined;
}

/** More channels are no image. */
const MOST_CHANNELS = 4;

/** Reads a graph's signature. `model`: what messages call it. Throws a RuntimeError where it takes no image. */
export function signatureOf(model: string, graph: GraphProto, choice: SignatureChoice): Signature {
  // Files of IR 3 and before list their constants as inputs too.
  const constants = new Set(graph.initializers.map(({ name }) => name));
  const inputs = graph.inputs.filter(({ name }) => !constants.has(name));
  const text = `it takes ${listed(inputs)} and returns ${listed(graph.outputs)}`;
  const reject = (why: string): never => {
    throw new RuntimeError(
      `${model}: ${why}; ${text}. An image model takes one image: float32, float16 or uint8, ` +
        "[1, channels, height, width] or [1, height, width, channels], with 1 to 4 channels.",
    );
  };
  const [input] = inputs;
  if (input === undefined || inputs.length > 1) return reject(`the model has ${inputs.length} inputs`);
  const output = outputOf(model, graph, choice.output);
  const element = output.type?.tensor?.element;
  return { input: imageInput(input, choice.layout, reject), output: output.name, element, text };
}

function imageInput(
  input: ValueInfoProto,
  layout: ImageLayout | undefined,
  reject: (why: string) => never,
): ImageInput {
  const { name, type } = input;
  const element = (["float32", "float16", "uint8"] as const).find(
    (each) => ElementType[each] === type?.tensor?.element,
  );
  if (element === undefined) return reject("the model's input is not an image");
  const shape = type?.tensor?.shape?.dimensions.map(({ length }) =>
    length === undefined || length < 1 ? undefined : length,
  );
  if (shape === undefined) return reject("the model does not say how many axes its input has");
  const rank = shape.length;
  if (rank < 3 || rank > 4) return reject(`the model's input has ${rank} axes`);
  if (rank === 4 && (shape[0] ?? 1) !== 1) return reject(`the model takes ${shape[0]} images at a time`);
  const [a, b, c] = shape.slice(-3);
  const chosen = layout ?? (isFew(c) && !isFew(a) ? "nhwc" : "nchw");
  const [channels, height, width] = chosen === "nchw" ? [a, b, c] : [c, a, b];
  if (channels !== undefined && !isFew(channels))
    return reject(`the model takes ${channels} channels where its layout is ${chosen}`);
  return { name, element, layout: chosen, rank, channels, height, width };
}

/** Whether an axis is of so few that they can be channels. */
function isFew(length: number | undefined): boolean {
  return length !== undefined && length <= MOST_CHANNELS;
}

function outputOf(model: string, { outputs }: GraphProto, choice: string | number | undefined): ValueInfoProto {
  const found = typeof choice === "string" ? outputs.find(({ name }) => name === choice) : outputs[choice ?? 0];
  if (found !== undefined) return found;
  const wanted = choice === undefined ? "output" : `output ${JSON.stringify(choice)}`;
  throw new RuntimeError(`${model}: the model has no ${wanted}; it returns ${listed(outputs)}.`);
}

function listed(values: readonly ValueInfoProto[]): string {
  return values.map((value) => `"${value.name}" ${textOf(value)}`).join(", ") || "nothing";
}

function textOf({ type }: ValueInfoProto): string {
  const element =
    Object.entries(ElementType).find(([, number]) => number === type?.tensor?.element)?.[0] ??
    (type?.tensor === undefined ? "no tensor" : "another type");
  const dimensions = type?.tensor?.shape?.dimensions.map(({ length, symbol }) => length ?? (symbol || "?"));
  return `${element} [${dimensions?.join(", ") ?? "?"}]`;
}
