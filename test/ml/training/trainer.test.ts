/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** The trainer with its methods: PyTorch's numbers on onnxruntime, and what discriminators are shown from pools. */

import { describe, expect, test } from "@jest/globals";
import { randomStream } from "../../../src/base/random.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import type { Runtime, Values } from "../../../src/ml/runtime/runtime.js";
import { Trainer } from "../../../src/ml/training/trainer.js";
import { sampleBatch } from "../../../src/ml/translation/method.js";
import { pairedMethod } from "../../../src/ml/translation/paired.js";
import { type Settings, settingsOf } from "../../../src/ml/translation/settings.js";
import { imagesOf } from "../../../src/ml/translation/similarity.js";
import { unpairedMethod } from "../../../src/ml/translation/unpaired.js";
import { type Reference, readReference, relativeError } from "../reference.js";
import { stateNameOf, tinyUnetOptions } from "../translation/tiny.js";
import { smallParams } from "./small.js";

interface Unpaired {
  readonly a: Reference;
  readonly b: Reference;
  readonly weights: Readonly<Record<string, Reference>>;
  readonly steps: readonly Readonly<Record<string, number>>[];
}

const unpaired = readReference<Unpaired>("unpaired.json");
const given = { dataset: { input_type: "unpaired_directories" }, generator: { layers: 3 } };

function tinySettings(pool_size: number): Settings {
  const settings = settingsOf(smallParams(given, { training: { pool_size } }));
  return { ...settings, generator: { architecture: "unet", ...tinyUnetOptions(false) } };
}

describe("the trainer, paired", () => {
  /** Deep enough for dropout; batch norm's running statistics count passes. */
  const deep = { dataset: { image_size: 64 }, generator: { layers: 6, norm: "batch" } };

  async function opened(pool_size: number) {
    const settings = settingsOf(smallParams(deep, { training: { pool_size } }));
    const trainer = new Trainer(await createOnnxruntime({ threads: 1 }), pairedMethod(settings), 2);
    const image = (phase: number) => Float32Array.from({ length: 2 * 3 * 64 * 64 }, (_, at) => Math.sin(at * phase));
    return {
      trainer,
      update: (at: number) => trainer.update(sampleBatch(2, image(at), image(at + 0.5)), at, () => 2e-4),
    };
  }

  test("trainer: with a pool, pairs train as without one until it answers an earlier image", async () => {
    const [plain, pooled] = [await opened(0), await opened(4)];
    const weights = [...plain.trainer.shapes.keys()];
    expect([...pooled.trainer.shapes.keys()]).toEqual([...weights, "pair:pool", "pair:pool_count"]);
    const differing = async () => {
      const same = await Promise.all(
        weights.map(async (name) =>
          Buffer.from((await plain.trainer.read(name)).buffer).equals(
            Buffer.from((await pooled.trainer.read(name)).buffer),
          ),
        ),
      );
      return weights.filter((_, at) => !same[at]);
    };
    // It is full after two updates of two samples.
    for (const at of [1, 2]) await Promise.all([plain.update(at), pooled.update(at)]);
    expect(await differing()).toEqual([]);
    for (const at of [3, 4, 5]) await Promise.all([plain.update(at), pooled.update(at)]);
    expect((await differing()).length).toBeGreaterThan(0);
    for (const { trainer } of [plain, pooled]) trainer.dispose();
  });
});

