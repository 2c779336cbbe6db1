/** `compare_runs` on summaries whose figures are known beforehand. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type RunDescription, SummaryWriter } from "dag-cook/ml/monitor/summary";
import { testNodeType, type Upstream } from "dag-cook/testing";
import compare_runs from "../../nodes/score/compare_runs.js";
import { planesOf } from "../../src/image/planes.js";
import { cookIn, decodeImage, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cook = cookIn(folder, compare_runs);

/** A training of these losses and similarities, step by step. */
function training(name: string, run: RunDescription, g_total: readonly number[], ssim: readonly number[]): Upstream {
  const [path, model] = [join(folder, `${name}.summary`), join(folder, `${name}.safetensors`)];
  const writer = new SummaryWriter(path, { norm: "instance", ...run });
  g_total.forEach((loss, at) => {
    writer.addRow({ step: at + 1, figures: { g_total: loss, ...(ssim[at] !== undefined && { ssim_test: ssim[at] }) } });
  });
  writer.close();
  writeFileSync(model, `model ${name}`);
  return {
    name,
    files: [
      { path, tag: "file/summary" },
      { path: model, tag: "file/model/checkpoint" },
    ],
  };
}

const slow = training("slow", { learning_rate: 0.0002 }, [9, 8, 5, 6], [0.1, 0.2, 0.3, 0.4]);
const fast = training("fast", { learning_rate: 0.001 }, [9, 4, 7, 8], [0.3, 0.9, 0.3, 0.35]);
const untested = training("untested", { learning_rate: 0.1 }, [1, 1, 1, 7], []);

async function compared(params: Readonly<Record<string, unknown>> = {}, main: readonly Upstream[] = [slow, fast]) {
  const { items } = await cook({ params, inputs: { main } });
  const [item] = items;
  const file = (tag: string) => item!.outputs.find((output) => output.tag === tag)!;
  const lines = readFileSync(file("file/text/csv").path, "utf8").trimEnd().split("\n");
  const model = readFileSync(file("file/model/checkpoint").path, "utf8");
  return { ...item!, lines, model, plot: file("file/image/plot") };
}

describe("compare_runs", () => {
  testNodeType((name, run) => test(name, run), compare_runs, {
    module: new URL("../../nodes/score/compare_runs.js", import.meta.url).href,
    base: () => ({ inputs: { main: [slow, fast] } }),
    changes: () => ({
      figure: { to: { figure: "ssim_test" } },
      goal: { to: { goal: "highest" } },
      value: { to: { value: "best" } },
      level: { to: { level: 8 } },
      csv: { to: { csv: "table.csv" } },
      plot: { to: { plot: "figure.png" } },
    }),
  });

  test("compare_runs: a line for every run and figure, runs named by the setting in which they differ", async () => {
    expect((await compared({ level: 5 })).lines).toEqual([
      "run,figure,final_step,final,lowest_step,lowest,highest_step,highest,crossed",
      "learning_rate 0.0002,g_total,4,6,3,5,1,9,3",
      "learning_rate 0.0002,ssim_test,4,0.4,1,0.1,4,0.4,",
      "learning_rate 0.001,g_total,4,8,2,4,1,9,2",
      "learning_rate 0.001,ssim_test,4,0.35,1,0.3,2,0.9,",
    ]);
  });

  test("compare_runs: figure, goal and value decide which run is best, and its model is passed on", async () => {
    const best = async (params: Readonly<Record<string, unknown>>) => {
      const { attributes, model } = await compared(params);
      return [attributes.best_run, attributes.best_index, attributes.best_value, attributes.best_step, model];
    };
    const [first, second] = ["learning_rate 0.0002", "learning_rate 0.001"];
    expect(await best({})).toEqual([first, 0, 6, 4, "model slow"]);
    expect(await best({ value: "best" })).toEqual([second, 1, 4, 2, "model fast"]);
    expect(await best({ figure: "ssim_test", goal: "highest" })).toEqual([first, 0, 0.4, 4, "model slow"]);
    expect(await best({ figure: "ssim_test", goal: "highest", value: "best" })).toEqual([
      second,
      1,
      0.9,
      2,
      "model fast",
    ]);
    expect(await best({ goal: "highest" })).toEqual([second, 1, 8, 4, "model fast"]);
  });

  test("compare_runs: a run without the figure cannot win, and has no line of it", async () => {
    const { attributes, lines } = await compared({ figure: "ssim_test", goal: "lowest" }, [untested, slow]);
    expect(attributes.best_index).toBe(1);
    expect(lines.filter((line) => line.includes("learning_rate 0.1,"))).toHaveLength(1);
  });

  test("compare_runs: table and plot are put where the parameters say; the plot has a line in each run's colour", async () => {
    const { outputs, plot } = await compared({ csv: "table.csv", plot: "figure.png" });
    expect(outputs.slice(0, 2)).toMatchObject([
      { name: "table.csv", parameter: "csv", tag: "file/text/csv" },
      { name: "figure.png", parameter: "plot", tag: "file/image/plot" },
    ]);
    const image = await decodeImage(plot.path);
    const { width, height } = image;
    const data = planesOf(image);
    const area = width * height;
    const count = (color: readonly number[]) =>
      Array.from({ length: area }, (_, at) =>
        color.every((value, c) => Math.abs(data[c * area + at]! * 255 - value) < 4),
      ).filter(Boolean).length;
    expect(count([0, 0x72, 0xb2])).toBeGreaterThan(100);
    expect(count([0xd5, 0x5e, 0])).toBeGreaterThan(100);
  });

  test("compare_runs: no items, an unknown figure, no summary and a damaged one are errors", async () => {
    expect(await messageOf(cook({ inputs: { main: [] } }))).toBe("There are no items, so there is nothing to compare.");
    expect(await messageOf(compared({ figure: "ssim" }))).toBe(
      'No run has the figure "ssim": there are g_total, ssim_test.',
    );
    const bare = { name: "bare", files: [slow.files![1]!] };
    expect(await messageOf(compared({}, [bare]))).toBe(
      'The item "bare" has no file tagged "file/summary": its files are tagged file/model/checkpoint.',
    );
    const path = join(folder, "bad.summary");
    writeFileSync(path, "a,b\n");
    expect(await messageOf(compared({}, [{ name: "bad", files: [{ path, tag: "file/summary" }] }]))).toMatch(
      /^The item "bad": bad\.summary:1: the line is no JSON/,
    );
    expect(await messageOf(compared({ csv: "a.txt" }))).toBe('csv: "a.txt" must end in .csv');
  });
});
