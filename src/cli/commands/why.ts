/** `dag why ITEM`: what the next cook would do with an item, which exact field decides it, and what changed first above it. */

import { relative } from "node:path";
import { UserError } from "../../base/error.js";
import { type Cause, Causes } from "../../cook/cause.js";
import { CodeNotes } from "../../cook/codenotes.js";
import { reasonsOf } from "../../cook/miss.js";
import type { CookPlan } from "../../cook/request.js";
import { findItems, severalText } from "../../cook/wanted.js";
import type { DryCook, DryOptions } from "../../engine/dry.js";
import { type Acceptance, manifestParts } from "../../fingerprint/fields.js";
import type { Runs } from "../../generate/run.js";
import { runOf } from "../../generate/run.js";
import type { Graph } from "../../graph/graph.js";
import { resolveSymbolic } from "../../graph/paths.js";
import { CodeReader } from "../../nodetype/code.js";
import type { Prepared } from "../../prepare/prepare.js";
import { causeText, reasonText } from "../../report/reasons.js";
import { counted, momentText } from "../../report/text.js";
import { outcomeText } from "../../report/words.js";
import type { Lookup } from "../../store/results.js";
import type { Store } from "../../store/store.js";
import type { WorkItem } from "../../workitem/item.js";
import type { Reason } from "../../workitem/reason.js";
import { upward } from "../../workitem/upward.js";
import { cookedDry, type Flags, graphCookedLast } from "../open.js";
import { print } from "../print.js";

export interface WhyOptions extends Flags<DryOptions> {
  readonly graph?: string;
  readonly json?: boolean;
}

/** An item that would be cooked, and why. */
interface Explanation {
  readonly item: WorkItem;
  readonly reasons: readonly Reason[];
  /** What changed by itself, at or above the item. */
  readonly causes: readonly (Cause & { readonly text: string })[];
}

/** Causes that are shown. */
const SHOWN = 5;

export async function whyCommand(asked: string, options: WhyOptions): Promise<number> {
  const file = await graphCookedLast(options);
  const explanations: Explanation[] = [];
  let accepted: readonly Acceptance[] = [];
  const dry = await cookedDry(file, { ...options, item: asked }, (plan, store, { graph }) => {
    const item = itemAsked(plan.runs, asked);
    if (item === undefined) return;
    const force = new Set(options.force ?? []);
    accepted = acceptancesOf(item, store);
    for (const each of missedAt(item, plan)) explanations.push(explainItem(each, force, store, graph));
  });
  const item = itemAsked(dry.report.runs, asked);
  if (item === undefined) throw new UserError(noItem(dry, asked, file), 2);
  const lines = (): string[] => [...explain(item, dry, explanations), ...accepted.map(acceptanceText)];
  const text =
    options.json === true ? JSON.stringify(asJson(item, dry, explanations, accepted), null, 2) : lines().join("\n");
  print(`${text}\n`);
  return 0;
}

/** What a user said of the item's last result. */
function acceptancesOf(item: WorkItem, { results }: Store): readonly Acceptance[] {
  const fingerprint = item.hasWork ? results.lastFingerprint(item.id) : undefined;
  const manifest = fingerprint && results.manifest(fingerprint);
  return manifest === undefined ? [] : manifestParts(manifest).accepted;
}

function acceptanceText({ at }: Acceptance): string {
  return `  its last result was kept under changed code (dag accept) ${momentText(at)} UTC`;
}

function itemAsked(runs: Runs, asked: string): WorkItem | undefined {
  // A node's name stands for its only item.
  const items = runs.get(asked)?.items ?? findItems(runs, asked);
  return items.length === 1 ? items[0] : undefined;
}

function noItem(dry: DryCook, asked: string, file: string): string {
  const run = dry.report.runs.get(asked);
  if (run?.items.length === 0 && !run.complete) {
    return `The items of node "${asked}" are known only when those above it are cooked. dag plan ${file} shows which wait.`;
  }
  if (run !== undefined) return `Node "${asked}" has ${run.items.length} items: say which, such as ${asked}:0.`;
  const found = findItems(dry.report.runs, asked);
  if (found.length > 1) return severalText(asked, found);
  return `${file} makes no work item "${asked}". dag items ${file} lists them.`;
}

/** The item itself where it is cooked; else the topmost ones above it that are. */
function missedAt(item: WorkItem, { missed }: CookPlan): readonly Prepared[] {
  return topmost(item, (at) => missed.has(at)).flatMap((at) => missed.get(at) ?? []);
}

/** The first items, at or above one, of which something holds. */
function topmost(item: WorkItem, holds: (item: WorkItem) => boolean): WorkItem[] {
  return [...upward([item], holds)].filter(holds);
}

