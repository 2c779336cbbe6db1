import { describe, expect, test } from "@jest/globals";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { type OptimizerOptions, optimizer } from "../../../src/ml/training/optimizers.js";
import { type Reference, readReference, relativeError } from "../reference.js";
import { optimizerStep } from "./optimizer-step.js";

type GradientAt = (weight: Float64Array, step: number) => Float64Array;

interface Run {
  readonly weights: readonly Float64Array[];
  readonly state: ReadonlyMap<string, Float64Array>;
}

/** `steps` optimizer steps in the referee: the weight after each, and the last state. */
function run(
  options: OptimizerOptions,
  start: readonly number[],
  steps: number,
  rateAt: (step: number) => number,
  gradientAt: GradientAt,
): Run {
  const algorithm = optimizer(options);
  const { program, state: shapes } = optimizerStep(algorithm, start.length);
  expect([...shapes.keys()].sort()).toEqual(["w", ...algorithm.slots].sort());
  let state = new Map<string, Float64Array>([...shapes.keys()].map((name) => [name, new Float64Array(start.length)]));
  state.set("w", Float64Array.from(start));
  const weights: Float64Array[] = [];
  for (let step = 1; step <= steps; step++) {
    const scalars = [...algorithm.scalars(step, rateAt)].map(
      ([name, value]) => [name, Float64Array.of(value)] as const,
    );
    const feeds = new Map([...scalars, ["g", gradientAt(state.get("w")!, step)]]);
    state = new Map(evaluateReference(program, { feeds, state }).updates);
    weights.push(state.get("w")!);
  }
  return { weights, state };
}

const training = readReference<{
  readonly start: Reference;
  readonly gradients: Reference;
  readonly optimizers: readonly { readonly name: string; readonly steps: Reference }[];
}>("training.json");

describe("optimizers against torch.optim in float64", () => {
  const cases: readonly (readonly [string, OptimizerOptions, number])[] = [
    ["adam lr 2e-4 betas 0.5 0.999 eps 1e-8", { algorithm: "adam", beta: [0.5, 0.999] }, 2e-4],
    ["adam lr 1e-3 defaults", { algorithm: "adam", beta: [0.9, 0.999] }, 1e-3],
    ["adam lr 1e-3 l2 weight decay 0.1", { algorithm: "adam", beta: [0.9, 0.999], weight_decay: 0.1 }, 1e-3],
    ["sgd lr 0.1", { algorithm: "sgd", momentum: 0 }, 0.1],
    ["sgd lr 0.1 momentum 0.9", { algorithm: "sgd", momentum: 0.9 }, 0.1],
  ];
  const { start, gradients } = training;
  const width = start.data.length;
  for (const [name, options, rate] of cases) {
    test(`optimizers: ${name}, every one of 20 steps`, () => {
      const expected = training.optimizers.find((each) => each.name === name)!.steps.data;
      const gradientAt = (_: unknown, step: number) =>
        Float64Array.from(gradients.data.slice((step - 1) * width, step * width));
      const { weights } = run(options, start.data, 20, () => rate, gradientAt);
      expect(expected.length).toBe(20 * width);
      expect(
        relativeError(
          weights.flatMap((each) => [...each]),
          expected,
        ),
      ).toBeLessThan(1e-8);
    });
  }
});

describe("optimizers on the quadratic of the specification, five steps", () => {
  /** p₀ = [1, −2], g = [p₀, 3·p₁]; numbers computed in float64 from torch's formulas. */
  const quadratic = (options: OptimizerOptions, rate: number) =>
    run(
      options,
      [1, -2],
      5,
      () => rate,
      ([p, q]) => Float64Array.of(p!, 3 * q!),
    );
  const expectNear = (actual: ArrayLike<number>, expected: readonly number[]) => {
    expected.forEach((value, at) => {
      expect(actual[at]).toBeCloseTo(value, 9);
    });
  };

  test("optimizers: adam", () => {
    const { weights } = quadratic({ algorithm: "adam", beta: [0.5, 0.999] }, 0.1);
    expectNear(weights[4]!, [0.5313866998, -1.5140444788]);
  });

  test("optimizers: adadelta", () => {
    expectNear(quadratic({ algorithm: "adadelta", rho: 0.9 }, 1).weights[4]!, [0.9836313873, -1.9835991389]);
  });

  test("optimizers: sgd with momentum", () => {
    expectNear(quadratic({ algorithm: "sgd", momentum: 0.9 }, 0.1).weights[4]!, [-0.02916, 1.55656]);
  });

  test("optimizers: asgd before its averaging starts keeps the average equal to the weight", () => {
    const { weights, state } = quadratic({ algorithm: "asgd" }, 0.1);
    expectNear(weights[4]!, [0.5904621166, -0.3361267948]);
    expect([...state.get("average")!]).toEqual([...weights[4]!]);
    expect(
      optimizer({ algorithm: "asgd" })
        .scalars(6, () => 0.1)
        .get("rate"),
    ).toBeCloseTo(0.0999962502, 10);
  });

  test("optimizers: asgd averages from t0 on", () => {
    const { weights, state } = quadratic({ algorithm: "asgd", t0: 2 }, 0.1);
    expectNear(weights[4]!, [0.5904621166, -0.3361267948]);
    expectNear(state.get("average")!, [0.6232681189, -0.4081543081]);
    const shares = optimizer({ algorithm: "asgd", t0: 2 }).scalars(6, () => 0.1);
    expect(shares.get("average_new")).toBeCloseTo(1 / 3, 12);
  });
});

describe("optimizers' scalars", () => {
  test("optimizers: asgd takes the rate of the step before, adam that of the step", () => {
    const rateAt = (step: number) => (step < 3 ? 0.1 : 0.01);
    expect(optimizer({ algorithm: "asgd", lambda: 0 }).scalars(3, rateAt).get("rate")).toBe(0.1);
    expect(optimizer({ algorithm: "asgd", lambda: 0 }).scalars(4, rateAt).get("rate")).toBe(0.01);
    expect(optimizer({ algorithm: "sgd", momentum: 0 }).scalars(3, rateAt).get("rate")).toBe(0.01);
  });

  test("optimizers: adam's correction fades with the steps and stays finite", () => {
    const adam = optimizer({ algorithm: "adam", beta: [0.5, 0.999] });
    const late = adam.scalars(1_000_000, () => 2e-4);
    expect(late.get("rate")).toBeCloseTo(2e-4 * 0.5 * Math.sqrt(1000), 12);
    expect(late.get("epsilon")).toBeCloseTo(1e-8 * Math.sqrt(1000), 15);
  });
});
