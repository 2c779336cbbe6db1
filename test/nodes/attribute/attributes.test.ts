/** Node types that set, copy, rename and take away attributes, without a graph. */
import { describe, expect, test } from "@jest/globals";
import type { NodeDefinition, ParamSchemas } from "dag-cook";
import { cookOnce, type Upstream } from "dag-cook/testing";
import attribute_copy from "../../../nodes/attribute/attribute_copy.js";
import attribute_delete from "../../../nodes/attribute/attribute_delete.js";
import attribute_promote from "../../../nodes/attribute/attribute_promote.js";
import attribute_randomize from "../../../nodes/attribute/attribute_randomize.js";
import attribute_reduce from "../../../nodes/attribute/attribute_reduce.js";
import attribute_rename from "../../../nodes/attribute/attribute_rename.js";
import { holdsCase } from "../contract.js";
import { messageOf } from "../space.js";

type Attributes = NonNullable<Upstream["attributes"]>;

/** What the node sets on one upstream item. */
async function written<S extends ParamSchemas>(type: NodeDefinition<S>, params: object, attributes: Attributes) {
  return (await cookOnce(type as unknown as NodeDefinition, { params: { ...params }, inputs: [{ attributes }] }))
    .items[0]?.attributes;
}

describe("attribute_randomize", () => {
  const uniform = { attributes: [{ name: "x" }] };
  holdsCase(
    "attribute/attribute_randomize",
    attribute_randomize,
    { params: uniform, inputs: [{}] },
    {
      attributes: { to: { attributes: [{ name: "x", maximum: 2 }] } },
      seed: { to: { seed: 1 } },
    },
  );

  const SIZE = 20_000;
  const draws = async (given: object) =>
    (await written(attribute_randomize, { attributes: [{ name: "x", size: SIZE, ...given }] }, {}))?.x as number[];
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = (values: readonly number[]) => {
    const middle = mean(values);
    return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  };

  // Moments of the distributions; each mean may be off by five of its standard errors.
  test.each([
    [{ minimum: -1, maximum: 3 }, 1, 4 / Math.sqrt(12)],
    [{ type: "int", minimum: 1, maximum: 6 }, 3.5, Math.sqrt(35 / 12)],
    [{ distribution: "discrete", values: [1, 5], weights: [3, 1] }, 2, Math.sqrt(3)],
    [{ distribution: "discrete", values: [1, 2, 3] }, 2, Math.sqrt(2 / 3)],
    [{ distribution: "two_value", values: [0, 10], probability: 0.2 }, 2, 4],
    [{ distribution: "normal", mean: 5, deviation: 2 }, 5, 2],
    [{ distribution: "exponential", mean: 3 }, 3, 3],
    [{ distribution: "log_normal", deviation: 0.5 }, Math.exp(0.125), Math.sqrt(Math.expm1(0.25) * Math.exp(0.25))],
    [{ distribution: "curve", curve: [0, 1] }, 0.5, 1 / Math.sqrt(12)],
    [{ distribution: "curve", curve: [0, 2, 2] }, 1.5, Math.sqrt(5 / 12)],
  ])("attribute_randomize: %j has its mean and deviation", async (given, expected, spread) => {
    const values = await draws(given);
    expect(Math.abs(mean(values) - expected)).toBeLessThan((5 * spread) / Math.sqrt(SIZE));
    expect(Math.abs(deviation(values) / spread - 1)).toBeLessThan(0.06);
  });

  test("attribute_randomize: whole numbers reach both ends, cut distributions stay inside", async () => {
    expect(new Set(await draws({ type: "int", minimum: 0.5, maximum: 3 }))).toEqual(new Set([1, 2, 3]));
    const cut = await draws({ distribution: "normal", minimum: -0.5, maximum: 1 });
    expect([Math.min(...cut), Math.max(...cut)]).toEqual([-0.5, 1]);
  });

  test("attribute_randomize: a value of weight 0 never comes", async () => {
    const values = await draws({ distribution: "discrete", values: [1, 2, 3], weights: [0, 1, 0] });
    expect(new Set(values)).toEqual(new Set([2]));
  });

  test("attribute_randomize: attributes of one item differ; an existing one can be kept", async () => {
    const both = await written(attribute_randomize, { attributes: [{ name: "x" }, { name: "y" }] }, {});
    expect(both?.x).not.toBe(both?.y);
    const kept = { attributes: [{ name: "x", existing: "keep" }, { name: "y" }] };
    expect(Object.keys((await written(attribute_randomize, kept, { x: 1 })) ?? {})).toEqual(["y"]);
  });

  test.each([
    [{ minimum: 2 }, "attributes.0.maximum: 1 is below the minimum, 2"],
    [{ type: "int", minimum: 0.2, maximum: 0.8 }, "attributes.0.maximum: there is no whole number between 0.2 and 0.8"],
    [{ distribution: "discrete" }, 'attributes.0.values: "discrete" needs values'],
    [
      { distribution: "discrete", values: [1], weights: [1, 2] },
      "attributes.0.weights: there are 2 of them for 1 values",
    ],
    [{ distribution: "discrete", values: [1], weights: [0] }, "attributes.0.weights: one must be above 0"],
    [{ distribution: "discrete", values: [0.5], type: "int" }, "attributes.0.values: 0.5 is not a whole number"],
    [{ distribution: "two_value", values: [1] }, 'attributes.0.values: "two_value" needs two values, not 1'],
    [{ distribution: "exponential" }, 'attributes.0.mean: "exponential" needs a mean above 0, not 0'],
    [{ distribution: "curve", curve: [1] }, 'attributes.0.curve: "curve" needs at least two values, not 1'],
    [{ deviation: -1 }, "attributes.0.deviation must be at least 0, not -1"],
  ])("attribute_randomize: %j is refused", async (given, message) => {
    expect(await messageOf(draws(given))).toBe(message);
  });
});

