/** @jest-environment ./dist/test/ml/runtime/environment.js */
/** A training in a graph, through the real command line: its attributes, outputs and warnings, as nodes below and users see them. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import sharp from "sharp";
import { EVENT_FILE, readEvents } from "../../src/ml/monitor/tensorboard.js";
import { type Cooked, CookSpace } from "../helpers/cook-space.js";
import { rowsOf } from "../nodes/partition/items.js";

const SIDE = 16;
const space = new CookSpace();
afterAll(() => space.remove());

async function image(name: string, value: (at: number) => number): Promise<void> {
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => value(at));
  const raw = { width: SIDE, height: SIDE, channels: 3 } as const;
  space.write(name, await sharp(pixels, { raw }).png().toBuffer());
}

/** Two rates: one with which a white image is learned, one with which nothing is. */
const RATES = [0.02, 1e-8] as const;

const GRAPH = {
  rates: { type: "wedge", params: { attributes: [{ name: "learning_rate", type: "float", values: RATES }] } },
  train: {
    type: "ml_train_style_transfer",
    inputs: ["rates"],
    label: "rate @wedgeindex",
    params: {
      dataset: {
        input_image_dir: "$IN/a",
        reference_image_dir: "$IN/b",
        image_size: SIDE,
        batch_size: 1,
        worker_threads: 0,
      },
      training: { max_iterations: 20, learning_rate: "@learning_rate" },
      generator: { layers: 2, initial_layer_size: 4, max_layer_size: 8, norm: "batch" },
      discriminator: { layers: 1, initial_layer_size: 4 },
      test: {
        enabled: true,
        input_image_dir: "$IN/a",
        reference_image_dir: "$IN/b",
        frequency: 10,
        add_results_as_outputs: true,
      },
      onnx: { path: "$OUT/lr_@{wedgeindex}.onnx", save_rate: 20, add_as_outputs: true },
      plot: { type: "image", loss: "$OUT/loss_@{wedgeindex}.png", rate: 10 },
      contact_sheet: { path: "$OUT/sheet_@{wedgeindex}_{iteration}.png", interval: 20 },
      preview: { input: "$IN/frames", path: "$OUT/lr_@{wedgeindex}_{frame}.png" },
      tensorboard: { path: "$OUT/runs/lr_@{wedgeindex}", interval: 10 },
      summary: { path: "$OUT/lr_@{wedgeindex}.summary" },
    },
  },
  good: {
    type: "filter_by_expression",
    inputs: ["train"],
    params: { expression: "@ssim_test > 0.6 && @iteration == 20 && @seconds > 0 && @images_per_s > 0 && @g_l1 < 0.2" },
  },
  compare: {
    type: "compare_runs",
    inputs: ["train"],
    params: { figure: "ssim_test", goal: "highest", csv: "$OUT/runs.csv" },
  },
};

let cooked: Cooked;
beforeAll(async () => {
  for (const name of ["x", "y"]) {
    await image(`in/a/${name}.png`, (at) => (at * (name === "x" ? 37 : 53)) % 256);
    await image(`in/b/${name}.png`, () => 255);
    await image(`in/frames/frame_${name}.png`, (at) => (at * 11) % 256);
  }
  space.graph("g.json", GRAPH, { IN: "in", OUT: "out" });
  cooked = await space.cook("g.json");
}, 120_000);

