import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { Executor } from "../../src/executor/executor.js";
import { createLocalExecutor } from "../../src/executor/local.js";
import type { CookTask, TaskResult } from "../../src/worker/protocol.js";
import { attemptOf, createSpace, hasEnded, runBatch, type Space, textOf, until } from "../schedule/helpers.js";
import { conforms } from "./conformance.js";

const CPU = { cpu: 1, gpus: [] };
const CAPACITY = { cpu: 8, gpu: 8 };
let space: Space;
let executor: Executor;

beforeAll(() => {
  space = createSpace();
});
afterAll(() => space.remove());
beforeEach(() => {
  executor = createLocalExecutor({ capacity: CAPACITY });
});
afterEach(() => executor.close());

async function run(task: CookTask, grant: { cpu: number; gpus: number[] } = CPU) {
  const attempt = attemptOf(task);
  await runBatch(executor, [attempt], grant);
  return { ...attempt, outcome: await attempt.outcome };
}

function attributesOf(outcome: TaskResult) {
  if (outcome.kind !== "cooked") throw new Error(`it ended as ${JSON.stringify(outcome)}`);
  return outcome.attributes;
}

describe("local executor: warm workers", () => {
  test("one worker serves item after item; two at once need two", async () => {
    const first = attributesOf((await run(space.task("answer"))).outcome).pid;
    const second = attributesOf((await run(space.task("answer"))).outcome).pid;
    const gate = space.path("two");
    const both = [attemptOf(space.task("held", { gate })), attemptOf(space.task("held", { gate }))];
    const ended = both.map((attempt) => runBatch(executor, [attempt]));
    await Promise.all(both.map(({ begun }) => begun));
    space.open(gate);
    await Promise.all(ended);
    expect(second).toBe(first);
    const pids = both.flatMap(({ pids }) => pids);
    expect(pids).toContain(first);
    expect(new Set(pids).size).toBe(2);
  });

  test("a task of other code gets a new worker, and so does every task after it", async () => {
    const pidOf = async (code: string, node = "answer") =>
      attributesOf((await run(space.task(node, { names: [] }, { code }))).outcome).pid;
    const first = await pidOf("one");
    expect(await pidOf("one")).toBe(first);
    const second = await pidOf("two");
    expect(second).not.toBe(first);
    expect(await pidOf("two")).toBe(second);
    await until(() => hasEnded(Number(first)));
    executor.renew();
    expect(await pidOf("two")).not.toBe(second);
  });

  test("a worker that works while code changes ends with its task", async () => {
    const gate = space.path("code");
    const held = attemptOf(space.task("held", { gate }, { code: "old" }));
    const ended = runBatch(executor, [held]);
    await held.begun;
    await run(space.task("held", {}, { code: "new" }));
    space.open(gate);
    await ended;
    expect(await held.outcome).toMatchObject({ kind: "cooked" });
    await until(() => hasEnded(held.pids[0]!));
  });

  test("a worker sees its GPUs alone, and none without a grant", async () => {
    const names = ["CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"];
    const visible = async (gpus: number[]) => {
      const attributes = attributesOf((await run(space.task("environment", { names }), { cpu: 1, gpus })).outcome);
      return names.map((name) => attributes[name]);
    };
    expect(await visible([1])).toEqual(["1", "1"]);
    expect(await visible([])).toEqual(["-1", "-1"]);
    expect(await visible([0, 1])).toEqual(["0,1", "0,1"]);
    process.env.CUDA_VISIBLE_DEVICES = "4,7";
    try {
      expect(await visible([0])).toEqual(["4", "0"]);
    } finally {
      delete process.env.CUDA_VISIBLE_DEVICES;
    }
  });

  test("a worker that dies while it is idle is replaced", async () => {
    const { pids } = await run(space.task("answer"));
    process.kill(pids[0]!, "SIGKILL");
    // Buried: the engine's process has heard of it.
    await until(() => !existsSync(`/proc/${pids[0]}`));
    expect(attributesOf((await run(space.task("answer"))).outcome).pid).not.toBe(pids[0]);
  });

  test("closing ends every worker", async () => {
    const idle = await run(space.task("answer"));
    const held = attemptOf(space.task("misbehave", { how: "hang" }));
    void runBatch(executor, [held]);
    await held.begun;
    await executor.close();
    expect([idle.pids[0]!, held.pids[0]!].map(hasEnded)).toEqual([true, true]);
  });
});

