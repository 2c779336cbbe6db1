/** Partitioners through the real command line. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CookSpace } from "../../helpers/cook-space.js";
import { addWriter, copyExample, itemsOf, rowsOf, tableOf, wedgeOf } from "./items.js";

let space: CookSpace;
beforeEach(() => {
  space = new CookSpace();
});
afterEach(() => space.remove());

const NUMBERS = { attribute: "x", operation: "list" };

async function membersOf(nodes: object, node: string): Promise<readonly unknown[]> {
  space.graph("graph.json", nodes);
  return (await itemsOf(space, "graph.json", node)).map(({ attributes }) => attributes.x);
}

describe("partitioners in a graph", () => {
  test("partition example: it cooks, and every partitioner makes its partitions", async () => {
    copyExample(space, "partition.json");
    const table = await tableOf(space, "partition.json");
    expect(table.shots?.map(({ label }) => label)).toEqual(["sea, best quality 90", "hill, best quality 90"]);
    expect(table.frames?.map(({ label }) => label).slice(2, 4)).toEqual(["shot sea: frame 3", "shot hill: frame 1"]);
    const labels = ["good", "places", "ends"].flatMap((node) => table[node]!.map(({ label }) => label));
    expect(labels).toEqual(["false", "true", "index 0", "index 1", "first", "last"]);
    const sizes: Record<string, unknown[]> = {};
    for (const node of ["frames", "good", "alike", "chunks", "pairs", "ends", "sides", "places", "all"])
      sizes[node] = table[node]!.map(({ attributes }) => attributes.partitionsize);
    expect(sizes).toEqual({
      frames: [2, 2, 2, 2, 2, 2],
      good: [6, 6],
      alike: [1, 2, 2, 1, 2, 2],
      chunks: [4, 4, 4],
      pairs: [2],
      ends: [2, 2],
      sides: [2, 2],
      places: [2, 2],
      all: [26],
    });
  });

  test("partition_by_expression: it is evaluated for each item", async () => {
    const parity = { expression: "@x % 2", merge: [NUMBERS] };
    const nodes = {
      numbers: wedgeOf("x", [3, 4, 5, 6]),
      parts: { type: "partition_by_expression", inputs: ["numbers"], params: parity },
    };
    expect(await membersOf(nodes, "parts")).toEqual([
      [3, 5],
      [4, 6],
    ]);
  });

  test("partition_by_node: by node, by tuple, by what is left of tuples, by combination", async () => {
    const by = (how: object) => ({
      type: "partition_by_node",
      inputs: ["ones", "tens"],
      params: { ...how, merge: [NUMBERS] },
    });
    space.graph("graph.json", {
      ones: wedgeOf("x", [1, 2, 3]),
      tens: wedgeOf("x", [10, 20]),
      node: by({ by: "node" }),
      tuple: by({ by: "tuple" }),
      partial: by({ by: "tuple", partial: true }),
      combination: by({ by: "combination" }),
    });
    const table = await tableOf(space, "graph.json");
    const membersOf = (node: string) => table[node]!.map(({ attributes }) => attributes.x);
    expect(membersOf("node")).toEqual([
      [1, 2, 3],
      [10, 20],
    ]);
    expect(membersOf("tuple")).toEqual([
      [1, 10],
      [2, 20],
    ]);
    expect(membersOf("partial")).toEqual([[1, 10], [2, 20], [3]]);
    expect(membersOf("combination")).toEqual(
      [1, 2, 3].flatMap((one) => [
        [one, 10],
        [one, 20],
      ]),
    );
  });

  test("partition_by_comparison: other work items say what fits", async () => {
    const pair = (type: string, value: unknown, array = false) => ({ name: "", type, value, array });
    const found = { ...pair("int", ["@wedgenum", "@x"], true), name: "pair" };
    const result = { ...pair("bool", "`@x == 1`"), name: "result" };
    const nodes = {
      ones: wedgeOf("x", [1, 2]),
      tens: wedgeOf("x", [10, 20]),
      tried: wedgeOf("x", [0, 1]),
      compared: { type: "attribute_create", inputs: ["tried"], params: { attributes: [found, result] } },
      parts: {
        type: "partition_by_comparison",
        inputs: { main: ["ones"], secondary: ["tens"], comparisons: ["compared"] },
        params: { merge: [NUMBERS] },
      },
    };
    expect(await membersOf(nodes, "parts")).toEqual([[1], [2, 20]]);
  });

  test("partition_by_attribute: it waits for a cook that writes what it reads", async () => {
    addWriter(space);
    const params = { attributes: [{ name: "double" }], merge: [NUMBERS] };
    const nodes = {
      numbers: wedgeOf("x", [1, 2]),
      written: { type: "studio/write", inputs: ["numbers"] },
      parts: { type: "partition_by_attribute", inputs: ["written"], params },
    };
    space.graph("graph.json", nodes);
    expect(await rowsOf(space, "graph.json", "parts")).toEqual([]);
    expect(await membersOf(nodes, "parts")).toEqual([[1], [2]]);
  });

  test("partitioners: outputs of three files, of which two have the same content", async () => {
    addWriter(space);
    const offering = (outputs: string) => ({
      type: "partition_by_range",
      inputs: ["written"],
      params: { size: 3, outputs },
    });
    space.graph("graph.json", {
      numbers: wedgeOf("x", [1, 2, 3]),
      written: { type: "studio/write", inputs: ["numbers"] },
      ...Object.fromEntries(["all", "none", "first", "last", "unique"].map((name) => [name, offering(name)])),
    });
    const table = await tableOf(space, "graph.json");
    const namesOf = (node: string) => table[node]!.flatMap(({ outputs }) => outputs.map(({ name }) => name));
    expect(namesOf("all")).toEqual(["x1.txt", "x2.txt", "x3.txt"]);
    expect(namesOf("none")).toEqual([]);
    expect(namesOf("first")).toEqual(["x1.txt"]);
    expect(namesOf("last")).toEqual(["x3.txt"]);
    expect(namesOf("unique")).toEqual(["x1.txt", "x2.txt"]);
  });

  test("partitioners: an item more in the middle leaves the partitions that it does not join what they were", async () => {
    const names = async (values: readonly number[]) => {
      const params = { expression: "@x > 10", merge: [NUMBERS] };
      space.graph("graph.json", {
        numbers: wedgeOf("x", values),
        parts: { type: "partition_by_expression", inputs: ["numbers"], params },
        chunks: { type: "partition_by_range", inputs: ["parts"], params: { size: 1 } },
      });
      return (await itemsOf(space, "graph.json", "chunks")).map(({ name }) => name);
    };
    const [few, many] = [await names([11, 1, 12]), await names([0, 11, 1, 2, 12])];
    expect(few[0]).toBe(many[1]);
    expect(few[1]).not.toBe(many[0]);
  });

  test("partitioners: what belongs nowhere fails the node, and says which item", async () => {
    space.graph("graph.json", {
      numbers: wedgeOf("x", [1, 2]),
      others: wedgeOf("y", [1]),
      parts: { type: "partition_by_attribute", inputs: ["others", "numbers"], params: { attributes: [{ name: "y" }] } },
    });
    const { exit, stderr } = await space.dag("cook", "graph.json", "--progress", "plain");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/parts.*numbers_[0-9a-f]{10} has no attribute "y"; "unmatched" can say/s);
  });
});
