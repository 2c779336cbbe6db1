import { describe, expect, test } from "@jest/globals";
import { drawSubset, type OrderSettings, orderOf } from "../../../src/ml/data/order.js";

const settings = (changes: Partial<OrderSettings>): OrderSettings => ({
  inputs: 6,
  references: 6,
  paired: true,
  batch_size: 4,
  max_iterations: 3,
  shuffle: true,
  seed: 5,
  drop_boundary: false,
  ...changes,
});

const all = (given: OrderSettings) => {
  const order = orderOf(given);
  return Array.from({ length: order.steps }, (_, step) => order.batch(step));
};

describe("order", () => {
  test("the last partial batch of every iteration is kept; every iteration sees each sample once", () => {
    const batches = all(settings({}));
    expect(batches.map((batch) => batch.length)).toEqual([4, 2, 4, 2, 4, 2]);
    const iterations = [1, 2, 3].map((i) => batches.flat().filter(({ iteration }) => iteration === i));
    for (const turns of iterations) {
      expect(turns.map(({ sample }) => sample).sort()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(turns.every(({ sample, input, reference }) => sample === input && sample === reference)).toBe(true);
    }
  });

  test("drop_boundary: batches run across iterations, as CopyCat counts", () => {
    expect(orderOf(settings({ max_iterations: 10_000, drop_boundary: true })).steps).toBe(15_000);
    const across = all(settings({ drop_boundary: true }));
    expect(across.map((batch) => batch.length)).toEqual([4, 4, 4, 4, 2]);
    expect(across.flat()).toEqual(all(settings({})).flat());
    expect(across[1]!.map(({ iteration }) => iteration)).toEqual([1, 1, 2, 2]);
  });

  test("shuffling: a new permutation each iteration, decided by the seed, any step alone", () => {
    const samples = (given: OrderSettings) =>
      all(given)
        .flat()
        .map(({ sample }) => sample);
    const big = settings({ inputs: 50, references: 50 });
    const [first, second] = [samples(big).slice(0, 50), samples(big).slice(50, 100)];
    expect(first).not.toEqual(second);
    expect(first).not.toEqual([...first].sort((a, b) => a - b));
    expect(samples(big)).toEqual(samples({ ...big }));
    expect(samples({ ...big, seed: 6 })).not.toEqual(samples(big));
    const alone = orderOf(big);
    expect(alone.batch(30)).toEqual(all(big)[30]);
    expect(samples({ ...big, shuffle: false }).slice(0, 50)).toEqual([...first].sort((a, b) => a - b));
  });

  test("unpaired: A is i mod |A|; B is i mod |B|, or random when shuffling", () => {
    const fixed = all(settings({ inputs: 2, references: 3, paired: false, batch_size: 1, shuffle: false })).flat();
    expect(fixed.slice(0, 3).map(({ input, reference }) => [input, reference])).toEqual([
      [0, 0],
      [1, 1],
      [0, 2],
    ]);
    const mixed = settings({ inputs: 400, references: 4, paired: false, batch_size: 1, max_iterations: 1 });
    const turns = all(mixed).flat();
    expect(turns.map(({ input }) => input).sort((a, b) => a - b)).toEqual(Array.from({ length: 400 }, (_, i) => i));
    const counts = [0, 1, 2, 3].map((b) => turns.filter(({ reference }) => reference === b).length);
    // 100 each on average, with a deviation of 8.7.
    for (const count of counts) expect(Math.abs(count - 100)).toBeLessThan(40);
    expect(turns.some(({ input, reference }) => reference !== input % 4)).toBe(true);
  });

  test("every place of a shuffled iteration is every sample's alike, and every reference every input's (χ²)", () => {
    const iterations = 3000;
    const paired = orderOf(settings({ batch_size: 6, max_iterations: iterations }));
    const apart = orderOf(settings({ references: 5, paired: false, batch_size: 6, max_iterations: iterations }));
    const places = Array.from({ length: 36 }, () => 0);
    const partners = Array.from({ length: 30 }, () => 0);
    for (let step = 0; step < iterations; step++) {
      for (const [place, { sample }] of paired.batch(step).entries()) places[6 * place + sample]!++;
      for (const { input, reference } of apart.batch(step)) partners[5 * input + reference]!++;
    }
    const chiSquare = (counts: readonly number[], expected: number) =>
      counts.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    // Exceeded with probability 1e-4: 25 degrees of freedom (5 × 5), and 24 (6 × 4).
    expect(chiSquare(places, iterations / 6)).toBeLessThan(58);
    expect(chiSquare(partners, iterations / 5)).toBeLessThan(56.4);
    // And not suspiciously even: with probability 1e-4 it is below.
    expect(chiSquare(places, iterations / 6)).toBeGreaterThan(7);
  });

  test("a batch above the samples, none, or a step beyond the end is an error", () => {
    expect(() => orderOf(settings({ batch_size: 7 }))).toThrow(
      "batch_size must be 1 to 6, the number of samples; it is 7.",
    );
    expect(() => orderOf(settings({ batch_size: 0 }))).toThrow("batch_size must be 1 to 6");
    expect(() => orderOf(settings({})).batch(6)).toThrow("no step 6 of 6");
  });
});

test("test subset: without replacement, new each iteration, all where no size is asked", () => {
  expect(drawSubset(1, 1, 3, null)).toEqual([0, 1, 2]);
  expect(drawSubset(1, 1, 3, 9)).toEqual([0, 1, 2]);
  const drawn = drawSubset(1, 1, 40, 10);
  expect(new Set(drawn).size).toBe(10);
  expect(drawn.every((sample) => sample >= 0 && sample < 40)).toBe(true);
  expect(drawSubset(1, 1, 40, 10)).toEqual(drawn);
  expect(drawSubset(1, 2, 40, 10)).not.toEqual(drawn);
});
