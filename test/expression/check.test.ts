import { describe, expect, test } from "@jest/globals";
import { compileExpression, EvaluationError } from "../../src/expression/index.js";
import { compiled, failure, item, mistakes, OPEN, problems, SCOPE, VALUES, value } from "./helper.js";

describe("check", () => {
  test("attributes: an unknown one has its place and the nearest name", () => {
    expect(mistakes("1 + @widht")).toEqual(['@widht | There is no attribute "widht" here. | width']);
    expect(mistakes("@pdg_indx")).toEqual(['@pdg_indx | There is no attribute "pdg_indx" here. | pdg_index']);
    expect(mistakes("@zebra")).toEqual(['@zebra | There is no attribute "zebra" here.']);
    expect(mistakes("@wedgeindex")).toEqual([
      '@wedgeindex | There is no attribute "wedgeindex" here: only items below a wedge have it.',
    ]);
  });

  test("attributes: names of host objects are unknown ones, before the cook and in it", () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"]) {
      expect(mistakes(`@${name}`)[0]).toContain(`There is no attribute "${name}" here.`);
      expect(failure(`@${name}`)).toContain(`This item has no attribute "${name}".`);
      expect(failure(`@about.${name}`)).toContain(`"about" has no key "${name}" in this item.`);
      expect(failure(`@color.${name}`)).toContain(`"color" has no index ${name}`);
      expect(failure(`@title.${name}`)).toContain(`"title" has no index ${name}`);
      expect(mistakes(`${name}(1)`)[0]).toContain(`There is no function "${name}".`);
      expect(mistakes(`$${name}`)[0]).toContain(`There is no variable "$${name}".`);
    }
  });

  test("all problems: reported at once, in the order of the text, and none follows from another", () => {
    expect(mistakes("@widht * @titel - sqroot($SO) + !@title")).toEqual([
      '@widht | There is no attribute "widht" here. | width',
      '@titel | There is no attribute "titel" here. | title',
      'sqroot | There is no function "sqroot". | sqrt',
      '$SO | There is no variable "$SO".',
      '@title | "!" needs a number or true or false, but this is a string.',
    ]);
  });

  test("variables and functions: unknown ones have the nearest name", () => {
    expect(mistakes("$STEP")).toEqual(['$STEP | There is no variable "$STEP". | $STEPS']);
    expect(mistakes("flor(1)")).toEqual(['flor | There is no function "flor". | floor']);
  });

  test("bare names: the attribute, function or word that was meant", () => {
    const message = 'has no value: attributes are "@name", strings stand in quotes.';
    expect(mistakes("width")).toEqual([`width | "width" ${message} | @width`]);
    expect(mistakes("True")).toEqual([`True | "True" ${message} | true`]);
    expect(mistakes("clamp")).toEqual([`clamp | "clamp" ${message} | clamp(value, low, high)`]);
    expect(mistakes("zzz")).toEqual([`zzz | "zzz" ${message}`]);
  });

  test("types: operators say what they need", () => {
    expect(mistakes("@title * 2")).toEqual(['@title | "*" needs a number, but this is a string.']);
    expect(mistakes("-@flag")).toEqual(['@flag | "-" needs a number, but this is true or false.']);
    expect(mistakes("@flag + 1")).toEqual(['@flag | "+" needs a number, but this is true or false.']);
    expect(mistakes("@about + 'x'")[0]).toContain("but this is a dictionary.");
    expect(mistakes("@title && true")[0]).toContain('"&&" needs a number or true or false, but this is a string.');
    expect(mistakes("@flag < true").length).toBe(2);
    expect(mistakes("1 < 2 < 3")).toEqual([
      '1 < 2 | "<" needs a number or a string or a file, but this is true or false.',
    ]);
  });

  test("types: == compares values of one type, where numbers of both kinds are one", () => {
    expect(mistakes("@width == '64'")).toEqual([
      "@width == '64' | \"==\" compares values of one type, but these are a whole number and a string.",
    ]);
    expect(mistakes("@flag != 1").length).toBe(1);
    expect(value("@width == 64.0 && @flag == true")).toBe(true);
  });

  test("types: both results of a ternary are of one type", () => {
    expect(mistakes("@flag ? 1 : 'a'")).toEqual([
      "@flag ? 1 : 'a' | Both results must be of one type, but these are a whole number and a string.",
    ]);
    expect(compiled(compileExpression("@flag ? 1 : 2.5", SCOPE)).type).toBe("float");
  });

  test("types: what each expression gives", () => {
    const types = {
      "@width * 2 - 1": "int",
      "@width % 3": "int",
      "@width / 2": "float",
      "@width * @learning_rate": "float",
      "floor(@width / 2)": "int",
      "max(@width, 1)": "int",
      "max(@width, 1.5)": "float",
      "@title + 1": "string",
      "@width > 3": "bool",
      "@source": "file",
      "@color.x": "float",
      "@about.height": "any",
      "@anything * 2": "any",
      "256 / 2": "int",
      $STEPS: "int",
    };
    for (const [text, type] of Object.entries(types)) {
      expect([text, compiled(compileExpression(text, SCOPE)).type]).toEqual([text, type]);
    }
  });

  test("indices: what an attribute's type does not have is found before the cook", () => {
    expect(mistakes("@width.1")).toEqual(['@width.1 | "width" is a whole number: it has no index 1.']);
    expect(mistakes("@color.red")).toEqual([
      '@color.red | "color" is a list of numbers: after its name comes an index from 0, or x, y, z, not "red".',
    ]);
    expect(mistakes("@color.0.1")[0]).toContain("after the index nothing more can follow.");
    expect(mistakes("@title.length")[0]).toContain('not "length"');
  });

  test("wanted: a constant, a static and an evaluated type are all held to it", () => {
    const check = (text: string, scope = SCOPE) => problems(text, compileExpression(text, scope, ["int"]));
    expect(check("@width * 2")).toEqual([]);
    expect(check("128 / 2")).toEqual([]);
    expect(check("@width / 2")).toEqual([
      "@width / 2 | This place needs a whole number, but this is a number. Write round(…), floor(…) or ceil(…).",
    ]);
    expect(check("2.5")[0]).toContain("This place needs a whole number");
    expect(check("@flag")[0]).toContain("but this is true or false.");
    expect(check("@n", OPEN)).toEqual([]);
    const open = compiled(compileExpression("@n / 2", OPEN, ["int"]));
    expect(open.evaluate(item({ n: 4 }))).toBe(2);
    expect(() => open.evaluate(item({ n: 5 }))).toThrow("This place needs a whole number, but this is 2.5.");
  });
});

