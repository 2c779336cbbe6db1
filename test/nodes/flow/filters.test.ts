/** Filters, `sort`, `switch`, `merge` and `work_item_expand`, without a graph. */
import { describe, expect, test } from "@jest/globals";
import type { NodeDefinition, ParamSchemas } from "dag-cook";
import { cookOnce, type Upstream } from "dag-cook/testing";
import assertNode from "../../../nodes/flow/assert.js";
import filter_by_attribute from "../../../nodes/flow/filter_by_attribute.js";
import filter_by_expression from "../../../nodes/flow/filter_by_expression.js";
import filter_by_range from "../../../nodes/flow/filter_by_range.js";
import filter_by_state from "../../../nodes/flow/filter_by_state.js";
import merge from "../../../nodes/flow/merge.js";
import sort from "../../../nodes/flow/sort.js";
import switchNode from "../../../nodes/flow/switch.js";
import work_item_expand from "../../../nodes/flow/work_item_expand.js";
import { holdsCase } from "../contract.js";
import { messageOf } from "../space.js";

/** Whether one upstream item with the attributes goes on. */
async function goesOn<S extends ParamSchemas>(
  type: NodeDefinition<S>,
  params: object,
  attributes: NonNullable<Upstream["attributes"]>,
): Promise<boolean> {
  return (
    (await cookOnce(type as unknown as NodeDefinition, { params: { ...params }, inputs: [{ attributes }] })).items
      .length === 1
  );
}

describe("assert", () => {
  holdsCase(
    "flow/assert",
    assertNode,
    { params: { condition: true, message: "It is wrong." }, inputs: [{}] },
    {
      condition: { to: { condition: 0 }, refused: true },
      message: { from: { condition: 1 }, to: { message: "" }, refused: true },
    },
  );
});

describe("filter_by_attribute", () => {
  const one = (is: string, value?: unknown) => ({
    conditions: [{ attribute: "x", is, ...(value !== undefined && { value }) }],
  });
  holdsCase(
    "flow/filter_by_attribute",
    filter_by_attribute,
    { params: one("exists"), inputs: [{ attributes: { x: 1 } }] },
    {
      conditions: { to: one("equal", 2) },
      match: { from: { conditions: [{ attribute: "x" }, { attribute: "y" }] }, to: { match: "any" } },
      operation: { to: { operation: "remove" } },
    },
  );
  const passes = (is: string, value: unknown, x: NonNullable<Upstream["attributes"]>[string]) =>
    goesOn(filter_by_attribute, one(is, value), { x });

  test.each([
    ["equal", 3, 3, true],
    ["equal", "3", 3, true],
    ["equal", 3, "3", true],
    ["equal", "b", "a", false],
    ["not_equal", 3, 4, true],
    ["not_equal", 3, 3, false],
    ["less", 3, 2.5, true],
    ["less", 3, 3, false],
    ["less_or_equal", 3, 3, true],
    ["greater", "10", 9, false],
    ["greater", "10", "9", true],
    ["greater_or_equal", 3, 3, true],
    ["equal", true, true, true],
    ["equal", "true", true, true],
    ["contains", "b", "abc", true],
    ["contains", 2, [1, 2], true],
    ["contains", 3, [1, 2], false],
    ["contains", 3, 3, false],
  ])("filter_by_attribute: %s %j of %j: %s", async (is, value, x, expected) => {
    expect(await passes(is, value, x)).toBe(expected);
  });

  test("filter_by_attribute: an item without the attribute fulfils nothing, not even that it is different", async () => {
    expect(await goesOn(filter_by_attribute, one("not_equal", 1), {})).toBe(false);
    expect(await goesOn(filter_by_attribute, { ...one("not_equal", 1), operation: "remove" }, {})).toBe(true);
  });

  test.each([
    [one("equal"), { x: 1 }, 'conditions.0: "equal" needs a "value"'],
    [one("exists", 1), { x: 1 }, 'conditions.0.value: "exists" takes no value'],
    [one("less", "a"), { x: 1 }, 'item_0 has 1 as "x", which is neither more nor less than "a"'],
    [one("less", 1), { x: [1] }, 'item_0 has [1] as "x", which is neither more nor less than 1'],
  ])("filter_by_attribute: %j of %j is refused", async (params, attributes, message) => {
    expect(await messageOf(goesOn(filter_by_attribute, params, attributes))).toBe(message);
  });
});

