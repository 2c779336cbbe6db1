/** `dag cook GRAPH`: cooks, shows how it goes, and answers with an exit code. */

import type { Cook } from "../../cook/cook.js";
import { Session } from "../../cook/session.js";
import { createReporter, type Progress } from "../../report/reporter.js";
import { checkNode, type GraphOptions, openGraph, openStoreAt } from "../open.js";
import { machineSlots, type SlotOptions } from "../slots.js";
import { printPlan } from "./plan.js";

export interface CookOptions extends GraphOptions, SlotOptions {
  readonly node?: readonly string[];
  readonly item?: string;
  readonly force?: readonly string[];
  readonly dryRun?: boolean;
  readonly progress: Progress;
}

export async function cookCommand(file: string, options: CookOptions): Promise<number> {
  if (options.dryRun === true) return printPlan(file, options);
  const { graph, project, store: folder } = await openGraph(file, options);
  for (const name of [...(options.node ?? []), ...(options.force ?? [])]) checkNode(name, graph.nodes);
  const store = await openStoreAt(folder, false);
  const reporter = createReporter(options.progress, process.stderr, process.env);
  const session = new Session({ store, slots: machineSlots(options), sink: reporter.sink });
  try {
    const request = { dry: false, force: new Set(options.force ?? []), nodes: setOf(options.node), item: options.item };
    const report = await session.cook(graph, project, request, stopOnSignals);
    return report.exit;
  } finally {
    await session.close();
    reporter.end();
    await store.close();
  }
}

function setOf(names: readonly string[] | undefined): ReadonlySet<string> | undefined {
  return names === undefined ? undefined : new Set(names);
}

/** Ctrl-C once: no new items, running ones may save and stop. Twice: at once. */
function stopOnSignals(cook: Cook): void {
  let count = 0;
  const stop = (): void => {
    count += 1;
    if (count === 1) process.stderr.write("\nStopping: running items may save. Once more ends them at once.\n");
    cook.stop(count === 1 ? "save" : "now");
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
}
