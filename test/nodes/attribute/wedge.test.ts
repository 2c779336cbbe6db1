/** `wedge`: items from variations of values. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { testNodeType } from "dag-cook/testing";
import wedge from "../../../nodes/attribute/wedge.js";
import { CookSpace, cookedItems } from "../../helpers/cook-space.js";
import { addWriter, itemsOf, wedgeOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";

const cookWedge = cookIn(testFolder(), wedge);
const RATES = { name: "rate", type: "float", values: [2e-4, 5e-4] };
const SIZES = { name: "size", type: "int", values: [64, 128, 256] };

async function variations(attributes: readonly unknown[], params: object = {}) {
  const { items } = await cookWedge({ params: { attributes, ...params } });
  return items.map(({ identity }) => identity);
}

/** Values of the attribute `x`, which varies as given. */
async function xs(given: object, params: object = {}) {
  const { items } = await cookWedge({ params: { attributes: [{ name: "x", ...given }], ...params } });
  return items.map(({ attributes }) => attributes.x);
}

describe("wedge", () => {
  testNodeType((name, run) => test(name, run), wedge, {
    module: new URL("../../../nodes/attribute/wedge.js", import.meta.url).href,
    base: () => ({ params: { attributes: [RATES] } }),
    changes: () => ({
      attributes: { to: { attributes: [SIZES] } },
      combine: {
        from: { attributes: [RATES, { ...SIZES, values: [1, 2] }] },
        to: { combine: "zip" },
      },
      count: { from: { combine: "zip" }, to: { count: 5 } },
      order: { to: { order: "wedge" }, inputs: [{ attributes: { n: 1 } }, { attributes: { n: 2 } }] },
      preserve_wedge_numbers: { to: { preserve_wedge_numbers: true } },
      "names.wedgeindex": { to: { names: { wedgeindex: "number" } } },
      "names.wedgenum": { to: { names: { wedgenum: "" } } },
      "names.wedgeattribs": { to: { names: { wedgeattribs: "" } } },
      "names.wedgecount": { to: { names: { wedgecount: "" } } },
      "names.wedgetotal": { to: { names: { wedgetotal: "" } } },
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
    expect(await variations(both, { combine: "zip" })).toEqual([
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
    [
      [{ name: "x" }],
      'attributes.0: "x" needs one of "values", "range", "bracket", "random", "expression", "files" to say how it varies',
    ],
    [
      [{ name: "x", values: [1], range: { start: 0, end: 1, count: 2 } }],
      'attributes.0: "x" has "values" and "range": one is enough',
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

  test("wedge: vectors and colors vary in all components at once", async () => {
    expect(await xs({ type: "vector", range: { start: [0, 10, 1], end: [1, 20, 1], count: 3 } })).toEqual([
      [0, 10, 1],
      [0.5, 15, 1],
      [1, 20, 1],
    ]);
    expect(
      await xs({
        type: "color",
        values: [
          [1, 0, 0],
          [0, 1, 0, 0.5],
        ],
      }),
    ).toEqual([
      [1, 0, 0],
      [0, 1, 0, 0.5],
    ]);
  });

  test("wedge: a bracket lies about its centre", async () => {
    expect(await xs({ bracket: { center: 5, offset: 2 } })).toEqual([3, 5, 7]);
    expect(await xs({ type: "int", bracket: { center: 5, offset: 2, count: 5 } })).toEqual([3, 4, 5, 6, 7]);
    expect(await xs({ type: "vector", bracket: { center: [0, 1], offset: [1, 0.5] } })).toEqual([
      [-1, 0.5],
      [0, 1],
      [1, 1.5],
    ]);
  });

  test("wedge: random samples follow from seed and name alone, and lie in their distribution", async () => {
    const random = { samples: 50, seed: 3, minimum: 2, maximum: 4 };
    const first = (await xs({ random })) as number[];
    expect(await xs({ random })).toEqual(first);
    expect(await xs({ random: { ...random, samples: 60 } })).toEqual(expect.arrayContaining(first));
    expect(await xs({ random: { ...random, seed: 4 } })).not.toEqual(first);
    expect(first.every((value) => value >= 2 && value < 4)).toBe(true);
    expect(new Set(first).size).toBe(50);
    const vectors = (await xs({ type: "vector", random })) as number[][];
    expect(vectors.every((vector) => vector.length === 3 && new Set(vector).size === 3)).toBe(true);
  });

  test("wedge: variations that random samples repeat are told apart", async () => {
    const identities = await variations([{ name: "x", type: "int", random: { samples: 5, minimum: 1, maximum: 1 } }]);
    const repeated = [1, 2, 3, 4].map((repeat) => ({ values: { x: 1 }, repeat }));
    expect(identities).toEqual([{ x: 1 }, ...repeated]);
  });

  test("wedge: files are files", async () => {
    const files = await xs({ type: "file", files: ["$HIP/a.png", "$HIP/b.png"] });
    expect(files).toEqual([{ $file: "$HIP/a.png" }, { $file: "$HIP/b.png" }]);
  });

  test("wedge: with a count, lists start again, and ranges and samples have so many", async () => {
    const attributes = [
      { name: "size", type: "int", values: [1, 2] },
      { name: "x", range: { start: 0, end: 4 } },
      { name: "y", random: { minimum: 5, maximum: 6 } },
    ];
    const { items } = await cookWedge({ params: { attributes, combine: "zip", count: 5 } });
    expect(items.map(({ attributes: { size } }) => size)).toEqual([1, 2, 1, 2, 1]);
    expect(items.map(({ attributes: { x } }) => x)).toEqual([0, 1, 2, 3, 4]);
    expect(new Set(items.map(({ attributes: { y } }) => y)).size).toBe(5);
  });

  test("wedge: numbers of stacked wedges can be kept, as lists", async () => {
    const inputs = [{ attributes: { wedgenum: 1, wedgecount: 2, wedgeindex: 1, wedgetotal: 2 } }];
    const { items } = await cookWedge({ params: { attributes: [SIZES], preserve_wedge_numbers: true }, inputs });
    const numbers = items.map(({ attributes: { wedgenum, wedgecount, wedgeindex } }) => [
      wedgenum,
      wedgecount,
      wedgeindex,
    ]);
    expect(numbers).toEqual([0, 1, 2].map((number) => [[1, number], [2, 3], 3 + number]));
  });

  test("wedge: the numbering attributes can be renamed and switched off", async () => {
    const names = { wedgeindex: "variant", wedgenum: "", wedgeattribs: "", wedgecount: "", wedgetotal: "variants" };
    const inputs = [{ attributes: { variant: 1, variants: 2, wedgeindex: 7 } }];
    const { items } = await cookWedge({ params: { attributes: [RATES], names }, inputs });
    expect(items.map(({ attributes }) => attributes)).toEqual([
      { rate: 2e-4, variant: 2, variants: 4 },
      { rate: 5e-4, variant: 3, variants: 4 },
    ]);
  });

  test.each([
    [{ values: [[1, 2]] }, 'attributes.0.values: [1,2] is not a number, which the type "float" asks for'],
    [{ type: "vector", values: [1] }, "attributes.0.values: 1 is no list of two to four numbers, which a vector needs"],
    [
      { type: "color", range: { start: [0, 0], end: [1, 1], count: 2 } },
      "attributes.0.range: a color needs lists of three or four numbers, as long as each other",
    ],
    [
      { type: "vector", range: { start: [0, 0], end: [1, 1], step: 1 } },
      'attributes.0.range: "x" has several components, of which "step" says nothing',
    ],
    [
      { range: { start: [0, 0], end: [1, 1], count: 2 } },
      'attributes.0.range: lists of numbers need the type "vector" or "color"',
    ],
    [
      { bracket: { center: 1, offset: 1, count: 4 } },
      "attributes.0.bracket: its count is 4, and only an odd one has the centre in its middle",
    ],
    [
      { type: "int", bracket: { center: 1, offset: 0.5 } },
      'attributes.0.bracket: 0.5 is not a whole number, which the type "int" asks for',
    ],
    [{ bracket: { center: 1, offset: 0 } }, "attributes.0.bracket: without an offset all values would be the same"],
    [{ random: {} }, 'attributes.0.random: it needs "samples"'],
    [{ expression: { value: 1 } }, 'attributes.0.expression: it needs "count"'],
    [
      { type: "vector", expression: { value: 1, count: 2 } },
      "attributes.0.expression: it gives one number, and a vector has several",
    ],
    [
      { random: { samples: 2, distribution: "curve" } },
      'attributes.0.random.curve: "curve" needs at least two values, not 0',
    ],
    [
      { type: "string", random: { samples: 2 } },
      'attributes.0.random: "random" gives numbers, not values of the type "string"',
    ],
    [
      { type: "file", values: ["a"] },
      'attributes.0: "files" and the type "file" go together, and "x" has but one of them',
    ],
    [{ type: "file", files: [] }, "attributes.0.files: there are none"],
  ])("wedge: an attribute with %j is refused", async (given, message) => {
    expect(await messageOf(xs(given))).toBe(message);
  });

  test("wedge: a count without zip and a name used twice are refused", async () => {
    expect(await messageOf(variations([RATES], { count: 3 }))).toBe('count: it counts only with "combine": "zip"');
    expect(await messageOf(variations([RATES], { names: { wedgenum: "rate" } }))).toBe(
      'names.wedgenum: another attribute has the name "rate" already',
    );
  });
});

describe("wedge below items", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("wedge: by input or by wedge: the same items in another order, so that nothing is cooked again", async () => {
    addWriter(space);
    const graph = (order: string) =>
      space.graph("graph.json", {
        numbers: wedgeOf("n", [2, 1]),
        // As many variations as the item's number says.
        varied: {
          type: "wedge",
          inputs: ["numbers"],
          params: {
            order,
            attributes: [{ name: "x", type: "int", range: { start: "@n * 10", end: "@n * 11", count: "@n" } }],
          },
        },
        written: { type: "studio/write", inputs: ["varied"] },
      });
    const xsIn = async () =>
      (await itemsOf(space, "graph.json", "varied")).map(({ attributes }) => [attributes.n, attributes.x]);
    graph("input");
    expect(await xsIn()).toEqual([
      [2, 20],
      [2, 22],
      [1, 10],
    ]);
    graph("wedge");
    const cooked = await space.cook("graph.json");
    expect(cookedItems(cooked.events)).toEqual([]);
    expect(await xsIn()).toEqual([
      [2, 20],
      [1, 10],
      [2, 22],
    ]);
  });
});
