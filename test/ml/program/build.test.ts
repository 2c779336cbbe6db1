import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { broadcast, mean, perChannel } from "../../../src/ml/program/derived.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import { ShapeError } from "../../../src/ml/program/shapes.js";
import { tensorsBefore } from "../../../src/ml/program/walk.js";
import { outputsOf, someValues } from "../reference.js";

describe("ProgramBuilder: sharing", () => {
  test("build: equal expressions are one tensor, whatever the order of commutative inputs", () => {
    const b = new ProgramBuilder();
    const [x, y] = [b.feed("x", [2, 3]), b.feed("y", [2, 3])];
    expect(b.add(x, y)).toBe(b.add(y, x));
    expect(b.mul(b.exp(x), 2)).toBe(b.mul(2, b.exp(x)));
    expect(b.sum(x, [1, 0])).toBe(b.sum(x, [0, 1]));
    expect(b.feed("x", [2, 3])).toBe(x);
    expect(b.constant([2], Float64Array.of(1, 2))).toBe(b.constant([2], Float64Array.of(1, 2)));
  });

  test("build: different expressions are different tensors", () => {
    const b = new ProgramBuilder();
    const [x, y] = [b.feed("x", [2, 3]), b.feed("y", [2, 3])];
    const all = [
      ...[x, y, b.state("x", [2, 3]), b.sub(x, y), b.sub(y, x), b.greater(x, y), b.greater(y, x)],
      ...[b.leakyRelu(x, 0.1), b.leakyRelu(x, 0.2), b.reshape(x, [6]), b.reshape(x, [3, 2]), b.transpose(x, [1, 0])],
      ...[b.constant([2], Float64Array.of(1, 2)), b.constant([1, 2], Float64Array.of(1, 2))],
      ...[b.sum(x, [0]), b.sum(x, [1])],
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test("build: a name has one shape", () => {
    const b = new ProgramBuilder();
    b.feed("x", [2]);
    expect(() => b.feed("x", [3])).toThrow('feed: "x" of shape [3] has shape [2] already');
  });
});

describe("ProgramBuilder: simplification", () => {
  const b = new ProgramBuilder();
  const x = b.feed("x", [2, 3]);
  const y = b.feed("y", [2, 3]);
  const v = b.expand(b.feed("v", [1, 3]), [2, 3]);
  const u = b.expand(b.feed("u", [1, 3]), [2, 3]);
  const cases: readonly (readonly [string, Tensor, Tensor])[] = [
    ["x + 0", b.add(x, 0), x],
    ["0 + x", b.add(0, x), x],
    ["x − 0", b.sub(x, 0), x],
    ["0 − x", b.sub(0, x), b.neg(x)],
    ["x · 1", b.mul(x, 1), x],
    ["x · 0", b.mul(x, 0), b.uniform([2, 3], 0)],
    ["x · −1", b.mul(x, -1), b.neg(x)],
    ["x / 4", b.div(x, 4), b.mul(x, 0.25)],
    ["(x · 2) · 3", b.mul(b.mul(x, 2), 3), b.mul(x, 6)],
    ["(−x) · 2", b.mul(b.neg(x), 2), b.mul(x, -2)],
    ["−(−x)", b.neg(b.neg(x)), x],
    ["−(x − y)", b.neg(b.sub(x, y)), b.sub(y, x)],
    ["−(x · 2)", b.neg(b.mul(x, 2)), b.mul(x, -2)],
    ["x + (−y)", b.add(x, b.neg(y)), b.sub(x, y)],
    ["(−x) + y", b.add(b.neg(x), y), b.sub(y, x)],
    ["x − (−y)", b.sub(x, b.neg(y)), b.add(x, y)],
    ["2 · 3 + 1", b.add(b.mul(b.uniform([2], 2), 3), 1), b.uniform([2], 7)],
    ["max(2, 3)", b.max(b.uniform([2], 2), 3), b.uniform([2], 3)],
    ["reshape to the same", b.reshape(x, [2, 3]), x],
    ["reshape there and back", b.reshape(b.reshape(x, [6]), [2, 3]), x],
    ["reshape of a constant", b.reshape(b.uniform([2, 3], 5), [6]), b.uniform([6], 5)],
    ["expand to the same", b.expand(x, [2, 3]), x],
    ["transpose there and back", b.transpose(b.transpose(x, [1, 0]), [1, 0]), x],
    ["transpose of a unit axis", b.transpose(b.reshape(x, [1, 2, 3]), [1, 0, 2]), b.reshape(x, [2, 1, 3])],
    ["sum over a unit axis", b.sum(b.reshape(x, [1, 6]), [0]), b.reshape(x, [1, 6])],
    ["sum over a unit axis and another", b.sum(b.reshape(x, [1, 6]), [0, 1]), b.sum(b.reshape(x, [1, 6]), [1])],
    ["concat of one", b.concat([x], 0), x],
    ["slice of all", b.slice(x, [0, 0], [2, 3]), x],
    ["pad by nothing", b.pad(x, [0, 0], [0, 0]), x],
    ["where of equal values", b.where(b.greater(x, 0), y, y), y],
    ["where of what is known", b.where(b.greater(b.uniform([2, 3], 1), 0), x, y), x],
    ["arithmetic of expanded values", b.add(b.mul(v, 2), u).inputs[0]!, b.add(b.mul(v.inputs[0]!, 2), u.inputs[0]!)],
    ["functions of expanded values", b.exp(v).inputs[0]!, b.exp(v.inputs[0]!)],
  ];
  for (const [name, actual, expected] of cases) {
    test(`simplify: ${name}`, () => {
      expect(actual).toBe(expected);
    });
  }

  test("simplify: what only looks alike is left alone", () => {
    expect(b.sub(x, 1)).not.toBe(x);
    expect(b.mul(x, v).operation.kind).toBe("mul");
    expect(b.transpose(x, [1, 0]).operation.kind).toBe("transpose");
    expect(b.exp(b.uniform([2], 1)).operation.kind).toBe("exp");
    const sliced = b.slice(x, [0, 0], [1, 3]);
    expect(sliced.operation.kind).toBe("slice");
  });

  test("simplify: every simplified expression has the value of its words", () => {
    const c = new ProgramBuilder();
    const [p, q] = [c.feed("p", [2, 3]), c.feed("q", [2, 3])];
    const values = { p: someValues(6), q: someValues(6, 1) };
    const pairs: readonly (readonly [Tensor, (p: number, q: number) => number])[] = [
      [c.neg(c.sub(p, c.neg(q))), (a, e) => -(a + e)],
      [c.mul(c.neg(c.mul(p, 2)), -3), (a) => 6 * a],
      [c.div(c.sub(0, c.sub(p, q)), 4), (a, e) => (e - a) / 4],
      [c.add(c.neg(p), c.neg(q)), (a, e) => -a - e],
      [c.sub(1, c.neg(p)), (a) => 1 + a],
    ];
    pairs.forEach(([tensor, expected]) => {
      const answer = outputsOf(c.program(new Map([["y", tensor]])), new Map(Object.entries(values))).get("y")!;
      answer.forEach((value, at) => {
        expect(value).toBeCloseTo(expected(values.p[at]!, values.q[at]!), 14);
      });
    });
  });
});

describe("ProgramBuilder: shapes that do not fit", () => {
  const b = new ProgramBuilder();
  const x = b.feed("x", [2, 3]);
  const image = b.feed("image", [1, 3, 8, 8]);
  const weight = b.feed("weight", [4, 3, 4, 4]);
  const cases: readonly (readonly [string, () => unknown])[] = [
    ["add: inputs of shapes [2,3] and [3,2]; expand one first", () => b.add(x, b.feed("y", [3, 2]))],
    ["where: inputs of shapes [2,3], [2,3] and [6]", () => b.where(x, x, b.reshape(x, [6]))],
    ["sum: axis 2 of [2,3]", () => b.sum(x, [2])],
    ["reshape: shape [2,3] to [5]", () => b.reshape(x, [5])],
    ["expand: shape [2,3] to [2,6]", () => b.expand(x, [2, 6])],
    ["expand: shape [2,3] to [1,2,3]", () => b.expand(x, [1, 2, 3])],
    ["transpose: permutation [0,0] of shape [2,3]", () => b.transpose(x, [0, 0])],
    ["concat: shapes [2,3], [1,3,8,8] along axis 0", () => b.concat([x, image], 0)],
    ["concat: nothing to join", () => b.concat([], 0)],
    ["slice: from [0,0] to [2,4] of shape [2,3]", () => b.slice(x, [0, 0], [2, 4])],
    ["slice: from [1,0] to [1,3] of shape [2,3]", () => b.slice(x, [1, 0], [1, 3])],
    ["pad: by [0,-1] and [0,0] around shape [2,3]", () => b.pad(x, [0, -1], [0, 0])],
    ["needs more pixels than shape [2,3] has", () => b.pad(x, [0, 3], [0, 0], "reflect")],
    ["matmul: inner lengths 3 and 2", () => b.matmul(x, x)],
    ["matmul: matrices, not shapes", () => b.matmul(x, image)],
    ["do not agree on the channels", () => b.conv(b.feed("gray", [1, 1, 8, 8]), weight)],
    ["conv: kernel 4×4 does not fit shape [1,3,2,2]", () => b.conv(b.feed("small", [1, 3, 2, 2]), weight)],
    ["do not agree on the channels", () => b.convTranspose(image, weight)],
    [
      "conv_transpose: stride 1, pad 0, output padding 1×0",
      () => b.convTranspose(b.feed("four", [1, 4, 8, 8]), weight, { outputPadding: [1, 0] }),
    ],
    ["answers [1,4,5,5], not [1,4,4,4]", () => b.convWeightGradient(image, b.feed("dy", [1, 4, 4, 4]), [4, 3, 4, 4])],
    ["normalize: the last 3 axes of shape [2,3]", () => b.normalize(x, 3, 1e-5)],
    ["upsample2: an image batch has 4 axes, not shape [2,3]", () => b.upsample2(x)],
    ["constant: 2 values for shape [3]", () => b.constant([3], Float64Array.of(1, 2))],
    ['update: no state is named "w"', () => b.program(new Map(), new Map([["w", x]]))],
    [
      'update: state "s" of shape [2,3] with shape [6]',
      () => b.state("s", [2, 3]) && b.program(new Map(), new Map([["s", b.reshape(x, [6])]])),
    ],
  ];
  for (const [message, build] of cases) {
    test(`shapes: ${message}`, () => {
      expect(build).toThrow(ShapeError);
      expect(build).toThrow(message);
    });
  }
});

describe("derived expressions", () => {
  test("derived: a scalar and a vector of channels spread as their names say", () => {
    const b = new ProgramBuilder();
    const image = [1, 2, 1, 2];
    const program = b.program(
      new Map([
        ["all", broadcast(b, b.feed("s", []), image)],
        ["channels", perChannel(b, b.feed("v", [2]), image)],
        ["mean", mean(b, b.feed("x", image))],
      ]),
    );
    const feeds = { s: Float64Array.of(7), v: Float64Array.of(1, 2), x: Float64Array.of(1, 2, 3, 6) };
    const outputs = outputsOf(program, new Map(Object.entries(feeds)));
    expect([...outputs.get("all")!]).toEqual([7, 7, 7, 7]);
    expect([...outputs.get("channels")!]).toEqual([1, 1, 2, 2]);
    expect([...outputs.get("mean")!]).toEqual([3]);
    expect(program.outputs.get("mean")!.shape).toEqual([]);
  });

  test("walk: every tensor comes once, after its inputs", () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [2]);
    const y = b.add(b.exp(x), b.exp(b.neg(x)));
    const order = tensorsBefore([y, x]);
    expect(order.length).toBe(5);
    order.forEach((tensor, at) => {
      for (const input of tensor.inputs) expect(order.indexOf(input)).toBeLessThan(at);
    });
  });
});
