/** `partition_by_attribute`, and what all partitioners share. */
import { describe, expect, test } from "@jest/globals";
import { cookOnce, testNodeType } from "dag-cook/testing";
import partition_by_attribute from "../../../nodes/partition/partition_by_attribute.js";
import { messageOf } from "../space.js";
import { membersBy, numbered, partitionsBy, SHARED_CHANGES } from "./members.js";

const SHOTS = numbered(
  { shot: "b", take: 1 },
  { shot: "a", take: 2 },
  { shot: "b", take: 2 },
  { take: 1 },
  { shot: "a", take: 2 },
);
const SHOT = [{ name: "shot" }];
const by = (params: object, inputs = SHOTS) => partitionsBy(partition_by_attribute, params, inputs);
const members = (params: object, inputs = SHOTS) => membersBy(partition_by_attribute, params, inputs);

testNodeType((name, run) => test(name, run), partition_by_attribute, {
  module: new URL("../../../nodes/partition/partition_by_attribute.js", import.meta.url).href,
  base: () => ({ params: { attributes: [{ name: "take" }] }, inputs: SHOTS }),
  changes: () => ({
    attributes: { to: { attributes: [{ name: "n" }] } },
    by: { to: { by: "names" } },
    independently: { from: { attributes: [{ name: "take" }, { name: "n" }] }, to: { independently: true } },
    unmatched: { from: { attributes: SHOT, unmatched: "leave_out" }, to: { unmatched: "one_partition" } },
    ...SHARED_CHANGES,
  }),
});

describe("partition_by_attribute", () => {
  test("partition_by_attribute: items with the same values are together, known by the values", async () => {
    expect(await by({ attributes: SHOT, unmatched: "leave_out" })).toEqual([
      [{ values: { shot: "b" } }, [0, 2]],
      [{ values: { shot: "a" } }, [1, 4]],
    ]);
    expect(await by({ attributes: [...SHOT, { name: "take" }], unmatched: "leave_out" })).toEqual([
      [{ values: { shot: "b", take: 1 } }, [0]],
      [{ values: { shot: "a", take: 2 } }, [1, 4]],
      [{ values: { shot: "b", take: 2 } }, [2]],
    ]);
  });

  test("partition_by_attribute: attributes can partition independently", async () => {
    const attributes = [...SHOT, { name: "take" }];
    expect(await by({ attributes, independently: true })).toEqual([
      [{ values: { shot: "b" } }, [0, 2]],
      [{ values: { shot: "a" } }, [1, 4]],
      [{ values: { take: 1 } }, [0, 3]],
      [{ values: { take: 2 } }, [1, 2, 4]],
    ]);
  });

  test("partition_by_attribute: listed values, spelled as text or number, one partition or one each", async () => {
    const attributes = [
      { name: "shot", value: "a" },
      { name: "take", value: "2" },
    ];
    const listed = { attributes, by: "listed", unmatched: "leave_out" };
    expect(await by(listed)).toEqual([[{ values: { shot: "a", take: "2" } }, [1, 4]]]);
    expect(await members({ ...listed, independently: true })).toEqual([
      [1, 4],
      [1, 2, 4],
    ]);
  });

  test("partition_by_attribute: names ask only whether there is the attribute; patterns ask for several", async () => {
    const items = numbered({ size_x: 1 }, { size_y: 1 }, { size_x: 2, size_y: 3 });
    const names = [{ name: "size_x" }, { name: "size_y" }];
    const params = { attributes: names, by: "names", unmatched: "leave_out" };
    expect(await by(params, items)).toEqual([[{ names: ["size_x", "size_y"] }, [2]]]);
    expect(await members({ ...params, independently: true }, items)).toEqual([
      [0, 2],
      [1, 2],
    ]);
    expect(await by({ attributes: [{ name: "size_?" }], by: "pattern" }, items)).toEqual([
      [{ names: ["size_x"] }, [0, 2]],
      [{ names: ["size_y"] }, [1, 2]],
    ]);
  });

  test("partition_by_attribute: the policy decides about items that belong nowhere", async () => {
    const policy = (unmatched: string) => members({ attributes: SHOT, unmatched });
    expect(await policy("one_partition")).toEqual([[0, 2], [1, 4], [3]]);
    expect(await policy("every_partition")).toEqual([
      [0, 2, 3],
      [1, 3, 4],
    ]);
    const take = { attributes: [{ name: "take", value: 1 }], by: "listed", unmatched: "own_partitions" };
    expect(await members(take)).toEqual([[0, 3], [1], [2], [4]]);
    expect(await messageOf(policy("fail"))).toBe(
      'item_3 has no attribute "shot"; "unmatched" can say what becomes of such items',
    );
  });

  test("partition_by_attribute: true and 1, and text and numbers, are different values", async () => {
    const items = numbered(
      { x: 1 },
      { x: "1" },
      { x: true },
      { x: [1, 2] },
      { x: { b: 1, a: 2 } },
      { x: { a: 2, b: 1 } },
    );
    expect(await members({ attributes: [{ name: "x" }] }, items)).toEqual([[0], [1], [2], [3], [4, 5]]);
  });

  test.each([
    [{ attributes: [] }, "attributes must have at least 1 item, not 0"],
    [{ attributes: SHOT, by: "listed" }, 'attributes.0: "shot" needs a "value" to be listed by'],
    [{ attributes: [{ name: "shot", value: 1 }] }, 'attributes.0.value: a value counts only with "by": "listed"'],
    [{ attributes: [...SHOT, ...SHOT] }, 'attributes.1.name: "shot" is given twice'],
    [{ attributes: [{ name: "s*" }] }, 'attributes.0.name: "s*" is a pattern, which needs "by": "pattern"'],
    [{ attributes: [{ name: "a b" }] }, 'attributes.0.name must match /^[A-Za-z_*?][A-Za-z0-9_*?]*$/, not "a b"'],
  ])("partition_by_attribute: %j is refused", async (params, message) => {
    expect(await messageOf(by(params))).toBe(message);
  });
});

