/** Which upstream items a run may take now, and in which order. Makes no items. */
import type { WorkItem } from "../workitem/item.js";
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
