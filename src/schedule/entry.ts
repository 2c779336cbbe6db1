/** A job as the scheduler keeps it and an executor runs it, and what follows from the job alone. Moves nothing. */
import type { Attempt } from "../executor/executor.js";
import type { Grant, Machine } from "../executor/machine.js";
import type { EngineDoors, Figures, Outcome, Task } from "../worker/protocol.js";
import type { Job, JobTask } from "./job.js";
import { type Request, requestOf } from "./slots.js";

const NO_SLOTS: Request = { cpu: 0, gpu: 0 };

/** Who keeps a job, and hears how the executor gets on with it. */
export interface Keeper {
  /** A worker comes to it. */
  begun(entry: Entry): void;
  settled(entry: Entry, outcome: Outcome): void;
}

/** A job in the scheduler's hands. */
export class Entry implements Attempt {
  readonly job: Job;
  readonly priority: number;
  readonly order: number;
  readonly request: Request;
  readonly module: string;
  readonly timeout: number | null;
  readonly doors?: EngineDoors;
  gone = false;
  /** The slots that it was given. */
  grant: Grant | undefined = undefined;
  /** What its worker is told; undefined where none has it. */
  sent: Task | undefined = undefined;
  /** A worker ended while it had this one and had, or had had, others: it is sent by itself, to a new one. */
  alone = false;
  begun = false;
  /** It was asked to save and stop. */
  asked = false;
  stopTimer: (() => void) | undefined = undefined;
  readonly #keeper: Keeper;

  constructor(job: Job, machine: Machine, keeper: Keeper) {
    this.job = job;
    this.priority = job.priority;
    this.order = job.order;
    // Discovery takes no slots.
    this.request = job.task.kind === "discover" ? NO_SLOTS : requestOf(job.slots, machine);
    this.module = job.task.module;
    this.timeout = job.timeout;
    if (job.doors !== undefined) this.doors = job.doors;
    this.#keeper = keeper;
  }

  get task(): Task {
    return this.sent!;
  }

  send(): void {
    this.sent = taskOf(this.job.task, this.grant!);
  }

  started({ pid }: { readonly pid: number }): void {
    this.begun = true;
    this.#keeper.begun(this);
    this.job.started({ pid, grant: this.grant! });
  }

  progress(figures: Figures): void {
    this.job.progress(figures);
  }

  warn(line: string): void {
    this.job.warn(line);
  }

  settled(outcome: Outcome): void {
    this.#keeper.settled(this, outcome);
  }
}

function taskOf(task: JobTask, { cpu, gpus }: Grant): Task {
  if (task.kind === "discover") return task;
  const granted = {
    directory: task.directory(),
    threads: Math.max(1, cpu),
    device: gpus.length > 0 ? "gpu" : "cpu",
  } as const;
  // A spread whose members are then replaced takes ten times as long.
  return Object.assign({}, task, granted);
}

/** How a job ends that never began. */
export function cancelled(): Outcome {
  return { kind: "failed", cause: "cancelled", message: "Cancelled before it began.", tail: [], seconds: 0 };
}
