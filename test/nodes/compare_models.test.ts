/** `compare_models` on real files, with scores that are known beforehand. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { testNodeType, type Upstream } from "dag-cook/testing";
import compare_models from "../../nodes/score/compare_models.js";
import { planesOf } from "../../src/image/planes.js";
import { cookIn, decodeImage, imageFile, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, compare_models);
const SIDE = 16;

/** A ramp from 0.25 to 0.75 as reference; the output is the reference as `answer` changes it. */
async function scored(
  name: string,
  attributes: Upstream["attributes"],
  answer: (value: number, c: number) => number,
  channels = 3,
): Promise<Upstream> {
  const truth = (x: number, y: number) => 0.25 + (x + SIDE * y) / (2 * SIDE * SIDE);
  const output = join(folder, name, "output.png");
  const reference = join(folder, name, "reference.png");
  await imageFile(output, [SIDE, SIDE, channels], (c, x, y) => answer(truth(x, y), c), 16);
  await imageFile(reference, [SIDE, SIDE, 3], (_, x, y) => truth(x, y), 16);
  return {
    name,
    attributes: attributes ?? {},
    files: [
      { path: output, tag: "file/image/output" },
      { path: reference, tag: "file/image/reference" },
    ],
  };
}

function model(wedgeindex: number): Upstream {
  const path = join(folder, `model_${wedgeindex}.onnx`);
  writeFileSync(path, `model ${wedgeindex}`);
  return { attributes: { wedgeindex, rate: wedgeindex + 1 }, files: [{ path, tag: "file/model/onnx" }] };
}

/** Model 0 is 0.1 too high but follows every rise; model 1 is off by 0.05 upwards and downwards in turns. */
async function inputs() {
  let turn = 0;
  const images = [
    await scored("high_a", { wedgeindex: 0, rate: 1 }, (value) => value + 0.1),
    await scored("rough_a", { wedgeindex: 1, rate: 2 }, (value) => value + (turn++ % 2 === 0 ? 0.05 : -0.05), 1),
    await scored("high_b", { wedgeindex: 0, rate: 1 }, (value) => value + 0.2),
  ];
  const baselines = [await scored("flat", { baseline: "average" }, () => 0.5)];
  return { images, models: [model(0), model(1)], baselines };
}

async function table(node: Parameters<typeof cook>[0]) {
  const { items } = await cook(node);
  const csv = items[0]!.outputs.find(({ tag }) => tag === "file/text/csv")!;
  const lines = readFileSync(csv.path, "utf8").trimEnd().split("\n");
  return { item: items[0]!, lines: lines.map((line) => line.split(",")) };
}

