/** The part of the conformance suite that trains: PyTorch's losses and gradients, its optimizers, whole updates. */
import { expect } from "@jest/globals";
import { unet } from "../../../src/ml/networks/unet.js";
import type { Shape } from "../../../src/ml/program/program.js";
import type { Runtime, RuntimeState, Values } from "../../../src/ml/runtime/runtime.js";
import { largestError, relativeError, stateWith } from "../../../src/ml/runtime/trial/compare.js";
import { type Optimizer, type OptimizerOptions, optimizer } from "../../../src/ml/training/optimizers.js";
import { discriminatorsProgram, generatorsProgram } from "../../../src/ml/translation/cyclegan.js";
import { pairedProgram } from "../../../src/ml/translation/pix2pix.js";
import { type Reference, readReference } from "../reference.js";
import { optimizerStep } from "../training/optimizer-step.js";
import { stateNameOf, tinyDiscriminator, tinyGenerator, tinyUnetOptions } from "../translation/tiny.js";
import type { Conforming, Keep } from "./conformance.js";

/** Relative, in float32: from the acceptance of training on a runtime. */
const LIMIT = { gradients: 2e-5, losses: 1e-3, optimizers: 1e-4, image: 1e-5, update: 1e-4 };

type Losses = Readonly<Record<string, number>>;
type References = Readonly<Record<string, Reference>>;

const adam = optimizer({ algorithm: "adam", beta: [0.5, 0.999] });

export function registerTraining(conforming: Conforming, keep: Keep): void {
  keep("first gradients and the losses of five paired steps are PyTorch's", () => paired(conforming));
  keep("first gradients of four networks and the losses of three unpaired steps are PyTorch's", () =>
    unpaired(conforming.runtime),
  );
  registerOptimizers(conforming.runtime, keep);
  registerUpdates(conforming.runtime, keep);
}

function scalarsOf(algorithm: Optimizer, step: number, rate: number): (readonly [string, Values])[] {
  return [...algorithm.scalars(step, () => rate)].map(([name, value]) => [name, Float32Array.of(value)] as const);
}

function startState(runtime: Runtime, shapes: ReadonlyMap<string, Shape>, weights: References): RuntimeState {
  const values = Object.entries(weights).map(
    ([name, { data }]) => [stateNameOf(name), Float64Array.from(data)] as const,
  );
  return stateWith(runtime, shapes, new Map(values));
}

async function expectGradients(state: RuntimeState, gradients: References): Promise<void> {
  for (const [name, { data }] of Object.entries(gradients)) {
    // Adam's unscaled first moment is the gradient itself after one step from zero.
    const gradient = await state.read(`${stateNameOf(name)}:m`);
    // A bias before instance norm has no effect: the reference's gradient is rounding.
    const none = data.every((value) => Math.abs(value) < 1e-14);
    if (none) expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-5);
    else expect(relativeError(gradient, data)).toBeLessThan(LIMIT.gradients);
  }
}

function expectLosses(outputs: ReadonlyMap<string, Values>, expected: Losses): void {
  for (const [name, value] of Object.entries(expected)) {
    expect(relativeError(outputs.get(name)!, [value])).toBeLessThan(LIMIT.losses);
  }
}

