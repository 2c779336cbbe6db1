/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Whole unpaired trainings of small networks on real files: what they compute, save and resume. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/image/decode.js";
import { writeImage } from "../../../src/image/encode.js";
import type { Depth } from "../../../src/image/image.js";
import { imageOfPlanes, planesOf } from "../../../src/image/planes.js";
import type { Dataset } from "../../../src/ml/data/samples.js";
import { ssim } from "../../../src/ml/metrics/ssim.js";
import { EVENT_FILE, readEvents } from "../../../src/ml/monitor/tensorboard.js";
import { decodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { readCheckpoint } from "../../../src/ml/training/checkpoint.js";
import type { ProgressMetrics } from "../../../src/ml/training/job.js";
import type { TranslationJob } from "../../../src/ml/translation/job.js";
import { train } from "../../../src/ml/translation/train.js";
import { messageOf, testFolder } from "../../nodes/space.js";
import { answerOf, generatorAt, largestDifference } from "../training/answers.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "../training/small.js";

const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));

type Change = Readonly<Record<string, unknown>>;
const UNPAIRED = { dataset: { input_type: "unpaired_directories", batch_size: 1 } };
const PATHS = { checkpoint: { model_path: "{network}_{index}_{iteration}.safetensors" } };

/** `inputs` shapes, and `references` ones in other colours. */
async function sets(where: string, inputs: number, references: number, side = 16, depth: Depth = 8): Promise<Dataset> {
  const pairs = await smallSamples(where, Math.max(inputs, references), side, depth);
  if (pairs.kind !== "paired") throw new Error("no pairs");
  const named = (of: "input" | "reference") => pairs.samples.map((pair, at) => ({ ...pair[of], name: `${of}_${at}` }));
  return {
    kind: "unpaired",
    inputs: named("input").slice(0, inputs),
    references: named("reference").slice(0, references),
  };
}

async function run(samples: Dataset, changes: readonly Change[], more: Partial<TranslationJob> = {}) {
  const where = fresh();
  const deps = recordedContext(join(where, "resume"));
  const trained = await train(jobOf(samples, smallParams(UNPAIRED, ...changes), more), deps, join(where, "out"));
  const read = (name: string) => readFileSync(join(where, "out", name));
  const iterations = deps.logged.filter((line) => line.startsWith("iteration"));
  return { ...trained, ...deps, iterations, where: join(where, "out"), read };
}

const SCALARS = [
  "g_total",
  ...["g_gan", "cycle", "idt", "d_real", "d_fake", "score_real", "score_fake"].flatMap((name) => [
    `${name}_0`,
    `${name}_1`,
  ]),
];

