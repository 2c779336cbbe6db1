/** A job as the scheduler keeps it, and what follows from the job alone. Moves nothing. */
import type { Outcome, Task } from "../worker/protocol.js";
import type { Attempt } from "./handle.js";
import type { Job, JobTask } from "./job.js";
import { type Grant, type Machine, type Request, requestOf } from "./slots.js";

/** A job in the scheduler's hands. */
export interface Entry {
  readonly job: Job;
  readonly priority: number;
  readonly order: number;
  readonly request: Request;
  readonly module: string;
  readonly timeout: number | null;
  gone: boolean;
  /** It has its slots. */
  placed: boolean;
  /** A worker ended while it had this one and others: it is sent by itself. */
  alone: boolean;
  begun: boolean;
  /** It was asked to save and stop. */
  asked: boolean;
  attempt: Attempt | undefined;
  stopTimer: (() => void) | undefined;
}

const NO_SLOTS: Request = { cpu: 0, gpu: 0 };

/** A job as it comes in. */
export function entryOf(job: Job, machine: Machine): Entry {
  const { priority, order, task } = job;
  const request = task.kind === "discover" ? NO_SLOTS : requestOf(job.slots, machine);
  return {
    ...{ job, priority, order, request, module: task.module, timeout: job.timeout },
    ...{
      gone: false,
      placed: false,
      alone: false,
      begun: false,
      asked: false,
      attempt: undefined,
      stopTimer: undefined,
    },
  };
}

/** Whose turn a job waits for. Discovery takes no slots. */
export function queueOf({ job, request }: Entry): "cpu" | "gpu" | "discover" {
  if (job.task.kind === "discover") return "discover";
  return request.gpu > 0 ? "gpu" : "cpu";
}

/** What the worker is told. */
export function taskOf(task: JobTask, { cpu, gpus }: Grant): Task {
  if (task.kind === "discover") return task;
  return { ...task, directory: task.directory(), threads: Math.max(1, cpu), device: gpus.length > 0 ? "gpu" : "cpu" };
}

/** How a job ends that never began. */
export function cancelled(): Outcome {
  return { kind: "failed", cause: "cancelled", message: "Cancelled before it began.", tail: [], seconds: 0 };
}
