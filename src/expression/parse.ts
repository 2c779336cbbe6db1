/**
 * Text to a syntax tree, by operator precedence (Pratt, "Top down operator precedence", POPL 1973). Knows which names are
 * words of the language, not which attributes, variables or functions exist.
 */
import { at, Lexer, SyntaxProblem, type TextSpan, type Token } from "./lexer.js";

export type Expression = TextSpan & { readonly depth: number } & (
    | { readonly kind: "literal"; readonly value: number | string | boolean }
    | { readonly kind: "attribute"; readonly name: string; readonly path: readonly string[] }
    | { readonly kind: "variable"; readonly name: string }
    /** A bare word that is no part of the language: always a mistake, whose remedy depends on what is known. */
    | { readonly kind: "name"; readonly name: string }
    | { readonly kind: "unary"; readonly operator: UnaryOperator; readonly operand: Expression }
    | {
        readonly kind: "binary";
        readonly operator: BinaryOperator;
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: "ternary";
        readonly condition: Expression;
        readonly then: Expression;
        readonly otherwise: Expression;
      }
    | {
        readonly kind: "call";
        readonly name: TextSpan & { readonly text: string };
        readonly args: readonly Expression[];
      }
  );

export type UnaryOperator = "-" | "+" | "!";
export type BinaryOperator = "||" | "&&" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "%";

/** How tightly operators bind; all of one level group from the left. The ternary binds weakest, from the right. */
const PRECEDENCE: ReadonlyMap<string, number> = new Map([
  ["||", 1],
  ["&&", 2],
  ["==", 3],
  ["!=", 3],
  ["<", 4],
  ["<=", 4],
  [">", 4],
  [">=", 4],
  ["in", 4],
  ["+", 5],
  ["-", 5],
  ["*", 6],
  ["/", 6],
  ["%", 6],
]);
const UNARY = 7;
const TERNARY = 0;

/** Parsing, checking and evaluation are recursive: these keep a hostile text from exhausting the stack. */
const DEEPEST = 200;
const LONGEST = 10_000;

/** The tree of `text` between `start` and `end`; throws `SyntaxProblem`. */
export function parse(text: string, start = 0, end = text.length): Expression {
  if (end - start > LONGEST) {
    throw new SyntaxProblem({ offset: start, length: end - start }, `An expression has at most ${LONGEST} characters.`);
  }
  return new Parser(new Lexer(text, start, end)).whole();
}

class Parser {
  readonly #lexer: Lexer;
  #token: Token;
  #depth = 0;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
    this.#token = lexer.next();
  }

  whole(): Expression {
    if (this.#ended()) throw new SyntaxProblem(at(this.#token), "An expression is missing.");
    const expression = this.#expression(TERNARY);
    if (!this.#ended()) throw this.#unexpected("an operator or the end");
    return expression;
  }

  #expression(weakest: number): Expression {
    // The tree's depth is known only when it is built; recursion has to be stopped before.
    if (++this.#depth > DEEPEST) throw tooDeep(this.#token);
    let left = this.#prefix();
    for (;;) {
      const operator = this.#operator();
      const precedence = PRECEDENCE.get(operator);
      if (precedence !== undefined && precedence > weakest) left = this.#binary(left, operator, precedence);
      else if (operator === "?" && weakest === TERNARY) left = this.#ternary(left);
      else break;
    }
    this.#depth--;
    return left;
  }

  /** The operator that is next, of which one is a word; empty where none is. */
  #operator(): string {
    if (this.#token.kind === "operator") return this.#token.text;
    return this.#token.kind === "name" && this.#token.name === "in" ? "in" : "";
  }

  #binary(left: Expression, operator: string, precedence: number): Expression {
    this.#advance();
    const right = this.#expression(precedence);
    const children = [left, right];
    return { kind: "binary", operator: operator as BinaryOperator, left, right, ...over(left, right, children) };
  }

  #ternary(condition: Expression): Expression {
    this.#advance();
    const then = this.#expression(TERNARY);
    this.#expect(":");
    const otherwise = this.#expression(TERNARY);
    const children = [condition, then, otherwise];
    return { kind: "ternary", condition, then, otherwise, ...over(condition, otherwise, children) };
  }

  #prefix(): Expression {
    const token = this.#advance();
    switch (token.kind) {
      case "number":
      case "string":
        return { kind: "literal", value: token.value, depth: 1, ...at(token) };
      case "attribute":
      case "variable":
        return { ...token, depth: 1 };
      case "name":
        if (token.name === "in") break;
        return this.#named(token);
      case "operator":
        if (token.text === "(") return this.#parenthesized(token);
        if (token.text === "-" || token.text === "+" || token.text === "!") {
          const operand = this.#expression(UNARY);
          return { kind: "unary", operator: token.text, operand, ...over(token, operand, [operand]) };
        }
    }
    throw this.#unexpected("a value", token);
  }

  #named(token: Token & { kind: "name" }): Expression {
    if (this.#isOperator("(")) return this.#call(token);
    if (token.name === "true" || token.name === "false") {
      return { kind: "literal", value: token.name === "true", depth: 1, ...at(token) };
    }
    return { ...token, depth: 1 };
  }

  #parenthesized(open: Token): Expression {
    const inner = this.#expression(TERNARY);
    const close = this.#expect(")", open);
    return { ...inner, ...spanning(open, close) };
  }

  #call(name: Token & { kind: "name" }): Expression {
    const open = this.#advance();
    const args: Expression[] = [];
    if (!this.#isOperator(")")) {
      args.push(this.#expression(TERNARY));
      while (this.#isOperator(",")) {
        this.#advance();
        args.push(this.#expression(TERNARY));
      }
    }
    const close = this.#expect(")", open);
    return { kind: "call", name: { text: name.name, ...at(name) }, args, ...over(name, close, args) };
  }

  #advance(): Token {
    const token = this.#token;
    if (token.kind !== "end") this.#token = this.#lexer.next();
    return token;
  }

  #ended(): boolean {
    return this.#token.kind === "end";
  }

  #isOperator(text: string): boolean {
    return this.#token.kind === "operator" && this.#token.text === text;
  }

  #expect(text: string, opened?: Token): Token {
    if (this.#isOperator(text)) return this.#advance();
    if (opened !== undefined && this.#ended()) {
      throw new SyntaxProblem(at(opened), `This "(" has no closing ")".`);
    }
    throw this.#unexpected(`"${text}"`);
  }

  #unexpected(wanted: string, token = this.#token): SyntaxProblem {
    if (token.kind === "end") return new SyntaxProblem(at(token), `The expression ends where ${wanted} should follow.`);
    return new SyntaxProblem(at(token), `Unexpected ${nameOf(token)}: ${wanted} should stand here.`);
  }
}

function nameOf(token: Token): string {
  if (token.kind === "operator") return `"${token.text}"`;
  if (token.kind === "name") return `"${token.name}"`;
  return token.kind;
}

function spanning(first: TextSpan, last: TextSpan): TextSpan {
  return { offset: first.offset, length: last.offset + last.length - first.offset };
}

function over(first: TextSpan, last: TextSpan, children: readonly Expression[]): TextSpan & { readonly depth: number } {
  const span = spanning(first, last);
  const depth = 1 + children.reduce((deepest, child) => Math.max(deepest, child.depth), 0);
  if (depth > DEEPEST) throw tooDeep(span);
  return { ...span, depth };
}

function tooDeep(span: TextSpan): SyntaxProblem {
  return new SyntaxProblem(
    at(span),
    `The expression is nested too deeply, or too long a chain: at most ${DEEPEST} levels.`,
  );
}
