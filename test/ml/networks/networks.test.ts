import { describe, expect, test } from "@jest/globals";
import type { Network } from "../../../src/ml/networks/network.js";
import { parameterCount } from "../../../src/ml/networks/network.js";
import {
  type PatchganOptions,
  patchgan,
  patchganOutputSide,
  patchganProblems,
} from "../../../src/ml/networks/patchgan.js";
import { largestLayerCount, type UnetOptions, unet, unetProblems } from "../../../src/ml/networks/unet.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Shape, Tensor } from "../../../src/ml/program/program.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { someValues } from "../reference.js";

const unetDefaults: UnetOptions = {
  channel_count: 3,
  layers: 8,
  initial_layer_size: 64,
  max_layer_size: 256,
  kernel_size: 4,
  down_activation: "leaky_relu",
  up_activation: "relu",
  norm: "instance",
  affine: true,
  dropout: 0.5,
  upsampling: "transposed",
};
const patchganDefaults: PatchganOptions = {
  channel_count: 6,
  layers: 3,
  initial_layer_size: 64,
  kernel_size: 4,
  activation: "leaky_relu",
  norm: "instance",
  affine: true,
};

function networkIn(b: ProgramBuilder, network: Network): Map<string, Tensor> {
  return new Map(network.parameters.map(({ name, shape }) => [name, b.state(name, shape)]));
}

/** The output's shape and the dropout masks that a training pass asks for. */
function traced(network: Network, shape: Shape): { output: Shape; masks: Shape[] } {
  const b = new ProgramBuilder();
  const masks: Shape[] = [];
  const dropoutMask = (layer: string, maskShape: Shape) => {
    masks.push(maskShape);
    return b.feed(layer, maskShape);
  };
  const pass = { b, values: networkIn(b, network), training: { dropoutMask, observe: () => undefined } };
  return { output: network.apply(pass, b.feed("x", shape)).shape, masks };
}

describe("unet", () => {
  test("unet: 3 channels at 256 have the reference's numbers of parameters", () => {
    expect(parameterCount(unet(unetDefaults))).toBe(16_661_123);
    expect(parameterCount(unet({ ...unetDefaults, max_layer_size: 512 }))).toBe(54_413_955);
    expect(parameterCount(unet({ ...unetDefaults, max_layer_size: 512, norm: "batch" }))).toBe(54_413_955);
  });

  test("unet: names and shapes are those of the reference's nested modules", () => {
    const shapes = new Map(unet(unetDefaults).parameters.map(({ name, shape }) => [name, shape]));
    const block = (depth: number) => `model.model.1.${"model.3.".repeat(depth - 1)}model.`;
    expect(shapes.get("model.model.0.weight")).toEqual([64, 3, 4, 4]);
    expect(shapes.get(`${block(1)}1.weight`)).toEqual([128, 64, 4, 4]);
    expect(shapes.get(`${block(1)}2.weight`)).toEqual([128]);
    expect(shapes.get(`${block(1)}5.weight`)).toEqual([256, 64, 4, 4]);
    expect(shapes.get(`${block(1)}6.bias`)).toEqual([64]);
    expect(shapes.get(`${block(7)}1.weight`)).toEqual([256, 256, 4, 4]);
    expect(shapes.get(`${block(7)}3.weight`)).toEqual([256, 256, 4, 4]);
    expect(shapes.get(`${block(7)}4.weight`)).toEqual([256]);
    expect(shapes.has(`${block(7)}2.weight`)).toBe(false);
    expect(shapes.get("model.model.3.weight")).toEqual([128, 3, 4, 4]);
    expect(shapes.get("model.model.3.bias")).toEqual([3]);
    expect([...shapes.keys()].filter((name) => name.endsWith("bias") && shapes.get(name)![0] === 3).length).toBe(1);
  });

  test("unet: every convolution has a bias without affine norm, only the last with it", () => {
    const convBiases = (options: Partial<UnetOptions>) =>
      unet({ ...unetDefaults, ...options }).parameters.filter(({ start }) => start === "bias").length;
    expect(convBiases({})).toBe(1);
    expect(convBiases({ norm: "batch", affine: false })).toBe(1);
    expect(convBiases({ affine: false })).toBe(16);
    expect(convBiases({ norm: "none" })).toBe(16);
  });

  test("unet: three blocks drop out at 8 layers, none without dropout", () => {
    expect(traced(unet(unetDefaults), [2, 3, 256, 256])).toEqual({
      output: [2, 3, 256, 256],
      masks: [
        [2, 256, 4, 4],
        [2, 256, 8, 8],
        [2, 256, 16, 16],
      ],
    });
    expect(traced(unet({ ...unetDefaults, dropout: 0 }), [1, 3, 256, 256]).masks).toEqual([]);
    expect(unet({ ...unetDefaults, layers: 5 }).dropout).toBe(0);
  });

  const variants: readonly Partial<UnetOptions>[] = [
    { kernel_size: 2 },
    { kernel_size: 6 },
    { kernel_size: 8 },
    { upsampling: "resize" },
    { layers: 1 },
    { layers: 2 },
    { norm: "none", down_activation: "elu", up_activation: "selu" },
    { norm: "batch", down_activation: "softplus", up_activation: "sigmoid" },
    { affine: false, down_activation: "none", up_activation: "tanh" },
    { channel_count: 4 },
  ];
  for (const variant of variants) {
    test(`unet: with ${JSON.stringify(variant)} it answers images of its input's size in (−1, 1)`, () => {
      const network = unet({ ...unetDefaults, layers: 3, initial_layer_size: 2, max_layer_size: 4, ...variant });
      const b = new ProgramBuilder();
      const shape = [2, variant.channel_count ?? 3, 16, 24];
      const y = network.apply({ b, values: networkIn(b, network), training: undefined }, b.feed("x", shape));
      expect(y.shape).toEqual(shape);
      const state = new Map(
        network.parameters.map(({ name, shape: each, start }, at) => {
          const values = someValues(sizeOf(each), at);
          return [name, start === "running_variance" ? values.map((value) => value + 1.5) : values];
        }),
      );
      const feeds = new Map([["x", someValues(sizeOf(shape))]]);
      const values = evaluateReference(b.program(new Map([["y", y]])), { feeds, state }).outputs.get("y")!;
      expect(values.every((value) => Math.abs(value) <= 1)).toBe(true);
      expect(new Set(values).size).toBeGreaterThan(100);
    });
  }

  test("unet: the default layers are the most that divide the side", () => {
    expect([256, 128, 96, 100, 7].map(largestLayerCount)).toEqual([8, 7, 5, 2, 0]);
  });

  test("unet: what cannot be is said with the parameter and a way out", () => {
    expect(unetProblems(unetDefaults, 256)).toEqual([]);
    expect(unetProblems(unetDefaults, 384)).toEqual([
      {
        parameter: "layers",
        message: "8 layers need an image size that is a multiple of 256, not 384: try 512, or at most 7 layers for 384",
      },
    ]);
    expect(unetProblems({ ...unetDefaults, layers: 2 }, 1)[0]!.message).toContain("try 4");
    const wrong = { kernel_size: 5, dropout: 1, layers: 0, max_layer_size: 32 };
    expect(unetProblems({ ...unetDefaults, ...wrong }, 256).map(({ parameter }) => parameter)).toEqual([
      "layers",
      "kernel_size",
      "max_layer_size",
      "dropout",
    ]);
    expect(unetProblems({ ...unetDefaults, kernel_size: 10 }, 256)[0]!.message).toBe(
      "the kernel size is 2, 4, 6 or 8, not 10",
    );
  });
});