describe("the trainer, unpaired", () => {
  test("trainer: three updates have PyTorch's losses, and answer all images of the samples", async () => {
    const settings = tinySettings(50);
    const method = unpairedMethod(settings);
    const trainer = new Trainer(await createOnnxruntime({ threads: 1 }), method, 1);
    for (const [name, { data }] of Object.entries(unpaired.weights)) {
      trainer.write(stateNameOf(name), Float32Array.from(data));
    }
    const input = Float32Array.from(unpaired.a.data);
    const samples = sampleBatch(1, input, Float32Array.from(unpaired.b.data));
    for (const [at, expected] of unpaired.steps.entries()) {
      const { scalars, outputs } = await trainer.update(samples, at + 1, () => 2e-4);
      for (const i of [0, 1]) {
        const d = (scalars.get(`d_real_${i}`)! + scalars.get(`d_fake_${i}`)!) / 2;
        expect(relativeError([d], [expected[`d_${i}`]!])).toBeLessThan(1e-3);
        for (const name of ["g_gan", "cycle", "idt"].map((each) => `${each}_${i}`)) {
          expect(relativeError([scalars.get(name)!], [expected[name]!])).toBeLessThan(1e-3);
        }
      }
      const images = imagesOf(method.images, samples.values, outputs);
      const difference = (one: string, other: string) => {
        const [a, b] = [images.get(one)!, images.get(other)!];
        return a.reduce((sum, value, each) => sum + Math.abs(value - b[each]!), 0) / a.length;
      };
      expect([...images.keys()]).toEqual(["realA", "fakeB", "recA", "realB", "fakeA", "recB"]);
      expect(difference("recA", "realA")).toBeCloseTo(scalars.get("cycle_0")!, 5);
      expect(difference("recB", "realB")).toBeCloseTo(scalars.get("cycle_1")!, 5);
    }
    // What the generators make of each other's images, outside of an update.
    const form = [1, 3, 16, 16];
    const fake = (await trainer.apply(0, "raw", input, form)).slice();
    expect(await trainer.apply(1, "raw", input, form)).not.toEqual(fake);
    expect(await trainer.apply(0, "raw", input, form)).toEqual(fake);
    trainer.dispose();
  });

  test("trainer: discriminators are shown the images that their pools answer", async () => {
    const shown: { readonly fake_0: number; readonly fake_1: number }[] = [];
    const settings = tinySettings(2);
    const trainer = new Trainer(countingRuntime(shown), unpairedMethod(settings), 1);
    const image = new Float32Array(3 * 16 * 16);
    for (let update = 1; update <= 12; update++) {
      await trainer.update(sampleBatch(1, image, image), update, () => 2e-4);
    }
    const expected = (output: string) => {
      const kept: number[] = [];
      return shown.map((_, at) => {
        const update = at + 1;
        if (kept.length < 2) {
          kept.push(update);
          return update;
        }
        const stream = randomStream(settings.seed, "pool", output, update);
        if (stream.uniform(0) <= 0.5) return update;
        const place = stream.integer(0, 2);
        const [answer] = kept.splice(place, 1, update);
        return answer;
      });
    };
    for (const output of ["fake_0", "fake_1"] as const) {
      expect(shown.map((feeds) => feeds[output])).toEqual(expected(output));
      expect(expected(output)).not.toEqual(shown.map((_, at) => at + 1));
    }
    const state = [...trainer.shapes].filter(([name]) => name.includes("pool"));
    expect(state).toEqual(
      ["fake_0", "fake_1"].flatMap((name) => [
        [`${name}:pool`, [2, 3, 16, 16]],
        [`${name}:pool_count`, [1]],
      ]),
    );
  });
});

/** A runtime whose n-th step answers n everywhere, and which tells which images the discriminators are fed. */
function countingRuntime(shown: { fake_0: number; fake_1: number }[]): Runtime {
  return {
    name: "counting",
    device: "none",
    version: "1",
    createState: (shapes) => ({
      shapes,
      read: async (name) => new Float32Array(sizeOf(shapes.get(name)!)),
      write: () => undefined,
      add: () => undefined,
      dispose: () => undefined,
    }),
    async compile(program) {
      const outputs = new Map<string, Values>();
      for (const [name, { shape }] of program.outputs) outputs.set(name, new Float32Array(sizeOf(shape)));
      let step = 0;
      return {
        async step(feeds) {
          step += 1;
          const [fake_0, fake_1] = [feeds.get("fake_0"), feeds.get("fake_1")];
          if (fake_0 && fake_1) shown.push({ fake_0: fake_0[0]!, fake_1: fake_1[0]! });
          for (const values of outputs.values()) values.fill(step);
          return outputs;
        },
        dispose: () => undefined,
      };
    },
  };
}
