/** What every executor must do, whatever its workers are: each is tested by these. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Executor } from "../../src/executor/executor.js";
import type { Machine } from "../../src/executor/machine.js";
import { attemptOf, createSpace, runBatch, type Space, textOf, until } from "../schedule/helpers.js";

/** `make`: an executor that can run the node types of `test/worker/nodes`, with the files of this machine. */
export function conforms(make: (options: { readonly capacity: Machine }) => Executor): void {
  const capacity = { cpu: 2, gpu: 0 };
  let space: Space;
  let executor: Executor;
  beforeAll(() => {
    space = createSpace();
  });
  afterAll(() => space.remove());
  beforeEach(() => {
    executor = make({ capacity });
  });
  afterEach(() => executor.close());

  test("capacity: what it was made with", () => {
    expect(executor.capacity).toEqual(capacity);
  });

  test("an attempt: begun once, settled once, and nothing is left", async () => {
    const attempt = attemptOf(space.task("answer", { answer: { attributes: { x: 1 } } }));
    expect(await runBatch(executor, [attempt])).toEqual([]);
    expect(attempt.events).toEqual(["started", "cooked"]);
    expect(await attempt.outcome).toMatchObject({ kind: "cooked", attributes: { x: 1 } });
  });

  test("save: what runs may save, and settles as its cook ends", async () => {
    const attempt = attemptOf(space.task("held"));
    const ended = runBatch(executor, [attempt]);
    await attempt.begun;
    executor.cancel(attempt, "save");
    expect(await ended).toEqual([]);
    expect(attempt.events).toHaveLength(2);
  });

  test("an ending: what runs is ended, and settles with the cause that was given; the next one runs", async () => {
    const attempt = attemptOf(space.task("misbehave", { how: "hang" }));
    const ended = runBatch(executor, [attempt]);
    await attempt.begun;
    executor.cancel(attempt, { cause: "timeout", message: "Too long." });
    expect(await ended).toEqual([]);
    expect(await attempt.outcome).toMatchObject({ kind: "failed", cause: "timeout", message: "Too long." });
    const next = attemptOf(space.task("answer"));
    await runBatch(executor, [next]);
    expect(next.events).toEqual(["started", "cooked"]);
  });

  test("of an attempt that it does not have, nothing becomes", async () => {
    const attempt = attemptOf(space.task("answer"));
    executor.cancel(attempt, "save");
    executor.cancel(attempt, { cause: "cancelled", message: "Cancelled." });
    await runBatch(executor, [attempt]);
    expect(attempt.events).toEqual(["started", "cooked"]);
  });

  test("a worker that ends after it ran others: the attempt is handed back, and fails by itself in a new one", async () => {
    await runBatch(executor, [attemptOf(space.task("answer"))]);
    const attempt = attemptOf(space.task("misbehave", { how: "exit" }));
    expect(await runBatch(executor, [attempt])).toEqual([attempt]);
    await runBatch(executor, [attemptOf(space.task("answer"))]);
    const alone = Object.assign(attemptOf(space.task("misbehave", { how: "exit" })), { alone: true });
    expect(await runBatch(executor, [alone])).toEqual([]);
    expect(await alone.outcome).toMatchObject({ kind: "failed", cause: "crash" });
  });

  test("no more run at a time than there are slots", async () => {
    const gate = space.path("three");
    const attempts = [1, 2, 3].map(() => attemptOf(space.task("held", { gate })));
    const ended = attempts.map((attempt) => runBatch(executor, [attempt]));
    await Promise.all(attempts.slice(0, 2).map(({ begun }) => begun));
    expect(attempts[2]!.events).toEqual([]);
    space.open(gate);
    await Promise.all(ended);
    expect(attempts.map(({ events }) => events)).toEqual(attempts.map(() => ["started", "cooked"]));
  });

  test("they are worked on one after another, each with its own outcome", async () => {
    const journal = space.path("journal");
    const tasks = [
      space.task("held", { journal }),
      space.task("misbehave", { how: "reject" }),
      space.task("held", { journal }),
    ];
    const attempts = tasks.map((task) => attemptOf(task));
    expect(await runBatch(executor, attempts)).toEqual([]);
    expect(attempts.map(({ events }) => events)).toEqual([
      ["started", "cooked"],
      ["started", "error"],
      ["started", "cooked"],
    ]);
    const [first, , third] = tasks.map(({ item }) => item.name);
    expect(textOf(journal)).toBe(`+${first} 1\n-${first} 1\n+${third} 1\n-${third} 1\n`);
  });

  test("where the worker ends, none is blamed: those that did not settle are handed back", async () => {
    const attempts = ["", "exit", ""].map((how) => attemptOf(space.task("misbehave", { how })));
    const left = await runBatch(executor, attempts);
    expect(left).toContain(attempts[1]);
    expect(left).toContain(attempts[2]);
    expect(left.flatMap((attempt) => (attempt as (typeof attempts)[0]).events)).not.toContain("crash");
  });

  test("one that is to save before its turn is not begun", async () => {
    const gate = space.path("batch");
    const [first, second] = [attemptOf(space.task("held", { gate })), attemptOf(space.task("held"))];
    const ended = runBatch(executor, [first, second]);
    await first.begun;
    executor.cancel(second, "save");
    await until(() => first.figures.length > 0);
    space.open(gate);
    await ended;
    expect(await first.outcome).toMatchObject({ kind: "cooked", partial: false });
    expect(await second.outcome).toMatchObject({ kind: "failed", cause: "cancelled", message: "Cancelled." });
  });
}
