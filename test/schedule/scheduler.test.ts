import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type Clock, realClock } from "../../src/base/clock.js";
import type { Executor } from "../../src/executor/executor.js";
import { createLocalExecutor } from "../../src/executor/local.js";
import { createScheduler, type Scheduler } from "../../src/schedule/scheduler.js";
import { attemptOf, createSpace, hasEnded, type Space, textOf, until } from "./helpers.js";

let space: Space;
let started: Executor[];

beforeEach(() => {
  space = createSpace();
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((executor) => executor.close()));
  space.remove();
});

function schedulerOf(cpu: number, gpu = 0, clock: Pick<Clock, "after"> = realClock): Scheduler {
  const executor = createLocalExecutor({ capacity: { cpu, gpu } });
  started.push(executor);
  return createScheduler({ executor, clock });
}

/** A clock whose timers go off when the test says so. */
function createHandClock() {
  const timers = new Map<() => void, number>();
  const clock: Pick<Clock, "after"> = {
    after(milliseconds, callback) {
      timers.set(callback, milliseconds);
      return () => void timers.delete(callback);
    },
  };
  return { clock, timers };
}

/** The greatest sum of units that were at work at once, after the journal that `held` writes. */
function mostAtOnce(journal: string): number {
  let now = 0;
  let most = 0;
  for (const line of textOf(journal).trim().split("\n")) {
    now += (line.startsWith("+") ? 1 : -1) * Number(line.split(" ")[1]);
    most = Math.max(most, now);
  }
  expect(now).toBe(0);
  return most;
}

describe("scheduler: order", () => {
  test("the highest priority first, then the order of generation, whatever the order of submission", async () => {
    const scheduler = schedulerOf(1);
    const journal = space.path("journal");
    const wanted = [
      ["third", 0, 3],
      ["last", -5, 0],
      ["first", 7, 9],
      ["second", 0, 2],
    ] as const;
    const jobs = wanted.map(([name, priority, order]) => {
      const item = { name, label: name, attributes: {}, inputs: {}, files: [] };
      return attemptOf(space.task("held", { journal }, { item }), { priority, order });
    });
    for (const job of jobs) scheduler.submit(job);
    await scheduler.idle();
    expect(textOf(journal).match(/\+\w+/g)).toEqual(["+first", "+second", "+third", "+last"]);
  });

  test("slots are never over-used, and an item that wants all of them gets its turn among small ones", async () => {
    const scheduler = schedulerOf(3);
    const journal = space.path("journal");
    const small = (order: number) => attemptOf(space.task("held", { journal }), { order });
    const item = { name: "big", label: "big", attributes: {}, inputs: {}, files: [] };
    const big = attemptOf(space.task("held", { journal, units: 3 }, { item }), { order: 20, slots: { cpu: "all" } });
    const two = attemptOf(space.task("held", { journal, units: 2 }), { order: 30, slots: { cpu: 2 } });
    for (let order = 0; order < 60; order++) if (order !== 20 && order !== 30) scheduler.submit(small(order));
    scheduler.submit(big);
    scheduler.submit(two);
    await scheduler.idle();
    expect(mostAtOnce(journal)).toBe(3);
    const begun = textOf(journal).match(/\+\w+/g)!;
    expect(begun).toHaveLength(60);
    expect(begun.indexOf("+big")).toBe(20);
  });

  test("threads and device follow from the slots granted", async () => {
    const scheduler = schedulerOf(4, 1);
    const kinds = [{ cpu: "all" }, { cpu: 2 }, { gpu: 1 }, {}] as const;
    const jobs = kinds.map((slots) => attemptOf(space.task("answer", {}, { threads: 99 }), { slots }));
    for (const job of jobs) scheduler.submit(job);
    const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
    expect(outcomes).toMatchObject(
      [
        [4, "cpu"],
        [2, "cpu"],
        [1, "gpu"],
        [1, "cpu"],
      ].map(([threads, device]) => ({ attributes: { threads, device } })),
    );
  });
});