/** Five steps; a backend that counts its values holds as many after each. */
async function paired({ runtime, held }: Conforming): Promise<void> {
  const golden = readReference<{
    readonly input: Reference;
    readonly reference: Reference;
    readonly l1_lambda: number;
    readonly weights: References;
    readonly generated: Reference;
    readonly steps: readonly Losses[];
    readonly gradients_first_step: References;
  }>("paired.json");
  const training = pairedProgram({
    ...{ generator: tinyGenerator(true), discriminator: tinyDiscriminator(6, true), optimizer: adam },
    ...{ gan_mode: "vanilla", l1_lambda: golden.l1_lambda, image_shape: golden.input.shape },
  });
  const state = startState(runtime, training.state, golden.weights);
  const compiled = await runtime.compile(training.program, state);
  const start = held?.();
  for (const [at, expected] of golden.steps.entries()) {
    const images = { A: Float32Array.from(golden.input.data), B: Float32Array.from(golden.reference.data) };
    const outputs = await compiled.step(new Map([...Object.entries(images), ...scalarsOf(adam, at + 1, 2e-4)]));
    expectLosses(outputs, expected);
    expect(held?.()).toBe(start);
    if (at > 0) continue;
    expect(relativeError(outputs.get("fake")!, golden.generated.data)).toBeLessThan(LIMIT.image);
    await expectGradients(state, golden.gradients_first_step);
  }
  expect(golden.steps.length).toBe(5);
  compiled.dispose();
  state.dispose();
}

async function unpaired(runtime: Runtime): Promise<void> {
  const golden = readReference<{
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
    ...{ l1_lambda: golden.l1_lambda, identity_lambda: golden.identity_lambda, image_shape: golden.a.shape },
    gan_mode: "lsgan",
  } as const;
  const [generators, discriminators] = [generatorsProgram(options), discriminatorsProgram(options)];
  const state = startState(runtime, new Map([...generators.state, ...discriminators.state]), golden.weights);
  const stepG = await runtime.compile(generators.program, state);
  const stepD = await runtime.compile(discriminators.program, state);
  for (const [at, expected] of golden.steps.entries()) {
    const images = { A: Float32Array.from(golden.a.data), B: Float32Array.from(golden.b.data) };
    const feeds = new Map([...Object.entries(images), ...scalarsOf(adam, at + 1, 2e-4)]);
    const g = await stepG.step(feeds);
    for (const i of [0, 1]) feeds.set(`fake_${i}`, g.get(`fake_${i}`)!);
    const d = await stepD.step(feeds);
    const { d_0, d_1, ...losses } = expected;
    expectLosses(g, losses);
    for (const [i, loss] of [d_0!, d_1!].entries()) {
      const ours = (d.get(`d_real_${i}`)![0]! + d.get(`d_fake_${i}`)![0]!) / 2;
      expect(relativeError([ours], [loss])).toBeLessThan(LIMIT.losses);
    }
    if (at === 0) await expectGradients(state, golden.gradients_first_step);
  }
  expect(golden.steps.length).toBe(3);
  for (const compiled of [stepG, stepD]) compiled.dispose();
  state.dispose();
}

function registerUpdates(runtime: Runtime, keep: Keep): void {
  const common = { discriminator: tinyDiscriminator(6, true), gan_mode: "lsgan" } as const;
  /** Every weight gets a gradient worth comparing: no Adam, whose first step is only the gradient's sign. */
  const sgd = optimizer({ algorithm: "sgd", momentum: 0.9 });
  for (const norm of ["batch", "instance"] as const) {
    keep(`a whole update with ${norm} norm, resized upsampling, selu and a batch of two`, async () => {
      const generator = unet({ ...tinyUnetOptions(true), norm, upsampling: "resize", up_activation: "selu" });
      const image_shape = [2, 3, 16, 16];
      const { program } = pairedProgram({ ...common, generator, optimizer: sgd, l1_lambda: 10, image_shape });
      expect(await largestError(runtime, program)).toBeLessThan(LIMIT.update);
    });
  }
}

/** The weight after every step, and a slot at the end. */
async function optimize(
  runtime: Runtime,
  options: OptimizerOptions,
  start: readonly number[],
  rate: number,
  gradients: readonly ((weight: Values) => readonly number[])[],
  slot?: string,
): Promise<{ readonly weights: readonly Values[]; readonly last: Values | undefined }> {
  const algorithm = optimizer(options);
  const { program, state: shapes } = optimizerStep(algorithm, start.length);
  const state = stateWith(runtime, shapes, new Map([["w", Float64Array.from(start)]]));
  const compiled = await runtime.compile(program, state);
  const weights = [await state.read("w")];
  for (const [at, gradientAt] of gradients.entries()) {
    const g = Float32Array.from(gradientAt(weights[at]!));
    await compiled.step(new Map([["g", g], ...scalarsOf(algorithm, at + 1, rate)]));
    weights.push(await state.read("w"));
  }
  const last = slot === undefined ? undefined : await state.read(slot);
  compiled.dispose();
  state.dispose();
  return { weights: weights.slice(1), last };
}

