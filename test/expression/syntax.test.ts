import { describe, expect, test } from "@jest/globals";
import { mistakes, value } from "./helper.js";

describe("syntax", () => {
  test("mistakes: each has its place and says what is wrong", () => {
    const cases: [string, string][] = [
      ["", " | An expression is missing."],
      ["   ", " | An expression is missing."],
      ["1 +", " | The expression ends where a value should follow."],
      ["1 2", "2 | Unexpected number: an operator or the end should stand here."],
      ["* 2", '* | Unexpected "*": a value should stand here.'],
      ["(1", '( | This "(" has no closing ")".'],
      ["1)", ') | Unexpected ")": an operator or the end should stand here.'],
      ["min(1, 2", '( | This "(" has no closing ")".'],
      ["min(1 2)", '2 | Unexpected number: ")" should stand here.'],
      ["min(1,)", ') | Unexpected ")": a value should stand here.'],
      ["true ? 1", ' | The expression ends where ":" should follow.'],
      ["'abc", "'abc | This string has no closing '."],
      ["'a\\q'", '\\q | "\\q" is no escape; there are \\n, \\t, \\\\, \\" and \\\'.'],
      ["12abc", '12abc | "12abc" is not a number.'],
      ["1.2.3", '1.2.3 | "1.2.3" is not a number.'],
      ["1e", '1e | "1e" is not a number.'],
      ["0x10", '0x10 | "0x10" is not a number.'],
      ["1e999", "1e999 | 1e999 is larger than any number can be; text stands in quotes."],
      ["@", '@ | An attribute is written "@name", "@name.0" or "@name.x" here.'],
      ["@{width}", '@ | An attribute is written "@name", "@name.0" or "@name.x" here.'],
      ["$", '$ | A variable is written "$NAME" here.'],
      ["`1`", "` | Backticks belong into templates; this is an expression already."],
      ["@width = 3", '= | Unexpected "=". | =='],
      ["1 & 2", '& | Unexpected "&". | &&'],
      ["2 ^ 3", '^ | Unexpected "^". | pow(base, exponent)'],
      ["2 # 3", '# | Unexpected "#".'],
      ["😀", '😀 | Unexpected "😀".'],
    ];
    for (const [text, told] of cases) expect([text, mistakes(text)]).toEqual([text, [told]]);
  });

  test("numbers of values: too few and too many", () => {
    expect(mistakes("clamp(1, 2)")).toEqual(["clamp(1, 2) | clamp(value, low, high) takes 3 values, not 2."]);
    expect(mistakes("sqrt()")).toEqual(["sqrt() | sqrt(value) takes 1 value, not 0."]);
    expect(mistakes("min()")).toEqual(["min() | min(value, …) takes at least 1 value, not 0."]);
    expect(mistakes("pdginput(0, 'a', 1)")).toEqual([
      "pdginput(0, 'a', 1) | pdginput(index, tag) takes 1 to 2 values, not 3.",
    ]);
  });

  test("limits: nesting, chains and length are problems, never a crash", () => {
    const deep = [
      `${"(".repeat(4000)}1${")".repeat(4000)}`,
      "(".repeat(5000),
      "-".repeat(5000),
      `${"!".repeat(5000)}1`,
      `1${"+1".repeat(4000)}`,
      `1${"?1:1".repeat(2000)}`,
      "min(".repeat(2000),
      `${"1?".repeat(4000)}1`,
    ];
    for (const text of deep) expect(mistakes(text)[0]).toContain("nested too deeply");
    expect(mistakes("(".repeat(100_000))).toHaveLength(1);
    expect(mistakes(`'${"x".repeat(100_000)}'`)[0]).toContain("at most 10000 characters.");
  });

  test("limits: what a person writes is well below them", () => {
    expect(value(`1${"+1".repeat(150)}`)).toBe(151);
    expect(value(`${"(".repeat(150)}1${")".repeat(150)}`)).toBe(1);
  });
});
