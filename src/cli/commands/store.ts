/** `dag log`, `dag dirty`, `dag cache`: the store, read and tended. */

import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../base/error.js";
import { findItems, severalText } from "../../cook/wanted.js";
import { askEngine } from "../../engine/ask.js";
import type { DryOptions } from "../../engine/dry.js";
import { projectOf, storeOf } from "../../engine/project.js";
import { counted } from "../../report/text.js";
import type { WorkItem } from "../../workitem/item.js";
import { cookedDry, type Flags, graphCookedLast, nearestStore, storeAt } from "../open.js";
import { print } from "../print.js";

export async function logCommand(item: string, options: Flags): Promise<number> {
  const { store } = await nearestStore(options);
  const folder = join(store.folder, "logs");
  await store.close();
  const runs = existsSync(folder) ? readdirSync(folder).sort((a, b) => Number(b) - Number(a)) : [];
  for (const run of runs) {
    const logs = readdirSync(join(folder, run)).filter((name) => lstatSync(join(folder, run, name)).isFile());
    // A node's name stands for its items, the beginning of an item's name for the item.
    const found = logs.find((name) => name === `${item}.log`) ?? logs.find((name) => isLogOf(name, item));
    if (found === undefined) continue;
    print(readFileSync(join(folder, run, found), "utf8").replaceAll("\r\n", "\n"));
    return 0;
  }
  throw new UserError(`No log of an item "${item}" is kept: an item has a log only where its cook said something.`, 2);
}

/** Log files are named after items: a node's name, `_`, and ten hexadecimal digits. */
function isLogOf(file: string, asked: string): boolean {
  const [, node = "", digits = ""] = /^(.*)_([0-9a-f]{10})\.log$/.exec(file) ?? [];
  return asked === node || `${node}_${digits}`.startsWith(asked.includes("_") ? asked : `${asked}_`);
}

export interface DirtyOptions extends Flags<DryOptions> {
  readonly graph?: string;
  readonly downstream?: boolean;
}

export async function dirtyCommand(asked: string, options: DirtyOptions): Promise<number> {
  const file = await graphCookedLast(options);
  const dry = await cookedDry(file, options);
  const run = dry.report.runs.get(asked);
  const roots = run?.items ?? findItems(dry.report.runs, asked);
  if (run === undefined && roots.length > 1) throw new UserError(severalText(asked, roots), 2);
  if (roots.length === 0)
    throw new UserError(`${file} makes no work item "${asked}", and none of a node of that name.`, 2);
  const chosen = new Set<WorkItem>(roots);
  if (options.downstream === true) {
    // Nodes are in topological order: one pass finds all that lies below.
    for (const run of dry.report.runs.values()) {
      for (const item of run.items) if (item.parents.flat().some((parent) => chosen.has(parent))) chosen.add(item);
    }
  }
  const ids = [...chosen].filter((item) => item.hasWork).map((item) => item.id);
  const forgotten = await forget(dry.store, ids);
  print(`${dirtiedText(forgotten, ids.length)}\n`);
  return 0;
}

/** By the engine that cooks with the store, where one does. Returns how many results were forgotten. */
async function forget(folder: string, items: readonly string[]): Promise<number> {
  const response = await askEngine(folder, { ask: "dirty", items });
  if (response !== undefined) return response.forgotten;
  const store = await storeAt(folder, false);
  try {
    return store.results.forget(items);
  } finally {
    await store.close();
  }
}

function dirtiedText(forgotten: number, count: number): string {
  if (count === 0)
    return "Nothing to make dirty: what is named has no work of its own. --downstream means what is below, too.";
  if (forgotten === 0) return `Nothing to make dirty: the store has no result of ${counted(count, "item")}.`;
  return `${forgotten} of ${counted(count, "item")} made dirty; the next cook cooks ${count === 1 ? "it" : "them"} again.`;
}

export async function cacheCommand(action: string, options: Flags & { readonly days?: number }): Promise<number> {
  const folder = storeOf(projectOf(process.cwd()), options.store);
  if (!existsSync(folder)) throw new UserError(`Nothing was cooked here yet: there is no store ${folder}.`, 2);
  const { cacheAction } = await import("./collect.js");
  return cacheAction(action, folder, options);
}
