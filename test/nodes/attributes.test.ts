/** `wedge`, `attribute_create` and `wait_for_all`: items that have no work. */
import { describe, expect, test } from "@jest/globals";
import { testNodeType } from "dag-cook/testing";
import attribute_create from "../../nodes/attribute/attribute_create.js";
import wedge from "../../nodes/attribute/wedge.js";
import wait_for_all from "../../nodes/flow/wait_for_all.js";
import { cookIn, messageOf, testFolder } from "./space.js";

const folder = testFolder();
const cookWedge = cookIn(folder, wedge);
const cookCreate = cookIn(folder, attribute_create);
const RATES = { name: "rate", type: "float", values: [2e-4, 5e-4] };
const SIZES = { name: "size", type: "int", values: [64, 128, 256] };

async function variations(attributes: readonly unknown[], combine = "product") {
  const { items } = await cookWedge({ params: { attributes, combine } });
  return items.map(({ identity }) => identity);
}

describe("wedge", () => {
  testNodeType((name, run) => test(name, run), wedge, {
    module: new URL("../../nodes/attribute/wedge.js", import.meta.url).href,
    base: () => ({ params: { attributes: [RATES] } }),
    changes: () => ({
      attributes: { to: { attributes: [SIZES] } },
      combine: {
        from: { attributes: [RATES, { ...SIZES, values: [1, 2] }] },
        to: { combine: "zip" },
      },
    }),
  });

  test("wedge: several attributes give every combination, the first varying slowest", async () => {
    expect(await variations([RATES, { ...SIZES, values: [64, 128] }])).toEqual([
      { rate: 2e-4, size: 64 },
      { rate: 2e-4, size: 128 },
      { rate: 5e-4, size: 64 },
      { rate: 5e-4, size: 128 },
    ]);
  });

  test("wedge: zip takes values side by side", async () => {
    const both = [RATES, { ...SIZES, values: [64, 128] }];
    expect(await variations(both, "zip")).toEqual([
      { rate: 2e-4, size: 64 },
      { rate: 5e-4, size: 128 },
    ]);
  });

  test("wedge: a range has count values with both ends, or steps that do not pass the end", async () => {
    const range = (given: object, type = "float") => variations([{ name: "x", type, range: given }]);
    expect(await range({ start: 0, end: 1, count: 5 })).toEqual([0, 0.25, 0.5, 0.75, 1].map((x) => ({ x })));
    expect(await range({ start: 0.1, end: 0.55, step: 0.1 })).toEqual([0.1, 0.2, 0.3, 0.4, 0.5].map((x) => ({ x })));
    expect(await range({ start: 0, end: 0.3, step: 0.1 })).toEqual([0, 0.1, 0.2, 0.3].map((x) => ({ x })));
    expect(await range({ start: 3, end: -3, step: -2 }, "int")).toEqual([3, 1, -1, -3].map((x) => ({ x })));
    expect(await range({ start: 7, end: 9, count: 1 })).toEqual([{ x: 7 }]);
  });

  test("wedge: stacked wedges keep the earlier attributes and count over all", async () => {
    const above = { wedgeindex: 1, wedgetotal: 2, wedgeattribs: ["rate"], rate: 5e-4 };
    const { items } = await cookWedge({ params: { attributes: [SIZES] }, inputs: [{ attributes: above }] });
    expect(items.map(({ attributes }) => attributes)).toEqual(
      [64, 128, 256].map((size, wedgenum) => ({
        size,
        wedgenum,
        wedgecount: 3,
        wedgeindex: 3 + wedgenum,
        wedgetotal: 6,
        wedgeattribs: ["rate", "size"],
      })),
    );
  });

  test("wedge: text that templates made is read as the type says", async () => {
    expect(await variations([{ name: "rate", values: ["0.5", "2e-4"] }])).toEqual([{ rate: 0.5 }, { rate: 2e-4 }]);
  });

  test.each([
    [[{ name: "x" }], 'attributes.0: "x" needs "values" or a "range"'],
    [
      [{ name: "x", values: [1], range: { start: 0, end: 1, count: 2 } }],
      'attributes.0: "x" needs either "values" or a "range", not both',
    ],
    [[{ name: "x", range: { start: 0, end: 1 } }], 'attributes.0.range: it needs either "count" or "step"'],
    [
      [{ name: "x", range: { start: 0, end: 1, step: -0.5 } }],
      "attributes.0.range: steps of -0.5 do not lead from 0 to 1",
    ],
    [
      [{ name: "x", range: { start: 0, end: 1, step: 2 ** -21 } }],
      "attributes.0.range: it has 2097153 values, above 1000000",
    ],
    [
      [{ name: "x", type: "int", values: [1, 1.5] }],
      'attributes.0.values: 1.5 is not a whole number, which the type "int" asks for',
    ],
    [[{ name: "x", values: ["abc"] }], 'attributes.0.values: "abc" is not a number, which the type "float" asks for'],
    [[{ name: "x", values: [1, "1"] }], "attributes.0.values: 1 is there twice"],
    [[RATES, RATES], 'attributes.1.name: "rate" varies twice'],
    [[{ name: "no name", values: [1] }], 'attributes.0.name must match /^[A-Za-z_][A-Za-z0-9_]*$/, not "no name"'],
  ])("wedge: %j is refused", async (attributes, message) => {
    expect(await messageOf(cookWedge({ params: { attributes } }))).toBe(message);
  });

  test("wedge: zip of different lengths is refused", async () => {
    expect(await messageOf(cookWedge({ params: { attributes: [RATES, SIZES], combine: "zip" } }))).toBe(
      'attributes.1: "size" has 3 values and "rate" has 2: "zip" needs as many of each',
    );
  });
});