describe("filter_by_expression", () => {
  holdsCase(
    "flow/filter_by_expression",
    filter_by_expression,
    { params: { expression: true }, inputs: [{}] },
    {
      expression: { to: { expression: 0 } },
      operation: { to: { operation: "remove" } },
    },
  );
});

describe("filter_by_range", () => {
  const range = { start: 1, end: 3, attribute: "frame" };
  holdsCase(
    "flow/filter_by_range",
    filter_by_range,
    { params: range, inputs: [{ attributes: { frame: 2 } }] },
    {
      attribute: { to: { attribute: "" } },
      start: { to: { start: 2.5 } },
      end: { to: { end: 1 } },
      step: { to: { step: 2 } },
      missing: { from: { missing: "keep" }, to: { missing: "remove" }, inputs: [{}] },
      operation: { to: { operation: "remove" } },
    },
  );

  test("filter_by_range: both ends are in it, and of steps only those", async () => {
    const passes = (params: object, frame: number) => goesOn(filter_by_range, { ...range, ...params }, { frame });
    expect(await Promise.all([0.99, 1, 3, 3.01].map((frame) => passes({}, frame)))).toEqual([false, true, true, false]);
    const tenths = [1, 1.1, 1.15, 1.3, 2.9].map((frame) => passes({ step: 0.1 }, frame));
    expect(await Promise.all(tenths)).toEqual([true, true, false, true, true]);
  });

  test.each([
    [range, {}, 'item_0 has no attribute "frame"; "missing" can say what becomes of such items'],
    [range, { frame: "1" }, 'item_0 has "1" as "frame", which is no number'],
    [{ start: 2, end: 1 }, {}, "end: the range ends at 1, before it starts at 2"],
  ])("filter_by_range: %j of %j is refused", async (params, attributes, message) => {
    expect(await messageOf(goesOn(filter_by_range, params, attributes))).toBe(message);
  });
});

describe("filter_by_state", () => {
  holdsCase(
    "flow/filter_by_state",
    filter_by_state,
    { params: { states: ["success"] }, inputs: [{}] },
    {
      states: { to: { states: ["failed"] } },
      operation: { to: { operation: "remove" } },
    },
  );
});

describe("merge", () => {
  holdsCase("flow/merge", merge, { inputs: [{}] }, {});
});

describe("sort", () => {
  const file = (name: string) => [{ path: new URL(import.meta.url).pathname, tag: "file", name }];
  const items = [
    { attributes: { x: 2, y: "b" }, files: file("a") },
    { attributes: { x: 10, y: "a" }, files: file("b") },
    { attributes: { y: "b" }, files: file("c") },
    { attributes: { x: 2, y: "a" }, files: file("d") },
  ];
  const by = (...keys: object[]) => ({ by: keys });
  // One identity for every item: upstream tells them apart, which the harness does not look at.
  holdsCase(
    "flow/sort",
    sort,
    { params: by({ attribute: "x" }), inputs: items.slice(0, 1) },
    {
      by: { to: by({ attribute: "x", descending: true }), inputs: items },
    },
  );
  const order = async (...keys: object[]) => {
    const sorted = await cookOnce(sort, { params: by(...keys), inputs: items });
    return sorted.items.map(({ outputs }) => outputs[0]?.name).join("");
  };

  test("sort: numbers as numbers, the first key first, without the attribute last, else as they were", async () => {
    expect(await order({ attribute: "x" })).toBe("adbc");
    expect(await order({ attribute: "x", descending: true })).toBe("badc");
    expect(await order({ attribute: "y" }, { attribute: "x" })).toBe("dbac");
    expect(await order({ attribute: "y" })).toBe("bdac");
    expect(await order({ attribute: "pdg_index", descending: true })).toBe("dcba");
    expect(await messageOf(order({ attribute: "z" }))).toBe('no item can be put in order: item_0 has no attribute "z"');
  });
});

describe("switch", () => {
  holdsCase(
    "flow/switch",
    switchNode,
    { params: { invalid: "none" }, inputs: [{}] },
    {
      input: { to: { input: 1 } },
      invalid: { from: { input: 1 }, to: { invalid: "clamp" } },
    },
  );

  test.each([
    [0, "fail", 1],
    [5, "none", 0],
    [-1, "clamp", 1],
    [7, "wrap", 1],
  ] as const)("switch: input %i of one, %s", async (input, invalid, expected) => {
    const { items } = await cookOnce(switchNode, { params: { input, invalid }, inputs: [{}] });
    expect(items.length).toBe(expected);
  });

  test("switch: an input that is not there is refused", async () => {
    expect(await messageOf(cookOnce(switchNode, { params: { input: 1 }, inputs: [{}] }))).toBe(
      'there is no input 1: it has 1, counted from 0; "invalid" can say what happens in such cases',
    );
  });
});

