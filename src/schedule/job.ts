/** What the scheduler is given to do, and who hears of it. Knows neither slots nor workers. */

import type { Grant } from "../executor/machine.js";
import type { Slots } from "../nodetype/define.js";
import type { CookTask, DiscoverTask, EngineDoors, Figures, Outcome } from "../worker/protocol.js";

/**
 * A task whose threads and device follow from the slots that it is granted. Its folder is asked for only then: few are in
 * use at a time, and they are used again.
 */
export type JobTask = (Omit<CookTask, "threads" | "device" | "directory"> & { directory(): string }) | DiscoverTask;

/** A worker comes to a job. */
export interface Begun {
  readonly pid: number;
  readonly grant: Grant;
}

/** Work to be done once. */
export interface Job {
  /** Place in the order of generation; no two jobs share it. */
  readonly order: number;
  /** Higher first. */
  readonly priority: number;
  readonly slots: Slots;
  readonly task: JobTask;
  /** Seconds that it may take, from its start in a worker; null: any. */
  readonly timeout: number | null;
  /** How many of its kind may share a message; 1: the scheduler joins those alone that turn out shorter than a message. */
  readonly batch: number;
  /** For a discovery. */
  readonly doors?: EngineDoors;
  /** When a worker comes to it; again where it was returned. */
  started(begun: Begun): void;
  /** After it was started: its worker ended while it had others, too, and it waits for another. */
  returned(): void;
  progress(figures: Figures): void;
  warn(line: string): void;
  /** Once, and last. */
  settled(outcome: Outcome): void;
}
