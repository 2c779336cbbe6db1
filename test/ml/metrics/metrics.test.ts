import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { decodeImage } from "../../../src/image/decode.js";
import { planesOf } from "../../../src/image/planes.js";
import { correlation, mae, mse, psnr } from "../../../src/ml/metrics/difference.js";
import { ssim } from "../../../src/ml/metrics/ssim.js";

const SHARED = "../shared/data/ssim";
const shared = existsSync(SHARED) ? test : test.skip;

/** The pair of training.md §4: 64², X and Y by formula, i the row and j the column. */
function formulaPair(): readonly [Float32Array, Float32Array] {
  const x = new Float32Array(64 * 64);
  const y = new Float32Array(64 * 64);
  for (let i = 0; i < 64; i++) {
    for (let j = 0; j < 64; j++) {
      const value = 0.5 + 0.5 * Math.sin(i / 5) * Math.cos(j / 7);
      x[i * 64 + j] = value;
      y[i * 64 + j] = Math.min(1, Math.max(0, 0.8 * value + 0.1 + 0.05 * Math.sin(3 * i + 2 * j)));
    }
  }
  return [x, y];
}

describe("ssim", () => {
  test("the golden pair: Gaussian window, population covariance, valid region", () => {
    const [x, y] = formulaPair();
    expect(ssim(x, y, { channels: 1, height: 64, width: 64 })).toBeCloseTo(0.8562856497, 6);
  });

  shared("photographs: as scikit-image, gray and the mean over channels", async () => {
    const values = JSON.parse(readFileSync(`${SHARED}/values.json`, "utf8"));
    const load = (name: string) => decodeImage(`${SHARED}/${name}.png`);
    const [camera, noisy, cat, blur] = await Promise.all(["camera", "camera_noisy", "cat", "cat_blur"].map(load));
    expect(ssim(planesOf(camera!), planesOf(noisy!), camera!)).toBeCloseTo(values.camera.ssim_gaussian, 5);
    expect(ssim(planesOf(cat!), planesOf(blur!), cat!)).toBeCloseTo(values.cat.ssim_gaussian_per_channel_mean, 5);
    expect(psnr(mse(planesOf(camera!), planesOf(noisy!)))).toBeCloseTo(values.camera.psnr, 4);
    expect(mse(planesOf(cat!), planesOf(blur!)) * 255 ** 2).toBeCloseTo(values.cat.mse, 3);
  });

  test("equal images: 1; values beyond 0..1 count as their clamp", () => {
    const [x, y] = formulaPair();
    const shape = { channels: 2, height: 64, width: 32 };
    expect(ssim(x, x, shape)).toBeCloseTo(1, 12);
    const beyond = x.map((value) => (value > 0.9 ? 5 : value));
    const clamped = beyond.map((value) => Math.min(1, value));
    expect(ssim(beyond, y, shape)).toBe(ssim(clamped, y, shape));
  });

  test("small images: the largest odd window that fits; constants have a closed form", () => {
    const constant = (value: number, length: number) => new Float32Array(length).fill(value);
    // No variance: only the luminance term stays.
    const luminance = (2 * 0.25 * 0.75 + 1e-4) / (0.25 ** 2 + 0.75 ** 2 + 1e-4);
    for (const [height, width] of [
      [1, 1],
      [2, 2],
      [4, 9],
      [10, 10],
      [11, 11],
    ] as const) {
      const answer = ssim(constant(0.25, height * width), constant(0.75, height * width), {
        channels: 1,
        height,
        width,
      });
      expect(answer).toBeCloseTo(luminance, 6);
    }
    // 3×3, one window with σ 1.5: x is 1 in the middle only, whose weight is w; y is constant 0.
    const x = Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0);
    const edge = Math.exp(-1 / 4.5);
    const w = (1 / (1 + 2 * edge)) ** 2;
    const expected = (1e-4 / (w * w + 1e-4)) * (9e-4 / (w - w * w + 9e-4));
    expect(ssim(x, constant(0, 9), { channels: 1, height: 3, width: 3 })).toBeCloseTo(expected, 9);
    expect(ssim(constant(1, 16), constant(0, 16), { channels: 1, height: 4, width: 4 })).toBeCloseTo(1e-4 / 1.0001, 9);
  });

  test("arrays that do not have the shape are refused", () => {
    const shape = { channels: 1, height: 2, width: 2 };
    expect(() => ssim(new Float32Array(4), new Float32Array(5), shape)).toThrow("4 and 5 values are not 1×2×2");
  });
});

describe("differences", () => {
  const a = Float32Array.of(0, 1, 2, 3);
  const b = Float32Array.of(1, 1, 0, 7);

  test("mae, mse, psnr by hand", () => {
    expect(mae(a, b)).toBe(7 / 4);
    expect(mse(a, b)).toBe(21 / 4);
    expect(psnr(mse(Float32Array.of(0), Float32Array.of(0.1)))).toBeCloseTo(20, 5);
    expect(psnr(mse(a, a))).toBe(Number.POSITIVE_INFINITY);
  });

  test("correlation: ±1 for lines, by hand between, NaN where nothing varies", () => {
    expect(
      correlation(
        a,
        a.map((value) => 5 - 2 * value),
      ),
    ).toBeCloseTo(-1, 12);
    // Means 1.5 and 2.25; sums of products 8.5, of squares 5 and 30.75.
    expect(correlation(a, b)).toBeCloseTo(8.5 / Math.sqrt(5 * 30.75), 12);
    expect(correlation(a, new Float32Array(4))).toBeNaN();
  });

  test("unequal lengths are refused", () => {
    for (const measure of [mae, mse, correlation]) expect(() => measure(a, new Float32Array(3))).toThrow("4 values");
    expect(() => mae(new Float32Array(0), new Float32Array(0))).toThrow("0 values against 0");
  });
});