describe("unpaired training", () => {
  test("unpaired: an iteration is as long as the larger set, and its total is the weighted sum of its losses", async () => {
    const { shown, figures } = await run(await sets(fresh(), 2, 3), [{ dataset: { batch_size: 2 } }]);
    expect(shown.map(({ fraction }) => fraction)).toEqual([1 / 4, 2 / 4, 3 / 4, 1]);
    expect(Object.keys(figures.scalars)).toEqual(SCALARS);
    for (const step of shown) {
      const of = (name: string) => step[name] as number;
      const parts = [0, 1].map((i) => of(`g_gan_${i}`) + 10 * (of(`cycle_${i}`) + 0.5 * of(`idt_${i}`)));
      expect(of("g_total")).toBeCloseTo(parts[0]! + parts[1]!, 4);
    }
  });

  test("unpaired: without identity losses there are no figures of them, and the rest of the columns stay", async () => {
    const plot = { type: "csv", loss: "loss.csv", score: "score.csv", ssim: "ssim.csv" };
    const { read, figures } = await run(await sets(fresh(), 2, 1), [{ training: { identity_lambda: 0 }, plot }]);
    const rows = (name: string) => read(name).toString().trim().split("\n");
    const heading = (name: string) => rows(name)[0]!.split(",");
    const pairs = (...names: readonly string[]) => names.flatMap((name) => [`${name}_0`, `${name}_1`]);
    expect(heading("loss.csv")).toEqual([
      ...["iteration", "lr", "g_total"],
      ...pairs("g_gan", "cycle", "d_real", "d_fake"),
    ]);
    expect(heading("score.csv")).toEqual(["iteration", ...pairs("real", "fake")]);
    expect(heading("ssim.csv")).toEqual(["iteration", "train"]);
    expect(rows("loss.csv").length).toBe(3);
    expect(Number(rows("ssim.csv")[2]!.split(",")[1])).toBe(figures.ssim_train);
  });

  test("unpaired: a small training learns to come back to where it started", async () => {
    const changes = [{ training: { max_iterations: 60, learning_rate: 2e-3 } }];
    const { iterations, figures } = await run(await sets(fresh(), 2, 2), changes);
    const first = (name: string) => Number(new RegExp(`${name} (\\S+)`).exec(iterations[0]!)![1]);
    for (const name of ["cycle_0", "cycle_1", "idt_0", "idt_1"]) {
      expect(figures.scalars[name]).toBeLessThan(0.7 * first(name));
    }
    expect(figures.ssim_train).toBeGreaterThan(first("ssim_train") + 0.3);
  });

  test("unpaired: tests take every image of both sides, by its own name, and measure the way back", async () => {
    const where = fresh();
    const [samples, tests] = [await sets(fresh(), 2, 2), await sets(where, 1, 2)];
    const changes = [{ test: { enabled: true, output_dir: "seen", frequency: 2 }, ...PATHS }];
    const { where: out, figures, files, iterations } = await run(samples, changes, { tests });
    const names = ["input_0", "reference_0", "reference_1"].flatMap((name) =>
      (name.startsWith("input") ? ["realA", "fakeB", "recA"] : ["realB", "fakeA", "recB"]).map(
        (image) => `${name}_2_${image}.png`,
      ),
    );
    expect(readdirSync(join(out, "seen")).sort()).toEqual(names.sort());
    const kinds = files.filter(({ path }) => path.includes("input_0_2_")).map(({ path, kind }) => [path, kind]);
    expect(Object.fromEntries(kinds)).toEqual({
      "seen/input_0_2_realA.png": "test_input",
      "seen/input_0_2_fakeB.png": "test_output",
      "seen/input_0_2_recA.png": "test_reconstruction",
    });
    expect(figures).not.toHaveProperty("ssim_test");
    expect(iterations[0]).not.toMatch(/ssim_cycle/);
    expect(iterations[1]).toMatch(/ ssim_cycle -?\d\.\d{4}( |$)/);
    // The images again, from the checkpoints, by the float64 referee.
    const [netG0, netG1] = await Promise.all(
      [0, 1].map((index) => generatorAt(join(out, `generator_${index}_2.safetensors`))),
    );
    const image = async (name: string) => planesOf(await decodeImage(join(out, "seen", name)));
    const realA = await image("input_0_2_realA.png");
    expect(realA).toEqual(planesOf(await decodeImage(join(where, "input_0.png"))));
    const fakeB = answerOf(netG0!, realA);
    // 8 bits: half a step.
    expect(largestDifference(await image("input_0_2_fakeB.png"), fakeB)).toBeLessThan(0.51 / 255);
    const recA = answerOf(netG1!, fakeB);
    expect(largestDifference(await image("input_0_2_recA.png"), recA)).toBeLessThan(0.51 / 255);
    const form = { channels: 3, height: 16, width: 16 };
    const ssims: number[] = [];
    for (const at of [0, 1]) {
      const realB = await image(`reference_${at}_2_realB.png`);
      ssims.push((ssim(recA, realA, form) + ssim(answerOf(netG0!, answerOf(netG1!, realB)), realB, form)) / 2);
    }
    expect(figures.ssim_cycle).toBeCloseTo((ssims[0]! + ssims[1]!) / 2, 4);
  });

  test("unpaired: pairs can be tested, too, and target_ssim is that of the way back", async () => {
    const tests = await smallSamples(fresh(), 1);
    const changes = [{ training: { max_iterations: 5 }, test: { enabled: true, target_ssim: -1 } }];
    const { figures } = await run(await sets(fresh(), 1, 1), changes, { tests });
    expect(figures.iteration).toBe(1);
    expect(figures.ssim_cycle).toBeGreaterThan(-1);
  });

  test("unpaired: four networks are saved, both generators exported, and a sheet shows both cycles", async () => {
    const changes = [
      { ...PATHS, onnx: { path: "{network}_{index}.onnx" }, contact_sheet: { path: "sheet.png", interval: 2 } },
    ];
    const { where, files, read } = await run(await sets(fresh(), 2, 2), changes);
    expect(readdirSync(where).sort()).toEqual(
      [
        ...["discriminator_0_2.safetensors", "discriminator_1_2.safetensors"],
        ...["generator_0_2.safetensors", "generator_0_2.safetensors.state", "generator_1_2.safetensors"],
        ...["generator_0.onnx", "generator_1.onnx", "sheet.png"],
      ].sort(),
    );
    expect(files.filter(({ kind }) => kind === "onnx").map(({ path, index }) => [path, index])).toEqual([
      ["generator_0.onnx", 0],
      ["generator_1.onnx", 1],
    ]);
    const weights: string[] = [];
    for (const index of ["0", "1"]) {
      const { tensors, metadata } = await readCheckpoint(join(where, `generator_${index}_2.safetensors`));
      expect(metadata).toMatchObject({ network: "generator", index, iteration: "2", image_size: "16" });
      expect(JSON.parse(metadata.generator!)).toMatchObject({ affine: false, dropout: 0 });
      // Norm without scale and shift, so that every convolution has its bias.
      expect(tensors.has("model.model.1.model.1.bias")).toBe(true);
      expect(tensors.has("model.model.1.model.2.weight")).toBe(false);
      weights.push(Buffer.from(tensors.get("model.model.0.weight")!.data.buffer).toString("base64"));
      const entries = decodeModel(read(`generator_${index}.onnx`)).metadata.map(({ key, value }) => [key, value]);
      expect(Object.fromEntries(entries)).toMatchObject({ index, iteration: "2" });
    }
    expect(weights[0]).not.toBe(weights[1]);
    const { tensors } = await readCheckpoint(join(where, "discriminator_1_2.safetensors"));
    expect(tensors.get("model.0.weight")!.shape).toEqual([4, 3, 4, 4]);
    const state = await readCheckpoint(join(where, "generator_0_2.safetensors.state"));
    expect(state.tensors.get("fake_1:pool")!.shape).toEqual([50, 3, 16, 16]);
    expect(state.tensors.get("fake_1:pool_count")!.data).toEqual(Float32Array.of(4));
    const sheet = await decodeImage(join(where, "sheet.png"));
    expect(sheet.width).toBeGreaterThan(6 * 128);
  });

  test("unpaired: previews are both generators' answers, each by its index, in TensorBoard too", async () => {
    const where = fresh();
    const samples = await sets(where, 1, 1);
    const previews = [{ path: join(where, "input_0.png"), name: "frame" }];
    const changes = [{ ...PATHS, preview: { path: "{frame}_{index}.png" }, tensorboard: { path: "board" } }];
    const { where: out, files } = await run(samples, changes, { previews });
    const kept = files.filter(({ kind }) => kind === "preview").map(({ path, index }) => [path, index]);
    expect(kept).toEqual([
      ["frame_0.png", 0],
      ["frame_1.png", 1],
    ]);
    const frame = planesOf(await decodeImage(join(where, "input_0.png")));
    for (const index of [0, 1]) {
      const expected = answerOf(await generatorAt(join(out, `generator_${index}_2.safetensors`)), frame);
      const shown = planesOf(await decodeImage(join(out, `frame_${index}.png`)));
      expect(largestDifference(shown, expected)).toBeLessThan(0.51 / 255);
    }
    const tags = readEvents(join(out, "board", EVENT_FILE)).flatMap(({ summary }) =>
      (summary?.value ?? []).map(({ tag }) => tag).filter((tag) => tag.startsWith("preview")),
    );
    expect(tags).toEqual(["preview/frame/0", "preview/frame/1"]);
  });

  test("unpaired: without paths both final generators are left", async () => {
    const { where, files } = await run(await sets(fresh(), 1, 1), []);
    expect(readdirSync(where).sort()).toEqual(["generator_0.safetensors", "generator_1.safetensors"]);
    expect(files.map(({ kind, index }) => [kind, index])).toEqual([
      ["checkpoint", 0],
      ["checkpoint", 1],
    ]);
  });

  const kinds: Readonly<Record<string, Change>> = {
    resnet: { generator: { architecture: "resnet" } },
    "batch norm": { generator: { norm: "batch" }, dataset: { batch_size: 2 } },
    vanilla: { training: { gan_mode: "vanilla" } },
    "without a pool": { training: { pool_size: 0 } },
    "crops of a fixed size": { dataset: { crop_size: 8 } },
  };
  for (const [name, change] of Object.entries(kinds)) {
    test(`unpaired: ${name} trains, and exports what it trained`, async () => {
      const { where, figures } = await run(await sets(fresh(), 3, 2), [change, { onnx: { path: "{index}.onnx" } }]);
      expect(Number.isFinite(figures.scalars.g_total)).toBe(true);
      expect(readdirSync(where)).toEqual(expect.arrayContaining(["0.onnx", "1.onnx"]));
    });
  }

  test("unpaired: a batch above the larger set, and a sample that holds no numbers, are named", async () => {
    const changes = [{ dataset: { batch_size: 4 } }];
    expect(await messageOf(run(await sets(fresh(), 2, 3), changes))).toBe(
      "batch_size must be 1 to 3, the number of samples; it is 4.",
    );
    const where = fresh();
    const samples = await sets(where, 1, 2, 16, "float");
    const broken = new Float32Array(3 * 256).fill(Number.NaN);
    await writeImage(join(where, "reference_1.tif"), imageOfPlanes({ width: 16, height: 16, channels: 3 }, broken));
    expect(await messageOf(run(samples, [{ dataset: { shuffle_input_order: false } }]))).toMatch(
      /reference_1\.tif: the value at x 0, y 0, channel 0 is NaN \(768 of 768 values are not finite\)\. Fix: repair the file, or set "non_finite"/,
    );
  });
});

