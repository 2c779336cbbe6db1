/**
 * Cooks graphs with one store, one scheduler and one executor: once for a command, again and again for a watch. The
 * one way in for programs. Knows how the parts are put together, and nothing of terminals.
 */
import { relative } from "node:path";
import { type Clock, realClock } from "../base/clock.js";
import { UserError } from "../base/error.js";
import { type Files, realFiles } from "../base/files.js";
import { realSpace, type SpaceOf } from "../base/space.js";
import type { EventSink, NodeRules } from "../event/event.js";
import type { Executor } from "../executor/executor.js";
import { createLocalExecutor } from "../executor/local.js";
import type { Machine } from "../executor/machine.js";
import { type StartProcess, startProcess } from "../executor/process.js";
import { Orders } from "../generate/listed.js";
import type { Looked } from "../generate/listing.js";
import { UnchangedConflict } from "../generate/run.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import { resolveSymbolic } from "../graph/paths.js";
import { type CodeMemory, CodeReader, type Codes } from "../nodetype/code.js";
import { createScheduler, type Scheduler } from "../schedule/scheduler.js";
import { textsIn } from "../store/history.js";
import type { Store } from "../store/store.js";
import { Cook } from "./cook.js";
import { LeftoverWork } from "./left.js";
import type { RepeatDeps } from "./repeat.js";
import type { CookReport, CookRequest } from "./request.js";

/** What lies outside of the engine. */
export interface Environs {
  readonly files: Files;
  readonly clock: Clock;
  /** The room on the disk of a path. */
  readonly space: SpaceOf;
  /** Starts a worker's process. */
  readonly start: StartProcess;
  /** What knows the node types' code as it is now. */
  codes(memory: CodeMemory): Codes;
}

const THIS_MACHINE: Environs = {
  files: realFiles,
  clock: realClock,
  space: realSpace,
  start: startProcess,
  codes: (memory) => new CodeReader(memory),
};

export interface SessionOptions {
  /** It stays open when the session is closed: it is the caller's. */
  readonly store: Store;
  readonly slots: Machine;
  readonly sink: EventSink;
  /** Without it, this machine; a simulation gives its own. */
  readonly outside?: Environs;
  /** Bytes that each worker may use; undefined: any. */
  readonly memory?: number | undefined;
  /** Who foretells what each run takes, and hears how it went; without it, nobody. */
  readonly openForecast?: OpenRunForecast;
}

/** One run that is not dry. */
export interface RunAbout {
  readonly graph: Graph;
  /** The graph as runs name it. */
  readonly name: string;
  readonly run: number;
  readonly store: Store;
  readonly machine: Machine;
  readonly outside: Environs;
  readonly sink: EventSink;
  /** Holds back what is to be started, or lets it go on. */
  readonly pause: (paused: boolean) => void;
}

/** What is asked of whoever foretells a run. */
export interface RunForecaster {
  /** What is about to be cooked; where it throws, nothing is. */
  begins: NonNullable<CookRequest["begins"]>;
  ended: NonNullable<CookRequest["ended"]>;
  /** Nothing is cooked any more. Returns what is kept with the run of what it took. */
  end(): unknown;
}

export type OpenRunForecast = (about: RunAbout) => RunForecaster;

export interface SessionReport extends CookReport {
  /** 0 done, 1 items failed, 130 cancelled. */
  readonly exit: 0 | 1 | 130;
}

export interface SessionListeners {
  readonly started?: (cook: Cook) => void;
  readonly looked?: Looked;
}

function describeNodes(nodes: readonly GraphNode[]): { nodes: string[]; rules: Record<string, NodeRules> } {
  const rules = nodes.map(({ name, onFailure, retries }) => [name, { onFailure, retries }] as const);
  return { nodes: nodes.map(({ name }) => name), rules: Object.fromEntries(rules) };
}

