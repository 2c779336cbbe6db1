/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** Whole trainings of small networks on real files: order of things, means, saves, stops, warnings, errors. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/image/decode.js";
import { writeImage } from "../../../src/image/encode.js";
import { imageOfPlanes, planesOf } from "../../../src/image/planes.js";
import type { Dataset } from "../../../src/ml/data/samples.js";
import { type PlotKind, trainingPng } from "../../../src/ml/monitor/plots.js";
import { readSummary } from "../../../src/ml/monitor/summary.js";
import { EVENT_FILE, readEvents } from "../../../src/ml/monitor/tensorboard.js";
import { decodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { readCheckpoint } from "../../../src/ml/training/checkpoint.js";
import { rowOf } from "../../../src/ml/training/history.js";
import type { TrainingProgress } from "../../../src/ml/training/snapshot.js";
import type { TranslationJob } from "../../../src/ml/translation/job.js";
import { train } from "../../../src/ml/translation/train.js";
import { messageOf, testFolder } from "../../nodes/space.js";
import { relativeError } from "../reference.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "./small.js";

const folder = testFolder();
let count = 0;
const fresh = () => join(folder, String(count++));
const PATHS = { checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 2 } };

type Change = Readonly<Record<string, unknown>>;

async function run(samples: Dataset, changes: readonly Change[], more: Partial<TranslationJob> = {}) {
  const where = fresh();
  const deps = recordedContext(join(where, "resume"));
  const trained = await train(jobOf(samples, smallParams(...changes), more), deps, join(where, "out"));
  const read = (name: string) => readFileSync(join(where, "out", name));
  const table = (name: string) =>
    read(name)
      .toString()
      .trim()
      .split("\n")
      .map((line) => line.split(","));
  return { ...trained, ...deps, where: join(where, "out"), read, table };
}

describe("train: steps and iterations", () => {
  test("train: an iteration is ceil(N / batch) steps, a smaller last batch among them", async () => {
    const { shown } = await run(await smallSamples(fresh(), 5), []);
    expect(shown.map(({ fraction }) => fraction)).toEqual([1, 2, 3, 4, 5, 6].map((step) => step / 6));
    expect(shown.map(({ iteration }) => iteration)).toEqual(["1/2", "1/2", "1/2", "2/2", "2/2", "2/2"]);
  });

  test("train: with drop_boundary batches run across iterations, and only the last of all is smaller", async () => {
    const changes = [{ dataset: { drop_boundary: true }, training: { max_iterations: 3 } }];
    const { shown, figures } = await run(await smallSamples(fresh(), 3), changes);
    // 9 samples in twos; a batch counts to the iteration of its last sample.
    expect(shown.map(({ iteration }) => iteration)).toEqual(["1/3", "2/3", "2/3", "3/3", "3/3"]);
    expect(figures.iteration).toBe(3);
  });

  test("train: the same seed gives the same bytes, with decoding threads too, and another seed others", async () => {
    const samples = await smallSamples(fresh(), 3);
    const weights = async (dataset: Change) => {
      const varied = { horizontal_flip: 0.5, rotation: 0.5 };
      const { read } = await run(samples, [{ dataset: { ...varied, ...dataset } }, PATHS]);
      return read("generator_2.safetensors").toString("base64");
    };
    const first = await weights({});
    expect(await weights({ worker_threads: 2 })).toBe(first);
    expect(await weights({ storage: "on_device" })).toBe(first);
    expect(await weights({ seed: 1 })).not.toBe(first);
  });

  test("train: the iteration's figures are means over its samples", async () => {
    const samples = await smallSamples(fresh(), 3);
    const { shown, figures } = await run(samples, [{ training: { max_iterations: 1 } }]);
    // Two samples, then one.
    const mean = (name: string) => (2 * (shown[0]![name] as number) + (shown[1]![name] as number)) / 3;
    for (const name of ["g_total", "g_gan", "g_l1", "d_real", "d_fake", "score_real", "score_fake"]) {
      expect(figures.scalars[name]).toBeCloseTo(mean(name), 12);
    }
    expect(figures.ssim_train).toBeGreaterThan(-1);
    expect(figures.ssim_train).toBeLessThan(1);
  });

  test("train: a small training learns: the difference to the reference falls to less than a half", async () => {
    const samples = await smallSamples(fresh(), 2);
    const changes = [{ dataset: { batch_size: 1 }, training: { max_iterations: 60, learning_rate: 2e-3 } }];
    const { logged, figures } = await run(samples, changes);
    const first = Number(/g_l1 (\S+)/.exec(logged.join())![1]);
    expect(figures.scalars.g_l1).toBeLessThan(first / 2);
  });

  test('train: batch_size "auto" is a power of two up to the number of samples', async () => {
    const { logged } = await run(await smallSamples(fresh(), 5), [{ dataset: { batch_size: "auto" } }]);
    expect(logged[0]).toBe('dataset.batch_size "auto" is 4');
  });
});

