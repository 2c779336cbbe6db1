/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { lowerProgram } from "../../../src/ml/onnx/lower.js";
import { orderOverwrites } from "../../../src/ml/onnx/order.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program } from "../../../src/ml/program/program.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";

const runtime = await createOnnxruntime({ threads: 1 });

/** The states, of the program's updates, that are written over the old ones. */
function overwritten(program: Program): readonly string[] {
  const { graph, outputs } = lowerProgram(program);
  const updates = outputs.filter(({ kind }) => kind === "update");
  const { inPlace } = orderOverwrites(
    graph,
    updates.map(({ name, value }) => ({ input: `state ${name}`, output: value })),
  );
  return updates.filter(({ value }) => inPlace.has(value)).map(({ name }) => name);
}

/** Outputs and state after one step from these values, all of the shapes of the state. */
async function stepped(program: Program, start: Readonly<Record<string, readonly number[]>>, shape = [2]) {
  const state = runtime.createState(new Map(Object.keys(start).map((name) => [name, shape])));
  for (const [name, values] of Object.entries(start)) state.write(name, Float32Array.from(values));
  const compiled = await runtime.compile(program, state);
  const outputs = await compiled.step(new Map());
  const after = await Promise.all(
    Object.keys(start).map(async (name) => [name, [...(await state.read(name))]] as const),
  );
  return {
    ...Object.fromEntries(after),
    ...Object.fromEntries([...outputs].map(([name, values]) => [name, [...values]])),
  };
}

describe("new state written over the old", () => {
  test("overwrite: what reads the old value through a reshape sees it, however late it would run", async () => {
    const b = new ProgramBuilder();
    const w = b.state("w", [2]);
    const next = b.mul(w, 3);
    // The reader is made after the update, and needs nothing of it.
    const read = b.exp(b.reshape(w, [1, 2]));
    const program = b.program(new Map([["read", read]]), new Map([["w", next]]));
    expect(overwritten(program)).toEqual(["w"]);
    expect(await stepped(program, { w: [0, 0] })).toEqual({ w: [0, 0], read: [1, 1] });
    expect((await stepped(program, { w: [0, 1] })).read![1]).toBeCloseTo(Math.E, 6);
  });

  test("overwrite: readers whose results are infinite or no number leave the update as it is", async () => {
    const b = new ProgramBuilder();
    const w = b.state("w", [2]);
    const outputs = new Map([
      ["infinite", b.reciprocal(b.reshape(w, [1, 2]))],
      ["none", b.log(w)],
    ]);
    const program = b.program(outputs, new Map([["w", b.add(w, 1)]]));
    expect(overwritten(program)).toEqual(["w"]);
    const after = await stepped(program, { w: [0, -1] });
    expect(after.w).toEqual([1, 0]);
    expect(after.infinite![0]).toBe(Number.POSITIVE_INFINITY);
    expect(after.none![1]).toBeNaN();
  });

  test("overwrite: states made from each other never both overwrite", async () => {
    const b = new ProgramBuilder();
    const [x, y] = [b.state("x", [2]), b.state("y", [2])];
    const program = b.program(
      new Map(),
      new Map([
        ["x", b.mul(y, 2)],
        ["y", b.mul(x, 3)],
      ]),
    );
    expect(overwritten(program).length).toBe(1);
    expect(await stepped(program, { x: [1, 2], y: [10, 20] })).toEqual({ x: [20, 40], y: [3, 6] });
  });

  test("overwrite: parts of what was made of states together overwrite them, but not where another reader may come later", async () => {
    const joined = (isRead: boolean) => {
      const b = new ProgramBuilder();
      const [x, y] = [b.state("x", [2]), b.state("y", [2])];
      const whole = b.mul(b.concat([x, y], 0), 2);
      const updates = new Map([
        ["x", b.slice(whole, [2], [4])],
        ["y", b.slice(whole, [0], [2])],
      ]);
      return b.program(isRead ? new Map([["read", b.exp(b.reshape(x, [1, 2]))]]) : new Map(), updates);
    };
    expect(overwritten(joined(false))).toEqual(["x", "y"]);
    expect(overwritten(joined(true))).toEqual(["y"]);
    const start = { x: [0, 0], y: [10, 20] };
    expect(await stepped(joined(false), start)).toEqual({ x: [20, 40], y: [0, 0] });
    expect(await stepped(joined(true), start)).toEqual({ x: [20, 40], y: [0, 0], read: [1, 1] });
  });

  test("overwrite: states that swap are copied", async () => {
    const b = new ProgramBuilder();
    const program = b.program(
      new Map(),
      new Map([
        ["x", b.state("y", [2])],
        ["y", b.state("x", [2])],
      ]),
    );
    expect(overwritten(program)).toEqual([]);
    expect(await stepped(program, { x: [1, 2], y: [10, 20] })).toEqual({ x: [10, 20], y: [1, 2] });
  });

  test("overwrite: an update that moves elements does not overwrite what it reads", async () => {
    const b = new ProgramBuilder();
    const w = b.state("w", [2, 2]);
    const program = b.program(new Map(), new Map([["w", b.transpose(w, [1, 0])]]));
    expect(overwritten(program)).toEqual([]);
    expect(await stepped(program, { w: [1, 2, 3, 4] }, [2, 2])).toEqual({ w: [1, 3, 2, 4] });
  });

  test("overwrite: a comparison of the old value, and an update without any scalar, are put in order", async () => {
    const b = new ProgramBuilder();
    const [w, v] = [b.state("w", [2]), b.state("v", [2])];
    const program = b.program(
      new Map([["positive", b.where(b.greater(w, 0), v, b.neg(v))]]),
      new Map([
        ["w", b.mul(w, w)],
        ["v", b.sub(v, w)],
      ]),
    );
    expect(overwritten(program)).toEqual(["w", "v"]);
    expect(await stepped(program, { w: [-2, 3], v: [5, 7] })).toEqual({ w: [4, 9], v: [7, 4], positive: [-5, 7] });
  });
});
