/** Globs: what fits, that it is what others say fits, and that no pattern takes long. */
import { describe, expect, test } from "@jest/globals";
import picomatch from "picomatch";
import { globMatcher } from "../../src/base/glob.js";
import { randomStream } from "../../src/base/random.js";

describe("globMatcher", () => {
  test.each([
    ["*.png", ["a.png", "tile 1.png", "é.png"], ["a.jpg", "a.png.txt", "in/a.png", ".a.png"]],
    ["tile_?.png", ["tile_1.png"], ["tile_10.png", "tile_.png"]],
    ["*.{png,jp{e,}g}", ["a.png", "a.jpeg", "a.jpg"], ["a.gif", "a.{png"]],
    ["{8..10}.png", ["8.png", "9.png", "10.png"], ["1.png", "11.png", "08.png"]],
    ["{08..10}.png", ["08.png", "10.png"], ["8.png"]],
    ["[a-cx]*", ["apple", "x"], ["dog", "X"]],
    ["[!a-c]*", ["dog"], ["apple"]],
    ["**/*.png", ["a.png", "x/a.png", "x/y/a.png"], [".x/a.png", "x/.a.png"]],
    ["x/**/a.png", ["x/a.png", "x/y/z/a.png"], ["a.png", "y/x/a.png"]],
    ["x/**", ["x/a", "x/y/a"], ["x", "y/a", "x/.a"]],
    ["tile(1).png", ["tile(1).png"], ["tile1.png"]],
    ["{a}.png", ["{a}.png"], ["a.png"]],
    ["{a,{x}}.png", ["a.png", "{x}.png"], ["a}.png"]],
    ["{a,[},]}b", ["ab", "}b", ",b"], ["b"]],
    ["a\\*b", ["a*b"], ["axb"]],
    ["[a", ["[a"], ["a"]],
    ["./*.png", ["a.png"], ["./a.png"]],
  ])("%s: what fits and what does not", (pattern, fitting, others) => {
    const fits = globMatcher(pattern);
    expect([fitting.filter(fits), others.filter(fits)]).toEqual([fitting, []]);
  });

  test("a pattern may ask for hidden names", () => {
    expect([".a", ".x/b", "a"].filter(globMatcher("**", { dot: true }))).toEqual([".a", ".x/b", "a"]);
    expect([".a.txt", "a.txt"].filter(globMatcher(".*"))).toEqual([".a.txt"]);
  });

  test("random patterns: the same names as picomatch's", () => {
    const stream = randomStream(7, "glob");
    let drawn = 0;
    const pick = (list: readonly string[]): string => list[stream.integer(drawn++, list.length)]!;
    const tokens = ["*", "?", "a", "b", "c", ".", "/", "[ab]", "{a,b}", "{a,b*}", "x"];
    const names = ["a", "b", "ab", "a.b", "a/b", "a/b/c", ".a", "a/.b", "x/a.b", "ab/c.a", "bb", "aa/.a/b", "abc"];
    for (let round = 0; round < 2000; round++) {
      const middle = Array.from({ length: 1 + (round % 5) }, () => pick(tokens)).join("");
      const pattern = `${pick(["", "", "**/"])}${middle}`;
      if (/\/\/|^\/|\/$|\*\*\*|[^/]\*\*|\*\*[^/]/.test(pattern)) continue;
      const ours = globMatcher(pattern);
      const theirs = picomatch(pattern);
      expect([pattern, names.filter((name) => ours(name))]).toEqual([pattern, names.filter((name) => theirs(name))]);
    }
  });

  test("patterns of strangers: none takes long, and what is too much is said", () => {
    const name = `${"a".repeat(250)}.txt`;
    const many = ["*a".repeat(100), "**/".repeat(500), "[!b]*".repeat(300), "{a,b}".repeat(500), "?".repeat(4000)];
    for (const pattern of many) expect([pattern, globMatcher(`${pattern}!`)(name)]).toEqual([pattern, false]);
    // Braces that stand for themselves were read again for each of those around them.
    for (const pattern of [`${"{a,".repeat(20)}${"a".repeat(2000)}`, `${"{".repeat(20)}a${"}".repeat(20)}`])
      expect([pattern, globMatcher(pattern)(name), globMatcher(pattern)(pattern)]).toEqual([pattern, false, true]);
    expect(() => globMatcher("{1..9000}{1..9000}")).toThrow("more than 10000 numbers");
    expect(() => globMatcher("{a,".repeat(3000))).toThrow("above 4096");
    expect(() => globMatcher("{a,".repeat(300))).toThrow("more than 20 deep");
    expect(() => globMatcher("{1..1000000000}")).toThrow("more than 10000 numbers");
    expect(() => globMatcher("!(a|b)")).toThrow("not known here");
    expect(() => globMatcher("!*.png")).toThrow("not known here");
  });
});
