/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Updates on several devices, which are threads here: they are those of one device, but for rounding. */

import { describe, expect, test } from "@jest/globals";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { createReference } from "../../../src/ml/runtime/reference.js";
import type { Runtime, Values } from "../../../src/ml/runtime/runtime.js";
import { TARGETS } from "../../../src/ml/runtime/target/target.js";
import { openThread } from "../../../src/ml/runtime/target/thread.js";
import { meanOf, sharesOf } from "../../../src/ml/training/shares.js";
import { Trainer } from "../../../src/ml/training/trainer.js";
import { sampleBatch } from "../../../src/ml/translation/method.js";
import { pairedMethod } from "../../../src/ml/translation/paired.js";
import { type Settings, settingsOf } from "../../../src/ml/translation/settings.js";
import { unpairedMethod } from "../../../src/ml/translation/unpaired.js";
import { type Reference, readReference, relativeError, someValues } from "../reference.js";
import { stateNameOf, tinyUnetOptions } from "../translation/tiny.js";
import { smallParams } from "./small.js";

type Change = Readonly<Record<string, unknown>>;

const CPU = TARGETS.find(({ runtime, device }) => runtime === "onnxruntime" && device === "cpu")!;

/** Lets a trainer on that many devices work, and closes it. */
async function trained<T>(
  settings: Settings,
  devices: number,
  samples: number,
  work: (trainer: Trainer) => Promise<T>,
): Promise<T> {
  const method = (settings.unpaired ? unpairedMethod : pairedMethod)(settings);
  const others: Runtime[] = [];
  for (let at = 1; at < devices; at++) others.push(await openThread(CPU, { at, threads: 1 }));
  const trainer = new Trainer(await createOnnxruntime({ threads: 1 }), method, samples, others);
  try {
    return await work(trainer);
  } finally {
    trainer.dispose();
    for (const other of others) await other.close!();
  }
}

/** Everything after updates of these many samples each: scalars and images of every update, and the state. */
async function learnedBy(trainer: Trainer, settings: Settings, counts: readonly number[]) {
  const answers: (readonly [string, ArrayLike<number>])[] = [];
  for (const [at, count] of counts.entries()) {
    const image = (phase: number) => Float32Array.from(someValues(count * 3 * settings.side ** 2, phase));
    const samples = sampleBatch(count, image(2 * at), image(2 * at + 1));
    const { scalars, outputs } = await trainer.update(samples, at + 1, () => 2e-4);
    for (const [name, value] of scalars) answers.push([name, [value]]);
    for (const [name, values] of outputs) answers.push([name, values.slice()]);
  }
  const state = new Map<string, Values>();
  for (const name of trainer.shapes.keys()) state.set(name, await trainer.read(name));
  return { answers, state };
}

type Learned = Awaited<ReturnType<typeof learnedBy>>;

/** Limits, of the largest value of each tensor: of what is answered and what is kept; and what counts as nothing. */
const LIMIT = { answers: 1e-5, state: 2e-4, nothing: 1e-5 };

