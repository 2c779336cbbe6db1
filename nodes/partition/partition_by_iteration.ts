/** Node type `partition_by_iteration`: items of a loop by their turn in it. Knows loops only by their attributes. */
import { defineNode } from "dag-cook";
import { distinct, partitionsOf } from "./grouping/partition.js";
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
    unmatched: { ...UNMATCHED, description: `${UNMATCHED.description} Such are in no loop.` },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: {
    reads: (params) => readBy(params, NAMES[params.by]),
    needs: (params) => neededBy(params, params.unmatched === "fail" ? NAMES[params.by] : []),
    writes: writtenBy,
  },
  check: problemsOfShared,
  *partition(upstream, params) {
    const names = NAMES[params.by];
    yield* partitionsOf(upstream, params, (items) => {
      const inLoop = items.filter((item) => names.every((name) => item.attribute(name) !== undefined));
      const groups = distinct(inLoop, names).map(({ values, items: members }) => ({
        identity: values,
        items: members,
      }));
      return withUnmatched(groups, items, params.unmatched, () => "is in no loop");
    });
  },
});
