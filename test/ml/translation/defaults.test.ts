/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** What parameters that are left open come to: what did best for pairs, Houdini's own, and what the log says of it. */
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { PARAMS } from "../../../nodes/ml/style_transfer/params.js";
import type { JobParams } from "../../../src/ml/translation/job.js";
import { modelProblems } from "../../../src/ml/translation/problems.js";
import { batchSizeOf, choicesOf, settingsOf } from "../../../src/ml/translation/settings.js";
import { train } from "../../../src/ml/translation/train.js";
import { withDefaults } from "../../../src/nodetype/defaults.js";
import { testFolder } from "../../nodes/space.js";
import { jobOf, recordedContext, smallSamples } from "../training/small.js";

const folder = testFolder();

type Change = Readonly<Record<string, unknown>>;

const paramsOf = (given: Change): JobParams => withDefaults(given, PARAMS) as unknown as JobParams;

/** What the defaults come to, of so many samples. */
function chosen(given: Change, samples: number) {
  const params = paramsOf(given);
  const batch_size = batchSizeOf(params, { samples });
  const { generator, discriminator, learning_rate, schedule } = settingsOf(params, { samples, batch_size });
  return { batch_size, norm: generator.norm, layers: discriminator.layers, learning_rate, schedule };
}

const OLD = {
  ...{ batch_size: 1, norm: "instance", layers: 3, learning_rate: 2e-4 },
  schedule: { rate_scheduler: "linear", linear_decay: 100 },
};

describe("defaults", () => {
  test("defaults: of pairs, four to an update, batch norm, and a rate by the number of updates", () => {
    // 200 iterations of 21 updates are fewer than 5,000; of 25 they are not.
    expect(chosen({}, 84)).toEqual({ ...OLD, batch_size: 4, norm: "batch", learning_rate: 1e-3 });
    expect(chosen({}, 100)).toEqual({ ...OLD, batch_size: 4, norm: "batch" });
    expect(chosen({}, 97)).toMatchObject({ learning_rate: 2e-4 });
    expect(chosen({}, 96)).toMatchObject({ learning_rate: 1e-3 });
  });

  test("defaults: of few pairs as many to an update as there are, and one alone is normalized by itself", () => {
    expect([1, 2, 3].map((samples) => chosen({}, samples)).map(({ batch_size, norm }) => [batch_size, norm])).toEqual([
      [1, "instance"],
      [2, "batch"],
      [3, "batch"],
    ]);
    expect(chosen({ dataset: { batch_size: 1 } }, 84)).toMatchObject({ batch_size: 1, norm: "instance" });
  });

  test("defaults: discriminators see 34 pixels below 128 pixels a side, and less where an image has no more", () => {
    const layers = (image_size: number) => chosen({ dataset: { image_size } }, 8).layers;
    expect([256, 128, 127, 64, 16, 8].map(layers)).toEqual([3, 3, 2, 2, 2, 1]);
    expect(modelProblems(paramsOf({ dataset: { image_size: 16 } }))).toEqual([]);
  });

  test("defaults: what was measured with Adam is for Adam", () => {
    expect(chosen({ optimizer: { algorithm: "sgd" } }, 84).learning_rate).toBe(2e-4);
  });

  test("defaults: what is given holds", () => {
    const given = {
      dataset: { batch_size: 2 },
      training: { learning_rate: 3e-4 },
      generator: { norm: "none" },
      discriminator: { layers: 1 },
    };
    for (const preset of ["dag", "houdini"]) {
      expect(chosen({ ...given, preset }, 84)).toMatchObject({
        ...{ batch_size: 2, norm: "none", layers: 1, learning_rate: 3e-4 },
      });
    }
  });

  test("defaults: the preset of Houdini has everything as it was, and so have images without pairs", () => {
    const unpaired = { dataset: { input_type: "unpaired_directories" } };
    expect([chosen({ preset: "houdini" }, 84), chosen(unpaired, 84)]).toEqual([OLD, OLD]);
  });

  test("defaults: the log says what they came to, and why", () => {
    const params = paramsOf({});
    const of = (samples: number) => {
      const known = { samples, batch_size: 4 };
      return choicesOf(params, settingsOf(params, known), known);
    };
    expect(of(84)).toEqual([
      "dataset.batch_size is 4",
      'generator.norm is "batch"',
      "training.learning_rate is 0.001 (4200 updates, fewer than 5000), falling over the last half",
      "discriminator.layers is 3",
    ]);
    expect(of(100)[2]).toBe(
      "training.learning_rate is 0.0002 (5000 updates, not fewer than 5000), falling over the last half",
    );
  });

  test("defaults: a training with them says so, and trains", async () => {
    const params = paramsOf({
      dataset: { image_size: 16 },
      training: { max_iterations: 1 },
      generator: { initial_layer_size: 4 },
      discriminator: { initial_layer_size: 4 },
    });
    const deps = recordedContext(join(folder, "resume"));
    const { figures } = await train(
      jobOf(await smallSamples(join(folder, "in"), 3), params),
      deps,
      join(folder, "out"),
    );
    expect(deps.logged.slice(0, 4)).toEqual([
      "dataset.batch_size is 3",
      'generator.norm is "batch"',
      "training.learning_rate is 0.001 (1 update, fewer than 5000), falling over the last half",
      "discriminator.layers is 2",
    ]);
    expect(Number.isFinite(figures.scalars.g_total)).toBe(true);
  });

  test("defaults: training without a discriminator needs pairs", () => {
    const of = (dataset: Change) => modelProblems(paramsOf({ dataset, training: { gan_mode: "none" } }));
    expect(of({})).toEqual([]);
    expect(of({ input_type: "unpaired_directories" })).toEqual([
      {
        param: "training.gan_mode",
        message:
          'training.gan_mode "none" needs references to learn from, and dataset.input_type "unpaired_directories" has no pairs: give pairs, or set training.gan_mode to "auto"',
      },
    ]);
  });
});
