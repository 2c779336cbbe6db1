/**
 * Node type `partition_by_comparison`: items of one input with those of another that fit, as work items of a third say.
 * Knows not how they were compared.
 */
import { defineNode, type UpstreamItem } from "dag-cook";
import { MAYBE_UPSTREAM_ATTRIBUTE, UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import { sameText, type Value } from "../attribute/typed/order.js";
import { grouped, inOrderOf } from "./grouping/order.js";
import { type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";
import type { Sources } from "./grouping/sources.js";

export default defineNode({
  description:
    "Makes a partition of each item of `main` and those of `secondary` that a work item of `comparisons` found to fit.",
  version: 1,
  params: {
    pair: {
      ...UPSTREAM_ATTRIBUTE,
      attribute: "comparisons",
      default: "pair",
      description: "Attribute of the comparisons: a list of two, the key in `main` and the key in `secondary`.",
    },
    result: {
      ...UPSTREAM_ATTRIBUTE,
      attribute: "comparisons",
      default: "result",
      description: "Attribute of the comparisons: true, or not 0, where the two fit.",
    },
    key: {
      ...MAYBE_UPSTREAM_ATTRIBUTE,
      default: "",
      description: "Attribute of the compared items that pairs name them by; empty: an item's place in its node.",
    },
    from_secondary: {
      type: "boolean",
      default: false,
      description: "Whether there is a partition for each item of `secondary` instead, with those of `main` that fit.",
    },
    ...SHARED,
  },
  inputs: {
    main: { description: "Work items with a partition each." },
    secondary: { description: "Work items that join those which they fit." },
    comparisons: { description: "Work items that each say of two whether they fit." },
  },
  attributes: {
    reads: (params) => readBy(params, namesIn(params)),
    needs: (params) => neededBy(params, namesIn(params)),
    writes: writtenBy,
  },
  check: problemsOfShared,
  *partition(upstream, params, { inputs }) {
    const compared = itemsOf(inputs.comparisons);
    const fitting = pairsOf(compared, params.pair, params.result, params.from_secondary);
    const [main, secondary] = [new Set(itemsOf(inputs.main)), new Set(itemsOf(inputs.secondary))];
    const keyOf = (item: UpstreamItem) => sameText(params.key === "" ? item.index : item.attribute(params.key));
    const both = upstream.filter((item) => main.has(item) || secondary.has(item));
    yield* partitionsOf(both, params, (items) => {
      const [ones, others] = [items.filter((item) => main.has(item)), items.filter((item) => secondary.has(item))];
      return params.from_secondary ? groups(others, ones, keyOf, fitting) : groups(ones, others, keyOf, fitting);
    });
  },
});

function namesIn({ pair, result, key }: { readonly pair: string; readonly result: string; readonly key: string }) {
  return [pair, result, ...(key === "" ? [] : [key])];
}

function itemsOf(sources: Sources | undefined): readonly UpstreamItem[] {
  return (sources ?? []).flatMap(({ items }) => items);
}

function groups(
  leading: readonly UpstreamItem[],
  joining: readonly UpstreamItem[],
  keyOf: (item: UpstreamItem) => string,
  fitting: Fitting,
): readonly Group[] {
  const [byKey, inOrder] = [grouped(joining, keyOf), inOrderOf(joining)];
  return leading.map((one) => {
    const partners = [...(fitting.get(keyOf(one)) ?? [])].flatMap((key) => byKey.get(key) ?? []);
    return { identity: "comparison", items: [one, ...inOrder(partners)] };
  });
}

/** By the key of the leading item's text, those of the items that join it. */
type Fitting = ReadonlyMap<string, ReadonlySet<string>>;

function pairsOf(comparisons: readonly UpstreamItem[], pair: string, result: string, turned: boolean): Fitting {
  const fitting = new Map<string, Set<string>>();
  for (const item of comparisons) {
    const [keys, found] = [item.attribute(pair), item.attribute(result)];
    if (!Array.isArray(keys) || keys.length !== 2)
      throw new Error(
        `${item.name} has ${JSON.stringify(keys) ?? "nothing"} as "${pair}", which is no list of two keys`,
      );
    if (typeof found !== "number" && typeof found !== "boolean")
      throw new Error(`${item.name} has ${JSON.stringify(found) ?? "nothing"} as "${result}", which is no result`);
    if (Number(found) === 0) continue;
    const texts = (keys as readonly Value[]).map(sameText);
    const [one, other] = (turned ? texts.reverse() : texts) as [string, string];
    fitting.set(one, (fitting.get(one) ?? new Set()).add(other));
  }
  return fitting;
}
