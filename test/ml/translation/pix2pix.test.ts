import { describe, expect, test } from "@jest/globals";
import { unet } from "../../../src/ml/networks/unet.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { tensorsOf } from "../../../src/ml/program/walk.js";
import { inferenceProgram } from "../../../src/ml/training/inference.js";
import { optimizer } from "../../../src/ml/training/optimizers.js";
import type { TrainingProgram } from "../../../src/ml/training/update.js";
import { pairedProgram, pairedScalars } from "../../../src/ml/translation/pix2pix.js";
import { outputsOf, type Reference, readReference, relativeError, someValues } from "../reference.js";
import { stateNameOf, tinyDiscriminator, tinyGenerator, tinyUnetOptions } from "./tiny.js";

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

const generator = tinyGenerator(true);
const discriminator = tinyDiscriminator(6, true);
const adam = optimizer({ algorithm: "adam", beta: [0.5, 0.999] });

function startOf(training: TrainingProgram): Map<string, Float64Array> {
  const start = new Map([...training.state].map(([name, shape]) => [name, new Float64Array(sizeOf(shape))]));
  for (const [name, { data }] of Object.entries(paired.weights)) {
    expect(start.get(stateNameOf(name))?.length).toBe(data.length);
    start.set(stateNameOf(name), Float64Array.from(data));
  }
  return start;
}

function feedsOf(step: number): Map<string, Float64Array> {
  const scalars = adam.scalars(step, () => 2e-4);
  return new Map([
    ["A", Float64Array.from(paired.input.data)],
    ["B", Float64Array.from(paired.reference.data)],
    ...[...scalars].map(([name, value]) => [name, Float64Array.of(value)] as const),
  ]);
}

function build(l1_lambda: number): TrainingProgram {
  const image_shape = paired.input.shape;
  return pairedProgram({ generator, discriminator, optimizer: adam, gan_mode: "vanilla", l1_lambda, image_shape });
}

describe("the paired update against PyTorch in float64", () => {
  test("pix2pix: every parameter of the reference has its name and no other exists", () => {
    const weights = [...build(1).state.keys()].filter((name) => !name.includes(":"));
    expect(weights.sort()).toEqual(Object.keys(paired.weights).map(stateNameOf).sort());
  });

  test("pix2pix: generated image, first gradients, and the losses of five steps", () => {
    const training = build(paired.l1_lambda);
    expect(training.masks).toEqual([]);
    let state = startOf(training);
    paired.steps.forEach((expected, at) => {
      const { outputs, updates } = evaluateReference(training.program, { feeds: feedsOf(at + 1), state });
      for (const [name, value] of Object.entries(expected)) {
        expect(relativeError(outputs.get(name)!, [value])).toBeLessThan(1e-8);
      }
      const total = expected.g_gan! + paired.l1_lambda * expected.g_l1!;
      expect(relativeError(outputs.get("g_total")!, [total])).toBeLessThan(1e-8);
      if (at === 0) {
        expect(relativeError(outputs.get("fake")!, paired.generated.data)).toBeLessThan(1e-9);
        for (const [name, { data }] of Object.entries(paired.gradients_first_step)) {
          // Adam's unscaled first moment is the gradient itself after one step from zero.
          expect(relativeError(updates.get(`${stateNameOf(name)}:m`)!, data)).toBeLessThan(1e-9);
        }
      }
      state = new Map([...state, ...updates]);
    });
    expect(paired.steps.length).toBe(5);
  });

  test("pix2pix: scores are the mean probability that the discriminator gives", () => {
    const training = build(paired.l1_lambda);
    const state = startOf(training);
    state.set("netD.model.5.weight", new Float64Array(sizeOf([1, 8, 4, 4])));
    state.set("netD.model.5.bias", Float64Array.of(Math.log(3)));
    const outputs = outputsOf(training.program, feedsOf(1), state);
    expect([...pairedScalars(), "fake"].sort()).toEqual([...outputs.keys()].sort());
    expect(outputs.get("score_real")![0]).toBeCloseTo(0.75, 12);
    expect(outputs.get("score_fake")![0]).toBeCloseTo(0.75, 12);
  });

  test("pix2pix: with lsgan the discriminator's losses are squares of its answers", () => {
    const image_shape = paired.input.shape;
    const training = pairedProgram({
      ...{ generator, discriminator, optimizer: adam, image_shape },
      ...{ gan_mode: "lsgan", l1_lambda: 10 },
    });
    const state = startOf(training);
    state.set("netD.model.5.weight", new Float64Array(sizeOf([1, 8, 4, 4])));
    state.set("netD.model.5.bias", Float64Array.of(0.75));
    const outputs = outputsOf(training.program, feedsOf(1), state);
    expect(outputs.get("d_real")![0]).toBeCloseTo(0.0625, 12);
    expect(outputs.get("d_fake")![0]).toBeCloseTo(0.5625, 12);
    expect(outputs.get("score_fake")![0]).toBeCloseTo(0.75, 12);
  });

  test("pix2pix: inference reads the generator alone and answers the image that training saw", () => {
    const training = build(paired.l1_lambda);
    const program = inferenceProgram(generator, paired.input.shape);
    const read = tensorsOf(program).flatMap(({ operation }) => (operation.kind === "state" ? [operation.name] : []));
    expect(read.every((name) => name.startsWith("netG."))).toBe(true);
    const fake = outputsOf(program, new Map([["x", Float64Array.from(paired.input.data)]]), startOf(training)).get(
      "y",
    )!;
    expect(relativeError(fake, paired.generated.data)).toBeLessThan(1e-9);
    expect(program.updates.size).toBe(0);
  });

  test("pix2pix: dropout masks are fed in training, and absent at inference", () => {
    const deep = unet({ ...tinyUnetOptions(true), layers: 6 });
    const image_shape = [1, 3, 64, 64];
    const common = { discriminator, optimizer: adam, gan_mode: "vanilla", l1_lambda: 1, image_shape } as const;
    const { program, state, masks } = pairedProgram({ ...common, generator: deep });
    // Layer 4 is the only one with 4 ≤ i ≤ L − 2; its up norm has channel[3] = 16 channels at 64 / 2⁴ pixels.
    expect(masks.map(({ shape, dropout }) => ({ shape, dropout }))).toEqual([{ shape: [1, 16, 4, 4], dropout: 0.5 }]);
    const values = new Map([...state].map(([name, shape], at) => [name, someValues(sizeOf(shape), at)]));
    for (const [name, array] of values) if (name.includes(":")) array.fill(0);
    const images = someValues(sizeOf(image_shape));
    const feeds = new Map([...feedsOf(1), ["A", images], ["B", images]]);
    const fakeWith = (mask: number) => {
      feeds.set(masks[0]!.feed, new Float64Array(sizeOf(masks[0]!.shape)).fill(mask));
      return outputsOf(program, feeds, values).get("fake")!;
    };
    const inferred = outputsOf(inferenceProgram(deep, image_shape), new Map([["x", feeds.get("A")!]]), values).get(
      "y",
    )!;
    expect(relativeError(fakeWith(1), inferred)).toBeLessThan(1e-12);
    expect(relativeError(fakeWith(0), inferred)).toBeGreaterThan(1e-3);
  });
});
