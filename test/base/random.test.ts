import { describe, expect, test } from "@jest/globals";
import { randomStream, threefry } from "../../src/base/random.js";

function block(...[key0, key1, low, high]: [number, number, number, number]): string {
  const out = new Int32Array(2);
  threefry(key0, key1, low, high, out);
  return [...out].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join(" ");
}

describe("threefry", () => {
  // Known answers of Random123 1.14 (kat_vectors, threefry2x32 20).
  test("threefry: answers the published vectors", () => {
    expect(block(0, 0, 0, 0)).toBe("6b200159 99ba4efe");
    expect(block(-1, -1, -1, -1)).toBe("1cb996fc bb002be7");
    expect(block(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toBe("c4923a9c 483df7a0");
  });
});

describe("randomStream", () => {
  const count = 200_000;
  const mean = (values: Iterable<number>) => {
    let total = 0;
    for (const value of values) total += value;
    return total / count;
  };

  test("randomStream: equal words give equal values in any order of asking", () => {
    const one = randomStream(7, "dropout", 3);
    const other = randomStream(7, "dropout", 3);
    const later = one.uniform(9);
    one.uniform(2);
    expect(other.uniform(9)).toBe(later);
    expect(randomStream(-0).uniform(0)).toBe(randomStream(0).uniform(0));
  });

  test("randomStream: seed, word kind, number, grouping and order all matter", () => {
    const first = [
      randomStream(0),
      randomStream(1),
      randomStream(0, 1),
      randomStream(0, "1"),
      randomStream(0, "ab"),
      randomStream(0, "a", "b"),
      randomStream(0, "b", "a"),
      randomStream(0, "a\0"),
      randomStream(0, "a"),
      randomStream(0, 1.5),
      randomStream(0, 2 ** 40),
      randomStream(0, ""),
    ].map((stream) => stream.uniform(0));
    expect(new Set(first).size).toBe(first.length);
  });

  test("randomStream: uniform values are uniform, and neighbours are not correlated", () => {
    const stream = randomStream(1, "uniform");
    const values = Array.from({ length: count }, (_, index) => stream.uniform(index));
    expect(Math.min(...values.slice(0, 10_000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 10_000))).toBeLessThan(1);
    // Four standard errors: √(1/12)/√n, √(4/45)/2/√n, 1/12/√n.
    expect(Math.abs(mean(values) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(mean(values.map((value) => value * value)) - 1 / 3)).toBeLessThan(4 * Math.sqrt(4 / 45 / count));
    const products = values.map((value, index) => (value - 0.5) * (values[(index + 1) % count]! - 0.5));
    expect(Math.abs(mean(products))).toBeLessThan(4 / 12 / Math.sqrt(count));
  });

  test("randomStream: normal values have the moments and tails of the standard normal", () => {
    const stream = randomStream(2, "normal");
    const values = Array.from({ length: count }, (_, index) => stream.normal(index));
    expect(Math.abs(mean(values))).toBeLessThan(4 / Math.sqrt(count));
    expect(Math.abs(mean(values.map((value) => value ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    expect(Math.abs(mean(values.map((value) => value ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / count));
    const beyondTwo = mean(values.map((value) => Number(Math.abs(value) > 2)));
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.002);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  test("randomStream: fillNormal writes what normal answers, odd lengths too", () => {
    const stream = randomStream(3, "fill");
    const filled = new Float32Array(7);
    stream.fillNormal(filled, 1, 0.02);
    filled.forEach((value, index) => {
      expect(value).toBeCloseTo(1 + 0.02 * stream.normal(index), 6);
    });
  });

  test("randomStream: integers reach every value and nothing else", () => {
    const stream = randomStream(4);
    const seen = new Set(Array.from({ length: 500 }, (_, index) => stream.integer(index, 5)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(() => stream.integer(0, 0)).toThrow("no integer below 0");
    expect(() => stream.integer(0, 2.5)).toThrow("no integer below 2.5");
  });

  test("randomStream: permutations hold each number once, and every order comes", () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 200; seed++) {
      const order = [...randomStream(seed, "shuffle").permutation(3)];
      expect([...order].sort()).toEqual([0, 1, 2]);
      orders.add(order.join());
    }
    expect(orders.size).toBe(6);
    expect([...randomStream(0).permutation(0)]).toEqual([]);
  });

  test("randomStream: an index above 2³² is a value of its own", () => {
    const stream = randomStream(5);
    expect(stream.uniform(2 ** 32)).not.toBe(stream.uniform(0));
    expect(() => randomStream(Number.NaN)).toThrow("named by NaN");
  });
});
