/** Discovery in files that upstream items cook, through the real command line. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Two items that each write a table; a third kind reads its rows. `b` waits for the test's word. */
function tables(space: Studio, a: string): void {
  space.graph("g.json", {
    names: { type: "wedge", params: { attributes: [{ name: "n", type: "string", values: ["a", "b"] }] } },
    made: {
      type: "studio/work",
      inputs: ["names"],
      label: "table @n",
      params: {
        text: `\`@n == "a" ? "${a}" : "v\\n3\\n"\``,
        how: '`@n == "b" ? "wait" : ""`',
      },
    },
    rows: { type: "csv_input", inputs: ["made"] },
    after: { type: "studio/work", inputs: ["rows"], label: "@n @v", params: { text: "@v" } },
  });
}

describe("files that upstream items cook", () => {
  test("are read as soon as their item is cooked, once, and a row that stays is not cooked again", () =>
    inStudio(async (space) => {
      tables(space, "v\\n1\\n2\\n");
      // Nothing can be read before the cook: the items are not known.
      expect((await space.dag("plan", "g.json")).stdout).toMatch(/after +≥ 0 items/);
      const { ended } = space.startCook("g.json");
      await space.until("journal", "a 2");
      space.go();
      expect(failuresIn(await ended)).toEqual({});
      expect(space.cooked()).toEqual(["a 1", "a 2", "b 3", "table a", "table b", "table b waits"]);
      expect((await space.cook("g.json")).exit).toBe(0);
      expect((await space.dag("plan", "g.json")).stdout).toContain("Nothing would be cooked.");
      tables(space, "v\\n1\\n5\\n");
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["a 5", "table a"]);
    }));

  test("a table that is none fails its item by the upstream item's file; without an input it is a diagnostic", () =>
    inStudio(async (space) => {
      tables(space, "v\\n1,2\\n");
      space.go();
      const failed = await space.cook("g.json");
      expect([failed.exit, Object.entries(failuresIn(failed))]).toEqual([
        1,
        [[expect.stringMatching(/^rows_/), expect.stringContaining("made.txt: row 2 has 2")]],
      ]);
      space.graph("alone.json", { rows: { type: "csv_input" } });
      const { exit, stderr } = await space.dag("check", "alone.json");
      expect(exit).toBe(2);
      expect(stderr).toContain('Node "rows" needs parameter "file", or an input whose items have the files.');
    }));
});
