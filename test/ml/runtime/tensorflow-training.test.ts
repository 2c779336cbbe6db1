/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { unet } from "../../../src/ml/networks/unet.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Shape } from "../../../src/ml/program/program.js";
import type { State, Values } from "../../../src/ml/runtime/runtime.js";
import { createTensorflow } from "../../../src/ml/runtime/tensorflow.js";
import { loadTensorflow } from "../../../src/ml/runtime/tensorflow-load.js";
import { discriminatorsProgram, generatorsProgram } from "../../../src/ml/training/cyclegan.js";
import { type Optimizer, type OptimizerOptions, optimizer, scalarFeed } from "../../../src/ml/training/optimizers.js";
import { pairedProgram } from "../../../src/ml/training/pix2pix.js";
import { type Reference, readReference, relativeError } from "../reference.js";
import { stateNameOf, tinyDiscriminator, tinyGenerator, tinyUnetOptions } from "../training/tiny.js";
import { largestError, stateWith } from "./compare.js";

const runtime = await createTensorflow({ threads: 2 });
const { tf } = await loadTensorflow({ threads: 2 });
const adam = optimizer({ algorithm: "adam", beta: [0.5, 0.999] });

type Losses = Readonly<Record<string, number>>;
type References = Readonly<Record<string, Reference>>;

function scalarsOf(algorithm: Optimizer, step: number, rate: number): (readonly [string, Values])[] {
  return [...algorithm.scalars(step, () => rate)].map(([name, value]) => [name, Float32Array.of(value)] as const);
}

function startState(shapes: ReadonlyMap<string, Shape>, weights: References): State {
  const values = Object.entries(weights).map(
    ([name, { data }]) => [stateNameOf(name), Float64Array.from(data)] as const,
  );
  return stateWith(runtime, shapes, new Map(values));
}

async function expectGradients(state: State, gradients: References): Promise<void> {
  for (const [name, { data }] of Object.entries(gradients)) {
    // Adam's unscaled first moment is the gradient itself after one step from zero.
    const gradient = await state.read(`${stateNameOf(name)}:m`);
    // A bias before instance norm has no effect: the reference's gradient is rounding.
    const none = data.every((value) => Math.abs(value) < 1e-14);
    if (none) expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-5);
    else expect(relativeError(gradient, data)).toBeLessThan(2e-5);
  }
}

function expectLosses(outputs: ReadonlyMap<string, Values>, expected: Losses): void {
  for (const [name, value] of Object.entries(expected)) {
    expect(relativeError(outputs.get(name)!, [value])).toBeLessThan(1e-3);
  }
}

