/** `dag cook GRAPH`: cooks, shows how it goes, and answers with an exit code. */

import { dirname, relative, resolve } from "node:path";
import { UserError } from "../../base/error.js";
import { digestOf } from "../../base/hash.js";
import type { Cook } from "../../cook/cook.js";
import { joinCook } from "../../engine/ask.js";
import { type CookingOptions, digestOfOptions, withCooking } from "../../engine/cooking.js";
import { Events } from "../../engine/events.js";
import type { NoticeSink } from "../../engine/open.js";
import { projectOf, storeOf } from "../../engine/project.js";
import type { EventSink } from "../../event/event.js";
import type { Graph } from "../../graph/graph.js";
import { reachOf } from "../../graph/reach.js";
import { createReporter, type Progress } from "../../report/reporter.js";
import { InUseError } from "../../store/errors.js";
import { memoryKind } from "../../store/history.js";
import type { Store } from "../../store/store.js";
import { type Flags, typed } from "../open.js";
import { printPlan } from "./plan.js";

export interface CookFlags extends Flags<CookingOptions> {
  readonly watch?: boolean;
  readonly dryRun?: boolean;
  readonly progress: Progress;
}

export async function cookCommand(file: string, flags: CookFlags): Promise<number> {
  if (flags.dryRun === true) return printPlan(file, flags);
  const events = new Events();
  const { progress, watch: watching } = flags;
  const reporter = await createReporter(progress, process.stderr, process.env, { watching, tally: events.tally });
  events.subscribe(reporter.sink);
  const options = typed<CookingOptions>(flags);
  try {
    return await cook(file, { ...options, progress, watching }, events);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const exit = error instanceof InUseError && watching !== true ? await join(file, options, events.sink) : undefined;
    if (exit !== undefined) return exit;
    events.sink({ type: "notice", severity: "error", message: error.message });
    return error.exit;
  } finally {
    reporter.end();
  }
}

type Asked = CookingOptions & Pick<CookFlags, "progress"> & { readonly watching: boolean | undefined };

function cook(file: string, options: Asked, events: Events): Promise<number> {
  const placed = new Set<string>();
  events.subscribe((event) => {
    if (event.type === "output_placed") placed.add(event.path);
  });
  const { sink } = events;
  return withCooking(file, options, events, async ({ opened, store, session, request: given, started, watches }) => {
    // Who reads events reads of every item.
    const request = { ...given, hold: options.progress !== "json" };
    if (options.progress !== "quiet") printReach(opened.graph, store, sink);
    const stop = new StopOnSignals(sink, started);
    if (options.watching === true) {
      const { watchCommand } = await import("./watch.js");
      return watchCommand(file, { opened, options, request, session, sink, placed, stop, watches });
    }
    const { exit } = await session.cook(opened.graph, opened.project, request, stop);
    return exit;
  });
}

/**
 * Another engine has the store: where it cooks the same graph in the same way, this command shows that cook and ends with its code.
 * Undefined where it does not, or ended before its cook did.
 */
async function join(file: string, options: CookingOptions, sink: EventSink): Promise<number | undefined> {
  const project = projectOf(dirname(file));
  const request = { ask: "cook", graph: relative(project, resolve(file)), options: digestOfOptions(options) } as const;
  const joined = (pid: number): void => {
    const message = `Process ${pid} cooks this already: this shows how it goes. Ctrl-C ends only what is shown.`;
    sink({ type: "notice", severity: "info", message });
  };
  try {
    return await joinCook(storeOf(project, options.store), request, joined, sink);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** What was said once of a graph, by digest. */
const REACH = memoryKind<true>("reach");

/** Says once to a store what a graph runs and asks: whoever got it from others should know. */
function printReach(graph: Graph, store: Store, tell: NoticeSink): void {
  const lines = reachOf(graph, ["programs", "network"]);
  const key = digestOf(lines.join("\n"));
  if (lines.length === 0 || store.history.recall(REACH, key) !== undefined) return;
  const message = `${lines.join(" ")} A graph of strangers is cooked with --untrusted (docs/security.md).`;
  tell({ type: "notice", severity: "info", message });
  store.history.remember(REACH, key, true);
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

  constructor(tell: NoticeSink, started: (cook: Cook) => void) {
    this.#started = started;
    this.requested = new Promise((resolve) => {
      const stop = (): void => {
        this.#count += 1;
        if (this.#count === 1) tell({ type: "notice", severity: "info", message: STOPPING });
        this.#stop();
        resolve(undefined);
      };
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
    });
  }

  readonly started = (cook: Cook): void => {
    this.#cook = cook;
    this.#started(cook);
    // A signal may have come before it.
    this.#stop();
  };

  #stop(): void {
    if (this.#count > 0) this.#cook?.stop(this.#count === 1 ? "save" : "now");
  }
}
