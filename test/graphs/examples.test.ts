/** The example graphs: all of them are right; the terrain graph, made smaller, is cooked whole. */
import { cpSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { CookSpace } from "../helpers/cook-space.js";

const GRAPHS = resolve(import.meta.dirname, "../../../graphs");
const space = new CookSpace();
cpSync(GRAPHS, space.path("graphs"), { recursive: true, filter: (path) => !path.startsWith(join(GRAPHS, "out")) });
afterAll(() => space.remove());

/** One rate instead of two, smaller networks, fewer samples and two thirds of the training; everything else is as it ships. */
const SMALLER = Object.entries({
  "rates.attributes": [{ name: "learning_rate", type: "float", values: [1e-3] }],
  "augment.copies": 2,
  "train.training.max_iterations": 4,
  "train.training.linear_decay": 2,
  "train.generator.initial_layer_size": 16,
  "train.generator.max_layer_size": 64,
  "train.discriminator.layers": 2,
  "train.discriminator.initial_layer_size": 8,
}).flatMap(([param, value]) => ["--set", `${param}=${JSON.stringify(value)}`]);

describe("example graphs", () => {
  for (const name of readdirSync(GRAPHS).filter((each) => each.endsWith(".json") && !each.includes("schema"))) {
    test(`${name}: no problem is found`, async () => {
      const { exit, stderr } = await space.dag("check", `graphs/${name}`);
      expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    });
  }

  test("terrain.json: the model beats the mean height and the interpolated lines on tiles that it never saw", async () => {
    const cooked = await space.cook("graphs/terrain.json", ...SMALLER);
    expect(cooked.exit).toBe(0);
    const rows = space
      .read("graphs/out/terrain/scores.csv")
      .trim()
      .split("\n")
      .map((line) => line.split(","));
    const column = (name: string) => rows[0]!.indexOf(name);
    const score = (row: string[]) => ({
      mae: Number(row[column("mae")]),
      correlation: Number(row[column("correlation")]),
    });
    const of = (kind: string) => rows.filter((row) => row[0] === kind).map(score);
    const [model] = of("model");
    expect(of("baseline")).toHaveLength(2);
    for (const baseline of of("baseline")) {
      expect(model!.mae).toBeLessThan(baseline.mae);
      expect(model!.correlation).toBeGreaterThan(baseline.correlation);
    }
    for (const made of ["lr_0/generator.onnx", "lr_0/loss.csv", "contact_sheet.png", "scores.png"]) {
      expect(space.exists(`graphs/out/terrain/${made}`)).toBe(true);
    }
  }, 600_000);

  test("terrain.json: the same command again cooks nothing, and says so", async () => {
    const again = await space.dag("cook", "graphs/terrain.json", "--progress", "plain", ...SMALLER);
    expect(again.exit).toBe(0);
    expect(again.stderr).toMatch(/Nothing to cook: all \d+ work items are up to date/);
  });

  test("terrain.json: a changed score cooks the comparison alone", async () => {
    const plan = await space.dag("plan", "graphs/terrain.json", "--json", ...SMALLER, "--set", 'compare.metric="ssim"');
    const { nodes } = JSON.parse(plan.stdout) as { nodes: { node: string; cook: number; may_cook: number }[] };
    const cooking = nodes.filter(({ cook, may_cook }) => cook + may_cook > 0).map(({ node }) => node);
    expect(cooking).toEqual(["compare"]);
  });
});
