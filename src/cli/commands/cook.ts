/** `dag cook GRAPH`: cooks, shows how it goes, and answers with an exit code. */

import type { Cook } from "../../cook/cook.js";
import { cookGraph } from "../../cook/session.js";
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
  try {
    const report = await cookGraph({
      graph,
      project,
      store,
      slots: machineSlots(options),
      sink: reporter.sink,
      request: {
        dry: false,
        force: new Set(options.force ?? []),
        nodes: options.node === undefined ? undefined : new Set(options.node),
        item: options.item,
      },
      started: stopOnSignals,
    });
    return report.exit;
  } finally {
    reporter.end();
    await store.close();
  }
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
