// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of this language, not of TypeScript
import { describe, expect, test } from "@jest/globals";
import { type Compiled, compileExpression, compileTemplate } from "../../src/expression/index.js";
import { compiled, OPEN, SCOPE } from "./helper.js";

function told({ constant, reads }: Compiled): unknown[] {
  return [constant, [...reads.attributes].sort(), [...reads.variables].sort(), reads.inputs];
}
const expression = (text: string, scope = SCOPE) => told(compiled(compileExpression(text, scope)));
const template = (text: string) => told(compiled(compileTemplate(text, SCOPE)));

describe("reads", () => {
  test("expressions: attributes, built-in ones among them, variables and inputs", () => {
    expect(expression("1 + rand(2)")).toEqual([true, [], [], false]);
    expect(expression("@width + @pdg_index * $STEPS")).toEqual([false, ["pdg_index", "width"], ["STEPS"], false]);
    expect(expression("@color.x + @color.y")).toEqual([false, ["color"], [], false]);
    expect(expression("pdginputsize()")).toEqual([false, [], [], true]);
    expect(expression("pdginput(0)")).toEqual([false, [], [], true]);
    expect(expression("@pdg_input")).toEqual([false, ["pdg_input"], [], true]);
  });

  test("expressions: what is not evaluated is read all the same", () => {
    expect(expression("true ? 1 : @width")).toEqual([false, ["width"], [], false]);
  });

  test("functions: an attribute's size or presence is a read", () => {
    expect(expression("pdgattribsize('color')")).toEqual([false, ["color"], [], false]);
    expect(expression("haspdgattrib('maybe') ? 1 : 2")).toEqual([false, ["maybe"], [], false]);
  });

  test("open scope: unknown attributes are read by name", () => {
    expect(expression("@late + 1", OPEN)).toEqual([false, ["late"], [], false]);
  });

  test("templates: the same, from every kind of expansion", () => {
    expect(template("$OS @title @{pdg_index:4} ${HIP} `pdginputsize() + @width`")).toEqual([
      false,
      ["pdg_index", "title", "width"],
      ["HIP", "OS"],
      true,
    ]);
    expect(template("@@title $$OS {width}")).toEqual([true, [], [], false]);
  });
});