describe("train: networks and optimizers", () => {
  const kinds: Readonly<Record<string, Change>> = {
    resnet: { generator: { architecture: "resnet" } },
    "batch norm": { generator: { norm: "batch" } },
    "no norm": { generator: { norm: "none" } },
    "resizing upward": { generator: { upsampling: "resize" } },
    "one channel": { dataset: { channel_count: 1 } },
    "crops of a fixed size": { dataset: { crop_size: 8 } },
    lsgan: { training: { gan_mode: "lsgan" } },
    adadelta: { optimizer: { algorithm: "adadelta" }, training: { learning_rate: 1 } },
    sgd: { optimizer: { algorithm: "sgd", momentum: 0.9 } },
    asgd: { optimizer: { algorithm: "asgd" } },
    orthogonal: { training: { initializer: "orthogonal" } },
  };
  for (const [name, change] of Object.entries(kinds)) {
    test(`train: ${name} trains, and exports what it trained`, async () => {
      const onnx = { onnx: { path: "{network}.onnx" } };
      const { read, figures } = await run(await smallSamples(fresh(), 3), [change, onnx]);
      expect(Number.isFinite(figures.scalars.g_total)).toBe(true);
      // It is written only after onnxruntime has agreed with the referee.
      expect(decodeModel(read("generator.onnx")).graph!.inputs.length).toBe(1);
    });
  }
});

describe("train: tests", () => {
  test("train: tests come at their frequency and at the end, and their images hold the iteration", async () => {
    const [samples, tests] = [await smallSamples(fresh(), 3), await smallSamples(fresh(), 2)];
    const changes = [{ training: { max_iterations: 5 }, test: { enabled: true, frequency: 2, output_dir: "seen" } }];
    const { where, logged, files, figures } = await run(samples, changes, { tests });
    const lines = logged.filter((line) => line.startsWith("iteration"));
    expect(lines.map((line) => line.includes("ssim_test"))).toEqual([false, true, false, true, true]);
    const names = [2, 4, 5].flatMap((iteration) =>
      [0, 1].flatMap((pair) => ["input", "output", "reference"].map((what) => `pair_${pair}_${iteration}_${what}.png`)),
    );
    expect(readdirSync(join(where, "seen")).sort()).toEqual(names.sort());
    expect(files[0]).toMatchObject({ path: "seen/pair_0_2_input.png", parameter: "test.output_dir" });
    expect(figures.ssim_test).toBeGreaterThan(-1);
    const [input, reference] = await Promise.all(
      ["input", "reference"].map((what) => decodeImage(join(where, "seen", `pair_1_2_${what}.png`))),
    );
    const given = await decodeImage(tests.kind === "paired" ? tests.samples[1]!.input.path : "");
    expect(planesOf(input!)).toEqual(planesOf(given));
    expect(planesOf(reference!)).not.toEqual(planesOf(given));
  });

  test("train: a batch of tests answers what single tests answer, and a size limits them", async () => {
    const [samples, tests] = [await smallSamples(fresh(), 3), await smallSamples(fresh(), 3)];
    const tested = async (change: Change) => {
      const { figures, where } = await run(samples, [{ test: { enabled: true, output_dir: "seen", ...change } }], {
        tests,
      });
      return { ssim: figures.ssim_test!, images: readdirSync(join(where, "seen")).length };
    };
    const one = await tested({});
    expect(one.images).toBe(3 * 3 * 2);
    const two = await tested({ batch_size: 2 });
    expect(two.ssim).toBeCloseTo(one.ssim, 5);
    expect((await tested({ size: 1 })).images).toBe(3 * 2);
  });

  test("train: target_ssim ends the training, which saves what the end saves", async () => {
    const [samples, tests] = [await smallSamples(fresh(), 3), await smallSamples(fresh(), 1)];
    const changes = [
      { training: { max_iterations: 9 }, test: { enabled: true, frequency: 3, target_ssim: -1 } },
      { checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 100 } },
    ];
    const { figures, partial, where, logged } = await run(samples, changes, { tests });
    expect([figures.iteration, partial]).toEqual([3, false]);
    expect(existsSync(join(where, "generator_3.safetensors"))).toBe(true);
    expect(logged).toContain("the test's SSIM has reached test.target_ssim -1");
  });
});

