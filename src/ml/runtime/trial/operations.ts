/**
 * Small programs of one operation each, in the shapes and arrangements that runtimes treat apart: what every runtime must
 * compute as the referee does. It knows no runtime.
 */
import { ProgramBuilder } from "../../program/build.js";
import type { Program, Shape, Tensor } from "../../program/program.js";

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
    b.mul(b.feed("x", [1, 2, 2, 3]), b.constant([1, 2, 2, 3], Float64Array.from(Array(12).keys()))),
  "expand of a channel": (b) => b.mul(b.feed("x", [2, 3, 4, 5]), b.expand(b.feed("c", [1, 3, 1, 1]), [2, 3, 4, 5])),
  "expand of both operands": (b) => b.add(b.expand(b.feed("x", [1, 3]), [2, 3]), b.expand(b.feed("y", [2, 1]), [2, 3])),
  "where of a comparison": (b) => b.where(b.greater(b.feed("x", [3, 5]), 0), b.feed("y", [3, 5]), -1),
  "where of images": (b) => b.where(b.greater(b.feed("x", [1, 2, 3, 4]), 0), 2, b.feed("y", [1, 2, 3, 4])),
  "where of an expansion": (b) =>
    b.where(b.greater(b.feed("x", [4, 5]), 0), b.expand(b.feed("y", [4, 1]), [4, 5]), b.feed("z", [4, 5])),
  "where of a fed mask": (b) =>
    b.where(b.greater(b.feed("m", [6]), b.feed("n", [6])), b.feed("x", [6]), b.feed("y", [6])),
  "where of a product of comparisons": (b) => {
    const [x, y] = [b.feed("x", [9]), b.feed("y", [9])];
    return b.where(b.mul(b.greater(x, 0), b.greater(y, 0)), x, y);
  },
  "a comparison as numbers and as a mask": (b) => {
    const mask = b.greater(b.feed("x", [9]), 0);
    return b.add(mask, b.where(mask, 3, b.feed("y", [9])));
  },
};

