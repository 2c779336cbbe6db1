/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Program, Tensor } from "../../../src/ml/program/program.js";
import { createReferee } from "../../../src/ml/program/referee.js";
import { createTensorflow } from "../../../src/ml/runtime/tensorflow.js";
import { loadTensorflow } from "../../../src/ml/runtime/tensorflow-load.js";
import { largestError } from "./compare.js";

const runtime = await createTensorflow({ threads: 2 });
const { tf } = await loadTensorflow({ threads: 2 });
const LIMIT = 1e-5;

type Build = (b: ProgramBuilder) => Tensor;

const UNARY = ["neg", "abs", "exp", "tanh", "sigmoid", "softplus", "relu", "reciprocal", "elu", "selu"] as const;
const BINARY = ["add", "sub", "mul", "div", "max", "min", "greater"] as const;

const ELEMENTWISE: Readonly<Record<string, Build>> = {
  ...Object.fromEntries(UNARY.map((kind) => [kind, (b: ProgramBuilder) => b[kind](b.feed("x", [2, 3, 4]))])),
  log: (b) => b.log(b.abs(b.feed("x", [7]))),
  sqrt: (b) => b.sqrt(b.abs(b.feed("x", [7]))),
  leaky_relu: (b) => b.leakyRelu(b.feed("x", [2, 5]), 0.2),
  "elu 0.5": (b) => b.elu(b.feed("x", [2, 5]), 0.5),
  ...Object.fromEntries(
    BINARY.map((kind) => [kind, (b: ProgramBuilder) => b[kind](b.feed("x", [3, 5]), b.feed("y", [3, 5]))]),
  ),
  "a unary operation of a comparison": (b) => b.neg(b.greater(b.feed("x", [9]), 0)),
  "a sum of comparisons": (b) => b.add(b.greater(b.feed("x", [9]), 0), b.greater(b.feed("y", [9]), 0)),
  "scalar constants": (b) => b.add(b.mul(b.feed("x", [2, 3, 4, 5]), 0.25), -1),
  "scalars without axes": (b) => b.mul(b.feed("x", []), b.feed("y", [])),
  "one element, four axes": (b) => b.mul(b.feed("x", [1, 1, 1, 1]), b.feed("y", [1, 1, 1, 1])),
  constant: (b) => b.mul(b.feed("x", [2, 2]), b.constant([2, 2], Float64Array.of(1, -2, 3, 0.5))),
  "images and a constant of four axes": (b) =>
    b.mul(
      b.feed("x", [1, 2, 2, 3]),
      b.constant(
        [1, 2, 2, 3],
        Float64Array.from({ length: 12 }, (_, i) => i),
      ),
    ),
  "expand of a channel": (b) => b.mul(b.feed("x", [2, 3, 4, 5]), b.expand(b.feed("c", [1, 3, 1, 1]), [2, 3, 4, 5])),
  "expand of both operands": (b) => b.add(b.expand(b.feed("x", [1, 3]), [2, 3]), b.expand(b.feed("y", [2, 1]), [2, 3])),
  "where of a comparison": (b) => b.where(b.greater(b.feed("x", [3, 5]), 0), b.feed("y", [3, 5]), -1),
  "where of images": (b) => b.where(b.greater(b.feed("x", [1, 2, 3, 4]), 0), 2, b.feed("y", [1, 2, 3, 4])),
  "where of an expansion": (b) =>
    b.where(b.greater(b.feed("x", [4, 5]), 0), b.expand(b.feed("y", [4, 1]), [4, 5]), b.feed("z", [4, 5])),
  "where of a product of comparisons": (b) => {
    const [x, y] = [b.feed("x", [9]), b.feed("y", [9])];
    return b.where(b.mul(b.greater(x, 0), b.greater(y, 0)), x, y);
  },
};

