/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program, Tensor } from "../../../src/ml/program/program.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime.js";
import { largestError } from "./compare.js";

const runtime = await createOnnxruntime({ threads: 1 });
const LIMIT = 1e-5;

/** Programs of one operation, by name: what they answer from feeds made on the way. */
const OPERATIONS: Readonly<Record<string, (b: ProgramBuilder) => Tensor>> = {
  ...Object.fromEntries(
    (["neg", "abs", "exp", "tanh", "sigmoid", "softplus", "relu", "reciprocal", "elu", "selu"] as const).map((kind) => [
      kind,
      (b: ProgramBuilder) => b[kind](b.feed("x", [2, 3, 4])),
    ]),
  ),
  log: (b) => b.log(b.abs(b.feed("x", [7]))),
  sqrt: (b) => b.sqrt(b.abs(b.feed("x", [7]))),
  leaky_relu: (b) => b.leakyRelu(b.feed("x", [2, 5]), 0.2),
  "elu 0.5": (b) => b.elu(b.feed("x", [2, 5]), 0.5),
  ...Object.fromEntries(
    (["add", "sub", "mul", "div", "max", "min", "greater"] as const).map((kind) => [
      kind,
      (b: ProgramBuilder) => b[kind](b.feed("x", [3, 5]), b.feed("y", [3, 5])),
    ]),
  ),
  "scalar constant": (b) => b.add(b.mul(b.feed("x", [2, 3, 4, 5]), 0.25), -1),
  "scalar without axes": (b) => b.mul(b.feed("x", []), b.feed("y", [])),
  constant: (b) => b.mul(b.feed("x", [2, 2]), b.constant([2, 2], Float64Array.of(1, -2, 3, 0.5))),
  "expand of a channel": (b) => b.mul(b.feed("x", [2, 3, 4, 5]), b.expand(b.feed("c", [1, 3, 1, 1]), [2, 3, 4, 5])),
  "expand of both operands": (b) => b.add(b.expand(b.feed("x", [1, 3]), [2, 3]), b.expand(b.feed("y", [2, 1]), [2, 3])),
  "expand as an output": (b) => b.expand(b.feed("x", [1, 3, 1]), [2, 3, 4]),
  "sum of an expansion": (b) => b.sum(b.expand(b.feed("x", [1, 3]), [4, 3]), [0, 1]),
  "reshape of an expansion": (b) => b.reshape(b.expand(b.feed("x", [1, 3]), [4, 3]), [2, 6]),
  "reshape of one element": (b) => b.mul(b.expand(b.reshape(b.feed("x", []), [1, 1]), [2, 3]), b.feed("y", [2, 3])),
  "where of a comparison": (b) => b.where(b.greater(b.feed("x", [3, 5]), 0), b.feed("y", [3, 5]), -1),
  "where of a fed mask": (b) =>
    b.where(b.greater(b.feed("m", [6]), b.feed("n", [6])), b.feed("x", [6]), b.feed("y", [6])),
  "a comparison as numbers and as a mask": (b) => {
    const mask = b.greater(b.feed("x", [9]), 0);
    return b.add(mask, b.where(mask, 3, b.feed("y", [9])));
  },
  "where of a sum of masks": (b) => {
    const [x, y] = [b.feed("x", [9]), b.feed("y", [9])];
    return b.where(b.mul(b.greater(x, 0), b.greater(y, 0)), x, y);
  },
  "sum of some axes": (b) => b.sum(b.feed("x", [2, 3, 4, 5]), [0, 2]),
  "sum of all": (b) => b.sum(b.feed("x", [3, 4, 5])),
  transpose: (b) => b.transpose(b.feed("x", [2, 3, 4, 5]), [2, 0, 3, 1]),
  concat: (b) => b.concat([b.feed("x", [2, 1, 3]), b.feed("y", [2, 4, 3])], 1),
  slice: (b) => b.slice(b.feed("x", [3, 4, 5]), [1, 0, 2], [2, 4, 5]),
  "pad with zeros": (b) => b.pad(b.feed("x", [2, 3]), [0, 2], [1, 3]),
  "pad by reflection": (b) => b.pad(b.feed("x", [1, 2, 4, 5]), [0, 0, 3, 1], [0, 0, 2, 4], "reflect"),
  matmul: (b) => b.matmul(b.feed("x", [3, 4]), b.feed("y", [4, 5])),
  "matmul, both transposed": (b) => b.matmul(b.feed("x", [4, 3]), b.feed("y", [5, 4]), { a: true, b: true }),
  conv: (b) => b.conv(b.feed("x", [2, 3, 7, 8]), b.feed("w", [4, 3, 4, 4]), { stride: 2, pad: 1 }),
  conv_transpose: (b) =>
    b.convTranspose(b.feed("x", [2, 3, 4, 5]), b.feed("w", [3, 2, 3, 3]), { stride: 2, pad: 1, outputPadding: [1, 0] }),
  "weight gradient": (b) =>
    b.convWeightGradient(b.feed("x", [1, 3, 8, 6]), b.feed("dy", [1, 5, 4, 3]), [5, 3, 4, 4], { stride: 2, pad: 1 }),
  "weight gradient of a batch": (b) =>
    b.convWeightGradient(b.feed("x", [3, 2, 9, 7]), b.feed("dy", [3, 4, 4, 3]), [4, 2, 4, 4], { stride: 2, pad: 1 }),
  "weight gradient of one pixel": (b) =>
    b.convWeightGradient(b.feed("x", [2, 3, 2, 2]), b.feed("dy", [2, 4, 1, 1]), [4, 3, 4, 4], { stride: 2, pad: 1 }),
  normalize: (b) => b.normalize(b.feed("x", [2, 3, 5, 7]), 2, 1e-5),
  "normalize 3 axes": (b) => b.normalize(b.feed("x", [3, 2, 5, 4]), 3, 1e-5),
  inverse_deviation: (b) => b.inverseDeviation(b.feed("x", [2, 3, 5, 7]), 2, 1e-5),
  "the pair of a normalization": (b) => {
    const x = b.feed("x", [2, 3, 5, 7]);
    return b.mul(b.normalize(x, 2, 1e-5), b.expand(b.inverseDeviation(x, 2, 1e-5), x.shape));
  },
  upsample2: (b) => b.upsample2(b.feed("x", [2, 3, 2, 5])),
};

