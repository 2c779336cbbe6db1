/** The cases of `operations.json` as programs: what every runtime must answer, and PyTorch answered in float64. */
import { normalization } from "../../../src/ml/networks/layers.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import {
  binaryCrossEntropyWithLogits,
  meanAbsoluteDifference,
  meanSquareDifference,
  perChannel,
  reflectPad,
} from "../../../src/ml/program/derived.js";
import { gradient } from "../../../src/ml/program/gradient.js";
import type { Program, Tensor } from "../../../src/ml/program/program.js";
import type { NamedArrays } from "../../../src/ml/program/reference.js";
import { type Reference, readReference } from "../reference.js";

interface Case {
  readonly name: string;
  readonly inputs: Readonly<Record<string, Reference>>;
  readonly y: Reference;
  readonly gy: Reference;
  readonly grads: Readonly<Record<string, Reference>>;
}
type Inputs = Readonly<Record<string, Tensor>>;
type Build = (b: ProgramBuilder, inputs: Inputs) => Tensor;

const bias = (b: ProgramBuilder, y: Tensor, inputs: Inputs) => b.add(y, perChannel(b, inputs.b!, y.shape));
const affine = (b: ProgramBuilder, y: Tensor, inputs: Inputs) =>
  bias(b, b.mul(y, perChannel(b, inputs.w!, y.shape)), inputs);

const never = (): never => {
  throw new Error("a norm drops nothing");
};

/** Each case of the reference, written in the program's operations. */
export const PROGRAMS: Readonly<Record<string, Build>> = {
  "conv k4 s2 p1": (b, i) => bias(b, b.conv(i.x!, i.w!, { stride: 2, pad: 1 }), i),
  "conv k3 s1 p1": (b, i) => bias(b, b.conv(i.x!, i.w!, { pad: 1 }), i),
  "conv k4 s1 p1": (b, i) => bias(b, b.conv(i.x!, i.w!, { pad: 1 }), i),
  "reflect 3 then conv k7": (b, i) => b.conv(reflectPad(b, i.x!, 3), i.w!),
  "transposed k4 s2 p1": (b, i) => bias(b, b.convTranspose(i.x!, i.w!, { stride: 2, pad: 1 }), i),
  "transposed k3 s2 p1 op1": (b, i) =>
    bias(b, b.convTranspose(i.x!, i.w!, { stride: 2, pad: 1, outputPadding: [1, 1] }), i),
  "instance norm": (b, i) => b.normalize(i.x!, 2, 1e-5),
  "instance norm affine": (b, i) => affine(b, b.normalize(i.x!, 2, 1e-5), i),
  "batch norm train": (b, i) => {
    const values = new Map([
      ["n.weight", i.w!],
      ["n.bias", i.b!],
    ]);
    const training = { dropoutMask: never, observe: () => undefined };
    return normalization("n", i.w!.shape[0]!, "batch", true).apply({ b, values, training }, i.x!);
  },
  "reflection pad 1,2,3,2": (b, i) => b.pad(i.x!, [0, 0, 3, 1], [0, 0, 2, 2], "reflect"),
  "leaky relu 0.2": (b, i) => b.leakyRelu(i.x!, 0.2),
  tanh: (b, i) => b.tanh(i.input!),
  "nearest x2": (b, i) => b.upsample2(i.x!),
  "bce with logits, ones": (b, i) => binaryCrossEntropyWithLogits(b, i.x!, 1),
  "bce with logits, zeros": (b, i) => binaryCrossEntropyWithLogits(b, i.x!, 0),
  "mse to one": (b, i) => meanSquareDifference(b, i.x!, 1),
  l1: (b, i) => meanAbsoluteDifference(b, i.x!, i.t!),
};

/** A case: the program answers its value `y` and the gradient of every input that has one. */
export interface TorchCase {
  readonly name: string;
  readonly program: Program;
  readonly feeds: NamedArrays;
  readonly expected: Readonly<Record<string, Reference>>;
}

const { operations } = readReference<{ operations: readonly Case[] }>("operations.json");

export const TORCH_CASES: readonly TorchCase[] = operations.map(({ name, inputs, y, gy, grads }) => {
  const b = new ProgramBuilder();
  const tensors = Object.fromEntries(Object.entries(inputs).map(([key, { shape }]) => [key, b.feed(key, shape)]));
  const answer = PROGRAMS[name]!(b, tensors);
  const loss = b.sum(b.mul(answer, b.feed("gy", gy.shape)));
  const wanted = Object.keys(grads);
  const sources = wanted.map((key) => tensors[key]!);
  const gradients = gradient(b, loss, sources);
  const program = b.program(new Map([["y", answer], ...wanted.map((key, at) => [key, gradients[at]!] as const)]));
  const feeds = new Map(Object.entries({ ...inputs, gy }).map(([key, { data }]) => [key, Float64Array.from(data)]));
  return { name, program, feeds, expected: { y, ...grads } };
});
