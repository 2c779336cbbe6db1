import { describe, expect, test } from "@jest/globals";
import { learningRate, type Schedule } from "../../../src/ml/training/schedules.js";
import { readReference, relativeError } from "../reference.js";

const { schedules } = readReference<{ schedules: Readonly<Record<string, readonly number[]>> }>("training.json");

describe("schedules against torch.optim.lr_scheduler, 200 iterations", () => {
  const cases: readonly (readonly [string, Schedule])[] = [
    ["linear: 1 - max(0, e + 1 - 100) / 101", { rate_scheduler: "linear", linear_decay: 100 }],
    ["step 50 gamma 0.1", { rate_scheduler: "step", step_size: 50, gamma: 0.1 }],
    ["cosine T_max 200", { rate_scheduler: "cosine" }],
  ];
  test("schedules: the reference has these three", () => {
    expect(Object.keys(schedules).sort()).toEqual(cases.map(([name]) => name).sort());
  });
  for (const [name, schedule] of cases) {
    test(`schedules: ${name}`, () => {
      const expected = schedules[name]!;
      const rates = expected.map((_, index) => learningRate(schedule, 2e-4, index, 200));
      rates.forEach((rate, index) => {
        // PyTorch's cosine is recursive: its own rounding is about 1e-15 of the first rate.
        expect(Math.abs(rate - expected[index]!)).toBeLessThan(1e-16);
      });
      expect(relativeError(rates, expected)).toBeLessThan(1e-12);
    });
  }
});

describe("schedules of the specification, M = 10", () => {
  const rates = (schedule: Schedule) =>
    Array.from({ length: 10 }, (_, index) => learningRate(schedule, 2e-4, index, 10));

  test("schedules: linear, D = 4, never reaches 0", () => {
    const expected = [2e-4, 2e-4, 2e-4, 2e-4, 2e-4, 2e-4, 1.6e-4, 1.2e-4, 8e-5, 4e-5];
    expect(relativeError(rates({ rate_scheduler: "linear", linear_decay: 4 }), expected)).toBeLessThan(1e-12);
  });

  test("schedules: linear, D = 0, stays constant", () => {
    expect(new Set(rates({ rate_scheduler: "linear", linear_decay: 0 }))).toEqual(new Set([2e-4]));
  });

  test("schedules: cosine", () => {
    const cosine = rates({ rate_scheduler: "cosine" });
    expect(relativeError([cosine[1]!, cosine[5]!, cosine[9]!], [1.951057e-4, 1e-4, 4.894348e-6])).toBeLessThan(5e-7);
  });
});
