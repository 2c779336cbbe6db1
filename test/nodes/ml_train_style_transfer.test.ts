/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** `ml_train_style_transfer` on real files: every parameter, sources of samples, outputs, and what it refuses. */
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type NodeCase, testNodeType, type Upstream } from "dag-cook/testing";
import train from "../../nodes/ml/ml_train_style_transfer.js";
import { problemsOf } from "../../nodes/ml/style_transfer/problems.js";
import { smallParams } from "../ml/training/small.js";
import { cookIn, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, train);
type Params = Readonly<Record<string, unknown>>;

/** An image of stripes in a folder; `phase` moves them. */
function stripes(path: string, phase: number, [width, height] = [16, 16]): Promise<string> {
  return imageFile(join(folder, path), [width, height, 3], (c, x, y) => ((x + 2 * y + c + phase) % 5) / 4);
}

/** Two pairs as folders `NAME/a` and `NAME/b`, and as composites in `NAME/ab`. */
async function source(name: string, phase = 0) {
  for (const sample of [0, 1]) {
    await stripes(`${name}/a/tile_${sample}.png`, phase + sample);
    await stripes(`${name}/b/tile_${sample}.png`, phase + 3 * sample + 2);
    await stripes(`${name}/ab/tile_${sample}.png`, phase + sample, [32, 16]);
  }
  const at = (kind: string) => join(folder, name, kind);
  const items: Upstream[] = [0, 1].map((sample) => ({
    name: `item_${sample}`,
    files: [
      { path: join(at("a"), `tile_${sample}.png`), tag: "file/image/input" },
      { path: join(at("b"), `tile_${sample}.png`), tag: "file/image/reference" },
    ],
  }));
  return { items, a: at("a"), b: at("b"), ab: at("ab") };
}

const first = await source("first");
const second = await source("second", 1);
const frame = await stripes("frame.png", 0, [20, 12]);
const otherFrame = await stripes("other.png", 1, [20, 12]);

/** A pair of floats of which one value is not finite. */
const hole = await imageFile(
  join(folder, "hole.tif"),
  [16, 16, 3],
  (c, x) => (c + x === 0 ? Number.NaN : 0.5),
  "float",
);
const holed: Upstream = {
  name: "holed",
  files: [
    { path: hole, tag: "file/image/input" },
    { path: frame, tag: "file/image/reference" },
  ],
};

const SMALL: Params = {
  dataset: { input_type: "work_items", image_size: 16, batch_size: 1, worker_threads: 0 },
  training: { max_iterations: 2, learning_rate: 2e-4 },
  generator: { layers: 2, initial_layer_size: 2, max_layer_size: 4 },
  discriminator: { layers: 1, initial_layer_size: 2 },
};
const small = (...changes: readonly Params[]): Params => {
  const params: Record<string, unknown> = { ...SMALL };
  for (const [name, group] of changes.flatMap(Object.entries)) {
    params[name] = typeof group === "object" ? { ...(params[name] as Params), ...group } : group;
  }
  return params;
};
const base: NodeCase = { params: SMALL, inputs: { main: first.items, test: second.items } };

/** A checkpoint with its state, of the base case or another. */
async function trained(name: string, ...changes: readonly Params[]): Promise<string> {
  const params = small({ checkpoint: { model_path: `${name}_{network}.safetensors` } }, ...changes);
  const { items } = await cook({ ...base, params });
  for (const { path } of items[0]!.outputs) cpSync(path, join(folder, path.slice(path.lastIndexOf("/") + 1)));
  return join(folder, `${name}_generator.safetensors`);
}

const checkpoint = await trained("one", { training: { max_iterations: 1 } });
const otherCheckpoint = await trained("two", { training: { max_iterations: 1 }, dataset: { seed: 5 } });

/** Deep enough for dropout. */
const DEEP = { dataset: { image_size: 64 }, generator: { layers: 6 }, training: { max_iterations: 1 } };
const tested = (change: Params = {}) => ({
  test: { enabled: true, input_type: "work_items", output_dir: "seen", ...change },
});
const single = {
  input_type: "single_paired",
  input_image: join(first.a, "tile_0.png"),
  reference_image: join(first.b, "tile_0.png"),
};
const folders = { input_type: "paired_directories", input_image_dir: first.a, reference_image_dir: first.b };
const composite = { input_type: "composite_directory", composite_image_dir: first.ab };
const UNPAIRED = { input_type: "unpaired_work_items" };
const testSingle = { test: { enabled: true, ...single } };
const testFolders = { test: { enabled: true, ...folders } };

