/** `dag why ITEM`: what the next cook would do with an item, and which exact field decides it. */
import { findItem } from "../../cook/wanted.js";
import type { WorkItem } from "../../workitem/item.js";
import { type DryCook, type DryOptions, dryCook } from "../dry.js";
import { CommandError } from "../fail.js";
import { lastGraph } from "../open.js";

export interface WhyOptions extends DryOptions {
  readonly graph?: string;
}

export async function whyCommand(asked: string, options: WhyOptions): Promise<number> {
  const file = await lastGraph(options);
  const dry = await dryCook(file, options);
  const item = findItem(dry.report.runs, asked) ?? onlyItem(dry, asked);
  if (item === undefined) throw new CommandError(noItem(dry, asked, file), 2);
  process.stdout.write(`${explain(item, dry).join("\n")}\n`);
  return 0;
}

/** A node's name stands for its only item. */
function onlyItem(dry: DryCook, asked: string): WorkItem | undefined {
  const items = dry.report.runs.get(asked)?.items ?? [];
  return items.length === 1 ? items[0] : undefined;
}

function noItem(dry: DryCook, asked: string, file: string): string {
  const run = dry.report.runs.get(asked);
  if (run?.items.length === 0 && !run.complete) {
    return `The items of node "${asked}" are known only when those above it are cooked. dag plan ${file} shows which wait.`;
  }
  if (run !== undefined) return `Node "${asked}" has ${run.items.length} items: say which, such as ${asked}:0.`;
  return `${file} makes no work item "${asked}". dag items ${file} lists them.`;
}

function explain(item: WorkItem, dry: DryCook): string[] {
  const missed = dry.report.missed.get(item);
  const title = item.label === undefined || item.label === item.name ? item.name : `${item.name} (${item.label})`;
  if (missed !== undefined) return [`${title} would be cooked: ${missed}`];
  if (item.notScheduled) return [`${title} is not scheduled: its schedule_when is 0, or that of what it needs.`];
  if (item.state === "cooked_cache") return [`${title} is up to date: its result is in the store.`];
  if (item.state === "cooked_success") return [`${title} is up to date: it has no work of its own.`];
  if (item.state !== "waiting") return [`${title} is ${item.state}: ${item.reason ?? ""}`];
  const causes = firstCauses(item, dry);
  return [
    `${title} may be cooked: that depends on what comes of ${causes.length} item${causes.length === 1 ? "" : "s"} above it.`,
    ...causes
      .slice(0, 5)
      .map((cause) => `  ${cause.name}: ${dry.report.missed.get(cause) ?? cause.reason ?? cause.state}`),
  ];
}

/** The topmost items that would be cooked, or failed, above an item. */
function firstCauses(item: WorkItem, dry: DryCook): WorkItem[] {
  const seen = new Set<WorkItem>();
  const causes: WorkItem[] = [];
  const visit = (at: WorkItem): void => {
    if (seen.has(at)) return;
    seen.add(at);
    if (dry.report.missed.has(at) || at.state === "cooked_fail") causes.push(at);
    else for (const group of at.parents) group.forEach(visit);
  };
  for (const group of item.parents) group.forEach(visit);
  return causes;
}
