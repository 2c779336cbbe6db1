import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program } from "../../../src/ml/program/program.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { createReference } from "../../../src/ml/runtime/reference.js";

/** A counter: the answer is the state before the step plus x, and the state becomes it. */
function counter(): Program {
  const b = new ProgramBuilder();
  const next = b.add(b.state("total", [2]), b.feed("x", [2]));
  return b.program(new Map([["next", next]]), new Map([["total", next]]));
}

describe("evaluate", () => {
  test("referee: what is missing or of another length is named", () => {
    const state = new Map([["total", new Float64Array(2)]]);
    expect(() => evaluateReference(counter(), { feeds: new Map(), state })).toThrow(
      'feed "x" of shape [2] has no value',
    );
    const feeds = new Map([["x", new Float64Array(3)]]);
    expect(() => evaluateReference(counter(), { feeds, state })).toThrow('feed "x" of shape [2] was given 3 values');
    expect(() => evaluateReference(counter(), { feeds, state: new Map() })).toThrow(
      'state "total" of shape [2] has no value',
    );
  });

  test("referee: functions stay finite and precise far from zero", () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [4]);
    const program = b.program(
      new Map([
        ["softplus", b.softplus(x)],
        ["sigmoid", b.sigmoid(x)],
        ["elu", b.elu(x)],
      ]),
    );
    const feeds = new Map([["x", Float64Array.of(-1000, -1e-10, 40, 1000)]]);
    const { outputs } = evaluateReference(program, { feeds, state: new Map() });
    expect([...outputs.get("softplus")!]).toEqual([0, Math.LN2 - 5e-11, 40, 1000]);
    expect([...outputs.get("sigmoid")!]).toEqual([0, 0.5 - 2.5e-11, 1, 1]);
    expect(outputs.get("elu")![0]).toBe(-1);
    expect(outputs.get("elu")![1]).toBeCloseTo(-1e-10, 18);
  });

  test("referee: normalizing a constant image answers zeros", () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [1, 1, 2, 2]);
    const program = b.program(
      new Map([
        ["y", b.normalize(x, 2, 1e-5)],
        ["r", b.inverseDeviation(x, 2, 1e-5)],
      ]),
    );
    const { outputs } = evaluateReference(program, {
      feeds: new Map([["x", new Float64Array(4).fill(3)]]),
      state: new Map(),
    });
    expect([...outputs.get("y")!]).toEqual([0, 0, 0, 0]);
    expect(outputs.get("r")![0]).toBeCloseTo(1 / Math.sqrt(1e-5), 9);
  });
});

describe("createReferee", () => {
  test("referee: state starts at zero, is replaced by every step, and can be read and written", async () => {
    const runtime = createReference();
    const state = runtime.createState(new Map([["total", [2]]]));
    const program = await runtime.compile(counter(), state);
    const feeds = new Map([["x", Float32Array.of(1, 2)]]);
    expect([...(await program.step(feeds)).get("next")!]).toEqual([1, 2]);
    state.write("total", Float32Array.of(10, 20));
    expect([...(await program.step(feeds)).get("next")!]).toEqual([11, 22]);
    expect([...(await state.read("total"))]).toEqual([11, 22]);
  });

  test("referee: programs over one state see each other's updates", async () => {
    const runtime = createReference();
    const state = runtime.createState(new Map([["total", [2]]]));
    const [first, second] = [await runtime.compile(counter(), state), await runtime.compile(counter(), state)];
    const feeds = new Map([["x", Float32Array.of(1, 2)]]);
    await first.step(feeds);
    expect([...(await second.step(feeds)).get("next")!]).toEqual([2, 4]);
  });

  test("referee: state keeps float64 between steps", async () => {
    const runtime = createReference();
    const state = runtime.createState(new Map([["total", [2]]]));
    const program = await runtime.compile(counter(), state);
    await program.step(new Map([["x", Float32Array.of(1, 1)]]));
    for (let i = 0; i < 1000; i++) await program.step(new Map([["x", Float32Array.of(2 ** -30, 0)]]));
    // In float32, 1 + 2⁻³⁰ is 1.
    expect((await state.read("total"))[0]).toBeCloseTo(1 + 1000 * 2 ** -30, 7);
    expect((await state.read("total"))[0]).toBeGreaterThan(1);
  });

  test("referee: wrong names and lengths of state are refused", async () => {
    const runtime = createReference();
    const state = runtime.createState(new Map([["total", [2]]]));
    expect(() => state.write("total", new Float32Array(3))).toThrow('state "total" holds 2 values, not 3');
    expect(() => state.write("other", new Float32Array(2))).toThrow('no state is named "other"');
    const foreign = { ...state, shapes: state.shapes, read: state.read, write: state.write, dispose: state.dispose };
    await expect(runtime.compile(counter(), foreign)).rejects.toThrow("another runtime's state");
  });
});
