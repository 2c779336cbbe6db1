import { describe, expect, test } from "@jest/globals";
import { outputsOf, relativeError } from "../reference.js";
import { PROGRAMS, TORCH_CASES } from "./torch-cases.js";

describe("programs against PyTorch in float64", () => {
  test("torch: every case of the reference has a program", () => {
    expect(TORCH_CASES.map(({ name }) => name).sort()).toEqual(Object.keys(PROGRAMS).sort());
  });

  for (const { name, program, feeds, expected } of TORCH_CASES) {
    test(`torch: ${name}, its value and the gradient of every input`, () => {
      expect(program.outputs.get("y")!.shape).toEqual(expected.y!.shape);
      const outputs = outputsOf(program, feeds);
      expect(outputs.size).toBeGreaterThan(1);
      for (const [key, { data }] of Object.entries(expected)) {
        expect(relativeError(outputs.get(key)!, data)).toBeLessThan(1e-8);
      }
    });
  }
});
