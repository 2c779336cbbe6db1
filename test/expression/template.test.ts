// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of this language, not of TypeScript
import { describe, expect, test } from "@jest/globals";
import { compileTemplate } from "../../src/expression/index.js";
import { compiled, expanded, item, OPEN, problems, SCOPE, VALUES } from "./helper.js";

function mistakes(text: string, scope = SCOPE): string[] {
  return problems(text, compileTemplate(text, scope));
}

describe("template", () => {
  test("expansion: attributes and variables end at the first character outside A-Z a-z 0-9 _", () => {
    const cases: [string, string][] = [
      ["$OS: lr @learning_rate", "train: lr 0.0002"],
      ["@title.png", "hill.png"],
      ["@title-@width/x", "hill-64/x"],
      ["$HIP/$OS.@{pdg_index:4}.png", "$HIP/train.0007.png"],
      ["${OS}_v2", "train_v2"],
      ["@{title}_v2", "hill_v2"],
      ["@{about.nested.x}!", "deep!"],
      ["@{color.1}", "0.5"],
      ["@color", "0.25"],
      ["@flag", "true"],
      ["@pdg_input", "$HIP/a.png"],
      ["@{pdg_input.1}", "$HIP/b.txt"],
      ["$VERSION", "007"],
      ["$OS$OS@title@title", "traintrainhillhill"],
    ];
    for (const [text, result] of cases) expect([text, expanded(text)]).toEqual([text, result]);
  });

  test("padding: zeros behind the sign, up to a width", () => {
    const pad = (value: number, text: string) =>
      expanded(text, item({ ...VALUES, width: value, learning_rate: value }));
    expect(pad(7, "@{width:1}")).toBe("7");
    expect(pad(123456, "@{width:4}")).toBe("123456");
    expect(pad(-5, "@{width:4}")).toBe("-005");
    expect(pad(0, "@{width:03}")).toBe("000");
    expect(pad(0.5, "@{learning_rate:6}")).toBe("0000.5");
    expect(expanded("@{about.list.1:3}")).toBe("008");
  });

  test("backticks: hold expressions, also side by side", () => {
    expect(expanded("`@width * 2`px")).toBe("128px");
    expect(expanded("`@width``@width / 128`")).toBe("640.5");
    expect(expanded("a`'@title $OS'`b")).toBe("a@title $OSb");
    expect(expanded("`@pdg_input.1`")).toBe("$HIP/b.txt");
    expect(expanded("`1e-7`")).toBe("0.0000001");
  });

  test("escapes: doubled @, $ and backtick; what begins no name is text", () => {
    const cases: [string, string][] = [
      ["me@@host", "me@host"],
      ["$$OS", "$OS"],
      ["``code``", "`code`"],
      ["@@@title", "@hill"],
      ["$$$OS", "$train"],
      ["```@width```", "`64`"],
      ["5$ and 3@ and @2x $5", "5$ and 3@ and @2x $5"],
      ["epoch_{iteration}_{loss:.3f}", "epoch_{iteration}_{loss:.3f}"],
      ["", ""],
      ["a\nb", "a\nb"],
    ];
    for (const [text, result] of cases) expect([text, expanded(text)]).toEqual([text, result]);
  });

  test("values: are not expanded again", () => {
    expect(expanded("@title", item({ title: "@width $OS `1`" }))).toBe("@width $OS `1`");
  });

  test("constants: a text that reads nothing is one, also with an expression", () => {
    expect(compiled(compileTemplate("plain $$ {x}", SCOPE)).constant).toBe(true);
    expect(compiled(compileTemplate("`1 + 1`", SCOPE)).constant).toBe(true);
    expect(compiled(compileTemplate("$OS", SCOPE)).constant).toBe(false);
    expect(compiled(compileTemplate("`1 + 1`", SCOPE)).type).toBe("string");
  });

  test("mistakes: places count from the template's beginning", () => {
    expect(mistakes("lr @learning_rat and $SO_ `1 +` `@widht`")).toEqual([
      '@learning_rat | There is no attribute "learning_rat" here. | learning_rate',
      '$SO_ | There is no variable "$SO_". A "$" as text is written "$$".',
      " | The expression ends where a value should follow.",
      '@widht | There is no attribute "widht" here. | width',
    ]);
    const [problem] = compileTemplate("ab `1 +`", SCOPE) as { offset: number }[];
    expect(problem?.offset).toBe(7);
  });

  test("mistakes: broken expansions", () => {
    const cases: [string, string][] = [
      ["a ` b", "` b | This backtick has no partner; a backtick as text is written twice."],
      ["x @{title", '@{title | This "@{" has no closing "}"; an "@" as text is written "@@".'],
      [
        "@{width + 1}",
        '@{width + 1} | An attribute is written "@{name}", "@{name.x}" or "@{name:4}"; an expression stands in backticks.',
      ],
      ["${O S}", '${O S} | A variable is written "$NAME", or with its name in "{}"; a "$" as text is written "$$".'],
      ["@{title:4}", '@{title:4} | ":4" after an attribute needs a number, but this is a string.'],
      ["@{width:999}", "@{width:999} | A width lies between 1 and 64."],
      ["@{width:0}", "@{width:0} | A width lies between 1 and 64."],
      [
        "@about",
        "@about | A template needs a string or a number or true or false or a file, but this is a dictionary.",
      ],
      ["@{__proto__}", '@{__proto__} | There is no attribute "__proto__" here.'],
    ];
    for (const [text, told] of cases) expect([text, mistakes(text)]).toEqual([text, [told]]);
  });

  test("failures: an open scope is checked with the item", () => {
    const run = compiled(compileTemplate("x @titel", OPEN));
    expect(() => run.evaluate(item())).toThrow('This item has no attribute "titel". Did you mean "title"?');
    expect(() => expanded("@about", item(), OPEN)).toThrow("but this is a dictionary.");
  });

  test("long texts: are not limited, their expressions are", () => {
    const long = "word @title ".repeat(20_000);
    expect(expanded(long)).toBe("word hill ".repeat(20_000));
    expect(mistakes(`\`${"1+".repeat(6000)}1\``)[0]).toContain("at most 10000 characters.");
    expect(mistakes("@{".repeat(50_000))).toHaveLength(1);
  });
});
