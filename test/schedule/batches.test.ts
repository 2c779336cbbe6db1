/** Batches that form by themselves, with an executor that does what the test says: no process, no time. */
import { describe, expect, test } from "@jest/globals";
import type { Attempt, Demand } from "../../src/executor/attempt.js";
import type { BatchListener, Executor } from "../../src/executor/executor.js";
import { createScheduler } from "../../src/schedule/scheduler.js";
import { runTask } from "../../src/schedule/single.js";
import type { CookTask, DiscoverPort, TaskResult } from "../../src/worker/protocol.js";
import { attemptOf } from "./helpers.js";

/** What a worker does with the attempts of one message; those that it answers did not settle. */
type Work = (attempts: readonly Attempt[], listener: BatchListener) => readonly Attempt[];

function executorOf(cpu: number, work: Work) {
  const messages: string[][] = [];
  const saved: string[] = [];
  const executor: Executor = {
    capacity: { cpu, gpu: 0 },
    async run(attempts, _grant, listener) {
      messages.push(attempts.map(nameOf));
      return work(attempts, listener);
    },
    cancel(attempt, how) {
      if (how === "save") saved.push(nameOf(attempt));
    },
    renew() {},
    async close() {},
  };
  return { executor, messages, saved };
}

const nameOf = ({ task }: Attempt): string => (task?.kind === "cook" ? task.item.name : "discover");

/** Every item takes this many seconds; all of a batch settle together. */
const takes =
  (seconds: number): Work =>
  (attempts, listener) => {
    for (const attempt of attempts) attempt.owner!.progress(attempt, { fraction: 1 });
    listener.settled(
      attempts,
      attempts.map((): TaskResult => ({ kind: "cooked", files: [], attributes: {}, partial: false, seconds })),
      1,
    );
    return [];
  };

const failed = (cause: "crash" | "cancelled"): TaskResult => ({
  kind: "failed",
  cause,
  message: "",
  tail: [],
  seconds: 0,
});

function jobOf(name: string, { module = "m", ...more }: Partial<Demand> = {}) {
  const item = { name, label: name, attributes: {}, inputs: {}, files: [] };
  const where = { directory: "", resume: "", log: "", env: {}, seed: 0, params: {}, threads: 1 };
  const task: CookTask = { kind: "cook", module, item, device: "cpu", ...where };
  return attemptOf(task, more);
}

const many = (count: number, name: string, more = {}) =>
  Array.from({ length: count }, (_, number) => jobOf(`${name}${number}`, more));

/** Cooks one item, from which the scheduler learns how long they take, and then all others. */
async function cook(work: Work, cpu: number, ...jobs: readonly Attempt[]) {
  const faked = executorOf(cpu, work);
  const scheduler = createScheduler({ executor: faked.executor, clock: { after: () => () => {} } });
  const [first, ...others] = jobs;
  scheduler.submit(first!);
  await scheduler.idle();
  faked.messages.length = 0;
  for (const job of others) scheduler.submit(job);
  await scheduler.idle();
  return { ...faked, sizes: faked.messages.map(({ length }) => length) };
}

describe("discovery", () => {
  test("waits for no slot, and a cook that waits is told from one that runs", async () => {
    const { executor, messages } = executorOf(1, takes(1));
    const held: Executor = {
      ...executor,
      run: (attempts, grant, listener) => {
        const ended = executor.run(attempts, grant, listener);
        return attempts[0]!.task!.kind === "cook" ? new Promise(() => {}) : ended;
      },
    };
    const scheduler = createScheduler({ executor: held, clock: { after: () => () => {} } });
    const [running, waiting] = [jobOf("running", { module: "a" }), jobOf("waiting", { module: "b" })];
    scheduler.submit(running);
    scheduler.submit(waiting);
    const deps = {} as DiscoverPort;
    const look = attemptOf({ kind: "discover", module: "m", params: {}, log: "" }, { priority: 9, deps });
    scheduler.submit(look);
    await new Promise((done) => setImmediate(done));
    expect(messages).toEqual([["discover"], ["running"]]);
    expect(look.events.at(-1)).toBe("cooked");
    expect([running.grant, waiting.grant]).toEqual([{ cpu: 1, gpus: [] }, undefined]);
  });
});

