import { describe, expect, test } from "@jest/globals";
import type { CookTask } from "../../src/worker/protocol.js";
import { packTasks, unpackTasks } from "../../src/worker/rows.js";

const params = { size: 3 };
const env = {};

function task(number: number): CookTask {
  const item = { name: `item_${number}`, label: "same", attributes: { number }, inputs: {}, files: [] };
  const own = { item, seed: number, directory: `/attempts/${number}`, resume: `/resume/${number}`, log: "/log" };
  return { kind: "cook", module: "file:///node.js", params, threads: 1, device: "cpu", env, ...own };
}

describe("tasks of one message", () => {
  test("they are the same after the channel, and say once what they have in common", () => {
    const tasks = [task(1), task(2), task(3)];
    const packed = packTasks(tasks);
    expect(unpackTasks(JSON.parse(JSON.stringify(packed)))).toEqual(tasks);
    expect(Object.keys(packed.tasks.common)).toEqual(["kind", "module", "params", "threads", "device", "env", "log"]);
    expect(packed.tasks.rows[1]).toEqual([2, "2", "2"]);
    expect(packed.items!.common).toEqual({ label: "same" });
  });
  test("strings that begin alike, or not, or that only some have", () => {
    const logs = ["/logs/a", "/logs/ab", "/logs/", "/logs/b"];
    const codes = ["x1", undefined, "x2", "x1"];
    const tasks = logs.map((log, number): CookTask => {
      const { code: _, ...rest } = task(number);
      const code = codes[number];
      return { ...rest, log, ...(code === undefined ? {} : { code }) };
    });
    const packed = JSON.parse(JSON.stringify(packTasks(tasks)));
    expect(unpackTasks(packed)).toEqual(tasks);
    expect(packed.tasks.rows.map((row: unknown[]) => row.at(packed.tasks.names.indexOf("log")))).toEqual([
      "a",
      "ab",
      "",
      "b",
    ]);
  });
  test("a lone task is whole", () => {
    const tasks = [task(7)];
    expect(unpackTasks(JSON.parse(JSON.stringify(packTasks(tasks))))).toEqual(tasks);
  });
});
