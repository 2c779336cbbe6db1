import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { UserError } from "../../src/base/error.js";
import type { Executor } from "../../src/executor/executor.js";
import { createLocalExecutor } from "../../src/executor/local.js";
import type { DiscoverPort, DiscoverTask, FoundFile, RememberedValue, TaskResult } from "../../src/worker/protocol.js";
import { attemptOf, createSpace, moduleOf, runBatch, type Space } from "../schedule/helpers.js";

let space: Space;
let executor: Executor;

beforeAll(() => {
  space = createSpace();
  executor = createLocalExecutor({ capacity: { cpu: 8, gpu: 8 } });
  mkdirSync(space.path("data"));
  for (const name of ["a", "b", "c"]) writeFileSync(space.path("data", `${name}.txt`), `first of ${name}\nsecond\n`);
  mkdirSync(space.path("more"));
  for (const name of ["d", "e"]) writeFileSync(space.path("more", `${name}.txt`), name);
  writeFileSync(space.path("single.txt"), "alone\n");
});
afterAll(async () => {
  await executor.close();
  space.remove();
});

/** Doors on the space's folder that remember findings and count what is asked of them. */
function createDoors() {
  const remembered = new Map<string, RememberedValue>();
  const asked: string[] = [];
  const found = (path: string, absolute: string, name: string): FoundFile => {
    const bytes = readFileSync(absolute);
    const digest = createHash("sha256").update(bytes).digest("hex");
    return { path, absolute, name, digest, size: bytes.length };
  };
  const deps: DiscoverPort = {
    async list(directory, glob, options) {
      asked.push(`list ${directory} ${glob} ${JSON.stringify(options)}`);
      if (directory !== "data" && directory !== "more") throw new UserError(`There is no folder "${directory}".`);
      return readdirSync(space.path(directory)).map((name) =>
        found(`$HIP/${directory}/${name}`, space.path(directory, name), name),
      );
    },
    async read(path) {
      asked.push(`read ${path}`);
      return found(path, space.path("single.txt"), "single.txt");
    },
    async recall(key, digests) {
      asked.push(`recall ${digests.length}`);
      return digests.flatMap((digest) => remembered.get(`${key} ${digest}`) ?? []);
    },
    remember(key, findings) {
      asked.push(`remember ${findings.length}`);
      for (const finding of findings) remembered.set(`${key} ${finding.digest}`, finding);
    },
  };
  return { deps, asked };
}

async function discover(params: Record<string, unknown>, deps: DiscoverPort, node = "find"): Promise<TaskResult> {
  const log = space.path("logs", "discover.txt");
  const task: DiscoverTask = { kind: "discover", module: moduleOf(node), params, log };
  const attempt = attemptOf(task, { deps });
  await runBatch(executor, [attempt]);
  return attempt.outcome;
}

describe("worker: discover", () => {
  const value = {
    names: ["a.txt", "b.txt", "c.txt"],
    lines: ["first of a", "first of b", "first of c"],
    lengths: [18, 18, 18],
    single: "alone",
    keys: ["path", "name", "digest", "size"],
  };

  test("files come through the engine's doors; a second time no file is looked at, with one question a look", async () => {
    const { deps, asked } = createDoors();
    const first = await discover({ directory: "data", stranger: false }, deps);
    expect(first).toMatchObject({ kind: "discovered", value: { ...value, looks: 4 } });
    const atFirst = [`list data *.txt {"recursive":false}`, "recall 3", "recall 3", "read $HIP/single.txt", "recall 1"];
    expect(asked.splice(0)).toEqual([...atFirst, "remember 4", "remember 3"]);
    const second = await discover({ directory: "data", stranger: false }, deps);
    expect(second).toMatchObject({ kind: "discovered", value: { ...value, looks: 4 } });
    expect(asked).toEqual(atFirst);
  });

  test("a door's refusal reaches the node as an error, and the user as its message", async () => {
    const outcome = await discover({ directory: "date", stranger: false }, createDoors().deps);
    expect(outcome).toMatchObject({ kind: "failed", cause: "error", message: `There is no folder "date".` });
  });

  test("a file that came through no door cannot be probed", async () => {
    const outcome = await discover({ stranger: true }, createDoors().deps);
    const message = `"hostname" came from neither list, read nor upstream: it cannot be probed.`;
    expect(outcome).toMatchObject({ kind: "failed", cause: "error", message });
  });

  const file = (name: string) => ({ path: `$HIP/data/${name}.txt`, name: `${name}.txt`, size: 18 });
  const data = { directory: "data", glob: "*.txt", recursive: false };
  const more = { directory: "more", glob: "*.txt", recursive: true };

  test.each([
    ["all", [{ ...data, from: 0, count: 3 }]],
    ["none", []],
    [
      "parts",
      [
        { ...more, from: 0, count: 1 },
        { ...data, from: 1, count: 2 },
        { ...more, from: 1, count: 1 },
      ],
    ],
  ])(
    "listed files that are passed on without a look at their content are told by their places: %s",
    async (how, passed) => {
      const outcome = await discover({ how }, createDoors().deps, "passing");
      expect(outcome).toEqual({ kind: "discovered", passed, seconds: expect.any(Number) });
    },
  );

  test.each([
    ["copies", [file("a"), file("b"), file("c")]],
    ["inherited", [file("a"), file("b"), file("c")]],
    ["sized", [file("a"), file("b"), file("c")]],
    ["compared", expect.arrayContaining([file("a"), file("b"), file("c")].map((one) => expect.objectContaining(one)))],
    ["marked", [file("a"), file("b"), file("c")].map((one) => ({ ...one, mark: 1 }))],
    ["renamed", [file("a"), file("b"), file("c")].map((one) => ({ ...one, name: "other" }))],
    ["mixed", [file("a"), file("b"), file("c"), "and more"]],
    ["cloned", [file("a"), file("b"), file("c")]],
  ])("an answer that had to do with their content, or changed them, is a value: %s", async (how, value) => {
    const outcome = await discover({ how }, createDoors().deps, "passing");
    expect(outcome).toMatchObject({ kind: "discovered", value });
  });
});
