/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Which checkpoints stay: as a function of iterations and scores, and in trainings that are resumed. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { keptIterations } from "../../../src/ml/training/retention.js";
import { train } from "../../../src/ml/translation/train.js";
import { testFolder } from "../../nodes/space.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));

describe("keptIterations", () => {
  const scores = new Map([
    [1, 0.5],
    [2, 0.9],
    [4, 0.9],
    [5, 0.1],
  ]);
  const rows: readonly (readonly [string, number | null, number | null, readonly number[]])[] = [
    ["all without a number", null, null, [1, 2, 3, 4, 5]],
    ["the latest", 2, null, [4, 5]],
    ["and the best, of equal ones the later", 1, 1, [4, 5]],
    ["and more of the best, without what has no score", 1, 3, [1, 2, 4, 5]],
    ["more than there are", 9, 9, [1, 2, 3, 4, 5]],
  ];
  for (const [name, keep_last, keep_best, expected] of rows) {
    test(`keptIterations: ${name}`, () => {
      const kept = keptIterations([1, 2, 3, 4, 5], (iteration) => scores.get(iteration), { keep_last, keep_best });
      expect([...kept].sort()).toEqual(expected);
    });
  }
});

describe("retention", () => {
  const checkpoint = { model_path: "{network}_{iteration}.safetensors", save_rate: 1 };
  const filesOf = (...iterations: readonly number[]) =>
    iterations
      .flatMap((at) => [
        `discriminator_${at}.safetensors`,
        `generator_${at}.safetensors`,
        `generator_${at}.safetensors.state`,
      ])
      .sort();

  test("retention: the latest saves stay, their states with them, in the resume folder too", async () => {
    const [where, samples] = [fresh(), await smallSamples(fresh(), 2)];
    const params = smallParams({
      ...{ training: { max_iterations: 5 }, checkpoint: { ...checkpoint, keep_last: 2 }, resume_interval: 0 },
      onnx: { path: "{network}_{iteration}.onnx", save_rate: 2 },
    });
    await train(jobOf(samples, params), recordedContext(join(where, "resume")), join(where, "out"));
    const models = ["generator_2.onnx", "generator_4.onnx", "generator_5.onnx"];
    expect(readdirSync(join(where, "out")).sort()).toEqual([...filesOf(4, 5), ...models].sort());
    // The state that was written last, after the fourth iteration, names these.
    expect(readdirSync(join(where, "resume", "files"))).toEqual(expect.arrayContaining(filesOf(3, 4)));
    expect(readdirSync(join(where, "resume", "files"))).not.toEqual(expect.arrayContaining(filesOf(2)));
  });

  test("retention: the best by the test stay", async () => {
    const [where, samples] = [fresh(), await smallSamples(fresh(), 2)];
    const params = smallParams({
      ...{ training: { max_iterations: 4, learning_rate: 5e-3 }, test: { enabled: true } },
      checkpoint: { ...checkpoint, keep_last: 1, keep_best: 1 },
    });
    const deps = recordedContext(join(where, "resume"));
    await train(jobOf(samples, params, { tests: samples }), deps, join(where, "out"));
    const scores = deps.logged.flatMap((line) => {
      const [, iteration, ssim] = /^iteration (\d+):.* ssim_test ([\d.-]+)/.exec(line) ?? [];
      return ssim === undefined ? [] : [{ iteration: Number(iteration), ssim: Number(ssim) }];
    });
    const [best] = scores.toSorted((a, b) => b.ssim - a.ssim || b.iteration - a.iteration);
    expect(readdirSync(join(where, "out")).sort()).toEqual(filesOf(...new Set([best!.iteration, 4])));
  });

  test("retention: a stop within an iteration keeps what the next run starts from", async () => {
    const [where, whole, samples] = [fresh(), fresh(), await smallSamples(fresh(), 4)];
    const params = smallParams({
      ...{ training: { max_iterations: 4 }, checkpoint: { ...checkpoint, keep_last: 1 }, resume_interval: 0 },
    });
    const controller = new AbortController();
    let steps = 0;
    const progress = () => {
      steps += 1;
      if (steps === 5) controller.abort();
    };
    const deps = recordedContext(join(where, "resume"), { signal: controller.signal, progress });
    const partial = await train(jobOf(samples, params), deps, join(where, "partial"));
    expect(partial.partial).toBe(true);
    expect(readdirSync(join(where, "partial")).sort()).toEqual(filesOf(3));
    const again = recordedContext(join(where, "resume"));
    await train(jobOf(samples, params), again, join(where, "out"));
    expect(again.logged).toContain("resumed after step 5 of 8");
    expect(again.warned).toEqual([]);
    await train(jobOf(samples, params), recordedContext(join(whole, "resume")), join(whole, "out"));
    expect(readdirSync(join(where, "out"))).toEqual(readdirSync(join(whole, "out")));
  });
});
