import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { FUNCTIONS } from "../../src/expression/functions.js";
import { compileExpression } from "../../src/expression/index.js";
import { fileValue } from "../../src/expression/value.js";
import { compiled, failure, item, mistakes, SCOPE, VALUES, value } from "./helper.js";

function values(cases: readonly (readonly [string, unknown])[]): void {
  for (const [text, expected] of cases) expect([text, value(text)]).toEqual([text, expected]);
}

describe("functions", () => {
  test("the language: has exactly the functions that the specification names", () => {
    const names =
      "min max clamp floor ceil round trunc abs pow sqrt exp log sin cos atan2 fit lerp rand " +
      "pdginput pdginputsize pdginputvals pdgoutput pdgoutputsize pdgoutputvals " +
      "pdgattrib pdgattribs pdgattribvals pdgattribsize pdgattribtype haspdgattrib values " +
      "format basename stem extension dirname upper lower trim strlen strcmp contains startswith endswith match " +
      "replace substr split join str int float len at slice find sum sorted reversed unique";
    expect([...FUNCTIONS.keys()].sort()).toEqual(names.split(" ").sort());
  });

  test("the language's page: lists every function as it is used", () => {
    const page = readFileSync("docs/expressions.md", "utf8");
    for (const { usage } of FUNCTIONS.values()) expect(page).toContain(`\`${usage}\``);
  });

  test("min, max, clamp: any number of values; limits included", () => {
    values([
      ["min(3)", 3],
      ["min(3, 1, 2)", 1],
      ["max(3, 1, @width)", 64],
      ["clamp(@width, 0, 10)", 10],
      ["clamp(-1, 0, 10)", 0],
      ["clamp(5, 5, 5)", 5],
    ]);
    expect(failure("clamp(@width, 2, 1)")).toBe(
      "clamp(@width, 2, 1) | clamp's low limit, 2, is above its high one, 1.",
    );
  });

  test("floor, ceil, round, abs: round takes halves away from zero", () => {
    values([
      ["floor(-2.5)", -3],
      ["ceil(2.1)", 3],
      ["round(2.5)", 3],
      ["round(-2.5)", -3],
      ["round(0.49999999999999994)", 0],
      ["round(2.4)", 2],
      ["abs(-2.5)", 2.5],
    ]);
  });

  test("pow, sqrt, exp, log: finite or a failure", () => {
    values([
      ["pow(2, 10)", 1024],
      ["pow(2, -1)", 0.5],
      ["sqrt(2)", Math.SQRT2],
      ["exp(1)", Math.E],
      ["log(exp(2))", 2],
    ]);
    expect(failure("sqrt(-@width)")).toBe("sqrt(-@width) | sqrt(-64) is not a finite number.");
    expect(failure("log(@width - 64)")).toBe("log(@width - 64) | log(0) is not a finite number.");
    expect(failure("exp(@width * 100)")).toBe("exp(@width * 100) | exp(6400) is not a finite number.");
    expect(failure("pow(@width - 64, -1)")).toBe("pow(@width - 64, -1) | pow(0, -1) is not a finite number.");
  });

  test("sin, cos: in degrees, exact at right angles", () => {
    for (const [degrees, sine, cosine] of [
      [0, 0, 1],
      [90, 1, 0],
      [180, 0, -1],
      [270, -1, 0],
      [-90, -1, 0],
      [450, 1, 0],
      [-360, 0, 1],
    ]) {
      expect([value(`sin(${degrees})`), value(`cos(${degrees})`)]).toEqual([sine, cosine]);
    }
    expect(value("sin(30)")).toBeCloseTo(0.5, 15);
    expect(value("cos(60)")).toBeCloseTo(0.5, 15);
    expect(value("sin(-45)")).toBeCloseTo(-Math.SQRT1_2, 15);
  });

  test("fit, lerp: fit holds the value inside its range, lerp does not, both meet their ends", () => {
    values([
      ["fit(0.25, 0, 1, 10, 20)", 12.5],
      ["fit(3, 1, 4, 5, 20)", 15],
      ["fit(9, 0, 1, 10, 20)", 20],
      ["fit(-9, 0, 1, 10, 20)", 10],
      ["fit(0.25, 1, 0, 0, 100)", 75],
      ["lerp(0.1, 0.7, 1)", 0.7],
      ["lerp(0.1, 0.7, 0)", 0.1],
      ["lerp(0, 10, 2)", 20],
    ]);
    expect(failure("fit(1, @width, 64, 0, 1)")).toContain("fit has no range to fit from: both ends are 64.");
  });

  test("rand: the same seeds give the same value, others another, all in [0, 1)", () => {
    expect(value("rand(@width, 'noise')")).toBe(value("rand(64, 'noise')"));
    const drawn = Array.from({ length: 1000 }, (_, seed) => value(`rand(${seed})`) as number);
    expect(new Set(drawn).size).toBe(1000);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    const mean = drawn.reduce((sum, number) => sum + number, 0) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 1000));
    expect(value("rand(1, 2)")).not.toBe(value("rand(2, 1)"));
    expect(value("rand('1')")).not.toBe(value("rand(1)"));
  });

  test("pdginput, pdginputsize: by index among those of a tag", () => {
    values([
      ["basename(pdginput(1))", "b.txt"],
      ["basename(pdginput(0, 'file/text'))", "b.txt"],
      ["pdginput(0)", { $file: "$HIP/a.png", tag: "file/image" }],
      ["pdginputsize()", 2],
      ["pdginputsize('file/image')", 1],
      ["pdginputsize('none')", 0],
    ]);
    expect(failure("pdginput(2)")).toBe("pdginput(2) | There is no input file 2: this item has 2 input files.");
    expect(failure("pdginput(1, 'file/text')")).toBe(
      "pdginput(1, 'file/text') | There is no input file 1: this item has 1 input files with tag \"file/text\".",
    );
    expect(failure("pdginput(-1)")).toContain("There is no input file -1");
  });

  test("pdgattribsize, haspdgattrib: sizes of lists, and whether the item has an attribute", () => {
    values([
      ["pdgattribsize('color')", 3],
      ["pdgattribsize('width')", 1],
      ["pdgattribsize('pdg_output')", 0],
      ["haspdgattrib('width')", true],
      ["haspdgattrib('other')", false],
      ["haspdgattrib('__proto__')", false],
    ]);
    expect(mistakes("pdgattribsize('colour')")).toEqual(["'colour' | There is no attribute \"colour\" here. | color"]);
    expect(mistakes("haspdgattrib(@title)")).toEqual([
      "@title | haspdgattrib(name) needs a name in quotes, so that what is read is known before the cook.",
    ]);
  });

  test("pdginputvals, pdgoutput and its like: files of a tag, those with spaces in quotes", () => {
    const files = [fileValue("$HIP/a b.png", { tag: "file/image" }), fileValue("$HIP/c.txt", { tag: "file/text" })];
    const environment = item({ ...VALUES, pdg_input: files, pdg_output: files });
    for (const side of ["input", "output"]) {
      expect(value(`pdg${side}vals()`, environment)).toBe('"$HIP/a b.png" $HIP/c.txt');
      expect(value(`pdg${side}vals('file/text')`, environment)).toBe("$HIP/c.txt");
      expect(value(`pdg${side}size('file')`, environment)).toBe(2);
      expect(value(`pdg${side}size('file/im')`, environment)).toBe(side === "input" ? 1 : 0);
      expect(value(`stem(pdg${side}(1))`, environment)).toBe("c");
    }
    expect(failure("pdgoutput(2)", environment)).toContain("There is no output file 2: this item has 2 output files.");
    const { reads } = compiled(compileExpression("pdgoutputvals()", SCOPE));
    expect([...reads.attributes]).toEqual(["pdg_output"]);
  });

  test("pdgattrib and its like: a value by its index, all as text, the type's number as Houdini has it", () => {
    values([
      ["pdgattrib('color', 1) * 2", 1],
      ["pdgattrib('width')", 64],
      ["pdgattribs('names', 1)", "second"],
      ["pdgattribs('width')", "64"],
      ["pdgattribvals('names')", "first second"],
      ["pdgattribvals('color')", "0.25 0.5 1"],
      ["pdgattribtype('width')", 0],
      ["pdgattribtype('learning_rate')", 1],
      ["pdgattribtype('names')", 2],
      ["pdgattribtype('source')", 3],
      ["pdgattribtype('about')", 4],
      ["pdgattribtype('other')", -1],
    ]);
    expect(failure("pdgattrib('color', 3)")).toContain('"color" has no index 3: it has 3 values in this item.');
    expect(mistakes("pdgattrib('names', 0) * 2")[0]).toContain("needs a number, but this is a string");
    expect(mistakes("values('colour')")[0]).toContain('There is no attribute "colour" here. | color');
  });

  // What Python's methods of the same names give.
  test("text: characters are counted, not code units", () => {
    values([
      ["upper('Straße ä')", "STRASSE Ä"],
      ["lower('ÀB')", "àb"],
      ["trim('  a b\\n')", "a b"],
      ["strlen('a😀b')", 3],
      ["substr('a😀bc', 1, 2)", "😀b"],
      ["substr('hill', 1)", "ill"],
      ["substr('hill', -2)", "ll"],
      ["substr('hill', 2, -1)", ""],
      ["substr('hill', 9, 2)", ""],
      ["replace('a.b.c', '.', '$&')", "a$&b$&c"],
      ["replace('abc', '', 'x')", "abc"],
      ["strcmp('a', 'b')", -1],
      ["strcmp('b', 'a')", 1],
      ["strcmp(@title, 'hill')", 0],
      ["contains('terrain', 'rai')", true],
      ["startswith(@source, '$HIP/')", true],
      ["endswith('a.PNG', '.png')", false],
      ["dirname(@source)", "$HIP/data"],
      ["dirname('a.png')", "."],
    ]);
  });

  test("match: patterns as files have them, in time that does not explode", () => {
    values([
      ["match('hill_*.png', 'hill_12.png')", true],
      ["match('hill_??.png', 'hill_1.png')", false],
      ["match('{hill,dale}*', 'dale')", true],
      ["match('*', '.hidden')", true],
      ["match('*', 'a/b')", false],
      ["match('**', 'a/b')", true],
    ]);
    expect(value(`match('${"*a".repeat(50)}b', '${"a".repeat(2000)}')`)).toBe(false);
    expect(mistakes("match('!(a)', 'b')")[0]).toContain("has ! or ( with a meaning that is not known here");
  });

  test("str, int, float: text that is a number, and nothing else", () => {
    values([
      ["str(2e-4) + 'x'", "0.0002x"],
      ["str(true)", "true"],
      ["int('0042')", 42],
      ["int(-3.9)", -3],
      ["int(' 7.5 ')", 7],
      ["int(@flag)", 1],
      ["float('1e3') / 2", 500],
      ["float('.5')", 0.5],
    ]);
    expect(failure("int(@title)")).toBe('int(@title) | int needs text that is a number, but this is "hill".');
    for (const text of ["", "0x10", "12abc", "Infinity", "1_000"]) expect(mistakes(`float('${text}')`)).toHaveLength(1);
    expect(mistakes("float('1e999')")[0]).toContain("1e999 is larger than any number can be.");
    expect(mistakes("int('9007199254740993')")[0]).toContain("is beyond the whole numbers that are held exactly");
    expect(mistakes("9007199254740993 + 1")[0]).toContain("text stands in quotes");
    const scope = { ...SCOPE, variables: new Map([["ASSET", "9007199254740993"]]) };
    expect(value("$ASSET + ''", item(VALUES, scope.variables), scope)).toBe("9007199254740993");
  });

  test("trunc, atan2, min and max of a list", () => {
    values([
      ["trunc(-2.7)", -2],
      ["atan2(1, 1)", 45],
      ["atan2(0, -1)", 180],
      ["max(values('color'))", 1],
      ["min(values('color'))", 0.25],
    ]);
    expect(failure("max(slice(values('color'), 0, 0))")).toContain("has an empty list");
    expect(mistakes("max(split('1 2'))")[0]).toContain("needs a number or a list of numbers");
  });

  test("basename, stem, extension: stem and extension make up the base name", () => {
    values([
      ["basename('a/b.c/d.tar.gz')", "d.tar.gz"],
      ["stem(@source)", "hill.tar"],
      ["extension(@source)", ".gz"],
      ["stem('.hidden')", ".hidden"],
      ["extension('a.b/c')", ""],
      ["basename('')", ""],
    ]);
    for (const path of ["a/b.png", "b", ".x", "a.b.c", "$HIP/a b.txt"]) {
      expect(value(`stem('${path}') + extension('${path}')`)).toBe(value(`basename('${path}')`));
    }
  });
});