describe("local executor: a worker's end", () => {
  const cases: readonly [string, string, string | RegExp][] = [
    ["exit", "crash", "The worker ended with code 3: it said nothing"],
    [
      "kill",
      "crash",
      "The worker ended by signal SIGKILL: it was killed from outside, or the system ran out of memory",
    ],
    ["stray", "crash", "The worker ended with code 1: Error: A stray error."],
  ];
  test.each(cases)("%s fails the attempt alone, and the next item cooks", async (how, cause, message) => {
    const { outcome, events } = await run(space.task("misbehave", { how }));
    expect(outcome).toMatchObject({ kind: "failed", cause, message });
    expect(events).toEqual(["started", cause]);
    expect(await run(space.task("answer"))).toMatchObject({ outcome: { kind: "cooked" } });
  });

  test("what the worker said last is the failure's tail and in the log", async () => {
    const task = space.task("misbehave", { how: "stray" });
    const { outcome } = await run(task);
    expect(outcome).toMatchObject({ tail: expect.arrayContaining(["Error: A stray error."]) });
    expect(textOf(task.log)).toMatch(/A stray error\.\n +at /);
  });

  test("more memory than the limit ends the worker even where the event loop is blocked", async () => {
    await executor.close();
    executor = createLocalExecutor({ capacity: CAPACITY, memory: 300 * 2 ** 20 });
    const { outcome } = await run(space.task("misbehave", { how: "grow" }));
    const message =
      /^The worker ended by signal SIGKILL: The worker used more memory than its limit: \d+ MB of 300 MB\.$/;
    expect(outcome).toMatchObject({ kind: "failed", cause: "memory", message: expect.stringMatching(message) });
  });

  test("a heap that is full is told as memory", async () => {
    const env = { NODE_OPTIONS: process.env.NODE_OPTIONS };
    process.env.NODE_OPTIONS = "--max-old-space-size=40";
    try {
      const { outcome } = await run(space.task("misbehave", { how: "heap" }));
      expect(outcome).toMatchObject({ cause: "memory", message: expect.stringMatching(/heap out of memory/) });
    } finally {
      if (env.NODE_OPTIONS === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = env.NODE_OPTIONS;
    }
  });

  test("a blocked worker is ended for a reason that the engine gives", async () => {
    const attempt = attemptOf(space.task("misbehave", { how: "hang" }));
    const ended = runBatch(executor, [attempt]);
    await attempt.begun;
    executor.cancel(attempt, { cause: "timeout", message: "Too long." });
    expect(await ended).toEqual([]);
    expect(await attempt.outcome).toMatchObject({ kind: "failed", cause: "timeout", message: "Too long." });
  });
});

describe("local executor", () => conforms(({ capacity }) => createLocalExecutor({ capacity })));

/** Starts an engine of its own; answers with its worker's id. */
async function startEngine(task: CookTask, ...more: string[]) {
  const script = fileURLToPath(new URL("./engine.js", import.meta.url));
  const engine = spawn(process.execPath, [script, JSON.stringify(task), ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(engine, "exit");
  const [line] = await once(engine.stdout, "data");
  return { engine, exit, worker: Number(String(line)) };
}

describe("local executor: the engine's end", () => {
  const deaths: readonly [string, string, NodeJS.Signals][] = [
    ["a blocked worker ends after kill -9 of the engine", "hang", "SIGKILL"],
    ["a worker at work ends after kill -9 of the engine", "held", "SIGKILL"],
    ["a worker outlives a Ctrl-C that it hears itself, and ends with the engine", "held", "SIGINT"],
  ];
  test.each(deaths)("%s", async (_what, kind, signal) => {
    const gate = space.path("never");
    const journal = space.path("deaths");
    const task = kind === "hang" ? space.task("misbehave", { how: "hang" }) : space.task("held", { gate, journal });
    const { engine, worker } = await startEngine(task);
    await until(() => textOf(task.log) === "blocked\n" || textOf(journal).includes(`+${task.item.name} `));
    expect(hasEnded(worker)).toBe(false);
    if (signal === "SIGINT") {
      process.kill(worker, signal);
      await run(space.task("answer")); // a whole round trip later
      expect(hasEnded(worker)).toBe(false);
    }
    engine.kill(signal);
    await until(() => hasEnded(worker));
  });

  test.each([["close"], ["leave"]])("an idle worker keeps no engine alive, and ends with it (%s)", async (word) => {
    const { exit, worker } = await startEngine(space.task("answer"), word);
    expect(await exit).toEqual([0, null]);
    await until(() => hasEnded(worker));
  });
});
