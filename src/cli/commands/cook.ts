/** `dag cook GRAPH`: cooks, shows how it goes, and answers with an exit code. */
import { digestOf } from "../../base/hash.js";
import type { Store } from "../../cache/store.js";
import type { Cook } from "../../cook/cook.js";
import type { EventSink } from "../../event/event.js";
import type { Graph } from "../../graph/graph.js";
import { reachOf } from "../../graph/reach.js";
import { createReporter, type Progress } from "../../report/reporter.js";
import { type CookingOptions, withCooking } from "../cooking.js";
import { CommandError } from "../fail.js";
import type { Tell } from "../open.js";
import { printPlan } from "./plan.js";

export interface CookOptions extends CookingOptions {
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  readonly progress: Progress;
}

export async function cookCommand(file: string, options: CookOptions): Promise<number> {
  if (options.dryRun === true) return printPlan(file, options);
  const reporter = await createReporter(options.progress, process.stderr, process.env, { watching: options.watch });
  try {
    return await cook(file, options, reporter.sink);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    reporter.sink({ type: "notice", severity: "error", message: error.message });
    return error.exit;
  } finally {
    reporter.end();
  }
}

function cook(file: string, options: CookOptions, tell: EventSink): Promise<number> {
  const placed = new Set<string>();
  const sink: EventSink = (event) => {
    if (event.type === "output_placed") placed.add(event.path);
    tell(event);
  };
  return withCooking(file, options, sink, async ({ opened, store, session, request, started }) => {
    if (options.progress !== "quiet") tellReach(opened.graph, store, tell);
    const stop = new StopOnSignals(tell, started);
    if (options.watch === true) {
      const { watchCommand } = await import("./watch.js");
      return watchCommand(file, { opened, options, request, session, sink, placed, stop });
    }
    const { exit } = await session.cook(opened.graph, opened.project, request, stop);
    return exit;
  });
}

/** Says once to a store what a graph runs and asks: whoever got it from others should know. */
function tellReach(graph: Graph, store: Store, tell: Tell): void {
  const lines = reachOf(graph, ["programs", "network"]);
  const key = digestOf(lines.join("\n"));
  if (lines.length === 0 || store.recall("reach", key) !== undefined) return;
  const message = `${lines.join(" ")} A graph of strangers is cooked with --untrusted (docs/security.md).`;
  tell({ type: "notice", severity: "info", message });
  store.remember("reach", key, "");
}

const STOPPING = "Stopping: running items may save. Once more ends them at once.";

/** Ctrl-C, or a terminal that closes, once: no new items, running ones may save and stop. Twice: at once. */
class StopOnSignals {
  /** Resolves at the first signal. */
  readonly requested: Promise<undefined>;
  /** The cook that signals are for. */
  #cook: Cook | undefined;
  #count = 0;
  readonly #started: (cook: Cook) => void;

  constructor(tell: Tell, started: (cook: Cook) => void) {
    this.#started = started;
    this.requested = new Promise((resolve) => {
      const stop = (): void => {
        this.#count += 1;
        if (this.#count === 1) tell({ type: "notice", severity: "info", message: STOPPING });
        this.#cook?.stop(this.#count === 1 ? "save" : "now");
        resolve(undefined);
      };
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
    });
  }

  readonly started = (cook: Cook): void => {
    this.#cook = cook;
    this.#started(cook);
  };
}
