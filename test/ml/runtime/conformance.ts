/**
 * The one suite that every runtime passes: operations, what goes in and out, and PyTorch's numbers (`conformance-training`).
 * A runtime's own test file opens it and registers these.
 */
import { expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { createReference } from "../../../src/ml/runtime/reference.js";
import type { Runtime } from "../../../src/ml/runtime/runtime.js";
import { largestError, narrow, relativeError } from "../../../src/ml/runtime/trial/compare.js";
import { OPERATIONS, outputProgram } from "../../../src/ml/runtime/trial/operations.js";
import { TORCH_CASES } from "../program/torch-cases.js";
import { registerTraining } from "./conformance-training.js";

/** Largest relative errors, max|Δ| / max|reference|. */
const LIMIT = { operations: 1e-5, extremes: 1e-6, deviation: 1e-3 };

export interface Conforming {
  /** How the tests call it. */
  readonly name: string;
  readonly runtime: Runtime;
  /** How many values its backend holds, where it can tell: no test may leave some there. */
  readonly held?: () => number;
  /** Its own limit for the deviation of a nearly constant channel, where its sums are rounded more. */
  readonly deviation?: number;
}

/** Registers the suite for a runtime. */
export function registerConformance(conforming: Conforming): void {
  const keep = keeper(conforming);
  registerOperations(conforming, keep);
  registerTorchCases(conforming, keep);
  registerValues(conforming, keep);
  registerState(conforming, keep);
  registerMistakes(conforming, keep);
  registerTraining(conforming, keep);
}

/** Registers a test that leaves nothing in the backend. */
export type Keep = (title: string, run: () => Promise<void>) => void;

function keeper({ name, held }: Conforming): Keep {
  return (title, run) =>
    test(`${name}: ${title}`, async () => {
      const before = held?.();
      await run();
      expect(held?.()).toBe(before);
    });
}

function registerOperations({ runtime, deviation = LIMIT.deviation }: Conforming, keep: Keep): void {
  for (const [name, program] of OPERATIONS) {
    keep(name, async () => {
      expect(await largestError(runtime, program)).toBeLessThan(LIMIT.operations);
    });
  }
  keep("softplus and sigmoid of large inputs neither overflow nor vanish", async () => {
    const program = outputProgram((b) => b.add(b.softplus(b.feed("x", [4])), b.sigmoid(b.feed("x", [4]))));
    const x = new Map([["x", Float64Array.of(-80, -20, 20, 80)]]);
    expect(await largestError(runtime, program, x)).toBeLessThan(LIMIT.extremes);
  });
  keep("the normalization of a nearly constant channel with a large mean keeps its deviation", async () => {
    const program = outputProgram((b) => b.inverseDeviation(b.feed("x", [1, 1, 16, 16]), 2, 1e-5));
    const x = Float64Array.from({ length: 256 }, (_, i) => Math.fround(1 + 1e-3 * Math.sin(i)));
    expect(await largestError(runtime, program, new Map([["x", x]]))).toBeLessThan(deviation);
  });
}

function registerTorchCases({ runtime }: Conforming, keep: Keep): void {
  for (const { name, program, feeds, expected } of TORCH_CASES) {
    keep(`PyTorch's ${name}, its value and the gradient of every input`, async () => {
      const state = runtime.createState(new Map());
      const compiled = await runtime.compile(program, state);
      const outputs = await compiled.step(narrow(feeds));
      for (const [key, { data }] of Object.entries(expected)) {
        expect(relativeError(outputs.get(key)!, data)).toBeLessThan(2 * LIMIT.operations);
      }
      compiled.dispose();
      state.dispose();
    });
  }
}

const SHAPES = new Map([["s", [2]]]);

/** s ← s + x, with both of its values, and the feed, as outputs. */
function counter() {
  const b = new ProgramBuilder();
  const [s, x] = [b.state("s", [2]), b.feed("x", [2])];
  const next = b.add(s, x);
  const outputs = { before: s, after: next, again: next, x };
  return b.program(new Map(Object.entries(outputs)), new Map([["s", next]]));
}

function registerValues({ runtime }: Conforming, keep: Keep): void {
  keep("a leaf, an update and one value twice are outputs", async () => {
    const state = runtime.createState(SHAPES);
    const compiled = await runtime.compile(counter(), state);
    const feeds = new Map([["x", Float32Array.of(1, -2)]]);
    await compiled.step(feeds);
    const outputs = await compiled.step(feeds);
    expect(Object.fromEntries([...outputs].map(([name, values]) => [name, [...values]]))).toEqual({
      ...{ before: [1, -2], after: [2, -4], again: [2, -4], x: [1, -2] },
    });
    expect([...(await state.read("s"))]).toEqual([2, -4]);
    compiled.dispose();
    state.dispose();
  });

  keep("two states may exchange their values", async () => {
    const b = new ProgramBuilder();
    const [s, t] = [b.state("s", [2]), b.state("t", [2])];
    const exchanged = { s: t, t: s };
    const program = b.program(new Map(), new Map(Object.entries(exchanged)));
    const state = runtime.createState(new Map([...SHAPES, ["t", [2]]]));
    state.write("s", Float32Array.of(1, 2));
    const compiled = await runtime.compile(program, state);
    await compiled.step(new Map());
    expect([[...(await state.read("s"))], [...(await state.read("t"))]]).toEqual([
      [0, 0],
      [1, 2],
    ]);
    compiled.dispose();
    state.dispose();
  });
}

function registerState({ runtime }: Conforming, keep: Keep): void {
  keep("state of every number of axes is read as it was written, and is zero at first", async () => {
    const kept = new Map(
      [[], [5], [3, 4], [2, 3, 4], [5, 4, 3, 2], [2, 1, 2, 3, 2]].map((shape) => [`${shape}`, shape]),
    );
    const state = runtime.createState(kept);
    for (const [name, shape] of kept) {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
      expect(await state.read(name)).toEqual(new Float32Array(values.length));
      const written = values.slice();
      state.write(name, written);
      written.fill(-1);
      expect(await state.read(name)).toEqual(values);
    }
    state.dispose();
  });

  keep("two programs share one state, and what is read is a copy", async () => {
    const state = runtime.createState(SHAPES);
    const b = new ProgramBuilder();
    const doubling = b.program(new Map(), new Map([["s", b.mul(b.state("s", [2]), 2)]]));
    const [first, second] = [await runtime.compile(counter(), state), await runtime.compile(doubling, state)];
    await first.step(new Map([["x", Float32Array.of(3, 4)]]));
    await second.step(new Map());
    (await state.read("s"))[0] = 7;
    expect([...(await state.read("s"))]).toEqual([6, 8]);
    state.write("s", Float32Array.of(1, 1));
    await second.step(new Map());
    expect([...(await state.read("s"))]).toEqual([2, 2]);
    for (const compiled of [first, second]) compiled.dispose();
    state.dispose();
  });
}

function registerMistakes({ name, runtime }: Conforming, keep: Keep): void {
  keep("missing feeds, values of another size, and unknown state are named, and change nothing", async () => {
    const state = runtime.createState(SHAPES);
    const compiled = await runtime.compile(counter(), state);
    await expect(compiled.step(new Map())).rejects.toThrow('the step was given no feed "x"');
    const long = new Map([["x", new Float32Array(3)]]);
    await expect(compiled.step(long)).rejects.toThrow('feed "x" has 3 values, not those of shape [2]');
    expect(() => state.write("s", new Float32Array(1))).toThrow('state "s" holds 2 values, not 1');
    await expect(Promise.resolve().then(() => state.read("t"))).rejects.toThrow('no state is named "t"');
    expect([...(await state.read("s"))]).toEqual([0, 0]);
    compiled.dispose();
    state.dispose();
  });

  keep("a program over state that does not fit, or is another runtime's, is refused", async () => {
    const other = runtime.createState(new Map([["s", [1, 2]]]));
    await expect(runtime.compile(counter(), other)).rejects.toThrow(
      'the state "s" has shape [1,2], the program\'s has [2]',
    );
    const none = runtime.createState(new Map());
    await expect(runtime.compile(counter(), none)).rejects.toThrow(
      'the program uses the state "s", which was not made',
    );
    const foreign = { ...createReference().createState(SHAPES) };
    await expect(runtime.compile(counter(), foreign)).rejects.toThrow(`${name.split(" ")[0]} was given another`);
    for (const state of [other, none]) state.dispose();
  });
}
