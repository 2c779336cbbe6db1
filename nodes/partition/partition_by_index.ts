/** Node type `partition_by_index`: items of two inputs by their index. Knows no other rule. */
import { defineNode, type UpstreamItem } from "dag-cook";
import { MAYBE_UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import { grouped, inOrderOf } from "./grouping/order.js";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";

type Rule = "all" | "by_index" | "primary_intersection" | "none";

export default defineNode({
  description: "Makes a partition for each index, of the items of two inputs that have it.",
  version: 1,
  params: {
    primary: {
      type: "string",
      enum: ["all", "by_index", "none"],
      default: "by_index",
      description: "Items of `main`: in every partition, in that of their index, or in none.",
    },
    secondary: {
      type: "string",
      enum: ["all", "by_index", "primary_intersection", "none"],
      default: "by_index",
      description:
        "Items of `secondary`: in every partition, in that of their index, in that of their index if an item of `main` has it, or in none.",
    },
    index: {
      ...MAYBE_UPSTREAM_ATTRIBUTE,
      default: "",
      description: "Attribute that holds the index; empty: an item's place in its node.",
    },
    ...SHARED,
  },
  inputs: {
    main: { description: "Work items to partition." },
    secondary: { description: "Further work items to partition.", optional: true },
  },
  attributes: {
    reads: (params) => readBy(params, params.index === "" ? [] : [params.index]),
    needs: (params) => neededBy(params, params.index === "" ? [] : [params.index]),
    writes: writtenBy,
  },
  check: problemsOfShared,
  *partition(upstream, params, around) {
    const secondary = new Set((around.inputs.secondary ?? []).flatMap((source) => source.items));
    const ruleOf = (item: UpstreamItem): Rule => (secondary.has(item) ? params.secondary : params.primary);
    yield* partitionsOf(upstream, params, (items) =>
      byIndex(
        items,
        ruleOf,
        (item) => indexOf(item, params.index),
        (item) => !secondary.has(item),
      ),
    );
  },
});

function byIndex(
  items: readonly UpstreamItem[],
  ruleOf: (item: UpstreamItem) => Rule,
  indexOf: (item: UpstreamItem) => number,
  isPrimary: (item: UpstreamItem) => boolean,
): readonly Group[] {
  const primary = new Set(items.filter(isPrimary).map(indexOf));
  const placed = items.filter((item) => {
    const rule = ruleOf(item);
    return rule === "by_index" || (rule === "primary_intersection" && primary.has(indexOf(item)));
  });
  const everywhere = items.filter((item) => ruleOf(item) === "all");
  if (placed.length === 0) return [{ identity: "all", items: everywhere }];
  const inOrder = inOrderOf(items);
  return [...grouped(placed, indexOf)]
    .sort(([a], [b]) => a - b)
    .map(([index, members]) => ({
      identity: { index },
      items: inOrder([...everywhere, ...members]),
      label: `index ${index}`,
    }));
}

function indexOf(item: UpstreamItem, name: string): number {
  const value = name === "" ? item.index : item.attribute(name);
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new Error(`${item.name} has ${JSON.stringify(value) ?? "nothing"} as "${name}", which is no index`);
}
