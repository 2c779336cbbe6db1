/**
 * What runs attempts: the workers of this machine, or those of others. Order, priorities, retries and timeouts are the one
 * scheduler's, above it. It knows no states.
 */
import type { TaskResult } from "../worker/protocol.js";
import type { Attempt } from "./attempt.js";
import type { Grant, Machine } from "./machine.js";

/** Why a worker is ended in the midst of a task. */
export interface Ending {
  readonly cause: "timeout" | "cancelled";
  readonly message: string;
}

/** Who hears how a batch gets on. */
export interface BatchListener {
  /** A worker comes to an attempt. */
  started(attempt: Attempt, worker: number): void;
  /**
   * Each once, and last, in the order in which they ended. `worker`: who did them, those too that it was not said to have come
   * to; undefined where none could be started.
   */
  settled(attempts: readonly Attempt[], results: readonly TaskResult[], worker: number | undefined): void;
}

export interface Executor {
  /** The slots that it has: no more are granted at a time. */
  readonly capacity: Machine;
  /**
   * Runs a batch, its attempts one after another in one worker that sees the granted GPUs alone: one message to it, few back. Each
   * attempt has its `task`. Never rejects. Resolves with those that did not settle, since the worker ended while it had several,
   * or after it had run others: none can be blamed, each is to be tried by itself.
   */
  run(batch: readonly Attempt[], grant: Grant, listener: BatchListener): Promise<readonly Attempt[]>;
  /** An attempt that runs may `save` and stop; or it is ended together with its worker. Of no other anything becomes. */
  cancel(attempt: Attempt, how: "save" | Ending): void;
  /** Node code has changed: no task reaches a worker that was started before now. */
  renew(): void;
  /** Ends all workers. */
  close(): Promise<void>;
}
