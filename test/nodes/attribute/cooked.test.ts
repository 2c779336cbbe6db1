/** Attributes through the real command line. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CookSpace } from "../../helpers/cook-space.js";
import { addWriter, copyExample, itemsOf, rowsOf, wedgeOf } from "../partition/items.js";

let space: CookSpace;
beforeEach(() => {
  space = new CookSpace();
});
afterEach(() => space.remove());

describe("attributes in a graph", () => {
  test("attribute example: it cooks; only what was not deleted is there, under the new names", async () => {
    copyExample(space, "attribute.json");
    const clean = await itemsOf(space, "attribute.json", "clean");
    expect(clean.map(({ label }) => label)).toEqual(["key 0: 1000 W", "fill 1: 300 W", "key 2: 1000 W"]);
    expect(Object.keys(clean[0]?.attributes ?? {}).sort()).toEqual(
      ["angle", "color", "height", "light", "most", "number", "power", "size", "usual"].sort(),
    );
    expect(clean.map(({ attributes }) => [attributes.color, attributes.height, attributes.angle])).toEqual([
      [[1, 0.5, 0], 7.5, 0],
      [[1, 0.75, 0.5], 10, 120],
      [[1, 1, 1], 12.5, 240],
    ]);
  });

  test("wedge: an expression is calculated for each value, with its own place and the upstream item's attributes", async () => {
    const wedge = (type: string, value: string, more = {}) => ({
      type: "wedge",
      inputs: ["numbers"],
      params: { attributes: [{ name: "y", type, expression: { value, count: 3 } }], ...more },
    });
    space.graph("graph.json", {
      numbers: wedgeOf("x", [1, 10]),
      powers: wedge("int", "@x * pow(2, @wedgenum)"),
      by_wedge: wedge("float", "@x + @wedgenum / @wedgecount", { order: "wedge" }),
    });
    const ys = async (node: string) => (await rowsOf(space, "graph.json", node)).map(({ attributes }) => attributes.y);
    expect(await ys("powers")).toEqual([1, 2, 4, 10, 20, 40]);
    expect(await ys("by_wedge")).toEqual([1, 10, 1 + 1 / 3, 10 + 1 / 3, 1 + 2 / 3, 10 + 2 / 3]);
    space.graph("wrong.json", { numbers: wedgeOf("x", [1]), y: wedge("int", "@wedgenum / 2") });
    expect((await space.dag("cook", "wrong.json", "--progress", "plain")).stderr).toContain('"y": 0.5 is not a whole');
    space.graph("wrong.json", { numbers: wedgeOf("x", [1]), y: wedge("int", "@wedgnum") });
    const { exit, stderr } = await space.dag("check", "wrong.json");
    expect([exit, stderr]).toEqual([
      2,
      expect.stringMatching(/no attribute "wedgnum" here\. Did you mean "wedgenum"\?/),
    ]);
  });

  test("attribute_randomize: an item keeps its numbers, whatever other items there are and what nodes are called", async () => {
    const drawn = async (values: readonly number[], node: string) => {
      space.graph("graph.json", {
        [node]: wedgeOf("x", values),
        random: { type: "attribute_randomize", inputs: [node], params: { attributes: [{ name: "y" }] } },
      });
      const items = await itemsOf(space, "graph.json", "random");
      return new Map(items.map(({ attributes }) => [attributes.x, attributes.y]));
    };
    const [few, many] = [await drawn([1, 2], "numbers"), await drawn([2, 5, 1], "renamed")];
    expect([many.get(1), many.get(2)]).toEqual([few.get(1), few.get(2)]);
    expect(new Set(many.values()).size).toBe(3);
  });

  test("attribute_delete: reading what was deleted is a diagnostic before anything cooks", async () => {
    space.graph("graph.json", {
      numbers: wedgeOf("size", [1]),
      less: { type: "attribute_delete", inputs: ["numbers"], params: { attributes: ["size"] } },
      kept: { type: "filter_by_expression", inputs: ["less"], params: { expression: "@size > 1" } },
    });
    const { exit, stderr } = await space.dag("check", "graph.json");
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/graph\.json:\d+:\d+ .*no attribute "size"/)]);
  });

  test("attribute_copy: it waits for what a cook of the other branch writes, and takes no files from there", async () => {
    addWriter(space);
    space.graph("graph.json", {
      numbers: wedgeOf("x", [1, 2]),
      written: { type: "studio/write", inputs: ["numbers"] },
      plain: wedgeOf("x", [2, 1]),
      copied: {
        type: "attribute_copy",
        inputs: { main: ["plain"], from: ["written"] },
        params: { attributes: ["double"], match: "attribute", by: "x" },
      },
    });
    const copied = await itemsOf(space, "graph.json", "copied");
    expect(copied.map(({ attributes, outputs }) => [attributes.x, attributes.double, outputs])).toEqual([
      [2, 4, []],
      [1, 2, []],
    ]);
  });

  test("attribute_promote: files are known once they are cooked", async () => {
    addWriter(space);
    space.graph("graph.json", {
      numbers: wedgeOf("x", [7]),
      written: { type: "studio/write", inputs: ["numbers"] },
      files: {
        type: "attribute_promote",
        inputs: ["written"],
        params: { promotions: [{ from: "files", into: "made", tag: "file" }] },
      },
    });
    const [item] = await itemsOf(space, "graph.json", "files");
    expect(item?.attributes.made).toMatchObject([{ $file: "x7.txt", tag: "file/text" }]);
  });

  test("wedge: values may follow from the upstream item, and stacked wedges agree on other names", async () => {
    const names = { wedgeindex: "variant", wedgetotal: "" };
    space.graph("graph.json", {
      numbers: { type: "wedge", params: { attributes: [{ name: "x", type: "int", values: [1, 2] }], names } },
      more: {
        type: "wedge",
        inputs: ["numbers"],
        params: { attributes: [{ name: "y", values: ["`@x * 10`", "`@x * 100`"] }], names },
      },
    });
    const items = await rowsOf(space, "graph.json", "more");
    expect(items.map(({ attributes: { y, variant, wedgenum } }) => [y, variant, wedgenum])).toEqual([
      [10, 0, 0],
      [100, 1, 1],
      [20, 2, 0],
      [200, 3, 1],
    ]);
  });
});
