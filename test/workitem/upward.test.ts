import { expect, test } from "@jest/globals";
import { digestOf } from "../../src/base/hash.js";
import { WorkItem } from "../../src/workitem/item.js";
import { upward } from "../../src/workitem/upward.js";

function item(name: string, ...groups: WorkItem[][]): WorkItem {
  const about = { name: "any", keeps: undefined, main: 0, hasWork: true };
  const maker = { ...about, keyOf: () => digestOf(name), placeOf: () => 0 };
  return new WorkItem({ maker, row: 0, parents: groups });
}

test("upward: all above an item, each once, nearer ones first", () => {
  const top = item("top");
  const left = item("left", [top]);
  const right = item("right", [item("far", [top])]);
  const below = item("below", [left], [right]);
  const all = [...upward([below])];
  expect(all).toEqual([below, left, right, top, right.parents[0]?.[0]]);
});

test("upward: nothing above an end, unless another way leads there", () => {
  const top = item("top");
  const [end, beside] = [item("end", [top]), item("beside", [top])];
  const isEnd = (at: WorkItem) => at === end;
  expect([...upward([end], isEnd)]).toEqual([end]);
  expect([...upward([end, beside], isEnd)]).toEqual([end, beside, top]);
});

test("upward: a group of as many as no call takes arguments", () => {
  const many = Array.from({ length: 200_000 }, () => item("one"));
  expect([...upward([item("partition", many)])]).toHaveLength(200_001);
});