describe("unpaired training, resumed and continued", () => {
  /** Its pools are full after three steps of six. */
  const SWAPPED = { training: { max_iterations: 2, pool_size: 3 }, dataset: { horizontal_flip: 0.5 }, ...PATHS };

  test("resume: a stop in the middle changes no byte of any network, nor of the state", async () => {
    const samples = await sets(fresh(), 3, 2);
    const whole = await run(samples, [SWAPPED]);
    for (const steps of [2, 4]) {
      const where = fresh();
      const controller = new AbortController();
      const recorded = recordedContext(join(where, "resume"), { signal: controller.signal });
      const progress = (figures: ProgressMetrics) => {
        recorded.shown.push(figures);
        if (recorded.shown.length === steps) controller.abort();
      };
      const job = jobOf(samples, smallParams(UNPAIRED, SWAPPED));
      const partial = await train(job, { ...recorded, progress }, join(where, "partial"));
      expect(partial.partial).toBe(true);
      const deps = recordedContext(join(where, "resume"));
      await train(job, deps, join(where, "out"));
      expect(deps.shown.length).toBe(6 - steps);
      for (const name of readdirSync(whole.where)) {
        const [own, theirs] = [whole.read(name), readFileSync(join(where, "out", name))];
        expect([steps, name, theirs.equals(own)]).toEqual([steps, name, true]);
      }
    }
  });

  test("continue_from: one and one iteration at a constant rate are two, the pools' contents included", async () => {
    const samples = await sets(fresh(), 3, 2);
    const training = { rate_scheduler: "step", step_size: 100 };
    const one = await run(samples, [SWAPPED, { training: { ...training, max_iterations: 1 } }]);
    const two = await run(samples, [SWAPPED, { training }]);
    const continue_from = join(one.where, "generator_0_1.safetensors.state");
    const continued = await run(samples, [SWAPPED, { training }], { continue_from });
    expect(continued.shown.length).toBe(3);
    for (const name of ["generator_0_2", "generator_1_2", "discriminator_0_2", "discriminator_1_2"]) {
      const file = `${name}.safetensors`;
      expect([name, (await weightsIn(continued.where, file)).equals(await weightsIn(two.where, file))]).toEqual([
        name,
        true,
      ]);
    }
    const other = run(samples, [SWAPPED, { training: { ...training, pool_size: 4 } }], { continue_from });
    expect(await messageOf(other)).toMatch(/fake_0:pool: \[3, 3, 16, 16\], expected \[4, 3, 16, 16\]/);
  });

  test("initial_weights: a generator's checkpoint starts the generator of its index alone", async () => {
    const samples = await sets(fresh(), 1, 1);
    const first = await run(samples, [PATHS, { training: { max_iterations: 1 } }]);
    // A rate that is 0 in 32 bits: what comes out is what went in.
    const still = { training: { learning_rate: 1e-60, max_iterations: 1 }, dataset: { seed: 9 } };
    const initial_weights = join(first.where, "generator_1_1.safetensors");
    const { where } = await run(samples, [PATHS, still], { initial_weights });
    const same = async (name: string) => (await weightsIn(where, name)).equals(await weightsIn(first.where, name));
    expect(await same("generator_1_1.safetensors")).toBe(true);
    expect(await same("generator_0_1.safetensors")).toBe(false);
  });
});

async function weightsIn(folder: string, name: string): Promise<Buffer> {
  const { tensors } = await readCheckpoint(join(folder, name));
  return Buffer.concat(
    [...tensors.values()].map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
}
