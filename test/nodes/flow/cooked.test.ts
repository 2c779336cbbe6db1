/** The flow of items through the real command line. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CookSpace, cookedItems, failuresIn } from "../../helpers/cook-space.js";
import { addWriter, copyExample, itemsOf, rowsOf, tableOf, wedgeOf } from "../partition/items.js";

let space: CookSpace;
beforeEach(() => {
  space = new CookSpace();
});
afterEach(() => space.remove());

async function xsOf(nodes: object, node: string): Promise<readonly unknown[]> {
  space.graph("graph.json", nodes);
  return (await itemsOf(space, "graph.json", node)).map(({ attributes }) => attributes.x);
}

describe("flow in a graph", () => {
  test("flow example: it cooks; items are filtered, chosen, merged, sorted and expanded", async () => {
    copyExample(space, "flow.json");
    const { each_crop, middle } = await tableOf(space, "flow.json");
    const sizes = [512, 256, 128, 64];
    expect(each_crop?.map(({ label }) => label)).toEqual(
      sizes.flatMap((size) => [`top of ${size}`, `middle of ${size}`]),
    );
    expect(middle).toBeUndefined();
    const { stdout } = await space.dag("items", "flow.json", "--json", "--node", "middle");
    const others = JSON.parse(stdout) as readonly { readonly attributes: { readonly size: number } }[];
    expect(others.map(({ attributes }) => attributes.size)).toEqual([128, 256]);
  });

  test("sort: another order cooks nothing again", async () => {
    addWriter(space);
    const cook = async (descending: boolean) => {
      space.graph("graph.json", {
        numbers: wedgeOf("x", [2, 3, 1]),
        sorted: { type: "sort", inputs: ["numbers"], params: { by: [{ attribute: "x", descending }] } },
        written: { type: "studio/write", inputs: ["sorted"] },
      });
      return cookedItems((await space.cook("graph.json")).events).length;
    };
    expect([await cook(false), await cook(true)]).toEqual([3, 0]);
    expect((await rowsOf(space, "graph.json", "written")).map(({ attributes }) => attributes.x)).toEqual([3, 2, 1]);
  });

  test("filter_by_expression: it is evaluated for each item, and waits for a cook that writes what it reads", async () => {
    addWriter(space);
    const nodes = {
      numbers: wedgeOf("x", [1, 2, 3]),
      written: { type: "studio/write", inputs: ["numbers"] },
      large: { type: "filter_by_expression", inputs: ["written"], params: { expression: "@double > 2" } },
    };
    space.graph("graph.json", nodes);
    expect(await rowsOf(space, "graph.json", "large")).toEqual([]);
    expect(await xsOf(nodes, "large")).toEqual([2, 3]);
  });

  test("assert: an item for which the condition does not hold fails with the message, the others go on", async () => {
    addWriter(space);
    const nodes = (condition: string | boolean) => ({
      numbers: wedgeOf("x", [1, 2, 3]),
      checked: { type: "assert", inputs: ["numbers"], params: { condition, message: "x must not be @x." } },
      written: { type: "studio/write", inputs: ["checked"] },
    });
    space.graph("graph.json", nodes("@x != 2"));
    const cooked = await space.cook("graph.json");
    expect([cooked.exit, Object.values(failuresIn(cooked))]).toEqual([1, ["x must not be 2."]]);
    expect(cookedItems(cooked.events).length).toBe(2);
    space.graph("graph.json", nodes("@x < 9"));
    const again = await space.cook("graph.json");
    expect([again.exit, cookedItems(again.events).length]).toEqual([0, 1]);
    space.graph("graph.json", nodes("@y > 1"));
    expect((await space.dag("check", "graph.json")).stderr).toContain('no attribute "y"');
  });

  test("filter_by_state: failed items, where their node says that failures are no matter", async () => {
    addWriter(space);
    const kept = (states: readonly string[]) => ({ type: "filter_by_state", inputs: ["written"], params: { states } });
    space.graph("graph.json", {
      numbers: wedgeOf("x", [1, 2, 3]),
      written: { type: "studio/write", inputs: ["numbers"], params: { fail_at: 2 }, on_failure: "ignore" },
      good: kept(["success", "cached"]),
      cached: kept(["cached"]),
      bad: kept(["failed"]),
    });
    const states = async () => {
      const { events } = await space.cook("graph.json");
      const made = new Map(
        events.filter((event) => event.type === "node_generated").map(({ node, items }) => [node, items]),
      );
      return ["good", "cached", "bad"].map((node) => made.get(node));
    };
    expect(await states()).toEqual([2, 0, 1]);
    expect(await states()).toEqual([2, 2, 1]);
  });

  test("switch: the input that is chosen, or what stands for one that there is not; an input may be empty", async () => {
    const chosen = (input: number, invalid: string) => ({
      type: "switch",
      inputs: ["first", "nothing", "last"],
      params: { input, invalid },
    });
    space.graph("graph.json", {
      first: wedgeOf("x", [1, 2]),
      more: wedgeOf("x", [3]),
      nothing: { type: "filter_by_expression", inputs: ["more"], params: { expression: false } },
      last: wedgeOf("x", [5]),
      ...{ zero: chosen(0, "fail"), one: chosen(1, "fail"), two: chosen(2, "fail") },
      ...{ clamped: chosen(3, "clamp"), wrapped: chosen(-3, "wrap"), none: chosen(-1, "none") },
    });
    const table = await tableOf(space, "graph.json");
    const xs = (node: string) => table[node]?.map(({ attributes }) => attributes.x) ?? [];
    expect([xs("zero"), xs("one"), xs("two")]).toEqual([[1, 2], [], [5]]);
    expect([xs("clamped"), xs("wrapped"), xs("none")]).toEqual([[5], [1, 2], []]);
  });

  test("switch: nodes that lead only to what is not chosen are not cooked, but where they are asked for or chosen by item", async () => {
    const says = (word: string, above: string) => ({
      type: "shell",
      inputs: [above],
      params: { command: [process.execPath, "-p", JSON.stringify(word)], stdout: "attribute" },
    });
    const nodes = {
      x: wedgeOf("x", [1]),
      ...{ cheap: says("cheap", "x"), rough: says("rough", "x"), dear: says("dear", "rough") },
      pick: { type: "switch", inputs: ["cheap", "dear"], params: { input: "$BRANCH" } },
      after: { type: "attribute_create", inputs: ["pick"] },
    };
    space.graph("branches.json", nodes, { BRANCH: "0" });
    const cookedIn = async (...args: string[]) => {
      const { exit, events } = await space.cook("branches.json", "--force", "cheap", ...args);
      const names = events.flatMap(({ type, from, item }) =>
        type === "item_state" && from === "uncooked" ? [(item as { node: string }).node] : [],
      );
      return [exit, ...names];
    };
    expect(await cookedIn()).toEqual([0, "cheap"]);
    expect(await cookedIn("--set", "pick.input=1")).toEqual([0, "rough", "dear"]);
    expect(await cookedIn("--set", "pick.input=@x")).toEqual([0, "cheap", "rough", "dear"]);
    expect(await cookedIn("--node", "rough")).toEqual([0, "rough"]);
    const { after } = await tableOf(space, "branches.json");
    expect(after?.map(({ attributes }) => attributes.stdout)).toEqual(["cheap"]);
    const dirty = await space.dag("dirty", "dear", "--graph", "branches.json");
    expect(dirty.stderr).toBe('branches.json makes no work item "dear", and none of a node of that name.\n');
    space.graph("branches.json", { ...nodes, pick: { ...nodes.pick, bypass: true } }, { BRANCH: "0" });
    expect(await cookedIn()).toEqual([0, "cheap", "rough", "dear"]);
    space.graph("branches.json", { ...nodes, also: says("also", "rough") }, { BRANCH: "0" });
    expect(await cookedIn()).toEqual([0, "cheap", "rough", "also"]);
  });
});

describe("loops and graphs in graphs", () => {
  test("loop example: each number's loop ends when its root is good enough", async () => {
    copyExample(space, "loop.json");
    const { roots, turns } = await tableOf(space, "loop.json");
    const rounded = (value: unknown) => Math.round(Number(value) * 10) / 10;
    expect(roots?.map(({ attributes: { n, root } }) => [n, rounded(root)])).toEqual([
      [2, 1.4],
      [9, 3],
      [1e6, 1000],
    ]);
    expect(turns?.map(({ attributes }) => attributes.loopnum)).toEqual([0, 1, 2]);
  });

  test("subgraph example: one file as two nodes, the second of which takes what the first leaves", async () => {
    copyExample(space, "subgraph.json");
    copyExample(space, "parts/above.json");
    const all = await itemsOf(space, "subgraph.json", "all");
    expect(all.map(({ attributes }) => [attributes.size, attributes.word])).toEqual([
      [256, "large"],
      [512, "large"],
      [128, "at least 128"],
    ]);
    expect((await space.dag("check", "parts/above.json")).stdout).toContain("no problem found");
  });
});
