/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { exportModel } from "../../../src/ml/onnx/export.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { perChannel } from "../../../src/ml/program/derived.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import { loadOnnxruntime, openSession } from "../../../src/ml/runtime/onnxruntime/load.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { stateWith } from "../../../src/ml/runtime/trial/compare.js";
import { outputsOf, type Reference, relativeError } from "../reference.js";

interface Case {
  readonly name: string;
  readonly nodes: readonly [{ readonly attributes: Readonly<Record<string, number>> }];
  readonly inputs: Readonly<Record<string, Reference>>;
  /** Weights, in cases that were converted from PyTorch. */
  readonly constants?: Readonly<Record<string, Reference>>;
  readonly outputs: Readonly<Record<string, Reference>>;
}
type Build = (
  b: ProgramBuilder,
  x: Tensor,
  leaf: (name: string) => Tensor,
  attribute: (name: string) => number,
) => Tensor;

const affine = (b: ProgramBuilder, x: Tensor, leaf: (name: string) => Tensor) => {
  const scaled = b.mul(x, perChannel(b, leaf("s"), x.shape));
  return b.add(scaled, perChannel(b, leaf("bias"), x.shape));
};
const batchNorm: Build = (b, x, leaf, attribute) => {
  const deviation = b.sqrt(b.add(leaf("var"), attribute("epsilon") || 1e-5));
  const centred = b.sub(x, perChannel(b, leaf("mean"), x.shape));
  return affine(b, b.div(centred, perChannel(b, deviation, x.shape)), leaf);
};
const instanceNorm: Build = (b, x, leaf, attribute) => affine(b, b.normalize(x, 2, attribute("epsilon") || 1e-5), leaf);

/** PyTorch's layers, whose weights are numbered: weight and bias, then running mean and variance. */
const convolved =
  (options: { readonly stride?: number; readonly pad?: number }, hasBias = true): Build =>
  (b, x, leaf) => {
    const y = b.conv(x, leaf("1"), options);
    return hasBias ? b.add(y, perChannel(b, leaf("2"), y.shape)) : y;
  };
const evaluatedBatchNorm: Build = (b, x, leaf, attribute) => {
  const numbers: Readonly<Record<string, string>> = { s: "1", bias: "2", mean: "3", var: "4" };
  return batchNorm(b, x, (name) => leaf(numbers[name]!), attribute);
};

/** The cases that stay where they are, and are tested where they are there. */
const CONVERTED: Readonly<Record<string, Build>> = {
  BatchNorm2d_eval: evaluatedBatchNorm,
  BatchNorm2d_momentum_eval: evaluatedBatchNorm,
  Conv2d: convolved({}),
  Conv2d_no_bias: convolved({}, false),
  Conv2d_padding: convolved({ stride: 2, pad: 1 }),
  Conv2d_strided: convolved({ stride: 2 }),
  LeakyReLU: (b, x, _, attribute) => b.leakyRelu(x, attribute("alpha")),
  LeakyReLU_with_negval: (b, x, _, attribute) => b.leakyRelu(x, attribute("alpha")),
  ReflectionPad2d: (b, x) => b.pad(x, [0, 0, 3, 1], [0, 0, 4, 2], "reflect"),
  Tanh: (b, x) => b.tanh(x),
};

/** Each of ONNX's cases in the program's operations. */
const PROGRAMS: Readonly<Record<string, Build>> = {
  basic_conv_with_padding: (b, x, leaf) => b.conv(x, leaf("W"), { pad: 1 }),
  basic_conv_without_padding: (b, x, leaf) => b.conv(x, leaf("W")),
  conv_with_strides_padding: (b, x, leaf) => b.conv(x, leaf("W"), { stride: 2, pad: 1 }),
  conv_with_strides_no_padding: (b, x, leaf) => b.conv(x, leaf("W"), { stride: 2 }),
  convtranspose: (b, x, leaf) => b.convTranspose(x, leaf("W")),
  batchnorm_example: batchNorm,
  batchnorm_epsilon: batchNorm,
  instancenorm_example: instanceNorm,
  instancenorm_epsilon: instanceNorm,
  leakyrelu: (b, x, _, attribute) => b.leakyRelu(x, attribute("alpha")),
  leakyrelu_default: (b, x) => b.leakyRelu(x, 0.01),
  reflect_pad: (b, x) => b.pad(x, [0, 0, 1, 1], [0, 0, 1, 1], "reflect"),
  sigmoid: (b, x) => b.sigmoid(x),
  softplus: (b, x) => b.softplus(x),
  tanh: (b, x) => b.tanh(x),
};

