/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** `onnx_export` and `onnx_apply` on a trained generator: what is exported answers what was trained, on images of any size. */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testNodeType, type Upstream } from "dag-cook/testing";
import onnx_apply from "../../nodes/ml/onnx_apply.js";
import onnx_export from "../../nodes/ml/onnx_export.js";
import { planesOf } from "../../src/image/planes.js";
import { decodeModel } from "../../src/ml/onnx/model-bytes.js";
import { evaluateReference } from "../../src/ml/program/reference.js";
import { readCheckpoint, writeCheckpoint } from "../../src/ml/training/checkpoint.js";
import { inferenceProgram } from "../../src/ml/training/inference.js";
import { generatorNetwork } from "../../src/ml/translation/generator.js";
import { readGenerator } from "../../src/ml/translation/generator-file.js";
import { train } from "../../src/ml/translation/train.js";
import { jobOf, recordedContext, smallParams, smallSamples } from "../ml/training/small.js";
import { cookIn, decodeImage, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const HOME = resolve("test/fixtures/onnx/zoo");
const exported = cookIn(folder, onnx_export);
const applied = cookIn(folder, onnx_apply);

/** A generator of two layers, trained for an iteration with another seed. */
async function trained(seed: number): Promise<string> {
  const samples = await smallSamples(join(folder, "samples"), 2);
  const params = smallParams({ dataset: { seed }, generator: { layers: 2 }, training: { max_iterations: 1 } });
  const out = join(folder, `trained_${seed}`);
  await train(jobOf(samples, params), recordedContext(join(out, "resume")), join(out, "out"));
  return join(out, "out", "generator.safetensors");
}

const [checkpoint, other] = [await trained(0), await trained(1)];
const model = (path = checkpoint): Upstream[] => [{ name: "model", files: [{ path, tag: "file/model/checkpoint" }] }];

async function onnxFile(params = {}, path = checkpoint): Promise<string> {
  const { items } = await exported({ inputs: model(path), params });
  return items[0]!.outputs[0]!.path;
}

describe("onnx_export", () => {
  testNodeType((name, run) => test(name, run), onnx_export, {
    module: new URL("../../nodes/ml/onnx_export.js", import.meta.url).href,
    base: () => ({ inputs: model() }),
    changes: () => ({
      tag: {
        to: { tag: "file/model/checkpoint/1" },
        inputs: [
          {
            files: [checkpoint, other].map((path, index) => ({ path, tag: `file/model/checkpoint/${index}` })),
          },
        ],
      },
      path: { to: { path: "model_{iteration}.onnx" } },
      version: { to: { version: 11 } },
      dynamic_axes: { to: { dynamic_axes: true } },
      value_range: { to: { value_range: "minus_one_to_one" } },
      notes: { to: { notes: "made for a test" } },
    }),
  });

  test("onnx_export: the file knows its network, its training and its notes", async () => {
    const params = { path: "{network}_{index}_{iteration}.onnx", notes: "for a test" };
    const { items } = await exported({ inputs: model(), params });
    const [item] = items;
    expect(item!.outputs).toMatchObject([{ name: "generator_0_1.onnx", tag: "file/model/onnx", parameter: "path" }]);
    const { metadata } = decodeModel(readFileSync(item!.outputs[0]!.path));
    const entries = Object.fromEntries(metadata.map(({ key, value }) => [key, value]));
    const trainedWith = (await readCheckpoint(checkpoint)).metadata.config_hash;
    expect(entries).toEqual({
      ...{ layout: "NCHW", color_order: "RGB", value_range: "zero_to_one", channel_count: "3", image_size: "16" },
      ...{ alpha: "drop", input_range: "[0,1]", output_range: "[0,1]" },
      ...{
        size_multiple: "4",
        iteration: "1",
        index: "0",
        norm: "instance",
        config_hash: trainedWith,
        notes: "for a test",
      },
    });
  });

  test("onnx_export: its attributes are the weights' number and the verified error", async () => {
    const { items } = await exported({ inputs: model() });
    const { max_error, parameters } = items[0]!.attributes as Record<string, number>;
    expect(max_error).toBeLessThanOrEqual(1e-4);
    const { tensors } = await readCheckpoint(checkpoint);
    expect(parameters).toBe([...tensors.values()].reduce((sum, { data }) => sum + data.length, 0));
  });

  test("onnx_export: of several checkpoints it takes the first", async () => {
    const files = [checkpoint, other].map((path) => ({ path, tag: "file/model/checkpoint" }));
    const { items } = await exported({ inputs: [{ files }] });
    const alone = await exported({ inputs: model() });
    expect(items[0]!.outputs[0]!.digest).toBe(alone.items[0]!.outputs[0]!.digest);
  });

  test("onnx_export: files that are no checkpoint, damaged, or silent about their network are errors", async () => {
    const csv = [{ files: [{ path: checkpoint, tag: "file/plot" }] }];
    expect(await messageOf(exported({ inputs: csv }))).toBe(
      "The item above has no checkpoint (a file tagged file/model/checkpoint); its files' tags: file/plot.",
    );
    const short = join(folder, "short.safetensors");
    writeFileSync(short, readFileSync(checkpoint).subarray(0, 3000));
    expect(await messageOf(exported({ inputs: model(short) }))).toMatch(/^short\.safetensors: /);
    const { tensors } = await readCheckpoint(checkpoint);
    const silent = join(folder, "silent.safetensors");
    await writeCheckpoint(silent, { tensors, metadata: {} });
    expect(await messageOf(exported({ inputs: model(silent) }))).toBe(
      "silent.safetensors: the file does not say which generator it holds. Checkpoints of ml_train_style_transfer do, in their metadata.",
    );
    const { metadata } = await readCheckpoint(checkpoint);
    const lacking = join(folder, "lacking.safetensors");
    await writeCheckpoint(lacking, { tensors: new Map([...tensors].slice(1)), metadata });
    expect(await messageOf(exported({ inputs: model(lacking) }))).toMatch(/^lacking\.safetensors: 1 layers do not fit/);
  });

  test("onnx_export: paths that cannot be are told", async () => {
    expect(await messageOf(exported({ inputs: model(), params: { path: "{name}.onnx" } }))).toMatch(
      /^path: path: .*\{name\}/,
    );
    expect(await messageOf(exported({ inputs: model(), params: { path: "a.pb" } }))).toBe(
      'path: path: "a.pb" must end in .onnx',
    );
  });
});

describe("onnx_apply", () => {
  const gray = (c: number, x: number, y: number) => ((3 * x + 5 * y + c) % 17) / 16;
  const picture = (name: string, [width, height]: readonly [number, number], depth: 8 | 16 | "float" = 8) =>
    imageFile(join(folder, name), [width, height, 3], gray, depth);
  const images = (path: string, tag = "file/image/input"): Upstream => ({ name: "tile", files: [{ path, tag }] });
  const given = async (path: string, params = {}) => ({
    model: [{ files: [{ path: await onnxFile(params), tag: "file/model/onnx" }] }],
    images: [images(path)],
  });

  /** A model of two channels that only copies, and an image with alpha. */
  async function withAlpha() {
    const path = join(HOME, "keeps_alpha.onnx");
    const image = await imageFile(join(folder, "alpha.png"), [4, 4, 4], (c, x) => (c + x) / 8, 8);
    return {
      from: { alpha: "drop" },
      inputs: { model: [{ files: [{ path, tag: "file/model/onnx" }] }], images: [images(image)] },
    } as const;
  }

  testNodeType((name, run) => test(name, run), onnx_apply, {
    module: new URL("../../nodes/ml/onnx_apply.js", import.meta.url).href,
    base: async () => ({ inputs: await given(await picture("base.png", [16, 16])) }),
    changes: async () => ({
      model_tag: {
        to: { model_tag: "file/model/onnx/1" },
        inputs: {
          ...(await given(await picture("base.png", [16, 16]))),
          model: [
            {
              files: [await onnxFile(), await onnxFile({}, other)].map((path, index) => ({
                path,
                tag: `file/model/onnx/${index}`,
              })),
            },
          ],
        },
      },
      tag: {
        to: { tag: "file/image/other" },
        inputs: {
          ...(await given(await picture("base.png", [16, 16]))),
          images: [
            {
              files: [
                { path: await picture("base.png", [16, 16]), tag: "file/image/input" },
                { path: await imageFile(join(folder, "flat.png"), [16, 16, 3], () => 0.5), tag: "file/image/other" },
              ],
            },
          ],
        },
      },
      flips: { to: { flips: "horizontal" } },
      alpha: { to: { alpha: "keep" }, ...(await withAlpha()) },
      input_range: { to: { input_range: [0, 2] } },
      output_range: { to: { output_range: [0, 2] } },
      non_finite: {
        from: { non_finite: 0 },
        to: { non_finite: 1 },
        inputs: await given(
          await imageFile(join(folder, "hole.tif"), [16, 16, 3], (_c, x) => (x === 0 ? Number.NaN : 0.5), "float"),
        ),
      },
      value_range: { to: { value_range: "minus_one_to_one" } },
      output_value_range: { to: { output_value_range: "minus_one_to_one" } },
      layout: { to: { layout: "nhwc" }, refused: true },
      size_multiple: {
        to: { size_multiple: 8 },
        inputs: await given(await picture("odd.png", [9, 9]), { dynamic_axes: true }),
      },
      tile: { to: { tile: 16 }, refused: true },
      overlap: {
        from: { tile: 32, depth: "float" },
        to: { overlap: 0 },
        inputs: await given(await picture("wide.png", [80, 40]), { dynamic_axes: true }),
      },
      max_pixels: { to: { max_pixels: 255 }, refused: true },
      model_output: { to: { model_output: "other" }, refused: true },
      depth: { to: { depth: "16" } },
      output: { to: { output: "result.png" } },
    }),
  });

  /** What the float64 referee makes of an image of values 0..1. */
  async function expected(path: string, side: number): Promise<Float64Array> {
    const { generator } = await readGenerator(checkpoint, checkpoint);
    const program = inferenceProgram(generatorNetwork(generator.options), [1, 3, side, side]);
    const data = planesOf(await decodeImage(path));
    const state = new Map([...generator.weights].map(([name, values]) => [`netG.${name}`, Float64Array.from(values)]));
    const feeds = new Map([["x", Float64Array.from(data, (value) => 2 * value - 1)]]);
    return evaluateReference(program, { feeds, state })
      .outputs.get("y")!
      .map((value) => (value + 1) / 2);
  }

  test("onnx_apply: an image above the limit, and tiles that cannot be, are refused in words", async () => {
    const inputs = await given(await picture("base.png", [16, 16]));
    expect(await messageOf(applied({ inputs, params: { max_pixels: 200 } }))).toBe(
      'base.png: 16 × 16 px are more than "max_pixels" allows (200); the image takes about 0.000015 GB of memory. ' +
        'Fix: cut it into smaller images by image_tile, or, if there is so much memory, raise "max_pixels" and set "tile", such as 512.',
    );
    expect(await messageOf(applied({ inputs, params: { tile: 16 } }))).toMatch(
      /\.onnx: the model takes images of 16 × 16 px only, which are its tiles\. Fix: set "tile" to null/,
    );
    expect(await messageOf(applied({ inputs, params: { overlap: 8 } }))).toMatch(/"overlap" is of tiles: set "tile"/);
    expect(await messageOf(applied({ inputs, params: { tile: 16, overlap: 9 } }))).toMatch(/9 is more than half/);
  });

  test("onnx_apply: an image of the model's size becomes what the trained network makes of it", async () => {
    const path = await picture("same.png", [16, 16]);
    const truth = await expected(path, 16);
    for (const params of [{}, { value_range: "minus_one_to_one" }, { dynamic_axes: true }]) {
      const { items } = await applied({ inputs: await given(path, params), params: { depth: "float" } });
      const [output] = items[0]!.outputs;
      expect(output).toMatchObject({ name: "output/same.tif", tag: "file/image/output" });
      const data = planesOf(await decodeImage(output!.path));
      const largest = data.reduce((most, value, at) => Math.max(most, Math.abs(value - truth[at]!)), 0);
      expect(largest).toBeLessThan(1e-5);
    }
  });

  test("onnx_apply: fixed and dynamic models answer images of any size in that size", async () => {
    for (const size of [
      [16, 16],
      [37, 21],
      [5, 3],
      [1, 1],
    ] as const) {
      const path = await picture(`any_${size.join("_")}.png`, size);
      for (const params of [{}, { dynamic_axes: true }]) {
        const { items } = await applied({ inputs: await given(path, params) });
        const [width, height] = size;
        expect(await decodeImage(items[0]!.outputs[0]!.path)).toMatchObject({ width, height, channels: 3, depth: 8 });
      }
    }
  });

  test("onnx_apply: the depth is the input's unless given, and gray images get the model's channels", async () => {
    const deep = await picture("deep.png", [16, 16], 16);
    const depthOf = async (path: string, params = {}) => {
      const { items } = await applied({ inputs: await given(path), params });
      return (await decodeImage(items[0]!.outputs[0]!.path)).depth;
    };
    const float = await picture("float.tif", [16, 16], "float");
    expect([await depthOf(deep), await depthOf(float), await depthOf(deep, { depth: "8" })]).toEqual([16, "float", 8]);
    const single = await imageFile(join(folder, "single.png"), [16, 16, 1], gray, 8);
    const { items } = await applied({ inputs: await given(single) });
    expect(await decodeImage(items[0]!.outputs[0]!.path)).toMatchObject({ channels: 3, depth: 8 });
  });

  test("onnx_apply: the item's own images are passed on, and the output has a place where one is given", async () => {
    const path = await picture("passed.png", [16, 16]);
    const tile = {
      name: "tile",
      files: [
        { path, tag: "file/image/input" },
        { path: await picture("truth.png", [16, 16]), tag: "file/image/reference" },
      ],
    };
    const inputs = { ...(await given(path)), images: [tile] };
    const { items } = await applied({ inputs, params: { output: "result.png" } });
    expect(items[0]!.outputs.map(({ name, tag, parameter }) => [name, tag, parameter])).toEqual([
      ["result.png", "file/image/output", "output"],
      ["passed.png", "file/image/input", undefined],
      ["truth.png", "file/image/reference", undefined],
    ]);
  });

  test("onnx_apply: models that are none, items without them, and outputs of the wrong kind are errors", async () => {
    const path = await picture("fine.png", [16, 16]);
    const noModel = join(folder, "fake.onnx");
    writeFileSync(noModel, "no model");
    const bad = { model: [{ files: [{ path: noModel, tag: "file/model/onnx" }] }], images: [images(path)] };
    expect(await messageOf(applied({ inputs: bad }))).toMatch(/^fake\.onnx: not an ONNX model/);
    expect(await messageOf(applied({ inputs: { ...bad, model: [{ name: "m", files: [] }] } }))).toBe(
      'The item "m" has no ONNX model (a file tagged file/model/onnx), but no files.',
    );
    const inputs = { ...(await given(path)), images: [{ name: "t", files: [] }] };
    expect(await messageOf(applied({ inputs }))).toBe(
      'The item "t" has no image (a file tagged file/image/input or file/image).',
    );
    const params = { output: "x.tif", depth: "16" };
    expect(await messageOf(applied({ inputs: await given(path), params }))).toBe(
      'output: output: "x.tif" must end in .png where depth is "16"',
    );
    const range = { output_range: [1, 1] };
    expect(await messageOf(applied({ inputs: await given(path), params: range }))).toMatch(
      /^output_range: output_range: the first number must be below the second/,
    );
  });
});
