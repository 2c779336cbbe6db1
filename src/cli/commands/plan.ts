/** `dag plan GRAPH`: what a cook would do, node by node in run order, with reasons, and what it is expected to take. */

import { relative } from "node:path";
import { formatBytes } from "../../base/size.js";
import type { DryCook, DryOptions } from "../../engine/dry.js";
import { machineSlots } from "../../engine/slots.js";
import type { Machine } from "../../executor/machine.js";
import { besideOf, type Forecast, forecastOf, type NodeForecast } from "../../forecast/forecast.js";
import { Past, type Quantiles } from "../../forecast/past.js";
import type { NodeRuns } from "../../generate/run.js";
import { reasonsText } from "../../report/reasons.js";
import { counted, duration } from "../../report/text.js";
import type { NodeRecord } from "../../unchanged/pieces.js";
import type { WorkItem } from "../../workitem/item.js";
import type { Reason } from "../../workitem/reason.js";
import { cookedDry, type Flags } from "../open.js";
import { print } from "../print.js";

export interface PlanOptions extends Flags<DryOptions> {
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
  /** Items that fail before there is anything to cook (a parameter has no value, say), and those that need one of them. */
  readonly fail: number;
  /** Items that have no work: they cost nothing and are in no store. */
  readonly without_work: number;
  /** Of a partitioner: how many items are in its partitions, and which of their files those below get. */
  readonly partitioned: { readonly members: number; readonly outputs: string } | null;
  /** Reasons of those that cook, in run order, with how many items have each. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Its results are never kept: `cache: "never"` of its type, or its `cache_mode`. */
  readonly never_cached: boolean;
  /** What those that cook take, if all that may cook does; null where nothing is to be done. */
  readonly forecast: Omit<NodeForecast, "node" | "items"> | null;
}

export async function printPlan(file: string, options: PlanOptions): Promise<number> {
  const machine = machineSlots(options);
  let forecast: Forecast | undefined;
  const dry = await cookedDry(
    file,
    { ...options, hints: true, findUnchanged: true },
    (plan, store, { graph, project }) => {
      const beside = besideOf(store.history, relative(project, graph.file));
      forecast = forecastOf(plan, new Past(store.history), machine, beside);
    },
  );
  const plans = [...dry.report.runs.values()].map((run) => planOf(run, dry, forecast));
  const { nodes: _, ...whole } = forecast ?? { nodes: [] };
  const json = { version: 2, nodes: plans, forecast: { slots: machine, ...whole } };
  print(options.json === true ? `${JSON.stringify(json, null, 2)}\n` : text(plans, forecast, machine));
  return dry.report.ok ? 0 : 1;
}

const DIRTY: readonly Reason[] = [{ kind: "dirty" }];

function planOf(run: NodeRuns, dry: DryCook, forecast: Forecast | undefined): NodePlan {
  const reasons: Record<string, number> = {};
  const unchanged = dry.report.unchanged.get(run.node.name);
  const counts = { hit: 0, cook: 0, may_cook: 0, not_scheduled: 0, fail: 0, without_work: 0 };
  if (unchanged !== undefined) {
    const { items, cached: hit, notScheduled: not_scheduled } = unchanged;
    Object.assign(counts, { hit, not_scheduled, without_work: items - hit - not_scheduled });
  }
  for (const item of run.items) {
    const missed = dry.report.missed.get(item) ?? (dry.dirty.has(item) ? DIRTY : undefined);
    if (missed !== undefined) {
      const reason = reasonsText(missed);
      counts.cook += 1;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    } else counts[expectedOf(item)] += 1;
  }
  const found = forecast?.nodes.find(({ node }) => node === run.node.name);
  const { node: _, items: __, ...figures } = found ?? { node: "", items: 0 };
  return {
    node: run.node.name,
    type: run.node.type.name,
    items: (unchanged?.items ?? 0) + run.items.length,
    complete: run.complete,
    ...counts,
    partitioned: run.definition.partition === undefined ? null : partitionsOf(run, unchanged),
    reasons,
    never_cached: run.definition.cache === "never" || run.node.cacheMode === "never",
    forecast: found === undefined ? null : (figures as NodePlan["forecast"]),
  };
}

function expectedOf(item: WorkItem): "hit" | "may_cook" | "not_scheduled" | "fail" | "without_work" {
  if (item.outcome?.kind === "failed" || item.outcome?.kind === "canceled") return "fail";
  if (item.notScheduled) return "not_scheduled";
  if (!item.hasWork) return "without_work";
  return item.state === "waiting" ? "may_cook" : "hit";
}

