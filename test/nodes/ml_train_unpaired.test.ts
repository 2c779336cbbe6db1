/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** `ml_train_style_transfer` without pairs: its two sources, outputs for other nodes, and what it refuses. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { NodeCase, Upstream } from "dag-cook/testing";
import train from "../../nodes/ml/ml_train_style_transfer.js";
import onnx_apply from "../../nodes/ml/onnx_apply.js";
import onnx_export from "../../nodes/ml/onnx_export.js";
import { planesOf } from "../../src/image/planes.js";
import { cookIn, decodeImage, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const [trained, exported, applied] = [cookIn(folder, train), cookIn(folder, onnx_export), cookIn(folder, onnx_apply)];
type Params = Readonly<Record<string, unknown>>;

const picture = (path: string, phase: number) =>
  imageFile(join(folder, path), [16, 16, 3], (c, x, y) => ((x + 2 * y + c + phase) % 5) / 4);
for (const at of [0, 1, 2]) await picture(`a/shape_${at}.png`, at);
for (const at of [0, 1]) await picture(`b/colour_${at}.png`, at + 3);
const at = (name: string) => join(folder, name);
const tagged = (name: string, kind: "input" | "reference") => ({ path: at(name), tag: `file/image/${kind}` });

/** Sides of unequal length, spread over items: one has both, one inputs alone. */
const items: readonly Upstream[] = [
  {
    name: "both",
    files: [
      tagged("a/shape_0.png", "input"),
      tagged("b/colour_0.png", "reference"),
      tagged("b/colour_1.png", "reference"),
    ],
  },
  { name: "inputs", files: [tagged("a/shape_1.png", "input"), tagged("a/shape_2.png", "input")] },
];
const folders = { input_type: "unpaired_directories", input_image_dir: at("a"), reference_image_dir: at("b") };

function paramsOf(...changes: readonly Params[]): Params {
  const params: Record<string, unknown> = {
    dataset: { ...folders, image_size: 16, worker_threads: 0 },
    training: { max_iterations: 1 },
    generator: { layers: 2, initial_layer_size: 2, max_layer_size: 4 },
    discriminator: { layers: 1, initial_layer_size: 2 },
  };
  for (const [name, group] of changes.flatMap(Object.entries)) {
    params[name] = { ...(params[name] as Params | undefined), ...(group as Params) };
  }
  return params;
}

async function cook(changes: readonly Params[], inputs: NodeCase["inputs"] = {}) {
  const cooked = await trained({ params: paramsOf(...changes), inputs });
  return cooked.items[0]!;
}

describe("ml_train_style_transfer, unpaired", () => {
  test("unpaired: folders, and items that hold the same files, train the same generators", async () => {
    const byFolders = await cook([]);
    expect(byFolders.progress.length).toBe(3);
    const byItems = await cook([{ dataset: { input_type: "unpaired_work_items" } }], { main: items });
    expect(byItems.outputs.map(({ digest }) => digest)).toEqual(byFolders.outputs.map(({ digest }) => digest));
  });

  test("unpaired: the limit holds for each side", async () => {
    const { progress } = await cook([{ dataset: { limit_input_count: 1 } }]);
    expect(progress.length).toBe(1);
  });

  test("unpaired: both generators come first, and every figure is an attribute with its network's index", async () => {
    const paths = { checkpoint: { model_path: "{network}_{index}_{iteration}.safetensors", save_rate: 1 } };
    const tests = { test: { enabled: true, ...folders, output_dir: "seen", size: 1 } };
    const { outputs, attributes } = await cook([{ training: { max_iterations: 2 }, ...paths, ...tests }]);
    expect(outputs.slice(0, 2).map(({ name, tag }) => [name, tag])).toEqual([
      ["generator_0_2.safetensors", "file/model/checkpoint/0"],
      ["generator_1_2.safetensors", "file/model/checkpoint/1"],
    ]);
    expect(outputs.slice(2).every(({ tag }) => tag.startsWith("file/saved/"))).toBe(true);
    const saved = outputs.filter(({ tag }) => tag.startsWith("file/saved/model")).map(({ tag }) => tag);
    expect(saved.filter((tag) => tag === "file/saved/model/discriminator/1").length).toBe(2);
    expect(outputs.map(({ tag }) => tag)).toContain("file/saved/image/test/reconstruction");
    const indexed = ["g_gan", "cycle", "idt", "d_real", "d_fake", "score_real", "score_fake"].flatMap((name) => [
      `${name}_0`,
      `${name}_1`,
    ]);
    const losses = Object.keys(attributes).filter((name) => /_[01]$|^(g|d|cycle|idt|score|ssim)_/.test(name));
    expect(losses.sort()).toEqual(["g_total", "ssim_train", "ssim_cycle", ...indexed].sort());
  });

  test("unpaired: onnx_export exports either generator, and onnx_apply applies either model of the training", async () => {
    const onnx = { onnx: { path: "{network}_{index}.onnx", add_as_outputs: true } };
    const { outputs } = await cook([onnx]);
    const models = outputs.filter(({ tag }) => tag.startsWith("file/model/onnx"));
    expect(models.map(({ name, tag }) => [name, tag])).toEqual([
      ["generator_0.onnx", "file/model/onnx/0"],
      ["generator_1.onnx", "file/model/onnx/1"],
    ]);
    const above: readonly Upstream[] = [{ name: "training", files: outputs.map(({ path, tag }) => ({ path, tag })) }];
    const frame = await picture("frame.png", 1);
    const images: readonly Upstream[] = [{ name: "frame", files: [{ path: frame, tag: "file/image/input" }] }];
    const answers: (readonly number[])[] = [];
    for (const index of [0, 1]) {
      const direct = await applied({
        inputs: { model: above, images },
        params: { model_tag: `file/model/onnx/${index}` },
      });
      const made = await exported({
        inputs: above,
        params: { tag: `file/model/checkpoint/${index}`, path: "{network}_{index}.onnx" },
      });
      expect(made.items[0]!.outputs[0]!.name).toBe(`generator_${index}.onnx`);
      const model: readonly Upstream[] = [
        { name: "model", files: made.items[0]!.outputs.map(({ path, tag }) => ({ path, tag })) },
      ];
      const again = await applied({ inputs: { model, images } });
      const [one, other] = await Promise.all(
        [direct, again].map(async ({ items: [item] }) => [...planesOf(await decodeImage(item!.outputs[0]!.path))]),
      );
      expect(one).toEqual(other);
      answers.push(one!);
    }
    expect(answers[0]).not.toEqual(answers[1]);
    // Without a choice it is the first.
    const first = await applied({ inputs: { model: above, images } });
    expect([...planesOf(await decodeImage(first.items[0]!.outputs[0]!.path))]).toEqual(answers[0]);
  });

  test("unpaired: an empty folder, no items, and items without one side are named", async () => {
    mkdirSync(at("empty"));
    const message = (change: Params, main: readonly Upstream[] = []) =>
      messageOf(cook([{ dataset: { input_type: "unpaired_work_items", ...change } }], { main }));
    expect(await message({ ...folders, reference_image_dir: at("empty") })).toMatch(
      /^The folder .*empty has no reference images \(/,
    );
    expect(await message({})).toBe('There are no items to take samples from: connect some to the input "main".');
    expect(await message({}, items.slice(1))).toBe(
      "None of the items has a file tagged file/image/reference; their files' tags: file/image/input.",
    );
    expect(await message({ batch_size: 4 }, items)).toBe("batch_size must be 1 to 3, the number of samples; it is 4.");
  });

  test("unpaired: what is too small for a crop is named by its file, and sizes that do not fit by their parameter", async () => {
    const message = (change: Params) => messageOf(cook([{ dataset: change }]));
    expect(await message({ crop_size: 32 })).toBe("shape_0.png: 16×16 is smaller than crop_size 32.");
    const sizes = await message({ image_size: 18 });
    expect(sizes).toMatch(
      /^generator\.layers: generator\.layers: 2 layers need an image size that is a multiple of 4, not 18: try 20/,
    );
  });
});