describe("partitioners", () => {
  const TAKE = { attributes: [{ name: "take" }] };

  test("partitioners: members come in the order of the sort, those without its attribute last", async () => {
    expect(await members({ ...TAKE, sort: [{ attribute: "shot" }, { attribute: "n", descending: true }] })).toEqual([
      [4, 1, 2],
      [0, 3],
    ]);
  });

  test("partitioners: no partition has members of two groups that split_by makes", async () => {
    const split = await by({ ...TAKE, split_by: ["shot"] });
    expect(split).toEqual([
      [{ split: { shot: "b" }, group: { values: { take: 1 } } }, [0]],
      [{ split: { shot: "b" }, group: { values: { take: 2 } } }, [2]],
      [{ split: { shot: "a" }, group: { values: { take: 2 } } }, [1, 4]],
      [{ split: { shot: null }, group: { values: { take: 1 } } }, [3]],
    ]);
  });

  test("partitioners: every merge operation", async () => {
    const items = [5, 1, 1, 2].map((x) => ({ attributes: { x, one: 1 } }));
    const operations = [
      "first",
      "last",
      "min",
      "max",
      "sum",
      "average",
      "median",
      "most_common",
      "count",
      "list",
      "unique",
    ] as const;
    const merge = operations.map((operation) => ({ attribute: "x", operation, into: operation }));
    const cooked = await cookOnce(partition_by_attribute, {
      params: { attributes: [{ name: "one" }], merge },
      inputs: items,
    });
    expect(cooked.items.map(({ attributes }) => attributes)).toEqual([
      {
        first: 5,
        last: 2,
        min: 1,
        max: 5,
        sum: 9,
        average: 2.25,
        median: 1.5,
        most_common: 1,
        count: 4,
        list: [5, 1, 1, 2],
        unique: [5, 1, 2],
        partitionsize: 4,
      },
    ]);
  });

  test("partitioners: of merges the first that fits an attribute counts; members without it do not", async () => {
    const items = [{ attributes: { one: 1, size_x: 1, size_y: 2 } }, { attributes: { one: 1, size_x: 3, other: 1 } }];
    const merge = [
      { attribute: "size_x", operation: "max" },
      { attribute: "size_*", operation: "sum" },
    ] as const;
    const cooked = await cookOnce(partition_by_attribute, {
      params: { attributes: [{ name: "one" }], merge },
      inputs: items,
    });
    expect(cooked.items[0]?.attributes).toEqual({ size_x: 3, size_y: 2, partitionsize: 2 });
  });

  test.each([
    [[{ attribute: "n" }, { attribute: "m", into: "n" }], 'merge.1: "n" is merged twice'],
    [[{ attribute: "n*", into: "m" }], 'merge.0.into: the several attributes of "n*" cannot have one name'],
    [[{ attribute: "shot", operation: "sum" }], '"shot" has the value "b": "sum" needs numbers alone'],
  ])("partitioners: the merge %j is refused", async (merge, message) => {
    expect(await messageOf(by({ ...TAKE, merge }))).toBe(message);
  });

  test("partitioners: nothing upstream makes no partitions", async () => {
    expect(await by(TAKE, [])).toEqual([]);
  });
});
