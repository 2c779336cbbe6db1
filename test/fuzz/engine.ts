/**
 * The shipped engine in this process: the real check, cook, schedule, store and worker code with real files, but no worker
 * processes, no waits for the disk, and mostly a database in memory, so that a cook of a few items costs a millisecond. Knows
 * worlds only as files.
 */
import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { type Clock, realClock } from "../../src/base/clock.js";
import { type Files, realFiles } from "../../src/base/files.js";
import { realSpace } from "../../src/base/space.js";
import { readGiven } from "../../src/cli/given.js";
import { type Environs, Session, type SessionReport } from "../../src/cook/session.js";
import type { CookEvent } from "../../src/event/event.js";
import type { StartProcess } from "../../src/executor/process.js";
import { openForecast } from "../../src/forecast/run-forecast.js";
import { checkGraph } from "../../src/graph/check.js";
import type { Graph } from "../../src/graph/graph.js";
import { CodeReader } from "../../src/nodetype/code.js";
import type { NodeDefinition } from "../../src/nodetype/define.js";
import { createRegistry, type Registry } from "../../src/nodetype/registry.js";
import type { OpenEntries } from "../../src/store/entries.js";
import { openEntries } from "../../src/store/libsql.js";
import { thisHost } from "../../src/store/lock.js";
import { openStore } from "../../src/store/open.js";
import type { Store } from "../../src/store/store.js";
import type { NodeRecord } from "../../src/unchanged/pieces.js";
import { performCook } from "../../src/worker/cook.js";
import { performDiscover } from "../../src/worker/discover.js";
import type { DiscoverRequest, FromWorker, Task, TaskResult, ToWorker } from "../../src/worker/protocol.js";
import { unpackTasks } from "../../src/worker/rows.js";
import { MemoryEntries, Tables } from "../simulation/entries.js";
import { MAIN, type Texts } from "./texts.js";

const SHIPPED = join(import.meta.dirname, "../../nodes");

const shipped = createRegistry({ compiled: [SHIPPED] });

/** Node types of the project in `folder` and the shipped ones. Emitted code lies beside it, for other projects too. */
export function registryOf(folder: string): Registry {
  const own = createRegistry({ sources: [join(folder, "nodes")], code: join(folder, "../code") });
  return {
    names: new Set([...shipped.names, ...own.names]),
    get: (name) => (own.names.has(name) ? own : shipped).get(name),
  };
}

/** Of all projects: emitted code lies under a name that follows from it. */
const codes = new CodeReader();

/** Graph files and arguments checked as the command checks them; undefined where they have problems. */
export async function graphOf(
  { files, sets, wedges }: Texts,
  folder: string,
  registry: Registry,
): Promise<Graph | undefined> {
  const read = (path: string): string => files[basename(path)]!;
  const places = { file: MAIN, folder, job: folder, project: folder, environment: new Map<string, string>() };
  const { graph } = await checkGraph(files[MAIN]!, {
    ...places,
    registry,
    read,
    given: readGiven({ set: sets, wedge: wedges }),
  });
  return graph;
}

/** A store and a session on it, that last from cook to cook. */
export interface Engine {
  readonly store: Store;
  /** `hold`: parts that stand are not made into items. */
  cook(graph: Graph, hold?: boolean): Promise<SessionReport>;
  /** The nodes that stood in the last cook. */
  readonly held: readonly NodeRecord[];
  close(): Promise<void>;
}

export interface EngineOptions {
  /** Of the store. */
  readonly folder: string;
  readonly clock: Clock;
  readonly database: OpenEntries;
  /** How many turns of the event loop pass before a piece of work begins, so that ends come in any order. */
  turns(): number;
}

/** Nobody loses power here. */
const files: Files = { ...realFiles, sync: async () => {} };

const HOST = thisHost();

/** Files are few here. */
const PIECE = 2;

