/** Whether a ready item has work to be done, and how important it is. It reads states and moves none. */
import { type Environment, EvaluationError } from "../expression/index.js";
import { NOT_SCHEDULED, type WorkItem } from "../workitem/item.js";
import { isGood, type State } from "../workitem/state.js";
import type { NodeRun } from "./run.js";

/** What becomes of an item that needs no work: the state that it ends in; or what is wrong with it. */
export type Verdict = { readonly state: State; readonly reason?: string } | { readonly problem: string };

export interface JudgeDoors {
  runOf(item: WorkItem): NodeRun;
  environment(run: NodeRun, item: WorkItem): Environment;
}

/** Labels an item, and gives it its priority. No verdict: its work is to be done. */
export function judge(item: WorkItem, { runOf, environment }: JudgeDoors): Verdict | undefined {
  const run = runOf(item);
  const seen = environment(run, item);
  label(run, item, seen);
  const broken = brokenParent(item, runOf);
  if (broken !== undefined) return { state: "cooked_cancel", reason: `${broken.name} is ${broken.state}` };
  if (item.parents.some((group) => group.length > 0 && group.every((parent) => parent.notScheduled))) {
    return { state: "cooked_success", reason: NOT_SCHEDULED };
  }
  try {
    if (excluded(run, item, seen)) return { state: "cooked_success", reason: NOT_SCHEDULED };
  } catch (error) {
    return { problem: (error as Error).message };
  }
  return item.hasWork ? undefined : { state: "cooked_success" };
}

function brokenParent(item: WorkItem, runOf: JudgeDoors["runOf"]): WorkItem | undefined {
  for (const group of item.parents) {
    for (const parent of group) {
      if (isGood(parent.state)) continue;
      const ignored = parent.state === "cooked_fail" && runOf(parent).node.onFailure === "ignore";
      if (!ignored) return parent;
    }
  }
  return undefined;
}

/** Labels an item. One whose label has no value keeps its name: it is failed, or ended, for a reason of its own. */
function label(run: NodeRun, item: WorkItem, environment: Environment): void {
  const { label: given } = run.node;
  if (given === "inherit") item.label = item.parents[0]?.[0]?.label ?? item.label;
  if (typeof given !== "object") return;
  try {
    item.label = String(given.evaluate(environment));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
  }
}

/** Evaluates what decides whether, and when, the item is scheduled. Throws with a message for the user. */
function excluded(run: NodeRun, item: WorkItem, environment: Environment): boolean {
  const { scheduleWhen, priority, label: given } = run.node;
  if (typeof given === "object" && item.label === undefined) given.evaluate(environment);
  if (priority === "inherit") item.priority = item.parents[0]?.[0]?.priority ?? 0;
  else if (typeof priority === "object") item.priority = Number(priority.evaluate(environment));
  return scheduleWhen !== null && !Number(scheduleWhen.evaluate(environment));
}
