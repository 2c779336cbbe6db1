/** The order of items, kept when some are chosen. Knows no rule of choosing. */
import type { UpstreamItem } from "dag-cook";

/** Answers some of the items in the order that all have: in time that follows from how many are chosen. */
export function inOrderOf(all: readonly UpstreamItem[]): (chosen: Iterable<UpstreamItem>) => readonly UpstreamItem[] {
  const places = new Map(all.map((item, place) => [item, place]));
  return (chosen) => [...chosen].sort((a, b) => places.get(a)! - places.get(b)!);
}

/** Items by what a function answers for each, in the order of the first of each. */
export function grouped<K>(
  items: readonly UpstreamItem[],
  keyOf: (item: UpstreamItem) => K,
): ReadonlyMap<K, readonly UpstreamItem[]> {
  const groups = new Map<K, UpstreamItem[]>();
  for (const item of items) {
    const key = keyOf(item);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [item]);
    else members.push(item);
  }
  return groups;
}
