import { describe, expect, test } from "@jest/globals";
import { normalization, resizeConvolution } from "../../../src/ml/networks/layers.js";
import type { Network } from "../../../src/ml/networks/network.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import { evaluateReference } from "../../../src/ml/program/reference.js";
import { inferenceProgram } from "../../../src/ml/training/inference.js";
import { optimizer } from "../../../src/ml/training/optimizers.js";
import { UpdateBuilder } from "../../../src/ml/training/update.js";
import { outputsOf, type Reference, readReference, relativeError, someValues } from "../reference.js";

interface RunningCase {
  readonly x: Reference;
  readonly mean: Reference;
  readonly var: Reference;
}

const training = {
  dropoutMask: (): Tensor => {
    throw new Error("no layer here drops out");
  },
  observe: () => undefined,
};
const names = ["n.weight", "n.bias", "n.running_mean", "n.running_var"];

describe("batch norm", () => {
  const layer = normalization("n", 3, "batch", false);
  const network: Network = { ...layer, dropout: 0 };
  const shape = [2, 3, 4, 4];
  const start = () =>
    new Map<string, Float64Array>([
      ["m.n.weight", Float64Array.of(1, 2, 0.5)],
      ["m.n.bias", Float64Array.of(0, 1, -1)],
      ["m.n.running_mean", new Float64Array(3)],
      ["m.n.running_var", new Float64Array(3).fill(1)],
    ]);

  test("layers: batch norm's running statistics after each training pass are PyTorch's", () => {
    const { batch_norm_running: passes } = readReference<{ batch_norm_running: readonly RunningCase[] }>(
      "operations.json",
    );
    const b = new ProgramBuilder();
    const update = new UpdateBuilder(b, optimizer({ algorithm: "sgd", momentum: 0 }));
    const y = update.forward(update.model("m", network), b.feed("x", shape));
    const { program } = update.finish(new Map([["y", y]]));
    let state = start();
    for (const { x, mean, var: variance } of passes) {
      const feeds = new Map([["x", Float64Array.from(x.data)]]);
      state = new Map([...state, ...evaluateReference(program, { feeds, state }).updates]);
      expect(relativeError(state.get("m.n.running_mean")!, mean.data)).toBeLessThan(1e-8);
      expect(relativeError(state.get("m.n.running_var")!, variance.data)).toBeLessThan(1e-8);
    }
    expect(passes.length).toBe(3);
  });

  test("layers: batch norm takes the running statistics at inference", () => {
    const state = start();
    state.set("m.n.running_mean", Float64Array.of(0.5, -1, 2));
    state.set("m.n.running_var", Float64Array.of(4, 0.25, 1));
    const x = someValues(96);
    const y = outputsOf(inferenceProgram(network, shape, "m"), new Map([["x", x]]), state).get("y")!;
    const expected = x.map((value, at) => {
      const c = Math.floor(at / 16) % 3;
      const normal = (value - [0.5, -1, 2][c]!) / Math.sqrt([4, 0.25, 1][c]! + 1e-5);
      return normal * [1, 2, 0.5][c]! + [0, 1, -1][c]!;
    });
    expect(relativeError(y, expected)).toBeLessThan(1e-12);
  });

  test("layers: batch norm of one value per channel is refused in training", () => {
    const b = new ProgramBuilder();
    const values = new Map(names.map((name) => [name, b.state(name, [3])]));
    expect(() => layer.apply({ b, values, training }, b.feed("x", [1, 3, 1, 1]))).toThrow("more than one value");
  });
});

describe("other layers", () => {
  test("layers: a parameter without a value is named", () => {
    const b = new ProgramBuilder();
    const pass = { b, values: new Map<string, Tensor>(), training: undefined };
    expect(() => normalization("n", 3, "instance", true).apply(pass, b.feed("x", [1, 3, 2, 2]))).toThrow('"n.weight"');
  });

  test("layers: a resize convolution that copies its centre doubles the image, edges too", () => {
    const layer = resizeConvolution({ name: "u", inputs: 1, outputs: 1, bias: false });
    const b = new ProgramBuilder();
    const values = new Map([["u.weight", b.state("u.weight", [1, 1, 3, 3])]]);
    const y = layer.apply({ b, values, training: undefined }, b.feed("x", [1, 1, 1, 2]));
    const outputs = outputsOf(
      b.program(new Map([["y", y]])),
      new Map([["x", Float64Array.of(1, 2)]]),
      new Map([["u.weight", Float64Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0)]]),
    );
    expect([...outputs.get("y")!]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
  });
});