describe("training in TensorFlow.js against PyTorch in float64", () => {
  test("tensorflow: first gradients and the losses of five paired steps, the number of tensors constant", async () => {
    const paired = readReference<{
      readonly input: Reference;
      readonly reference: Reference;
      readonly l1_lambda: number;
      readonly weights: References;
      readonly generated: Reference;
      readonly steps: readonly Losses[];
      readonly gradients_first_step: References;
    }>("paired.json");
    const before = tf.memory().numTensors;
    const training = pairedProgram({
      ...{ generator: tinyGenerator(true), discriminator: tinyDiscriminator(6, true), optimizer: adam },
      ...{ gan_mode: "vanilla", l1_lambda: paired.l1_lambda, image_shape: paired.input.shape },
    });
    const state = startState(training.state, paired.weights);
    const compiled = await runtime.compile(training.program, state);
    const start = tf.memory();
    for (const [at, expected] of paired.steps.entries()) {
      const images = { A: Float32Array.from(paired.input.data), B: Float32Array.from(paired.reference.data) };
      const outputs = await compiled.step(new Map([...Object.entries(images), ...scalarsOf(adam, at + 1, 2e-4)]));
      expectLosses(outputs, expected);
      const { numTensors, numBytes } = tf.memory();
      expect({ numTensors, numBytes }).toEqual({ numTensors: start.numTensors, numBytes: start.numBytes });
      if (at > 0) continue;
      expect(relativeError(outputs.get("fake")!, paired.generated.data)).toBeLessThan(1e-5);
      await expectGradients(state, paired.gradients_first_step);
    }
    expect(paired.steps.length).toBe(5);
    compiled.dispose();
    state.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("tensorflow: first gradients of four networks and the losses of three unpaired steps", async () => {
    const unpaired = readReference<{
      readonly a: Reference;
      readonly b: Reference;
      readonly l1_lambda: number;
      readonly identity_lambda: number;
      readonly weights: References;
      readonly steps: readonly Losses[];
      readonly gradients_first_step: References;
    }>("unpaired.json");
    const options = {
      ...{ generator: tinyGenerator(false), discriminator: tinyDiscriminator(3, false), optimizer: adam },
      ...{ l1_lambda: unpaired.l1_lambda, identity_lambda: unpaired.identity_lambda, image_shape: unpaired.a.shape },
      gan_mode: "lsgan",
    } as const;
    const [generators, discriminators] = [generatorsProgram(options), discriminatorsProgram(options)];
    const state = startState(new Map([...generators.state, ...discriminators.state]), unpaired.weights);
    const [stepG, stepD] = [
      await runtime.compile(generators.program, state),
      await runtime.compile(discriminators.program, state),
    ];
    for (const [at, expected] of unpaired.steps.entries()) {
      const images = { A: Float32Array.from(unpaired.a.data), B: Float32Array.from(unpaired.b.data) };
      const feeds = new Map([...Object.entries(images), ...scalarsOf(adam, at + 1, 2e-4)]);
      const g = await stepG.step(feeds);
      for (const i of [0, 1]) feeds.set(`fake_${i}`, g.get(`fake_${i}`)!);
      const d = await stepD.step(feeds);
      const { d_0, d_1, ...losses } = expected;
      expectLosses(g, losses);
      for (const [i, loss] of [d_0!, d_1!].entries()) {
        const ours = (d.get(`d_real_${i}`)![0]! + d.get(`d_fake_${i}`)![0]!) / 2;
        expect(relativeError([ours], [loss])).toBeLessThan(1e-3);
      }
      if (at === 0) await expectGradients(state, unpaired.gradients_first_step);
    }
    expect(unpaired.steps.length).toBe(3);
    state.dispose();
  });
});

describe("networks in TensorFlow.js against the referee", () => {
  const common = { discriminator: tinyDiscriminator(6, true), optimizer: adam, gan_mode: "lsgan" } as const;
  /** Every weight gets a gradient worth comparing: no Adam, whose first step is only the gradient's sign. */
  const sgd = optimizer({ algorithm: "sgd", momentum: 0.9 });
  for (const norm of ["batch", "instance"] as const) {
    test(`tensorflow: a whole update with ${norm} norm, resized upsampling, selu and a batch of two`, async () => {
      const generator = unet({ ...tinyUnetOptions(true), norm, upsampling: "resize", up_activation: "selu" });
      const image_shape = [2, 3, 16, 16];
      const { program } = pairedProgram({ ...common, generator, optimizer: sgd, l1_lambda: 10, image_shape });
      expect(await largestError(runtime, program)).toBeLessThan(1e-4);
    });
  }
});

describe("optimizers in TensorFlow.js", () => {
  /** The weight after the last of `steps`. */
  async function run(
    options: OptimizerOptions,
    start: readonly number[],
    rate: number,
    gradients: readonly ((weight: Values) => readonly number[])[],
  ): Promise<readonly Values[]> {
    const algorithm = optimizer(options);
    const b = new ProgramBuilder();
    const weight = b.state("w", [start.length]);
    const updated = algorithm.update({
      ...{ b, weight, gradient: b.feed("g", weight.shape) },
      slot: (name) => b.state(name, weight.shape),
      scalar: (name) => scalarFeed(b, name, weight),
    });
    const program = b.program(new Map(), new Map([["w", updated.weight], ...Object.entries(updated.slots)]));
    const shapes = new Map(["w", ...algorithm.slots].map((name) => [name, weight.shape]));
    const state = stateWith(runtime, shapes, new Map([["w", Float64Array.from(start)]]));
    const compiled = await runtime.compile(program, state);
    const weights = [await state.read("w")];
    for (const [at, gradientAt] of gradients.entries()) {
      const g = Float32Array.from(gradientAt(weights[at]!));
      await compiled.step(new Map([["g", g], ...scalarsOf(algorithm, at + 1, rate)]));
      weights.push(await state.read("w"));
    }
    compiled.dispose();
    state.dispose();
    return weights.slice(1);
  }

  const { start, gradients, optimizers } = readReference<{
    readonly start: Reference;
    readonly gradients: Reference;
    readonly optimizers: readonly { readonly name: string; readonly steps: Reference }[];
  }>("training.json");
  const width = start.data.length;
  const given = Array.from({ length: 20 }, (_, at) => () => gradients.data.slice(at * width, (at + 1) * width));
  const TORCH: readonly (readonly [string, OptimizerOptions, number])[] = [
    ["adam lr 2e-4 betas 0.5 0.999 eps 1e-8", { algorithm: "adam", beta: [0.5, 0.999] }, 2e-4],
    ["adam lr 1e-3 l2 weight decay 0.1", { algorithm: "adam", beta: [0.9, 0.999], weight_decay: 0.1 }, 1e-3],
    ["sgd lr 0.1 momentum 0.9", { algorithm: "sgd", momentum: 0.9 }, 0.1],
  ];
  for (const [name, options, rate] of TORCH) {
    test(`tensorflow: every one of 20 steps of torch's ${name}`, async () => {
      const expected = optimizers.find((each) => each.name === name)!.steps.data;
      const weights = await run(options, start.data, rate, given);
      const all = weights.flatMap((each) => [...each]);
      expect(relativeError(all, expected)).toBeLessThan(1e-4);
    });
  }

  /** p₀ = [1, −2], g = [p₀, 3·p₁], five steps; numbers computed in float64 from torch's formulas. */
  const QUADRATIC: readonly (readonly [OptimizerOptions, number, readonly number[]])[] = [
    [{ algorithm: "adadelta", rho: 0.9 }, 1, [0.9836313873, -1.9835991389]],
    [{ algorithm: "asgd" }, 0.1, [0.5904621166, -0.3361267948]],
  ];
  for (const [options, rate, expected] of QUADRATIC) {
    test(`tensorflow: five steps of ${options.algorithm} on a quadratic`, async () => {
      const gradientAt = ([p, q]: Values) => [p!, 3 * q!];
      const weights = await run(options, [1, -2], rate, Array(5).fill(gradientAt));
      expect(relativeError(weights[4]!, expected)).toBeLessThan(1e-4);
    });
  }
});
