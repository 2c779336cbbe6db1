/** Losses of structure: their values and gradients are PyTorch's in float64, and what they are made of is what is tested by. */
import { describe, expect, test } from "@jest/globals";
import { ssim } from "../../../src/ml/metrics/ssim.js";
import { ProgramBuilder } from "../../../src/ml/program/build.js";
import { gradient } from "../../../src/ml/program/gradient.js";
import type { Tensor } from "../../../src/ml/program/program.js";
import { gradientLoss, imageLosses, ssimLoss } from "../../../src/ml/translation/image-losses.js";
import { outputsOf, type Reference, readReference, relativeError, someValues } from "../reference.js";

interface LossCase {
  readonly made: Reference;
  readonly target: Reference;
  readonly gradient: { readonly value: number; readonly gradient: Reference };
  readonly ssim: { readonly value: number; readonly gradient: Reference };
}

const { losses } = readReference<{ losses: readonly LossCase[] }>("quality.json");
const LOSSES = { gradient: gradientLoss, ssim: ssimLoss } as const;

describe("image losses", () => {
  for (const [name, loss] of Object.entries(LOSSES)) {
    for (const each of losses) {
      const { made, target } = each;
      test(`image losses: ${name} of ${made.shape.join("×")} and its gradient are PyTorch's`, () => {
        const b = new ProgramBuilder();
        const image = b.feed("made", made.shape);
        const value = loss(b, image, b.feed("target", target.shape));
        const [slope] = gradient(b, value, [image]);
        const feeds = new Map([
          ["made", Float64Array.from(made.data)],
          ["target", Float64Array.from(target.data)],
        ]);
        const found = outputsOf(
          b.program(
            new Map([
              ["value", value],
              ["slope", slope!],
            ]),
          ),
          feeds,
        );
        const expected = each[name as keyof typeof LOSSES];
        expect(found.get("value")![0]).toBeCloseTo(expected.value, 12);
        expect(relativeError(found.get("slope")!, expected.gradient.data)).toBeLessThan(1e-9);
      });
    }
  }

  test("image losses: the SSIM of images in −1..1 is the one that tests measure", () => {
    const shape = [1, 3, 16, 20];
    const b = new ProgramBuilder();
    const loss = ssimLoss(b, b.feed("x", shape), b.feed("y", shape));
    const [x, y] = [0, 1].map((seed) => someValues(960, seed).map((value) => Math.tanh(value))) as [
      Float64Array,
      Float64Array,
    ];
    const found = outputsOf(
      b.program(new Map([["loss", loss]])),
      new Map([
        ["x", x],
        ["y", y],
      ]),
    ).get("loss")![0]!;
    const unit = (values: Float64Array) => Float32Array.from(values, (value) => (value + 1) / 2);
    expect(1 - found).toBeCloseTo(ssim(unit(x), unit(y), { channels: 3, height: 16, width: 20 }), 6);
  });

  test("image losses: each is weighed, and one without a weight is not there", () => {
    const shape = [1, 1, 8, 8];
    const values = (weights: { gradient: number; ssim: number }) => {
      const b = new ProgramBuilder();
      const { total, scalars } = imageLosses(b, b.feed("x", shape), b.feed("y", shape), 100, weights);
      const feeds = new Map([
        ["x", someValues(64, 1)],
        ["y", someValues(64, 2)],
      ]);
      const found = outputsOf(b.program(new Map<string, Tensor>([["total", total], ...scalars])), feeds);
      return new Map([...found].map(([name, [value]]) => [name, value!]));
    };
    expect([...values({ gradient: 0, ssim: 0 }).keys()]).toEqual(["total", "g_l1"]);
    const found = values({ gradient: 50, ssim: 20 });
    const of = (name: string) => found.get(name)!;
    expect(of("total")).toBeCloseTo(100 * of("g_l1") + 50 * of("g_gradient") + 20 * of("g_ssim"), 9);
  });
});