const ARRANGEMENT: Readonly<Record<string, Build>> = {
  "expand as an output": (b) => b.expand(b.feed("x", [1, 3, 1]), [2, 3, 4]),
  "sum of an expansion": (b) => b.sum(b.expand(b.feed("x", [1, 3]), [4, 3]), [0, 1]),
  "reshape of an expansion": (b) => b.reshape(b.expand(b.feed("x", [1, 3]), [4, 3]), [2, 6]),
  "reshape of images": (b) => b.reshape(b.feed("x", [2, 3, 4, 5]), [6, 20]),
  "sum of some axes": (b) => b.sum(b.feed("x", [2, 3, 4, 5]), [0, 2]),
  "sum of all": (b) => b.sum(b.exp(b.feed("x", [3, 4, 5]))),
  transpose: (b) => b.transpose(b.feed("x", [2, 3, 4, 5]), [2, 0, 3, 1]),
  "transpose, then elementwise with natural order": (b) =>
    b.add(b.transpose(b.feed("x", [3, 2, 4, 5]), [1, 0, 3, 2]), b.reshape(b.feed("y", [120]), [2, 3, 5, 4])),
  concat: (b) => b.concat([b.feed("x", [2, 1, 3]), b.feed("y", [2, 4, 3])], 1),
  "concat of differently stored images": (b) =>
    b.concat([b.feed("x", [2, 3, 4, 5]), b.reshape(b.feed("y", [40]), [2, 1, 4, 5])], 1),
  slice: (b) => b.slice(b.feed("x", [3, 4, 5]), [1, 0, 2], [2, 4, 5]),
  "slice of images": (b) => b.slice(b.feed("x", [2, 3, 4, 5]), [0, 1, 2, 0], [2, 3, 3, 4]),
  "pad with zeros": (b) => b.pad(b.feed("x", [2, 3]), [0, 2], [1, 3]),
  "pad by reflection": (b) => b.pad(b.feed("x", [1, 2, 4, 5]), [0, 0, 3, 1], [0, 0, 2, 4], "reflect"),
  matmul: (b) => b.matmul(b.feed("x", [3, 4]), b.feed("y", [4, 5])),
  "matmul, both transposed": (b) => b.matmul(b.feed("x", [4, 3]), b.feed("y", [5, 4]), { a: true, b: true }),
  "matmul of a transposed view": (b) => b.matmul(b.transpose(b.feed("x", [4, 3]), [1, 0]), b.feed("y", [4, 5])),
};

/** A transposed convolution of x [N,3,H,W] by a kernel k×l. */
function spread(
  shape: readonly number[],
  [k, l]: readonly number[],
  stride: number,
  pad: number,
  more = [0, 0],
): Build {
  const outputPadding = [more[0]!, more[1]!] as const;
  return (b) => b.convTranspose(b.feed("x", shape), b.feed("w", [3, 2, k!, l!]), { stride, pad, outputPadding });
}

/** The gradient of the weight [4,3,k,l] of a convolution of x [N,3,H,W]. */
function weightGradient(shape: readonly number[], [k, l]: readonly number[], stride: number, pad: number): Build {
  return (b) => {
    const convolved = b.conv(b.feed("x", shape), b.feed("w", [4, 3, k!, l!]), { stride, pad });
    return b.convWeightGradient(b.feed("x", shape), b.feed("dy", convolved.shape), [4, 3, k!, l!], { stride, pad });
  };
}

