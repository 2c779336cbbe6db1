import { describe, expect, test } from "@jest/globals";
import { parameterCount } from "../../../src/ml/networks/network.js";
import { type ResnetOptions, resnet, resnetProblems, usualBlockCount } from "../../../src/ml/networks/resnet.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Shape } from "../../../src/ml/program/program.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { someValues } from "../reference.js";

const defaults: ResnetOptions = {
  channel_count: 3,
  initial_layer_size: 64,
  blocks: 9,
  norm: "instance",
  affine: false,
  dropout: 0,
  upsampling: "transposed",
};

describe("resnet", () => {
  test("resnet: nine blocks of the reference have 11.378 million parameters", () => {
    expect(parameterCount(resnet(defaults))).toBe(11_378_179);
  });

  test("resnet: names are those of the reference's sequence, counted with and without dropout", () => {
    const names = (options: Partial<ResnetOptions>) =>
      resnet({ ...defaults, blocks: 1, ...options })
        .parameters.map(({ name }) => name)
        .filter((name) => name.endsWith("weight"));
    expect(names({})).toEqual(
      [1, 4, 7, "10.conv_block.1", "10.conv_block.5", 11, 14, 18].map((module) => `model.${module}.weight`),
    );
    expect(names({ dropout: 0.5, norm: "batch" })).toEqual(
      [
        ...[1, 2, 4, 5, 7, 8, "10.conv_block.1", "10.conv_block.2", "10.conv_block.6", "10.conv_block.7"],
        ...[11, 12, 14, 15, 18],
      ].map((module) => `model.${module}.weight`),
    );
  });

  test.each([{ upsampling: "transposed" }, { upsampling: "resize" }, { norm: "none" }] as const)(
    "resnet: with %j it answers images of its input's size in (−1, 1)",
    (variant) => {
      const network = resnet({ ...defaults, initial_layer_size: 2, blocks: 2, ...variant });
      const b = new ProgramBuilder();
      const shape = [1, 3, 16, 8];
      const values = new Map(network.parameters.map((each) => [each.name, b.state(each.name, each.shape)]));
      const y = network.apply({ b, values, training: undefined }, b.feed("x", shape));
      const state = new Map(
        network.parameters.map((each, at) => [each.name, someValues(sizeOf(each.shape), at).map((value) => value / 3)]),
      );
      const program = b.program(new Map([["y", y]]));
      const image = evaluateReference(program, {
        feeds: new Map([["x", someValues(sizeOf(shape))]]),
        state,
      }).outputs.get("y")!;
      expect(y.shape).toEqual(shape);
      expect(image.every((value) => Math.abs(value) <= 1)).toBe(true);
      expect(new Set(image).size).toBeGreaterThan(100);
    },
  );

  test("resnet: every block asks for a mask in training when it drops out", () => {
    const network = resnet({ ...defaults, initial_layer_size: 2, blocks: 3, dropout: 0.5 });
    const b = new ProgramBuilder();
    const masks = new Map<string, Shape>();
    const dropoutMask = (layer: string, shape: Shape) => {
      masks.set(layer, shape);
      return b.feed(layer, shape);
    };
    const values = new Map(network.parameters.map((each) => [each.name, b.state(each.name, each.shape)]));
    network.apply({ b, values, training: { dropoutMask, observe: () => undefined } }, b.feed("x", [2, 3, 8, 8]));
    expect(network.dropout).toBe(0.5);
    expect([...masks]).toEqual([10, 11, 12].map((module) => [`model.${module}.conv_block.4`, [2, 8, 2, 2]]));
  });

  test("resnet: sides that it cannot take are said with one that it can", () => {
    expect(resnetProblems(defaults, 256)).toEqual([]);
    expect(resnetProblems(defaults, 30).map(({ message }) => message.split(": ")[1])).toEqual(["try 32"]);
    expect(resnetProblems(defaults, 4).map(({ message }) => message.split(": ")[1])).toEqual(["try 8"]);
    expect(resnetProblems({ ...defaults, blocks: -1, dropout: 1 }, 64).map(({ parameter }) => parameter)).toEqual([
      "blocks",
      "dropout",
    ]);
    expect([64, 128, 129, 256].map(usualBlockCount)).toEqual([6, 6, 9, 9]);
  });
});
