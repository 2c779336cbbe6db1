/** What an item is: its parents and its own identity, never its position or its node's name. */
import { describe, expect, test } from "@jest/globals";
import { itemsThat } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

interface Row {
  readonly node: string;
  readonly index: number;
  readonly name: string;
  readonly label: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

async function itemsOf(space: Studio, ...args: string[]): Promise<Row[]> {
  const { stdout, exit } = await space.dag("items", "g.json", "--json", ...args);
  expect(exit).toBe(0);
  return JSON.parse(stdout) as Row[];
}

function chains(space: Studio, name = "up", more: object = {}): void {
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    [name]: { type: "studio/work", label: "up @stem", inputs: ["files"], params: { text: "up" } },
    down: { type: "studio/work", label: "down @stem", inputs: [name], params: { text: "down" } },
    ...more,
  });
}

describe("identity", () => {
  test("a file added in the middle, or taken away: one chain is cooked, all names stay", () =>
    inStudio(async (space) => {
      for (const name of ["f1", "f2", "f10"]) space.write(`in/${name}.txt`, name);
      chains(space);
      await space.cook("g.json");
      space.cooked();
      const before = await itemsOf(space);
      expect(before.filter(({ node }) => node === "down").map(({ label }) => label)).toEqual([
        "down f1",
        "down f2",
        "down f10",
      ]);

      space.write("in/f3.txt", "f3");
      const added = await space.cook("g.json");
      expect([added.exit, space.cooked()]).toEqual([0, ["down f3", "up f3"]]);
      const after = await itemsOf(space);
      const names = (rows: readonly Row[]) => new Map(rows.map(({ node, label, name }) => [`${node} ${label}`, name]));
      for (const [label, name] of names(before)) expect([label, names(after).get(label)]).toEqual([label, name]);
      const tenth = after.find(({ label }) => label === "down f10");
      expect(tenth?.index).toBe(3);

      const fewer = await space.cook("g.json", "--set", 'files.pattern="f[23].txt"');
      expect(space.cooked()).toEqual([]);
      expect(itemsThat("cooked_cache", fewer)).toEqual(["down f2", "down f3", "up f2", "up f3"]);
    }));

  test("a node renamed, another put beside it: nothing is cooked", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      chains(space);
      await space.cook("g.json");
      space.cooked();
      chains(space, "renamed");
      const renamed = await space.cook("g.json");
      expect([renamed.exit, space.cooked()]).toEqual([0, []]);
      chains(space, "renamed", { beside: { type: "studio/work", inputs: ["files"], params: { text: "up" } } });
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);
    }));

  test("a node without work put between: nothing is cooked below it", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      chains(space);
      await space.cook("g.json");
      space.cooked();
      const created = { attributes: [{ name: "unread", type: "int", value: 1 }] };
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        up: { type: "studio/work", label: "up @stem", inputs: ["files"], params: { text: "up" } },
        between: { type: "attribute_create", inputs: ["up"], params: created },
        down: { type: "studio/work", label: "down @stem", inputs: ["between"], params: { text: "down" } },
      });
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);
    }));

  test("pdg_index enters a key only where it is read", () =>
    inStudio(async (space) => {
      for (const name of ["b", "c"]) space.write(`in/${name}.txt`, name);
      chains(space, "up", {
        counts: { type: "studio/work", label: "counts @stem", inputs: ["files"], params: { text: "`@pdg_index`" } },
        reads: { type: "studio/work", label: "reads @stem", inputs: ["files"], params: { reads: ["pdg_index"] } },
      });
      await space.cook("g.json");
      space.cooked();
      space.write("in/a.txt", "a");
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.cooked()).toEqual([
        ...["counts a", "counts b", "counts c", "down a", "reads a", "reads b", "reads c", "up a"],
      ]);
    }));

  test("seed and name of a wedge's item follow from its values, not from their place", () =>
    inStudio(async (space) => {
      const nodes = (values: number[]) => ({
        rates: { type: "wedge", params: { attributes: [{ name: "rate", type: "float", values }] } },
        up: { type: "studio/work", label: "up @rate", inputs: ["rates"], params: { text: "@rate" } },
      });
      space.graph("g.json", nodes([0.1, 0.2]));
      await space.cook("g.json");
      space.cooked();
      const before = await itemsOf(space, "--node", "up");
      space.graph("g.json", nodes([0.3, 0.2, 0.1]));
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["up 0.3"]);
      const after = await itemsOf(space, "--node", "up");
      const named = (rows: readonly Row[], label: string) => rows.find((row) => row.label === label)?.name;
      for (const label of ["up 0.1", "up 0.2"]) expect(named(after, label)).toBe(named(before, label));
    }));
});
