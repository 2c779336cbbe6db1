/** A temporary folder with tasks for the nodes of test/worker/nodes, and an ear for what becomes of them. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Attempt } from "../../src/executor/executor.js";
import type { Job } from "../../src/schedule/job.js";
import type { CookTask, EngineDoors, Figures, Outcome, Task } from "../../src/worker/protocol.js";

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

/** What was heard of an attempt or job. */
export interface Heard {
  readonly events: string[];
  readonly figures: Figures[];
  readonly warnings: string[];
  /** Process ids of the workers that came to it. */
  readonly pids: number[];
  readonly outcome: Promise<Outcome>;
  readonly begun: Promise<void>;
}

function createEar() {
  let settle: (outcome: Outcome) => void = () => {};
  let begin = () => {};
  const heard: Heard = {
    events: [],
    figures: [],
    warnings: [],
    pids: [],
    outcome: new Promise<Outcome>((resolve) => {
      settle = resolve;
    }),
    begun: new Promise<void>((resolve) => {
      begin = resolve;
    }),
  };
  const callbacks = {
    started({ pid }: { readonly pid: number }) {
      heard.events.push("started");
      heard.pids.push(pid);
      begin();
    },
    returned: () => void heard.events.push("returned"),
    progress: (figures: Figures) => void heard.figures.push(figures),
    warn: (line: string) => void heard.warnings.push(line),
    settled(outcome: Outcome) {
      heard.events.push(outcome.kind === "failed" ? outcome.cause : outcome.kind);
      settle(outcome);
    },
  };
  return { heard, callbacks };
}

export function attemptOf(task: Task, doors?: EngineDoors): Attempt & Heard {
  const { heard, callbacks } = createEar();
  return { task, ...(doors === undefined ? {} : { doors }), ...heard, ...callbacks };
}

let order = 0;

export function jobOf(
  task: CookTask,
  more: Partial<Pick<Job, "priority" | "slots" | "timeout" | "batch" | "order">> = {},
): Job & Heard {
  const { heard, callbacks } = createEar();
  return {
    order: order++,
    priority: 0,
    slots: {},
    task: { ...task, directory: () => task.directory },
    timeout: null,
    batch: 1,
    ...heard,
    ...callbacks,
    ...more,
  };
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