describe("compare_models", () => {
  testNodeType((name, run) => test(name, run), compare_models, {
    module: new URL("../../nodes/score/compare_models.js", import.meta.url).href,
    base: async () => ({ inputs: await inputs() }),
    changes: async () => ({
      group_by: { to: { group_by: ["rate"] } },
      metric: { to: { metric: "correlation" } },
      channels: {
        to: { channels: "all" },
        inputs: { images: [await scored("tinted", { wedgeindex: 0 }, (value, c) => value + (c === 0 ? 0.1 : -0.05))] },
      },
      range: { to: { range: [0, 2] } },
      csv: { to: { csv: "rates.csv" } },
      plot: { to: { plot: "rates.png" } },
    }),
  });

  test("compare_models: means by group, baselines after the models, the nearest one marked", async () => {
    const { lines } = await table({ inputs: await inputs() });
    expect(lines[0]?.join()).toBe("kind,name,wedgeindex,images,mae,ssim,correlation,best");
    expect(lines.slice(1).map((cells) => [...cells.slice(0, 4), cells[7]])).toEqual([
      ["model", "wedgeindex 0", "0", "2", "0"],
      ["model", "wedgeindex 1", "1", "1", "1"],
      ["baseline", "average", "", "1", "0"],
    ]);
    const scores = (line: number) => [Number(lines[line]?.[4]), Number(lines[line]?.[6])];
    const near = ([a, b]: number[], mae: number, correlation: number) => {
      expect(a).toBeCloseTo(mae, 4);
      expect(b).toBeCloseTo(correlation, 4);
    };
    near(scores(1), (0.1 + 0.2) / 2, 1);
    // The ramp's variance is V = (256² − 1) / 12 / 512², the turns' N = 0.05², their covariance c = −0.05 / 512 / 2.
    const [ramp, turns, both] = [(256 ** 2 - 1) / 12 / 512 ** 2, 0.05 ** 2, -0.05 / 512 / 2];
    near(scores(2), 0.05, (ramp + both) / Math.sqrt(ramp * (ramp + turns + 2 * both)));
    near(scores(3), 0.125, 0);
  });

  test("compare_models: the metric decides who wins, and the winner's model is passed on", async () => {
    const passed = async (metric: string) => {
      const { item } = await table({ inputs: await inputs(), params: { metric } });
      const file = item.outputs.find(({ tag }) => tag === "file/model/onnx")!;
      return [readFileSync(file.path, "utf8"), item.attributes.best_index, item.attributes.best_group];
    };
    expect(await passed("mae")).toEqual(["model 1", 1, "wedgeindex 1"]);
    expect(await passed("correlation")).toEqual(["model 0", 0, "wedgeindex 0"]);
  });

  test("compare_models: the attributes hold the winner's scores, and whether it beats every baseline in MAE and correlation", async () => {
    const { item } = await table({ inputs: await inputs() });
    expect(item.attributes.best_mae).toBeCloseTo(0.05, 2);
    expect(item.attributes.best_beats_baselines).toBe(true);
    const better = await scored("same", { baseline: "truth" }, (value) => value);
    const given = await inputs();
    const beaten = await table({ inputs: { ...given, baselines: [...given.baselines, better] } });
    expect(beaten.item.attributes.best_beats_baselines).toBe(false);
  });

  test("compare_models: equal images score MAE 0, SSIM 1 and correlation 1", async () => {
    const images = [await scored("equal", { wedgeindex: 0 }, (value) => value)];
    const { lines } = await table({ inputs: { images } });
    expect(lines[1]?.slice(4)).toEqual(["0.000000", "1.000000", "1.000000", "1"]);
  });

  test("compare_models: without attributes to group by there is one group", async () => {
    const { images } = await inputs();
    const { lines } = await table({ inputs: { images }, params: { group_by: [] } });
    expect(lines.map((cells) => cells.slice(0, 3))).toEqual([
      ["kind", "name", "images"],
      ["model", "all", "3"],
    ]);
  });

  test("compare_models: a table in the log, bars in a PNG, both put where the parameters say", async () => {
    const { item } = await table({ inputs: await inputs(), params: { csv: "rates.csv", plot: "rates.png" } });
    expect(item.log[0]).toMatch(/^ {2}group +images +mae +ssim +correlation$/);
    expect(item.log.find((line) => line.startsWith("*"))).toMatch(/^\* wedgeindex 1 +1 +0\.0500/);
    expect(item.outputs.slice(0, 2)).toMatchObject([
      { name: "rates.csv", parameter: "csv" },
      { name: "rates.png", parameter: "plot", tag: "file/image/plot" },
    ]);
    const image = await decodeImage(item.outputs[1]!.path);
    const { width, height } = image;
    const data = planesOf(image);
    const pixels = width * height;
    // The bar of the first group's MAE is the longest of its panel and blue (#0072b2) over its whole length.
    const at = 40 * width + 180 + 170;
    expect([0, 1, 2].map((c) => Math.round(data[c * pixels + at]! * 255))).toEqual([0, 0x72, 0xb2]);
  });

  test("compare_models: sizes that differ, a missing attribute, a missing side and a missing model are errors", async () => {
    const given = await inputs();
    const [first] = given.images as [Upstream];
    const small = await imageFile(join(folder, "small.png"), [8, 8, 1], () => 0);
    const odd = { ...first, files: [{ path: small, tag: "file/image/output" }, first.files![1]!] };
    expect(await messageOf(cook({ inputs: { images: [odd] } }))).toBe(
      'The item "high_a": the output has 8×8 pixels, its reference 16×16.',
    );
    expect(await messageOf(cook({ inputs: given, params: { group_by: ["learning_rate"] } }))).toBe(
      'The item "high_a" has no attribute "learning_rate", by which models are told apart. Set "group_by" to attributes that the models\' items have, such as those of a wedge.',
    );
    expect(await messageOf(cook({ inputs: { images: [{ ...first, files: [first.files![0]!] }] } }))).toBe(
      'The item "high_a" has no file tagged "file/image/reference": its files are tagged file/image/output.',
    );
    expect(await messageOf(cook({ inputs: { ...given, models: [model(0)] } }))).toBe(
      'None of the items of "models" is of the best group (wedgeindex 1).',
    );
    expect(await messageOf(cook({ inputs: { images: [] } }))).toBe(
      'The input "images" has no items, so there is nothing to compare.',
    );
    expect(await messageOf(cook({ inputs: given, params: { csv: "a.txt" } }))).toBe('csv: "a.txt" must end in .csv');
  });
});
