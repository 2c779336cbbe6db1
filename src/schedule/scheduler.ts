/**
 * Places jobs on an executor's slots and reports what becomes of them. It decides no state: what a job's end means, and
 * whether it is tried again, is for those who submitted it.
 */
import type { Clock } from "../base/clock.js";
import type { Executor } from "../executor/executor.js";
import type { Grant } from "../executor/machine.js";
import type { Slots } from "../nodetype/define.js";
import type { Outcome } from "../worker/protocol.js";
import { cancelled, Entry, type Keeper } from "./entry.js";
import { createEstimate, MOST_JOINED } from "./estimate.js";
import type { Job } from "./job.js";
import { createReady } from "./ready.js";
import { createSlots, requestOf } from "./slots.js";

/** `save`: what runs may save and stop; `now`: its worker is ended. */
export type Stop = "save" | "now";

export interface Scheduler {
  submit(job: Job): void;
  /**
   * Whether more jobs with such slots are of use by now: whoever submits no others keeps order, fills every message (of
   * `batch` jobs, where the user says so), and has few in the scheduler's hands.
   */
  wants(slots: Slots, batch: number): boolean;
  /** Whether jobs wait for slots of this kind: none is idle. */
  isFull(slots: Slots): boolean;
  /** A job that waits is settled at once as cancelled; one that runs is asked to save, and ended when asked again. */
  cancel(job: Job, how?: Stop): void;
  /** Starts nothing more until it is called with false; what runs goes on. */
  hold(held: boolean): void;
  /** Whether a job waits for slots. */
  waits(job: Job): boolean;
  /** Cancels all jobs, and every one submitted later. Resolves when none is left. */
  stop(how: Stop): Promise<void>;
  /** Resolves when no job is left. */
  idle(): Promise<void>;
}

export interface SchedulerParts {
  readonly executor: Executor;
  readonly clock: Pick<Clock, "after">;
}

export function createScheduler({ executor, clock }: SchedulerParts): Scheduler {
  const machine = executor.capacity;
  const slots = createSlots(machine);
  const ready = createReady<Entry>();
  const entries = new Map<Job, Entry>();
  const estimate = createEstimate();
  const waitingForIdle: (() => void)[] = [];
  let stopped = false;
  let placing = false;
  let held = false;

  const settle = (entry: Entry, outcome: Outcome) => {
    entry.gone = true;
    entry.stopTimer?.();
    entries.delete(entry.job);
    if (outcome.kind === "cooked") estimate.learn(entry.module, outcome.seconds);
    entry.job.settled(outcome);
    if (entries.size === 0) for (const resolve of waitingForIdle.splice(0)) resolve();
  };

  const keeper: Keeper = {
    begun(entry) {
      const { timeout } = entry.job;
      if (timeout === null) return;
      const message = `It took longer than its timeout of ${timeout} s.`;
      entry.stopTimer = clock.after(timeout * 1000, () => executor.cancel(entry, { cause: "timeout", message }));
    },
    settled: settle,
  };

  const work = async (batch: readonly Entry[], grant: Grant): Promise<void> => {
    const live = batch.filter(({ gone }) => !gone);
    for (const entry of live) entry.send();
    if (live.length > 0) await executor.run(live, grant);
    for (const entry of live) if (!entry.gone) tryAgain(entry);
    slots.give(grant);
    place();
  };

  const tryAgain = (entry: Entry) => {
    entry.stopTimer?.();
    entry.sent = undefined;
    entry.grant = undefined;
    entry.alone = true;
    if (entry.begun) entry.job.returned();
    entry.begun = false;
    if (entry.asked || stopped) settle(entry, cancelled());
    else ready.push(entry);
  };

  /** How many of a kind share a message: no more than leave work for every slot, where the user did not say. */
  const most = ({ job, alone, module }: Entry, waiting: number) => {
    if (alone || job.task.kind === "discover") return 1;
    return Math.max(job.batch, Math.min(estimate.batch(module), Math.ceil(waiting / machine.cpu)));
  };

  const place = () => {
    placing = false;
    while (!held) {
      const batch = ready.take(slots, most);
      const [first] = batch;
      if (first === undefined) return;
      const grant = slots.take(first.request);
      for (const entry of batch) entry.grant = grant;
      void work(batch, grant);
    }
  };

  const idle = () =>
    entries.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => waitingForIdle.push(resolve));

  const cancel = (job: Job, how: Stop = "save") => {
    const entry = entries.get(job);
    if (entry === undefined) return;
    if (entry.sent === undefined) settle(entry, cancelled());
    else if (how === "now" || entry.asked) executor.cancel(entry, { cause: "cancelled", message: "Cancelled." });
    else executor.cancel(entry, "save");
    entry.asked = true;
  };

  return {
    submit(job) {
      const entry = new Entry(job, machine, keeper);
      entries.set(job, entry);
      if (stopped) return settle(entry, cancelled());
      ready.push(entry);
      // Those submitted in one go are placed together: the highest first, and small ones joined.
      if (!placing) queueMicrotask(place);
      placing = true;
    },
    cancel,
    hold(holds) {
      held = holds;
      place();
    },
    wants: (asked, batch) => ready.waiting(requestOf(asked, machine)) < 2 * machine.cpu * Math.max(batch, MOST_JOINED),
    isFull: (asked) => ready.waiting(requestOf(asked, machine)) > 0,
    waits: (job) => entries.has(job) && entries.get(job)!.grant === undefined,
    stop(how) {
      stopped = true;
      for (const job of [...entries.keys()]) cancel(job, how);
      return idle();
    },
    idle,
  };
}