const FILE = (name: string, tag: string) => ({ path: new URL(import.meta.url).pathname, tag, name });

describe("work_item_expand", () => {
  const list = {
    params: { attribute: "parts" },
    inputs: [{ attributes: { parts: ["a", "b", "c", "d", "e"], one: 1 } }],
  };
  holdsCase("flow/work_item_expand", work_item_expand, list, {
    of: {
      to: { of: "files", attribute: "" },
      inputs: [{ attributes: { parts: ["a"] }, files: [FILE("a", "file/text")] }],
    },
    attribute: { to: { attribute: "one" } },
    tag: {
      from: { of: "files", attribute: "" },
      to: { tag: "file/image" },
      inputs: [{ files: [FILE("a", "file/text"), FILE("b", "file/image")] }],
    },
    expansion: { to: { expansion: "first" } },
    number: { from: { expansion: "size" }, to: { number: 2 } },
    value: { to: { value: "part" } },
    missing: { from: { missing: "leave_out" }, to: { missing: "fail" }, inputs: [{}], refused: true },
  });

  const expanded = async (
    expansion: "one_to_one" | "size" | "count" | "first" | "last",
    number: number,
    attribute = "parts",
  ) => {
    const { items } = await cookOnce(work_item_expand, { ...list, params: { attribute, expansion, number } });
    return items.map(({ attributes: { expandvalue, expandsize } }) => [expandvalue, expandsize]);
  };

  test("work_item_expand: every way of cutting a list", async () => {
    expect(await expanded("one_to_one", 9)).toEqual(["a", "b", "c", "d", "e"].map((part) => [part, 1]));
    expect(await expanded("size", 2)).toEqual([
      [["a", "b"], 2],
      [["c", "d"], 2],
      [["e"], 1],
    ]);
    expect(await expanded("count", 3)).toEqual([
      [["a", "b"], 2],
      [["c", "d"], 2],
      [["e"], 1],
    ]);
    expect(await expanded("count", 9)).toHaveLength(5);
    expect(await expanded("first", 2)).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    expect(await expanded("last", 2)).toEqual([
      ["d", 1],
      ["e", 1],
    ]);
    expect(await expanded("one_to_one", 1, "one")).toEqual([[1, 1]]);
  });

  test("work_item_expand: items are known by what they hold, and by a number only where that comes again", async () => {
    const inputs = [{ attributes: { parts: [2, 1, 2] } }];
    const { items } = await cookOnce(work_item_expand, { params: { attribute: "parts" }, inputs });
    expect(items.map(({ identity }) => identity)).toEqual([{ value: 2 }, { value: 1 }, { value: 2, repeat: 1 }]);
  });

  test("work_item_expand: of files those with the tag; none is refused, or makes no items", async () => {
    const files = ["a.txt", "b.png", "c.txt"].map((name) =>
      FILE(name, name.endsWith("png") ? "file/image" : "file/text"),
    );
    const names = async (params: object) => {
      const { items } = await cookOnce(work_item_expand, { params: { of: "files", ...params }, inputs: [{ files }] });
      return items.map(({ outputs }) => outputs.map(({ path }) => path).length);
    };
    expect(await names({})).toEqual([1, 1, 1]);
    expect(await names({ tag: "file/text", expansion: "size", number: 2 })).toEqual([2]);
    expect(await messageOf(names({ tag: "file/json" }))).toContain('item_0 has no file tagged "file/json"; "missing"');
    expect(await names({ tag: "file/json", missing: "leave_out" })).toEqual([]);
    expect(await messageOf(names({ attribute: "parts" }))).toContain('it counts only with "of": "attribute"');
  });

  test("work_item_expand: an empty list makes no items, a missing one is refused", async () => {
    const of = (attributes: object) =>
      cookOnce(work_item_expand, { ...list, inputs: [{ attributes: { ...attributes } }] });
    expect((await of({ parts: [] })).items).toEqual([]);
    expect(await messageOf(of({}))).toBe(
      'item_0 has no attribute "parts"; "missing" can say what becomes of such items',
    );
  });
});
