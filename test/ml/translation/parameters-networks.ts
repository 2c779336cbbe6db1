/** What each key of `generator` and `discriminator` changes: rows of `parameters.test.ts`. */
import { expect } from "@jest/globals";
import type { Activation } from "../../../src/ml/networks/layers.js";
import { patchganOutputSide } from "../../../src/ml/networks/patchgan.js";
import { type Change, opened, operationsOf, shapesOf } from "./opened.js";

const SIDE = 16;
const LAYERS = 4;

/** The networks of a training: shapes of parameters, and operations at inference. */
function networks(change: Change, side = SIDE) {
  const dataset = { image_size: side, ...change.dataset };
  return opened({ ...change, dataset }, ({ trainer }) => {
    const [netG, netD] = trainer.method.components.map(({ layers }) => layers);
    const of = (network: typeof netG, channels: number) => ({
      shapes: shapesOf(network!),
      operations: operationsOf(network!, channels, side),
      dropout: network!.dropout,
    });
    return { netG: of(netG, 3), netD: of(netD, 6) };
  });
}

const generator = (change: Readonly<Record<string, unknown>>, side?: number) =>
  networks({ generator: change }, side).then(({ netG }) => netG);
const discriminator = (change: Readonly<Record<string, unknown>>) =>
  networks({ discriminator: change }).then(({ netD }) => netD);
const weights = (shapes: ReadonlyMap<string, readonly number[]>) =>
  [...shapes].filter(([, shape]) => shape.length === 4).map(([, shape]) => shape);
/** Of a U-Net's convolutions, on the way down. */
const downward = (shapes: ReadonlyMap<string, readonly number[]>) =>
  weights(shapes)
    .slice(0, weights(shapes).length / 2)
    .map(([outputs]) => outputs);

const KINDS: Readonly<Record<Exclude<Activation, "none">, string>> = {
  ...{ leaky_relu: "leaky_relu", relu: "relu", elu: "elu", selu: "selu", sigmoid: "sigmoid", softplus: "softplus" },
  tanh: "tanh",
};

/** Operations with every activation at one place, where `count` of them stand; `tanh` also ends a generator. */
async function expectActivations(
  count: number,
  last: number,
  of: (activation: Activation) => Promise<{ readonly operations: Readonly<Record<string, number>> }>,
): Promise<void> {
  for (const [activation, kind] of Object.entries(KINDS)) {
    const { operations } = await of(activation as Activation);
    expect([activation, operations[kind]]).toEqual([activation, count + (kind === "tanh" ? last : 0)]);
  }
  const { operations } = await of("none");
  for (const kind of Object.values(KINDS)) expect(operations[kind] ?? 0).toBe(kind === "tanh" ? last : 0);
}

