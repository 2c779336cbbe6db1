/** Which numbers written as text a double holds: the reference is exact arithmetic in whole numbers. */
import { describe, expect, test } from "@jest/globals";
import { jsonNumberProblem, numberProblem } from "../../src/base/number.js";
import { randomStream } from "../../src/base/random.js";

describe("numbers as text", () => {
  test.each([
    "0",
    "-0",
    "42",
    "9007199254740991",
    "9007199254740994",
    "1e22",
    "0.1",
    "-2.50000000000000000000",
    "1e-300",
    "0.30000000000000004",
    "0.10000000000000001",
    "100000000000000000000",
    ".5",
    "5.",
    "abc",
    "",
  ])("%s is held, or is no number", (text) => expect(numberProblem(text)).toBeUndefined());

  test.each([
    ["9007199254740993", "is beyond the whole numbers that are held exactly, to 9007199254740991"],
    ["-12345678901234567890", "is beyond the whole numbers"],
    ["1e400", "is larger than any number can be"],
    [`1${"0".repeat(400)}`, "is larger than any number can be"],
    ["1e-400", "is smaller than any number can be"],
    ["0.1234567890123456789", "has more than the 17 digits that a number holds"],
  ])("%s: %s", (text, problem) => expect(numberProblem(text)).toContain(problem));

  test("whole numbers: exactly those are refused that come back as others", () => {
    const stream = randomStream(5, "numbers");
    for (let round = 0; round < 5000; round++) {
      const digits = 15 + stream.integer(4 * round, 8);
      const text = Array.from({ length: digits }, (_, place) =>
        stream.integer(4 * round + 1 + 100_000 * place, 10),
      ).join("");
      expect([text, numberProblem(text) === undefined]).toEqual([text, BigInt(text) === BigInt(Number(text))]);
    }
  });

  test("JSON: the first such number with its line; digits in texts and names are none", () => {
    const text =
      '{\n  "id 9007199254740993": "1e400 \\" 0.1234567890123456789",\n  "x": [1, -2.5e3,\n 9007199254740993] }';
    expect(jsonNumberProblem(text)).toMatch(/^line 4: 9007199254740993 is beyond/);
    expect(jsonNumberProblem('{ "a": "9007199254740993", "b": 1.5, "c": [true, null] }')).toBeUndefined();
    expect(jsonNumberProblem("[1E999]")).toMatch(/^line 1: 1E999 is larger/);
  });
});
