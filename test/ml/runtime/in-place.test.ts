/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { narrow, someValues, stateWith } from "../../../src/ml/runtime/trial/compare.js";
import { type OptimizerOptions, optimizer } from "../../../src/ml/training/optimizers.js";
import { pairedProgram } from "../../../src/ml/translation/pix2pix.js";
import { tinyDiscriminator, tinyGenerator } from "../translation/tiny.js";

const IMAGES = [2, 3, 16, 16];

/** A training of a batch of two, from values in no pattern. */
async function start(options: OptimizerOptions, inPlace: boolean) {
  const algorithm = optimizer(options);
  const { program, state: shapes } = pairedProgram({
    ...{ generator: tinyGenerator(true), discriminator: tinyDiscriminator(6, true), optimizer: algorithm },
    ...{ gan_mode: "vanilla", l1_lambda: 100, image_shape: IMAGES },
  });
  const runtime = await createOnnxruntime({ threads: 1, inPlace });
  const weights = [...shapes].filter(([name]) => !name.includes(":"));
  const values = weights.map(([name, shape], at) => [name, someValues(sizeOf(shape), at)] as const);
  const state = stateWith(runtime, shapes, new Map(values));
  const compiled = await runtime.compile(program, state);
  const images = ["A", "B"].map((name, at) => [name, someValues(sizeOf(IMAGES), at + 1)] as const);
  const step = (count: number) => {
    const scalars = [...algorithm.scalars(count, () => 2e-4)].map(
      ([name, value]) => [name, Float64Array.of(value)] as const,
    );
    return compiled.step(narrow(new Map([...images, ...scalars])));
  };
  return { shapes, state, step, compiled };
}

/** Bit for bit; jest's own comparison takes longer than the steps. */
function same(a: Float32Array, b: Float32Array): boolean {
  const bytes = ({ buffer, byteOffset, byteLength }: Float32Array) => Buffer.from(buffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}

describe("training in place", () => {
  const ALGORITHMS: readonly OptimizerOptions[] = [
    { algorithm: "adam", beta: [0.5, 0.999], weight_decay: 0.01 },
    { algorithm: "sgd", momentum: 0.9 },
    { algorithm: "adadelta", rho: 0.9 },
    { algorithm: "asgd" },
  ];
  for (const options of ALGORITHMS) {
    test(`onnxruntime: 60 steps of ${options.algorithm} in place equal those of the plain form bit for bit`, async () => {
      const [fast, plain] = await Promise.all([true, false].map((inPlace) => start(options, inPlace)));
      for (let count = 1; count <= 60; count++) {
        const [a, b] = [await fast!.step(count), await plain!.step(count)];
        for (const [name, values] of b) expect([count, name, same(a.get(name)!, values)]).toEqual([count, name, true]);
      }
      for (const name of plain!.shapes.keys()) {
        expect([name, same(await fast!.state.read(name), await plain!.state.read(name))]).toEqual([name, true]);
      }
      fast!.compiled.dispose();
      plain!.compiled.dispose();
    });
  }
});