function programOf(build: (b: ProgramBuilder) => Tensor): Program {
  const b = new ProgramBuilder();
  return b.program(new Map([["y", build(b)]]));
}

describe("operations in onnxruntime against the referee", () => {
  for (const [name, build] of Object.entries(OPERATIONS)) {
    test(`onnxruntime: ${name}`, async () => {
      expect(await largestError(runtime, programOf(build))).toBeLessThan(LIMIT);
    });
  }

  test("onnxruntime: softplus and sigmoid of large inputs neither overflow nor vanish", async () => {
    const program = programOf((b) => b.add(b.softplus(b.feed("x", [4])), b.sigmoid(b.feed("x", [4]))));
    expect(await largestError(runtime, program, new Map([["x", Float64Array.of(-80, -20, 20, 80)]]))).toBeLessThan(
      1e-6,
    );
  });

  test("onnxruntime: the normalization of a nearly constant channel with a large mean keeps its deviation", async () => {
    const program = programOf((b) => b.inverseDeviation(b.feed("x", [1, 1, 16, 16]), 2, 1e-5));
    const x = Float64Array.from({ length: 256 }, (_, i) => Math.fround(1 + 1e-3 * Math.sin(i)));
    expect(await largestError(runtime, program, new Map([["x", x]]))).toBeLessThan(1e-3);
  });
});

describe("what goes in and out of onnxruntime", () => {
  const counter = () => {
    const b = new ProgramBuilder();
    const [s, x] = [b.state("s", [2]), b.feed("x", [2])];
    const next = b.add(s, x);
    return b.program(
      new Map([
        ["before", s],
        ["after", next],
        ["again", next],
        ["x", x],
      ]),
      new Map([["s", next]]),
    );
  };
  const shapes = new Map([["s", [2]]]);

  for (const inPlace of [true, false]) {
    test(`onnxruntime: a leaf, an update and one value twice are outputs (in place: ${inPlace})`, async () => {
      const runtime = await createOnnxruntime({ threads: 1, inPlace });
      const state = runtime.createState(shapes);
      const compiled = await runtime.compile(counter(), state);
      const feeds = new Map([["x", Float32Array.of(1, -2)]]);
      await compiled.step(feeds);
      const outputs = await compiled.step(feeds);
      expect(Object.fromEntries([...outputs].map(([name, values]) => [name, [...values]]))).toEqual({
        ...{ before: [1, -2], after: [2, -4], again: [2, -4], x: [1, -2] },
      });
      expect([...(await state.read("s"))]).toEqual([2, -4]);
      compiled.dispose();
    });
  }

  test("onnxruntime: two programs share one state", async () => {
    const state = runtime.createState(shapes);
    const b = new ProgramBuilder();
    const doubling = b.program(new Map(), new Map([["s", b.mul(b.state("s", [2]), 2)]]));
    const [first, second] = [await runtime.compile(counter(), state), await runtime.compile(doubling, state)];
    await first.step(new Map([["x", Float32Array.of(3, 4)]]));
    await second.step(new Map());
    expect([...(await state.read("s"))]).toEqual([6, 8]);
  });

  test("onnxruntime: what is read is a copy", async () => {
    const state = runtime.createState(shapes);
    (await state.read("s"))[0] = 7;
    expect([...(await state.read("s"))]).toEqual([0, 0]);
  });

  test("onnxruntime: a missing feed, a feed or state of another size, and unknown state are named", async () => {
    const state = runtime.createState(shapes);
    const compiled = await runtime.compile(counter(), state);
    await expect(compiled.step(new Map())).rejects.toThrow('the step was given no feed "x"');
    const long = new Map([["x", new Float32Array(3)]]);
    await expect(compiled.step(long)).rejects.toThrow('feed "x" has 3 values, not those of shape [2]');
    expect(() => state.write("s", new Float32Array(1))).toThrow('state "s" holds 2 values, not 1');
    await expect(Promise.resolve().then(() => state.read("t"))).rejects.toThrow('no state is named "t"');
    const other = runtime.createState(new Map([["s", [1, 2]]]));
    await expect(runtime.compile(counter(), other)).rejects.toThrow(
      'the state "s" has shape [1,2], the program\'s has [2]',
    );
    const none = runtime.createState(new Map());
    await expect(runtime.compile(counter(), none)).rejects.toThrow(
      'the program uses the state "s", which was not made',
    );
  });
});
