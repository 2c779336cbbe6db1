/** Node type `partition_by_range`: items by their place in the order. Knows no attributes but those of the order. */
import { defineNode, type UpstreamItem } from "dag-cook";
import { inCount, inSizes } from "../attribute/typed/parts.js";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";
import { type Sources, sourcesOf } from "./grouping/sources.js";

interface Ratio {
  readonly items: number;
  readonly partitions: number;
  readonly before: number;
  readonly after: number;
}

export default defineNode({
  description: "Partitions items by their place: into so many partitions, of such a size, by a ratio, or the ends.",
  version: 1,
  params: {
    range: {
      type: "string",
      enum: ["fixed_size", "fixed_count", "ratio", "first_last", "first_middle_last"],
      default: "fixed_size",
      description:
        "Partitions of `size` items, the last one smaller; `count` partitions as even as can be, larger ones first; a `ratio` of items to partitions; or a partition of the first items of each input node, and one of the last (and one of the middle ones, of an even number the later), the others left out.",
    },
    size: { type: "integer", minimum: 1, default: 1, description: "With `fixed_size`: items in each partition." },
    count: {
      type: "integer",
      minimum: 1,
      default: 1,
      description: "With `fixed_count`: number of partitions; with fewer items, so many as there are.",
    },
    ratio: {
      type: "object",
      description: "With `ratio`: how the partitions lie over the items.",
      properties: {
        items: { type: "integer", minimum: 1, default: 1, description: "So many items have `partitions` partitions." },
        partitions: { type: "integer", minimum: 1, default: 1, description: "So many partitions have `items` items." },
        before: { type: "integer", minimum: 0, default: 0, description: "Further items at each partition's start." },
        after: { type: "integer", minimum: 0, default: 0, description: "Further items at each partition's end." },
      },
    },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: { reads: (params) => readBy(params), needs: (params) => neededBy(params), writes: writtenBy },
  check: problemsOfShared,
  *partition(upstream, params, around) {
    const sources = sourcesOf(around.inputs.main);
    const { range, size, count, ratio } = params;
    yield* partitionsOf(upstream, params, (items) => {
      if (range === "fixed_size") return groups(inSizes(items, size));
      if (range === "fixed_count") return groups(inCount(items, count));
      if (range === "ratio") return byRatio(items, ratio);
      return ends(sources(items), range === "first_middle_last");
    });
  },
});

// Only the members tell such partitions apart: numbered, all after a new one would be different ones.
const RANGE = "range";

function groups(parts: readonly (readonly UpstreamItem[])[]): readonly Group[] {
  return parts.map((items) => ({ identity: RANGE, items }));
}

function byRatio(all: readonly UpstreamItem[], { items, partitions, before, after }: Ratio): readonly Group[] {
  const start = (index: number) => Math.floor((index * items) / partitions);
  return Array.from({ length: Math.ceil((all.length * partitions) / items) }, (_, index) => {
    const end = Math.max(start(index + 1), start(index) + 1);
    return { identity: RANGE, items: all.slice(Math.max(start(index) - before, 0), end + after) };
  });
}

function ends(sources: Sources, middle: boolean): readonly Group[] {
  const group = (identity: string, pick: (items: readonly UpstreamItem[]) => UpstreamItem | undefined) => ({
    identity,
    label: identity,
    items: sources.flatMap(({ items }) => pick(items) ?? []),
  });
  const half = middle ? [group("middle", (items) => items[Math.floor(items.length / 2)])] : [];
  return [group("first", (items) => items[0]), ...half, group("last", (items) => items.at(-1))];
}
