/** The walk from items to those above them. Knows parents, and not what is looked for. */
import type { WorkItem } from "./item.js";

/** The items, then all above them, each once, nearer ones first; what lies above one where `ends` holds is met only another way. */
export function* upward(
  items: Iterable<WorkItem>,
  ends: (item: WorkItem) => boolean = () => false,
): Generator<WorkItem, void> {
  // A set is gone through in order, together with what is added meanwhile.
  const met = new Set(items);
  for (const item of met) {
    yield item;
    if (ends(item)) continue;
    for (const group of item.parents) for (const parent of group) met.add(parent);
  }
}
