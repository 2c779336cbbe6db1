import { describe, expect, test } from "@jest/globals";
import { type NumberedTask, packTasks, unpackTasks } from "../../src/worker/protocol.js";

const params = { size: 3 };

function task(number: number): NumberedTask {
  const item = { name: `item_${number}`, label: "same", attributes: { number }, inputs: {}, files: [] };
  const own = { item, seed: number, directory: `/attempts/${number}`, resume: `/resume/${number}`, log: "/log" };
  return [number, { kind: "cook", module: "file:///node.js", params, threads: 1, device: "cpu", env: {}, ...own }];
}

describe("tasks of one message", () => {
  test("they are the same after the channel, and say once what they have in common", () => {
    const tasks = [task(1), task(2), task(3)];
    const packed = packTasks(tasks);
    expect(unpackTasks(JSON.parse(JSON.stringify(packed)))).toEqual(tasks);
    expect(Object.keys(packed.common)).toEqual(["kind", "module", "params", "threads", "device", "log"]);
  });
  test("a lone task is whole", () => {
    const tasks = [task(7)];
    expect(unpackTasks(JSON.parse(JSON.stringify(packTasks(tasks))))).toEqual(tasks);
  });
});