describe("train: files", () => {
  test("train: checkpoints come at their rate and at the end, with torch's names and all that rebuilds the network", async () => {
    const { where } = await run(await smallSamples(fresh(), 2), [PATHS, { training: { max_iterations: 3 } }]);
    const names = [2, 3].flatMap((iteration) => [
      `discriminator_${iteration}.safetensors`,
      `generator_${iteration}.safetensors`,
      `generator_${iteration}.safetensors.state`,
    ]);
    expect(readdirSync(where).sort()).toEqual(names.sort());
    const { tensors, metadata } = await readCheckpoint(join(where, "generator_3.safetensors"));
    expect(tensors.get("model.model.0.weight")!.shape).toEqual([4, 3, 4, 4]);
    expect(metadata).toMatchObject({ network: "generator", index: "0", iteration: "3", image_size: "16" });
    expect(JSON.parse(metadata.generator!)).toMatchObject({ architecture: "unet", layers: 4, initial_layer_size: 4 });
  });

  test("train: without paths only the final generator is left", async () => {
    const { where, files } = await run(await smallSamples(fresh(), 2), []);
    expect(readdirSync(where)).toEqual(["generator.safetensors"]);
    expect(files).toEqual([{ path: "generator.safetensors", kind: "checkpoint", parameter: null, iteration: 2 }]);
  });

  test("train: CSVs have the columns of the figures, at their rate and at the end", async () => {
    const plot = { type: "csv", rate: 2, ssim: "ssim.csv", loss: "loss.csv", score: "score.csv" };
    const tests = await smallSamples(fresh(), 1);
    const changes = [{ plot, training: { max_iterations: 3, linear_decay: 1 }, test: { enabled: true, frequency: 3 } }];
    const { table, figures } = await run(await smallSamples(fresh(), 2), changes, { tests });
    expect(table("loss.csv")[0]).toEqual(["iteration", "lr", "g_total", "g_gan_0", "g_l1_0", "d_real_0", "d_fake_0"]);
    expect(table("score.csv")[0]).toEqual(["iteration", "real_0", "fake_0"]);
    expect(table("ssim.csv")[0]).toEqual(["iteration", "train", "test"]);
    expect(table("loss.csv").map(([iteration]) => iteration)).toEqual(["iteration", "2", "3"]);
    expect(table("loss.csv").map(([, rate]) => rate)).toEqual(["lr", "0.0002", "0.0001"]);
    expect(table("ssim.csv")[1]![2]).toBe("");
    expect(Number(table("ssim.csv")[2]![2])).toBe(figures.ssim_test);
    expect(Number(table("loss.csv")[2]![2])).toBe(figures.scalars.g_total);
  });

  test("train: without tests, the table of similarity has no column for them", async () => {
    const { table } = await run(await smallSamples(fresh(), 2), [{ plot: { type: "csv", ssim: "ssim.csv" } }]);
    expect(table("ssim.csv").map((cells) => cells.length)).toEqual([2, 2, 2]);
  });

  test("train: plots, contact sheets and previews are images", async () => {
    const frame = join(fresh(), "frame.png");
    await smallSamples(join(frame, ".."), 1);
    await writeImage(frame, imageOfPlanes({ width: 21, height: 10, channels: 1 }, new Float32Array(210).fill(0.3), 16));
    const changes = [
      { plot: { type: "image", loss: "loss.png" }, contact_sheet: { path: "sheet_{iteration}.png", interval: 2 } },
      { preview: { path: "preview.png" }, training: { max_iterations: 3 } },
    ];
    // A step an iteration: sheets after the second, and after the last.
    const { where } = await run(await smallSamples(fresh(), 2), changes, {
      previews: [{ path: frame, name: "frame" }],
    });
    expect(readdirSync(where).sort()).toEqual(
      ["generator.safetensors", "loss.png", "preview.png", "sheet_2.png", "sheet_3.png"].sort(),
    );
    expect(await decodeImage(join(where, "preview.png"))).toMatchObject({
      width: 21,
      height: 10,
      channels: 3,
      depth: 16,
    });
    expect(await decodeImage(join(where, "loss.png"))).toMatchObject({ width: 800, height: 480 });
    // Two rows of cells of 128 pixels, and their three columns.
    const sheet = await decodeImage(join(where, "sheet_3.png"));
    expect(sheet.height).toBeGreaterThan(2 * 128);
    expect(sheet.width).toBeGreaterThan(3 * 128);
  });

  test("train: exports are dynamic, in the asked range and operator set, and know their iteration", async () => {
    const onnx = { path: "{network}_{iteration}.onnx", save_rate: 1, version: 13, dynamic_axes: true };
    const changes = [{ onnx: { ...onnx, value_range: "minus_one_to_one" } }];
    const { read, where } = await run(await smallSamples(fresh(), 2), changes);
    expect(readdirSync(where).sort()).toEqual(["generator.safetensors", "generator_1.onnx", "generator_2.onnx"]);
    const { opsets, metadata } = decodeModel(read("generator_2.onnx"));
    expect(opsets).toEqual([{ domain: "", version: 13 }]);
    const entries = Object.fromEntries(metadata.map(({ key, value }) => [key, value]));
    expect(entries).toMatchObject({ iteration: "2", index: "0", value_range: "minus_one_to_one", size_multiple: "16" });
  });
});

