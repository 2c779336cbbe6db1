/**
 * Does one item's work: gives the node's `cook` its context, checks what it answers, hashes its files. It knows one task at
 * a time; it decides neither state nor cache.
 */
import { mkdirSync } from "node:fs";
import { inspect } from "node:util";
import { awaitNode, isProblem, messageOfError, NodeError } from "../base/error.js";
import type { CookContext, NodeDefinition } from "../nodetype/define.js";
import { inAuthorsPaths } from "../nodetype/fault.js";
import { ItemLog, printTo } from "./log.js";
import { checkResult, madeFiles } from "./outputs.js";
import { Throttle } from "./progress.js";
import type { CookTask, DiscoverTask, ProgressValues, TaskResult } from "./protocol.js";
import { openSteps } from "./steps.js";

/** What a task needs of its worker. */
export interface TaskContext {
  readonly signal: AbortSignal;
  load(module: string): Promise<NodeDefinition>;
  progress(figures: ProgressValues): void;
  warn(line: string): void;
}

/** Cooks an item. Never rejects: what node code throws is a result, its stack a matter of the log; a fault of our own is one, too. */
export function performCook(task: CookTask, around: TaskContext): Promise<TaskResult> {
  return settle(task, around, async (log) => {
    const restore = applyEnvironment(task.env);
    const throttle = new Throttle(around.progress);
    try {
      const { cook } = await around.load(task.module);
      if (cook === undefined) throw new NodeError(`${task.module} exports a node type without cook.`);
      const context = contextOf(task, around, throttle, log);
      const result = checkResult(await awaitNode(() => cook(task.item, task.params as never, context)));
      const files = result.outputs === undefined ? [] : await madeFiles(task.directory, task.item, result.outputs);
      const { attributes = {}, partial = false, failure } = result;
      const cooked = { kind: "cooked", files, attributes, partial } as const;
      return failure === undefined ? cooked : { ...cooked, failure };
    } finally {
      throttle.close();
      restore();
    }
  });
}

type Unclocked<O> = O extends unknown ? Omit<O, "seconds"> : never;

/** Runs a task's body with its log open, and makes a result of whatever happens. */
export async function settle(
  task: CookTask | DiscoverTask,
  around: Pick<TaskContext, "signal">,
  body: (log: ItemLog) => Promise<Unclocked<TaskResult>>,
): Promise<TaskResult> {
  const began = performance.now();
  const seconds = () => (performance.now() - began) / 1000;
  const log = new ItemLog(task.log);
  const release = printTo(log);
  try {
    const result = await body(log);
    return Object.assign(result, { seconds: seconds() });
  } catch (error) {
    const tail = log.tail();
    const thrown = error instanceof NodeError ? (error.cause ?? error) : error;
    log.detail(inAuthorsPaths(inspect(thrown), task.module));
    // A fault of our own is no item's failure.
    const cause = !isProblem(error) ? "fault" : around.signal.aborted ? "cancelled" : "error";
    const message = cause === "fault" ? inspect(error) : messageOfError(error);
    return { kind: "failed", cause, message, tail, seconds: seconds() };
  } finally {
    release();
    log.close();
  }
}

function contextOf(task: CookTask, around: TaskContext, throttle: Throttle, log: ItemLog): CookContext {
  const { seed, threads, device, env } = task;
  let opened: ReturnType<typeof openSteps> | undefined;
  const steps = () => {
    opened ??= openSteps(task);
    return opened;
  };
  return {
    env,
    metric(name, value, step) {
      steps().metric(name, value, step);
      throttle.progress({ step, [name]: value });
    },
    image: (name, path, step) => steps().image(name, path, step),
    seed,
    threads,
    device,
    progress: (figures) => throttle.progress(figures),
    get signal() {
      return around.signal;
    },
    // Folders are made when they are asked for: an item that writes nothing costs no mkdir.
    get directory() {
      mkdirSync(task.directory, { recursive: true });
      return task.directory;
    },
    get resume() {
      mkdirSync(task.resume, { recursive: true });
      return task.resume;
    },
    log: (line) => log.line(line),
    warn(line) {
      log.line(`warning: ${line}`);
      around.warn(line);
    },
  };
}

/** Sets variables for one item; the answer puts back what was there. */
function applyEnvironment(env: Readonly<Record<string, string>>): () => void {
  const names = Object.keys(env);
  if (names.length === 0) return nothing;
  const before = names.map((name) => process.env[name]);
  Object.assign(process.env, env);
  return () => {
    names.forEach((name, index) => {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    });
  };
}

function nothing(): void {}
