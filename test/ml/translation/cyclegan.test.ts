import { describe, expect, test } from "@jest/globals";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { tensorsOf } from "../../../src/ml/program/walk.js";
import { optimizer } from "../../../src/ml/training/optimizers.js";
import { discriminatorsProgram, generatorsProgram } from "../../../src/ml/translation/cyclegan.js";
import { outputsOf, type Reference, readReference, relativeError } from "../reference.js";
import { stateNameOf, tinyDiscriminator, tinyGenerator } from "./tiny.js";

interface Unpaired {
  readonly a: Reference;
  readonly b: Reference;
  readonly l1_lambda: number;
  readonly identity_lambda: number;
  readonly weights: Readonly<Record<string, Reference>>;
  readonly steps: readonly Readonly<Record<string, number>>[];
  readonly gradients_first_step: Readonly<Record<string, Reference>>;
}

const unpaired = readReference<Unpaired>("unpaired.json");
const adam = optimizer({ algorithm: "adam", beta: [0.5, 0.999] });
const options = {
  generator: tinyGenerator(false),
  discriminator: tinyDiscriminator(3, false),
  optimizer: adam,
  gan_mode: "lsgan",
  l1_lambda: unpaired.l1_lambda,
  identity_lambda: unpaired.identity_lambda,
  image_shape: unpaired.a.shape,
} as const;

function startState(): Map<string, Float64Array> {
  const shapes = new Map([...generatorsProgram(options).state, ...discriminatorsProgram(options).state]);
  const state = new Map([...shapes].map(([name, shape]) => [name, new Float64Array(sizeOf(shape))]));
  const weights = [...state.keys()].filter((name) => !name.includes(":"));
  expect(weights.sort()).toEqual(Object.keys(unpaired.weights).map(stateNameOf).sort());
  for (const [name, { data }] of Object.entries(unpaired.weights))
    state.set(stateNameOf(name), Float64Array.from(data));
  return state;
}

function feedsOf(step: number): Map<string, Float64Array> {
  const scalars = [...adam.scalars(step, () => 2e-4)].map(([name, value]) => [name, Float64Array.of(value)] as const);
  return new Map([["A", Float64Array.from(unpaired.a.data)], ["B", Float64Array.from(unpaired.b.data)], ...scalars]);
}

describe("the unpaired update against PyTorch in float64", () => {
  test("cyclegan: first gradients of all four networks, and the losses of three steps", () => {
    const [generators, discriminators] = [generatorsProgram(options), discriminatorsProgram(options)];
    let state: ReadonlyMap<string, Float64Array> = startState();
    unpaired.steps.forEach((expected, at) => {
      const feeds = feedsOf(at + 1);
      const g = evaluateReference(generators.program, { feeds, state });
      for (const i of [0, 1]) feeds.set(`fake_${i}`, g.outputs.get(`fake_${i}`)!);
      const d = evaluateReference(discriminators.program, { feeds, state });
      for (const i of [0, 1]) {
        const loss = (d.outputs.get(`d_real_${i}`)![0]! + d.outputs.get(`d_fake_${i}`)![0]!) / 2;
        expect(relativeError([loss], [expected[`d_${i}`]!])).toBeLessThan(1e-8);
        for (const name of [`g_gan_${i}`, `cycle_${i}`, `idt_${i}`]) {
          expect(relativeError(g.outputs.get(name)!, [expected[name]!])).toBeLessThan(1e-8);
        }
      }
      const updates = new Map([...g.updates, ...d.updates]);
      if (at === 0) expectGradients(updates);
      state = new Map([...state, ...updates]);
    });
    expect(unpaired.steps.length).toBe(3);
  });

  function expectGradients(updates: ReadonlyMap<string, Float64Array>) {
    for (const [name, { data }] of Object.entries(unpaired.gradients_first_step)) {
      const gradient = updates.get(`${stateNameOf(name)}:m`)!;
      // A bias before instance norm has no effect: the reference's gradient is rounding.
      const none = data.every((value) => Math.abs(value) < 1e-14);
      if (none) expect(Math.max(...gradient.map(Math.abs))).toBeLessThan(1e-14);
      else expect(relativeError(gradient, data)).toBeLessThan(1e-9);
    }
  }

  test("cyclegan: the total is the weighted sum of its parts", () => {
    const outputs = outputsOf(generatorsProgram(options).program, feedsOf(1), startState());
    const value = (name: string) => outputs.get(name)![0]!;
    const parts = [0, 1].map((i) => value(`g_gan_${i}`) + 10 * value(`cycle_${i}`) + 10 * 0.5 * value(`idt_${i}`));
    expect(value("g_total")).toBeCloseTo(parts[0]! + parts[1]!, 10);
  });

  test("cyclegan: without identity losses their passes are left out", () => {
    const count = (identity_lambda: number) => {
      const { program } = generatorsProgram({ ...options, identity_lambda });
      const answers = tensorsOf(program).filter(({ operation }) => operation.kind === "tanh");
      // Passes of several batches are one.
      return answers.reduce((passes, { shape }) => passes + shape[0]! / options.image_shape[0]!, 0);
    };
    expect([count(0.5), count(0)]).toEqual([6, 4]);
    const names = [...generatorsProgram({ ...options, identity_lambda: 0 }).program.outputs.keys()];
    expect(names.some((name) => name.startsWith("idt"))).toBe(false);
  });

  test("cyclegan: each program changes the networks of its own kind alone", () => {
    const kinds = (names: Iterable<string>) => [...new Set([...names].map((name) => name.slice(0, 5)))].sort();
    expect(kinds(generatorsProgram(options).program.updates.keys())).toEqual(["netG0", "netG1"]);
    expect(kinds(discriminatorsProgram(options).program.updates.keys())).toEqual(["netD0", "netD1"]);
  });
});
