import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Executor } from "../../src/executor/executor.js";
import { createLocalExecutor } from "../../src/executor/local.js";
import type { CookTask, Task, TaskResult } from "../../src/worker/protocol.js";
import { attemptOf, createSpace, runBatch, type Space, textOf } from "../schedule/helpers.js";

let space: Space;
let executor: Executor;

beforeAll(() => {
  space = createSpace();
  executor = createLocalExecutor({ capacity: { cpu: 8, gpu: 8 } });
});
afterAll(async () => {
  await executor.close();
  space.remove();
});

async function cook(task: Task) {
  const attempt = attemptOf(task);
  await runBatch(executor, [attempt]);
  return { ...attempt, outcome: await attempt.outcome };
}

async function messageOf(task: CookTask): Promise<string> {
  const { outcome } = await cook(task);
  if (outcome.kind !== "failed" || outcome.cause !== "error") throw new Error(`it ended as ${JSON.stringify(outcome)}`);
  return outcome.message;
}

function failed(outcome: TaskResult) {
  if (outcome.kind !== "failed") throw new Error(`it ended as ${outcome.kind}`);
  return outcome;
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("worker: a fault of the engine's own", () => {
  test("is no failure of the item: its stack is the message", async () => {
    const { outcome } = await cook(space.task("answer", {}, { env: undefined as never }));
    expect(outcome).toMatchObject({
      kind: "failed",
      cause: "fault",
      message: expect.stringMatching(/^TypeError: .*\n +at /),
    });
  });
});

describe("worker: cook", () => {
  test("attributes come back, and the context says what the task said", async () => {
    const item = { name: "a", label: "a", attributes: { x: 1.5, list: ["ä", "b"] }, inputs: {}, files: [] };
    const { outcome } = await cook(space.task("answer", {}, { item, seed: 7, threads: 3, device: "gpu" }));
    const attributes = { x: 1.5, list: ["ä", "b"], seed: 7, threads: 3, device: "gpu", pid: expect.any(Number) };
    expect(outcome).toEqual({ kind: "cooked", files: [], attributes, partial: false, seconds: expect.any(Number) });
  });

  test("nothing answered is a result without files and attributes", async () => {
    const { outcome } = await cook(space.task("values", { value: "nothing" }));
    expect(outcome).toMatchObject({ kind: "cooked", files: [], attributes: {}, partial: false });
  });

  test("no folder and no log are made where nothing is written", async () => {
    const task = space.task("answer");
    await cook(task);
    expect([task.directory, task.resume, task.log].map((path) => existsSync(path))).toEqual([false, false, false]);
  });

  test("files that were made are hashed, in the order answered, small and large", async () => {
    const large = "0123456789".repeat(200_000);
    const outputs = [
      { path: "b/../sub/large.txt", tag: "file/text/large", parameter: "text.path" },
      { path: "a.txt", tag: "file" },
      { path: "empty.txt", tag: "file" },
    ];
    const task = space.task("write", { files: { "a.txt": "hello", "sub/large.txt": large, "empty.txt": "" }, outputs });
    const { outcome } = await cook(task);
    expect(outcome).toMatchObject({
      files: [
        {
          path: "sub/large.txt",
          digest: sha256(large),
          size: 2_000_000,
          tag: "file/text/large",
          parameter: "text.path",
        },
        { path: "a.txt", digest: sha256("hello"), size: 5, tag: "file" },
        { path: "empty.txt", digest: sha256(""), size: 0, tag: "file" },
      ],
    });
    expect(textOf(`${task.directory}/a.txt`)).toBe("hello");
  });

  test("an input file is passed on by digest, with its own tag or a new one", async () => {
    const file = { path: "/nowhere/a.png", name: "a.png", tag: "file/image", digest: sha256("a"), size: 1 };
    const member = { name: "up", attributes: {}, files: [file] };
    const item = { name: "a", label: "a", attributes: {}, inputs: { main: [member] }, files: [] };
    const outputs = [{ pass: file }, { pass: { ...file, size: 99 }, tag: "file/other" }];
    const { outcome } = await cook(space.task("write", { outputs }, { item }));
    const passed = { pass: sha256("a"), name: "a.png", size: 1 };
    expect(outcome).toMatchObject({
      files: [
        { ...passed, tag: "file/image" },
        { ...passed, tag: "file/other" },
      ],
    });
    const stranger = { pass: { ...file, digest: sha256("b") } };
    expect(await messageOf(space.task("write", { outputs: [stranger] }, { item }))).toBe(
      `Output passes on "a.png", which is none of the item's input files.`,
    );
  });
});

describe("worker: what cook answers is checked", () => {
  const files = { "a.txt": "a", "sub/b.txt": "b" };
  const cases: readonly [string, Record<string, unknown>, string][] = [
    [
      "a path above the folder",
      { files, outputs: [{ path: "../a.txt", tag: "file" }] },
      `Output "../a.txt" leaves context.directory.`,
    ],
    [
      "a path that leaves by a detour",
      { files, outputs: [{ path: "sub/../../a.txt", tag: "file" }] },
      `Output "sub/../../a.txt" leaves context.directory.`,
    ],
    [
      "an absolute path",
      { files, outputs: [{ path: "/etc/hostname", tag: "file" }] },
      `Output "/etc/hostname" is absolute; its path is relative to context.directory.`,
    ],
    ["the folder itself", { files, outputs: [{ path: ".", tag: "file" }] }, `Output "." is not a file.`],
    ["a folder", { files, outputs: [{ path: "sub", tag: "file" }] }, `Output "sub" is not a file.`],
    [
      "a file that is not there",
      { files, outputs: [{ path: "c.txt", tag: "file" }] },
      `Output "c.txt" was not written.`,
    ],
    [
      "the same file twice",
      {
        files,
        outputs: [
          { path: "a.txt", tag: "file" },
          { path: "./a.txt", tag: "file" },
        ],
      },
      `Output "a.txt" is given twice.`,
    ],
    [
      "a link to a file outside",
      { files, links: { "l.txt": "/etc/hostname" }, outputs: [{ path: "l.txt", tag: "file" }] },
      `Output "l.txt" is reached through a symbolic link; write the file itself.`,
    ],
    [
      "a file behind a linked folder",
      { files, links: { etc: "/etc" }, outputs: [{ path: "etc/hostname", tag: "file" }] },
      `Output "etc/hostname" is reached through a symbolic link; write the file itself.`,
    ],
    ["no tag", { files, outputs: [{ path: "a.txt" }] }, `Output "a.txt" has no tag; give one such as "file/image".`],
    [
      "no path",
      { files, outputs: [{ tag: "file" }] },
      "An output's path is undefined; it is relative to context.directory.",
    ],
    ["a number as output", { files, outputs: [5] }, "An output is a number; it may be { path, tag } or { pass }."],
  ];
  test.each(cases)("an output that is %s is refused", async (_what, params, message) => {
    expect(await messageOf(space.task("write", params))).toBe(message);
  });

  const answers: readonly [string, unknown, string][] = [
    [
      "an unknown key",
      { output: [] },
      `cook returned "output"; it may return { outputs, attributes, partial, failure }.`,
    ],
    ["outputs that are no list", { outputs: { a: 1 } }, "cook's outputs are an object, not a list."],
    ["attributes that are no object", { attributes: [1] }, "cook's attributes are a list, not an object."],
    ["an attribute that is null", { attributes: { x: null } }, `Attribute "x" is null, which cannot be kept.`],
    ["partial that is a word", { partial: "yes" }, `cook's partial is "yes", not true or false.`],
    ["a failure without a message", { failure: true }, "cook's failure is a boolean, not a message."],
  ];
  test.each(answers)("%s is refused", async (_what, answer, message) => {
    expect(await messageOf(space.task("answer", { answer }))).toBe(message);
  });

  const values: readonly [string, string, string][] = [
    ["a number that is not finite", "nan", `Attribute "x", element 1, is NaN; only finite numbers can be kept.`],
    ["bytes", "bytes", `Attribute "x", member "deep", is a Uint8Array, which cannot be kept.`],
    ["a function", "function", `Attribute "x" is a function, which cannot be kept.`],
    ["undefined", "undefined", `Attribute "x" is undefined, which cannot be kept.`],
  ];
  test.each(values)("an attribute that is %s is refused", async (_what, value, message) => {
    expect(await messageOf(space.task("values", { value }))).toBe(message);
  });
});

describe("worker: logs", () => {
  test("what is printed goes to the item's log in order, and the last twenty lines come with a failure", async () => {
    const task = space.task("misbehave", { how: "print" });
    const { outcome, warnings } = await cook(task);
    const lines = textOf(task.log).split("\n");
    expect(lines.slice(0, 7)).toEqual(["one", "two", "three", "five", "warning: six", "fourline 0", "line 1"]);
    expect(failed(outcome).tail).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 10}`));
    expect(failed(outcome).message).toBe("enough");
    expect(warnings).toEqual(["six"]);
  });

  test("a stack and its causes are in the log and not in the message", async () => {
    const task = space.task("misbehave", { how: "reject" });
    const { outcome } = await cook(task);
    expect(failed(outcome)).toMatchObject({ cause: "error", message: "The moon is full.", tail: [] });
    expect(textOf(task.log)).toMatch(/The moon is full\.\n +at .*misbehave\.js[\s\S]*astronomy/);
  });

  test("what a child process prints goes to the item's log", async () => {
    const task = space.task("misbehave", { how: "native_print" });
    await cook(task);
    const lines = () => textOf(task.log).split("\n").sort();
    while (lines().length < 3) await pause(5); // they come by a pipe of their own, beside the worker's answer
    expect(lines()).toEqual(["", "and its errors", "from a child"]);
  });

  test("a log that cannot be written does not change how the item ends", async () => {
    writeFileSync(space.path("file"), "");
    const { outcome } = await cook(space.task("misbehave", { how: "print" }, { log: space.path("file", "log.txt") }));
    expect(failed(outcome).message).toBe("enough");
  });
});

describe("worker: the node's module", () => {
  test("one that is not there, or exports no node type, fails the item with its name", async () => {
    expect(await messageOf(space.task("absent"))).toMatch(/Cannot find module .*absent\.js/);
    expect(await messageOf(space.task("../../schedule/helpers"))).toMatch(
      /helpers\.js has no node type as its default export\.$/,
    );
    expect(await messageOf(space.task("find"))).toMatch(/find\.js exports a node type without cook\.$/);
  });

  test("variables are set for one item and put back after it", async () => {
    const names = ["DAG_TEST_A", "LANG"];
    const before = (await cook(space.task("environment", { names }))).outcome;
    const env = { DAG_TEST_A: "1", LANG: "xx" };
    const within = (await cook(space.task("environment", { names }, { env }))).outcome;
    const after = (await cook(space.task("environment", { names }))).outcome;
    expect(within).toMatchObject({ attributes: env });
    expect(before).toMatchObject({ attributes: { DAG_TEST_A: "(unset)" } });
    expect(after).toMatchObject({ attributes: (before as { attributes: object }).attributes });
  });

  test("figures that JSON cannot hold arrive as words", async () => {
    const { figures } = await cook(space.task("held"));
    expect(figures).toEqual([{ fraction: 0, loss: "NaN" }]);
  });
});
