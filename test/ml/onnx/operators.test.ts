/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { exportModel } from "../../../src/ml/onnx/export.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { perChannel } from "../../../src/ml/program/derived.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import { stateWith } from "../../../src/ml/runtime/compare.js";
import { loadOnnxruntime, openSession } from "../../../src/ml/runtime/load.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime.js";
import { outputsOf, type Reference, relativeError } from "../reference.js";

interface Case {
  readonly name: string;
  readonly nodes: readonly [{ readonly attributes: Readonly<Record<string, number>> }];
  readonly inputs: Readonly<Record<string, Reference>>;
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
const shortName = (name: string) => name.replace("node/test_", "");
const ort = await loadOnnxruntime();
const runtime = await createOnnxruntime({ threads: 1 });
const LIMIT = 1e-6;

describe("operations against ONNX's own cases", () => {
  test("operators: every case has a program", () => {
    expect(cases.map(({ name }) => shortName(name)).sort()).toEqual(Object.keys(PROGRAMS).sort());
  });

  for (const { name, nodes, inputs, outputs } of cases) {
    test(`operators: ${shortName(name)} in the referee, in the runtime and exported`, async () => {
      const [[, image], ...others] = Object.entries(inputs) as [[string, Reference], ...[string, Reference][]];
      const [expected] = Object.values(outputs) as [Reference];
      const build = () => {
        const b = new ProgramBuilder();
        const leaf = (key: string) => b.state(key, inputs[key]!.shape);
        const attribute = (key: string) => nodes[0].attributes[key] ?? 0;
        return b.program(new Map([["y", PROGRAMS[shortName(name)]!(b, b.feed("x", image.shape), leaf, attribute)]]));
      };
      const weights = others.filter(([key]) => key !== "pads");
      const shapes = new Map(weights.map(([key, { shape }]) => [key, shape]));
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
      const options = {
        version: 11,
        dynamic_axes: false,
        value_range: "minus_one_to_one",
        metadata: new Map(),
      } as const;
      const session = await openSession(ort, exportModel(source, options), { threads: 1, device: "cpu" }, name);
      const { output } = await session.run({ input: new ort.Tensor("float32", x, image.shape) });
      expect(output!.dims).toEqual(expected.shape);
      expect(relativeError(output!.data as Float32Array, expected.data)).toBeLessThan(LIMIT);
      await session.release();
    });
  }
});
