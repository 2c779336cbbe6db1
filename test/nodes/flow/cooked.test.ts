/** The flow of items through the real command line. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CookSpace, cookedItems } from "../../helpers/cook-space.js";
import { addWriter, copyExample, itemsOf, rowsOf, wedgeOf } from "../partition/items.js";

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
    const crops = await itemsOf(space, "flow.json", "each_crop");
    const sizes = [512, 256, 128, 64];
    expect(crops.map(({ label }) => label)).toEqual(sizes.flatMap((size) => [`top of ${size}`, `middle of ${size}`]));
    const middle = await rowsOf(space, "flow.json", "middle");
    expect(middle.map(({ attributes }) => attributes.size)).toEqual([128, 256]);
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

  test.each([
    [0, "fail", [1, 2]],
    [1, "fail", []],
    [2, "fail", [5]],
    [3, "clamp", [5]],
    [-3, "wrap", [1, 2]],
    [-1, "none", []],
  ])("switch: input %i, %s; an input may be empty", async (input, invalid, expected) => {
    const nodes = {
      first: wedgeOf("x", [1, 2]),
      more: wedgeOf("x", [3]),
      nothing: { type: "filter_by_expression", inputs: ["more"], params: { expression: false } },
      last: wedgeOf("x", [5]),
      chosen: { type: "switch", inputs: ["first", "nothing", "last"], params: { input, invalid } },
    };
    expect(await xsOf(nodes, "chosen")).toEqual(expected);
  });
});

describe("loops and graphs in graphs", () => {
  test("loop example: each number's loop ends when its root is good enough", async () => {
    copyExample(space, "loop.json");
    const roots = await itemsOf(space, "loop.json", "roots");
    const of = ({ attributes }: (typeof roots)[number]) => [
      attributes.n,
      Math.round(Number(attributes.root) * 10) / 10,
    ];
    expect(roots.map(of)).toEqual([
      [2, 1.4],
      [9, 3],
      [1e6, 1000],
    ]);
    const turns = await itemsOf(space, "loop.json", "turns");
    expect(turns.map(({ attributes }) => attributes.loopnum)).toEqual([0, 1, 2]);
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
