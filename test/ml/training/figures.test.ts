/** Figures of iterations as means; warnings; speed; templates of paths; masks. */
import { describe, expect, test } from "@jest/globals";
import {
  addUpdate,
  type IterationMetrics,
  metricsOf,
  NO_SUMS,
  type UpdateMetrics,
} from "../../../src/ml/training/history.js";
import { maskFeeds } from "../../../src/ml/training/masks.js";
import { Speed } from "../../../src/ml/training/speed.js";
import { fillTemplate, missingVariables, templateProblem, VARIABLES } from "../../../src/ml/training/templates.js";
import { settingsOf } from "../../../src/ml/translation/settings.js";
import { collapseWarning, settingsWarnings } from "../../../src/ml/translation/watch.js";
import { smallParams } from "./small.js";

const figures = (iteration: number, scalars: Readonly<Record<string, number>>, more = {}): IterationMetrics => ({
  ...{ iteration, learning_rate: 0.1, scalars, ssim_train: 0.5, ...more },
});

const update = (g_total: number, ssims: readonly number[]): UpdateMetrics => ({
  count: ssims.length,
  scalars: new Map([["g_total", g_total]]),
  scores: new Map([["ssim_train", ssims]]),
});

describe("figures", () => {
  test("figures: means weigh a batch by its samples", () => {
    const one = addUpdate(NO_SUMS, update(4, [0.2, 0.4]));
    const two = addUpdate(one, update(1, [0.9]));
    expect(metricsOf(two, 7, 0.1)).toEqual({
      iteration: 7,
      learning_rate: 0.1,
      scalars: { g_total: 3 },
      ssim_train: 0.5,
    });
  });

  test("watch: a collapse is five iterations below a thousandth, told once, with what to try", () => {
    const streak = [0.0009, 0, 0.0009, 0.0002, 0.0009];
    const losses = [1, 0.0009, 0, 0.0009, 0.0002, 0.002, ...streak, 0.0009, 1, ...streak];
    const told = losses.map((_, at) =>
      collapseWarning(
        losses.slice(0, at + 1).map((loss, i) => figures(i + 1, { d_real: loss, d_fake: loss, g_l1: 1 })),
      ),
    );
    expect(told.map((each) => each !== undefined)).toEqual(losses.map((_, at) => at === 10));
    expect(told[10]).toBe(
      "A discriminator's loss has been below 0.001 for 5 iterations, up to iteration 11: the generator learns nothing " +
        "from it any more. Try a smaller discriminator (fewer layers, a smaller initial_layer_size), more data, or augmentation.",
    );
  });

  const doubtful: readonly (readonly [string, Readonly<Record<string, unknown>>, readonly string[]])[] = [
    ["nothing of what is usual", {}, []],
    [
      "batch norm of single images",
      { dataset: { batch_size: 1 }, generator: { norm: "batch" } },
      [
        'generator.norm "batch" takes its statistics from a single image where dataset.batch_size is 1, and others at inference: use "instance", or larger batches.',
      ],
    ],
    ["nothing of batch norm of batches", { generator: { norm: "batch" } }, []],
    [
      "a rate that no one gives Adam",
      { training: { learning_rate: 0.1 } },
      ["training.learning_rate 0.1 is far from what adam is usually given (0.00001 to 0.005)."],
    ],
    [
      "Adam's rate for Adadelta",
      { optimizer: { algorithm: "adadelta" } },
      ["training.learning_rate 0.0002 is far from what adadelta is usually given (0.05 to 5)."],
    ],
  ];
  for (const [what, change, expected] of doubtful) {
    test(`watch: of settings, it tells ${what}`, () => {
      const params = smallParams(change);
      expect(settingsWarnings(settingsOf(params), params.dataset.batch_size as number)).toEqual(expected);
    });
  }

  test("watch: of two discriminators, the one with the smaller loss counts", () => {
    const told = (d_real_1: number, d_fake_1: number) =>
      collapseWarning([1, 2, 3, 4, 5].map((i) => figures(i, { d_real_0: 1, d_fake_0: 1, d_real_1, d_fake_1 })));
    expect([told(0, 0.0019) !== undefined, told(0, 0.0021) !== undefined]).toEqual([true, false]);
  });

  test("speed: slow data is told once, after enough steps", () => {
    const told = (data: number, step: number) => {
      const speed = new Speed();
      return Array.from({ length: 40 }, () => {
        speed.add(1, data, step);
        return speed.warning();
      }).filter((each) => each !== undefined);
    };
    expect(told(0.02, 0.01)).toEqual([
      "A step waits 20.0 ms for its samples and computes 10.0 ms: decoding is slower than training. " +
        'Raise dataset.worker_threads, use smaller images, or dataset.storage "on_device".',
    ]);
    expect(told(0.01, 0.02)).toEqual([]);
  });

  test("speed: a lap has the means of the steps since the last one", () => {
    const speed = new Speed();
    speed.add(1, 0.001, 0.01);
    speed.add(1, 0.003, 0.03);
    expect(speed.lap()).toEqual({ data_ms: expect.closeTo(2, 9), step_ms: expect.closeTo(20, 9) });
    speed.add(1, 0.005, 0.04);
    expect(speed.lap()).toEqual({ data_ms: expect.closeTo(5, 9), step_ms: expect.closeTo(40, 9) });
  });

  test("speed: what earlier attempts have taken is counted on", () => {
    let clock = 3000;
    const speed = new Speed({ seconds: 100, learning: 10, images: 50 }, () => clock);
    speed.add(4, 1, 2);
    clock += 5000;
    expect(speed.timing).toEqual({ seconds: 105, learning: 13, images: 54 });
  });

  test("speed: images a second and the time that is left, without the first steps", () => {
    let clock = 0;
    const speed = new Speed(undefined, () => clock);
    for (const seconds of [9, 9, 0.3, 0.1]) {
      clock += 1000 * (0.05 + seconds);
      speed.add(4, 0.05, seconds);
    }
    // A test, a second long.
    clock += 1000;
    expect(speed.figures(10)).toEqual({
      images_per_s: expect.closeTo(8 / 0.5, 9),
      eta: expect.closeTo(7.5, 9),
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
    expect(templateProblem("{frame}.png", [...VARIABLES, "frame"])).toBeUndefined();
    expect(templateProblem("runs/{iteration}", [])).toBe(
      '"runs/{iteration}" has the variable {iteration}: this path has none',
    );
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
