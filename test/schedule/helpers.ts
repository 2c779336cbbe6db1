/** A temporary folder with tasks for the nodes of test/worker/nodes, and an ear for what becomes of them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Attempt, type Demand, handOver } from "../../src/executor/attempt.js";
import type { BatchListener, Executor } from "../../src/executor/executor.js";
import { type Grant, meansOf } from "../../src/executor/machine.js";
import type { CookTask, DiscoverPort, ProgressValues, Task, TaskResult } from "../../src/worker/protocol.js";

export interface Space {
  readonly folder: string;
  /** A path below the folder. */
  path(...parts: string[]): string;
  task(node: string, params?: Record<string, unknown>, more?: Partial<CookTask>): CookTask;
  /** Lets go what waits for this gate. */
  open(gate: string): void;
  remove(): void;
}

export function createSpace(): Space {
  const folder = mkdtempSync(join(tmpdir(), "dag-schedule-"));
  let count = 0;
  return {
    folder,
    path: (...parts) => join(folder, ...parts),
    task(node, params = {}, more = {}) {
      const number = ++count;
      const defaults = {
        answer: {},
        files: {},
        links: {},
        names: [],
        gate: "",
        journal: "",
        units: 1,
        on_stop: "partial",
      };
      return {
        kind: "cook",
        module: moduleOf(node),
        item: { name: `item_${number}`, label: `item ${number}`, attributes: {}, inputs: {}, files: [] },
        params: { ...defaults, ...params },
        directory: join(folder, "attempts", String(number)),
        resume: join(folder, "resume", String(number)),
        seed: number,
        threads: 1,
        device: "cpu",
        log: join(folder, "logs", `${number}.txt`),
        env: {},
        ...more,
      };
    },
    open: (gate) => writeFileSync(gate, ""),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function moduleOf(node: string): string {
  return new URL(`../worker/nodes/${node}.js`, import.meta.url).href;
}

/** What was heard of an attempt. */
export interface Heard {
  readonly events: string[];
  readonly figures: ProgressValues[];
  readonly warnings: string[];
  /** Process ids of the workers that came to it. */
  readonly pids: number[];
  readonly outcome: Promise<TaskResult>;
  readonly begun: Promise<void>;
}

class Ear {
  readonly #task: Task;
  readonly heard: Heard;
  #settle: (result: TaskResult) => void = () => {};
  #begin = () => {};
  #hasBegun = false;

  constructor(task: Task) {
    this.#task = task;
    this.heard = {
      events: [],
      figures: [],
      warnings: [],
      pids: [],
      outcome: new Promise<TaskResult>((resolve) => {
        this.#settle = resolve;
      }),
      begun: new Promise<void>((resolve) => {
        this.#begin = resolve;
      }),
    };
  }

  task({ grant }: Attempt): Task {
    return this.#task.kind === "cook" ? { ...this.#task, ...meansOf(grant!) } : this.#task;
  }

  started({ worker }: Attempt): void {
    this.#hasBegun = true;
    this.heard.events.push("started");
    this.heard.pids.push(worker!);
    this.#begin();
  }

  returned(): void {
    this.#hasBegun = false;
    this.heard.events.push("returned");
  }

  progress(_attempt: Attempt, figures: ProgressValues): void {
    this.heard.figures.push(figures);
  }

  warn(_attempt: Attempt, line: string): void {
    this.heard.warnings.push(line);
  }

  fault(error: unknown): void {
    throw error;
  }

  settled([attempt]: readonly Attempt[], [result]: readonly TaskResult[]): void {
    if (attempt!.worker !== undefined && !this.#hasBegun) this.started(attempt!);
    this.heard.events.push(result!.kind === "failed" ? result!.cause : result!.kind);
    this.#settle(result!);
  }
}

let order = 0;

/** An attempt at a task, for a scheduler, or, with its task, for an executor. */
export function attemptOf(
  task: Task,
  { deps, ...more }: Partial<Omit<Demand, "module">> & { readonly deps?: DiscoverPort } = {},
): Attempt & Heard {
  const ear = new Ear(task);
  const demand = { module: task.module, order: order++, priority: 0, slots: {}, timeout: null, batch: 1, ...more };
  return Object.assign(new Attempt<unknown>(undefined, ear, demand), { task, deps, ...ear.heard });
}

/** What a scheduler does with what it hears, and no more. */
const listener: BatchListener = {
  started(attempt, worker) {
    attempt.worker = worker;
    attempt.owner!.started(attempt);
  },
  settled(attempts, results, worker) {
    for (const attempt of attempts) attempt.worker ??= worker;
    handOver(attempts, results);
  },
};

/** Has an executor run a batch. Returns those that did not settle. */
export function runBatch(
  executor: Executor,
  attempts: readonly Attempt[],
  grant: Grant = { cpu: 1, gpus: [] },
): Promise<readonly Attempt[]> {
  return executor.run(attempts, grant, listener);
}

/**
 * Resolves once something has become true and the event loop has turned: for what no event tells, as a process's end.
 * Rejects where it does not come true in a thousand looks.
 */
export async function until(holds: () => boolean): Promise<void> {
  for (let look = 0; look < 1000; look++) {
    await pause(10);
    if (holds()) return pause(5);
  }
  throw new Error(`never came true: ${holds}`);
}

/** Whether a process has ended; one that nobody has buried counts. */
export function hasEnded(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.startsWith("Z");
  } catch {
    return true;
  }
}

/** What is in a file; nothing where there is none. */
export function textOf(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