describe("attribute_reduce", () => {
  const of = (operation: string, into = "") => ({ reductions: [{ attribute: "x", operation, into }] });
  holdsCase(
    "attribute/attribute_reduce",
    attribute_reduce,
    { params: of("min"), inputs: [{ attributes: { x: [3, 1, 2] } }] },
    {
      reductions: { to: of("max") },
      missing: { from: { missing: "ignore" }, to: { missing: "fail" }, inputs: [{}], refused: true },
    },
  );

  test.each([
    ["sum", [3, 1, 1, 2], 7],
    ["average", [3, 1, 1, 2], 1.75],
    ["median", [3, 1, 2], 2],
    ["median", [4, 1, 2, 3], 2.5],
    ["min", ["b", "a"], "a"],
    ["max", [2, 10], 10],
    ["most_common", [1, 2, 2, 1], 1],
    ["first", [3, 1], 3],
    ["last", [3, 1], 1],
    ["count", [], 0],
    ["unique", [2, 1, 2], [2, 1]],
    ["sorted", [2, 10, 2, "b", "a"], [2, 2, 10, "a", "b"]],
    ["sorted_unique", [2, 10, 2], [2, 10]],
    ["sum", 5, 5],
  ])("attribute_reduce: %s of %j", async (operation, x, expected) => {
    expect(await written(attribute_reduce, of(operation), { x })).toEqual({ x: expected });
  });

  test.each([
    [of("sum"), { x: [1, "a"] }, '"x" of item_0 has the value "a": "sum" needs numbers alone'],
    [of("max"), { x: [] }, '"x" of item_0 has no values, of which "max" could make one'],
    [of("max"), {}, 'item_0 has no attribute "x"'],
    [{ reductions: [...of("max").reductions, ...of("min").reductions] }, { x: 1 }, 'reductions.1: "x" is made twice'],
  ])("attribute_reduce: %j of %j is refused", async (params, attributes, message) => {
    expect(await messageOf(written(attribute_reduce, params, attributes as Attributes))).toBe(message);
  });
});

describe("attribute_rename", () => {
  const rename = (...pairs: readonly (readonly [string, string])[]) => ({
    attributes: pairs.map(([from, to]) => ({ from, to })),
  });
  const base = { params: rename(["a", "b"]), inputs: [{ attributes: { a: 1, c: 2 } }] };
  holdsCase("attribute/attribute_rename", attribute_rename, base, {
    attributes: { to: rename(["c", "b"]) },
    overwrite: { from: { ...rename(["a", "c"]), overwrite: true }, to: { overwrite: false }, refused: true },
    missing: { from: { missing: "ignore" }, to: { missing: "fail" }, inputs: [{}], refused: true },
  });

  test("attribute_rename: names can change places, and overwrite others where that is asked for", async () => {
    expect(await written(attribute_rename, rename(["a", "b"], ["b", "a"]), { a: 1, b: 2 })).toEqual({ b: 1, a: 2 });
    const over = { ...rename(["a", "b"]), overwrite: true };
    expect(await written(attribute_rename, over, { a: 1, b: 2 })).toEqual({ b: 1 });
  });

  test.each([
    [rename(["a", "b"]), { a: 1, b: 2 }, 'item_0 already has an attribute "b"; "overwrite" replaces such'],
    [rename(["a", "b"]), {}, 'item_0 has no attribute "a"'],
    [rename(["a", "a"]), {}, 'attributes.0.to: "a" is its name already'],
    [rename(["a", "b"], ["a", "c"]), {}, 'attributes.1.from: "a" is renamed twice'],
    [rename(["a", "c"], ["b", "c"]), {}, 'attributes.1.to: "c" is given twice'],
  ])("attribute_rename: %j of %j is refused", async (params, attributes, message) => {
    expect(await messageOf(written(attribute_rename, params, attributes as Attributes))).toBe(message);
  });
});

