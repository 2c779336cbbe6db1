/** The image pool, with small numbers for images. */
import { describe, expect, test } from "@jest/globals";
import { randomStream } from "../../../src/base/random.js";
import { Pool } from "../../../src/ml/training/pool.js";

/** Images [1, 2]: the number and its half. */
const images = (...numbers: readonly number[]) => Float32Array.from(numbers.flatMap((each) => [each, each / 2]));
const numbersOf = (values: Float32Array) => [...values].filter((_, at) => at % 2 === 0);
const poolOf = (size: number, seed = 0, name = "fake_0") => new Pool(name, size, [1, 2], seed);

describe("Pool", () => {
  test("pool: without room every image comes back, and there is no state", () => {
    const pool = poolOf(0);
    expect(pool.query(images(1, 2), 1)).toEqual(images(1, 2));
    expect(pool.shapes.size).toBe(0);
  });

  test("pool: images come back until it is full; then some are swapped for earlier ones, which leave it", () => {
    const pool = poolOf(3);
    expect(pool.query(images(1, 2), 1)).toEqual(images(1, 2));
    const kept = [1, 2];
    let swapped = 0;
    for (let update = 2; update <= 400; update++) {
      const given = [2 * update, 2 * update + 1];
      const answer = numbersOf(pool.query(images(...given), update));
      for (const [at, number] of given.entries()) {
        if (answer[at] === number) {
          if (kept.length < 3) kept.push(number);
          continue;
        }
        // It was there, and the given one has its place now.
        expect(kept).toContain(answer[at]);
        kept[kept.indexOf(answer[at]!)] = number;
        swapped += 1;
      }
      expect(numbersOf(pool.read("fake_0:pool")).slice(0, kept.length)).toEqual(kept);
    }
    // p = ½: four standard deviations of 797 draws.
    expect(Math.abs(swapped - 797 / 2)).toBeLessThan(4 * Math.sqrt(797 / 4));
  });

  test("pool: every place is drawn alike", () => {
    const pool = poolOf(4);
    pool.query(images(0, 1, 2, 3), 0);
    const places = [0, 0, 0, 0];
    for (let update = 1; update <= 2000; update++) {
      const before = numbersOf(pool.read("fake_0:pool"));
      const [answer] = numbersOf(pool.query(images(3 + update), update));
      const place = before.indexOf(answer!);
      if (place >= 0) places[place]! += 1;
    }
    for (const count of places) expect(Math.abs(count - 250)).toBeLessThan(4 * Math.sqrt((2000 * 7) / 64));
  });

  test("pool: its answers follow from seed, name and update", () => {
    const answers = (seed: number, name: string) => {
      const pool = poolOf(2, seed, name);
      return Array.from({ length: 40 }, (_, update) => numbersOf(pool.query(images(update), update)));
    };
    expect(answers(1, "fake_0")).toEqual(answers(1, "fake_0"));
    expect(answers(2, "fake_0")).not.toEqual(answers(1, "fake_0"));
    expect(answers(1, "fake_1")).not.toEqual(answers(1, "fake_0"));
  });

  test("pool: another pool that is given its state goes on as it does, full or not", () => {
    for (const updates of [1, 30]) {
      const pool = poolOf(5);
      for (let update = 1; update <= updates; update++) pool.query(images(update, -update), update);
      const other = poolOf(5);
      // In any order.
      for (const name of [...pool.shapes.keys()].reverse()) other.write(name, pool.read(name));
      for (let update = updates + 1; update <= updates + 30; update++) {
        const given = images(update, -update);
        expect(other.query(given, update)).toEqual(pool.query(given, update));
      }
    }
  });

  test("pool: it keeps copies of what it is given, and answers copies", () => {
    const pool = poolOf(2);
    const given = images(1, 2);
    const answer = pool.query(given, 1);
    given.fill(9);
    answer.fill(9);
    expect(numbersOf(pool.read("fake_0:pool"))).toEqual([1, 2]);
  });

  test("pool: a draw is that of the stream named by its words", () => {
    const pool = poolOf(1, 7);
    pool.query(images(1), 1);
    const swaps = Array.from({ length: 20 }, (_, at) => {
      const before = numbersOf(pool.read("fake_0:pool"))[0];
      return numbersOf(pool.query(images(at + 2), at + 2))[0] === before;
    });
    const expected = swaps.map((_, at) => randomStream(7, "pool", "fake_0", at + 2).uniform(0) > 0.5);
    expect(swaps).toEqual(expected);
  });
});
