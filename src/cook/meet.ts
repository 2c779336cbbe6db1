/** How upstream items of several inputs meet: which combinations of them an item each is made from. Makes no items. */
import type { ParentGroups, WorkItem } from "../workitem/item.js";
import type { NodeRun } from "./run.js";

/** The combinations of upstream items that an item each is made from. */
export function meetings(run: NodeRun, groups: readonly (readonly WorkItem[])[]): ParentGroups[] {
  const meet = run.definition.meet ?? "each";
  if (meet === "all") return groups.some((group) => group.length > 0) ? [groups] : [];
  const present = groups.map((group, place) => ({ group, absent: (run.sources[place] ?? []).length === 0 }));
  if (typeof meet === "object") return joined(present, meet.by);
  let pairs: WorkItem[][][] = [[]];
  for (const { group, absent } of present) {
    pairs = pairs.flatMap((pair) => (absent ? [[...pair, []]] : group.map((item) => [...pair, [item]])));
  }
  return pairs;
}

/** How many combinations there are at most, without making them. */
export function meetingCount(run: NodeRun, groups: readonly (readonly WorkItem[])[]): number {
  const meet = run.definition.meet ?? "each";
  if (meet === "all") return 1;
  if (typeof meet === "object") return groups[0]?.length ?? 0;
  const present = groups.filter((_, place) => (run.sources[place] ?? []).length > 0);
  return present.reduce((product, { length }) => product * length, 1);
}

/** Items that have the same value of an attribute, in the order of the first input. */
function joined(inputs: readonly { group: readonly WorkItem[]; absent: boolean }[], name: string): ParentGroups[] {
  const valueIn = (item: WorkItem): string => JSON.stringify(item.attribute(name) ?? null);
  const byValue = inputs.map(({ group }) => grouped(group, valueIn));
  return [...(byValue[0]?.keys() ?? [])]
    .map((value) => byValue.map((items) => items.get(value) ?? []))
    .filter((groups) => groups.every((group, place) => group.length > 0 || inputs[place]?.absent));
}

function grouped(items: readonly WorkItem[], keyOf: (item: WorkItem) => string): Map<string, WorkItem[]> {
  const groups = new Map<string, WorkItem[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
