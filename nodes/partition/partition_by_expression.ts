/** Node type `partition_by_expression`: items for which an expression has the same value. Knows no other rule. */
import { defineNode } from "dag-cook";
import { grouped } from "./grouping/order.js";
import { partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";

export default defineNode({
  description: "Makes a partition for each of the different values that an expression has.",
  version: 1,
  params: {
    expression: {
      type: ["number", "boolean"],
      required: true,
      description: 'Evaluated for each upstream item: `"@width > 512"`, `"floor(@height / 100)"`.',
    },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: { reads: (params) => readBy(params), needs: (params) => neededBy(params), writes: writtenBy },
  check: problemsOfShared,
  *partition(upstream, params, { paramsOf }) {
    yield* partitionsOf(upstream, params, (items) =>
      [...grouped(items, (item) => paramsOf(item).expression)].map(([value, members]) => ({
        identity: { value },
        items: members,
        label: String(value),
      })),
    );
  },
});
