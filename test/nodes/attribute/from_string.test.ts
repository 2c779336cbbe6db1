/** Node type `attribute_from_string`: parts of a text as attributes, without a graph and in one. */
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { NodeDefinition } from "dag-cook";
import { cookOnce } from "dag-cook/testing";
import type_ from "../../../nodes/attribute/attribute_from_string.js";
import { CookSpace } from "../../helpers/cook-space.js";
import { holdsCase } from "../contract.js";
import { copyExample, itemsOf, wedgeOf } from "../partition/items.js";
import { messageOf } from "../space.js";

const definition = type_ as unknown as NodeDefinition;

/** What the node makes of a text. */
async function made(params: object): Promise<object | undefined> {
  return (await cookOnce(definition, { params: { ...params }, inputs: [{ attributes: {} }] })).items[0]?.attributes;
}

const refused = (params: object): Promise<string> => messageOf(made(params));

describe("attribute_from_string", () => {
  holdsCase(
    "attribute/attribute_from_string",
    type_,
    { params: { text: "hill_v12", separator: "_", attributes: [{ name: "a" }] }, inputs: [{}] },
    {
      text: { to: { text: "dale_v12" } },
      separator: { to: { separator: "v" } },
      pattern: { to: { pattern: "(?P<a>l+)", separator: null } },
      attributes: { to: { attributes: [{ name: "a", part: -1 }] } },
      list: { to: { list: "parts" } },
      missing: {
        from: { attributes: [{ name: "a", part: 5 }], missing: "ignore" },
        to: { attributes: [{ name: "a" }] },
      },
    },
  );

  test("at a separator: parts in order, by their place, from the end, in a type; all of them as a list", async () => {
    const attributes = [{ name: "asset" }, { name: "take", type: "int", part: 2 }, { name: "last", part: -1 }];
    expect(await made({ text: "hill_big_007_left", separator: "_", attributes, list: "parts" })).toEqual({
      asset: "hill",
      take: 7,
      last: "left",
      parts: ["hill", "big", "007", "left"],
    });
    expect(
      await made({
        text: " 0.5\t2e3 ",
        attributes: [
          { name: "x", type: "float" },
          { name: "y", type: "float" },
        ],
      }),
    ).toEqual({
      x: 0.5,
      y: 2000,
    });
    expect(await made({ text: "a..b", separator: ".", list: "parts" })).toEqual({ parts: ["a", "", "b"] });
  });

  // What Python's re.search(...).groupdict() gives.
  test("by a pattern: its named groups, anywhere in the text", async () => {
    const pattern = "(?P<asset>[a-z]+)_v(?P<version>\\d+)(?:_(?P<side>left|right))?";
    const attributes = [{ name: "version", type: "int" }];
    expect(await made({ text: "out/hill_v12_left.png", pattern, attributes })).toEqual({
      asset: "hill",
      version: 12,
      side: "left",
    });
    expect(await made({ text: "hill_v3", pattern, attributes, missing: "ignore" })).toEqual({
      asset: "hill",
      version: 3,
    });
    expect(await refused({ text: "hill_v3", pattern, attributes })).toContain(
      '"hill_v3" has no text in the group "side"',
    );
    expect(await made({ text: "a=1", pattern: "(\\w)=(\\d)", list: "both" })).toEqual({ both: ["a", "1"] });
    const renamed = [{ name: "number", group: "version", type: "float" }];
    expect(await made({ text: "x_v2_left", pattern, attributes: renamed })).toEqual({
      asset: "x",
      number: 2,
      side: "left",
    });
  });

  test("a text that does not fit fails its item with both, or goes on", async () => {
    const given = { text: "hill", pattern: "(?P<n>\\d+)" };
    expect(await refused(given)).toContain('"hill" does not fit the pattern "(?P<n>\\\\d+)".');
    expect(await made({ ...given, missing: "ignore", list: "parts" })).toEqual({});
    expect(await refused({ text: "a_b", separator: "_", attributes: [{ name: "n", part: 2 }] })).toContain(
      '"a_b" has no part 2 for "n".',
    );
    expect(await refused({ text: "a_b", separator: "_", attributes: [{ name: "n", type: "int" }] })).toContain(
      '"n": "a" is not a whole number, which the type "int" asks for (in "a_b").',
    );
  });

  test("a pattern from a stranger takes time in proportion, and what RE2 does not know is said", async () => {
    const began = process.cpuUsage();
    expect(await made({ text: "a".repeat(5000), pattern: "(a*)*(?P<x>b)", missing: "ignore" })).toEqual({});
    expect(process.cpuUsage(began).user).toBeLessThan(5e6);
    expect(await refused({ text: "", pattern: "(?=a)" })).toContain("it is no regular expression of RE2");
    expect(await refused({ text: "", pattern: "(a" })).toContain("missing closing )");
  });

  test("mistakes are found before the cook", async () => {
    expect(await refused({ text: "a", pattern: "(?P<a>a)", separator: "_" })).toContain('there is a "pattern"');
    expect(await refused({ text: "a" })).toContain("no part gets a name");
    expect(await refused({ text: "a", pattern: "a" })).toContain("no part gets a name");
    expect(await refused({ text: "a", pattern: "(?P<a>a)", attributes: [{ name: "b" }] })).toContain(
      'the pattern has no group "b": it has a',
    );
    expect(await refused({ text: "a", attributes: [{ name: "b" }, { name: "b" }] })).toContain('"b" is set twice');
    expect(await refused({ text: "a", attributes: [{ name: "b", group: "c" }] })).toContain(
      'groups are of a "pattern"',
    );
  });
});

describe("attribute_from_string in a graph", () => {
  let space: CookSpace;
  beforeEach(() => {
    space = new CookSpace();
  });
  afterEach(() => space.remove());

  test("the text is a template of each item, and its parts have their types below", async () => {
    space.graph("graph.json", {
      shots: {
        ...wedgeOf("x", []),
        params: { attributes: [{ name: "shot", type: "string", values: ["s01_t2", "s02_t5"] }] },
      },
      parts: {
        type: "attribute_from_string",
        inputs: ["shots"],
        params: {
          text: "@shot",
          pattern: "^s(?P<scene>\\d+)_t(?P<take>\\d+)$",
          attributes: [
            { name: "scene", type: "int" },
            { name: "take", type: "int" },
          ],
        },
      },
      late: { type: "filter_by_expression", inputs: ["parts"], params: { expression: "@take * @scene > 5" } },
    });
    const items = await itemsOf(space, "graph.json", "late");
    expect(items.map(({ attributes }) => [attributes.scene, attributes.take])).toEqual([[2, 5]]);
    const { exit, stderr } = await space.dag("check", "graph.json");
    expect([exit, stderr]).toEqual([0, ""]);
  });

  test("text example: it cooks", async () => {
    copyExample(space, "text.json");
    const items = await itemsOf(space, "text.json", "named");
    expect(items.map(({ attributes }) => [attributes.asset, attributes.version, attributes.channel])).toEqual([
      ["hill", 12, "beauty"],
      ["hill", 12, "depth"],
      ["river", 3, "beauty"],
    ]);
  });
});
