import { describe, expect, test } from "@jest/globals";
import { headline, render } from "../../src/base/diagnostic.js";
import { placeInside, placeOf, plain, spanOfKey, spanOfValue } from "../../src/graph/located.js";
import { type ReadResult, readJson } from "../../src/graph/read.js";

function failure(text: string): string {
  const { root, diagnostics } = readJson("g.json", text);
  expect(root).toBeUndefined();
  return headlines(diagnostics);
}

function headlines(diagnostics: ReadResult["diagnostics"]): string {
  return diagnostics.map(headline).join("\n");
}

describe("readJson", () => {
  test("readJson: comments, trailing commas and a byte order mark are allowed", () => {
    const { root, diagnostics } = readJson("g.json", '\uFEFF// one\n{ "a": [1, /* two */ 2,], }\n');
    expect(diagnostics).toEqual([]);
    expect(plain(root!)).toEqual({ a: [1, 2] });
  });

  test("readJson: broken JSON is one diagnostic at the first mistake", () => {
    expect(failure("")).toBe("g.json:1:1 The file is empty.");
    expect(failure("// nothing\n")).toBe("g.json:1:10 A value is expected here, but the file ends.");
    expect(failure('{\n  "a" 1\n}')).toBe('g.json:2:7 A ":" is expected here.');
    expect(failure('{\n  "a": 1\n  "b": 2\n}')).toBe('g.json:3:3 A "," is expected here.');
    expect(failure("{ a: 1 }")).toBe("g.json:1:3 This is not JSON; a text stands in double quotes.");
    expect(failure("{ 'a': 1 }")).toBe("g.json:1:3 This is not JSON; a text stands in double quotes.");
    expect(failure('{ "a": yes }')).toBe("g.json:1:8 This is not JSON; a text stands in double quotes.");
    expect(failure('{ "a": [1, 2 }')).toBe('g.json:1:14 A "," is expected here.');
    expect(failure('{ "a": "x }\n')).toBe("g.json:1:8 This text is not closed by a double quote.");
    expect(failure('{ "a": "\\q" }')).toBe("g.json:1:8 This escape is unknown; a backslash is written as \\\\.");
    expect(failure('{ "a": 1 ')).toBe('g.json:1:8 A "}" is expected here, but the file ends.');
    expect(failure("{} {}")).toBe("g.json:1:4 The end of the file is expected here.");
    expect(failure("{ /* ")).toBe("g.json:1:3 This comment is not closed.");
    expect(failure("\0\x01")).toBe("g.json:1:1 This is not JSON; a text stands in double quotes.");
  });

  test("readJson: a number that no double holds as it is written is a diagnostic at its place", () => {
    const { diagnostics } = readJson(
      "g.json",
      '{ "id": 9007199254740993,\n "x": [1e400, 0.5, 0.12345678901234567890] }',
    );
    expect(headlines(diagnostics).split("\n")).toEqual([
      "g.json:1:9 9007199254740993 is beyond the whole numbers that are held exactly, to 9007199254740991; in quotes it is text.",
      "g.json:2:8 1e400 is larger than any number can be; in quotes it is text.",
      "g.json:2:20 0.12345678901234567890 has more than the 17 digits that a number holds; in quotes it is text.",
    ]);
  });

  test("readJson: every repeated key is a diagnostic that names the first, whose value counts", () => {
    const { root, diagnostics } = readJson("g.json", '{\n  "a": 1,\n  "b": { "c": 1, "c": 2 },\n  "a": 3\n}');
    expect(headlines(diagnostics)).toBe(
      [
        'g.json:3:18 "c" stands here a second time; it is in line 3 already.',
        'g.json:4:3 "a" stands here a second time; it is in line 2 already.',
      ].join("\n"),
    );
    expect(plain(root!)).toEqual({ a: 1, b: { c: 1 } });
  });

  test("readJson: what is nested too deep, or too large, is refused before it is parsed", () => {
    expect(failure("[".repeat(100_000))).toBe("g.json:1:65 Objects and lists are nested more than 64 deep.");
    expect(plain(readJson("g.json", "[".repeat(64) + "]".repeat(64)).root!)).toHaveLength(1);
    const size = 32 * 1024 * 1024 + 1;
    expect(failure(" ".repeat(size))).toBe(`g.json:1:1 The file has ${size} characters; at most ${size - 1} are read.`);
  });

  test("readJson: keys of an object's prototype are keys like others", () => {
    const { root } = readJson("g.json", '{ "__proto__": { "a": 1 }, "constructor": 2 }');
    const value = plain(root!) as object;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });
});

describe("places", () => {
  const text = '{\r\n  "a": { "b": [10, "x\\u0041\\n@name"] }\r\n}';
  const root = readJson("g.json", text).root!;
  const at = (place: { line: number; column: number; length: number }) => [place.line, place.column, place.length];

  test("places: a value, a key, and what leads nowhere have a line and a column", () => {
    expect(at(placeOf(spanOfValue(root, ["a", "b", 0])))).toEqual([2, 16, 2]);
    expect(at(placeOf(spanOfKey(root, ["a", "b"])))).toEqual([2, 10, 3]);
    expect(at(placeOf(spanOfKey(root, ["a", "c"])))).toEqual([2, 8, 31]);
    expect(at(placeOf(spanOfValue(root, ["a", "b", 7])))).toEqual([2, 15, 22]);
  });

  test("places: an offset inside a string counts an escape as one character", () => {
    const span = spanOfValue(root, ["a", "b", 1]);
    // The value is x, A, line feed, @name.
    expect(at(placeInside(span, 0, 1))).toEqual([2, 21, 1]);
    expect(at(placeInside(span, 1, 1))).toEqual([2, 22, 6]);
    expect(at(placeInside(span, 2, 1))).toEqual([2, 28, 2]);
    expect(at(placeInside(span, 3, 5))).toEqual([2, 30, 5]);
    expect(at(placeInside(span, 8, 0))).toEqual([2, 35, 1]);
    expect(at(placeInside(span, 99, 9))).toEqual([2, 35, 1]);
  });

  test("places: a value of several lines is marked in its first", () => {
    expect(at(placeOf(root.span))).toEqual([1, 1, 2]);
    const diagnostic = { severity: "error", message: "Wrong.", place: placeOf(spanOfKey(root, ["a"])) } as const;
    expect(render(diagnostic, text)).toBe(
      ["g.json:2:3 Wrong.", '  2 |   "a": { "b": [10, "x\\u0041\\n@name"] }', "        ~~~"].join("\n"),
    );
  });
});