describe("lists", () => {
  test("split, join, values: text to a list and back", () => {
    values([
      ["split('a,b,,c', ',')", ["a", "b", "", "c"]],
      ["split('  a  b ')", ["a", "b"]],
      ["split('')", []],
      ["split('abc', '')", ["a", "b", "c"]],
      ["join(split('a b c'), '-')", "a-b-c"],
      ["join(values('color'), ' ')", "0.25 0.5 1"],
      ["join(values('width'), ',')", "64"],
      ["values('names')", ["first", "second"]],
      ["at(split(stem('hill_v12.png'), '_'), -1)", "v12"],
    ]);
  });

  test("len, at, slice, find, sum, sorted, reversed, unique", () => {
    values([
      ["len(values('names'))", 2],
      ["at(values('color'), 2) + 1", 2],
      ["slice(split('a b c d'), 1, -1)", ["b", "c"]],
      ["slice(split('a b c d'), -2)", ["c", "d"]],
      ["find(values('names'), 'second')", 1],
      ["find(values('color'), 3)", -1],
      ["sum(values('color'))", 1.75],
      ["sum(slice(values('color'), 0, 0))", 0],
      ["sorted(split('b a C'))", ["C", "a", "b"]],
      ["at(sorted(values('color')), 0)", 0.25],
      ["reversed(split('a b'))", ["b", "a"]],
      ["unique(split('b a b c a'))", ["b", "a", "c"]],
    ]);
    expect(failure("at(values('names'), 2)")).toContain("There is no index 2: the list has 2 values.");
    expect(mistakes("sum(values('names'))")[0]).toContain("needs a list of numbers, but this is a list of strings");
    expect(mistakes("@names + values('names')")[0]).toContain("but this is a list of strings");
    expect(mistakes("values('names') == values('names')")[0]).toContain("but this is a list of strings");
    expect(mistakes("len('abc')")[0]).toContain("but this is a string");
  });

  test("in: a value among those of a list, a text in a text; as tight as a comparison", () => {
    values([
      ["'second' in values('names')", true],
      ["0.5 in values('color')", true],
      ["'il' in @title", true],
      ["!('x' in @title) && 1 + 1 in values('color')", false],
      ["@width in values('width') ? 1 : 0", 1],
    ]);
    expect(mistakes("1 in values('names')")[0]).toContain('"in" needs a string or a file, but this is a whole number');
    expect(mistakes("'a' in 3")[0]).toContain('"in" needs a list of numbers');
    expect(failure("3 in @anything", item({ anything: "text" }))).toContain('"in" looks for a text in a text');
    expect(mistakes("in 3")[0]).toContain('"in"');
  });
});

