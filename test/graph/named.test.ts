/** Parameters that name attributes: what no item above can have is found before the cook. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CookSpace } from "../helpers/cook-space.js";

let space: CookSpace;
beforeAll(() => {
  space = new CookSpace();
});
afterAll(() => space.remove());

const sizes = { type: "wedge", params: { attributes: [{ name: "width", type: "int", values: [1, 2] }] } };

/** What `dag check` says of nodes below items with the attribute `width`; each node stands on a line, from the third on. */
async function said(nodes: Readonly<Record<string, object>>): Promise<readonly string[]> {
  const below = Object.entries(nodes).map(([name, node]) => [name, { inputs: ["sizes"], ...node }]);
  const all = [["sizes", sizes], ...below].map(([name, node]) => `${JSON.stringify(name)}:${JSON.stringify(node)}`);
  space.write("g.json", `{"version":1,"nodes":{\n${all.join(",\n")}}}`);
  const { stderr } = await space.dag("check", "g.json");
  return stderr.split("\n").filter((line) => line.startsWith("g.json:"));
}

const named = (nodes: readonly (readonly [type: string, params: object])[]) =>
  Object.fromEntries(nodes.map(([type, params]) => [`n_${type}`, { type, params }]));

describe("a parameter that names an attribute", () => {
  test("what no item above can have is an error at its place, with the nearest name", async () => {
    const by = [{ attribute: "width" }, { attribute: "wdith" }];
    expect(await said({ n: { type: "sort", params: { by } } })).toEqual([
      'g.json:3:90 Node "n" needs the attribute "wdith", which no item above it has. Did you mean "width"?',
    ]);
  });

  test("of every node type that cannot do without it, all at once", async () => {
    const nodes = named([
      ["attribute_reduce", { reductions: [{ attribute: "wdth" }] }],
      ["attribute_rename", { attributes: [{ from: "wdth", to: "w" }] }],
      ["filter_by_attribute", { conditions: [{ attribute: "wdth", is: "equal", value: 1 }] }],
      ["filter_by_range", { attribute: "wdth", start: 0, end: 1 }],
      ["split", { conditions: [{ attribute: "wdth", is: "less", value: 1 }] }],
      ["partition_by_attribute", { attributes: [{ name: "wdth" }] }],
      ["partition_by_frame", { frame: "wdth" }],
      ["partition_by_index", { index: "wdth" }],
      ["partition_by_range", { split_by: ["wdth"] }],
      ["partition_by_node", { merge: [{ attribute: "wdth" }] }],
      ["csv_output", { columns: [{ attribute: "wdth" }] }],
      ["work_item_expand", { attribute: "wdth" }],
    ]);
    const needs = (name: string) => `Node "${name}" needs the attribute "wdth", which no item above it has.`;
    const lines = await said(nodes);
    expect(lines.map((line) => line.replace(/^\S+ /, ""))).toEqual(
      Object.keys(nodes).map((name) => `${needs(name)} Did you mean "width"?`),
    );
  });

  test("where its absence is provided for, it is a warning", async () => {
    const lines = await said(
      named([
        ["attribute_reduce", { reductions: [{ attribute: "wdth" }], missing: "ignore" }],
        ["partition_by_attribute", { attributes: [{ name: "wdth" }], unmatched: "leave_out" }],
        ["filter_by_attribute", { conditions: [{ attribute: "wdth" }] }],
        ["csv_output", { columns: [{ attribute: "wdth" }], missing: "empty" }],
      ]),
    );
    expect(lines).toHaveLength(4);
    for (const line of lines) expect(line).toMatch(/warning: Node "\w+" names the attribute "wdth".* mean "width"\?/);
    expect((await space.dag("check", "g.json")).exit).toBe(0);
  });

  test("of several inputs the one that is meant; what the type asks for by itself; what is not read says nothing", async () => {
    const height = {
      type: "wedge",
      inputs: [],
      params: { attributes: [{ name: "height", type: "int", values: [1] }] },
    };
    const copy = (name: string) => ({
      type: "attribute_copy",
      inputs: { main: ["sizes"], from: ["height"] },
      params: { attributes: [name] },
    });
    const turns = { type: "partition_by_iteration" };
    expect(await said({ height, right: copy("height"), wrong: copy("width"), turns })).toEqual([
      expect.stringMatching(/"wrong" needs the attribute "width", which no item above it has\./),
      expect.stringMatching(/"turns" needs the attribute "loopiter", .* it has: only items inside a loop have it\./),
    ]);
  });

  test("names of the engine, patterns, and what a cook may still bring are let through", async () => {
    space.write("rows.csv", "width,height\n1,2\n");
    const nodes = {
      book: { type: "csv_output", params: { columns: [{ attribute: "pdg_name" }] } },
      part: { type: "partition_by_node", params: { merge: [{ attribute: "hei*" }] } },
      rows: { type: "csv_input", inputs: [], params: { file: "rows.csv" } },
      order: { type: "sort", inputs: ["rows"], params: { by: [{ attribute: "heigth" }] } },
    };
    expect(await said(nodes)).toEqual([]);
    // Then an item's own attributes are what is known.
    const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain");
    expect(exit).toBe(1);
    expect(stderr).toMatch(/no item can be put in order: rows_\w+ has no attribute "heigth" \(is "height" meant\?\)/);
  });
});
