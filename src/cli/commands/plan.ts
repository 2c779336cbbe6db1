/** `dag plan GRAPH`: what a cook would do, node by node in run order, with reasons and the time that it took before. */
import type { NodeRuns } from "../../cook/runs.js";
import { duration } from "../../report/text.js";
import type { WorkItem } from "../../workitem/item.js";
import { type DryCook, type DryOptions, dryCook } from "../dry.js";

export interface PlanOptions extends DryOptions {
  readonly json?: boolean;
}

/** One node of a plan. `items` is a lower bound where `complete` is false. */
interface NodePlan {
  readonly node: string;
  readonly type: string;
  readonly items: number;
  readonly complete: boolean;
  readonly hit: number;
  readonly cook: number;
  readonly may_cook: number;
  readonly not_scheduled: number;
  /** Reasons of those that cook, with how many items have each. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Its results are never kept: `cache: "never"` of its type, or its `cache_mode`. */
  readonly never_cached: boolean;
  /** Seconds of work, if all that may cook does; null without a history. */
  readonly seconds: number | null;
}

export async function printPlan(file: string, options: PlanOptions): Promise<number> {
  const dry = await dryCook(file, options);
  const plans = [...dry.report.runs.values()].map((run) => planOf(run, dry));
  process.stdout.write(
    options.json === true ? `${JSON.stringify({ version: 1, nodes: plans }, null, 2)}\n` : text(plans),
  );
  return dry.report.ok ? 0 : 1;
}

function planOf(run: NodeRuns, dry: DryCook): NodePlan {
  const reasons: Record<string, number> = {};
  const counts = { hit: 0, cook: 0, may_cook: 0, not_scheduled: 0 };
  for (const item of run.items) {
    const reason = dry.report.missed.get(item);
    if (reason !== undefined) {
      counts.cook += 1;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    } else counts[verdict(item)] += 1;
  }
  const past = [...dry.history(run.node.type.name)].sort((a, b) => a - b);
  const median = past[Math.floor(past.length / 2)];
  const work = counts.cook + counts.may_cook;
  return {
    node: run.node.name,
    type: run.node.type.name,
    items: run.items.length,
    complete: run.complete,
    ...counts,
    reasons,
    never_cached: run.definition.cache === "never" || run.node.cacheMode === "never",
    seconds: median === undefined || run.definition.cook === undefined ? null : median * work,
  };
}

function verdict(item: WorkItem): "hit" | "may_cook" | "not_scheduled" {
  if (item.notScheduled) return "not_scheduled";
  return item.state === "waiting" ? "may_cook" : "hit";
}

function text(plans: readonly NodePlan[]): string {
  const width = Math.max(...plans.map(({ node }) => node.length));
  const lines = plans.flatMap((plan) => {
    const parts = [
      plan.hit > 0 ? `${plan.hit} hit` : "",
      plan.cook > 0 ? `${plan.cook} cook` : "",
      plan.may_cook > 0 ? `${plan.may_cook} may cook` : "",
      plan.not_scheduled > 0 ? `${plan.not_scheduled} not scheduled` : "",
      plan.never_cached ? "never cached" : "",
      plan.seconds !== null && plan.seconds > 0 ? `about ${duration(plan.seconds)} of work` : "",
    ].filter((part) => part !== "");
    const count = `${plan.complete ? "" : "≥ "}${plan.items}`;
    const head = `${plan.node.padEnd(width)}  ${count} item${plan.items === 1 ? "" : "s"}: ${parts.join(", ") || "none yet"}`;
    const reasons = Object.entries(plan.reasons).slice(0, 3);
    return [head, ...reasons.map(([reason, times]) => `${" ".repeat(width)}    ${times} × ${reason}`)];
  });
  const cook = plans.reduce((sum, { cook: count }) => sum + count, 0);
  const may = plans.reduce((sum, { may_cook: count }) => sum + count, 0);
  const unknown = plans.some(({ complete }) => !complete);
  const end =
    cook + may === 0 && !unknown
      ? "Nothing would be cooked."
      : `${cook} would be cooked${may > 0 || unknown ? `, ${unknown ? "≥ " : ""}${may} more may be` : ""}.`;
  return `${[...lines, end].join("\n")}\n`;
}
