/** Cuts an expression into tokens. Knows their spelling, not their order. */
import { numberProblem } from "../base/number.js";
import type { ExpressionProblem } from "./scope.js";

export interface TextSpan {
  readonly offset: number;
  readonly length: number;
}

export type Token = TextSpan &
  (
    | { readonly kind: "number"; readonly value: number }
    | { readonly kind: "string"; readonly value: string }
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "attribute"; readonly name: string; readonly path: readonly string[] }
    | { readonly kind: "variable"; readonly name: string }
    | { readonly kind: "operator"; readonly text: string }
    | { readonly kind: "end" }
  );

/** Thrown inside the parser for the first mistake in a text, caught by its door. */
export class SyntaxProblem extends Error {
  readonly problem: ExpressionProblem;

  constructor(span: TextSpan, message: string, suggestion?: string) {
    super(message);
    this.problem = { ...at(span), message, ...(suggestion === undefined ? {} : { suggestion }) };
  }
}

/** The place of a token or node without the rest of it. */
export function at({ offset, length }: TextSpan): TextSpan {
  return { offset, length };
}

const SPACE = /\s+/y;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?[A-Za-z0-9_.]*/y;
const PROPER_NUMBER = /^(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const ATTRIBUTE = /@([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z0-9_]+)*)/y;
const VARIABLE = /\$([A-Za-z_][A-Za-z0-9_]*)/y;
const OPERATOR = /&&|\|\||[=!<>]=|[-+*/%<>!?:(),]/y;

/** What those write who come from another language. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ["=", "=="],
  ["&", "&&"],
  ["|", "||"],
  ["^", "pow(base, exponent)"],
]);

/** Answers one token after another of `text` between `start` and `end`; throws `SyntaxProblem`. */
export class Lexer {
  readonly #text: string;
  readonly #end: number;
  #position: number;

  constructor(text: string, start: number, end: number) {
    this.#text = text.length === end ? text : text.slice(0, end);
    this.#end = end;
    this.#position = start;
  }

  next(): Token {
    this.#match(SPACE);
    const offset = this.#position;
    if (offset >= this.#end) return { kind: "end", offset, length: 0 };
    const first = this.#text[offset]!;
    if (first === '"' || first === "'") return this.#string(first);
    return this.#number() ?? this.#word() ?? this.#operator();
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#position += found[0].length;
    return found;
  }

  #number(): Token | undefined {
    const found = this.#match(NUMBER);
    if (found === null) return undefined;
    const span = { offset: found.index, length: found[0].length };
    const value = Number(found[0]);
    if (!PROPER_NUMBER.test(found[0])) throw new SyntaxProblem(span, `"${shown(found[0])}" is not a number.`);
    const problem = numberProblem(found[0]);
    if (problem !== undefined) throw new SyntaxProblem(span, `${problem}; text stands in quotes.`);
    return { kind: "number", value, ...span };
  }

  #word(): Token | undefined {
    const name = this.#match(NAME);
    if (name !== null) return { kind: "name", name: name[0], offset: name.index, length: name[0].length };
    const attribute = this.#match(ATTRIBUTE);
    if (attribute !== null) {
      const path = attribute[2]!.split(".").slice(1);
      return { kind: "attribute", name: attribute[1]!, path, offset: attribute.index, length: attribute[0].length };
    }
    const variable = this.#match(VARIABLE);
    if (variable === null) return undefined;
    return { kind: "variable", name: variable[1]!, offset: variable.index, length: variable[0].length };
  }

  #operator(): Token {
    const found = this.#match(OPERATOR);
    if (found !== null) return { kind: "operator", text: found[0], offset: found.index, length: found[0].length };
    const character = String.fromCodePoint(this.#text.codePointAt(this.#position)!);
    const span = { offset: this.#position, length: character.length };
    if (character === "@")
      throw new SyntaxProblem(span, 'An attribute is written "@name", "@name.0" or "@name.x" here.');
    if (character === "$") throw new SyntaxProblem(span, 'A variable is written "$NAME" here.');
    if (character === "`")
      throw new SyntaxProblem(span, "Backticks belong into templates; this is an expression already.");
    throw new SyntaxProblem(span, `Unexpected "${character}".`, FOREIGN.get(character));
  }

  #string(quote: string): Token {
    const offset = this.#position;
    let value = "";
    for (let position = offset + 1; position < this.#end; position++) {
      const character = this.#text[position]!;
      if (character === quote) {
        this.#position = position + 1;
        return { kind: "string", value, offset, length: this.#position - offset };
      }
      if (character === "\\" && position + 1 < this.#end) value += this.#escape(++position);
      else value += character;
    }
    throw new SyntaxProblem({ offset, length: this.#end - offset }, `This string has no closing ${quote}.`);
  }

  #escape(position: number): string {
    const character = this.#text[position]!;
    const meant = ESCAPES.get(character);
    if (meant !== undefined) return meant;
    const span = { offset: position - 1, length: 2 };
    throw new SyntaxProblem(span, `"\\${character}" is no escape; there are \\n, \\t, \\\\, \\" and \\'.`);
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["t", "\t"],
  ["\\", "\\"],
  ['"', '"'],
  ["'", "'"],
]);

function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