export async function openEngine({ folder, clock, database, turns }: EngineOptions): Promise<Engine> {
  const store = await openStore({ folder, files, entries: database, clock, host: HOST });
  const outside: Environs = { files, clock, space: realSpace, start: startWithin(turns), codes: () => codes };
  const held: NodeRecord[] = [];
  const sink = (event: CookEvent): void => {
    if (event.type === "cook_started") held.length = 0;
    if (event.type === "node_held") held.push(event);
  };
  const session = new Session({ store, slots: { cpu: 3, gpu: 0 }, sink, outside, openForecast: openForecast(false) });
  return {
    store,
    held,
    cook: (graph, hold = false) =>
      session.cook(graph, graph.folder, { dry: false, force: new Set(), findUnchanged: hold, piece: PIECE }),
    async close() {
      await session.close();
      await store.close();
    },
  };
}

/** A store's database: the shipped one in its file, or one in memory, that is there until it is lost. */
export interface Database {
  readonly open: OpenEntries;
  lose(): void;
}

export function databaseIn(folder: string, inFile: boolean): Database {
  let tables = new Tables({ lasts: true });
  return {
    open: (path, readonly) =>
      inFile ? openEntries(path, readonly) : new MemoryEntries(tables, path, readonly, () => {}),
    lose() {
      tables = new Tables({ lasts: true });
      for (const end of ["", "-wal", "-shm"]) rmSync(join(folder, `store.db${end}`), { force: true });
    },
  };
}

/** A clock that is ahead: no file is so young that its digest would not be remembered. */
export function clockAhead(milliseconds: number): Clock {
  return { ...realClock, now: () => Date.now() + milliseconds };
}

type Answer = Extract<ToWorker, { kind: "answer" }>;

/** A worker that works in this process. */
function startWithin(turns: () => number): StartProcess {
  return (_environment, _memory, { received: heard, ended }) => {
    const askers = new Map<number, (answer: Answer) => void>();
    const asking = (id: number) => async (question: DiscoverRequest) => {
      const ask = askers.size;
      const answered = new Promise<Answer>((resolve) => askers.set(ask, resolve));
      heard({ kind: "ask", id, ask, question });
      const { value, error } = await answered;
      if (error !== undefined) throw new Error(error);
      return value;
    };
    const work = async (first: number, tasks: readonly Task[]): Promise<void> => {
      for (const [place, task] of tasks.entries()) {
        const id = first + place;
        for (let turn = turns(); turn > 0; turn--) await new Promise(setImmediate);
        heard({ kind: "settled", results: [[id, await outcomeOf(id, task, heard, asking(id))]] });
      }
    };
    setImmediate(() => heard({ kind: "ready" }));
    return {
      pid: process.pid,
      connected: true,
      send(message) {
        if (message.kind === "tasks") void work(message.first, unpackTasks(message.tasks));
        else if (message.kind === "answer") askers.get(message.ask)?.(message);
      },
      keepAlive() {},
      kill: () => ended("was ended"),
    };
  };
}

function outcomeOf(
  id: number,
  task: Task,
  heard: (message: FromWorker) => void,
  ask: (question: DiscoverRequest) => Promise<unknown>,
): Promise<TaskResult> {
  const around = {
    signal: new AbortController().signal,
    load,
    progress: () => {},
    warn: (line: string) => heard({ kind: "warn", id, line }),
  };
  if (task.kind === "cook") {
    const cooked = performCook(task, around);
    // In a process of its own, nobody else would see its variables.
    for (const name of Object.keys(task.env)) delete process.env[name];
    return cooked;
  }
  return performDiscover(task, {
    ...around,
    ask,
    remember: (key, found) => heard({ kind: "remember", id, key, found }),
  });
}

const modules = new Map<string, Promise<NodeDefinition>>();

function load(module: string): Promise<NodeDefinition> {
  const loaded = modules.get(module) ?? import(module).then((exports: { default: NodeDefinition }) => exports.default);
  modules.set(module, loaded);
  return loaded;
}
