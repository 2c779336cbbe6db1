import { availableParallelism } from "node:os";
import { describe, expect, test } from "@jest/globals";
import { detectMachine, visibleGpus } from "../../src/executor/machine.js";
import { createReady, type Waiting } from "../../src/schedule/ready.js";
import { createSlots, requestOf } from "../../src/schedule/slots.js";

describe("slots: what an item asks for", () => {
  const machine = { cpu: 8, gpu: 2 };
  test.each([
    [{}, machine, { cpu: 1, gpu: 0 }],
    [{ cpu: 3 }, machine, { cpu: 3, gpu: 0 }],
    [{ cpu: 0 }, machine, { cpu: 1, gpu: 0 }],
    [{ cpu: "all" }, machine, { cpu: 8, gpu: 0 }],
    [{ cpu: 99 }, machine, { cpu: 8, gpu: 0 }],
    [{ gpu: 1 }, machine, { cpu: 1, gpu: 1 }],
    [{ cpu: 0, gpu: 1 }, machine, { cpu: 0, gpu: 1 }],
    [{ gpu: 5 }, machine, { cpu: 1, gpu: 2 }],
    [{ gpu: 1 }, { cpu: 8, gpu: 0 }, { cpu: 8, gpu: 0 }],
    [
      { gpu: 1, cpu: 2 },
      { cpu: 8, gpu: 0 },
      { cpu: 2, gpu: 0 },
    ],
  ] as const)("%j on %j comes to %j", (slots, on, request) => {
    expect(requestOf(slots, on)).toEqual(request);
  });

  test("the driver's list of visible GPUs ends at the first that is none", () => {
    expect(visibleGpus("0,2, 5")).toEqual(["0", "2", "5"]);
    expect(visibleGpus("1,-1,2")).toEqual(["1"]);
    expect(visibleGpus("")).toEqual([]);
  });
});

describe("slots: the machine", () => {
  test("GPUs that the environment hides are not counted; there is a CPU slot at least", () => {
    const before = process.env.CUDA_VISIBLE_DEVICES;
    process.env.CUDA_VISIBLE_DEVICES = "-1";
    try {
      expect(detectMachine()).toEqual({ cpu: availableParallelism(), gpu: 0 });
    } finally {
      if (before === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
      else process.env.CUDA_VISIBLE_DEVICES = before;
    }
  });
});

describe("slots: who holds what", () => {
  test("an item takes all its slots at once or none, and each GPU has one holder", () => {
    const slots = createSlots({ cpu: 2, gpu: 2 });
    const first = slots.take({ cpu: 1, gpu: 1 });
    expect(first).toEqual({ cpu: 1, gpus: [0] });
    expect(slots.blocked({ cpu: 1, gpu: 2 })).toBe("gpu");
    expect(slots.blocked({ cpu: 2, gpu: 1 })).toBe("cpu");
    expect(slots.take({ cpu: 0, gpu: 1 })).toEqual({ cpu: 0, gpus: [1] });
    slots.give(first);
    expect(slots.take({ cpu: 2, gpu: 1 })).toEqual({ cpu: 2, gpus: [0] });
    expect(() => slots.take({ cpu: 1, gpu: 0 })).toThrow("slots were taken that are not free");
  });
});

describe("ready: what may start", () => {
  const one = () => 1;
  const waiting = (
    name: string,
    order: number,
    priority = 0,
    cpu = 1,
    gpu = 0,
  ): Waiting & { name: string; gone: boolean } => ({
    name,
    order,
    priority,
    request: { cpu, gpu },
    module: "m",
    timeout: null,
    gone: false,
  });
  const names = (taken: readonly { name: string }[]) => taken.map(({ name }) => name).join(" ");

  test("highest priority first, then order of generation; the cancelled are passed over", () => {
    const slots = createSlots({ cpu: 1, gpu: 0 });
    const ready = createReady<ReturnType<typeof waiting>>();
    const all = [waiting("c", 3), waiting("low", 0, -1), waiting("b", 2), waiting("a", 1), waiting("high", 9, 5)];
    for (const each of all) ready.push(each);
    all[2]!.gone = true;
    expect([1, 2, 3, 4, 5].map(() => names(ready.take(slots, one)))).toEqual(["high", "a", "c", "low", ""]);
  });

  test("an item that wants many slots is not passed by lower ones, though they would fit", () => {
    const slots = createSlots({ cpu: 4, gpu: 1 });
    const ready = createReady<ReturnType<typeof waiting>>();
    const held = slots.take({ cpu: 1, gpu: 0 });
    for (const each of [waiting("big", 1, 0, 4), waiting("small", 2), waiting("gpu", 3, 0, 1, 1)]) ready.push(each);
    expect(names(ready.take(slots, one))).toBe("");
    slots.give(held);
    expect(names(ready.take(slots, one))).toBe("big");
  });

  test("an item that waits for a GPU lets others have the CPU, and claims its CPU slot once the GPU is free", () => {
    const slots = createSlots({ cpu: 2, gpu: 1 });
    const ready = createReady<ReturnType<typeof waiting>>();
    const gpu = slots.take({ cpu: 1, gpu: 1 });
    for (const each of [waiting("gpu", 1, 9, 1, 1), waiting("a", 2), waiting("b", 3)]) ready.push(each);
    expect(names(ready.take(slots, one))).toBe("a");
    const other = slots.take({ cpu: 1, gpu: 0 });
    slots.give({ cpu: 0, gpus: gpu.gpus });
    expect(names(ready.take(slots, one))).toBe("");
    slots.give(other);
    expect(names(ready.take(slots, one))).toBe("gpu");
  });

  test("several of a kind come together, as far as they follow each other", () => {
    const slots = createSlots({ cpu: 1, gpu: 0 });
    const ready = createReady<ReturnType<typeof waiting>>();
    const other = { ...waiting("other", 4), module: "n" };
    for (const each of [1, 2, 3].map((order) => waiting(`m${order}`, order))) ready.push(each);
    for (const each of [other, waiting("m5", 5), waiting("m6", 6, 0, 2)]) ready.push(each);
    ready.push({ ...waiting("hasty", 7, 0, 2), timeout: 9 });
    const most = (first: { name: string }) => (first.name === "m1" ? 2 : 9);
    expect(names(ready.take(slots, most))).toBe("m1 m2");
    expect(names(ready.take(slots, most))).toBe("m3");
    expect(names(ready.take(slots, most))).toBe("other");
    expect(names(ready.take(slots, most))).toBe("m5");
    expect(names(ready.take(createSlots({ cpu: 2, gpu: 0 }), most))).toBe("m6");
    expect(names(ready.take(slots, most))).toBe("");
  });
});
