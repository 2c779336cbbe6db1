import { expect, test } from "@jest/globals";
import { type Draw, drawRandomization, NO_RANDOMIZATION, type Randomization } from "../../../src/ml/data/randomize.js";

const SETTINGS: Randomization = {
  crop_inputs: 0.4,
  horizontal_flip: 0.5,
  vertical_flip: 0.25,
  rotation: 0.8,
  rotation_max_degrees: 30,
};
const COUNT = 4000;
const draws = (settings: Randomization) =>
  Array.from({ length: COUNT }, (_, i) => drawRandomization(settings, 3, 1, i));
const share = (holds: (draw: Draw) => boolean, of: readonly Draw[]) => of.filter(holds).length / of.length;
/** Largest distance between the values' distribution and the uniform one (Kolmogorov). */
function distanceFromUniform(values: readonly number[], low: number, high: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.reduce((worst, value, i) => {
    const expected = (value - low) / (high - low);
    return Math.max(worst, Math.abs(expected - i / sorted.length), Math.abs(expected - (i + 1) / sorted.length));
  }, 0);
}
/** What the distance stays below with probability 0.9999. */
const critical = (count: number) => 2.23 / Math.sqrt(count);

test("randomization: f ~ U(1−v, 1), places ~ U(0, 1), θ ~ U(−max, max), flips by their probabilities", () => {
  const all = draws(SETTINGS);
  expect(
    distanceFromUniform(
      all.map(({ fraction }) => fraction),
      0.6,
      1,
    ),
  ).toBeLessThan(critical(COUNT));
  expect(
    distanceFromUniform(
      all.map(({ left }) => left),
      0,
      1,
    ),
  ).toBeLessThan(critical(COUNT));
  expect(
    distanceFromUniform(
      all.map(({ top }) => top),
      0,
      1,
    ),
  ).toBeLessThan(critical(COUNT));
  // Four standard errors of a share are at most 0.032.
  expect(Math.abs(share(({ flipHorizontal }) => flipHorizontal, all) - 0.5)).toBeLessThan(0.032);
  expect(Math.abs(share(({ flipVertical }) => flipVertical, all) - 0.25)).toBeLessThan(0.028);
  const turned = all.filter(({ degrees }) => degrees !== 0);
  expect(Math.abs(turned.length / COUNT - 0.8)).toBeLessThan(0.026);
  expect(
    distanceFromUniform(
      turned.map(({ degrees }) => degrees),
      -30,
      30,
    ),
  ).toBeLessThan(critical(turned.length));
});

test("randomization: draws of one sample are unrelated to each other", () => {
  const all = draws(SETTINGS);
  const both = share(({ flipHorizontal, flipVertical }) => flipHorizontal && flipVertical, all);
  expect(Math.abs(both - 0.125)).toBeLessThan(0.021);
  const upper = share(({ left, top }) => left > 0.5 && top > 0.5, all);
  expect(Math.abs(upper - 0.25)).toBeLessThan(0.028);
});

test("randomization: a pure function of seed, iteration, sample and side", () => {
  const draw = (...[seed, iteration, sample]: [number, number, number]) =>
    drawRandomization(SETTINGS, seed, iteration, sample);
  expect(draw(1, 2, 3)).toEqual(draw(1, 2, 3));
  const others = [draw(1, 2, 4), draw(1, 3, 3), draw(2, 2, 3)];
  others.push(drawRandomization(SETTINGS, 1, 2, 3, "input"), drawRandomization(SETTINGS, 1, 2, 3, "reference"));
  expect(new Set([draw(1, 2, 3), ...others].map(({ left }) => left)).size).toBe(6);
});

test("randomization: switching one change off leaves the others' draws alone", () => {
  const { rotation, ...rest } = SETTINGS;
  expect(rotation).toBe(0.8);
  expect(drawRandomization({ ...rest, rotation: null }, 1, 1, 1)).toEqual({
    ...drawRandomization(SETTINGS, 1, 1, 1),
    degrees: 0,
  });
});

test("randomization: probability 0 and null never, 1 always", () => {
  const always = draws({ ...SETTINGS, horizontal_flip: 1, vertical_flip: 1, rotation: 1 });
  expect(always.every((draw) => draw.flipHorizontal && draw.flipVertical && draw.degrees !== 0)).toBe(true);
  const never = [...draws({ ...SETTINGS, crop_inputs: 0, horizontal_flip: 0, vertical_flip: 0, rotation: 0 })];
  never.push(...draws(NO_RANDOMIZATION));
  const still = ({ fraction, flipHorizontal, flipVertical, degrees }: Draw) =>
    fraction === 1 && !flipHorizontal && !flipVertical && degrees === 0;
  expect(never.every(still)).toBe(true);
});
