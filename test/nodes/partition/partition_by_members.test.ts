/** Partitioners that look at more than one item, or input, at a time: combination, iteration, index, comparison, node, expression. */
import { describe, expect, test } from "@jest/globals";
import { cookOnce } from "dag-cook/testing";
import partition_by_combination from "../../../nodes/partition/partition_by_combination.js";
import partition_by_comparison from "../../../nodes/partition/partition_by_comparison.js";
import partition_by_expression from "../../../nodes/partition/partition_by_expression.js";
import partition_by_index from "../../../nodes/partition/partition_by_index.js";
import partition_by_iteration from "../../../nodes/partition/partition_by_iteration.js";
import partition_by_node from "../../../nodes/partition/partition_by_node.js";
import { holdsCase } from "../contract.js";
import { messageOf } from "../space.js";
import { count, membersBy, numbered, partitionsBy, SHARED_CHANGES } from "./members.js";

const SHOTS = numbered({ shot: "a" }, { shot: "b" });

describe("partition_by_combination", () => {
  holdsCase(
    "partition/partition_by_combination",
    partition_by_combination,
    { inputs: SHOTS },
    {
      ...SHARED_CHANGES,
      size: { to: { size: 1 } },
      keep_percent: { to: { keep_percent: 0 } },
      seed: {
        from: { keep_percent: 50, merge: [{ attribute: "n", operation: "list" }] },
        to: { seed: 1 },
        inputs: count(6),
      },
      split_by: { from: { size: 1 }, to: { split_by: ["shot"] } },
    },
  );
  const members = (params: object, items: number) => membersBy(partition_by_combination, params, count(items));

  test("partition_by_combination: every pair and triple, members in order", async () => {
    expect(await members({}, 3)).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(await members({ size: 3 }, 4)).toEqual([
      [0, 1, 2],
      [0, 1, 3],
      [0, 2, 3],
      [1, 2, 3],
    ]);
    expect(await members({ size: 3 }, 2)).toEqual([]);
    expect(await members({ sort: [{ attribute: "n", descending: true }] }, 3)).toEqual([
      [2, 1],
      [2, 0],
      [1, 0],
    ]);
  });

  test("partition_by_combination: about the asked part is kept, and what is kept does not depend on other items", async () => {
    const kept = await members({ keep_percent: 30 }, 60);
    // Of 1770 pairs 531 are expected; five standard deviations of the binomial distribution are 97.
    expect(Math.abs(kept.length - 531)).toBeLessThan(97);
    expect(await members({ keep_percent: 30 }, 61)).toEqual(expect.arrayContaining([...kept]));
    const sorted = await members({ keep_percent: 30, sort: [{ attribute: "n", descending: true }] }, 60);
    expect(new Set(sorted.map((pair) => String((pair as number[]).toReversed())))).toEqual(new Set(kept.map(String)));
  });

  test("partition_by_combination: too many are refused, however large", async () => {
    expect(await messageOf(members({ size: 3 }, 200))).toBe(
      "200 items have 1313400 combinations of 3, above the limit of 1000000",
    );
    expect(await members({ size: 1e9 }, 2)).toEqual([]);
  });
});

describe("partition_by_iteration", () => {
  const LOOPS = numbered({ loopiter: 0, loopnum: 0 }, { loopiter: 1, loopnum: 0 }, { loopiter: 0, loopnum: 1 }, {});
  holdsCase(
    "partition/partition_by_iteration",
    partition_by_iteration,
    { params: { unmatched: "leave_out" }, inputs: LOOPS },
    {
      ...SHARED_CHANGES,
      by: { to: { by: "loop" } },
      previous: { from: { merge: [{ attribute: "n", operation: "list" }] }, to: { previous: "all" } },
      unmatched: { to: { unmatched: "one_partition" } },
      split_by: { to: { split_by: ["n"] } },
    },
  );

  test("partition_by_iteration: with iterations before its own, of the same loop", async () => {
    const turns = numbered(...[0, 1, 2, 0].map((loopiter, n) => ({ loopiter, loopnum: n === 3 ? 1 : 0 })));
    const by = (params: object) => membersBy(partition_by_iteration, params, turns);
    expect(await by({ previous: 1 })).toEqual([
      [0, 3],
      [0, 1, 3],
      [1, 2],
    ]);
    expect(await by({ previous: "all", by: "loop_and_iteration" })).toEqual([[0], [0, 1], [0, 1, 2], [3]]);
    expect(await messageOf(by({ previous: 1, by: "loop" }))).toContain("all are there already");
  });

  test("partition_by_iteration: by iteration, by loop, or by both", async () => {
    const by = (rule: string) => partitionsBy(partition_by_iteration, { by: rule, unmatched: "leave_out" }, LOOPS);
    expect(await by("iteration")).toEqual([
      [{ loopiter: 0 }, [0, 2]],
      [{ loopiter: 1 }, [1]],
    ]);
    expect(await by("loop")).toEqual([
      [{ loopnum: 0 }, [0, 1]],
      [{ loopnum: 1 }, [2]],
    ]);
    expect(await by("loop_and_iteration")).toEqual([
      [{ loopnum: 0, loopiter: 0 }, [0]],
      [{ loopnum: 0, loopiter: 1 }, [1]],
      [{ loopnum: 1, loopiter: 0 }, [2]],
    ]);
    expect(await messageOf(membersBy(partition_by_iteration, {}, LOOPS))).toBe(
      'item_3 is in no loop; "unmatched" can say what becomes of such items',
    );
  });
});