export const GENERATOR: Readonly<Record<string, () => Promise<void>>> = {
  async architecture() {
    const names = async (architecture: string, side: number) => [
      ...(await generator({ architecture }, side)).shapes.keys(),
    ];
    expect((await names("unet", SIDE)).some((name) => name.startsWith("model.model.1.model"))).toBe(true);
    const resnet = await names("resnet", SIDE);
    expect(new Set(resnet.flatMap((name) => /^model\.(\d+)\.conv_block/.exec(name)?.[1] ?? [])).size).toBe(6);
    const { operations } = await generator({ architecture: "resnet" });
    // 3 pixels around first and last, and twice in every block.
    expect([operations.pad, operations.conv, operations.conv_transpose]).toEqual([2 + 12, 4 + 12, 2]);
  },
  async layers() {
    for (const layers of [1, 2, 3]) {
      const { operations } = await generator({ layers });
      expect([operations.conv, operations.conv_transpose]).toEqual([layers, layers]);
    }
    expect((await generator({})).operations.conv).toBe(LAYERS);
    expect((await generator({}, 24)).operations.conv).toBe(3);
  },
  async model_size() {
    for (const [model_size, size] of Object.entries({ small: 16, medium: 32, large: 64 })) {
      const { shapes } = await generator({ model_size, layers: 2, max_layer_size: 64 });
      expect(downward(shapes)[0]).toBe(size);
    }
  },
  async initial_layer_size() {
    expect(downward((await generator({ initial_layer_size: 2, max_layer_size: 64 })).shapes)).toEqual([2, 4, 8, 16]);
    expect(downward((await generator({ initial_layer_size: 3, max_layer_size: 64 })).shapes)).toEqual([3, 6, 12, 24]);
  },
  async max_layer_size() {
    expect(downward((await generator({ max_layer_size: 8 })).shapes)).toEqual([4, 8, 8, 8]);
    expect(downward((await generator({ max_layer_size: 9 })).shapes)).toEqual([4, 8, 9, 9]);
    // By itself as large as the image.
    expect(downward((await generator({ max_layer_size: "auto", initial_layer_size: 8 })).shapes)).toEqual([
      8, 16, 16, 16,
    ]);
  },
  async kernel_size() {
    for (const kernel_size of [2, 4, 6, 8]) {
      const { shapes } = await generator({ kernel_size });
      expect(weights(shapes).every(([, , height, width]) => height === kernel_size && width === kernel_size)).toBe(
        true,
      );
    }
  },
  down_activation: () =>
    expectActivations(LAYERS - 1, 1, (down_activation) => generator({ down_activation, up_activation: "none" })),
  up_activation: () =>
    expectActivations(LAYERS, 1, (up_activation) => generator({ up_activation, down_activation: "none" })),
  async norm() {
    const of = async (norm: string) => {
      const { netG, netD } = await networks({ generator: { norm }, dataset: { batch_size: 2 } });
      const statistics = [...netG.shapes.keys(), ...netD.shapes.keys()].filter((name) => name.includes("running_"));
      const biases = (shapes: ReadonlyMap<string, readonly number[]>) =>
        [...shapes].filter(
          ([name]) => name.endsWith(".bias") && shapes.get(name.replace("bias", "weight"))!.length === 4,
        );
      return {
        normalized: [netG, netD].map(({ operations }) => operations.normalize ?? 0),
        statistics: statistics.length,
        biases: [netG, netD].map(({ shapes }) => biases(shapes).length),
      };
    };
    // Down 1 and 2, up 3 to 1; of the discriminator the layer between the first and the last.
    expect(await of("instance")).toEqual({ normalized: [5, 1], statistics: 0, biases: [1, 2] });
    expect(await of("batch")).toEqual({ normalized: [0, 0], statistics: 2 * 6, biases: [1, 2] });
    expect(await of("none")).toEqual({ normalized: [0, 0], statistics: 0, biases: [2 * LAYERS, 3] });
  },
  async upsampling() {
    const transposed = (await generator({})).operations;
    expect([transposed.conv_transpose, transposed.upsample2 ?? 0, transposed.pad ?? 0]).toEqual([LAYERS, 0, 0]);
    const { operations, shapes } = await generator({ upsampling: "resize" });
    expect([operations.conv_transpose ?? 0, operations.upsample2, operations.pad]).toEqual([0, LAYERS, LAYERS]);
    expect(
      weights(shapes)
        .slice(LAYERS)
        .every(([, , height, width]) => height === 3 && width === 3),
    ).toBe(true);
  },
};

export const DISCRIMINATOR: Readonly<Record<string, () => Promise<void>>> = {
  async layers() {
    for (const layers of [1, 2]) {
      const { operations, shapes } = await discriminator({ layers });
      // One of stride 1, and the one that answers.
      expect(operations.conv).toBe(layers + 2);
      expect(weights(shapes).at(-1)![0]).toBe(1);
    }
  },
  async initial_layer_size() {
    const outputs = async (initial_layer_size: number) =>
      weights((await discriminator({ initial_layer_size, layers: 2 })).shapes).map(([count]) => count);
    expect(await outputs(4)).toEqual([4, 8, 16, 1]);
    expect(await outputs(5)).toEqual([5, 10, 20, 1]);
  },
  async kernel_size() {
    for (const kernel_size of [2, 3, 4]) {
      const { shapes } = await discriminator({ kernel_size });
      expect(weights(shapes).every(([, , height]) => height === kernel_size)).toBe(true);
    }
    const side = (kernel_size: number) =>
      patchganOutputSide({ layers: 3, kernel_size } as Parameters<typeof patchganOutputSide>[0], 256);
    expect(side(4)).toBe(30);
  },
  activation: () => expectActivations(2, 0, (activation) => discriminator({ activation })),
};