function expectSame(found: Learned, expected: Learned): void {
  for (const [at, [name, values]] of expected.answers.entries()) {
    expect([name, relativeError(found.answers[at]![1], values) < LIMIT.answers]).toEqual([name, true]);
  }
  const largest = (values: Values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (const [name, values] of expected.state) {
    // A bias before a norm without scale and shift has no gradient but rounding.
    if (largest(values) < LIMIT.nothing) expect(largest(found.state.get(name)!)).toBeLessThan(LIMIT.nothing);
    else expect([name, relativeError(found.state.get(name)!, values) < LIMIT.state]).toEqual([name, true]);
  }
}

/** No Adam where weights are compared after several steps: it makes steps of a size out of gradients that are rounding. */
const SGD = { optimizer: { algorithm: "sgd", momentum: 0.9 }, training: { pool_size: 3, ema: 0.9 }, loss: { ssim: 2 } };
/** Deep enough for dropout. */
const PAIRED: Change = { dataset: { image_size: 64 }, generator: { layers: 6 }, ...SGD };
const UNPAIRED: Change = { dataset: { input_type: "unpaired_directories" }, ...SGD };
/** Batches that no number of devices divides, and one that is smaller than there are devices. */
const COUNTS = [5, 5, 1, 5];

describe("several devices", () => {
  for (const [name, devices, change] of [
    ["paired, with dropout and a pool, two", 2, PAIRED],
    ["unpaired, three", 3, UNPAIRED],
  ] as const) {
    test(`devices: ${name} learn what one does from the same batches, even and uneven`, async () => {
      const settings = settingsOf(smallParams(change));
      const on = (count: number) =>
        trained(settings, count, COUNTS[0]!, (trainer) => learnedBy(trainer, settings, COUNTS));
      expectSame(await on(devices), await on(1));
    });
  }

  test("devices: in float64, two learn what one does to the last digits, and what two threads learn", async () => {
    const settings = settingsOf(smallParams(SGD));
    const inReferee = async (others: readonly Runtime[]) => {
      const trainer = new Trainer(createReference(), pairedMethod(settings), 3, others);
      return await learnedBy(trainer, settings, [3, 2]);
    };
    const [one, two] = [await inReferee([]), await inReferee([createReference()])];
    // The doors of a runtime are float32: the means go through it.
    for (const [name, values] of one.state) expect(relativeError(two.state.get(name)!, values)).toBeLessThan(1e-6);
    const threads = await trained(settings, 2, 3, (trainer) => learnedBy(trainer, settings, [3, 2]));
    expectSame(threads, one);
  });

  test("devices: PyTorch's losses of three unpaired updates, from its sample on each of two devices", async () => {
    const golden = readReference<{
      readonly a: Reference;
      readonly b: Reference;
      readonly weights: Readonly<Record<string, Reference>>;
      readonly steps: readonly Readonly<Record<string, number>>[];
    }>("unpaired.json");
    const given = { dataset: { input_type: "unpaired_directories" }, training: { pool_size: 0 } };
    const settings: Settings = {
      ...settingsOf(smallParams(given)),
      generator: { architecture: "unet", ...tinyUnetOptions(false) },
    };
    await trained(settings, 2, 2, async (trainer) => {
      for (const [name, { data }] of Object.entries(golden.weights)) {
        trainer.write(stateNameOf(name), Float32Array.from(data));
      }
      const twice = ({ data }: Reference) => Float32Array.from([...data, ...data]);
      const samples = sampleBatch(2, twice(golden.a), twice(golden.b));
      for (const [at, expected] of golden.steps.entries()) {
        const { scalars } = await trainer.update(samples, at + 1, () => 2e-4);
        for (const name of ["g_gan_0", "g_gan_1", "cycle_0", "cycle_1", "idt_0", "idt_1"]) {
          expect(relativeError([scalars.get(name)!], [expected[name]!])).toBeLessThan(1e-3);
        }
        const d = (scalars.get("d_real_0")! + scalars.get("d_fake_0")!) / 2;
        expect(relativeError([d], [expected.d_0!])).toBeLessThan(1e-3);
      }
      expect(golden.steps.length).toBe(3);
    });
  });

  test("devices: batch norm normalizes each share by itself, and keeps the first one's running statistics", async () => {
    const change = { generator: { norm: "batch" }, ...SGD };
    const settings = settingsOf(smallParams(change));
    const [side, count] = [settings.side ** 2 * 3, 4];
    const input = Float32Array.from(someValues(count * side, 1));
    const reference = Float32Array.from(someValues(count * side, 2));
    const statistics = async (devices: number, samples: number) =>
      await trained(settings, devices, samples, async (trainer) => {
        const [own, theirs] = [input.slice(0, samples * side), reference.slice(0, samples * side)];
        const { outputs } = await trainer.update(sampleBatch(samples, own, theirs), 1, () => 2e-4);
        const name = [...trainer.shapes.keys()].find((each) => /^netG.*running_mean$/.test(each))!;
        return { running: await trainer.read(name), fake: outputs.get("fake")!.slice(0, 2 * side) };
      });
    const [shared, half, whole] = [await statistics(2, 4), await statistics(1, 2), await statistics(1, 4)];
    expect(relativeError(shared.running, half.running)).toBeLessThan(1e-5);
    expect(relativeError(shared.fake, half.fake)).toBeLessThan(1e-5);
    expect(relativeError(shared.fake, whole.fake)).toBeGreaterThan(1e-3);
  });

  test("shares: as even as can be, none empty; means count samples", () => {
    expect(sharesOf(8, 3)).toEqual([
      { first: 0, count: 3 },
      { first: 3, count: 3 },
      { first: 6, count: 2 },
    ]);
    expect(sharesOf(2, 4)).toEqual([
      { first: 0, count: 1 },
      { first: 1, count: 1 },
    ]);
    const answers = [Float32Array.of(1, 2), Float32Array.of(4, 8)];
    const mean = [...meanOf(answers, sharesOf(3, 2), new Float32Array(2))];
    expect(mean[0]).toBeCloseTo(2, 5);
    expect(mean[1]).toBeCloseTo(4, 5);
    const three = [...answers, Float32Array.of(7, 6)];
    // Shares of two, one and one.
    expect([...meanOf(three, sharesOf(4, 3), new Float32Array(2))]).toEqual([3.25, 4.5]);
  });
});
