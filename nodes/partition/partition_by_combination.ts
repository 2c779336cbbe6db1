/** Node type `partition_by_combination`: pairs, triples and so on of items. Knows no attributes but those of the order. */
import { defineNode, type UpstreamItem } from "dag-cook";
import { randomStream } from "dag-cook/random";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";

/** More combinations than this are a mistake in the graph. */
const MOST = 1_000_000;

export default defineNode({
  description: "Makes a partition for every combination of so many items, members in the items' order.",
  version: 1,
  params: {
    size: { type: "integer", minimum: 1, default: 2, description: "Items in each combination." },
    keep_percent: {
      type: "number",
      minimum: 0,
      maximum: 100,
      default: 100,
      description:
        "How likely each combination is kept, in percent. Drawn for each by its members alone: a new item takes none away and brings none back.",
    },
    seed: { type: "integer", default: 0, description: "Chooses which combinations are kept." },
    ...SHARED,
  },
  inputs: { main: { description: "Work items to combine." } },
  attributes: { reads: (params) => readBy(params), needs: (params) => neededBy(params), writes: writtenBy },
  check: problemsOfShared,
  *partition(upstream, params) {
    const { size, keep_percent, seed } = params;
    yield* partitionsOf(upstream, params, (items) => kept(items, size, keep_percent / 100, seed));
  },
});

function* kept(items: readonly UpstreamItem[], size: number, fraction: number, seed: number): Generator<Group> {
  const count = countOf(items.length, size);
  if (count > MOST)
    throw new Error(`${items.length} items have ${count} combinations of ${size}, above the limit of ${MOST}`);
  for (const members of combinations(items, size)) {
    // By members in any order: sorting differently keeps the same combinations.
    const words = members.map((member) => member.seed).sort((a, b) => a - b);
    const drawn = fraction < 1 ? randomStream(seed, "combination", ...words).uniform(0) : 0;
    if (drawn < fraction) yield { identity: "combination", items: members };
  }
}

/** How many combinations there are: n over k, rounded by the floating point. */
function countOf(items: number, size: number): number {
  if (size > items) return 0;
  let count = 1;
  for (let taken = 0; taken < size; taken++) count = (count * (items - taken)) / (taken + 1);
  return Math.round(count);
}

/** In the order of their places: 0 1, 0 2, 1 2. */
function* combinations(items: readonly UpstreamItem[], size: number): Generator<readonly UpstreamItem[]> {
  if (size > items.length) return;
  const places = Array.from({ length: size }, (_, index) => index);
  for (;;) {
    yield places.map((place) => items[place]!);
    const free = places.findLastIndex((place, index) => place < items.length - size + index);
    if (free < 0) return;
    const next = places[free]! + 1;
    for (let index = free; index < size; index++) places[index] = next + index - free;
  }
}
