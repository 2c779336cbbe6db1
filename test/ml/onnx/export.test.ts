/** @jest-environment ./dist/test/ml/runtime/environment.js */

import { describe, expect, test } from "@jest/globals";
import { verifyExport } from "../../../src/ml/inference/verify.js";
import type { Activation } from "../../../src/ml/networks/layers.js";
import type { Network } from "../../../src/ml/networks/network.js";
import { type ResnetOptions, resnet } from "../../../src/ml/networks/resnet.js";
import { type UnetOptions, unet } from "../../../src/ml/networks/unet.js";
import { type ExportOptions, type ExportSource, exportModel } from "../../../src/ml/onnx/export.js";
import { floatsOf, type ModelProto } from "../../../src/ml/onnx/model.js";
import { decodeModel } from "../../../src/ml/onnx/model-bytes.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { loadOnnxruntime, openSession } from "../../../src/ml/runtime/onnxruntime/load.js";
import { createOnnxruntime } from "../../../src/ml/runtime/onnxruntime/onnxruntime.js";
import { stateWith } from "../../../src/ml/runtime/trial/compare.js";
import { inferenceProgram } from "../../../src/ml/training/inference.js";
import { someValues } from "../reference.js";

const UNET: UnetOptions = {
  ...{ channel_count: 3, layers: 3, initial_layer_size: 4, max_layer_size: 16, kernel_size: 4, norm: "instance" },
  ...{ affine: true, down_activation: "leaky_relu", up_activation: "relu", dropout: 0.5, upsampling: "transposed" },
};

const RESNET: ResnetOptions = {
  ...{ channel_count: 3, initial_layer_size: 2, norm: "instance", affine: true, dropout: 0, upsampling: "transposed" },
  blocks: 1,
};

function sourceOf(network: Network, size: readonly [number, number] = [16, 16], size_multiple = 8) {
  const channels = network.parameters[0]!.shape[1]!;
  const weights = network.parameters.map(({ name, shape, start }, at) => {
    const spread = Float32Array.from(someValues(sizeOf(shape), at), (value) => 0.3 * value);
    const values = start === "norm_scale" || start === "running_variance" ? spread.map((value) => 1 + value) : spread;
    return [`netG.${name}`, values] as const;
  });
  return {
    program: (height: number, width: number) => inferenceProgram(network, [1, channels, height, width]),
    ...{ weights: new Map(weights), prefix: "netG.", size, size_multiple },
  } satisfies ExportSource;
}

const FIXED: ExportOptions = { version: 17, dynamic_axes: false, value_range: "zero_to_one", metadata: new Map() };

async function exported(source: ExportSource, options: Partial<ExportOptions> = {}): Promise<ModelProto> {
  const all = { ...FIXED, ...options };
  const bytes = exportModel(source, all);
  await verifyExport(bytes, source, all, 1);
  return decodeModel(bytes);
}

const operators = (model: ModelProto) => new Set(model.graph!.nodes.map(({ operator }) => operator));
const shapeOf = (model: ModelProto, side: "inputs" | "outputs") =>
  model.graph![side].map(({ name, type }) => [
    name,
    ...type!.tensor!.shape!.dimensions.map(({ length, symbol }) => length ?? symbol),
  ]);

const activations = ["leaky_relu", "relu", "elu", "selu", "tanh", "sigmoid", "softplus", "none"] as const;

