/**
 * Cooks items again whose results are in the store, and compares: the same files byte for byte, the same attributes.
 * Publishes nothing. Knows results, not how they were asked for.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { canonicalJson } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import type { NodeDefinition } from "../nodetype/define.js";
import type { Prepared } from "../prepare/prepare.js";
import type { Scheduler } from "../schedule/scheduler.js";
import { runTask } from "../schedule/single.js";
import type { Entry } from "../store/results.js";
import type { CookedResult, TaskResult } from "../worker/protocol.js";
import { demandOf, type TaskDeps, taskOf } from "./task.js";

/** An item with its result. */
export interface CachedItem {
  readonly prepared: Prepared;
  readonly entry: Entry;
}

export interface RepeatDeps extends TaskDeps {
  readonly scheduler: Scheduler;
}

/** Answers what differs, in words for the user; nothing where the result is the same. */
export async function repeat({ prepared, entry }: CachedItem, deps: RepeatDeps): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "dag-verify-"));
  try {
    const result = await cookIn(folder, prepared, deps);
    if (result.kind !== "cooked") return [result.kind === "failed" ? `it failed: ${result.message}` : "it found out"];
    const tolerance = toleranceOf(prepared.run.definition, [entry.attributes, result.attributes]);
    const { measured = [] } = prepared.run.definition.attributes ?? {};
    const [before, now] = [entry.attributes, result.attributes].map((all) => without(all, measured));
    return [
      ...(tolerance === undefined ? differentFiles(entry, result) : []),
      ...differentAttributes(before!, now!, tolerance ?? 0),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cookIn(folder: string, prepared: Prepared, deps: RepeatDeps): Promise<TaskResult> {
  const paths = { log: join(folder, "log"), directory: join(folder, "attempt"), resume: join(folder, "resume") };
  return runTask(deps.scheduler, demandOf(prepared), (grant) => ({
    ...taskOf({ of: prepared, grant }, paths, deps),
    ...paths,
  }));
}

function differentFiles({ outputs }: Entry, { files }: CookedResult): string[] {
  const before = outputs.map(({ name, digest, tag }) => ({ name, digest, tag }));
  const now = files.map((file) => {
    const { digest, name } = "path" in file ? { digest: file.digest, name: file.path } : { ...file, digest: file.pass };
    return { name, digest, tag: file.tag };
  });
  if (before.length !== now.length) return [`it made ${now.length} files and not ${before.length}`];
  return before.flatMap(({ name, digest, tag }, place) => {
    const other = now[place]!;
    if (other.name !== name || other.tag !== tag) return [`file ${name} (${tag}) is now ${other.name} (${other.tag})`];
    return other.digest === digest ? [] : [`file ${name} has other bytes`];
  });
}

type Values = Readonly<Record<string, Value>>;

/** The larger one that a node type allows either result; undefined where both must be the same to the byte. */
function toleranceOf({ tolerance }: NodeDefinition, results: readonly Values[]): number | undefined {
  if (typeof tolerance !== "function") return tolerance;
  const allowed = results.map(tolerance).filter((each) => each !== undefined);
  return allowed.length === 0 ? undefined : Math.max(...allowed);
}

function without(values: Values, measured: readonly string[]): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !measured.includes(name)));
}

function differentAttributes(before: Values, now: Values, tolerance: number): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  const text = (value: Value | undefined) => (value === undefined ? "nothing" : canonicalJson(value));
  return names
    .filter((name) => !alike(before[name], now[name], tolerance))
    .map((name) => `attribute ${name} was ${text(before[name])}, is ${text(now[name])}`);
}

/** Equal; numbers up to a part of the larger one. */
function alike(a: Value | undefined, b: Value | undefined, tolerance: number): boolean {
  if (typeof a === "number" && typeof b === "number")
    return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each: Value, place) => alike(each, b[place] as Value, tolerance));
  return a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b);
}
