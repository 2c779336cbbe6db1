/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { linkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { givenPairs } from "../../../src/ml/data/samples.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { createTensorflow } from "../../../src/ml/runtime/tensorflow/tensorflow.js";
import { automaticBatchSize, explained, memoryAdvice, updateBytes } from "../../../src/ml/training/memory.js";
import { pairedMethod } from "../../../src/ml/translation/paired.js";
import { settingsOf } from "../../../src/ml/translation/settings.js";
import { openTranslation } from "../../../src/ml/translation/train.js";
import { messageOf, testFolder } from "../../nodes/space.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

const folder = testFolder();

const method = (change = {}) => pairedMethod(settingsOf(smallParams(change)));
const LARGE = {
  dataset: { image_size: 256 },
  generator: { initial_layer_size: 64, max_layer_size: 512 },
  discriminator: { layers: 3, initial_layer_size: 64 },
};

/** A product that takes four million million bytes. */
function endless() {
  const b = new ProgramBuilder();
  const count = 2 ** 20;
  const product = b.matmul(b.feed("x", [count, 1]), b.feed("y", [1, count]));
  const feeds = new Map(["x", "y"].map((name) => [name, new Float32Array(count)]));
  return { program: b.program(new Map([["sum", b.sum(product, [0, 1])]])), feeds };
}

const words = (side: number) => ({
  form: `${side}×${side}`,
  smaller: "dataset.image_size, generator.initial_layer_size or generator.max_layer_size",
});

describe("memory of an update", () => {
  test("memory: the estimate is near what was measured, pix2pix at 256²", () => {
    // 57 million weights with two moments are 686 MB; the whole process took 1084 MB, of which it needs 100 to 150 itself.
    const bytes = updateBytes(method(LARGE), 1);
    expect(bytes).toBeGreaterThan(850e6);
    expect(bytes).toBeLessThan(1050e6);
  });

  test("memory: more samples take more, by the same for each", () => {
    const [one, two, three] = [8, 16, 24].map((count) => updateBytes(method(), count)) as [number, number, number];
    expect(two).toBeGreaterThan(one);
    expect((three - two) / (two - one)).toBeCloseTo(1, 2);
  });

  test("memory: an automatic batch is the largest power of two whose update fits into half of what is free", () => {
    const paired = method();
    for (const free of [2, 2.5, 4, 7].map((times) => times * updateBytes(paired, 8))) {
      const size = automaticBatchSize(paired, 1000, free);
      expect(Math.log2(size) % 1).toBe(0);
      expect(updateBytes(paired, size)).toBeLessThanOrEqual(free / 2);
      expect(updateBytes(paired, 2 * size)).toBeGreaterThan(free / 2);
    }
    expect(automaticBatchSize(paired, 5, 1e12)).toBe(4);
    expect(automaticBatchSize(paired, 5, 0)).toBe(1);
  });

  test("memory: two devices hold the weights twice, and each its own samples", () => {
    const large = method(LARGE);
    const [one, two] = [updateBytes(large, 2), updateBytes(large, 2, 2)];
    // 57 million weights, their moments and gradients.
    expect(two - one).toBeGreaterThan(4 * 4 * 57e6);
    const [four, eight] = [4, 8].map((count) => updateBytes(large, count, 2)) as [number, number];
    const alone = updateBytes(large, 8) - updateBytes(large, 4);
    expect((eight - four) / alone).toBeGreaterThan(0.8);
    expect((eight - four) / alone).toBeLessThan(1.5);
    const free = 2 * updateBytes(large, 4, 2);
    expect([automaticBatchSize(large, 100, free, 2), automaticBatchSize(large, 100, free) > 4]).toEqual([4, true]);
    expect(memoryAdvice(large, 4, { words: words(256), free: 1e9, devices: 2 })).toMatch(
      /^an update of 4 samples of 256×256 on 2 devices takes about \d\.\d GB/,
    );
  });

  test("memory: an update that is larger than the machine is refused before the first step, with what to lower", async () => {
    const deps = recordedContext(join(folder, "resume"));
    const params = smallParams({ dataset: { image_size: 8192, batch_size: 64 } });
    const refused = await messageOf(openTranslation(jobOf(await smallSamples(folder, 64), params), deps));
    expect(refused).toMatch(
      /^This machine's memory will not do: an update of 64 samples of 8192×8192 takes about \d+\.\d GB, and .+ are free\. Lower dataset\.batch_size \(32: about \d+\.\d GB\), or dataset/,
    );
    expect(deps.warned).toEqual([]);
  });

  test("memory: samples that storage on_device cannot hold are refused before anything is decoded", async () => {
    await smallSamples(join(folder, "one"), 1);
    const path = join(folder, "one", "input_0.png");
    // A gigabyte each, once decoded.
    const copies = Array.from({ length: 1000 }, (_, at) => join(folder, `${at}.png`));
    for (const copy of copies) linkSync(path, copy);
    const pairs = copies.map((copy) => ({ input: { name: copy, path: copy }, reference: { name: copy, path } }));
    const params = smallParams({ dataset: { image_size: 8192, channel_count: 4, storage: "on_device" } });
    const told = await messageOf(
      openTranslation(jobOf(givenPairs(pairs), params), recordedContext(join(folder, "resume"))),
    );
    expect(told).toMatch(
      /^storage "on_device" would keep 1025024 MiB of decoded samples, above half of the \d+ MiB that are free\. Use storage "automatic", a smaller image_size or fewer samples\.$/,
    );
  });

  test("memory: the advice gives the estimate, and names the parameters to lower", () => {
    expect(memoryAdvice(method(LARGE), 4, { words: words(256), free: 0.5e9 })).toMatch(
      /^an update of 4 samples of 256×256 takes about 1\.\d GB, and 500 MB are free\. Lower dataset\.batch_size \(2: about (\d\.\d GB|\d+ MB)\), or dataset\.image_size, generator\.initial_layer_size or generator\.max_layer_size\.$/,
    );
    expect(memoryAdvice(method(), 1, { words: words(16), free: 1e6 })).toMatch(
      /^an update of one sample .* Lower dataset\.image_size,/,
    );
  });

  for (const [name, open] of [
    ["onnxruntime", () => createOnnxruntime({ threads: 1 })],
    ["TensorFlow.js", () => createTensorflow({ threads: 1, package: "@tensorflow/tfjs-backend-wasm" })],
  ] as const) {
    test(`memory: where ${name} finds none, the error is the advice; other errors stay as they are`, async () => {
      const runtime = await open();
      const { program, feeds } = endless();
      const compiled = await runtime.compile(program, runtime.createState(new Map()));
      const told = (work: Promise<unknown>) =>
        messageOf(
          work.catch((error: unknown) => {
            throw explained(error, () => "the advice");
          }),
        );
      expect(await told(compiled.step(feeds))).toBe("Memory has run out: the advice");
      expect(await told(compiled.step(new Map()))).toBe('the step was given no feed "x"');
    });
  }
});