describe("batches", () => {
  test("items of a fifth of a millisecond share messages of 20 ms, and every slot has some; long ones go by themselves", async () => {
    expect((await cook(takes(0.0002), 1, ...many(301, "a"))).sizes).toEqual([100, 100, 100]);
    expect((await cook(takes(0.0002), 4, ...many(101, "a"))).sizes.slice(0, 4)).toEqual([25, 19, 14, 11]);
    expect((await cook(takes(0.000001), 1, ...many(601, "a"))).sizes).toEqual([256, 256, 88]);
    expect((await cook(takes(0.005), 1, ...many(11, "a"))).sizes).toEqual(Array(10).fill(1));
  });

  test("nothing is joined of which nothing is known; batch_size is what the user said", async () => {
    const { executor, messages } = executorOf(1, takes(0.00001));
    const scheduler = createScheduler({ executor, clock: { after: () => () => {} } });
    for (const job of many(3, "a")) scheduler.submit(job);
    for (const job of many(4, "b", { module: "n", batch: 3 })) scheduler.submit(job);
    await scheduler.idle();
    expect(messages.map(({ length }) => length).slice(0, 2)).toEqual([1, 2]);
    expect(messages.slice(2).map((names) => names.join(" "))).toEqual(["b0 b1 b2", "b3"]);
  });

  test("order and priorities are kept: a batch is what follows each other, and never reaches past another kind", async () => {
    const jobs = [
      jobOf("first"),
      ...many(2, "low", { priority: -1 }),
      ...many(2, "a"),
      jobOf("other", { module: "n" }),
      ...many(2, "b"),
      ...many(2, "high", { priority: 5 }),
    ];
    const { messages } = await cook(takes(0.0001), 1, ...jobs);
    expect(messages.map((names) => names.join(" "))).toEqual(["high0 high1 a0 a1", "other", "b0 b1 low0 low1"]);
  });

  test("every item of a batch begins, tells its progress and settles", async () => {
    const jobs = many(51, "a");
    const { sizes } = await cook(takes(0.0001), 1, ...jobs);
    expect(sizes).toEqual([50]);
    for (const { events, figures } of jobs)
      expect([events, figures]).toEqual([["started", "cooked"], [{ fraction: 1 }]]);
  });

  test("a worker that ends with a batch: each of what is left is sent alone, and the one that ends it again fails", async () => {
    const jobs = many(21, "a");
    const { messages } = await cook(
      (attempts, listener) => {
        const culprit = attempts.findIndex((attempt) => nameOf(attempt) === "a7");
        if (culprit < 0) return takes(0.0001)(attempts, listener);
        if (culprit > 0) takes(0.0001)(attempts.slice(0, culprit), listener);
        if (attempts.length > 1) return attempts.slice(culprit);
        listener.settled(attempts, [failed("crash")], 1);
        return [];
      },
      1,
      ...jobs,
    );
    expect(messages.map(({ length }) => length)).toEqual([20, ...Array(14).fill(1)]);
    const ends = jobs.map(({ events }) => events.at(-1));
    expect(ends.filter((end) => end === "crash").length).toBe(1);
    expect(ends[7]).toBe("crash");
    for (const { events } of jobs) expect(events.filter((word) => word === "started").length).toBe(1);
  });

  test("one of a batch is cancelled: it is asked to save, the others cook", async () => {
    const jobs = many(6, "a");
    const { executor, saved } = executorOf(1, (attempts, listener) => {
      if (attempts.length > 1) scheduler.cancel(jobs[3]!);
      for (const attempt of attempts) {
        if (saved.includes(nameOf(attempt))) listener.settled([attempt], [failed("cancelled")], 1);
        else takes(0.0001)([attempt], listener);
      }
      return [];
    });
    const scheduler = createScheduler({ executor, clock: { after: () => () => {} } });
    scheduler.submit(jobs[0]!);
    await scheduler.idle();
    for (const job of jobs.slice(1)) scheduler.submit(job);
    await scheduler.idle();
    expect(saved).toEqual(["a3"]);
    expect(jobs.map(({ events }) => events.at(-1))).toEqual([
      ...Array(3).fill("cooked"),
      "cancelled",
      "cooked",
      "cooked",
    ]);
  });
});

describe("a task by itself", () => {
  const demand = { module: "m", order: 0, priority: 0, slots: {}, timeout: null };
  const task = { kind: "discover", module: "m", params: {}, log: "" } as const;
  const run = (result: TaskResult) => {
    const { executor } = executorOf(1, (attempts, listener) => {
      listener.settled(attempts, [result], 1);
      return [];
    });
    return runTask(createScheduler({ executor, clock: { after: () => () => {} } }), demand, () => task);
  };

  test("its result is returned whatever it is; a fault of the engine's own is thrown", async () => {
    expect(await run(failed("crash"))).toMatchObject({ cause: "crash" });
    const fault: TaskResult = { kind: "failed", cause: "fault", message: "TypeError: ours", tail: [], seconds: 0 };
    await expect(run(fault)).rejects.toThrow("TypeError: ours");
  });
});