describe("partition_by_index", () => {
  const inputs = {
    main: [0, 1, 2].map((place) => ({ attributes: { n: place, place, shot: "a" } })),
    secondary: [1, 2, 3].map((place) => ({ attributes: { n: 10 + place, place, shot: "b" } })),
  };
  holdsCase(
    "partition/partition_by_index",
    partition_by_index,
    { params: { index: "place" }, inputs },
    {
      ...SHARED_CHANGES,
      primary: { to: { primary: "none" } },
      secondary: { to: { secondary: "none" } },
      index: { to: { index: "" } },
    },
  );
  const by = (params: object) => partitionsBy(partition_by_index, { index: "place", ...params }, inputs);

  test("partition_by_index: items of both inputs with the same index are together", async () => {
    expect(await by({})).toEqual([
      [{ index: 0 }, [0]],
      [{ index: 1 }, [1, 11]],
      [{ index: 2 }, [2, 12]],
      [{ index: 3 }, [13]],
    ]);
    expect(await by({ secondary: "primary_intersection" })).toEqual([
      [{ index: 0 }, [0]],
      [{ index: 1 }, [1, 11]],
      [{ index: 2 }, [2, 12]],
    ]);
  });

  test("partition_by_index: all of an input join every partition, or none do", async () => {
    expect(await by({ primary: "all", secondary: "none" })).toEqual([["all", [0, 1, 2]]]);
    expect(await by({ primary: "all" })).toEqual([1, 2, 3].map((index) => [{ index }, [0, 1, 2, 10 + index]]));
    expect(await by({ primary: "none", secondary: "none" })).toEqual([]);
  });

  test("partition_by_index: what is no whole number is refused", async () => {
    expect(await messageOf(by({ index: "shot" }))).toBe('item_0 has "a" as "shot", which is no index');
    expect(await messageOf(by({ index: "other" }))).toBe('item_0 has nothing as "other", which is no index');
  });
});

describe("partition_by_comparison", () => {
  const keyed = (first: number, ...keys: string[]) =>
    keys.map((key, place) => ({ attributes: { n: first + place, key, shot: key } }));
  const comparisons = [
    { attributes: { pair: ["a", "x"], result: 1, other: true } },
    { attributes: { pair: ["a", "y"], result: 0, other: false } },
    { attributes: { pair: ["b", "x"], result: true, other: false } },
  ];
  const inputs = { main: keyed(0, "a", "b", "c"), secondary: keyed(10, "x", "y"), comparisons };
  const base = { params: { key: "key", merge: [{ attribute: "n", operation: "list" as const }] }, inputs };

  holdsCase(
    "partition/partition_by_comparison",
    partition_by_comparison,
    { ...base, inputs: { ...inputs, main: keyed(0, "a") } },
    {
      ...SHARED_CHANGES,
      pair: { to: { pair: "other" }, refused: true },
      result: { to: { result: "other" }, inputs: { ...inputs, main: keyed(0, "b") } },
      key: { to: { key: "" } },
      from_secondary: { to: { from_secondary: true } },
      sort: { to: { sort: [{ attribute: "n", descending: true }] }, inputs },
      merge: { to: { merge: [] } },
    },
  );

  test("partition_by_comparison: each item of one input with those of the other that were found to fit", async () => {
    const members = (params: object) => membersBy(partition_by_comparison, { key: "key", ...params }, inputs);
    expect(await members({})).toEqual([[0, 10], [1, 10], [2]]);
    expect(await members({ from_secondary: true })).toEqual([[10, 0, 1], [11]]);
  });

  test("partition_by_comparison: without a key, pairs hold indices", async () => {
    const pairs = [{ attributes: { pair: [1, 3], result: 1 } }];
    // Here the places of all inputs are counted on.
    const members = await membersBy(partition_by_comparison, {}, { ...inputs, comparisons: pairs });
    expect(members).toEqual([[0], [1, 10], [2]]);
  });

  test.each([
    [{ pair: ["a"], result: 1 }, 'item_5 has ["a"] as "pair", which is no list of two keys'],
    [{ pair: ["a", "x"] }, 'item_5 has nothing as "result", which is no result'],
  ])("partition_by_comparison: a comparison with %j is refused", async (attributes, message) => {
    const given = { ...inputs, comparisons: [{ attributes }] };
    expect(await messageOf(cookOnce(partition_by_comparison, { params: base.params, inputs: given }))).toBe(message);
  });
});

describe("partition_by_node", () => {
  holdsCase(
    "partition/partition_by_node",
    partition_by_node,
    { inputs: SHOTS },
    {
      ...SHARED_CHANGES,
      by: { to: { by: "tuple" } },
      partial: { to: { partial: true }, refused: true },
    },
  );
});

describe("partition_by_expression", () => {
  holdsCase(
    "partition/partition_by_expression",
    partition_by_expression,
    { params: { expression: 1 }, inputs: SHOTS },
    {
      ...SHARED_CHANGES,
      expression: { to: { expression: true } },
    },
  );
});