const IMAGES: Readonly<Record<string, Build>> = {
  "conv 4×4, stride 2": (b) => b.conv(b.feed("x", [2, 3, 7, 8]), b.feed("w", [4, 3, 4, 4]), { stride: 2, pad: 1 }),
  "conv 3×1": (b) => b.conv(b.feed("x", [1, 3, 5, 6]), b.feed("w", [2, 3, 3, 1])),
  "conv with a weight as state": (b) => b.conv(b.feed("x", [1, 3, 5, 6]), b.state("w", [2, 3, 3, 3]), { pad: 1 }),
  "transposed 4×4, stride 2": spread([2, 3, 4, 5], [4, 4], 2, 1),
  "transposed 4×4, stride 2, of few pixels": spread([2, 3, 2, 2], [4, 4], 2, 1),
  "transposed 3×3, stride 2, output padding": spread([2, 3, 4, 5], [3, 3], 2, 1, [1, 0]),
  "transposed 3×3, stride 2, output padding, of few pixels": spread([1, 3, 2, 3], [3, 3], 2, 1, [0, 1]),
  "transposed 4×4, stride 1": spread([1, 3, 5, 6], [4, 4], 1, 1),
  "transposed 2×3, stride 3": spread([1, 3, 4, 5], [2, 3], 3, 0, [1, 2]),
  "transposed 1×1": spread([1, 3, 5, 6], [1, 1], 1, 0),
  "weight gradient": weightGradient([1, 3, 8, 6], [4, 4], 2, 1),
  "weight gradient of a batch, odd sizes": weightGradient([3, 3, 9, 7], [4, 4], 2, 1),
  "weight gradient of more outputs than pixels": weightGradient([1, 3, 2, 4], [4, 4], 2, 1),
  "weight gradient, stride 1": weightGradient([2, 3, 5, 6], [3, 3], 1, 1),
  "weight gradient, stride 2, odd kernel": weightGradient([2, 3, 8, 9], [3, 5], 2, 2),
  "weight gradient, stride above the kernel": weightGradient([1, 3, 10, 11], [2, 2], 3, 0),
  "weight gradient of one pixel": weightGradient([2, 3, 2, 2], [4, 4], 2, 1),
  normalize: (b) => b.normalize(b.feed("x", [2, 3, 5, 7]), 2, 1e-5),
  "normalize 3 axes": (b) => b.normalize(b.feed("x", [3, 2, 5, 4]), 3, 1e-5),
  "normalize over the batch": (b) =>
    b.transpose(b.normalize(b.transpose(b.feed("x", [3, 2, 5, 4]), [1, 0, 2, 3]), 3, 1e-5), [1, 0, 2, 3]),
  "normalize an expansion": (b) => b.normalize(b.expand(b.feed("x", [2, 3, 5, 1]), [2, 3, 5, 7]), 2, 1e-5),
  inverse_deviation: (b) => b.inverseDeviation(b.feed("x", [2, 3, 5, 7]), 2, 1e-5),
  "the pair of a normalization": (b) => {
    const x = b.feed("x", [2, 3, 5, 7]);
    return b.mul(b.normalize(x, 2, 1e-5), b.expand(b.inverseDeviation(x, 2, 1e-5), x.shape));
  },
  upsample2: (b) => b.upsample2(b.feed("x", [2, 3, 2, 5])),
};

function programOf(build: Build): Program {
  const b = new ProgramBuilder();
  return b.program(new Map([["y", build(b)]]));
}

describe("operations in TensorFlow.js against the referee", () => {
  for (const [name, build] of Object.entries({ ...ELEMENTWISE, ...ARRANGEMENT, ...IMAGES })) {
    test(`tensorflow: ${name}`, async () => {
      const tensors = tf.memory().numTensors;
      expect(await largestError(runtime, programOf(build))).toBeLessThan(LIMIT);
      expect(tf.memory().numTensors).toBe(tensors);
    });
  }

  test("tensorflow: softplus and sigmoid of large inputs neither overflow nor vanish", async () => {
    const program = programOf((b) => b.add(b.softplus(b.feed("x", [4])), b.sigmoid(b.feed("x", [4]))));
    const x = new Map([["x", Float64Array.of(-80, -20, 20, 80)]]);
    expect(await largestError(runtime, program, x)).toBeLessThan(1e-6);
  });

  test("tensorflow: the normalization of a nearly constant channel with a large mean keeps its deviation", async () => {
    const program = programOf((b) => b.inverseDeviation(b.feed("x", [1, 1, 16, 16]), 2, 1e-5));
    const x = Float64Array.from({ length: 256 }, (_, i) => Math.fround(1 + 1e-3 * Math.sin(i)));
    expect(await largestError(runtime, program, new Map([["x", x]]))).toBeLessThan(1e-3);
  });
});

