/** Keys by row, and whether one is there. */
import { expect, test } from "@jest/globals";
import { type Digest, digestOf } from "../../src/base/hash.js";
import { Keys } from "../../src/workitem/keys.js";

test("keys: each is new once, however many there are, and however alike they begin; a row's is what was added", () => {
  const keys = new Keys();
  const alike = Array.from({ length: 100 }, (_, place) => `0000000${digestOf(`${place}`).slice(7)}` as Digest);
  const all = [...alike, ...Array.from({ length: 10_000 }, (_, place) => digestOf(`key ${place}`))];
  for (const key of all) {
    expect(keys.has(key)).toBe(false);
    keys.add(key);
  }
  for (const key of all) expect(keys.has(key)).toBe(true);
  expect(all.map((_, row) => keys.at(row))).toEqual(all);
});
