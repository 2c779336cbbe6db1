/** Whether a ready item has work to be done, and how important it is. It reads states and moves none. */
import { problemIn } from "../base/error.js";
import { type Environment, EvaluationError } from "../expression/index.js";
import { type NodeRun, runOf } from "../generate/run.js";
import { environmentOf } from "../prepare/environment.js";
import type { WorkItem } from "../workitem/item.js";
import { type CancelCause, DONE, NOT_SCHEDULED, type Outcome } from "../workitem/outcome.js";
import { isGood } from "../workitem/state.js";
import { itemName } from "./state.js";

/** What becomes of an item that needs no work: how it ends; or what is wrong with it. */
export type ItemEvaluation = Outcome | { readonly kind: "problem"; readonly message: string };

/** Items that a message, or a cause, names. */
const SHOWN = 5;

/** Labels an item, and gives it its priority. No verdict: its work is to be done. */
export function evaluateItem(item: WorkItem): ItemEvaluation | undefined {
  const run = runOf(item);
  const see = (): Environment => environmentOf(run, item);
  label(run, item, see);
  if (item.parents.length > 0) {
    const broken = brokenParents(item);
    if (broken.length > 0) return { kind: "canceled", cause: brokenCause(item, broken) };
    if (item.parents.some((group) => group.length > 0 && group.every((parent) => parent.notScheduled))) {
      return NOT_SCHEDULED;
    }
  }
  const problem = item.special?.problem;
  if (problem !== undefined) return { kind: "problem", message: problem };
  try {
    if (excluded(run, item, see)) return NOT_SCHEDULED;
  } catch (error) {
    return { kind: "problem", message: problemIn(error) };
  }
  return item.hasWork ? undefined : DONE;
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
function brokenCause(item: WorkItem, broken: readonly WorkItem[]): CancelCause {
  const items = broken.slice(0, SHOWN).map((one) => ({ item: itemName(one), state: one.state }));
  return { kind: "upstream", items, broken: broken.length, of: item.parents.flat().length };
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
