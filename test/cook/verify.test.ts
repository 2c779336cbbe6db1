/** `dag verify` through the real command line. */
import { describe, expect, test } from "@jest/globals";
import { inStudio } from "../helpers/studio.js";

/** Writes `text` and what a file outside of the graph, which no fingerprint knows, holds; a figure, too. */
const moody = (tolerance: string) => `
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Answers by its mood.",
  version: 1,
  params: { text: { type: "string", default: "", description: "Written." } },
  attributes: { writes: { figure: "float", mood: "float" }, measured: ["mood"] },
  ${tolerance}
  async cook(item, { text }, { directory }) {
    const mood = readFileSync(join(process.env.CONTROL, "mood"), "utf8");
    writeFileSync(join(directory, "made.txt"), text + mood);
    const attributes = { figure: 100 + Number(mood), mood: Number(mood) };
    return { outputs: [{ path: "made.txt", tag: "file/text" }], attributes };
  },
});
`;

describe("dag verify", () => {
  test("what is cooked again comes out the same, or is named with what differs; the store stays as it is", () =>
    inStudio(async (space) => {
      space.node("moody", moody(""));
      space.write("control/mood", "0");
      space.graph("g.json", {
        four: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3, 4] }] } },
        sure: { type: "studio/work", inputs: ["four"], label: "sure @n", params: { text: "@n" } },
        moody: { type: "studio/moody", inputs: ["sure"], label: "moody @n", params: { text: "@n" } },
      });
      expect((await space.dag("verify", "g.json")).stdout).toMatch(/^0 of 0 items/);
      await space.cook("g.json");
      const good = await space.dag("verify", "g.json", "--sample", "2");
      expect([good.exit, good.stdout]).toEqual([0, "4 of 8 items were cooked again: 4 as before, 0 otherwise.\n"]);
      space.write("control/mood", "1");
      const bad = await space.dag("verify", "g.json", "--sample", "9");
      const lines = bad.stdout.trim().split("\n");
      expect([bad.exit, lines.length, lines.at(-1)]).toEqual([
        1,
        5,
        "8 of 8 items were cooked again: 4 as before, 4 otherwise.",
      ]);
      const words = /^moody_\w+ \(moody \d\): file made\.txt has other bytes; attribute figure was 100, is 101$/;
      expect(lines[0]).toMatch(words);
      expect((await space.dag("plan", "g.json")).stdout).toContain("Nothing would be cooked.");
      const sure = await space.dag("verify", "g.json", "--node", "sure");
      expect([sure.exit, sure.stdout]).toEqual([0, "3 of 4 items were cooked again: 3 as before, 0 otherwise.\n"]);
    }));

  test("a declared tolerance: files and figures may differ, the latter by so much", () =>
    inStudio(async (space) => {
      space.node("moody", moody("tolerance: 0.02,"));
      space.write("control/mood", "0");
      space.graph("g.json", { moody: { type: "studio/moody" } });
      await space.cook("g.json");
      space.write("control/mood", "2");
      expect((await space.dag("verify", "g.json")).exit).toBe(0);
      space.write("control/mood", "3");
      const far = await space.dag("verify", "g.json");
      const words = expect.stringMatching(/: attribute figure was 100, is 103$/);
      expect([far.exit, far.stdout.split("\n")[0]]).toEqual([1, words]);
    }));

  test("a tolerance that depends on a result: where neither asks for one, every byte counts", () =>
    inStudio(async (space) => {
      space.node("moody", moody("tolerance: ({ mood }) => (mood > 1 ? mood / 100 : undefined),"));
      space.graph("g.json", { moody: { type: "studio/moody" } });
      space.write("control/mood", "0");
      await space.cook("g.json");
      const verified = async (mood: string) => {
        space.write("control/mood", mood);
        const { exit, stdout } = await space.dag("verify", "g.json");
        return [exit, stdout.split("\n")[0]!.replace(/^.*?: /, "")];
      };
      expect(await verified("1")).toEqual([1, "file made.txt has other bytes; attribute figure was 100, is 101"]);
      expect((await verified("3"))[0]).toBe(0);
    }));
});