describe("train: what is shown", () => {
  test("train: TensorBoard's events and the summary have a row by interval and at each iteration's end", async () => {
    const tests = await smallSamples(fresh(), 1);
    const changes = [
      { training: { max_iterations: 4 }, test: { enabled: true, frequency: 2 }, contact_sheet: { interval: 5 } },
      { tensorboard: { path: "runs/one", interval: 3 }, summary: { path: "one.summary", interval: 2 } },
    ];
    // Two steps an iteration.
    const { where, shown, figures } = await run(await smallSamples(fresh(), 4), changes, { tests });
    const { run: settings, rows } = readSummary(join(where, "one.summary"));
    expect(settings).toMatchObject({ learning_rate: 2e-4, "generator.layers": 4, "dataset.batch_size": 2 });
    expect(rows.map(({ step }) => step)).toEqual([2, 4, 6, 8]);
    expect(rows.map((row) => "ssim_test" in row.figures)).toEqual([false, true, false, true]);
    expect(rows.at(-1)!.figures.ssim_test).toBe(figures.ssim_test);
    // Every row has its own step's figures, as they were shown.
    for (const { step, figures } of rows) expect(figures.g_l1).toBe(shown[step - 1]!.g_l1);
    const events = readEvents(join(where, "runs/one", EVENT_FILE)).flatMap(({ step, summary }) =>
      (summary?.value ?? []).map(({ tag, simple_value, image }) => ({ step, tag, simple_value, image })),
    );
    const losses = events.filter(({ tag }) => tag === "loss/g_l1");
    expect(losses.map(({ step }) => step)).toEqual([2, 3, 4, 6, 8]);
    for (const { step, simple_value } of losses)
      expect(simple_value).toBe(Math.fround(shown[step - 1]!.g_l1 as number));
    const images = events.filter(({ image }) => image !== undefined);
    expect(images.map(({ step, tag }) => [step, tag])).toEqual([
      [5, "contact_sheet"],
      [8, "contact_sheet"],
    ]);
  });

  test("train: progress has losses, speed, time left and the device of every step; the log has data and step time of iterations", async () => {
    const { shown, logged, timing } = await run(await smallSamples(fresh(), 4), [{ training: { max_iterations: 3 } }]);
    const speed = ["images_per_s", "eta", "data_ms", "step_ms"];
    for (const [at, figures] of shown.entries()) {
      expect(Object.keys(figures)).toEqual([
        ...["fraction", "iteration", "g_total", "g_gan", "g_l1", "d_real", "d_fake", "score_real", "score_fake"],
        // The first two steps say nothing of those that follow.
        ...(at < 2 ? [] : speed),
        ...["runtime", "device", "devices"],
      ]);
      expect(figures).toMatchObject({ runtime: "onnxruntime", device: "cpu" });
    }
    expect(shown.at(-1)!.eta).toBe(0);
    const iterations = logged.filter((line) => line.startsWith("iteration"));
    expect(iterations).toHaveLength(3);
    for (const line of iterations)
      expect(line).toMatch(/^iteration \d: lr .* ssim_train \S+ data \d+\.\d ms step \d+\.\d ms$/);
    expect(timing.images).toBe(12);
    expect(timing.seconds).toBeGreaterThan(timing.learning);
  });

  test("train: settings that are doubtful are told once, and what an automatic batch comes to counts", async () => {
    const doubtful = { generator: { norm: "batch" }, training: { learning_rate: 0.01 } };
    const { warned } = await run(await smallSamples(fresh(), 1), [{ dataset: { batch_size: "auto" } }, doubtful]);
    expect(warned).toEqual([
      expect.stringMatching(/^generator\.norm "batch" takes its statistics from a single image/),
      expect.stringMatching(/^training\.learning_rate 0\.01 is far from what adam is usually given/),
    ]);
  });

  test("train: a discriminator that has won is told once", async () => {
    const changes = [
      { training: { max_iterations: 60, learning_rate: 5e-3, rate_scheduler: "cosine", gan_mode: "lsgan" } },
      // A generator that cannot make the shapes, and does not try to deceive.
      { generator: { layers: 1, initial_layer_size: 1, max_layer_size: 1, l1_lambda: 1000 } },
      { discriminator: { initial_layer_size: 16 } },
    ];
    const { warned } = await run(await smallSamples(fresh(), 2), changes);
    expect(warned).toEqual([expect.stringMatching(/^A discriminator's loss has been below 0\.001 for 5 iterations/)]);
  });

  test("train: contact sheets come at their interval and of the last step, which may be any that the test ends with", async () => {
    const tests = await smallSamples(fresh(), 1);
    const changes = [
      { training: { max_iterations: 9 }, test: { enabled: true, frequency: 3, target_ssim: -1 } },
      { contact_sheet: { path: "sheet_{iteration}.png", interval: 4 } },
    ];
    const { where } = await run(await smallSamples(fresh(), 4), changes, { tests });
    expect(readdirSync(where).filter((name) => name.startsWith("sheet"))).toEqual(["sheet_2.png", "sheet_3.png"]);
  });

  test("train: previews of several frames of any size, each by its name, at the checkpoints' rate", async () => {
    const where = fresh();
    const frame = async (name: string, width: number, height: number, channels: number) => {
      const path = join(where, `${name}.png`);
      const data = new Float32Array(width * height * channels).fill(0.3);
      await writeImage(path, imageOfPlanes({ width, height, channels }, data, 8));
      return { path, name };
    };
    const samples = await smallSamples(where, 2);
    const previews = [await frame("wide", 40, 7, 3), await frame("tiny", 1, 2, 1)];
    const changes = [
      { preview: { path: "{frame}_{iteration}.png" }, checkpoint: { save_rate: 2 }, training: { max_iterations: 3 } },
      { tensorboard: { path: "board" } },
    ];
    const out = (await run(samples, changes, { previews })).where;
    const sizes = [2, 3].flatMap((iteration) => [
      [`tiny_${iteration}.png`, 1, 2],
      [`wide_${iteration}.png`, 40, 7],
    ]);
    for (const [name, width, height] of sizes) {
      expect(await decodeImage(join(out, name as string))).toMatchObject({ width, height, channels: 3 });
    }
    expect(readdirSync(out).sort()).toEqual(
      [...sizes.map(([name]) => name as string), "board", "generator.safetensors"].sort(),
    );
    const shown = readEvents(join(out, "board", EVENT_FILE)).flatMap(({ step, summary }) =>
      (summary?.value ?? []).filter(({ tag }) => tag.startsWith("preview")).map(({ tag }) => `${step} ${tag}`),
    );
    expect(shown).toEqual(["2 preview/wide", "2 preview/tiny", "3 preview/wide", "3 preview/tiny"]);
  });

  test("train: plots are drawn of the iterations at their rate, and of the last", async () => {
    const plot = { type: "image", rate: 2, ssim: "ssim.png", loss: "loss_{iteration}.png", score: "score.png" };
    const changes = [{ plot, training: { max_iterations: 5 }, checkpoint: { model_path: "{network}.safetensors" } }];
    const { read, where } = await run(await smallSamples(fresh(), 2), changes);
    const { metadata } = await readCheckpoint(join(where, "generator.safetensors.state"));
    const { history } = JSON.parse(metadata.progress!) as TrainingProgress;
    expect(history.map(({ iteration }) => iteration)).toEqual([1, 2, 3, 4, 5]);
    const rows = [1, 3, 4].map((at) => rowOf(history[at]!));
    const drawn = async (name: string, kind: PlotKind, count: number) =>
      read(name).equals(await trainingPng(kind, rows.slice(0, count)));
    expect(await drawn("ssim.png", "ssim", 3)).toBe(true);
    expect(await drawn("score.png", "score", 3)).toBe(true);
    for (const [at, iteration] of [2, 4, 5].entries()) {
      expect(await drawn(`loss_${iteration}.png`, "loss", at + 1)).toBe(true);
    }
  });
});

describe("train: what goes wrong", () => {
  test("train: a loss that is no number ends it, with the learning rate to blame", async () => {
    const changes = [{ training: { learning_rate: 1e30 }, generator: { norm: "none" } }];
    expect(await messageOf(run(await smallSamples(fresh(), 4), changes))).toMatch(
      /^In iteration 1, step 1, g_total is (NaN|Infinity)[\s\S]*diverged: lower training\.learning_rate, which is 1e\+30 here/,
    );
  });

  test("train: a sample that holds no numbers is named", async () => {
    const where = fresh();
    const samples = await smallSamples(where, 3, 16, "float");
    const broken = new Float32Array(3 * 256).fill(0.5);
    broken[7] = Number.NaN;
    await writeImage(join(where, "input_1.tif"), imageOfPlanes({ width: 16, height: 16, channels: 3 }, broken));
    const changes = [{ dataset: { batch_size: 1, shuffle_input_order: false } }];
    expect(await messageOf(run(samples, changes))).toMatch(
      /input_1\.tif: the value at x 7, y 0, channel 0 is NaN \(1 of 768 values are not finite\)\. Fix: repair the file, or set "non_finite" to/,
    );
  });

  test("train: a batch above the samples, a missing file and one that is no image are errors", async () => {
    const where = fresh();
    const samples = await smallSamples(where, 2);
    expect(await messageOf(run(samples, [{ dataset: { batch_size: 3 } }]))).toBe(
      "batch_size must be 1 to 2, the number of samples; it is 3.",
    );
    const { writeFileSync, rmSync } = await import("node:fs");
    writeFileSync(join(where, "input_0.png"), "no image");
    expect(await messageOf(run(samples, []))).toMatch(/input_0\.png: this is not an image/);
    rmSync(join(where, "input_0.png"));
    expect(await messageOf(run(samples, []))).toMatch(/input_0\.png: there is no such file/);
  });

  test("train: images that are not square are stretched, with a warning", async () => {
    const where = fresh();
    const samples = await smallSamples(where, 2);
    const wide = imageOfPlanes({ width: 20, height: 10, channels: 3 }, new Float32Array(600).fill(0.5), 8);
    await writeImage(join(where, "input_0.png"), wide);
    const { warned } = await run(samples, []);
    expect(warned).toEqual([expect.stringMatching(/^1 of 4 images are not square and are stretched to 16×16/)]);
  });

  test("train: TensorFlow.js trains as onnxruntime does, and each is named", async () => {
    const samples = await smallSamples(fresh(), 2);
    const on = async (runtime: "onnxruntime" | "tensorflow", device: "cpu" | "wasm") => {
      const choice = { runtime, device, allow_fallback: false, granted: false, devices: 1 };
      return await train(jobOf(samples, smallParams()), recordedContext(fresh(), { runtime: choice }), fresh());
    };
    const [one, other] = [await on("onnxruntime", "cpu"), await on("tensorflow", "wasm")];
    expect([one.computed, other.computed]).toEqual([
      { runtime: "onnxruntime", device: "cpu", devices: 1 },
      { runtime: "tensorflow", device: "wasm", devices: 1 },
    ]);
    for (const [name, value] of Object.entries(one.figures.scalars)) {
      expect(relativeError([other.figures.scalars[name]!], [value])).toBeLessThan(1e-3);
    }
  });
});
