import { describe, expect, test } from "@jest/globals";
import { nearest } from "../../src/base/suggest.js";

describe("suggest", () => {
  test("nearest: finds a substitution, an insertion, a deletion and a swap", () => {
    const names = ["pattern", "size", "directory"];
    expect(nearest("sise", names)).toBe("size");
    expect(nearest("patttern", names)).toBe("pattern");
    expect(nearest("directry", names)).toBe("directory");
    expect(nearest("szie", names)).toBe("size");
  });

  test("nearest: a swap counts as one edit, so it fits where two edits do not", () => {
    expect(nearest("abc", ["acb"])).toBe("acb");
    expect(nearest("abc", ["axy"])).toBeUndefined();
  });

  test("nearest: capitals do not matter", () => {
    expect(nearest("TRUE", ["false", "true"])).toBe("true");
    expect(nearest("A", ["a"])).toBe("a");
  });

  test("nearest: the closest wins, and of equals the first", () => {
    expect(nearest("widthh", ["height", "widths", "width"])).toBe("widths");
    expect(nearest("learning_rat", ["learning_rates", "learning_rate"])).toBe("learning_rate");
  });

  test("nearest: what is far, short or absent has no suggestion", () => {
    expect(nearest("learning_rate", ["epochs", "width"])).toBeUndefined();
    expect(nearest("a", ["b"])).toBeUndefined();
    expect(nearest("size", [])).toBeUndefined();
    expect(nearest("", ["a"])).toBeUndefined();
  });

  test("nearest: very long names are not compared", () => {
    const long = "x".repeat(100_000);
    expect(nearest(long, [`${long}y`])).toBeUndefined();
  });
});