describe("scheduler: many small items", () => {
  test("a thousand settle, each once, in order of their start, in fewer messages than items", async () => {
    const scheduler = schedulerOf(2);
    const jobs = Array.from({ length: 1000 }, (_, number) =>
      attemptOf(space.task("answer", { answer: { attributes: { number } } })),
    );
    for (const job of jobs) scheduler.submit(job);
    await scheduler.idle();
    const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
    expect(outcomes.map((outcome) => outcome.kind === "cooked" && outcome.attributes.number)).toEqual(
      jobs.map((_, number) => number),
    );
    expect(jobs.every(({ events }) => events.join() === "started,cooked")).toBe(true);
  });

  test("a batch that ends its worker is taken apart: the culprit alone fails", async () => {
    const scheduler = schedulerOf(1);
    const jobs = ["", "", "exit", "", "kill", ""].map((how) =>
      attemptOf(space.task("misbehave", { how }), { batch: 6 }),
    );
    for (const job of jobs) scheduler.submit(job);
    await scheduler.idle();
    const outcomes = await Promise.all(jobs.map(({ outcome }) => outcome));
    expect(outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.cause : outcome.kind))).toEqual([
      "cooked",
      "cooked",
      "crash",
      "cooked",
      "crash",
      "cooked",
    ]);
    // The one that the worker was known to be at is returned, and begins again.
    for (const { events } of jobs) expect(events.join()).toMatch(/^(started,returned,)?started,(cooked|crash)$/);
  });

  test("a batch that was asked for runs in one worker", async () => {
    const scheduler = schedulerOf(3);
    const jobs = Array.from({ length: 5 }, () => attemptOf(space.task("answer"), { batch: 5 }));
    for (const job of jobs) scheduler.submit(job);
    await scheduler.idle();
    expect(new Set(jobs.flatMap(({ pids }) => pids)).size).toBe(1);
  });
});

describe("scheduler: timeout", () => {
  test("it counts from the start in a worker, and ends an item that blocks its worker", async () => {
    const { clock, timers } = createHandClock();
    const scheduler = schedulerOf(1, 0, clock);
    const blocked = attemptOf(space.task("misbehave", { how: "hang" }), { timeout: 2.5 });
    const next = attemptOf(space.task("answer"), { timeout: 9 });
    scheduler.submit(blocked);
    scheduler.submit(next);
    expect(timers.size).toBe(0);
    await blocked.begun;
    const [[fire, milliseconds]] = [...timers] as [[() => void, number]];
    expect(milliseconds).toBe(2500);
    fire();
    expect(await blocked.outcome).toMatchObject({
      cause: "timeout",
      message: "It took longer than its timeout of 2.5 s.",
    });
    expect(await next.outcome).toMatchObject({ kind: "cooked" });
    expect(timers.size).toBe(0);
  });

  test("in a batch the item that took too long fails alone", async () => {
    const { clock, timers } = createHandClock();
    const scheduler = schedulerOf(1, 0, clock);
    const [first, hung, last] = ["", "hang", ""].map((how) =>
      attemptOf(space.task("misbehave", { how }), { timeout: 2, batch: 3 }),
    ) as [ReturnType<typeof attemptOf>, ReturnType<typeof attemptOf>, ReturnType<typeof attemptOf>];
    const jobs = [first, hung, last];
    const fire = () => {
      for (const callback of timers.keys()) {
        timers.delete(callback);
        callback();
      }
    };
    for (const job of jobs) scheduler.submit(job);
    await first.begun;
    // The blocked worker cannot say how far it came: whoever is thought to be at work now, none is blamed.
    fire();
    await until(() => first.events.at(-1) === "cooked" && hung.events.at(-1) === "started");
    fire();
    await scheduler.idle();
    expect(jobs.map(({ events }) => events.at(-1))).toEqual(["cooked", "timeout", "cooked"]);
  });
});

