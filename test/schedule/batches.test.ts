/** Batches that form by themselves, with an executor that does what the test says: no process, no time. */
import { describe, expect, test } from "@jest/globals";
import type { Attempt, Executor } from "../../src/executor/executor.js";
import type { Job } from "../../src/schedule/job.js";
import { createScheduler } from "../../src/schedule/scheduler.js";
import type { Figures, Outcome } from "../../src/worker/protocol.js";

/** What a worker does with the attempts of one message; those that it answers did not settle. */
type Work = (attempts: readonly Attempt[]) => readonly Attempt[];

function executorOf(cpu: number, work: Work) {
  const messages: string[][] = [];
  const saved: string[] = [];
  const executor: Executor = {
    capacity: { cpu, gpu: 0 },
    async run(attempts) {
      messages.push(attempts.map(nameOf));
      return work(attempts);
    },
    cancel(attempt, how) {
      if (how === "save") saved.push(nameOf(attempt));
    },
    renew() {},
    async close() {},
  };
  return { executor, messages, saved };
}

const nameOf = ({ task }: Attempt): string => (task.kind === "cook" ? task.item.name : task.kind);

/** Every item takes this many seconds. */
const takes =
  (seconds: number): Work =>
  (attempts) => {
    for (const attempt of attempts) done(attempt, seconds);
    return [];
  };

function done(attempt: Attempt, seconds: number): void {
  attempt.started({ pid: 1 });
  attempt.progress({ fraction: 1 });
  attempt.settled({ kind: "cooked", files: [], attributes: {}, partial: false, seconds });
}

let order = 0;

function jobOf(name: string, more: Partial<Pick<Job, "priority" | "batch">> & { readonly module?: string } = {}) {
  const heard: string[] = [];
  const item = { name, label: name, attributes: {}, inputs: {}, files: [] };
  const where = { resume: "", log: "", env: {}, seed: 0, params: {} };
  const job: Job = {
    order: order++,
    priority: more.priority ?? 0,
    slots: {},
    task: { kind: "cook", module: more.module ?? "m", item, directory: () => "", ...where },
    timeout: null,
    batch: more.batch ?? 1,
    started: () => void heard.push("started"),
    returned: () => void heard.push("returned"),
    progress: (figures: Figures) => void heard.push(`progress ${figures.fraction}`),
    warn() {},
    settled: (outcome: Outcome) => void heard.push(outcome.kind === "failed" ? outcome.cause : outcome.kind),
  };
  return { job, heard };
}

const many = (count: number, name: string, more = {}) =>
  Array.from({ length: count }, (_, number) => jobOf(`${name}${number}`, more));

/** Cooks one item, from which the scheduler learns how long they take, and then all others. */
async function cook(work: Work, cpu: number, ...jobs: readonly ReturnType<typeof jobOf>[]) {
  const faked = executorOf(cpu, work);
  const scheduler = createScheduler({ executor: faked.executor, clock: { after: () => () => {} } });
  const [first, ...others] = jobs;
  scheduler.submit(first!.job);
  await scheduler.idle();
  faked.messages.length = 0;
  for (const { job } of others) scheduler.submit(job);
  await scheduler.idle();
  return { ...faked, sizes: faked.messages.map(({ length }) => length) };
}

describe("discovery", () => {
  test("waits for no slot, and a cook that waits is told from one that runs", async () => {
    const { executor, messages } = executorOf(1, takes(1));
    const held: Executor = {
      ...executor,
      run: (attempts, grant) => {
        const ended = executor.run(attempts, grant);
        return attempts[0]!.task.kind === "cook" ? new Promise(() => {}) : ended;
      },
    };
    const scheduler = createScheduler({ executor: held, clock: { after: () => () => {} } });
    const [running, waiting] = [jobOf("running", { module: "a" }), jobOf("waiting", { module: "b" })];
    scheduler.submit(running.job);
    scheduler.submit(waiting.job);
    const { job, heard } = jobOf("look", { priority: Number.MAX_VALUE });
    scheduler.submit({ ...job, task: { kind: "discover", module: "m", params: {}, log: "" } });
    await new Promise((done) => setImmediate(done));
    expect(messages).toEqual([["discover"], ["running"]]);
    expect(heard.at(-1)).toBe("cooked");
    expect([scheduler.waits(running.job), scheduler.waits(waiting.job)]).toEqual([false, true]);
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
    for (const { job } of many(3, "a")) scheduler.submit(job);
    for (const { job } of many(4, "b", { module: "n", batch: 3 })) scheduler.submit(job);
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
    for (const { heard } of jobs) expect(heard).toEqual(["started", "progress 1", "cooked"]);
  });

  test("a worker that ends with a batch: each of what is left is sent alone, and the one that ends it again fails", async () => {
    const jobs = many(21, "a");
    const { messages } = await cook(
      (attempts) => {
        const culprit = attempts.findIndex((attempt) => nameOf(attempt) === "a7");
        if (culprit < 0) return takes(0.0001)(attempts);
        takes(0.0001)(attempts.slice(0, culprit));
        if (attempts.length > 1) return attempts.slice(culprit);
        attempts[0]!.started({ pid: 1 });
        attempts[0]!.settled({ kind: "failed", cause: "crash", message: "", tail: [], seconds: 0 });
        return [];
      },
      1,
      ...jobs,
    );
    expect(messages.map(({ length }) => length)).toEqual([20, ...Array(14).fill(1)]);
    const ends = jobs.map(({ heard }) => heard.at(-1));
    expect(ends.filter((end) => end === "crash").length).toBe(1);
    expect(ends[7]).toBe("crash");
    for (const { heard } of jobs) expect(heard.filter((word) => word === "started").length).toBe(1);
  });

  test("one of a batch is cancelled: it is asked to save, the others cook", async () => {
    const jobs = many(6, "a");
    const { executor, saved } = executorOf(1, (attempts) => {
      if (attempts.length > 1) scheduler.cancel(jobs[3]!.job);
      for (const attempt of attempts) {
        const failed: Outcome = { kind: "failed", cause: "cancelled", message: "", tail: [], seconds: 0 };
        if (saved.includes(nameOf(attempt))) attempt.settled(failed);
        else done(attempt, 0.0001);
      }
      return [];
    });
    const scheduler = createScheduler({ executor, clock: { after: () => () => {} } });
    scheduler.submit(jobs[0]!.job);
    await scheduler.idle();
    for (const { job } of jobs.slice(1)) scheduler.submit(job);
    await scheduler.idle();
    expect(saved).toEqual(["a3"]);
    expect(jobs.map(({ heard }) => heard.at(-1))).toEqual([
      ...Array(3).fill("cooked"),
      "cancelled",
      "cooked",
      "cooked",
    ]);
  });
});
