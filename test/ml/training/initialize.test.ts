import { describe, expect, test } from "@jest/globals";
import type { Network, Start } from "../../../src/ml/networks/network.js";
import { initialValues } from "../../../src/ml/training/initialize.js";

function networkOf(...parameters: readonly (readonly [string, readonly number[], Start])[]): Network {
  return {
    parameters: parameters.map(([name, shape, start]) => ({ name, shape, start, trained: true })),
    dropout: 0,
    apply: (_, x) => x,
  };
}

const normal = { initializer: "normal", gain: 0.02, seed: 1 } as const;
const orthogonal = { initializer: "orthogonal", gain: 0.5, seed: 1 } as const;

function moments(values: Float32Array): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}

describe("initialValues", () => {
  test("initialize: normal weights and norm scales have the gain as deviation; biases and shifts are 0", () => {
    const values = initialValues(
      networkOf(
        ["w", [64, 32, 4, 4], "weight"],
        ["g", [4096], "norm_scale"],
        ["b", [8], "bias"],
        ["s", [8], "norm_shift"],
        ["m", [8], "running_mean"],
        ["v", [8], "running_variance"],
      ),
      "netG",
      normal,
    );
    const weights = moments(values.get("w")!);
    expect(Math.abs(weights.mean)).toBeLessThan((4 * 0.02) / Math.sqrt(32768));
    expect(Math.abs(weights.deviation / 0.02 - 1)).toBeLessThan(4 / Math.sqrt(2 * 32768));
    const scales = moments(values.get("g")!);
    expect(Math.abs(scales.mean - 1)).toBeLessThan((4 * 0.02) / Math.sqrt(4096));
    expect(Math.abs(scales.deviation / 0.02 - 1)).toBeLessThan(4 / Math.sqrt(2 * 4096));
    for (const name of ["b", "s", "m"]) expect([...values.get(name)!]).toEqual(Array(8).fill(0));
    expect([...values.get("v")!]).toEqual(Array(8).fill(1));
  });

  test("initialize: a pure function of seed, network and parameter", () => {
    const first = (model: string, parameter: string, seed: number) =>
      initialValues(networkOf([parameter, [4], "weight"]), model, { ...normal, seed })
        .get(parameter)!
        .join();
    expect(first("netG", "w", 1)).toBe(first("netG", "w", 1));
    const all = [first("netG", "w", 1), first("netG", "w", 2), first("netG", "x", 1), first("netD", "w", 1)];
    expect(new Set(all).size).toBe(4);
  });

  test.each([
    ["more columns than rows", [6, 2, 4, 4], 6],
    ["more rows than columns", [40, 1, 3, 3], 9],
    ["square", [16, 16], 16],
  ])("initialize: orthogonal weights with %s are orthonormal times the gain", (_, shape, rank) => {
    const weight = initialValues(networkOf(["w", shape, "weight"]), "netG", orthogonal).get("w")!;
    const [rows, columns] = [shape[0]!, weight.length / shape[0]!];
    const at = (vector: number, i: number) => weight[rows <= columns ? vector * columns + i : i * columns + vector]!;
    const length = Math.max(rows, columns);
    for (let a = 0; a < rank; a++) {
      for (let c = 0; c <= a; c++) {
        let dot = 0;
        for (let i = 0; i < length; i++) dot += at(a, i) * at(c, i);
        expect(Math.abs(dot - (a === c ? 0.25 : 0))).toBeLessThan(1e-6);
      }
    }
  });
});