describe("exported models", () => {
  const irVersions = new Map([
    ...([
      [11, 6] as const,
      [12, 7],
      [13, 7],
      [14, 7],
      [15, 8],
      [16, 8],
      [17, 8],
      [18, 8],
      [19, 9],
      [20, 9],
      [21, 10],
    ] as const),
  ]);
  for (const [version, irVersion] of irVersions) {
    test(`export: operator set ${version} answers as the network does: both networks, norms, upsamplings, every activation`, async () => {
      const kinds = (["instance", "batch"] as const).flatMap((norm) =>
        (["transposed", "resize"] as const).map((upsampling) => ({ norm, upsampling })),
      );
      for (const [at, kind] of kinds.entries()) {
        const [down_activation, up_activation] = activations.slice(2 * at) as [Activation, Activation];
        const model = await exported(
          sourceOf(unet({ ...UNET, ...kind, layers: 2, down_activation, up_activation }), [8, 8], 4),
          { version, dynamic_axes: true },
        );
        expect([model.irVersion, model.opsets]).toEqual([irVersion, [{ domain: "", version }]]);
        const network = resnet({ ...RESNET, ...kind });
        const range = { value_range: at % 2 === 0 ? "zero_to_one" : "minus_one_to_one" } as const;
        await exported(sourceOf(network, [8, 8], 4), { version, dynamic_axes: true, ...range });
      }
    });
  }

  const names = ["LeakyRelu", "Relu", "Elu", "Selu", "Tanh", "Sigmoid", "Softplus"];
  for (const [at, activation] of activations.entries()) {
    test(`export: the activation ${activation} goes out by its own name`, async () => {
      const network = unet({ ...UNET, down_activation: activation, up_activation: activation });
      const found = operators(await exported(sourceOf(network), { version: 11 }));
      const expected = new Set(["Tanh", ...names.slice(at, at + 1)]);
      expect(new Set(names.filter((name) => found.has(name)))).toEqual(expected);
    });
  }

  test("export: norms, residual blocks and other sizes answer as the network does", async () => {
    await exported(sourceOf(unet({ ...UNET, norm: "batch" })), { dynamic_axes: true });
    await exported(sourceOf(unet({ ...UNET, norm: "none" })), { value_range: "minus_one_to_one" });
    for (const upsampling of ["transposed", "resize"] as const) {
      const network = resnet({ ...RESNET, affine: false, dropout: 0.5, blocks: 2, upsampling });
      await exported(sourceOf(network, [16, 20], 4), { version: 13, dynamic_axes: true });
    }
    await exported(sourceOf(unet({ ...UNET, affine: false, channel_count: 1 }), [24, 16]), { dynamic_axes: true });
  });

  test("export: a constant image leaves a residual network constant, whatever the rounding of its means", async () => {
    // Without a learned shift every channel is zero after its norm, and rounding would grow 300 times in each of the 15.
    const network = resnet({ ...RESNET, affine: false, blocks: 5 });
    const source = sourceOf(network, [24, 20], 4);
    const bytes = exportModel(source, { ...FIXED, value_range: "minus_one_to_one" });
    const session = await openSession(await loadOnnxruntime(), bytes, { threads: 1, device: "cpu" }, "the model");
    const ort = await loadOnnxruntime();
    const x = new Float32Array(3 * 24 * 20).fill(0.1);
    const { output } = await session.run({ input: new ort.Tensor("float32", x, [1, 3, 24, 20]) });
    await session.release();
    const state = new Map([...source.weights].map(([name, values]) => [name, new Float64Array(values)]));
    const { outputs } = evaluateReference(source.program(24, 20), {
      feeds: new Map([["x", new Float64Array(x)]]),
      state,
    });
    const bias = source.weights.get("netG.model.22.bias")!;
    for (const answer of [output!.data as Float32Array, outputs.get("y")!]) {
      for (const [at, value] of answer.entries()) expect(value).toBeCloseTo(Math.tanh(bias[Math.floor(at / 480)]!), 6);
    }
  });

  test("export: a constant image that borders and shifts break up is answered within the limits, before the export too", async () => {
    // Most of a map is alike, so that sums in one go round the same way each time: both answers were off by 1.5e-4 and more.
    const network = resnet({ ...RESNET, blocks: 2 });
    const { weights, ...rest } = sourceOf(network, [128, 128], 4);
    for (const { name, start } of network.parameters.filter(({ shape }) => shape.length === 1)) {
      const middle = start === "norm_scale" ? 1 : 0;
      const wider = weights.get(`netG.${name}`)!.map((value) => middle + (value - middle) * (0.5 / 0.3));
      weights.set(`netG.${name}`, wider);
    }
    const source = { ...rest, weights };
    await exported(source, { value_range: "minus_one_to_one" });
    const runtime = await createOnnxruntime({ threads: 1 });
    const shapes = new Map(network.parameters.map(({ name, shape }) => [`netG.${name}`, shape]));
    const values = new Map([...weights].map(([name, data]) => [name, Float64Array.from(data)]));
    const program = source.program(128, 128);
    const state = stateWith(runtime, shapes, values);
    const compiled = await runtime.compile(program, state);
    const x = new Float64Array(3 * 128 * 128).fill(0.5);
    const answer = (await compiled.step(new Map([["x", Float32Array.from(x)]]))).get("y")!;
    const expected = evaluateReference(program, { feeds: new Map([["x", x]]), state: values }).outputs.get("y")!;
    expect(Math.max(...answer.map((value, at) => Math.abs(value - expected[at]!)))).toBeLessThan(1e-4);
    compiled.dispose();
    state.dispose();
  });

  test("export: weights lie in the file under PyTorch's names, unchanged", async () => {
    const source = sourceOf(unet(UNET));
    const model = await exported(source);
    for (const [name, values] of source.weights) {
      const stored = model.graph!.initializers.find((tensor) => `netG.${tensor.name}` === name);
      expect(stored).toBeDefined();
      expect(floatsOf(stored!)).toEqual(values);
    }
  });

  test("export: one input, one output, and what a reader needs to know of them", async () => {
    const metadata = new Map([
      ["iteration", "7"],
      ["norm", "instance"],
    ]);
    const fixed = await exported(sourceOf(unet(UNET)), { metadata });
    expect(shapeOf(fixed, "inputs")).toEqual([["input", 1, 3, 16, 16]]);
    expect(shapeOf(fixed, "outputs")).toEqual([["output", 1, 3, 16, 16]]);
    expect(Object.fromEntries(fixed.metadata.map(({ key, value }) => [key, value]))).toEqual({
      ...{ layout: "NCHW", color_order: "RGB", value_range: "zero_to_one", channel_count: "3", image_size: "16" },
      ...{ size_multiple: "8", iteration: "7", norm: "instance" },
    });
    expect(operators(fixed).has("Dropout")).toBe(false);
    const open = await exported(sourceOf(unet(UNET)), { dynamic_axes: true });
    expect(shapeOf(open, "inputs")).toEqual([["input", 1, 3, "height", "width"]]);
    expect(shapeOf(open, "outputs")).toEqual([["output", 1, 3, "height", "width"]]);
  });

  test("export: a network that depends on the image size has no dynamic axes", () => {
    const source: ExportSource = {
      program: (height, width) => {
        const b = new ProgramBuilder();
        const x = b.feed("A", [1, 1, height, width]);
        const mean = b.mul(b.sum(x, [2, 3]), 1 / (height * width));
        return b.program(new Map([["y", b.sub(x, b.expand(mean, x.shape))]]));
      },
      ...{ weights: new Map(), prefix: "", size: [8, 8], size_multiple: 8 },
    };
    expect(() => exportModel(source, { ...FIXED, dynamic_axes: true })).toThrow(
      "this network's operations depend on the image size, so its axes cannot be dynamic",
    );
  });

  test("export: other operator sets are refused", () => {
    const source = sourceOf(unet(UNET));
    expect(() => exportModel(source, { ...FIXED, version: 10 })).toThrow("an operator set from 11 to 21, not 10");
    expect(() => exportModel(source, { ...FIXED, version: 22 })).toThrow("an operator set from 11 to 21, not 22");
  });

  test("export: a model with one weight off by a little fails its verification", async () => {
    const source = sourceOf(unet(UNET));
    const bytes = exportModel(source, FIXED);
    const [name, values] = [...source.weights][0]!;
    const wrong = { ...source, weights: new Map([...source.weights, [name, values.map((value) => value * 1.01)]]) };
    await expect(verifyExport(bytes, wrong, FIXED, 1)).rejects.toThrow(
      /^the exported model differs from the network: by /,
    );
  });
});