describe("a training in a graph", () => {
  test("training: an expression below it reads its figures, and keeps the one that learned", async () => {
    expect(cooked.exit).toBe(0);
    const rows = await rowsOf(space, "g.json", "good");
    expect(rows.map(({ attributes }) => attributes.learning_rate)).toEqual([RATES[0]]);
    expect(rows[0]!.attributes).toMatchObject({
      iteration: 20,
      ssim_test: expect.any(Number),
      ssim_train: expect.any(Number),
      seconds: expect.any(Number),
      images_per_s: expect.any(Number),
    });
  });

  test("training: its summaries are compared: the one that learned is best, by the setting that differs", async () => {
    const [row] = await rowsOf(space, "g.json", "compare");
    expect(row!.attributes).toMatchObject({ best_index: 0, best_run: "learning_rate 0.02", best_step: 40 });
    const lines = space.read("out/runs.csv").split("\n");
    expect(lines.filter((line) => /^learning_rate (0\.02|1e-8),g_l1,40,/.test(line))).toHaveLength(2);
  });

  test("training: what it was asked for is where it was asked for, and offered below by its tag", async () => {
    const [row] = await rowsOf(space, "g.json", "train");
    const tags = (row!.outputs as readonly { name: string; tag: string }[]).map(({ name, tag }) => `${tag} ${name}`);
    const tests = [10, 20].flatMap((iteration) =>
      ["x", "y"].flatMap((name) =>
        ["input", "output", "reference"].map((what) => `file/image/test/${what} test/${name}_${iteration}_${what}.png`),
      ),
    );
    expect(tags.sort()).toEqual(
      [
        ...tests,
        "file/image/contact_sheet sheet_0_10.png",
        "file/image/contact_sheet sheet_0_20.png",
        "file/image/preview lr_0_frame_x.png",
        "file/image/preview lr_0_frame_y.png",
        "file/model/checkpoint generator.safetensors",
        "file/model/onnx lr_0.onnx",
        "file/plot loss_0.png",
        "file/summary lr_0.summary",
        `file/tensorboard lr_0/${EVENT_FILE}`,
      ].sort(),
    );
    const events = readEvents(space.path(`out/runs/lr_1/${EVENT_FILE}`));
    const tagsOf = (step: number) =>
      events
        .filter((event) => event.step === step)
        .flatMap(({ summary }) => summary?.value.map(({ tag }) => tag) ?? []);
    expect(tagsOf(10)).toEqual([
      "training/lr",
      ...["loss/g_total", "loss/g_gan", "loss/g_l1", "loss/d_real", "loss/d_fake", "score/real", "score/fake"],
      "ssim/train",
    ]);
    expect(tagsOf(20)).toEqual(expect.arrayContaining(["ssim/test", "contact_sheet", "preview/frame_x"]));
    expect(tagsOf(3)).toEqual([]);
  });

  test("training: each doubtful setting is told once for each training, in progress and in the log", async () => {
    const batch =
      'generator.norm "batch" takes its statistics from a single image where dataset.batch_size is 1, and others at ' +
      'inference: use "instance", or larger batches.';
    const rate = (value: string) =>
      `training.learning_rate ${value} is far from what adam is usually given (0.00001 to 0.005).`;
    const told = cooked.events.filter(({ type }) => type === "warning").map(({ message }) => message);
    expect(told.sort()).toEqual(
      ["0.02", "1e-8"].flatMap((value, at) => [`rate ${at}: ${batch}`, `rate ${at}: ${rate(value)}`]).sort(),
    );
    for (const [at, row] of (await rowsOf(space, "g.json", "train")).entries()) {
      const { stdout } = await space.dag("log", row.name);
      const warnings = stdout.split("\n").filter((line) => line.includes("warning: "));
      expect(warnings.map((line) => line.slice(line.indexOf("warning: ")))).toEqual([
        `warning: ${batch}`,
        `warning: ${rate(["0.02", "1e-8"][at]!)}`,
      ]);
      expect(stdout).toMatch(/iteration 20: lr .* ssim_train .* ssim_test .* data \d+\.\d ms step \d+\.\d ms/);
    }
  });

  test("training: the same command again cooks nothing, and an interval of rows that is another cooks it again", async () => {
    const again = await space.dag("cook", "g.json", "--progress", "plain");
    expect(again.stderr).toMatch(/Nothing to cook/);
    const plan = await space.dag("plan", "g.json", "--json", "--set", "train.summary.interval=2");
    const { nodes } = JSON.parse(plan.stdout) as { nodes: { node: string; cook: number }[] };
    expect(nodes.find(({ node }) => node === "train")).toMatchObject({ cook: 2 });
  });

  test("training: a plan hints at flips, in place, until they are on or refused; a check does not", async () => {
    const told = async (command: string, ...more: readonly string[]) =>
      (await space.dag(command, "g.json", ...more)).stderr;
    expect(await told("plan")).toMatch(
      /^g\.json:\d+:\d+ hint: Node "train": no image is varied: .*"horizontal_flip": 0\.5/m,
    );
    for (const probability of ["0", "0.5"]) {
      expect(await told("plan", "--set", `train.dataset.horizontal_flip=${probability}`)).not.toContain("hint");
    }
    expect(await told("check")).not.toContain("hint");
  });
});
