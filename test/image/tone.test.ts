import { expect, test } from "@jest/globals";
import { randomStream } from "../../src/base/random.js";
import { imageOfPlanes, planesOf } from "../../src/image/planes.js";
import { addNoise, adjust, toChannels, withoutAlpha } from "../../src/image/tone.js";

const image = (channels: number, data: number[], alpha = false) =>
  imageOfPlanes({ width: data.length / channels, height: 1, channels }, Float32Array.from(data), 8, alpha);

test("channels: missing ones copy the last, surplus ones are dropped", () => {
  expect(Array.from(planesOf(toChannels(image(1, [1, 2]), 3)))).toEqual([1, 2, 1, 2, 1, 2]);
  expect(Array.from(planesOf(toChannels(image(2, [1, 2, 3, 4]), 4)))).toEqual([1, 2, 3, 4, 3, 4, 3, 4]);
  expect(Array.from(planesOf(toChannels(image(4, [1, 2, 3, 4, 5, 6, 7, 8], true), 3)))).toEqual([1, 2, 3, 4, 5, 6]);
  expect(toChannels(image(4, [1, 2, 3, 4], true), 3)).toMatchObject({ channels: 3, alpha: false });
  expect(() => toChannels(image(1, [1]), 5)).toThrow("An image has 1 to 4 channels, not 5.");
});

test("channels: alpha can be left out explicitly", () => {
  expect(withoutAlpha(image(2, [1, 2, 9, 9], true))).toMatchObject({ channels: 1, alpha: false });
  const plain = image(2, [1, 2, 9, 9]);
  expect(withoutAlpha(plain)).toBe(plain);
});

test("adjust: contrast about one half, then brightness, then gamma; alpha stays", () => {
  const adjusted = adjust(image(2, [0.25, 0.75, 0.5, 0.5], true), { contrast: 2, brightness: 0.1, gamma: 2 });
  const expected = [0.1 ** 2, 1.1 ** 2, 0.5, 0.5];
  for (const [i, value] of expected.entries()) expect(planesOf(adjusted)[i]).toBeCloseTo(value, 6);
  expect(Array.from(planesOf(adjust(image(1, [-1, 2]), {})))).toEqual([-1, 2]);
  expect(Array.from(planesOf(adjust(image(1, [-1, 4]), { gamma: 0.5 })))).toEqual([0, 2]);
  expect(() => adjust(image(1, [1]), { gamma: 0 })).toThrow("gamma is an exponent above 0, not 0.");
});

test("noise: mean 0, the asked deviation, decided by the stream alone; alpha stays", () => {
  const flat = imageOfPlanes({ width: 100, height: 100, channels: 2 }, new Float32Array(20_000).fill(0.5), 8, true);
  const noisy = addNoise(flat, 0.1, randomStream(7, "noise"));
  const added = Array.from(planesOf(noisy).subarray(0, 10_000), (value) => value - 0.5);
  const mean = added.reduce((sum, value) => sum + value, 0) / added.length;
  const deviation = Math.sqrt(added.reduce((sum, value) => sum + (value - mean) ** 2, 0) / added.length);
  // Four standard errors.
  expect(Math.abs(mean)).toBeLessThan(0.004);
  expect(Math.abs(deviation - 0.1)).toBeLessThan(0.003);
  expect(planesOf(noisy).subarray(10_000)).toEqual(planesOf(flat).subarray(10_000));
  expect(planesOf(addNoise(flat, 0.1, randomStream(7, "noise")))).toEqual(planesOf(noisy));
  expect(planesOf(addNoise(flat, 0.1, randomStream(8, "noise")))).not.toEqual(planesOf(noisy));
});
