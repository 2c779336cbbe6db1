/** Node type `partition_by_node`: items by the nodes that they come from. Knows no attributes but those of the order. */
import { defineNode, type ParamProblem } from "dag-cook";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, type Shared, writtenBy } from "./grouping/shared.js";
import { type Sources, sourcesOf } from "./grouping/sources.js";

/** More combinations than this are a mistake in the graph. */
const MOST = 1_000_000;

export default defineNode({
  description: "Partitions items by the input nodes that they come from: node by node, side by side, or combined.",
  version: 1,
  params: {
    by: {
      type: "string",
      enum: ["node", "tuple", "combination"],
      default: "node",
      description:
        "All items of each node; the first items of all nodes, then the second ones, and so on; or every combination of one item of each node.",
    },
    partial: {
      type: "boolean",
      default: false,
      description: "With `tuple`: whether there are partitions, too, for which some nodes have no item left.",
    },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: { reads: (params) => readBy(params), needs: (params) => neededBy(params), writes: writtenBy },
  check: (params) => [...problemsOf(params), ...problemsOfShared(params)],
  *partition(upstream, params, around) {
    const { by, partial } = params;
    const sources = sourcesOf(around.inputs.main);
    yield* partitionsOf(upstream, params, (items) => {
      const present = sources(items);
      if (by === "node") return present.map(({ node, items: own }) => ({ identity: "node", items: own, label: node }));
      return by === "tuple" ? tuples(present, partial) : combinations(present);
    });
  },
});

// Node names are in no key: the members alone tell these partitions apart.
function tuples(sources: Sources, partial: boolean): readonly Group[] {
  const sizes = sources.map(({ items }) => items.length);
  const length = partial ? Math.max(...sizes) : Math.min(...sizes);
  return Array.from({ length }, (_, place) => ({
    identity: "tuple",
    items: sources.flatMap(({ items }) => items[place] ?? []),
  }));
}

function combinations(sources: Sources): readonly Group[] {
  const count = sources.reduce((product, { items }) => product * items.length, 1);
  if (count > MOST) throw new Error(`the inputs have ${count} combinations, above the limit of ${MOST}`);
  let rows: Group["items"][] = [[]];
  for (const { items } of sources) rows = rows.flatMap((row) => items.map((item) => [...row, item]));
  return rows.map((items) => ({ identity: "combination", items }));
}

function problemsOf({ by, partial }: Shared & { readonly by: string; readonly partial: boolean }): ParamProblem[] {
  return partial && by !== "tuple" ? [{ param: "partial", message: 'it counts only with "by": "tuple"' }] : [];
}