const ARRANGEMENT: Readonly<Record<string, Build>> = {
  "expand as an output": (b) => b.expand(b.feed("x", [1, 3, 1]), [2, 3, 4]),
  "sum of an expansion": (b) => b.sum(b.expand(b.feed("x", [1, 3]), [4, 3]), [0, 1]),
  "reshape of an expansion": (b) => b.reshape(b.expand(b.feed("x", [1, 3]), [4, 3]), [2, 6]),
  "reshape of one element": (b) => b.mul(b.expand(b.reshape(b.feed("x", []), [1, 1]), [2, 3]), b.feed("y", [2, 3])),
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

/** A convolution of x by `count` kernels k×l. */
function conv(shape: Shape, count: number, [k, l]: readonly number[], stride = 1, pad = 0): Build {
  return (b) => b.conv(b.feed("x", shape), b.feed("w", [count, shape[1]!, k!, l!]), { stride, pad });
}

/** A transposed convolution of x [N,C,H,W] by a kernel [C,count,k,l]. */
function spread(
  shape: Shape,
  count: number,
  [k, l]: readonly number[],
  stride: number,
  pad: number,
  more = [0, 0],
): Build {
  const outputPadding = [more[0]!, more[1]!] as const;
  return (b) =>
    b.convTranspose(b.feed("x", shape), b.feed("w", [shape[1]!, count, k!, l!]), { stride, pad, outputPadding });
}

/** The gradient of the weight [count,C,k,l] of a convolution of x [N,C,H,W]. */
function weightGradient(shape: Shape, count: number, [k, l]: readonly number[], stride: number, pad: number): Build {
  const weight = [count, shape[1]!, k!, l!];
  return (b) => {
    const convolved = b.conv(b.feed("x", shape), b.feed("w", weight), { stride, pad });
    return b.convWeightGradient(b.feed("x", shape), b.feed("dy", convolved.shape), weight, { stride, pad });
  };
}

const IMAGES: Readonly<Record<string, Build>> = {
  "conv 4×4, stride 2": conv([2, 3, 7, 8], 4, [4, 4], 2, 1),
  "conv 4×4 of six channels, as a paired discriminator's": conv([1, 6, 16, 16], 8, [4, 4], 2, 1),
  "conv 4×4 of a batch, five channels": conv([3, 5, 8, 8], 6, [4, 4], 2, 1),
  "conv 4×4 of eight channels": conv([1, 8, 16, 16], 16, [4, 4], 2, 1),
  "conv 4×4 to one channel": conv([1, 8, 7, 7], 1, [4, 4], 1, 1),
  "conv 4×4, stride 1, of 64 to 72 channels": conv([2, 64, 10, 9], 72, [4, 4], 1, 1),
  "conv 3×3 of 64 channels": conv([1, 64, 9, 12], 64, [3, 3], 1, 1),
  "conv 4×4 of a batch of 32 channels to one": conv([2, 32, 7, 7], 1, [4, 4], 1, 1),
  "conv 4×4, stride 2, of a batch under a large weight": conv([2, 256, 4, 4], 64, [4, 4], 2, 1),
  "conv 3×1": conv([1, 3, 5, 6], 2, [3, 1]),
  "conv 1×1": conv([2, 4, 5, 6], 3, [1, 1]),
  "conv with a weight as state": (b) => b.conv(b.feed("x", [1, 3, 5, 6]), b.state("w", [2, 3, 3, 3]), { pad: 1 }),
  "transposed 4×4, stride 2": spread([2, 3, 4, 5], 2, [4, 4], 2, 1),
  "transposed 4×4, stride 2, sixteen to eight channels": spread([2, 16, 4, 4], 8, [4, 4], 2, 1),
  "transposed 4×4, stride 2, of few pixels": spread([2, 3, 2, 2], 2, [4, 4], 2, 1),
  "transposed 3×3, stride 2, output padding": spread([2, 3, 4, 5], 2, [3, 3], 2, 1, [1, 0]),
  "transposed 3×3, stride 2, output padding, of few pixels": spread([1, 3, 2, 3], 2, [3, 3], 2, 1, [0, 1]),
  "transposed 4×4, stride 1": spread([1, 3, 5, 6], 2, [4, 4], 1, 1),
  // Squares: sums of a pattern with both signs are mostly rounding.
  "transposed 4×4, stride 1, of 64 to 72 channels": (b) => {
    const [x, w] = [b.feed("x", [2, 64, 9, 8]), b.feed("w", [64, 72, 4, 4])];
    return b.convTranspose(b.mul(x, x), b.mul(w, w), { stride: 1, pad: 1 });
  },
  "transposed 4×4, stride 1, of a batch of one channel to 32": spread([2, 1, 6, 6], 32, [4, 4], 1, 1),
  "transposed 2×3, stride 3": spread([1, 3, 4, 5], 2, [2, 3], 3, 0, [1, 2]),
  "transposed 4×4, stride 2, of a batch under a large weight": spread([2, 512, 2, 1], 128, [4, 4], 2, 1),
  "transposed 3×3, stride 2, output padding, of a batch under a large weight": spread(
    [2, 512, 1, 2],
    256,
    [3, 3],
    2,
    1,
    [1, 0],
  ),
  "transposed 2×2, stride 3, of a batch under a large weight": spread([2, 512, 1, 1], 512, [2, 2], 3, 0, [1, 2]),
  "transposed 1×1": spread([1, 3, 5, 6], 2, [1, 1], 1, 0),
  "weight gradient": weightGradient([1, 3, 8, 6], 5, [4, 4], 2, 1),
  "weight gradient of a batch, odd sizes": weightGradient([3, 3, 9, 7], 4, [4, 4], 2, 1),
  "weight gradient of more outputs than pixels": weightGradient([1, 3, 2, 4], 4, [4, 4], 2, 1),
  "weight gradient, stride 1": weightGradient([2, 3, 5, 6], 4, [3, 3], 1, 1),
  "weight gradient, stride 2, odd kernel": weightGradient([2, 3, 8, 9], 4, [3, 5], 2, 2),
  "weight gradient, stride above the kernel": weightGradient([1, 3, 10, 11], 4, [2, 2], 3, 0),
  "weight gradient, stride 1, of 64 to 72 channels": weightGradient([2, 64, 10, 9], 72, [4, 4], 1, 1),
  "weight gradient, stride 1, of a batch of 32 channels to one": weightGradient([2, 32, 7, 7], 1, [4, 4], 1, 1),
  "weight gradient of one pixel": weightGradient([2, 3, 2, 2], 4, [4, 4], 2, 1),
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

/** The program with the one output `y` that `build` makes. */
export function outputProgram(build: Build): Program {
  const b = new ProgramBuilder();
  return b.program(new Map([["y", build(b)]]));
}

/** Every operation's programs by name. Each has the one output `y`. */
export const OPERATIONS: ReadonlyMap<string, Program> = new Map(
  Object.entries({ ...ELEMENTWISE, ...ARRANGEMENT, ...IMAGES }).map(([name, build]) => [name, outputProgram(build)]),
);
