/**
 * Entry of a worker process: takes tasks over the channel, works on one at a time, and tells how each ended. It knows
 * neither items' states nor other workers. Started as `node process.js ENGINE_PID MEMORY_BYTES` with a JSON channel.
 */
import { Worker } from "node:worker_threads";
import { awaitNode } from "../base/error.js";
import type { NodeDefinition } from "../nodetype/define.js";
import { performCook } from "./cook.js";
import { type DiscoverTaskContext, performDiscover } from "./discover.js";
import { killGroup } from "./group.js";
import { capturePrinting } from "./log.js";
import type { FromWorker, Task, TaskResult, ToWorker } from "./protocol.js";
import { unpackTasks } from "./rows.js";
import type { Watch } from "./watchdog.js";

/** Results are held back this long, so that small items of a batch share a message. */
const HOLD_MS = 5;

interface Asker {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Of tasks that were given and have not ended: undefined until somebody looks, or asks to save. */
const saves = new Map<number, AbortController | undefined>();
const askers = new Map<number, Asker>();
const modules = new Map<string, Promise<NodeDefinition>>();
let asked = 0;

function send(message: FromWorker): void {
  process.send?.(message);
}

function load(module: string): Promise<NodeDefinition> {
  const loaded = modules.get(module) ?? awaitNode(() => definitionOf(module));
  modules.set(module, loaded);
  return loaded;
}

async function definitionOf(module: string): Promise<NodeDefinition> {
  const exports: { readonly default?: NodeDefinition } = await import(module);
  if (typeof exports.default !== "object") throw new Error(`${module} has no node type as its default export.`);
  return exports.default;
}

/** Most tasks ask for none, and one costs as much as a small task. */
function controllerOf(id: number): AbortController {
  const controller = saves.get(id) ?? new AbortController();
  if (saves.has(id)) saves.set(id, controller);
  return controller;
}

function surroundings(id: number): DiscoverTaskContext {
  return {
    get signal() {
      return controllerOf(id).signal;
    },
    load,
    progress: (figures) => send({ kind: "progress", id, figures }),
    warn: (line) => send({ kind: "warn", id, line }),
    remember: (key, found) => send({ kind: "remember", id, key, found }),
    ask: (question) =>
      new Promise((resolve, reject) => {
        const ask = ++asked;
        askers.set(ask, { resolve, reject });
        send({ kind: "ask", id, ask, question });
      }),
  };
}

/** The watchdog is told only what is new to it. */
function limitMemory(bytes: number): void {
  if (bytes !== limit) watchdog.postMessage(bytes);
  limit = bytes;
}

async function perform(id: number, task: Task): Promise<TaskResult> {
  limitMemory(task.kind === "cook" ? (task.memory ?? 0) : 0);
  if (saves.get(id)?.signal.aborted)
    return { kind: "failed", cause: "cancelled", message: "Cancelled.", tail: [], seconds: 0 };
  const around = surroundings(id);
  return task.kind === "cook" ? performCook(task, around) : performDiscover(task, around);
}

async function work(first: number, tasks: readonly Task[]): Promise<void> {
  for (const place of tasks.keys()) saves.set(first + place, undefined);
  let unsent: [number, TaskResult][] = [];
  let since = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    send({ kind: "settled", results: unsent });
    unsent = [];
  };
  for (const [place, task] of tasks.entries()) {
    const id = first + place;
    const result = await perform(id, task);
    unsent.push([id, result]);
    saves.delete(id);
    if (place === tasks.length - 1) return flush();
    if (timer === undefined) {
      since = performance.now();
      timer = setTimeout(flush, HOLD_MS);
    } else if (performance.now() - since > HOLD_MS) {
      flush();
      await new Promise(setImmediate); // lets messages in
    }
  }
}

function receive(message: ToWorker): void {
  if (message.kind === "tasks") void work(message.first, unpackTasks(message.tasks));
  else if (message.kind === "save") {
    if (saves.has(message.id)) controllerOf(message.id).abort();
  } else {
    const asker = askers.get(message.ask);
    askers.delete(message.ask);
    if (message.error === undefined) asker?.resolve(message.value);
    else asker?.reject(new Error(message.error));
  }
}

const [engine, memory] = process.argv.slice(2).map(Number);
const watch: Watch = { engine: engine!, memory: memory! };
const watchdog = new Worker(new URL("./watchdog.js", import.meta.url), { workerData: watch });
watchdog.unref();
let limit = 0;
capturePrinting();
// The terminal's Ctrl-C reaches every process of the group; what it means is for the engine to say.
process.on("SIGINT", () => {});
process.on("disconnect", () => killGroup(process.pid));
process.on("message", receive);
send({ kind: "ready" });
