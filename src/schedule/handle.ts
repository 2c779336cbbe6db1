/**
 * One worker process as the engine sees it: it is given tasks, asked to save, or ended, and whatever becomes of it is told
 * as outcomes. It knows neither slots nor other workers.
 */
import { type ChildProcess, fork } from "node:child_process";
import type { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { killGroup } from "../worker/group.js";
import type { EngineDoors, Figures, FromWorker, Outcome, Task, ToWorker } from "../worker/protocol.js";
import { type Batch, createBatch } from "./batch.js";

const ENTRY = fileURLToPath(new URL("../worker/process.js", import.meta.url));
/** After a worker's exit its last output is waited for this long: a process that it left behind may hold the pipe open. */
const LAST_OUTPUT_MS = 200;

/** A task on its way through a worker, and who wants to hear of it. `settled` comes once, and last. */
export interface Attempt {
  readonly task: Task;
  /** What a discovery asks. */
  readonly doors?: EngineDoors;
  /** The worker comes to the task; again where the task is given to another worker. */
  started(info: { readonly pid: number }): void;
  progress(figures: Figures): void;
  warn(line: string): void;
  settled(outcome: Outcome): void;
}

/** Why the engine ends a worker in the midst of a task. */
export interface Ending {
  readonly cause: "timeout" | "cancelled";
  readonly message: string;
}

export interface WorkerHandle {
  readonly alive: boolean;
  /**
   * Gives tasks to an idle worker, which works on them one after another; never rejects. Answers with those that are not
   * settled, since the worker ended while it had several, or was full of what came before: none can be blamed, each is to be tried
   * by itself.
   */
  run(attempts: readonly Attempt[]): Promise<readonly Attempt[]>;
  /** Asks a task's `cook` to save and stop. */
  save(attempt: Attempt): void;
  /** Ends the process, on account of a task where one is given. Resolves when it is gone. */
  end(attempt?: Attempt, ending?: Ending): Promise<void>;
}

/** Starts a process with `environment` over the engine's own; `memory`: bytes that it may use, 0 for any number. */
export function startWorker(environment: Readonly<Record<string, string>>, memory: number): WorkerHandle {
  const child = fork(ENTRY, [String(process.pid), String(memory)], {
    env: { ...process.env, ...environment },
    execArgv: [],
    // A process group of its own: the programs that an item starts end with it.
    detached: process.platform !== "win32",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  return createHandle(child);
}

function createHandle(child: ChildProcess): WorkerHandle {
  let batch: Batch | undefined;
  let ready = false;
  let alive = true;
  let stderr: readonly string[] = [];
  let numbered = 0;
  let timer: NodeJS.Timeout | undefined;
  const send = (message: ToWorker) => {
    child.send(message, () => {}); // a channel that is closed is followed by the exit
  };
  const hold = (held: boolean) => {
    // An idle worker must not keep the engine's process alive.
    for (const end of [child, child.channel])
      if (held) end?.ref();
      else end?.unref();
  };
  const gone = new Promise<void>((resolve) => {
    const over = (how: string) => {
      if (!alive) return;
      alive = false;
      clearTimeout(timer);
      batch?.over(`The worker ${how}`, stderr);
      resolve();
    };
    child.on("error", (error) => {
      if (child.pid === undefined) over(`could not be started: ${error.message}`);
    });
    child.on("exit", (code, signal) => {
      killGroup(child.pid!); // what an item started must not outlive the worker
      const how = signal === null ? `ended with code ${code}` : `ended by signal ${signal}`;
      child.on("close", () => over(how));
      timer = setTimeout(over, LAST_OUTPUT_MS, how);
    });
  });
  for (const [name, stream] of [
    ["stdout", child.stdout],
    ["stderr", child.stderr],
  ] as const) {
    (stream as Socket).unref();
    stream?.setEncoding("utf8").on("data", (text: string) => {
      if (name === "stderr") stderr = [...stderr, ...text.split("\n")].slice(-200);
      batch?.printed(text);
    });
  }
  child.on("message", (message: FromWorker) => {
    if (message.kind === "ready") ready = true;
    if (message.kind === "ready") batch?.begin(child.pid!);
    else batch?.hear(message, send);
  });
  hold(false);
  return {
    get alive() {
      return alive && child.connected;
    },
    run(attempts) {
      stderr = [];
      hold(true);
      return new Promise((resolve) => {
        batch = createBatch(attempts, numbered, (left) => {
          batch = undefined;
          hold(false);
          resolve(left);
        });
        numbered += attempts.length;
        send({ kind: "tasks", tasks: batch.tasks });
        if (ready) batch.begin(child.pid!);
      });
    },
    save(attempt) {
      const id = batch?.idOf(attempt);
      if (id !== undefined) send({ kind: "save", id });
    },
    end(attempt, ending) {
      if (attempt !== undefined && ending !== undefined) batch?.ending(attempt, ending);
      // Whoever ends it waits for it.
      hold(true);
      if (child.pid !== undefined) killGroup(child.pid);
      return gone;
    },
  };
}
