/** Node type `wait_for_all`: one partition of everything upstream. Knows no rule of grouping. */
import { defineNode } from "dag-cook";
import { partitionsOf } from "../partition/grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "../partition/grouping/shared.js";

export default defineNode({
  description: "Waits for all upstream items and makes one partition of them, or one of each split.",
  version: 1,
  params: SHARED,
  inputs: { main: { description: "Work items to wait for." } },
  attributes: { reads: (params) => readBy(params), needs: (params) => neededBy(params), writes: writtenBy },
  check: problemsOfShared,
  *partition(upstream, params) {
    yield* partitionsOf(upstream, params, (items) => [{ identity: "all", items }]);
  },
});
