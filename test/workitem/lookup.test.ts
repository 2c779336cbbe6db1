/** Attributes of items whose parents meet again and again, and of items far below others. */
import { describe, expect, test } from "@jest/globals";
import { digestOf } from "../../src/base/hash.js";
import type { Value } from "../../src/expression/value.js";
import { type ParentGroups, WorkItem } from "../../src/workitem/item.js";

const KEY = digestOf("key");
const MAKER = { name: "node", keeps: undefined, main: 0, hasWork: false, keyOf: () => KEY, placeOf: () => 0 };
const WORKER = { ...MAKER, hasWork: true };

function item(parents: ParentGroups, own?: Record<string, Value>, hasWork = false): WorkItem {
  const maker = hasWork ? WORKER : MAKER;
  return new WorkItem({ maker, row: 0, parents, own });
}

/** Two items a level, each below the partition of those before, which gets them in one group. */
function ladder(top: WorkItem, levels: number): WorkItem {
  let partition = top;
  for (let level = 0; level < levels; level++) partition = item([[item([[partition]]), item([[partition]])]]);
  return partition;
}

describe("an attribute", () => {
  test("is found above a ladder of partitions, each way up being gone once", () => {
    const top = item([], { size: 3 });
    const bottom = ladder(top, 2000);
    expect(bottom.attribute("size")).toBe(3);
    expect(bottom.attribute("none")).toBeUndefined();
    expect([...bottom.attributeNames()]).toEqual(["size"]);
    expect(bottom.offered()).toEqual([]);
  });

  test("that a cook sets later is seen below, where it was looked up before", () => {
    const top = item([], { size: 3 }, true);
    const bottom = ladder(top, 4);
    expect([bottom.attribute("size"), bottom.attribute("made")]).toEqual([3, undefined]);
    top.set("size", 4);
    top.set("made", "now");
    expect([bottom.attribute("size"), bottom.attribute("made")]).toEqual([4, "now"]);
    expect([...bottom.attributeNames()].sort()).toEqual(["made", "size"]);
  });

  test("is that on which all of a group agree, else that of the next group", () => {
    const [one, other] = [item([], { a: 1, b: 5 }), item([], { a: 2, b: 5 })];
    const next = item([], { a: 9, c: 7 });
    const both = item([[one, other], [next]]);
    expect(["a", "b", "c", "d"].map((name) => both.attribute(name))).toEqual([9, 5, 7, undefined]);
    expect(item([[one, item([])]]).attribute("a")).toBeUndefined();
    expect(item([[], [one]]).attribute("a")).toBe(1);
  });

  test("is not inherited where it is removed, or kept by who has it", () => {
    const top = item([], { a: 1, b: 2 });
    const special = { removed: new Set(["a"]) };
    const parents = [[top]];
    const removing = new WorkItem({ maker: MAKER, row: 0, parents, own: { c: 3 }, special });
    const below = item([[removing], [top]]);
    expect(item([[removing]]).attribute("a")).toBeUndefined();
    expect([below.attribute("a"), below.attribute("c")]).toEqual([1, 3]);
    const keeper = { ...MAKER, keeps: new Set(["a"]) };
    const kept = new WorkItem({ maker: keeper, row: 0, parents: [], own: { a: 1 } });
    expect([kept.attribute("a"), item([[kept]]).attribute("a")]).toEqual([1, undefined]);
    expect([...item([[kept]]).attributeNames()]).toEqual([]);
  });

  test("is found 20,000 items above", () => {
    let bottom = item([], { size: 3 });
    for (let depth = 0; depth < 20_000; depth++)
      bottom = item([[bottom]], depth % 2 === 0 ? { odd: depth } : undefined);
    expect([bottom.attribute("size"), bottom.attribute("none")]).toEqual([3, undefined]);
    expect([...bottom.attributeNames()].sort()).toEqual(["odd", "size"]);
    expect(item([[bottom]]).members(0)).toHaveLength(1);
  });
});
