import { describe, expect, test } from "@jest/globals";
import { patchgan } from "../../../src/ml/networks/patchgan.js";
import { unet } from "../../../src/ml/networks/unet.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { mean } from "../../../src/ml/program/derived.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { sizeOf } from "../../../src/ml/program/shapes.js";
import { optimizer } from "../../../src/ml/training/optimizers.js";
import { type TrainingProgram, UpdateBuilder } from "../../../src/ml/training/update.js";
import { pairedProgram } from "../../../src/ml/translation/pix2pix.js";
import { someValues } from "../reference.js";

const sgd = optimizer({ algorithm: "sgd", momentum: 0 });
const shared = { initial_layer_size: 2, kernel_size: 4, affine: true } as const;
const gan = (norm: "batch" | "instance") => ({
  generator: unet({
    ...{ ...shared, norm, channel_count: 1, layers: 3, max_layer_size: 4, dropout: 0, upsampling: "transposed" },
    ...{ down_activation: "leaky_relu", up_activation: "relu" },
  }),
  discriminator: patchgan({ ...shared, norm, channel_count: 2, layers: 1, activation: "leaky_relu" }),
});

function zeros({ state }: TrainingProgram): Map<string, Float64Array> {
  return new Map([...state].map(([name, shape]) => [name, new Float64Array(sizeOf(shape))]));
}

describe("UpdateBuilder", () => {
  test("update: batch norm's running statistics move once per training pass", () => {
    const image_shape = [2, 1, 8, 8];
    const training = pairedProgram({ ...gan("batch"), optimizer: sgd, gan_mode: "lsgan", l1_lambda: 1, image_shape });
    const state = zeros(training);
    const running = [...state.keys()].filter((name) => name.endsWith("running_var"));
    for (const name of running) state.get(name)!.fill(1);
    const images = someValues(sizeOf(image_shape));
    const feeds = new Map([
      ["A", images],
      ["B", images],
      ["rate", Float64Array.of(0)],
    ]);
    const { updates } = evaluateReference(training.program, { feeds, state });
    // Weights of zero give a batch variance of 0: each pass leaves 0.9 of the running one.
    const passes = running.map((name) => [name.slice(0, 4), updates.get(name)![0]!] as const);
    expect(passes.filter(([model]) => model === "netG").length).toBe(3);
    expect(passes.filter(([model]) => model === "netD").length).toBe(1);
    for (const [model, value] of passes) expect(value).toBeCloseTo(model === "netG" ? 0.9 : 0.9 ** 3, 12);
  });

  test("update: two models step together, and one that is only passed through keeps its weights", () => {
    const b = new ProgramBuilder();
    const update = new UpdateBuilder(b, sgd);
    const { discriminator } = gan("instance");
    const [first, second, frozen] = ["first", "second", "frozen"].map((name) => update.model(name, discriminator));
    const x = b.feed("x", [1, 2, 8, 8]);
    const answers = [first!, second!, frozen!].map((model) => update.forward(model, x));
    const loss = mean(
      b,
      answers.reduce((sum, answer) => b.add(sum, answer)),
    );
    update.minimize(loss, [first!, second!]);
    const training = update.finish(new Map([["loss", loss]]));
    expect(training.state.size).toBe(3 * discriminator.parameters.length);
    const feeds = new Map([
      ["x", someValues(128)],
      ["rate", Float64Array.of(0.5)],
    ]);
    const { updates } = evaluateReference(training.program, { feeds, state: zeros(training) });
    expect([...updates.keys()].some((name) => name.startsWith("frozen"))).toBe(false);
    // The last bias adds to every answer: its gradient is 1.
    expect(updates.get("first.model.5.bias")![0]).toBeCloseTo(-0.5, 12);
    expect(updates.get("second.model.5.bias")![0]).toBeCloseTo(-0.5, 12);
  });

  test("update: the dropout masks of two passes have names of their own", () => {
    const b = new ProgramBuilder();
    const update = new UpdateBuilder(b, sgd);
    const deep = unet({
      ...{ ...shared, norm: "instance", channel_count: 1, layers: 6, max_layer_size: 2, dropout: 0.25 },
      ...{ upsampling: "transposed", down_activation: "none", up_activation: "relu" },
    });
    const model = update.model("netG", deep);
    const once = update.forward(model, b.feed("x", [1, 1, 64, 64]));
    update.forward(model, once);
    const { masks } = update.finish(new Map());
    expect(new Set(masks.map(({ feed }) => feed)).size).toBe(2);
    expect(masks.map(({ dropout }) => dropout)).toEqual([0.25, 0.25]);
  });
});
