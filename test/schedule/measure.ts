/** Measures workers on this machine, for docs/decisions/0003-workers.md: `node dist/test/schedule/measure.js`. */
import { fork } from "node:child_process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { realClock } from "../../src/base/clock.js";
import type { Executor } from "../../src/executor/executor.js";
import { createLocalExecutor } from "../../src/executor/local.js";
import { createScheduler } from "../../src/schedule/scheduler.js";
import type { CookTask } from "../../src/worker/protocol.js";
import { attemptOf, createSpace, runBatch } from "./helpers.js";

const self = new URL(import.meta.url);
const outcome = { kind: "cooked", files: [], attributes: { x: 1 }, partial: false, seconds: 0.001 };
/** A channel's other end that does nothing: answers every task of a message. */
const echo = (tasks: readonly CookTask[]) => tasks.map(() => outcome);

if (process.argv[2] === "echo") process.on("message", (tasks: CookTask[]) => process.send!(echo(tasks)));
else if (!isMainThread) parentPort!.on("message", (tasks: CookTask[]) => parentPort!.postMessage(echo(tasks)));
else await main();

async function main(): Promise<void> {
  const space = createSpace();
  const executor = createLocalExecutor({ capacity: { cpu: 1, gpu: 0 } });
  const task = (write = false) => space.task("small", { write });
  const print = (what: string, figure: string) => console.log(`${what.padEnd(58)} ${figure}`);

  async function channel(name: string, send: (tasks: CookTask[]) => void, listen: (done: () => void) => void) {
    let heard = () => {};
    listen(() => heard());
    const once = (tasks: CookTask[]) => {
      const answer = new Promise<void>((resolve) => {
        heard = resolve;
      });
      send(tasks);
      return answer;
    };
    const time = async (count: number, size: number) => {
      const tasks = Array.from({ length: size }, () => task());
      const from = performance.now();
      for (let number = 0; number < count; number++) await once(tasks);
      return (performance.now() - from) / (count * size);
    };
    await time(500, 1);
    print(
      `${name}: round trip; a task among 100`,
      `${(await time(3000, 1)).toFixed(3)} ms; ${(1000 * (await time(100, 100))).toFixed(1)} µs`,
    );
  }
  for (const serialization of ["json", "advanced"] as const) {
    const child = fork(self.pathname, ["echo"], { serialization });
    await channel(
      `bare process, ${serialization}`,
      (tasks) => child.send(tasks),
      (done) => child.on("message", done),
    );
    child.kill();
  }
  const thread = new Worker(self);
  await channel(
    "bare worker thread",
    (tasks) => thread.postMessage(tasks),
    (done) => thread.on("message", done),
  );
  await thread.terminate();

  const started = performance.now();
  await runBatch(executor, [attemptOf(task())]);
  print("first item on a new worker (process start, module)", `${(performance.now() - started).toFixed(0)} ms`);
  const single = async (count: number) => {
    const from = performance.now();
    for (let number = 0; number < count; number++) await runBatch(executor, [attemptOf(task())]);
    return (performance.now() - from) / count;
  };
  await single(500);
  print("item on a warm worker, one at a time", `${(await single(3000)).toFixed(3)} ms`);

  const many = async (on: Executor, count: number, write: boolean, batch: number) => {
    const scheduler = createScheduler({ executor: on, clock: realClock });
    const attempts = Array.from({ length: count }, () => attemptOf(task(write), { batch }));
    const from = performance.now();
    for (const attempt of attempts) scheduler.submit(attempt);
    await scheduler.idle();
    const rate = (1000 * count) / (performance.now() - from);
    for (const attempt of attempts) if ((await attempt.outcome).kind !== "cooked") throw new Error("an item failed");
    return rate;
  };
  for (const cpu of [1, 2]) {
    const on = createLocalExecutor({ capacity: { cpu, gpu: 0 } });
    await many(on, 2000, false, 1);
    const rates = async (count: number, write: boolean, batch: number) => {
      const all = [];
      for (let run = 0; run < 3; run++) all.push(await many(on, count, write, batch));
      return `${all.sort((a, b) => a - b)[1]!.toFixed(0)} items/s (median of 3)`;
    };
    print(`scheduler, ${cpu} slot(s), attributes, joined by itself`, await rates(20_000, false, 1));
    print(`scheduler, ${cpu} slot(s), attributes, batch_size 100`, await rates(20_000, false, 100));
    print(`scheduler, ${cpu} slot(s), one 1 KB file, joined by itself`, await rates(5000, true, 1));
    await on.close();
  }
  await executor.close();
  space.remove();
}