const cases = JSON.parse(readFileSync("test/fixtures/onnx/operators.json", "utf8")) as readonly Case[];
const shortName = (name: string) => name.replace(/^.*\/test_/, "");
const SHARED = "../shared/reference/onnx.json";
const shared = existsSync(SHARED) ? (JSON.parse(readFileSync(SHARED, "utf8")) as readonly Case[]) : [];
const ort = await loadOnnxruntime();
const runtime = await createOnnxruntime({ threads: 1 });
const LIMIT = 1e-6;

describe("operations against ONNX's own cases", () => {
  test("operators: every case has a program", () => {
    expect(cases.map(({ name }) => shortName(name)).sort()).toEqual(Object.keys(PROGRAMS).sort());
  });

  for (const each of cases) {
    const { name } = each;
    test(`operators: ${shortName(name)} in the referee, in the runtime and exported`, () =>
      expectConforming(each, PROGRAMS[shortName(name)]!));
  }

  for (const [name, program] of Object.entries(CONVERTED)) {
    const found = shared.find((each) => each.name === `pytorch-converted/test_${name}`);
    (found ? test : test.skip)(`operators: PyTorch's ${name} in the referee, in the runtime and exported`, () =>
      expectConforming(found!, program),
    );
  }
});

async function expectConforming({ name, nodes, inputs, constants, outputs }: Case, program: Build): Promise<void> {
  const [[, image], ...others] = Object.entries({ ...inputs, ...constants }).sort(
    // PyTorch's numbers would come in another order than the image first.
    ([a], [b]) => Number(b in inputs) - Number(a in inputs),
  ) as [[string, Reference], ...[string, Reference][]];
  const [expected] = Object.values(outputs) as [Reference];
  const weights = others.filter(([key]) => key !== "pads");
  const shapes = new Map(weights.map(([key, { shape }]) => [key, shape]));
  const build = () => {
    const b = new ProgramBuilder();
    const leaf = (key: string) => b.state(key, shapes.get(key)!);
    const attribute = (key: string) => nodes[0].attributes[key] ?? 0;
    return b.program(new Map([["y", program(b, b.feed("x", image.shape), leaf, attribute)]]));
  };
  const values = new Map(weights.map(([key, { data }]) => [key, Float64Array.from(data)]));
  const x = Float32Array.from(image.data);

  const refereed = outputsOf(build(), new Map([["x", Float64Array.from(x)]]), values);
  expect(relativeError(refereed.get("y")!, expected.data)).toBeLessThan(LIMIT);

  const compiled = await runtime.compile(build(), stateWith(runtime, shapes, values));
  const stepped = await compiled.step(new Map([["x", x]]));
  expect(relativeError(stepped.get("y")!, expected.data)).toBeLessThan(LIMIT);
  compiled.dispose();

  const source = {
    ...({ program: build, prefix: "", size: [1, 1], size_multiple: 1 } as const),
    weights: new Map([...values].map(([key, data]) => [key, Float32Array.from(data)])),
  };
  const options = { version: 11, dynamic_axes: false, value_range: "minus_one_to_one", metadata: new Map() } as const;
  const session = await openSession(ort, exportModel(source, options), { threads: 1, device: "cpu" }, name);
  const { output } = await session.run({ input: new ort.Tensor("float32", x, image.shape) });
  expect(output!.dims).toEqual(expected.shape);
  expect(relativeError(output!.data as Float32Array, expected.data)).toBeLessThan(LIMIT);
  await session.release();
}
