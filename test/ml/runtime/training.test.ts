/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { patchgan } from "../../../src/ml/networks/patchgan.js";
import { unet } from "../../../src/ml/networks/unet.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime.js";
import type { Runtime } from "../../../src/ml/runtime/runtime.js";
import { type OptimizerOptions, optimizer } from "../../../src/ml/training/optimizers.js";
import { pairedProgram } from "../../../src/ml/training/pix2pix.js";
import { type Reference, readReference, relativeError, someValues } from "../reference.js";
import { narrow, stateWith } from "./compare.js";

interface Paired {
  readonly input: Reference;
  readonly reference: Reference;
  readonly l1_lambda: number;
  readonly weights: Readonly<Record<string, Reference>>;
  readonly generated: Reference;
  readonly steps: readonly Readonly<Record<string, number>>[];
  readonly gradients_first_step: Readonly<Record<string, Reference>>;
}

const paired = readReference<Paired>("paired.json");

/** The reference's layers in the order of the product's parameters. */
const ORDER = [
  ...["G.down.0", "G.down.1", "G.down_norm.1", "G.down.2", "G.up.2", "G.up_norm.2", "G.up.1", "G.up_norm.1", "G.up.0"],
  ...["D.conv.0", "D.conv.1", "D.norm", "D.conv.2"],
];

const shared = { norm: "instance", affine: true, initial_layer_size: 4, kernel_size: 4 } as const;
const generator = unet({
  ...shared,
  ...{ channel_count: 3, layers: 3, max_layer_size: 16, dropout: 0, upsampling: "transposed" },
  ...{ down_activation: "leaky_relu", up_activation: "relu" },
});
const discriminator = patchgan({ ...shared, channel_count: 6, layers: 1, activation: "leaky_relu" });

function training(options: OptimizerOptions, image_shape: readonly number[]) {
  const { l1_lambda } = paired;
  const algorithm = optimizer(options);
  const common = {
    generator,
    discriminator,
    optimizer: algorithm,
    gan_mode: "vanilla",
    l1_lambda,
    image_shape,
  } as const;
  return { ...pairedProgram(common), algorithm };
}

/** Our state's name of each of the reference's weights. */
function names(state: ReadonlyMap<string, unknown>): ReadonlyMap<string, string> {
  const weights = [...state.keys()].filter((name) => !name.includes(":"));
  const theirs = ORDER.flatMap((layer) =>
    ["weight", "bias"].map((part) => `${layer}.${part}`).filter((name) => name in paired.weights),
  );
  expect(weights.length).toBe(theirs.length);
  return new Map(theirs.map((name, at) => [name, weights[at]!]));
}

async function start(runtime: Runtime, options: OptimizerOptions, image_shape = paired.input.shape) {
  const { program, state: shapes, algorithm } = training(options, image_shape);
  const ours = names(shapes);
  const values = new Map([...ours].map(([theirs, name]) => [name, Float64Array.from(paired.weights[theirs]!.data)]));
  const state = stateWith(runtime, shapes, values);
  const compiled = await runtime.compile(program, state);
  const images =
    sizeOf(image_shape) === paired.input.data.length
      ? [paired.input.data, paired.reference.data]
      : [someValues(sizeOf(image_shape), 1), someValues(sizeOf(image_shape), 2)];
  const step = (count: number) => {
    const scalars = [...algorithm.scalars(count, () => 2e-4)].map(
      ([name, value]) => [name, Float64Array.of(value)] as const,
    );
    return compiled.step(
      narrow(new Map([["A", Float64Array.from(images[0]!)], ["B", Float64Array.from(images[1]!)], ...scalars])),
    );
  };
  return { shapes, ours, state, step, compiled };
}

describe("training in onnxruntime", () => {
  test("onnxruntime: first gradients and the losses of five paired steps are PyTorch's", async () => {
    const { ours, state, step } = await start(await createOnnxruntime({ threads: 2 }), {
      algorithm: "adam",
      beta: [0.5, 0.999],
    });
    for (const [at, expected] of paired.steps.entries()) {
      const outputs = await step(at + 1);
      for (const [name, value] of Object.entries(expected)) {
        expect(relativeError(outputs.get(name)!, [value])).toBeLessThan(1e-3);
      }
      if (at > 0) continue;
      expect(relativeError(outputs.get("fake")!, paired.generated.data)).toBeLessThan(1e-5);
      for (const [name, { data }] of Object.entries(paired.gradients_first_step)) {
        // Adam's unscaled first moment is the gradient itself after one step from zero.
        expect(relativeError(await state.read(`${ours.get(name)!}:m`), data)).toBeLessThan(2e-5);
      }
    }
    expect(paired.steps.length).toBe(5);
  });

  const ALGORITHMS: readonly OptimizerOptions[] = [
    { algorithm: "adam", beta: [0.5, 0.999], weight_decay: 0.01 },
    { algorithm: "sgd", momentum: 0.9 },
    { algorithm: "adadelta", rho: 0.9 },
    { algorithm: "asgd" },
  ];
  for (const options of ALGORITHMS) {
    test(`onnxruntime: 60 steps of ${options.algorithm} in place equal those of the plain form bit for bit`, async () => {
      const [fast, plain] = await Promise.all(
        [true, false].map(async (inPlace) =>
          start(await createOnnxruntime({ threads: 1, inPlace }), options, [2, 3, 16, 16]),
        ),
      );
      for (let count = 1; count <= 60; count++) {
        const [a, b] = [await fast!.step(count), await plain!.step(count)];
        for (const [name, values] of b)
          expect(Buffer.from(a.get(name)!.buffer)).toEqual(Buffer.from(values.slice().buffer));
      }
      for (const name of plain!.shapes.keys()) {
        expect(await fast!.state.read(name)).toEqual(await plain!.state.read(name));
      }
      fast!.compiled.dispose();
      plain!.compiled.dispose();
    });
  }
});
