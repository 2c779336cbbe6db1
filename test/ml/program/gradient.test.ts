import { describe, expect, test } from "@jest/globals";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { gradient } from "../../../src/ml/program/gradient.js";
import type { Shape, Tensor } from "../../../src/ml/program/program.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { tensorsOf } from "../../../src/ml/program/walk.js";
import { outputsOf, relativeError, someValues } from "../reference.js";

type Build = (b: ProgramBuilder, x: Tensor, y: Tensor, z: Tensor) => Tensor;
const image: Shape = [2, 3, 5, 4];
const strided = { stride: 2, pad: 1 };

/** Name, shapes of the inputs, and the expression. "positive" inputs are moved to [0.5, 2.5]. */
const CASES: readonly (readonly [string, readonly Shape[], Build, "positive"?])[] = [
  ["neg", [[6]], (b, x) => b.neg(x)],
  ["abs", [[6]], (b, x) => b.abs(x)],
  ["exp", [[6]], (b, x) => b.exp(x)],
  ["log", [[6]], (b, x) => b.log(x), "positive"],
  ["sqrt", [[6]], (b, x) => b.sqrt(x), "positive"],
  ["reciprocal", [[6]], (b, x) => b.reciprocal(x), "positive"],
  ["tanh", [[6]], (b, x) => b.tanh(x)],
  ["sigmoid", [[6]], (b, x) => b.sigmoid(x)],
  ["softplus", [[6]], (b, x) => b.softplus(x)],
  ["relu", [[6]], (b, x) => b.relu(x)],
  ["leaky_relu", [[6]], (b, x) => b.leakyRelu(x, 0.3)],
  ["leaky_relu, negative slope", [[6]], (b, x) => b.leakyRelu(x, -0.3)],
  ["elu", [[6]], (b, x) => b.elu(x, 0.7)],
  ["selu", [[6]], (b, x) => b.selu(x)],
  [
    "add",
    [
      [2, 3],
      [2, 3],
    ],
    (b, x, y) => b.add(x, y),
  ],
  [
    "sub",
    [
      [2, 3],
      [2, 3],
    ],
    (b, x, y) => b.sub(x, y),
  ],
  [
    "mul",
    [
      [2, 3],
      [2, 3],
    ],
    (b, x, y) => b.mul(x, y),
  ],
  ["mul with itself", [[2, 3]], (b, x) => b.mul(x, x)],
  [
    "div",
    [
      [2, 3],
      [2, 3],
    ],
    (b, x, y) => b.div(x, y),
    "positive",
  ],
  [
    "max",
    [
      [2, 3],
      [2, 3],
    ],
    (b, x, y) => b.max(x, y),
  ],
  [
    "min",
    [
      [2, 3],
      [2, 3],
    ],
    (b, x, y) => b.min(x, y),
  ],
  [
    "where",
    [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
    (b, x, y, z) => b.where(b.greater(x, 0.1), y, z),
  ],
  ["sum of some axes", [[2, 3, 4]], (b, x) => b.sum(x, [0, 2])],
  ["reshape", [[2, 3, 4]], (b, x) => b.mul(b.reshape(x, [4, 6]), b.reshape(x, [4, 6]))],
  ["expand", [[1, 3, 1, 1]], (b, x) => b.expand(x, image)],
  ["expand of a batch axis", [[1, 3]], (b, x) => b.expand(x, [4, 3])],
  ["transpose", [[2, 3, 4]], (b, x) => b.transpose(x, [2, 0, 1])],
  [
    "concat",
    [
      [2, 3],
      [2, 1],
      [2, 3],
    ],
    (b, x, y, z) => b.concat([x, y, z, x], 1),
  ],
  ["slice", [image], (b, x) => b.slice(x, [0, 1, 2, 0], [2, 3, 4, 3])],
  ["pad with zeros", [image], (b, x) => b.pad(x, [0, 0, 1, 2], [0, 1, 0, 3])],
  ["pad by reflection", [image], (b, x) => b.pad(x, [0, 0, 4, 0], [0, 0, 1, 3], "reflect")],
  [
    "matmul",
    [
      [2, 3],
      [3, 4],
    ],
    (b, x, y) => b.matmul(x, y),
  ],
  [
    "matmul, a transposed",
    [
      [3, 2],
      [3, 4],
    ],
    (b, x, y) => b.matmul(x, y, { a: true }),
  ],
  [
    "matmul, b transposed",
    [
      [2, 3],
      [4, 3],
    ],
    (b, x, y) => b.matmul(x, y, { b: true }),
  ],
  [
    "matmul, both transposed",
    [
      [3, 2],
      [4, 3],
    ],
    (b, x, y) => b.matmul(x, y, { a: true, b: true }),
  ],
  ["conv", [image, [2, 3, 3, 2]], (b, x, y) => b.conv(x, y, strided)],
  [
    "conv, stride 3 leaving pixels unused",
    [
      [1, 2, 9, 8],
      [2, 2, 2, 2],
    ],
    (b, x, y) => b.conv(x, y, { stride: 3 }),
  ],
  [
    "conv to one pixel",
    [
      [2, 3, 4, 4],
      [2, 3, 4, 4],
    ],
    (b, x, y) => b.conv(x, y),
  ],
  ["conv_transpose", [image, [3, 2, 4, 3]], (b, x, y) => b.convTranspose(x, y, strided)],
  [
    "conv_transpose with output padding",
    [image, [3, 2, 3, 3]],
    (b, x, y) => b.convTranspose(x, y, { ...strided, outputPadding: [1, 0] }),
  ],
  ["conv_weight_gradient", [image, [2, 2, 3, 2]], (b, x, y) => b.convWeightGradient(x, y, [2, 3, 2, 3], strided)],
  ["normalize", [image], (b, x) => b.normalize(x, 2, 1e-3)],
  ["normalize a vector", [[2, 7]], (b, x) => b.normalize(x, 1, 1e-3)],
  [
    "normalize with a scale of its channels",
    [image, [1, 3, 1, 1]],
    (b, x, y) => b.mul(b.normalize(x, 2, 1e-3), b.expand(y, image)),
  ],
  [
    "normalize with a scale that varies where it normalizes",
    [image, [1, 3, 5, 1]],
    (b, x, y) => b.mul(b.normalize(x, 2, 1e-3), b.expand(y, image)),
  ],
  ["inverse_deviation", [image], (b, x) => b.inverseDeviation(x, 2, 1e-3)],
  ["upsample2", [image], (b, x) => b.upsample2(x)],
  ["a gradient's own gradient", [image, [2, 3, 3, 3]], (b, x, y) => gradientNorm(b, x, y)],
];

/** ½‖∂Σtanh(conv(x, w))²/∂x‖², as a gradient penalty would use it. */
function gradientNorm(b: ProgramBuilder, x: Tensor, w: Tensor): Tensor {
  const y = b.tanh(b.conv(x, w, strided));
  const [dx] = gradient(b, b.sum(b.mul(y, y)), [x]);
  return b.sum(b.mul(dx!, dx!));
}

describe("gradient", () => {
  for (const [name, shapes, build, domain] of CASES) {
    test(`gradient: ${name} agrees with central differences in every input`, () => {
      const b = new ProgramBuilder();
      const inputs = shapes.map((shape, at) => b.feed(`x${at}`, shape));
      const answer = build(b, ...(inputs as [Tensor, Tensor, Tensor]));
      const weights = b.constant(answer.shape, someValues(sizeOf(answer.shape), 9));
      const loss = b.sum(b.mul(answer, weights));
      const gradients = gradient(b, loss, inputs);
      const feeds = new Map(
        shapes.map((shape, at) => {
          const values = someValues(sizeOf(shape), at);
          return [`x${at}`, domain === "positive" ? values.map((value) => 1.5 + value) : values];
        }),
      );
      const lossOf = () => outputsOf(b.program(new Map([["loss", loss]])), feeds).get("loss")![0]!;
      shapes.forEach((shape, at) => {
        const analytic = outputsOf(b.program(new Map([["dx", gradients[at]!]])), feeds).get("dx")!;
        const values = feeds.get(`x${at}`)!;
        const numeric = Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
          const [value, h] = [values[i]!, 1e-5];
          values[i] = value + h;
          const above = lossOf();
          values[i] = value - h;
          const below = lossOf();
          values[i] = value;
          return (above - below) / (2 * h);
        });
        expect(gradients[at]!.shape).toEqual(shape);
        expect(relativeError(analytic, numeric)).toBeLessThan(1e-6);
      });
    });
  }

  test("gradient: at zero, abs and relu have none, as PyTorch has it", () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [1]);
    const [dAbs, dRelu] = [b.abs(x), b.relu(x)].map((y) => gradient(b, b.sum(y), [x])[0]!);
    const outputs = outputsOf(
      b.program(
        new Map([
          ["abs", dAbs!],
          ["relu", dRelu!],
        ]),
      ),
      new Map([["x", Float64Array.of(0)]]),
    );
    expect([...outputs.get("abs")!, ...outputs.get("relu")!].map(Math.abs)).toEqual([0, 0]);
  });

  test("gradient: what the loss does not depend on gets zeros, and what is left out is held fixed", () => {
    const b = new ProgramBuilder();
    const [x, y, z] = ["x", "y", "z"].map((name) => b.feed(name, [2])) as [Tensor, Tensor, Tensor];
    const held = b.exp(y);
    const [dx, dz] = gradient(b, b.sum(b.mul(x, held)), [x, z]) as [Tensor, Tensor];
    expect(dx).toBe(held);
    const outputs = outputsOf(b.program(new Map([["dz", dz]])), new Map());
    expect([...outputs.get("dz")!]).toEqual([0, 0]);
  });

  test("gradient: a held tensor is a constant though it depends on the variable", () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [2]);
    const square = b.mul(x, x);
    const [dx] = gradient(b, b.sum(b.mul(square, x)), [x], new Set([square]));
    expect(dx).toBe(square);
  });

  test("gradient: a loss of several elements is refused", () => {
    const b = new ProgramBuilder();
    const x = b.feed("x", [2]);
    expect(() => gradient(b, x, [x])).toThrow("gradient: a loss has one element, not shape [2]");
  });

  test("gradient: normalization, its scale and its shift share their sums", () => {
    const b = new ProgramBuilder();
    const [x, w, s] = [b.feed("x", image), b.feed("w", [1, 3, 1, 1]), b.feed("s", [1, 3, 1, 1])];
    const y = b.add(b.mul(b.normalize(x, 2, 1e-5), b.expand(w, image)), b.expand(s, image));
    const loss = b.sum(b.mul(y, b.feed("gy", image)));
    const program = b.program(new Map(gradient(b, loss, [x, w, s]).map((dx, at) => [`d${at}`, dx])));
    const spatialSums = tensorsOf(program).filter(
      ({ operation }) => operation.kind === "sum" && operation.axes.includes(2),
    );
    expect(spatialSums.length).toBe(2);
  });
});