describe("format", () => {
  test("directives: as C's printf writes them", () => {
    values([
      ["format('%04d', 42)", "0042"],
      ["format('%-5d|', 42)", "42   |"],
      ["format('%5d|%+d|% d', 42, 42, 42)", "   42|+42| 42"],
      ["format('%05d', -42)", "-0042"],
      ["format('%.3d', 7)", "007"],
      ["format('%x', 255)", "ff"],
      ["format('%04x', 255)", "00ff"],
      ["format('%f', 0.1)", "0.100000"],
      ["format('%.2f', 1234.567)", "1234.57"],
      ["format('%08.3f', -3.14159)", "-003.142"],
      ["format('%.0f', 3)", "3"],
      ["format('%e', 0.0002)", "2.000000e-04"],
      ["format('%.2e', 123456)", "1.23e+05"],
      ["format('%.1e', 1e100)", "1.0e+100"],
      ["format('%5s|%-5s|%.2s', 'abc', 'abc', 'abc')", "  abc|abc  |ab"],
      ["format('%d%% of %s', 50, @title)", "50% of hill"],
      ["format('no values')", "no values"],
      ["format('%.1f', 1e21)", "1000000000000000000000.0"],
      ["format('%s %s', 0.0000001, @flag)", "0.0000001 true"],
    ]);
  });

  test("patterns: mistakes are found before the cook", () => {
    expect(mistakes("format('%d', 1.5)")).toEqual([
      "1.5 | format(pattern, value, …) needs a whole number, but this is a number. Write round(…), floor(…) or ceil(…).",
    ]);
    expect(mistakes("format('%d %d', 1)")).toEqual([
      "format('%d %d', 1) | format(pattern, value, …) takes 3 values with this pattern, not 2.",
    ]);
    expect(mistakes("format('x', 1)")[0]).toContain("takes 1 value with this pattern, not 2.");
    expect(mistakes("format('%q', 1)")).toEqual([
      "'%q' | \"%q\" is no directive; there are %d, %x, %e, %f, %s and %%.",
    ]);
    expect(mistakes("format('100%')")[0]).toContain('"%" is no directive');
    expect(mistakes("format('%__proto__s', 1)")[0]).toContain("is no directive");
    expect(mistakes("format('%999999d', 1)")[0]).toContain("is wider than 200 characters.");
    expect(mistakes("format('%.999f', 1)")[0]).toContain("asks for more than 100 digits.");
    expect(mistakes("format(@title, 1)")[0]).toContain("needs a pattern in quotes");
    expect(mistakes("format()")[0]).toContain("takes at least 1 value");
  });
});