export class Session {
  readonly #options: SessionOptions;
  readonly #outside: Environs;
  readonly #executor: Executor;
  readonly #scheduler: Scheduler;
  readonly #left: LeftoverWork;
  readonly #orders = new Orders();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#outside = options.outside ?? THIS_MACHINE;
    const { start, clock } = this.#outside;
    this.#executor = createLocalExecutor({ capacity: options.slots, start, memory: options.memory ?? 0 });
    this.#scheduler = createScheduler({ executor: this.#executor, clock });
    this.#left = new LeftoverWork(this.#scheduler);
  }

  /**
   * Cooks a graph. `project`: the folder that runs name graphs relative to. `started` hands the cook to who may stop it, or
   * leave it for another; `looked` is told what the items come from.
   */
  async cook(
    graph: Graph,
    project: string,
    request: Omit<CookRequest, "run">,
    { started = () => {}, looked = () => {} }: SessionListeners = {},
  ): Promise<SessionReport> {
    const { store, sink } = this.#options;
    const start = performance.now();
    const run = request.dry ? 0 : store.history.startRun(relative(project, graph.file));
    const { files, clock, codes } = this.#outside;
    const own = {
      scheduler: this.#scheduler,
      left: this.#left,
      orders: this.#orders,
      files,
      clock,
      code: codes(textsIn(store.history)),
    };
    const forecaster = request.dry ? undefined : this.#forecaster(graph, relative(project, graph.file), run);
    const begins = forecaster === undefined ? {} : { begins: forecaster.begins.bind(forecaster) };
    const ended = forecaster === undefined ? {} : { ended: forecaster.ended.bind(forecaster) };
    let stopped = false;
    const cookOnce = async (evaluateAll: boolean): Promise<CookReport> => {
      const asked = { ...request, ...begins, ...ended, run, evaluateAll };
      const cook = new Cook({ store, sink, graph, looked, ...own }, asked);
      sink({ type: "cook_started", graph: graph.file, run, slots: this.#options.slots, ...describeNodes(cook.nodes) });
      started(cook);
      if (stopped) cook.stop("save");
      try {
        return await cook.cook();
      } finally {
        stopped = cook.isStopped;
      }
    };
    const cooking = cookOnce(false).catch((error: unknown) => {
      if (!(error instanceof UnchangedConflict)) throw error;
      return cookOnce(true);
    });
    const report = await cooking.catch((error: unknown) => {
      forecaster?.end();
      const exit = error instanceof UserError ? error.exit : undefined;
      // A fault of our own leaves it unfinished.
      if (!request.dry && exit !== undefined) store.history.endRun(run, exit, {});
      throw error;
    });
    const actual = forecaster?.end();
    const exit = report.stopped ? 130 : report.ok ? 0 : 1;
    const counts = report.states.counts();
    const { cooked, partial, notScheduled } = report.states;
    if (!request.dry) store.history.endRun(run, exit, { ...counts, partial }, actual);
    const seconds = (performance.now() - start) / 1000;
    sink({ type: "cook_finished", exit, seconds, counts, cooked, partial, notScheduled });
    return { ...report, exit };
  }

  #forecaster(graph: Graph, name: string, run: number): RunForecaster | undefined {
    const { store, slots: machine, sink, openForecast } = this.#options;
    const pause = (paused: boolean): void => this.#scheduler.pause(paused);
    return openForecast?.({ graph, name, run, store, machine, outside: this.#outside, sink, pause });
  }

  /** What cooks single items of a graph again (see `repeat`). */
  taskDeps(graph: Graph): RepeatDeps {
    const { store } = this.#options;
    return {
      store,
      scheduler: this.#scheduler,
      code: this.#outside.codes(textsIn(store.history)),
      resolve: (path) => resolveSymbolic(path, graph),
    };
  }

  /** Node code has changed: workers that hold the old are replaced. */
  renew(): void {
    this.#executor.renew();
  }

  /** Ends the workers. */
  close(): Promise<void> {
    this.#left.end();
    return this.#executor.close();
  }
}
