/**
 * Places attempts on an executor's slots and hands on what becomes of them. It decides no state: what an attempt's end means,
 * and whether there is another, is for its owner.
 */
import type { Clock } from "../base/clock.js";
import { type Attempt, handOver } from "../executor/attempt.js";
import type { BatchListener, Executor } from "../executor/executor.js";
import type { Grant, Machine } from "../executor/machine.js";
import type { TaskResult } from "../worker/protocol.js";
import { createEstimate } from "./estimate.js";
import { createReady } from "./ready.js";
import { createSlots, requestOf } from "./slots.js";

/** `save`: what runs may save and stop; `now`: its worker is ended. */
export type Stop = "save" | "now";

export interface Scheduler {
  /** Takes an attempt that is due: its task is asked for when it has its slots. Throws nothing. */
  submit(attempt: Attempt): void;
  /** Whether attempts wait for slots of this kind: none is idle. */
  isFull(request: Machine): boolean;
  /** An attempt that waits is settled at once as cancelled; one that runs is asked to save, and ended when asked again. */
  cancel(attempt: Attempt, how?: Stop): void;
  /** Starts nothing more until it is called with false; what runs goes on. */
  pause(paused: boolean): void;
  /** Cancels all attempts, and every one submitted later. Resolves when none is left. */
  stop(how: Stop): Promise<void>;
  /** Resolves when no attempt is left. */
  idle(): Promise<void>;
}

export interface SchedulerParts {
  readonly executor: Executor;
  readonly clock: Pick<Clock, "after">;
}

/** How an attempt ends that was never sent. */
const CANCELLED: TaskResult = {
  kind: "failed",
  cause: "cancelled",
  message: "Cancelled before it began.",
  tail: [],
  seconds: 0,
};

const NO_SLOTS: Machine = { cpu: 0, gpu: 0 };

export function createScheduler({ executor, clock }: SchedulerParts): Scheduler {
  const machine = executor.capacity;
  const slots = createSlots(machine);
  const ready = createReady<Attempt>();
  const attempts = new Set<Attempt>();
  const estimate = createEstimate();
  const waitingForIdle: (() => void)[] = [];
  let stopped = false;
  let placing = false;
  let paused = false;

  const forget = (attempt: Attempt) => {
    attempt.gone = true;
    attempt.stopTimer?.();
    attempts.delete(attempt);
  };
  const noteIdle = () => {
    if (attempts.size === 0) for (const resolve of waitingForIdle.splice(0)) resolve();
  };
  const settle = (ended: readonly Attempt[], results: readonly TaskResult[]) => {
    if (ended.length === 0) return;
    for (const attempt of ended) forget(attempt);
    handOver(ended, results);
    noteIdle();
  };
  const settleCancelled = (waiting: readonly Attempt[]) =>
    settle(
      waiting,
      waiting.map(() => CANCELLED),
    );

  const listener: BatchListener = {
    started(attempt, worker) {
      attempt.worker = worker;
      const { timeout } = attempt;
      if (timeout !== null) {
        const message = `It took longer than its timeout of ${timeout} s.`;
        attempt.stopTimer = clock.after(timeout * 1000, () => executor.cancel(attempt, { cause: "timeout", message }));
      }
      attempt.owner?.started(attempt);
    },
    settled(ended, results, worker) {
      for (const [place, attempt] of ended.entries()) {
        if (worker !== undefined) attempt.worker = worker;
        const result = results[place]!;
        if (result.kind === "cooked") estimate.learn(attempt.module, result.seconds);
      }
      settle(ended, results);
    },
  };

  const send = (attempt: Attempt): boolean => {
    if (attempt.gone) return false;
    attempt.task = attempt.owner?.task(attempt);
    if (attempt.task !== undefined) return true;
    forget(attempt);
    noteIdle();
    return false;
  };

  const work = async (batch: readonly Attempt[], grant: Grant): Promise<void> => {
    const sent = batch.filter(send);
    if (sent.length > 0) settleOrRetry(await executor.run(sent, grant, listener));
    slots.give(grant);
    place();
  };

  /** What a worker had in hand when it ended: each by itself, in a new one. */
  const settleOrRetry = (left: readonly Attempt[]) => {
    const ended: Attempt[] = [];
    for (const attempt of left) {
      attempt.stopTimer?.();
      attempt.grant = undefined;
      attempt.alone = true;
      if (attempt.worker !== undefined) attempt.owner?.returned(attempt);
      attempt.worker = undefined;
      if (attempt.asked || stopped) ended.push(attempt);
      else ready.push(attempt);
    }
    settleCancelled(ended);
  };

  /** How many of a kind share a message: no more than leave work for every slot, where the user did not say. */
  const most = ({ alone, batch, module, deps }: Attempt, waiting: number) => {
    if (alone || deps !== undefined) return 1;
    return Math.max(batch, Math.min(estimate.batch(module), Math.ceil(waiting / machine.cpu)));
  };

  const place = () => {
    placing = false;
    while (!paused) {
      const batch = ready.take(slots, most);
      const [first] = batch;
      if (first === undefined) return;
      const grant = slots.take(first.request);
      for (const attempt of batch) attempt.grant = grant;
      void work(batch, grant);
    }
  };

  const idle = () =>
    attempts.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => waitingForIdle.push(resolve));

  const interrupt = (attempt: Attempt, how: Stop) => {
    if (how === "now" || attempt.asked) executor.cancel(attempt, { cause: "cancelled", message: "Cancelled." });
    else executor.cancel(attempt, "save");
    attempt.asked = true;
  };

  return {
    submit(attempt) {
      // Discovery takes no slots.
      attempt.request = attempt.deps === undefined ? requestOf(attempt.slots, machine) : NO_SLOTS;
      if (stopped) return settleCancelled([attempt]);
      attempts.add(attempt);
      ready.push(attempt);
      // Those submitted in one go are placed together: the highest first, and small ones joined.
      if (!placing) queueMicrotask(place);
      placing = true;
    },
    cancel(attempt, how = "save") {
      if (!attempts.has(attempt)) return;
      if (attempt.grant === undefined) settleCancelled([attempt]);
      else interrupt(attempt, how);
    },
    pause(pauses) {
      paused = pauses;
      place();
    },
    isFull: (request) => ready.waiting(request) > 0,
    stop(how) {
      stopped = true;
      const running = [...attempts].filter(({ grant }) => grant !== undefined);
      settleCancelled([...attempts].filter(({ grant }) => grant === undefined));
      for (const attempt of running) if (!attempt.gone) interrupt(attempt, how);
      return idle();
    },
    idle,
  };
}
