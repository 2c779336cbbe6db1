// biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates of this language, not of TypeScript
import { createContext, runInContext } from "node:vm";
import { describe, expect, test } from "@jest/globals";
import { randomStream } from "../../src/base/random.js";
import { compileExpression, compileTemplate, EvaluationError } from "../../src/expression/index.js";
import { item, OPEN, SCOPE, value } from "./helper.js";

/** A source of choices from a seed. */
function chooser(seed: number): { pick<T>(from: readonly T[]): T; below(count: number): number } {
  const stream = randomStream(seed, "fuzz");
  let index = 0;
  const below = (count: number) => stream.integer(index++, count);
  return { below, pick: (from) => from[below(from.length)]! };
}

/** A number expression that JavaScript reads with the same meaning: divisors are literals other than zero. */
function numberText(choose: ReturnType<typeof chooser>, depth: number): string {
  const literal = () => choose.pick(["1", "2.5", "3", "0.125", "7", "10"]);
  if (depth === 0) return literal();
  const inner = () => numberText(choose, choose.below(depth));
  switch (choose.below(6)) {
    case 0:
      return `(${inner()})`;
    case 1:
      return `- ${inner()}`;
    case 2:
      return `${inner()} ${choose.pick(["/", "%"])} ${literal()}`;
    case 3:
      return `(${truthText(choose, depth - 1)} ? ${inner()} : ${inner()})`;
    default:
      return `${inner()} ${choose.pick(["+", "-", "*"])} ${inner()}`;
  }
}

function truthText(choose: ReturnType<typeof chooser>, depth: number): string {
  const order = () =>
    `${numberText(choose, depth)} ${choose.pick(["<", "<=", ">", ">="])} ${numberText(choose, depth)}`;
  const comparison = () => {
    const [left, right] = [numberText(choose, depth), numberText(choose, depth)];
    return `${left} ${choose.pick(["<", "<=", ">", ">=", "==", "!="])} ${right}`;
  };
  if (depth === 0) return comparison();
  const inner = () => truthText(choose, choose.below(depth));
  switch (choose.below(4)) {
    case 0:
      return `!(${inner()})`;
    case 1:
      return `${order()} ${choose.pick(["==", "!="])} ${order()}`;
    default:
      return `${inner()} ${choose.pick(["&&", "||"])} ${inner()}`;
  }
}

describe("fuzz", () => {
  test("expressions: mean what JavaScript means by the same text", () => {
    const choose = chooser(11);
    const context = createContext({});
    for (let round = 0; round < 1500; round++) {
      const text = choose.below(2) === 0 ? numberText(choose, 5) : truthText(choose, 3);
      const meant = runInContext(text, context);
      expect([text, value(text)]).toEqual([text, meant]);
      // With the literals hidden in attributes nothing is folded, and nothing may change.
      const hidden = text.replace("2.5", "@half");
      expect([hidden, value(hidden, item({ half: 2.5 }), OPEN)]).toEqual([hidden, meant]);
    }
  });

  test("any text: has a value, problems inside it, or fails for the item; it never crashes or hangs", () => {
    const choose = chooser(12);
    const pieces =
      "@ @width @titl @color .x .0 .z $ $OS ${ } { @{ : 4 ` `` @@ $$ ( ) , ? : + - * / % ! = == != < <= && || & 1 0 .5 1e9 'a' \" ' \\ true min( format( '%d' pdginput( haspdgattrib( 'width' rand( @about @anything @source \n 😀 é \ud800 __proto__".split(
        " ",
      );
    let evaluated = 0;
    for (let round = 0; round < 6000; round++) {
      const text = Array.from({ length: choose.below(12) }, () => choose.pick(pieces)).join(choose.pick(["", " "]));
      const compile = choose.pick([compileExpression, compileTemplate]);
      const result = compile(text, choose.pick([SCOPE, OPEN]));
      if (Array.isArray(result)) {
        expect(result.length).toBeGreaterThan(0);
        for (const { offset, length } of result) expect(offset + length).toBeLessThanOrEqual(text.length);
        continue;
      }
      try {
        expect(result.evaluate(item())).toBeDefined();
        evaluated++;
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        expect(error.problem.offset + error.problem.length).toBeLessThanOrEqual(text.length);
      }
    }
    expect(evaluated).toBeGreaterThan(300);
  });
});
