/** Figures of iterations as means, tables and warnings; templates of paths. */
import { describe, expect, test } from "@jest/globals";
import { csvOf, plotOf } from "../../../src/ml/training/figures.js";
import { addUpdate, figuresOf, type IterationFigures, NO_SUMS } from "../../../src/ml/training/history.js";
import { maskFeeds } from "../../../src/ml/training/masks.js";
import { Speed } from "../../../src/ml/training/speed.js";
import { fillTemplate, missingVariables, templateProblem } from "../../../src/ml/training/templates.js";
import { collapseWarning } from "../../../src/ml/training/watch.js";

const figures = (iteration: number, scalars: Readonly<Record<string, number>>, more = {}): IterationFigures => ({
  ...{ iteration, learning_rate: 0.1, scalars, ssim_train: 0.5, ...more },
});

describe("figures", () => {
  test("figures: means weigh a batch by its samples", () => {
    const one = addUpdate(NO_SUMS, new Map([["g_total", 4]]), [0.2, 0.4]);
    const two = addUpdate(one, new Map([["g_total", 1]]), [0.9]);
    expect(figuresOf(two, 7, 0.1)).toEqual({
      iteration: 7,
      learning_rate: 0.1,
      scalars: { g_total: 3 },
      ssim_train: 0.5,
    });
  });

  test("figures: scalars with an index keep it", () => {
    const history = [figures(1, { g_total: 3, g_gan_0: 1, cycle_1: 2, d_real_0: 4, score_real_1: 0.5 })];
    expect(csvOf("loss", history)).toBe("iteration,lr,g_total,g_gan_0,cycle_1,d_real_0\n1,0.1,3,1,2,4\n");
    expect(csvOf("score", history)).toBe("iteration,real_1\n1,0.5\n");
  });

  test("figures: a plot leaves out what an iteration lacks, and the learning rate", () => {
    const history = [figures(1, { g_l1: 3 }), figures(2, { g_l1: 1 }, { ssim_test: 0.7 })];
    expect(plotOf("ssim", history).series).toEqual([
      {
        name: "train",
        points: [
          [1, 0.5],
          [2, 0.5],
        ],
      },
      { name: "test", points: [[2, 0.7]] },
    ]);
    expect(plotOf("loss", history).series.map(({ name }) => name)).toEqual(["g_l1_0"]);
  });

  test("watch: a collapse is five iterations below a thousandth, told once", () => {
    const losses = [1, 0.0009, 0, 0.0009, 0.0002, 0.0009, 0.0009, 0.002, 0, 0, 0, 0];
    const told = losses.map((_, at) =>
      collapseWarning(
        losses.slice(0, at + 1).map((loss, i) => figures(i + 1, { d_real: loss, d_fake: loss, g_l1: 1 })),
      ),
    );
    expect(told.map((each) => each !== undefined)).toEqual(losses.map((_, at) => at === 5));
    expect(collapseWarning([0, 0, 0, 0, 0].map((loss, i) => figures(i + 1, { d_real_0: loss })))).toMatch(
      /iteration 5/,
    );
  });

  test("speed: slow data is told once, after enough steps", () => {
    const told = (data: number, step: number) => {
      const speed = new Speed();
      return Array.from({ length: 40 }, () => {
        speed.add(1, data, step);
        return speed.warning() !== undefined;
      }).filter(Boolean).length;
    };
    expect([told(0.02, 0.01), told(0.01, 0.02)]).toEqual([1, 0]);
  });

  test("speed: images a second and the time that is left, without the first steps", () => {
    const speed = new Speed();
    for (const seconds of [9, 9, 0.3, 0.1]) speed.add(4, 0.05, seconds);
    expect(speed.figures(10)).toEqual({
      images_per_s: expect.closeTo(8 / 0.5, 9),
      eta: expect.closeTo(2.5, 9),
      data_ms: expect.closeTo(50, 9),
      step_ms: expect.closeTo(200, 9),
    });
  });
});

describe("templates", () => {
  const values = { network: "generator", index: 0, iteration: 12 };

  test("templates: variables are filled in, each as often as it stands there", () => {
    expect(fillTemplate("{network}{index}/{iteration}_{iteration}.onnx", values)).toBe("generator0/12_12.onnx");
  });

  test("templates: an unknown variable is named", () => {
    expect(templateProblem("$HIP/$" + "{X}/{network}_{iteration}.onnx")).toBeUndefined();
    expect(templateProblem("{net}.onnx")).toBe(
      '"{net}.onnx" has the unknown variable {net}: there are {network}, {index}, {iteration}',
    );
  });

  test("templates: files of two networks need the variable that tells them apart", () => {
    const both = [values, { ...values, network: "discriminator" }];
    expect(missingVariables("{iteration}.safetensors", both)).toEqual(["network"]);
    expect(missingVariables("{network}.safetensors", both)).toEqual([]);
  });
});

describe("masks", () => {
  test("masks: a share of zeros, the rest scaled up, and a pure function of seed, update and name", () => {
    const mask = { feed: "a", shape: [1, 100, 10, 10], dropout: 0.3 };
    const of = (feed: string, seed: number, update: number) => maskFeeds([{ ...mask, feed }], seed, update).get(feed)!;
    const values = of("a", 1, 1);
    const zeros = values.filter((value) => value === 0).length / values.length;
    // Four standard deviations of 10,000 draws.
    expect(Math.abs(zeros - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / values.length));
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    expect(of("a", 1, 1)).toEqual(values);
    for (const other of [of("b", 1, 1), of("a", 2, 1), of("a", 1, 2)]) expect(other).not.toEqual(values);
  });
});
