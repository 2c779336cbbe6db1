/**
 * One worker as the engine sees it: it is given tasks, asked to save, or ended, and whatever becomes of it is told
 * as outcomes. It knows neither slots nor other workers.
 */
import { packTasks } from "../worker/rows.js";
import type { Attempt } from "./attempt.js";
import { WorkerBatch } from "./batch.js";
import type { BatchListener, Ending } from "./executor.js";
import type { ProcessListener, WorkerProcess } from "./process.js";

export interface WorkerHandle {
  readonly alive: boolean;
  /**
   * Gives tasks to an idle worker, which works on them one after another; never rejects. Returns those that are not settled,
   * since the worker ended while it had several, or after it had worked on others: none can be blamed, each is to be tried by
   * itself in a new worker.
   */
  run(attempts: readonly Attempt[], listener: BatchListener): Promise<readonly Attempt[]>;
  /** Asks a task's `cook` to save and stop. */
  save(attempt: Attempt): void;
  /** Ends the process, on account of a task where one is given. Resolves when it is gone. */
  end(attempt?: Attempt, ending?: Ending): Promise<void>;
}

/** How many of the tasks before are named where a worker ends. */
const NAMED = 3;

/** The handle of the process that `start` starts. Throws what `start` throws. */
export function createHandle(start: (listener: ProcessListener) => WorkerProcess): WorkerHandle {
  let batch: WorkerBatch | undefined;
  /** Output has a pipe of its own, and may come after the answer: then it is still that batch's. */
  let latest: WorkerBatch | undefined;
  let ready = false;
  let alive = true;
  let stderr: readonly string[] = [];
  let numbered = 0;
  /** Names of what was given last before the present tasks. */
  let earlier: readonly string[] = [];
  let resolveGone = () => {};
  const gone = new Promise<void>((resolve) => {
    resolveGone = resolve;
  });
  const worker = start({
    received(message) {
      if (message.kind === "ready") ready = true;
      if (message.kind === "ready") batch?.begin(worker.pid!);
      else batch?.receive(message, (response) => worker.send(response));
    },
    printed(text, stream) {
      if (stream === "stderr") stderr = [...stderr, ...text.split("\n")].slice(-200);
      latest?.printed(text);
    },
    ended(how) {
      alive = false;
      batch?.over(`The worker ${how}`, stderr);
      resolveGone();
    },
  });
  // An idle worker must not keep the engine's process alive.
  worker.keepAlive(false);
  return {
    get alive() {
      return alive && worker.connected;
    },
    run(attempts, listener) {
      stderr = [];
      worker.keepAlive(true);
      return new Promise((resolve) => {
        const tasks = attempts.map(({ task }) => task!);
        batch = new WorkerBatch(attempts, { first: numbered, earlier }, listener, (left) => {
          batch = undefined;
          worker.keepAlive(false);
          resolve(left);
        });
        latest = batch;
        worker.send({ kind: "tasks", first: numbered, tasks: packTasks(tasks) });
        numbered += tasks.length;
        earlier = tasks.slice(-NAMED).map((task) => (task.kind === "cook" ? task.item.name : task.module));
        if (ready) batch.begin(worker.pid!);
      });
    },
    save(attempt) {
      const id = batch?.numberOf(attempt);
      if (id !== undefined) worker.send({ kind: "save", id });
    },
    end(attempt, ending) {
      if (attempt !== undefined && ending !== undefined) batch?.ending(attempt, ending);
      // Whoever ends it waits for it.
      worker.keepAlive(true);
      worker.kill();
      return gone;
    },
  };
}