describe("what goes in and out of TensorFlow.js", () => {
  const counter = () => {
    const b = new ProgramBuilder();
    const [s, x] = [b.state("s", [2]), b.feed("x", [2])];
    const next = b.add(s, x);
    const outputs = { before: s, after: next, again: next, x };
    return b.program(new Map(Object.entries(outputs)), new Map([["s", next]]));
  };
  const shapes = new Map([["s", [2]]]);

  test("tensorflow: a leaf, an update and one value twice are outputs", async () => {
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
    state.dispose();
  });

  test("tensorflow: two states may exchange their values", async () => {
    const b = new ProgramBuilder();
    const [s, t] = [b.state("s", [2]), b.state("t", [2])];
    const program = b.program(
      new Map(),
      new Map([
        ["s", t],
        ["t", s],
      ]),
    );
    const state = runtime.createState(new Map([...shapes, ["t", [2]]]));
    state.write("s", Float32Array.of(1, 2));
    await (await runtime.compile(program, state)).step(new Map());
    expect([[...(await state.read("s"))], [...(await state.read("t"))]]).toEqual([
      [0, 0],
      [1, 2],
    ]);
    state.dispose();
  });

  test("tensorflow: state of every number of axes is read as it was written, whatever order it is kept in", async () => {
    const kept = new Map(
      [[], [5], [3, 4], [2, 3, 4], [5, 4, 3, 2], [2, 1, 2, 3, 2]].map((shape) => [`${shape}`, shape]),
    );
    const state = runtime.createState(kept);
    for (const [name, shape] of kept) {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i + 1);
      const written = values.slice();
      state.write(name, written);
      written.fill(-1);
      expect(await state.read(name)).toEqual(values);
    }
    state.dispose();
  });

  test("tensorflow: two programs share one state, and what is read is a copy", async () => {
    const state = runtime.createState(shapes);
    const b = new ProgramBuilder();
    const doubling = b.program(new Map(), new Map([["s", b.mul(b.state("s", [2]), 2)]]));
    const [first, second] = [await runtime.compile(counter(), state), await runtime.compile(doubling, state)];
    await first.step(new Map([["x", Float32Array.of(3, 4)]]));
    await second.step(new Map());
    (await state.read("s"))[0] = 7;
    expect([...(await state.read("s"))]).toEqual([6, 8]);
    state.dispose();
  });

  test("tensorflow: a missing feed, a feed or state of another size, unknown and foreign state are named", async () => {
    const state = runtime.createState(shapes);
    const compiled = await runtime.compile(counter(), state);
    const tensors = tf.memory().numTensors;
    await expect(compiled.step(new Map())).rejects.toThrow('the step was given no feed "x"');
    const long = new Map([["x", new Float32Array(3)]]);
    await expect(compiled.step(long)).rejects.toThrow('feed "x" has 3 values, not those of shape [2]');
    expect(() => state.write("s", new Float32Array(1))).toThrow('state "s" holds 2 values, not 1');
    await expect(state.read("t")).rejects.toThrow('no state is named "t"');
    const other = runtime.createState(new Map([["s", [1, 2]]]));
    await expect(runtime.compile(counter(), other)).rejects.toThrow(
      'the state "s" has shape [1,2], the program\'s has [2]',
    );
    other.dispose();
    const none = runtime.createState(new Map());
    await expect(runtime.compile(counter(), none)).rejects.toThrow(
      'the program uses the state "s", which was not made',
    );
    const foreign = createReferee().createState(shapes);
    await expect(runtime.compile(counter(), foreign)).rejects.toThrow("another runtime's state");
    expect(tf.memory().numTensors).toBe(tensors);
    expect([...(await state.read("s"))]).toEqual([0, 0]);
    state.dispose();
  });
});
