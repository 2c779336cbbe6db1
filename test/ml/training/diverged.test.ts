/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Trainings that cannot go on: what they say, and the last good state that they leave. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { writeImage } from "../../../src/image/encode.js";
import { imageOfPlanes } from "../../../src/image/planes.js";
import { readCheckpoint, writeCheckpoint } from "../../../src/ml/training/checkpoint.js";
import { train } from "../../../src/ml/translation/train.js";
import { messageOf, testFolder } from "../../nodes/space.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));

const ONE_BY_ONE = { dataset: { batch_size: 1, shuffle_input_order: false }, resume_interval: 0 };
const PATHS = { checkpoint: { model_path: "{network}_{iteration}.safetensors" } };

/** Four samples in files of floats, of which the third holds a value whose square is beyond floats. */
async function brokenSamples() {
  const where = fresh();
  const samples = await smallSamples(where, 4, 16, "float");
  const broken = new Float32Array(3 * 256).fill(0.5);
  broken[7] = 3e38;
  await writeImage(join(where, "input_2.tif"), imageOfPlanes({ width: 16, height: 16, channels: 3 }, broken));
  return samples;
}

describe("a training that diverges", () => {
  test("diverged: it ends with the last good state, saved, and says loss, step and cause", async () => {
    const where = fresh();
    const job = jobOf(await brokenSamples(), smallParams(ONE_BY_ONE, PATHS));
    const ended = await train(job, recordedContext(join(where, "resume")), join(where, "out"));
    expect(ended.failure).toMatch(
      /^In iteration 1, step 3, g_total is (NaN|Infinity), .*: the training diverged: lower training\.learning_rate, which is .* here, or check that the images of its batch \(.*pair_2.*\) hold values of about 0 to 1, or set a data range\. The last good state is that after step 2\. It is saved as generator_1\.safetensors\.state: training\.continue_from goes on from there with other parameters\.$/,
    );
    expect(ended).toMatchObject({ partial: true, figures: { iteration: 1 } });
    const { tensors, metadata } = await readCheckpoint(join(where, "out", "generator_1.safetensors.state"));
    expect([...tensors.values()].every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(JSON.parse(metadata.progress!)).toMatchObject({ step: 2, updates: 2 });
    // The same again goes on from there, and fails as soon.
    const again = recordedContext(join(where, "resume"));
    expect((await train(job, again, join(where, "again"))).failure).toBe(ended.failure);
    expect(again.logged).toContain("resumed after step 2 of 8");
  });

  test("diverged: without a path for checkpoints it says that one would have helped", async () => {
    const job = jobOf(await brokenSamples(), smallParams(ONE_BY_ONE));
    const { failure } = await train(job, recordedContext(fresh()), fresh());
    expect(failure).toMatch(
      /The last good state is that after step 2\. With a checkpoint\.model_path it would be saved\.$/,
    );
  });

  test("diverged: weights that are broken while losses are not yet are never saved", async () => {
    const where = fresh();
    const params = smallParams(PATHS, {
      ...{ training: { learning_rate: 1e38 }, optimizer: { algorithm: "sgd" }, resume_interval: 0 },
      generator: { norm: "none" },
    });
    const job = jobOf(await smallSamples(fresh(), 4), params);
    const message = await messageOf(train(job, recordedContext(join(where, "resume")), join(where, "out")));
    expect(message).toMatch(/the training diverged: lower training\.learning_rate/);
    expect(existsSync(join(where, "resume", "state.safetensors"))).toBe(false);
    expect(existsSync(join(where, "out"))).toBe(false);
  });

  test("not exported: a model that float32 cannot answer as the network does costs an export, not the training", async () => {
    const where = fresh();
    const params = smallParams(PATHS, {
      ...{ training: { learning_rate: 1e-30 }, generator: { layers: 1, norm: "none", down_activation: "none" } },
      ...{ checkpoint: { ...PATHS.checkpoint, save_rate: 1 }, onnx: { path: "model.onnx", save_rate: 1 } },
    });
    const samples = await smallSamples(fresh(), 4);
    const start = fresh();
    await train(jobOf(samples, params), recordedContext(fresh()), start);
    const { tensors, metadata } = await readCheckpoint(join(start, "generator_1.safetensors"));
    const [down, up] = ["model.model.0.weight", "model.model.3.weight"].map((name) => tensors.get(name)!.data);
    // Two channels that are all but the same, of which the difference is taken a million times.
    const [taps, cells] = [down!.length / 4, up!.length / 4];
    for (let at = 0; at < taps; at++) down![taps + at] = down![at]! * (1 + 1e-6);
    for (let at = 0; at < cells; at++) [up![at], up![cells + at]] = [1e6, -1e6];
    const initial_weights = join(fresh(), "crafted.safetensors");
    mkdirSync(dirname(initial_weights), { recursive: true });
    await writeCheckpoint(initial_weights, { tensors, metadata });

    const deps = recordedContext(join(where, "resume"));
    const ended = await train(jobOf(samples, params, { initial_weights }), deps, join(where, "out"));
    expect(deps.warned).toContainEqual(
      expect.stringMatching(
        /^Iteration 1 is not exported to ONNX: the exported model differs from the network: by .*\]\.$/,
      ),
    );
    expect(ended).toMatchObject({ partial: false, figures: { iteration: 2 } });
    expect(ended.failure).toMatch(
      /^Iteration 2 is not exported to ONNX: the exported model differs .*\. The last good state is that after step 4\. It is saved as generator_2\.safetensors\.state: /,
    );
    expect(ended.files.map(({ kind }) => kind)).not.toContain("onnx");
    expect(existsSync(join(where, "out", "generator_2.safetensors"))).toBe(true);
  });
});
