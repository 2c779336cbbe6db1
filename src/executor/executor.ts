/**
 * What runs attempts: the workers of this machine, or those of others. Order, priorities, retries and timeouts are the one
 * scheduler's, above it. It knows no states.
 */
import type { EngineDoors, Figures, Outcome, Task } from "../worker/protocol.js";
import type { Grant, Machine } from "./machine.js";

/** A task on its way through a worker, and what is called as it goes. `settled` comes once, and last. */
export interface Attempt {
  readonly task: Task;
  /** A worker ended while it had this one: it goes into one that has done nothing before. */
  readonly alone?: boolean;
  /** What a discovery asks. */
  readonly doors?: EngineDoors;
  /** A worker comes to the task; again where the task is given to another worker. */
  started(info: { readonly pid: number }): void;
  progress(figures: Figures): void;
  warn(line: string): void;
  settled(outcome: Outcome): void;
}

/** Why a worker is ended in the midst of a task. */
export interface Ending {
  readonly cause: "timeout" | "cancelled";
  readonly message: string;
}

export interface Executor {
  /** The slots that it has: no more are granted at a time. */
  readonly capacity: Machine;
  /**
   * Runs a batch, its attempts one after another in one worker that sees the granted GPUs alone. Never rejects. Resolves with
   * those that did not settle, since the worker ended while it had several, or after it had run others: none can be blamed,
   * each is to be tried by itself.
   */
  run(batch: readonly Attempt[], grant: Grant): Promise<readonly Attempt[]>;
  /** An attempt that runs may `save` and stop; or it is ended together with its worker. Of no other anything becomes. */
  cancel(attempt: Attempt, how: "save" | Ending): void;
  /** Node code has changed: no task reaches a worker that was started before now. */
  renew(): void;
  /** Ends all workers. */
  close(): Promise<void>;
}