const TORCH: readonly (readonly [string, OptimizerOptions, number])[] = [
  ["adam lr 2e-4 betas 0.5 0.999 eps 1e-8", { algorithm: "adam", beta: [0.5, 0.999] }, 2e-4],
  ["adam lr 1e-3 defaults", { algorithm: "adam", beta: [0.9, 0.999] }, 1e-3],
  ["adam lr 1e-3 l2 weight decay 0.1", { algorithm: "adam", beta: [0.9, 0.999], weight_decay: 0.1 }, 1e-3],
  ["sgd lr 0.1", { algorithm: "sgd", momentum: 0 }, 0.1],
  ["sgd lr 0.1 momentum 0.9", { algorithm: "sgd", momentum: 0.9 }, 0.1],
];

/** p₀ = [1, −2], g = [p₀, 3·p₁], five steps; numbers computed in float64 from torch's formulas. */
const QUADRATIC: readonly {
  readonly options: OptimizerOptions;
  readonly rate: number;
  readonly weights: readonly number[];
  readonly average?: readonly number[];
}[] = [
  { options: { algorithm: "adam", beta: [0.5, 0.999] }, rate: 0.1, weights: [0.5313866998, -1.5140444788] },
  { options: { algorithm: "adadelta", rho: 0.9 }, rate: 1, weights: [0.9836313873, -1.9835991389] },
  { options: { algorithm: "sgd", momentum: 0.9 }, rate: 0.1, weights: [-0.02916, 1.55656] },
  {
    ...{ options: { algorithm: "asgd" }, rate: 0.1 },
    ...{ weights: [0.5904621166, -0.3361267948], average: [0.5904621166, -0.3361267948] },
  },
  {
    ...{ options: { algorithm: "asgd", t0: 2 }, rate: 0.1 },
    ...{ weights: [0.5904621166, -0.3361267948], average: [0.6232681189, -0.4081543081] },
  },
];

function registerOptimizers(runtime: Runtime, keep: Keep): void {
  const { start, gradients, optimizers } = readReference<{
    readonly start: Reference;
    readonly gradients: Reference;
    readonly optimizers: readonly { readonly name: string; readonly steps: Reference }[];
  }>("training.json");
  const width = start.data.length;
  const given = Array.from({ length: 20 }, (_, at) => () => gradients.data.slice(at * width, (at + 1) * width));
  for (const [name, options, rate] of TORCH) {
    keep(`every one of 20 steps of torch's ${name}`, async () => {
      const expected = optimizers.find((each) => each.name === name)!.steps.data;
      const { weights } = await optimize(runtime, options, start.data, rate, given);
      const all = weights.flatMap((each) => [...each]);
      expect(relativeError(all, expected)).toBeLessThan(LIMIT.optimizers);
    });
  }
  for (const { options, rate, weights: expected, average } of QUADRATIC) {
    const name = "t0" in options ? `${options.algorithm} that averages from step ${options.t0}` : options.algorithm;
    keep(`five steps of ${name} on a quadratic`, async () => {
      const gradientAt = ([p, q]: Values) => [p!, 3 * q!];
      const slot = average && "average";
      const { weights, last } = await optimize(runtime, options, [1, -2], rate, Array(5).fill(gradientAt), slot);
      expect(relativeError(weights[4]!, expected)).toBeLessThan(LIMIT.optimizers);
      if (average !== undefined) expect(relativeError(last!, average)).toBeLessThan(LIMIT.optimizers);
    });
  }
}
