/**
 * A cook of a graph with everything it needs, from a checked graph to an exit code: the one way in for the command and
 * for programs. Knows how the parts are put together, and nothing of terminals.
 */
import { relative } from "node:path";
import type { Store } from "../cache/store.js";
import type { CookEvent, EventSink } from "../event/event.js";
import type { Graph } from "../graph/graph.js";
import { CodeReader } from "../nodetype/code.js";
import { createPool } from "../schedule/pool.js";
import { createScheduler, systemClock } from "../schedule/scheduler.js";
import { Cook, type CookReport, type CookRequest } from "./cook.js";

export interface SessionOptions {
  readonly graph: Graph;
  readonly store: Store;
  /** The project's folder: runs name graphs relative to it. */
  readonly project: string;
  readonly slots: { readonly cpu: number; readonly gpu: number };
  readonly sink: EventSink;
  readonly request: Omit<CookRequest, "run">;
  /** Hands the cook to who may stop it. */
  readonly started?: (cook: Cook) => void;
}

export interface SessionReport extends CookReport {
  /** 0 done, 1 items failed, 130 cancelled. */
  readonly exit: 0 | 1 | 130;
}

/** Cooks a graph once. The store stays open; it is the caller's. */
export async function cookGraph(options: SessionOptions): Promise<SessionReport> {
  const { graph, store, sink, request } = options;
  const start = performance.now();
  const run = request.dry ? 0 : store.startRun(relative(options.project, graph.file));
  sink({ type: "cook_started", graph: graph.file, run, nodes: [...graph.nodes.keys()] });
  const pool = createPool();
  const scheduler = createScheduler({ slots: options.slots, pool, clock: systemClock });
  try {
    const cook = new Cook({ graph, store, scheduler, code: new CodeReader(), sink }, { ...request, run });
    options.started?.(cook);
    const report = await cook.cook();
    const exit = report.stopped ? 130 : report.ok ? 0 : 1;
    const counts = report.states.counts();
    if (!request.dry) store.endRun(run, exit, counts);
    const finished: CookEvent = {
      type: "cook_finished",
      exit,
      seconds: (performance.now() - start) / 1000,
      counts,
      cooked: report.states.cooked,
      notScheduled: report.states.notScheduled,
    };
    sink(finished);
    return { ...report, exit };
  } finally {
    await pool.close();
  }
}
