/** Whether a ready item has work to be done, and how important it is. It reads states and moves none. */
import { type Environment, EvaluationError } from "../expression/index.js";
import { NOT_SCHEDULED, type WorkItem } from "../workitem/item.js";
import { isGood, type State } from "../workitem/state.js";
import { environmentOf } from "./environment.js";
import { type NodeRun, runOf } from "./run.js";

/** What becomes of an item that needs no work: the state that it ends in; or what is wrong with it. */
export type Verdict = { readonly state: State; readonly reason?: string } | { readonly problem: string };

/** Names of items that a message shows. */
const SHOWN = 5;

/** Labels an item, and gives it its priority. No verdict: its work is to be done. */
export function judge(item: WorkItem): Verdict | undefined {
  const run = runOf(item);
  const see = (): Environment => environmentOf(run, item);
  label(run, item, see);
  if (item.parents.length > 0) {
    const broken = brokenParents(item);
    if (broken.length > 0) return { state: "cooked_cancel", reason: brokenWords(item, broken) };
    if (item.parents.some((group) => group.length > 0 && group.every((parent) => parent.notScheduled))) {
      return { state: "cooked_success", reason: NOT_SCHEDULED };
    }
  }
  try {
    if (excluded(run, item, see)) return { state: "cooked_success", reason: NOT_SCHEDULED };
  } catch (error) {
    return { problem: (error as Error).message };
  }
  return item.hasWork ? undefined : { state: "cooked_success" };
}

function brokenParents(item: WorkItem): WorkItem[] {
  const broken: WorkItem[] = [];
  for (const group of item.parents) {
    for (const parent of group) if (!isGood(parent.state) && !isIgnored(parent)) broken.push(parent);
  }
  return broken;
}

function isIgnored(item: WorkItem): boolean {
  return item.state === "cooked_fail" && runOf(item).node.onFailure === "ignore";
}

/** A partition says which of its members failed. */
function brokenWords(item: WorkItem, broken: readonly WorkItem[]): string {
  const all = item.parents.flat().length;
  const [first] = broken;
  if (all === 1 && first !== undefined) return `${first.name} is ${first.state}`;
  return `${broken.length} of ${all} items that it is made from have no result: ${listed(broken)}`;
}

/** What an item leaves out because it failed and that is no matter; undefined where there is nothing such. */
export function leftOut(item: WorkItem): string | undefined {
  if (item.parents.length === 1 && item.parents[0]?.length === 1) return undefined;
  const all = item.parents.flat();
  const failed = all.length > 1 ? all.filter(isIgnored) : [];
  if (failed.length === 0) return undefined;
  return `${item.label ?? item.name} leaves out ${failed.length} of ${all.length} items, which failed: ${listed(failed)}`;
}

function listed(items: readonly WorkItem[]): string {
  const words = items.slice(0, SHOWN).map((item) => `${titleOf(item)} (${item.state})`);
  return items.length > SHOWN ? `${words.join(", ")} and ${items.length - SHOWN} more` : words.join(", ");
}

function titleOf({ name, label }: WorkItem): string {
  return label === undefined || label === name ? name : `${name} ${label}`;
}

/** Labels an item. One whose label has no value keeps its name: it is failed, or ended, for a reason of its own. */
function label(run: NodeRun, item: WorkItem, see: () => Environment): void {
  const { label: given } = run.node;
  if (given === "inherit") item.label = item.parents[0]?.[0]?.label ?? item.label;
  if (typeof given !== "object") return;
  try {
    item.label = String(given.evaluate(see()));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
  }
}

/** Evaluates what decides whether, and when, the item is scheduled. Throws with a message for the user. */
function excluded(run: NodeRun, item: WorkItem, see: () => Environment): boolean {
  const { scheduleWhen, priority, label: given } = run.node;
  if (typeof given === "object" && item.label === undefined) given.evaluate(see());
  if (priority === "inherit") item.priority = item.parents[0]?.[0]?.priority ?? 0;
  else if (typeof priority === "object") item.priority = Number(priority.evaluate(see()));
  return scheduleWhen !== null && !Number(scheduleWhen.evaluate(see()));
}