describe("attribute_delete", () => {
  test("attribute_delete: an item does not inherit the named attributes, nor those that fit a pattern", () => {
    const upstream = {
      name: "item_0",
      index: 0,
      state: "cooked_success",
      key: "key",
      seed: 0,
      grouped: () => [],
      attribute: () => 1,
      attributeNames: () => new Set(["wedgenum", "wedgeindex", "x"]),
      offered: () => [],
    };
    const around = { inputs: {}, paramsOf: () => ({ attributes: [] }) };
    const made = [...attribute_delete.generate!([upstream], { attributes: ["wedge*", "gone"] }, null, around)];
    expect(made).toEqual([{ identity: null, removes: ["wedgeindex", "wedgenum", "gone"] }]);
  });
});

describe("attribute_copy", () => {
  const item = (attributes: Attributes) => ({ attributes });
  const inputs = {
    main: [item({ key: "a", size: 1 }), item({ key: "b" }), item({ key: "c" })],
    from: [item({ key: "c", size: 30, power: 3 }), item({ key: "a", size: 10 })],
  };
  const copied = async (params: object) =>
    (await cookOnce(attribute_copy, { params: { attributes: ["size"], ...params }, inputs })).items.map(
      ({ attributes }) => attributes,
    );
  // One identity for every item: upstream tells them apart, which the harness does not look at.
  const single = { main: inputs.main.slice(0, 1), from: inputs.from };
  holdsCase(
    "attribute/attribute_copy",
    attribute_copy,
    { params: { attributes: ["size"] }, inputs: single },
    {
      attributes: { to: { attributes: ["power"] } },
      match: { to: { match: "all" } },
      by: { from: { match: "attribute", by: "key" }, to: { by: "none" } },
      unmatched: { from: { match: "attribute", by: "none" }, to: { unmatched: "leave_out" } },
      overwrite: { to: { overwrite: false } },
    },
  );

  test("attribute_copy: by place, by value, or from all", async () => {
    expect(await copied({})).toEqual([{ size: 30 }, { size: 10 }, {}]);
    expect(await copied({ match: "attribute", by: "key" })).toEqual([{ size: 10 }, {}, { size: 30 }]);
    expect(await copied({ match: "all" })).toEqual([{ size: 10 }, { size: 10 }, { size: 10 }]);
    expect(await copied({ attributes: ["p*", "size"] })).toEqual([{ power: 3, size: 30 }, { size: 10 }, {}]);
  });

  test("attribute_copy: items that match nothing can be left out, existing values kept", async () => {
    expect(await copied({ unmatched: "leave_out" })).toHaveLength(2);
    expect(await copied({ overwrite: false })).toEqual([{}, { size: 10 }, {}]);
    // Items without the attribute match nothing, also not each other.
    expect(await copied({ match: "attribute", by: "none", unmatched: "leave_out" })).toEqual([]);
  });
});

describe("attribute_promote", () => {
  const promote = (from: string, tag = "") => ({ promotions: [{ from, into: "x", tag }] });
  const path = new URL(import.meta.url).pathname;
  const upstream = {
    name: "tile_1",
    files: [
      { path, tag: "file/image/a" },
      { path, tag: "file/text" },
    ],
  };
  holdsCase(
    "attribute/attribute_promote",
    attribute_promote,
    { params: promote("index"), inputs: [upstream] },
    {
      promotions: { to: promote("name") },
    },
  );

  test("attribute_promote: index, name, and files by their tag", async () => {
    const x = async (params: object) =>
      (await cookOnce(attribute_promote, { params: { ...params }, inputs: [upstream] })).items[0]?.attributes.x;
    expect(await x(promote("index"))).toBe(0);
    expect(await x(promote("name"))).toBe("tile_1");
    expect(await x(promote("files"))).toHaveLength(2);
    expect(await x(promote("files", "file/image"))).toMatchObject([
      { $file: "attributes.test.js", tag: "file/image/a" },
    ]);
  });

  test("attribute_promote: two of one name are refused", async () => {
    const twice = { promotions: [...promote("index").promotions, ...promote("name").promotions] };
    expect(await messageOf(written(attribute_promote, twice, {}))).toBe('promotions.1.into: "x" is set twice');
  });
});
