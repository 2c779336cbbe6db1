/** @jest-environment ./dist/test/ml/runtime/environment.js */
/**
 * `graphs/emoji-unpaired.json` by the real command line, with other images and smaller networks: a training without pairs, both
 * of its generators exported, each applied to images of its own side.
 */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "@jest/globals";
import { parse } from "jsonc-parser";
import { planesOf } from "../../../src/image/planes.js";
import { loadModel } from "../../../src/ml/inference/image-model.js";
import { CookSpace } from "../../helpers/cook-space.js";
import { decodeImage, imageFile } from "../../nodes/space.js";
import { answerOf, generatorAt, largestDifference } from "../training/answers.js";

interface GraphNode {
  params: Record<string, unknown>;
}

const space = new CookSpace();
afterAll(() => space.remove());

const SMALL: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  dataset: { image_size: 16, worker_threads: 0 },
  training: { max_iterations: 2, linear_decay: 1 },
  generator: { layers: 2, initial_layer_size: 2, max_layer_size: 4 },
  discriminator: { layers: 1, initial_layer_size: 2 },
};

function writeGraph(): void {
  const { nodes } = parse(readFileSync("graphs/emoji-unpaired.json", "utf8")) as { nodes: Record<string, GraphNode> };
  const { params } = nodes.train!;
  for (const [name, group] of Object.entries(SMALL)) params[name] = { ...(params[name] as object), ...group };
  for (const way of ["forth", "back"]) nodes[`apply_${way}`]!.params = { output: `$OUT/${way}/@{filename}` };
  const filter = (expression: string) => ({ type: "filter_by_expression", inputs: ["train"], params: { expression } });
  Object.assign(nodes, { good: filter("@ssim_cycle > -1"), better: filter("@ssim_cycle > 2") });
  space.graph("g.json", nodes, { DATA: "data", OUT: "out" });
}

/** Sides of unequal length, and what neither saw. */
async function writeImages(): Promise<void> {
  const folders = { trainA: [0, 1, 2], trainB: [3, 4], testA: [5], testB: [6, 7] };
  for (const [folder, phases] of Object.entries(folders)) {
    for (const phase of phases) {
      const value = (c: number, x: number, y: number) => ((x + 2 * y + c + phase) % (3 + phase)) / (2 + phase);
      await imageFile(space.path(`data/${folder}/${phase}.png`), [16, 16, 3], value);
    }
  }
}

test("unpaired by dag cook: both generators are trained, exported and applied, each to its own side", async () => {
  await writeImages();
  writeGraph();
  const { exit, stderr } = await space.cook("g.json");
  expect([exit, exit === 0 ? "" : stderr]).toEqual([0, ""]);
  expect(space.list("out").filter((name) => !name.startsWith("training"))).toEqual(
    [
      ...["back", "forth", "loss.csv", "ssim.csv", "noto_to_twemoji.onnx", "noto_to_twemoji.png"],
      ...["twemoji_to_noto.onnx", "twemoji_to_noto.png", "generator_0_2.safetensors.state"],
      ...["generator", "discriminator"].flatMap((network) => [0, 1].map((at) => `${network}_${at}_2.safetensors`)),
    ].sort(),
  );
  const ways = [
    { index: 0, side: "A", way: "forth", model: "noto_to_twemoji", images: [5] },
    { index: 1, side: "B", way: "back", model: "twemoji_to_noto", images: [6, 7] },
  ];
  for (const { index, side, way, model, images } of ways) {
    const generator = await generatorAt(space.path(`out/generator_${index}_2.safetensors`));
    expect(space.list(`out/${way}`)).toEqual(images.map((image) => `${image}.png`));
    for (const image of images) {
      const given = planesOf(await decodeImage(space.path(`data/test${side}/${image}.png`)));
      const applied = planesOf(await decodeImage(space.path(`out/${way}/${image}.png`)));
      expect(largestDifference(applied, answerOf(generator, given))).toBeLessThan(0.51 / 255);
    }
    const { metadata, dispose } = await loadModel(space.path(`out/${model}.onnx`), 1);
    expect(Object.fromEntries(metadata)).toMatchObject({ index: String(index), iteration: "2" });
    dispose();
  }
  // The training's figures are known below.
  const items = JSON.parse((await space.dag("items", "g.json", "--json")).stdout) as readonly { node: string }[];
  expect(["good", "better"].map((name) => items.filter(({ node }) => node === name).length)).toEqual([1, 0]);
  expect((await space.dag("plan", "g.json")).stdout).toContain("Nothing would be cooked.");
}, 120_000);