function explainItem(prepared: Prepared, force: ReadonlySet<string>, store: Store, graph: Graph): Explanation {
  const { item, fingerprint } = prepared;
  const notes = new CodeNotes(new CodeReader(), store.history);
  const modulesOf = (at: WorkItem, old: readonly unknown[] = []): readonly string[] =>
    notes.changed(String(old[0] ?? ""), runOf(at).node.type.module) ?? [];
  const { previous, dirty } = store.results.lookup([{ item: item.id, fingerprint: fingerprint.digest }])[0] as Lookup;
  const reasons = reasonsOf(prepared, { previous, dirty }, force, store.results).map((reason): Reason => {
    return reason.kind === "code" ? { ...reason, modules: modulesOf(item, reason.old) } : reason;
  });
  const old = reasons.some(({ field, kind }) => field !== undefined && kind !== "cache_mode")
    ? previous && store.results.manifest(previous)
    : reasons[0]?.kind === "never_cooked"
      ? predecessor(prepared, store)
      : undefined;
  const path = (symbolic: string): string => relative(process.cwd(), resolveSymbolic(symbolic, graph));
  const found = old === undefined ? [] : new Causes(store.results).of(item, old, fingerprint.manifest);
  const causes = found.map((cause) => {
    const { kind, detail } = cause;
    const isCode = kind === "code" && detail.what === "change";
    return { ...cause, text: causeText(cause, path, isCode ? modulesOf(cause.item, detail.change.old) : []) };
  });
  return { item, reasons, causes };
}

/** Of a new item: the manifest of the one that it took the place of, an item of its node that is no more. */
function predecessor({ run }: Prepared, store: Store): string | undefined {
  const present = new Set(run.items.map(({ id }) => id));
  return store.results.past({ node: run.name }).find(({ item }) => !present.has(item))?.manifest;
}

function explain(item: WorkItem, dry: DryCook, explanations: readonly Explanation[]): string[] {
  const title = titleOf(item);
  const own = explanations.find((each) => each.item === item);
  if (own !== undefined) return [`${title} would be cooked: ${allReasons(own)}`, ...causeLines(own, "  ")];
  if (item.notScheduled) return [`${title} is not scheduled: its schedule_when is 0, or that of what it needs.`];
  if (item.state === "cooked_cache") return [`${title} is up to date: its result is in the store.`];
  if (item.state === "cooked_success") return [`${title} is up to date: it has no work of its own.`];
  if (item.state !== "waiting") return [`${title} is ${item.state}: ${outcomeText(item.outcome) ?? ""}`];
  const failed = topmost(item, (at) => at.state === "cooked_fail" && !dry.report.missed.has(at));
  const count = explanations.length + failed.length;
  const lines = [
    ...explanations
      .slice(0, SHOWN)
      .flatMap((each) => [`  ${each.item.name}: ${allReasons(each)}`, ...causeLines(each, "    ")]),
    ...failed.slice(0, SHOWN).map((each) => `  ${each.name}: ${outcomeText(each.outcome) ?? each.state}`),
  ];
  if (explanations.length > SHOWN) lines.push(`  and ${explanations.length - SHOWN} more`);
  const above = counted(count, "item");
  if (dry.dirty.has(item)) {
    const come = count === 1 ? "comes" : "come";
    return [
      `${title} would be cooked: ${reasonText({ kind: "dirty" })}. Before it ${come} ${above} above it:`,
      ...lines,
    ];
  }
  return [`${title} may be cooked: that depends on what comes of ${above} above it.`, ...lines];
}

function titleOf({ name, label }: WorkItem): string {
  return label === undefined || label === name ? name : `${name} (${label})`;
}

function allReasons({ reasons }: Explanation): string {
  return reasons.map(reasonText).join("; ");
}

/** Causes that are not the item's own changes: those say it already. */
function causeLines({ item, reasons, causes }: Explanation, indent: string): string[] {
  const above = causes.filter(
    (cause) => cause.item !== item || !reasons.some((reason) => reasonText(reason).includes(cause.text)),
  );
  const lines = above.slice(0, SHOWN).map((cause) => {
    return `${indent}because ${cause.item === item ? "" : `of ${titleOf(cause.item)}: `}${cause.text}`;
  });
  return above.length > SHOWN ? [...lines, `${indent}and of ${above.length - SHOWN} more`] : lines;
}

function asJson(item: WorkItem, dry: DryCook, explanations: readonly Explanation[], accepted: readonly Acceptance[]) {
  const named = ({ name, node, index, label }: WorkItem) => ({ name, node, index, label: label ?? name });
  const cooked = explanations.map((each) => ({
    item: named(each.item),
    reasons: each.reasons.map((reason) => ({ ...reason, text: reasonText(reason) })),
    causes: each.causes.map(({ kind, item: at, detail, text }) => ({ kind, item: named(at), text, detail })),
  }));
  const isCooked = dry.report.missed.has(item) || dry.dirty.has(item);
  const [state, outcome] = isCooked ? ["uncooked", null] : [item.state, item.outcome?.kind ?? null];
  return { version: 2, item: named(item), state, outcome, cooked, accepted };
}