describe("attribute_create", () => {
  testNodeType((name, run) => test(name, run), attribute_create, {
    module: new URL("../../nodes/attribute/attribute_create.js", import.meta.url).href,
    base: () => ({ inputs: [{}] }),
    changes: () => ({ attributes: { to: { attributes: [{ name: "x", value: 1 }] } } }),
  });

  test("attribute_create: values get their types, text from templates included", async () => {
    const attributes = [
      { name: "half", value: "12.5" },
      { name: "count", type: "int", value: 3 },
      { name: "title", type: "string", value: 7 },
      { name: "on", type: "bool", value: "true" },
      { name: "sizes", type: "int", array: true, value: [64, "128"] },
    ];
    const { items } = await cookCreate({ params: { attributes }, inputs: [{}] });
    expect(items.map((item) => item.attributes)).toEqual([
      { half: 12.5, count: 3, title: "7", on: true, sizes: [64, 128] },
    ]);
  });

  test.each([
    [
      { name: "x", type: "int", value: 0.5 },
      'attributes.0.value: 0.5 is not a whole number, which the type "int" asks for',
    ],
    [
      { name: "x", type: "bool", value: "yes" },
      'attributes.0.value: "yes" is not true or false, which the type "bool" asks for',
    ],
    [{ name: "x", value: "" }, 'attributes.0.value: "" is not a number, which the type "float" asks for'],
    [{ name: "x", value: [1] }, 'attributes.0.value: a list needs "array": true'],
    [{ name: "x", array: true, value: 1 }, 'attributes.0.value: 1 is no list, which "array": true asks for'],
    [{ name: "x" }, "attributes.0.value must be given"],
  ])("attribute_create: %j is refused", async (attribute, message) => {
    expect(await messageOf(cookCreate({ params: { attributes: [attribute] } }))).toBe(message);
  });
});

describe("wait_for_all", () => {
  testNodeType((name, run) => test(name, run), wait_for_all, {
    module: new URL("../../nodes/flow/wait_for_all.js", import.meta.url).href,
    base: () => ({ inputs: [{}, {}] }),
    changes: () => ({}),
  });

  test("wait_for_all: all upstream items are members of one partition, none of no partition", async () => {
    const cook = cookIn(folder, wait_for_all);
    const { items } = await cook({ inputs: [{ name: "a" }, { name: "b" }, { name: "c" }] });
    expect(items.map(({ identity, attributes }) => [identity, attributes])).toEqual([["all", { partitionsize: 3 }]]);
    expect((await cook({ inputs: [] })).items).toEqual([]);
  });
});
