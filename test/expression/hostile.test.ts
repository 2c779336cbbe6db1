/** Expressions from strangers: no property of an object of the language's own is reached, and no text grows without end. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of this language, not of TypeScript
import { describe, expect, test } from "@jest/globals";
import { compileExpression, compileTemplate, EvaluationError } from "../../src/expression/index.js";
import { item, OPEN } from "./helper.js";

const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "length",
  "then",
];

/** What a text comes to for an item: its value, or the words in which it fails. */
function outcome(compiled: ReturnType<typeof compileExpression>): unknown {
  if (Array.isArray(compiled)) return compiled.map(({ message }) => message).join("\n");
  try {
    return compiled.evaluate(item());
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

describe("a stranger's expression", () => {
  test.each(NAMES)("%s: no attribute, member, variable or function of that name", (name) => {
    for (const text of [`@${name}`, `@about.${name}`, `@color.${name}`, `@title.${name}`, `$${name}`, `${name}(1)`])
      expect([text, outcome(compileExpression(text, OPEN))]).toEqual([text, expect.stringMatching(/[a-z].*\.$/s)]);
    for (const text of [`@${name}`, `@{about.${name}}`, `$${name}`, `\${${name}}`])
      expect([text, outcome(compileTemplate(text, OPEN))]).toEqual([text, expect.stringMatching(/[a-z].*\.$/s)]);
    expect(outcome(compileExpression(`haspdgattrib("${name}")`, OPEN))).toBe(false);
  });

  test("a text of texts that grows past a million characters: the item fails in words", () => {
    const long = { long: "x".repeat(600_000) };
    const words = /^The text comes to more than 1048576 characters\.$/;
    const fails = (compiled: ReturnType<typeof compileExpression>) => {
      if (Array.isArray(compiled)) throw new Error(JSON.stringify(compiled));
      expect(() => compiled.evaluate(item(long))).toThrow(words);
    };
    fails(compileTemplate("@long@long", OPEN));
    fails(compileTemplate("`@long + @long`", OPEN));
    fails(compileExpression('"a" + @long + @long', OPEN));
    fails(compileExpression('format("%s%s", @long, @long)', OPEN));
  });

  test("numbers past all bounds, patterns of any width, deep and long texts: told, at once", () => {
    for (const text of [
      "pow(10, 1000)",
      "exp(1e6)",
      "1e308 * 10",
      'format("%999999999d", 1)',
      'format("%.999999f", 1)',
      "(".repeat(100_000),
      "-".repeat(100_000),
      `1${"+1".repeat(50_000)}`,
      `"${"a".repeat(1 << 20)}"`,
      "@a.".repeat(3000),
    ])
      expect(typeof outcome(compileExpression(text, OPEN))).toBe("string");
    expect(outcome(compileTemplate("@{width:99999999}", OPEN))).toMatch(/A width lies between/);
  });
});
