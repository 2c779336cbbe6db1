/** Nodes with several outputs, through the real command line. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const numbers = { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3, 4] }] } };
const work = (from: string, text = "@n") => ({
  type: "studio/work",
  inputs: [from],
  label: `${from} @n`,
  params: { text },
});

function splitBy(space: Studio, params: object, more: object = {}): void {
  const split = { type: "split", inputs: ["numbers"], params };
  space.graph("g.json", { numbers, split, fits: work("split"), rest: work("split:rest"), ...more });
}

describe("split", () => {
  test("by an expression and by conditions: each item comes out of one output; the node alone is the first", () =>
    inStudio(async (space) => {
      splitBy(space, { expression: "@n > 1" });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.cooked()).toEqual(["split 2", "split 3", "split 4", "split:rest 1"]);
      splitBy(space, { conditions: [{ attribute: "n", is: "less", value: 3 }] });
      await space.cook("g.json", "--force", "fits", "--force", "rest");
      expect(space.cooked()).toEqual(["split 1", "split 2", "split:rest 3", "split:rest 4"]);
    }));

  test("it waits for a cook that writes what it reads; a bypassed one sends all through its first output", () =>
    inStudio(async (space) => {
      const params = { set: { m: 7 }, text: "@n" };
      const written = { type: "studio/work", inputs: ["numbers"], label: "up @n", params };
      splitBy(
        space,
        { expression: "@m > @n + 4" },
        { written, split: { type: "split", inputs: ["written"], params: { expression: "@m > @n + 4" } } },
      );
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.cooked().filter((line) => line.startsWith("split"))).toEqual([
        "split 1",
        "split 2",
        "split:rest 3",
        "split:rest 4",
      ]);
      splitBy(
        space,
        { expression: "@n > 1" },
        { split: { type: "split", inputs: ["numbers"], bypass: true, params: { expression: "@n > 1" } } },
      );
      await space.cook("g.json", "--force", "fits", "--force", "rest");
      expect(space.cooked()).toEqual(["split 1", "split 2", "split 3", "split 4"]);
    }));

  test("both outputs may feed one node, and are drawn; partition_by_node tells them apart", () =>
    inStudio(async (space) => {
      splitBy(
        space,
        { expression: "@n > 1" },
        {
          parts: { type: "partition_by_node", inputs: ["split:rest", "split"] },
          book: { type: "studio/work", inputs: ["parts"], label: "@pdg_index @partitionsize" },
        },
      );
      expect((await space.cook("g.json", "--node", "book")).exit).toBe(0);
      expect(space.cooked()).toEqual(["0 1", "1 3"]);
      const dot = await space.dag("graph", "g.json", "--dot");
      expect(dot.stdout).toContain('"split" -> "rest" [label="rest"];');
      expect(dot.stdout).toContain('"split" -> "fits";');
    }));

  test("one node that feeds two inputs of a partitioner: each item counts in each input once", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        numbers,
        parts: { type: "partition_by_index", inputs: { main: ["numbers"], secondary: ["numbers"] } },
        book: { type: "studio/work", inputs: ["parts"], label: "@partitionsize", params: { text: "@pdg_index" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.cooked()).toEqual(["2", "2", "2", "2"]);
    }));

  test("an output that is not there is a diagnostic, with the nearest name", () =>
    inStudio(async (space) => {
      splitBy(space, { expression: "@n > 1" }, { late: work("split:rset"), none: work("numbers:rest") });
      const { exit, stderr } = await space.dag("check", "g.json");
      expect(exit).toBe(2);
      expect(stderr).toContain('Node "split" has no output "rset". Did you mean "rest"?');
      expect(stderr).toContain('Node "numbers" has no output "rest".');
      splitBy(space, {});
      expect((await space.dag("check", "g.json")).stderr).toContain('either an "expression" or "conditions" say');
    }));
});
