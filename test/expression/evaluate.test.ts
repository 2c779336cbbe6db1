import { describe, expect, test } from "@jest/globals";
import { item, OPEN, SCOPE, VALUES, value } from "./helper.js";

function values(cases: readonly (readonly [string, unknown])[]): void {
  for (const [text, expected] of cases) expect([text, value(text)]).toEqual([text, expected]);
}

describe("evaluate", () => {
  test("literals: numbers, strings with escapes, booleans", () => {
    values([
      ["12", 12],
      [".5", 0.5],
      ["2e-4", 0.0002],
      ["1.", 1],
      ["'it''s'".replace("''", "\\'"), "it's"],
      ['"a\\tb\\n\\\\"', "a\tb\n\\"],
      ["true", true],
      ["false", false],
    ]);
  });

  test("precedence: products before sums before comparisons before and before or before the ternary", () => {
    values([
      ["1 + 2 * 3", 7],
      ["(1 + 2) * 3", 9],
      ["10 - 4 - 3", 3],
      ["24 / 4 / 2", 3],
      ["-2 * -3", 6],
      ["- - 2", 2],
      ["!false == true", true],
      ["1 + 1 == 2 && 2 < 3", true],
      ["true || false && false", true],
      ["false ? 1 : false ? 2 : 3", 3],
      ["true ? false ? 1 : 2 : 3", 2],
      ["1 < 2 == 3 < 4", true],
      ["7 % 4 * 2", 6],
    ]);
  });

  test("remainder: has the sign of the dividend", () => {
    values([
      ["-7 % 4", -3],
      ["7 % -4", 3],
      ["5.5 % 2", 1.5],
    ]);
  });

  test("conditions: numbers count as true unless zero, and the rest is not evaluated", () => {
    values([
      ["@width % 2 ? 'odd' : 'even'", "even"],
      ["!@width", false],
      ["@width && 0", false],
      ["@width == 0 || 1", true],
      ["@width > 0 ? 1 : 1 / (@width - 64)", 1],
      ["@width == 64 || 1 / (@width - 64) > 0", true],
      ["@width != 64 && 1 / (@width - 64) > 0", false],
    ]);
  });

  test("strings: compared by code units, joined by + with anything printable", () => {
    values([
      ["'a' < 'b'", true],
      ["'Z' < 'a'", true],
      ["'10' < '9'", true],
      ["@title == 'hill'", true],
      ["@title + '_' + @width", "hill_64"],
      ["@learning_rate + ''", "0.0002"],
      ["'' + @flag", "true"],
      ["@source + '.bak'", "$HIP/data/hill.tar.gz.bak"],
      ["@source == '$HIP/data/hill.tar.gz'", true],
      ["1 + 2 + 'a'", "3a"],
    ]);
  });

  test("attributes: of a list the first value, or the one at an index or component", () => {
    values([
      ["@color", 0.25],
      ["@color.1", 0.5],
      ["@color.z", 1],
      ["@color.x + @color.y", 0.75],
      ["@names.1", "second"],
      ["@width.0", 64],
      ["@pdg_index", 7],
      ["basename(@pdg_input)", "a.png"],
      ["basename(@pdg_input.1)", "b.txt"],
    ]);
  });

  test("dictionaries: keys, keys of keys, and lists in them", () => {
    values([
      ["@about.height * 2", 25],
      ["@about.nested.x", "deep"],
      ["@about.list", 7],
      ["@about.list.1", 8],
    ]);
  });

  test("variables: text, but a number where they are written like one", () => {
    values([
      ["$OS + '_v2'", "train_v2"],
      ["$STEPS / 2", 200],
      ["$VERSION + ''", "007"],
    ]);
  });

  test("open scope: unknown attributes have the type that the item's value has", () => {
    expect(value("@width * 2 + 1", item(), OPEN)).toBe(129);
    expect(value("@title + @width", item(), OPEN)).toBe("hill64");
    expect(value("@learning_rate < @width && !(@title == 'x')", item(), OPEN)).toBe(true);
    expect(value("@about.height", item(), OPEN)).toBe(12.5);
    expect(value("@color.2", item(), OPEN)).toBe(1);
    expect(value("min(@width, 3)", item(), OPEN)).toBe(3);
  });

  test("attributes: an int is accepted where a float is declared", () => {
    expect(value("@learning_rate", item({ ...VALUES, learning_rate: 1 }), SCOPE)).toBe(1);
  });

  test("white space: any between tokens", () => {
    expect(value("\n\t 1\u00a0+\r\n2 ")).toBe(3);
  });
});