function partitionsOf({ items }: NodeRuns, unchanged: NodeRecord | undefined): NodePlan["partitioned"] {
  if (unchanged?.partitions !== undefined)
    return { ...unchanged.partitions, outputs: unchanged.partitions.outputs.join(", ") };
  const members = items.reduce((sum, item) => sum + item.grouped().length, 0);
  return { members, outputs: [...new Set(items.map(({ passes }) => passes))].join(", ") };
}

function text(plans: readonly NodePlan[], forecast: Forecast | undefined, machine: Machine): string {
  const width = Math.max(...plans.map(({ node }) => node.length));
  const lines = plans.flatMap((plan) => {
    const reasons = Object.entries(plan.reasons).slice(0, 3);
    return [
      `${plan.node.padEnd(width)}  ${nodeText(plan)}`,
      ...reasons.map(([reason, times]) => `${" ".repeat(width)}    ${times} × ${reason}`),
    ];
  });
  const cook = plans.reduce((sum, { cook: count }) => sum + count, 0);
  const may = plans.reduce((sum, { may_cook: count }) => sum + count, 0);
  const unknown = plans.some(({ complete }) => !complete);
  const end =
    cook + may === 0 && !unknown
      ? "Nothing would be cooked."
      : `${cook} would be cooked${may > 0 || unknown ? `, ${unknown ? "≥ " : ""}${may} more may be` : ""}.`;
  return `${[...lines, ...wholeText(forecast, machine), end].join("\n")}\n`;
}

function nodeText(plan: NodePlan): string {
  const { partitioned: parts } = plan;
  const counts = [
    plan.hit > 0 ? `${plan.hit} hit` : "",
    plan.cook > 0 ? `${plan.cook} cook` : "",
    plan.may_cook > 0 ? `${plan.may_cook} may cook` : "",
    plan.not_scheduled > 0 ? `${plan.not_scheduled} not scheduled` : "",
    plan.fail > 0 ? `${plan.fail} fail` : "",
    parts !== null && plan.without_work > 0 ? `of ${counted(parts.members, "item")}, passing on ${parts.outputs}` : "",
    plan.never_cached ? "never cached" : "",
    plan.forecast === null ? "" : forecastText(plan.forecast),
  ].filter((part) => part !== "");
  const items = `${plan.complete ? "" : "≥ "}${counted(plan.items, parts === null ? "item" : "partition")}`;
  if (counts.length > 0) return `${items}${parts === null ? ":" : ""} ${counts.join(", ")}`;
  return `${items}${plan.items > 0 ? " without work" : ": none yet"}`;
}

function forecastText({ samples, basis, seconds, bytes: size }: NonNullable<NodePlan["forecast"]>): string {
  if (seconds === null) return "no history";
  const made = size === null || size.p90 === 0 ? "" : `, ${rangeText(size, formatBytes)}`;
  return `${rangeText(seconds, duration)} of work${made} (from ${counted(samples, "cook")}${basis === "type" ? " of its type" : ""})`;
}

/** What all of it takes; nothing where nothing is to be done. */
function wholeText(forecast: Forecast | undefined, machine: Machine): string[] {
  if (forecast === undefined || forecast.nodes.length === 0) return [];
  const { wall, cpu, gpu, bytes: size, placed, complete } = forecast;
  if (wall === null) return ["How long it takes is not known: nothing of it was cooked before."];
  const slots = `${counted(machine.cpu, "CPU slot")}${machine.gpu > 0 ? ` and ${counted(machine.gpu, "GPU slot")}` : ""}`;
  const parts = [
    `${rangeText(wall, duration)} on ${slots}`,
    cpu === null ? "" : `${rangeText(cpu, duration)} of CPU slots`,
    gpu === null || gpu.p90 === 0 ? "" : `${rangeText(gpu, duration)} of GPU slots`,
    size === null || size.p90 === 0 ? "" : `${rangeText(size, formatBytes)} into the store`,
    placed === null || placed.p90 === 0 ? "" : `${rangeText(placed, formatBytes)} put at your paths`,
  ].filter((part) => part !== "");
  return [`Expected: ${complete ? "" : "≥ "}${parts.join("; ")}.`];
}

/** `12 s (p90 15 s)`; one figure where both are the same in words. */
export function rangeText({ p50, p90 }: Quantiles, words: (figure: number) => string): string {
  const [usual, high] = [words(Math.round(p50 * 1e6) / 1e6), words(Math.round(p90 * 1e6) / 1e6)];
  return usual === high ? usual : `${usual} (p90 ${high})`;
}
