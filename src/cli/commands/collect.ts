/** `dag cache stats|verify|gc`: what the store holds, whether it is whole, and what can go. */

import { formatBytes } from "../../base/size.js";
import { askEngine } from "../../engine/ask.js";
import { counted, duration } from "../../report/text.js";
import type { Collected, Store, Verification } from "../../store/store.js";
import { storeAt } from "../open.js";
import { print } from "../print.js";
import { table } from "../table.js";

/** Days for which results are kept that are no item's last. */
const DAYS = 30;

export async function cacheAction(
  action: string,
  folder: string,
  options: { readonly days?: number },
): Promise<number> {
  const days = options.days ?? DAYS;
  const collected = action === "gc" ? await askEngine(folder, { ask: "gc", days }) : undefined;
  if (collected !== undefined) return printCollected(collected);
  const store = await storeAt(folder, action === "stats");
  try {
    if (action === "stats") return stats(store);
    if (action === "gc") return printCollected(await store.gc({ days, last: true }));
    const verification = await store.verify();
    if (verification.database.length === 0) return report(verification);
  } finally {
    await store.close();
  }
  return rebuildStore(folder);
}

/** The database finds something wrong with itself: it is made anew from the manifests. */
async function rebuildStore(folder: string): Promise<number> {
  const store = await storeAt(folder, false, true);
  try {
    print("The database was damaged; it was made anew from the manifests.\n");
    report(await store.verify());
    return 1;
  } finally {
    await store.close();
  }
}

function stats(store: Store): number {
  const { entries, items, types, blobs, blobBytes, databaseBytes, resumeBytes, logBytes } = store.stats();
  const lines = [
    `${store.folder}`,
    `${counted(entries, "result")} of ${counted(items, "work item")}`,
    `${counted(blobs, "file")}, ${formatBytes(blobBytes)}; database ${formatBytes(databaseBytes)}, resume ${formatBytes(resumeBytes)}, logs ${formatBytes(logBytes)}`,
  ];
  const rows = types.map(({ type, entries: count, seconds }) => [type, String(count), duration(seconds)]);
  if (rows.length > 0) lines.push("", table(["node type", "results", "work"], rows));
  print(`${lines.join("\n")}\n`);
  return 0;
}

function report({ blobs, damaged, lost, database }: Verification): number {
  for (const digest of damaged) print(`damaged, removed: ${digest}\n`);
  for (const problem of database) print(`database: ${problem}\n`);
  if (lost.length > 0) print(`${counted(lost.length, "result")} lost a file: their items are cooked again.\n`);
  const whole = damaged.length === 0 && lost.length === 0 && database.length === 0;
  print(`${counted(blobs, "file")} read; ${whole ? "all is whole" : "see above"}.\n`);
  return whole ? 0 : 1;
}

function printCollected(gone: Collected): number {
  const parts = [
    counted(gone.entries, "result"),
    counted(gone.blobs, "file"),
    counted(gone.resumeFolders, "resume folder"),
    counted(gone.logs, "log"),
  ];
  print(`Removed ${parts.join(", ")}: ${formatBytes(gone.bytes)}.\n`);
  return 0;
}