describe("ml_train_style_transfer", () => {
  testNodeType((name, run) => test(name, run), train, {
    module: new URL("../../nodes/ml/ml_train_style_transfer.js", import.meta.url).href,
    base: () => base,
    changes: () => {
      const dataset = (change: Params, from: Params = {}) => ({ from: { dataset: from }, to: { dataset: change } });
      const training = (change: Params, from: Params = {}) => ({ from: { training: from }, to: { training: change } });
      const generator = (change: Params, from: Params = {}) => ({ from, to: { generator: change } });
      const optimizer = (algorithm: string, change: Params) => ({
        from: { optimizer: { algorithm } },
        to: { optimizer: change },
      });
      const test = (change: Params, from: Params = tested()) => ({ from, to: { test: change } });
      const onnx = (change: Params) => ({
        from: { onnx: { path: "{network}_{iteration}.onnx" } },
        to: { onnx: change },
      });
      const paths = { checkpoint: { model_path: "{network}_{iteration}.safetensors" } };
      const saves = { training: { max_iterations: 3 }, checkpoint: { ...paths.checkpoint, save_rate: 1 } };
      const plots = { plot: { type: "csv", loss: "loss.csv" } };
      const preview = { preview: { input: frame, path: "preview.png" } };
      return {
        preset: {
          from: { dataset: { batch_size: null }, training: { learning_rate: null } },
          to: { preset: "houdini" },
        },
        "dataset.input_type": dataset(
          { input_type: "paired_directories" },
          { ...folders, input_image_dir: second.a, input_type: "work_items" },
        ),
        "dataset.input_image": dataset({ input_image: join(first.a, "tile_1.png") }, single),
        "dataset.reference_image": dataset({ reference_image: join(first.b, "tile_1.png") }, single),
        "dataset.input_image_dir": dataset({ input_image_dir: second.a }, folders),
        "dataset.reference_image_dir": dataset({ reference_image_dir: second.b }, folders),
        "dataset.composite_image_dir": dataset({ composite_image_dir: second.ab }, composite),
        "dataset.pattern": dataset({ pattern: "*_1.png" }, folders),
        "dataset.channel_count": dataset({ channel_count: 1 }),
        "dataset.alpha": dataset({ alpha: "keep" }, { channel_count: 4 }),
        "dataset.input_range": dataset({ input_range: [0, 2] }),
        "dataset.reference_range": dataset({ reference_range: [0, 2] }),
        // Of floats: with 8 bits, every value is finite.
        "dataset.non_finite": { ...dataset({ non_finite: 0.5 }, { non_finite: 0 }), inputs: { main: [holed] } },
        "dataset.image_size": dataset({ image_size: 32 }),
        "dataset.storage": dataset({ storage: "on_device" }),
        "dataset.worker_threads": dataset({ worker_threads: 1 }),
        "dataset.batch_size": dataset({ batch_size: 2 }),
        "dataset.drop_boundary": {
          from: { dataset: { batch_size: 2 } },
          to: { dataset: { drop_boundary: true } },
          inputs: { main: [...first.items, first.items[0]!] },
        },
        "dataset.limit_input_count": dataset({ limit_input_count: 1 }),
        "dataset.crop_inputs": dataset({ crop_inputs: 0.5 }),
        "dataset.crop_size": dataset({ crop_size: 8 }),
        "dataset.horizontal_flip": dataset({ horizontal_flip: 1 }),
        "dataset.vertical_flip": dataset({ vertical_flip: 1 }),
        "dataset.rotation": dataset({ rotation: 1 }),
        "dataset.rotation_max_degrees": dataset({ rotation_max_degrees: 20 }, { rotation: 1 }),
        "dataset.shuffle_input_order": {
          from: { dataset: { seed: 3 } },
          to: { dataset: { shuffle_input_order: false } },
        },
        "dataset.seed": dataset({ seed: 1 }),
        "training.max_iterations": training({ max_iterations: 3 }),
        "training.learning_rate": training({ learning_rate: 1e-3 }),
        "training.rate_scheduler": training({ rate_scheduler: "cosine" }),
        "training.linear_decay": training({ linear_decay: 2 }),
        "training.step_size": training({ step_size: 1 }, { rate_scheduler: "step" }),
        "training.gamma": training({ gamma: 0.5 }, { rate_scheduler: "step", step_size: 1 }),
        "training.initializer": training({ initializer: "orthogonal" }),
        "training.gain": training({ gain: 0.1 }),
        "training.initial_weights": training({ initial_weights: otherCheckpoint }, { initial_weights: checkpoint }),
        "training.continue_from": training({ continue_from: otherCheckpoint }, { continue_from: checkpoint }),
        "training.gan_mode": training({ gan_mode: "lsgan" }),
        "training.ema": training({ ema: 0.5 }),
        "training.pool_size": { from: { dataset: UNPAIRED }, to: { training: { pool_size: 1 } } },
        "training.identity_lambda": { from: { dataset: UNPAIRED }, to: { training: { identity_lambda: 0 } } },
        "loss.gradient": { to: { loss: { gradient: 50 } } },
        "loss.ssim": { to: { loss: { ssim: 20 } } },
        "generator.architecture": generator({ architecture: "resnet" }),
        "generator.layers": generator({ layers: 3 }),
        "generator.model_size": generator({ model_size: "small" }, { generator: { max_layer_size: 32 } }),
        "generator.initial_layer_size": generator({ initial_layer_size: 4 }),
        "generator.max_layer_size": generator({ max_layer_size: 8 }),
        "generator.kernel_size": generator({ kernel_size: 2 }),
        "generator.l1_lambda": generator({ l1_lambda: 10 }),
        "generator.down_activation": generator({ down_activation: "elu" }),
        "generator.up_activation": generator({ up_activation: "tanh" }),
        "generator.norm": generator({ norm: "none" }),
        "generator.dropout": generator({ dropout: 0 }, DEEP),
        "generator.upsampling": generator({ upsampling: "resize" }),
        "discriminator.layers": { to: { discriminator: { layers: 2 } } },
        "discriminator.initial_layer_size": { to: { discriminator: { initial_layer_size: 4 } } },
        "discriminator.kernel_size": { to: { discriminator: { kernel_size: 3 } } },
        "discriminator.activation": { to: { discriminator: { activation: "tanh" } } },
        "optimizer.algorithm": { to: { optimizer: { algorithm: "sgd" } } },
        "optimizer.beta": optimizer("adam", { beta: [0.9, 0.99] }),
        "optimizer.rho": optimizer("adadelta", { rho: 0.5 }),
        "optimizer.momentum": optimizer("sgd", { momentum: 0.9 }),
        "optimizer.lambda": optimizer("asgd", { lambda: 10 }),
        "optimizer.alpha": { from: { optimizer: { algorithm: "asgd", lambda: 100 } }, to: { optimizer: { alpha: 5 } } },
        "optimizer.t0": {
          from: { optimizer: { algorithm: "asgd" }, checkpoint: { model_path: "{network}.safetensors" } },
          to: { optimizer: { t0: 0 } },
        },
        "test.enabled": {
          from: { test: { input_type: "work_items", output_dir: "seen" } },
          to: { test: { enabled: true } },
        },
        "test.target_ssim": test({ target_ssim: -1 }),
        "test.output_dir": test({ output_dir: "other" }),
        "test.input_type": test({ ...folders }),
        "test.input_image": test({ input_image: join(first.a, "tile_1.png") }, testSingle),
        "test.reference_image": test({ reference_image: join(first.b, "tile_1.png") }, testSingle),
        "test.input_image_dir": test({ input_image_dir: second.a }, testFolders),
        "test.reference_image_dir": test({ reference_image_dir: second.b }, testFolders),
        "test.composite_image_dir": test({ composite_image_dir: second.ab }, { test: { enabled: true, ...composite } }),
        "test.pattern": test({ pattern: "*_1.png" }, testFolders),
        "test.storage": test({ storage: "on_device" }),
        "test.worker_threads": test({ worker_threads: 0 }),
        "test.batch_size": test({ batch_size: 2 }),
        "test.frequency": test({ frequency: 2 }),
        "test.size": test({ size: 1 }),
        "test.add_results_as_outputs": test({ add_results_as_outputs: true }),
        "checkpoint.model_path": { to: paths },
        "checkpoint.save_rate": { from: paths, to: { checkpoint: { save_rate: 1 } } },
        "checkpoint.keep_last": { from: saves, to: { checkpoint: { keep_last: 1 } } },
        "checkpoint.keep_best": {
          from: { ...tested(), ...saves, checkpoint: { ...saves.checkpoint, keep_last: 1 } },
          to: { checkpoint: { keep_best: 2 } },
        },
        "checkpoint.add_as_outputs": { from: paths, to: { checkpoint: { add_as_outputs: true } } },
        "onnx.path": { to: { onnx: { path: "model.onnx" } } },
        "onnx.save_rate": onnx({ save_rate: 1 }),
        "onnx.add_as_outputs": onnx({ add_as_outputs: true }),
        "onnx.version": onnx({ version: 12 }),
        "onnx.dynamic_axes": onnx({ dynamic_axes: true }),
        "onnx.value_range": onnx({ value_range: "minus_one_to_one" }),
        "plot.type": { from: { plot: { type: "disabled", loss: "loss.csv" } }, to: { plot: { type: "csv" } } },
        "plot.rate": { from: plots, to: { plot: { rate: 2 } } },
        "plot.ssim": { from: plots, to: { plot: { ssim: "ssim.csv" } } },
        "plot.loss": { from: plots, to: { plot: { loss: "other.csv" } } },
        "plot.score": { from: plots, to: { plot: { score: "score.csv" } } },
        "contact_sheet.path": { to: { contact_sheet: { path: "sheet.png" } } },
        "contact_sheet.interval": {
          from: { contact_sheet: { path: "sheet_{iteration}.png" } },
          to: { contact_sheet: { interval: 1 } },
        },
        "preview.input": { from: preview, to: { preview: { input: otherFrame } } },
        "preview.pattern": {
          from: { preview: { input: first.a, path: "{frame}.png" } },
          to: { preview: { pattern: "*_1.png" } },
        },
        "preview.path": { from: preview, to: { preview: { path: "other.png" } } },
        // TensorBoard's events hold times, so that their bytes always differ: see the test of rows by interval.
        "tensorboard.path": { to: { tensorboard: { path: "board" } } },
        "tensorboard.interval": { from: { tensorboard: { path: "board" } }, to: { tensorboard: { interval: 2 } } },
        "summary.path": { to: { summary: { path: "run.summary" } } },
        "summary.interval": { from: { summary: { path: "run.summary" } }, to: { summary: { interval: 2 } } },
        "env.override_device": { to: { env: { override_device: "cpu" } } },
        "env.runtime": { to: { env: { runtime: "onnxruntime" } } },
        "env.allow_fallback": { to: { env: { allow_fallback: true } } },
        "env.devices": { to: { env: { devices: 2 } } },
        "env.cpu_threads": { to: { env: { cpu_threads: 1 } } },
        resume_interval: { to: { resume_interval: 0 } },
      };
    },
  });

  test("ml_train_style_transfer: folders, composites and items of the same pictures train the same generator", async () => {
    const halves = await source("halves");
    for (const sample of [0, 1]) {
      const value = (kind: number) => (c: number, x: number, y: number) => ((x + y * c + sample + 3 * kind) % 5) / 4;
      await imageFile(join(halves.a, `tile_${sample}.png`), [16, 16, 3], value(0));
      await imageFile(join(halves.b, `tile_${sample}.png`), [16, 16, 3], value(1));
      const both = (c: number, x: number, y: number) => value(x < 16 ? 0 : 1)(c, x % 16, y);
      await imageFile(join(halves.ab, `tile_${sample}.png`), [32, 16, 3], both);
    }
    const weights = async (dataset: Params, inputs: NodeCase["inputs"] = {}) => {
      const { items } = await cook({ params: small({ dataset }), inputs });
      return items[0]!.outputs.find(({ tag }) => tag === "file/model/checkpoint")!;
    };
    const { digest } = await weights({ input_type: "work_items" }, { main: halves.items });
    const byFolders = { input_type: "paired_directories", input_image_dir: halves.a, reference_image_dir: halves.b };
    const byComposites = { input_type: "composite_directory", composite_image_dir: halves.ab };
    // The names of samples are alike, so that even the digest of the settings is.
    expect((await weights(byFolders)).digest).toBe(digest);
    expect((await weights(byComposites)).digest).toBe(digest);
  });

  test("ml_train_style_transfer: the final generator comes first, and attributes are the last iteration's", async () => {
    const params = small({ checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 1 } }, tested());
    const { items } = await cook({ ...base, params });
    const [item] = items;
    const of = (prefix: string) => item!.outputs.filter(({ tag }) => tag.startsWith(prefix)).map(({ name }) => name);
    expect(item!.outputs[0]).toMatchObject({ name: "generator_2.safetensors", parameter: "checkpoint.model_path" });
    expect(of("file/model")).toEqual(["generator_2.safetensors"]);
    expect(of("file/saved/model").sort()).toEqual([
      ...["discriminator_1.safetensors", "discriminator_2.safetensors", "generator_1.safetensors"],
      ...["generator_1.safetensors.state", "generator_2.safetensors.state"],
    ]);
    expect(of("file/saved/image/test").length).toBe(2 * 2 * 3);
    expect(Object.keys(item!.attributes).sort()).toEqual(
      [
        "iteration",
        "g_total",
        "g_gan",
        "g_l1",
        "d_real",
        "d_fake",
        "score_real",
        "score_fake",
        "ssim_train",
        "ssim_test",
        "seconds",
        "images_per_s",
        "runtime",
        "device",
        "devices",
      ].sort(),
    );
    expect(item!.attributes.iteration).toBe(2);
    expect(item!.progress.at(-1)).toMatchObject({ fraction: 1, iteration: "2/2" });
  });

  test("ml_train_style_transfer: a checkpoint or its state is continued", async () => {
    const digests: string[] = [];
    for (const continue_from of [checkpoint, `${checkpoint}.state`]) {
      const { items } = await cook({ ...base, params: small({ training: { continue_from } }) });
      digests.push(items[0]!.outputs[0]!.digest);
      expect(items[0]!.progress.length).toBe(2);
    }
    expect(digests[0]).toBe(digests[1]);
    const lost = await trained("lost");
    rmSync(`${lost}.state`);
    expect(await messageOf(cook({ ...base, params: small({ training: { continue_from: lost } }) }))).toMatch(
      /lost_generator\.safetensors\.state does not exist/,
    );
  });

  test("ml_train_style_transfer: names that do not pair, empty folders, and items without pairs are named", async () => {
    const odd = await source("odd");
    renameSync(join(odd.b, "tile_1.png"), join(odd.b, "tile_2.png"));
    const pairs = { input_type: "paired_directories", input_image_dir: odd.a, reference_image_dir: odd.b };
    expect(await messageOf(cook({ params: small({ dataset: pairs }) }))).toBe(
      'The input image "tile_1.png" has no reference image of the same name (2 input and 2 reference images; stems must match, extensions may differ).',
    );
    mkdirSync(join(folder, "empty"));
    const empty = { input_type: "composite_directory", composite_image_dir: join(folder, "empty") };
    expect(await messageOf(cook({ params: small({ dataset: empty }) }))).toMatch(
      /^The folder .*empty has no composite images \(\*\.{png,.*}\); folders in it are not looked into\.$/,
    );
    expect(await messageOf(cook({ params: SMALL }))).toBe(
      'There are no items to take samples from: connect some to the input "main".',
    );
    const [item] = first.items;
    const main = [{ ...item!, files: item!.files!.slice(0, 1) }];
    expect(await messageOf(cook({ params: SMALL, inputs: { main } }))).toMatch(
      /^The item "item_0" has 1 files tagged file\/image\/input and 0 tagged file\/image\/reference; /,
    );
    const enabled = small({ test: { enabled: true, input_type: "work_items" } });
    expect(await messageOf(cook({ params: enabled, inputs: { main: first.items } }))).toMatch(
      /connect some to the input "test"/,
    );
  });

  test("ml_train_style_transfer: a damaged image is spoken of by its name, not by where the store keeps it", async () => {
    const bad = await source("bad");
    const path = join(bad.a, "tile_0.png");
    const bytes = readFileSync(path);
    const { writeFileSync } = await import("node:fs");
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    const message = await messageOf(cook({ params: SMALL, inputs: { main: bad.items } }));
    expect(message).toMatch(/^tile_0\.png: the image is damaged or cut short/);
  });

  test("ml_train_style_transfer: an odd composite is an error that names it", async () => {
    await stripes("wide/tile.png", 0, [17, 16]);
    const dataset = { input_type: "composite_directory", composite_image_dir: join(folder, "wide") };
    expect(await messageOf(cook({ params: small({ dataset }) }))).toBe(
      "tile.png: an odd width (17×16) cannot be split into input and reference.",
    );
  });

  const switches: readonly (readonly [string, Params, string, string])[] = [
    [
      "checkpoint",
      { checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 1 } },
      "model/checkpoint",
      "generator_1.safetensors",
    ],
    [
      "checkpoint",
      { checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 1 } },
      "model/discriminator",
      "discriminator_2.safetensors",
    ],
    [
      "checkpoint",
      { checkpoint: { model_path: "{network}_{iteration}.safetensors", save_rate: 1 } },
      "model/state",
      "generator_2.safetensors.state",
    ],
    ["onnx", { onnx: { path: "{network}.onnx" } }, "model/onnx", "generator.onnx"],
  ];
  for (const [group, params, tag, file] of switches) {
    test(`ml_train_style_transfer: ${group}.add_as_outputs decides whether nodes below see ${tag}`, async () => {
      const tagOf = async (add_as_outputs: boolean) => {
        const { items } = await cook({ ...base, params: small(params, { [group]: { add_as_outputs } }) });
        return items[0]!.outputs.find(({ name }) => name === file)!.tag;
      };
      expect([await tagOf(false), await tagOf(true)]).toEqual([`file/saved/${tag}`, `file/${tag}`]);
    });
  }

  test("ml_train_style_transfer: add_results_as_outputs decides whether nodes below see images of tests; other images they do", async () => {
    const shown = {
      ...{ contact_sheet: { path: "sheet.png" }, preview: { input: frame, path: "preview.png" } },
      ...{ plot: { type: "csv", loss: "loss.csv" }, tensorboard: { path: "board" }, summary: { path: "run.summary" } },
    };
    const tags = async (add_results_as_outputs: boolean) => {
      const { items } = await cook({ ...base, params: small(tested({ add_results_as_outputs, size: 1 }), shown) });
      return [...new Set(items[0]!.outputs.map(({ tag }) => tag))].sort();
    };
    const others = [
      ...["file/image/contact_sheet", "file/image/preview", "file/model/checkpoint", "file/plot"],
      ...["file/summary", "file/tensorboard"],
    ];
    const results = ["input", "output", "reference"].map((what) => `image/test/${what}`);
    expect(await tags(false)).toEqual([...others, ...results.map((tag) => `file/saved/${tag}`)].sort());
    expect(await tags(true)).toEqual([...others, ...results.map((tag) => `file/${tag}`)].sort());
  });

  test("ml_train_style_transfer: previews are of a folder's frames, by a pattern; what cannot be is told", async () => {
    const names = async (preview: Params) => {
      const { items } = await cook({ ...base, params: small({ preview }) });
      return items[0]!.outputs.filter(({ tag }) => tag === "file/image/preview").map(({ name }) => name);
    };
    expect(await names({ input: first.a, path: "{frame}_{iteration}.png" })).toEqual(["tile_0_2.png", "tile_1_2.png"]);
    expect(await names({ input: first.a, pattern: "*_1.*", path: "preview.png" })).toEqual(["preview.png"]);
    const told = (preview: Params) => messageOf(names(preview));
    expect(await told({ input: first.a, path: "preview.png" })).toBe(
      'preview.path: "preview.png" writes 2 frames to one file; put {frame} into it.',
    );
    expect(await told({ input: first.a, pattern: "*.exr", path: "{frame}.png" })).toBe(
      `preview.input: no file in the folder ${first.a} matches "*.exr".`,
    );
    const absent = join(folder, "no_such_frames");
    expect(await told({ input: absent, path: "{frame}.png" })).toBe(`The file ${absent} does not exist.`);
    await stripes("twice/a.png", 0);
    cpSync(join(folder, "twice/a.png"), join(folder, "twice/a.jpg"));
    expect(await told({ input: join(folder, "twice"), path: "{frame}.png" })).toBe(
      'preview.input: the previews of "a.jpg" and "a.png" would have one name; choose one kind of file by preview.pattern.',
    );
  });

  const TESTED = { test: { enabled: true, input_type: "work_items" } };
  const rows: readonly (readonly [string, Params, string])[] = [
    [
      "folders that are not given",
      { dataset: { input_type: "paired_directories" } },
      'dataset.input_image_dir: dataset.input_image_dir must be given where dataset.input_type is "paired_directories"; dataset.reference_image_dir: dataset.reference_image_dir must be given where dataset.input_type is "paired_directories"',
    ],
    [
      "unpaired tests of paired training",
      { test: { enabled: true, input_type: "unpaired_work_items" } },
      'test.input_type: test.input_type "unpaired_work_items" has no references to compare with, as paired training needs them: give pairs, or train unpaired, too',
    ],
    [
      "unpaired checkpoints without an index",
      { dataset: UNPAIRED, checkpoint: { model_path: "out/{network}_{iteration}.safetensors" } },
      'checkpoint.model_path: checkpoint.model_path: "out/{network}_{iteration}.safetensors" writes generators 0 and 1 to one file; put {index} into it',
    ],
    [
      "unpaired checkpoints of one name",
      { dataset: UNPAIRED, checkpoint: { model_path: "out/all.safetensors" } },
      'checkpoint.model_path: checkpoint.model_path: "out/all.safetensors" writes generator and discriminator to one file; put {network} and {index} into it',
    ],
    [
      "unpaired models without an index",
      { dataset: UNPAIRED, onnx: { path: "{network}.onnx" } },
      'onnx.path: onnx.path: "{network}.onnx" writes generators 0 and 1 to one file; put {index} into it',
    ],
    [
      "unpaired previews without an index",
      { dataset: UNPAIRED, preview: { input: "in", path: "{frame}.png" } },
      'preview.path: preview.path: "{frame}.png" writes generators 0 and 1 to one file; put {index} into it',
    ],
    [
      "unpaired folders that are not given",
      { dataset: { input_type: "unpaired_directories", input_image_dir: "a" } },
      'dataset.reference_image_dir: dataset.reference_image_dir must be given where dataset.input_type is "unpaired_directories"',
    ],
    [
      "test folders that are not given",
      { test: { enabled: true, input_type: "composite_directory" } },
      'test.composite_image_dir: test.composite_image_dir must be given where test.input_type is "composite_directory"',
    ],
    [
      "a target without tests",
      { test: { target_ssim: 0.5 } },
      "test.target_ssim: test.target_ssim needs tests: set test.enabled to true",
    ],
    [
      "an unknown variable",
      { onnx: { path: "$OUT/{name}.onnx" } },
      'onnx.path: onnx.path: "$OUT/{name}.onnx" has the unknown variable {name}: there are {network}, {index}, {iteration}',
    ],
    [
      "two networks in one file",
      { checkpoint: { model_path: "out/{iteration}.safetensors" } },
      'checkpoint.model_path: checkpoint.model_path: "out/{iteration}.safetensors" writes generator and discriminator to one file; put {network} into it',
    ],
    [
      "a wrong extension",
      { checkpoint: { model_path: "out/{network}.pt" } },
      'checkpoint.model_path: checkpoint.model_path: "out/{network}.pt" must end in .safetensors',
    ],
    [
      "a plot of the other kind",
      { plot: { type: "image", loss: "loss.csv" } },
      'plot.loss: plot.loss: "loss.csv" must end in .png',
    ],
    [
      "two files of one name",
      { plot: { type: "csv", loss: "a/x.csv", ssim: "b/x.csv" } },
      'plot.loss: plot.loss and plot.ssim both write a file named "x.csv": give them different names',
    ],
    [
      "plots without a path",
      { plot: { type: "csv" } },
      'plot.type: plot.type is "csv", but none of plot.ssim, plot.loss and plot.score says where to (warning)',
    ],
    [
      "paths without plots",
      { plot: { loss: "loss.csv" } },
      'plot.type: plot.type is "disabled", so that no plot is written: set it to "csv" or "image" (warning)',
    ],
    [
      "the best of what is not tested",
      { checkpoint: { keep_best: 1 } },
      "checkpoint.keep_best: checkpoint.keep_best needs tests: set test.enabled to true",
    ],
    [
      "the best of all that is kept",
      { ...TESTED, checkpoint: { keep_best: 1 } },
      "checkpoint.keep_best: checkpoint.keep_best does nothing: without checkpoint.keep_last all saves are kept; set it, to 1 for example (warning)",
    ],
    [
      "the latest of one name",
      { checkpoint: { keep_last: 2, model_path: "{network}.safetensors" } },
      "checkpoint.keep_last: checkpoint.keep_last does nothing: without {iteration} in checkpoint.model_path each save replaces the one before (warning)",
    ],
    [
      "saves that are not tested",
      {
        test: { ...TESTED.test, frequency: 3 },
        checkpoint: { keep_last: 1, keep_best: 2, model_path: "{network}_{iteration}.safetensors" },
      },
      "checkpoint.keep_best: checkpoint.save_rate 10 is no multiple of test.frequency 3: only saves that are tested can be among the best (warning)",
    ],
    [
      "two places to start from",
      { training: { initial_weights: "a.safetensors", continue_from: "b.safetensors" } },
      "training.initial_weights: training.initial_weights and training.continue_from exclude each other: a training that is continued has its weights already",
    ],
    ["half a preview", { preview: { path: "x.png" } }, "preview.path: preview.path does nothing without preview.input"],
    [
      "the other half of a preview",
      { preview: { input: "x.png" } },
      "preview.input: preview.input does nothing without preview.path or tensorboard.path",
    ],
    [
      "a preview's unknown variable",
      { preview: { input: "in", path: "{name}.png" } },
      'preview.path: preview.path: "{name}.png" has the unknown variable {name}: there are {network}, {index}, {iteration}, {frame}',
    ],
    [
      "variables where there are none",
      { summary: { path: "{iteration}.summary" }, tensorboard: { path: "runs/{index}" } },
      'summary.path: summary.path: "{iteration}.summary" has the variable {iteration}: this path has none; tensorboard.path: tensorboard.path: "runs/{index}" has the variable {index}: this path has none',
    ],
    [
      "a summary of another kind",
      { summary: { path: "run.json" } },
      'summary.path: summary.path: "run.json" must end in .summary',
    ],
    [
      "layers that do not fit",
      { dataset: { image_size: 24 }, generator: { layers: 4 } },
      "generator.layers: generator.layers: 4 layers need an image size that is a multiple of 16, not 24: try 32, or at most 3 layers for 24",
    ],
  ];
  for (const [name, change, expected] of rows) {
    test(`ml_train_style_transfer: ${name} is told`, () => {
      const given = smallParams({ dataset: { input_type: "work_items" } }, change);
      const problems = problemsOf(given as never).filter(({ severity }) => severity !== "hint");
      const told = problems.map(
        ({ param, message, severity }) => `${param}: ${message}${severity === "warning" ? " (warning)" : ""}`,
      );
      expect(told.join("; ")).toBe(expected);
    });
  }

  const refused: readonly (readonly [string, Params, string])[] = [
    ["a size below 2", { dataset: { image_size: 1 } }, "dataset.image_size must be at least 2, not 1"],
    ["five channels", { dataset: { channel_count: 5 } }, "dataset.channel_count must be at most 4, not 5"],
    ["a crop of everything", { dataset: { crop_inputs: 1 } }, "dataset.crop_inputs must be less than 1, not 1"],
    ["an odd kernel", { generator: { kernel_size: 3 } }, "generator.kernel_size must be a multiple of 2, not 3"],
    ["three betas", { optimizer: { beta: [0.5, 0.9, 0.9] } }, "optimizer.beta must have at most 2 items, not 3"],
    [
      "a device that the runtime has not",
      { env: { runtime: "tensorflow", override_device: "webgpu" } },
      'env.override_device: env.override_device "webgpu" is no device of env.runtime "tensorflow" (cuda, cpu, wasm)',
    ],
    [
      "more devices than one of a kind that computes alone",
      { dataset: { batch_size: 2 }, env: { override_device: "webgpu", devices: 2 } },
      'env.devices: env.devices 2: env.runtime "auto" computes on one "webgpu" at a time, on several of cpu, cuda, tensorrt, wasm',
    ],
    ["no device at all", { env: { devices: 0 } }, "env.devices must be at least 1, not 0"],
    ["an operator set that is too new", { onnx: { version: 22 } }, "onnx.version must be at most 21, not 22"],
  ];
  for (const [name, change, expected] of refused) {
    test(`ml_train_style_transfer: ${name} is refused`, async () => {
      expect(await messageOf(cook({ ...base, params: small(change) }))).toBe(expected);
    });
  }

  test("ml_train_style_transfer: it takes as many cards as devices and samples of a batch, and all CPU slots or as many as threads are asked for", () => {
    const slots = (env: Params, batch_size: number | "auto" | null = 4) =>
      (train.slots as (params: unknown) => unknown)(smallParams({ env, dataset: { batch_size } }));
    expect(slots({})).toEqual({ cpu: "all", gpu: 1 });
    expect(slots({ override_device: "webgpu", cpu_threads: 2 })).toEqual({ cpu: 2, gpu: 1 });
    expect(slots({ override_device: "cpu", devices: 2 })).toEqual({ cpu: "all" });
    expect(slots({ override_device: "wasm", cpu_threads: 1 })).toEqual({ cpu: 1 });
    expect(slots({ devices: 3 })).toEqual({ cpu: "all", gpu: 3 });
    expect(slots({ devices: 3 }, "auto")).toEqual({ cpu: "all", gpu: 3 });
    expect(slots({ devices: 3 }, null)).toEqual({ cpu: "all", gpu: 3 });
    expect(slots({ devices: 3 }, 2)).toEqual({ cpu: "all", gpu: 2 });
  });

  test("ml_train_style_transfer: flips are hinted at where nothing varies the images, and no one has said no", () => {
    const hints = (dataset: Params) =>
      problemsOf(smallParams({ dataset: { input_type: "work_items", ...dataset } }) as never)
        .filter(({ severity }) => severity === "hint")
        .map(({ param }) => param);
    expect(hints({})).toEqual(["dataset.horizontal_flip"]);
    for (const given of [{ horizontal_flip: 0 }, { vertical_flip: 0.5 }, { rotation: 0.5 }])
      expect(hints(given)).toEqual([]);
  });

  test("ml_train_style_transfer: what computed it is an attribute, and another runtime is the same result to the cache", async () => {
    const params = small({ env: { runtime: "tensorflow", override_device: "wasm" } });
    const { items } = await cook({ ...base, params });
    expect(items[0]!.attributes).toMatchObject({ runtime: "tensorflow", device: "wasm" });
    const { env } = train.params;
    expect(Object.values(env.properties).map(({ effect }) => effect)).toEqual([false, false, false, false, false]);
  });

  test("ml_train_style_transfer: the doctor has a line for every runtime on every device", async () => {
    const lines = await train.doctor!({ deep: false });
    const named = (name: string) => lines.find((line) => line.name === name)!;
    const rate = /^1\.\d+\.\d+, \d+ threads, \d+(\.\d+)? GFLOP\/s in matrix products$/;
    expect(named("onnxruntime on cpu")).toMatchObject({ ok: true, detail: expect.stringMatching(rate) });
    expect(named("tensorflow on wasm")).toMatchObject({ ok: true, detail: expect.stringMatching(/^4\.22\.0, /) });
    for (const name of ["onnxruntime on cuda", "onnxruntime on webgpu", "tensorflow on cuda", "tensorflow on cpu"]) {
      const { ok, optional, detail } = named(name);
      if (!ok)
        expect({ optional, detail }).toEqual({ optional: true, detail: expect.stringMatching(/\. (It needs|"npm)/) });
    }
  }, 60_000);
});
