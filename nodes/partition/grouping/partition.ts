/** Partitions of upstream items, by the parameters that all partitioners share. Knows no rule by which items are grouped. */
import type { GeneratedPartition, Json, UpstreamItem } from "dag-cook";
import { labelOf } from "../../attribute/typed/label.js";
import { fits, isPattern, namesFitting } from "../../attribute/typed/names.js";
import { attributeOf, sameText, sortedBy, type Value } from "../../attribute/typed/order.js";
import { reduced } from "../../attribute/typed/reduction.js";
import { grouped } from "./order.js";
import type { Merge, Shared } from "./shared.js";

/** Items that become a partition. */
export interface Group {
  /** What distinguishes it among groups of the same items: the values that they share, never a position. */
  readonly identity: Json;
  readonly items: readonly UpstreamItem[];
  readonly attributes?: Readonly<Record<string, Value>>;
  readonly label?: string;
}

/** The partitions of upstream items: sorted, then split, then grouped. Empty groups make none. */
export function* partitionsOf(
  upstream: readonly UpstreamItem[],
  shared: Shared,
  group: (items: readonly UpstreamItem[]) => Iterable<Group>,
): Generator<GeneratedPartition> {
  const sorted = sortedBy(upstream, shared.sort);
  const splits = shared.split_by.length === 0 ? [{ values: null, items: sorted }] : distinct(sorted, shared.split_by);
  for (const split of splits) {
    for (const { identity, items, attributes, label } of group(split.items)) {
      if (items.length === 0) continue;
      yield {
        identity: split.values === null ? identity : { split: split.values, group: identity },
        members: items,
        attributes: { ...mergedFrom(items, shared.merge), ...attributes },
        outputs: shared.outputs,
        ...labelled(split.values, label),
      };
    }
  }
}

/** Without a split or a label of its own, a partition is labelled like any other item. */
function labelled(split: Alike["values"] | null, own: string | undefined): { readonly label?: string } {
  const words = [...(split === null ? [] : [labelOf(split)]), ...(own === undefined ? [] : [own])];
  return words.length === 0 ? {} : { label: words.join(": ") };
}

/** Items that share their values. */
export interface Alike {
  readonly values: Readonly<Record<string, Json>>;
  readonly items: readonly UpstreamItem[];
}

/** Items by the values that they share, in the order in which these first appear; an absent value is one, too. */
export function distinct(items: readonly UpstreamItem[], names: readonly string[]): readonly Alike[] {
  const textOf = (item: UpstreamItem) => names.map((name) => sameText(attributeOf(item, name))).join("\n");
  return [...grouped(items, textOf).values()].map((alike) => ({
    values: Object.fromEntries(names.map((name) => [name, (attributeOf(alike[0]!, name) ?? null) as Json])),
    items: alike,
  }));
}

function mergedFrom(items: readonly UpstreamItem[], merges: readonly Merge[]): Readonly<Record<string, Value>> {
  const merged = new Map<string, Value>();
  for (const [place, { attribute, operation, into }] of merges.entries()) {
    const earlier = merges.slice(0, place);
    for (const name of namesFitting(items, attribute)) {
      if (isPattern(attribute) && earlier.some((merge) => fits(merge.attribute, name))) continue;
      const values = items.map((item) => attributeOf(item, name)).filter((value) => value !== undefined);
      if (values.length > 0) merged.set(into || name, reduced(values, operation, `"${name}"`));
    }
  }
  return Object.fromEntries(merged);
}