describe("scheduler: cancel", () => {
  test("one that waits is settled at once and never begun", async () => {
    const scheduler = schedulerOf(1);
    const gate = space.path("gate");
    const [first, second] = [attemptOf(space.task("held", { gate })), attemptOf(space.task("held"))];
    scheduler.submit(first);
    scheduler.submit(second);
    await first.begun;
    scheduler.cancel(second);
    expect(second.events).toEqual(["cancelled"]);
    space.open(gate);
    await scheduler.idle();
    expect(first.events).toEqual(["started", "cooked"]);
    expect(second.events).toEqual(["cancelled"]);
  });

  test("one that runs may save: its partial result is there", async () => {
    const scheduler = schedulerOf(1);
    const job = attemptOf(space.task("held", { gate: space.path("never") }));
    scheduler.submit(job);
    await until(() => job.figures.length > 0);
    scheduler.cancel(job);
    expect(await job.outcome).toMatchObject({ kind: "cooked", partial: true, files: [{ path: "saved.txt" }] });
  });

  test("one that rejects once it is asked to save is cancelled, not failed, and its worker stays", async () => {
    const scheduler = schedulerOf(1);
    const job = attemptOf(space.task("held", { gate: space.path("never"), on_stop: "reject" }));
    const next = attemptOf(space.task("answer"));
    scheduler.submit(job);
    scheduler.submit(next);
    await until(() => job.figures.length > 0);
    scheduler.cancel(job);
    expect(await job.outcome).toMatchObject({ kind: "failed", cause: "cancelled" });
    expect(await next.outcome).toMatchObject({ attributes: { pid: job.pids[0] } });
  });

  test("one that goes on all the same is ended when it is asked again", async () => {
    const scheduler = schedulerOf(1);
    const job = attemptOf(space.task("held", { gate: space.path("never"), on_stop: "ignore" }));
    scheduler.submit(job);
    await job.begun;
    scheduler.cancel(job);
    scheduler.cancel(job);
    expect(await job.outcome).toMatchObject({ kind: "failed", cause: "cancelled", message: "Cancelled." });
    expect(hasEnded(job.pids[0]!)).toBe(true);
  });
});

describe("scheduler: stop", () => {
  test("save: what runs saves, what waits is cancelled, what comes later too", async () => {
    const scheduler = schedulerOf(1);
    const running = attemptOf(space.task("held", { gate: space.path("never") }));
    const waiting = attemptOf(space.task("held"));
    const later = attemptOf(space.task("held"));
    scheduler.submit(running);
    scheduler.submit(waiting);
    await running.begun;
    const stopped = scheduler.stop("save");
    expect(waiting.events).toEqual(["cancelled"]);
    await stopped;
    expect(await running.outcome).toMatchObject({ kind: "cooked", partial: true });
    scheduler.submit(later);
    expect(later.events).toEqual(["cancelled"]);
    await scheduler.idle();
  });

  test("now: a worker is ended even in the midst of a blocking call, and a batch is not taken up again", async () => {
    const scheduler = schedulerOf(2);
    const hung = attemptOf(space.task("misbehave", { how: "hang" }));
    const gate = space.path("never");
    const batch = Array.from({ length: 3 }, () =>
      attemptOf(space.task("held", { gate, on_stop: "ignore" }), { batch: 3 }),
    );
    for (const job of [hung, ...batch]) scheduler.submit(job);
    await Promise.all([hung.begun, batch[0]!.begun]);
    await scheduler.stop("now");
    expect(hung.events).toEqual(["started", "cancelled"]);
    expect(batch.map(({ events }) => events)).toEqual([["started", "cancelled"], ["cancelled"], ["cancelled"]]);
  });

  test("save, then now: the second word counts", async () => {
    const scheduler = schedulerOf(1);
    const job = attemptOf(space.task("misbehave", { how: "hang" }));
    scheduler.submit(job);
    await job.begun;
    const stopped = scheduler.stop("save");
    void scheduler.stop("now");
    await stopped;
    expect(await job.outcome).toMatchObject({ kind: "failed", cause: "cancelled" });
  });
});
