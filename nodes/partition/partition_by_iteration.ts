/** Node type `partition_by_iteration`: items of a loop by their turn in it. Knows loops only by their attributes. */
import { defineNode, type ParamProblem } from "dag-cook";
import { labelOf } from "../attribute/typed/label.js";
import { inOrderOf } from "./grouping/order.js";
import { type Alike, distinct, type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";
import { UNMATCHED, withUnmatched } from "./grouping/unmatched.js";

const NAMES = { iteration: ["loopiter"], loop: ["loopnum"], loop_and_iteration: ["loopnum", "loopiter"] } as const;

export default defineNode({
  description: "Partitions items of a loop: by iteration, by loop, or by both.",
  version: 1,
  params: {
    by: {
      type: "string",
      enum: ["iteration", "loop", "loop_and_iteration"],
      default: "iteration",
      description:
        "A partition for each iteration over all loops (`loopiter`), for each loop over all its iterations (`loopnum`), or for each iteration of each loop.",
    },
    previous: {
      type: "integer",
      minimum: 0,
      words: ["all"],
      default: 0,
      description: "So many iterations before its own are in an iteration's partition, too, or `all` of them.",
    },
    unmatched: { ...UNMATCHED, description: `${UNMATCHED.description} Such are in no loop.` },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: {
    reads: (params) => readBy(params, NAMES[params.by]),
    needs: (params) => neededBy(params, params.unmatched === "fail" ? NAMES[params.by] : []),
    writes: writtenBy,
  },
  check: (params) => [...previousProblems(params), ...problemsOfShared(params)],
  *partition(upstream, params) {
    const names = NAMES[params.by];
    yield* partitionsOf(upstream, params, (items) => {
      const inLoop = items.filter((item) => names.every((name) => item.attribute(name) !== undefined));
      const iterations = distinct(inLoop, names);
      const inOrder = inOrderOf(items);
      const groups = iterations.map((own): Group => {
        const before =
          params.previous === 0 ? [] : iterations.filter((each) => isBefore(each.values, own.values, params.previous));
        const members = [...before, own].flatMap((each) => each.items);
        return { identity: own.values, items: inOrder(members), label: labelOf(own.values) };
      });
      return withUnmatched(groups, items, params.unmatched, () => "is in no loop");
    });
  },
});

/** Whether it is an iteration of the same loop, at most so many before. */
function isBefore(one: Alike["values"], own: Alike["values"], most: number | "all"): boolean {
  if (one.loopnum !== own.loopnum) return false;
  const distance = Number(own.loopiter) - Number(one.loopiter);
  return distance > 0 && (most === "all" || distance <= most);
}

function previousProblems({
  by,
  previous,
}: {
  readonly by: string;
  readonly previous: number | "all";
}): ParamProblem[] {
  return by === "loop" && previous !== 0
    ? [{ param: "previous", message: 'with "by": "loop" all are there already' }]
    : [];
}