describe("failures", () => {
  test("attributes: one that the item lacks, with the nearest of those that it has", () => {
    expect(failure("1 + @widht")).toBe('@widht | This item has no attribute "widht". | width');
    expect(failure("@width", item({}), SCOPE)).toBe('@width | This item has no attribute "width".');
  });

  test("EvaluationError: its message holds the suggestion, its problem the place", () => {
    const run = compiled(compileExpression("1 + @widht", OPEN));
    expect(() => run.evaluate(item())).toThrow(EvaluationError);
    expect(() => run.evaluate(item())).toThrow('This item has no attribute "widht". Did you mean "width"?');
  });

  test("attributes: a value of another type than declared", () => {
    expect(failure("@width", item({ width: "64" }), SCOPE)).toBe(
      '@width | Attribute "width" should be a whole number, but is "64" in this item.',
    );
    expect(failure("@width + 1", item({ width: 1.5 }), SCOPE)).toContain("but is 1.5 in this item.");
    expect(failure("@learning_rate", item({ learning_rate: Number.NaN }), SCOPE)).toContain(
      "but is not a finite number",
    );
    expect(failure("@title", item({ title: { a: 1 } }), SCOPE)).toContain("but is a dictionary in this item.");
  });

  test("open scope: types are checked with the value", () => {
    expect(failure("@title * 2")).toBe('@title | "*" needs a number, but this is "hill".');
    expect(failure("@title == @width")).toBe(
      '@title == @width | "==" compares values of one type, but these are "hill" and 64.',
    );
    expect(failure("@flag + @width")).toContain('"+" needs two numbers, or a string, but these are true and 64.');
    expect(failure("@about + 'x'")).toContain("but this is a dictionary.");
  });

  test("indices and keys: out of range and unknown", () => {
    expect(failure("@color.3")).toBe('@color.3 | "color" has no index 3: it has 3 values in this item.');
    expect(failure("@empty", item({ empty: [] }))).toContain('"empty" has no index 0: it has 0 values in this item.');
    expect(failure("@about.heigth")).toBe('@about.heigth | "about" has no key "heigth" in this item. | height');
    expect(failure("@about.nested.y")).toContain('"about.nested" has no key "y"');
  });

  test("arithmetic: what is no number, at its place", () => {
    expect(failure("1 + @width / (@width - 64)")).toBe("@width / (@width - 64) | Division by zero.");
    expect(failure("@width % 0")).toBe("@width % 0 | Division by zero.");
    expect(failure("@width * 1e308")).toContain("is larger than any number can be.");
    expect(mistakes("2 + 1 / 0")).toEqual(["1 / 0 | Division by zero."]);
    expect(mistakes("1e308 + 1e308")[0]).toContain("is larger than any number can be.");
  });

  test("variables: one that is no number for this item, where it was one before", () => {
    const changed = item(VALUES, new Map([["STEPS", "many"]]));
    expect(failure("$STEPS * 2", changed, SCOPE)).toBe(
      '$STEPS | Variable "$STEPS" should be a whole number, but is "many" for this item.',
    );
    expect(failure("$STEPS", item(VALUES, new Map()), SCOPE)).toContain('There is no variable "$STEPS" for this item.');
  });
});
