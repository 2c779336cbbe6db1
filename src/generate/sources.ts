/** Which upstream items a run may take now, in which order, and how those of several inputs meet. Makes no items. */
import type { ParentGroups, WorkItem } from "../workitem/item.js";
import { isDone, isGood } from "../workitem/state.js";
import type { NodeRun } from "./run.js";

/** Whether all upstream items are known, and cooked where the run waits for that. */
export function sourcesReady({ sources, waitsForCooks }: NodeRun): boolean {
  return sources.flat().every(({ run }) => run.complete && (!waitsForCooks || run.undone === 0));
}

/**
 * Takes the merged upstream items of the only input one after another, each as soon as it is generated (or cooked, where the
 * run waits for that). `take` returns false where it must be asked again. Returns whether all are taken.
 */
export function takeEach(
  run: NodeRun,
  { pause }: { pause(run: NodeRun): boolean },
  take: (upstream: WorkItem) => boolean,
): boolean {
  if (run.waitsForAll && !sourcesReady(run)) return false;
  let start = 0;
  for (const source of run.sources[0] ?? []) {
    while (run.cursor < start + source.items.length) {
      const upstream = source.items[run.cursor - start] as WorkItem;
      if (run.waitsForCooks && !isDone(upstream.state)) return false;
      const skipped = run.waitsForCooks && (!isGood(upstream.state) || upstream.notScheduled);
      if (!skipped && !take(upstream)) return false;
      run.cursor += 1;
      if (pause(run)) return false;
    }
    if (!source.run.complete) return false;
    start += source.items.length;
  }
  return true;
}

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