describe("patchgan", () => {
  test("patchgan: 6 channels have the reference's number of parameters", () => {
    expect(parameterCount(patchgan(patchganDefaults))).toBe(2_768_705);
  });

  test("patchgan: names are those of the reference's sequence", () => {
    const names = patchgan(patchganDefaults).parameters.map(({ name }) => name);
    expect(names).toEqual([
      ...["model.0.weight", "model.0.bias", "model.2.weight", "model.3.weight", "model.3.bias"],
      ...["model.5.weight", "model.6.weight", "model.6.bias", "model.8.weight", "model.9.weight", "model.9.bias"],
      ...["model.11.weight", "model.11.bias"],
    ]);
  });

  test("patchgan: a bias before a norm without affine, none before one with it", () => {
    const biases = (options: Partial<PatchganOptions>) =>
      patchgan({ ...patchganDefaults, ...options }).parameters.filter(({ start }) => start === "bias").length;
    expect([biases({}), biases({ norm: "batch" }), biases({ affine: false }), biases({ norm: "none" })]).toEqual([
      2, 2, 5, 5,
    ]);
  });

  test("patchgan: the patch map at 256 has 126, 62, 30, 14, 6 pixels a side for 1 to 5 layers", () => {
    const sides = [1, 2, 3, 4, 5].map((layers) => patchganOutputSide({ ...patchganDefaults, layers }, 256));
    expect(sides).toEqual([126, 62, 30, 14, 6]);
    expect(traced(patchgan(patchganDefaults), [1, 6, 256, 256]).output).toEqual([1, 1, 30, 30]);
  });

  test("patchgan: a map without pixels is said with a way out, and cannot be built", () => {
    expect(patchganProblems(patchganDefaults, 256)).toEqual([]);
    expect(patchganProblems({ ...patchganDefaults, layers: 4 }, 32)).toEqual([
      { parameter: "layers", message: "4 layers leave no output pixel at image size 32: use at most 3 layers" },
    ]);
    expect(patchganProblems(patchganDefaults, 2)[0]!.message).toContain("use larger images or a smaller kernel");
    expect(patchganProblems({ ...patchganDefaults, layers: 0 }, 256).length).toBe(1);
    expect(() => traced(patchgan({ ...patchganDefaults, layers: 4 }), [1, 6, 32, 32])).toThrow("does not fit shape");
  });
});
