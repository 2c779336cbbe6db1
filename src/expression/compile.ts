/**
 * From a syntax tree to a checked closure in one walk: each construct's type and its meaning stand side by side, so that
 * they cannot disagree. Nothing is evaluated as code, and names are only looked up in Maps. Knows no templates.
 */
import { nearest } from "../base/suggest.js";
import { call } from "./call.js";
import { FUNCTIONS } from "./functions.js";
import { at, SyntaxProblem } from "./lexer.js";
import { attributeRead, nearestAttribute, variable } from "./names.js";
import { binary, ternary, unary } from "./operators.js";
import { type Expression, parse } from "./parse.js";
import type { Environment, ExpressionProblem, Scope } from "./scope.js";
import { Findings, literal, type Typed, unknown, type WantedTypes } from "./typed.js";
import type { Value, ValueType } from "./value.js";

/** An expression or template that was checked, ready to be evaluated for any number of items. */
export interface Compiled {
  /** `any` where only an item tells. Templates are strings. */
  readonly type: ValueType;
  /** As it was written. */
  readonly text: string;
  /** Whether it reads nothing, so that all items have the same value. */
  readonly constant: boolean;
  readonly reads: {
    /** Names of attributes, built-in ones among them. */
    readonly attributes: ReadonlySet<string>;
    /** Names of variables, without `$`. */
    readonly variables: ReadonlySet<string>;
    /** Whether it depends on the input files. */
    readonly inputs: boolean;
  };
  /** The value for an item. Throws `EvaluationError` where the item gives it none. */
  evaluate(environment: Environment): Value;
}

/**
 * Checks and compiles an expression. `wanted`: types of which the value must have one; where the type is known only
 * when evaluated, evaluation fails instead. Answers all problems found, in the order of the text.
 */
export function compileExpression(text: string, scope: Scope, wanted?: WantedTypes): Compiled | ExpressionProblem[] {
  const findings = new Findings(scope);
  const typed = compilePart(findings, text);
  if (wanted === undefined) return finish(findings, typed, text);
  return finish(findings, { ...typed, run: findings.expect(typed, wanted, "This place") }, text);
}

/** The expression between `start` and `end`; its problems are put into `findings`. */
export function compilePart(findings: Findings, text: string, start = 0, end = text.length): Typed {
  try {
    return build(findings, parse(text, start, end));
  } catch (error) {
    if (!(error instanceof SyntaxProblem)) throw error;
    findings.problems.push(error.problem);
    return unknown({ offset: start, length: end - start });
  }
}

export function finish(findings: Findings, typed: Typed, text: string): Compiled | ExpressionProblem[] {
  const { problems, attributes, variables, inputs, constant } = findings;
  if (problems.length > 0) return problems.sort((a, b) => a.offset - b.offset);
  return { type: typed.type, text, constant, reads: { attributes, variables, inputs }, evaluate: typed.run };
}

function build(findings: Findings, expression: Expression): Typed {
  const span = at(expression);
  switch (expression.kind) {
    case "literal":
      return literal(span, expression.value);
    case "attribute":
      return attributeRead(findings, span, expression.name, expression.path);
    case "variable":
      return variable(findings, span, expression.name, "value");
    case "name":
      return bareName(findings, expression);
    case "unary":
      return unary(findings, expression.operator, build(findings, expression.operand), span);
    case "binary": {
      const left = build(findings, expression.left);
      return binary(findings, expression.operator, left, build(findings, expression.right), span);
    }
    case "ternary": {
      const condition = build(findings, expression.condition);
      const then = build(findings, expression.then);
      return ternary(findings, condition, then, build(findings, expression.otherwise), span);
    }
    case "call": {
      const args = expression.args.map((argument) => build(findings, argument));
      return call(findings, expression.name, args, span);
    }
  }
}

function bareName(findings: Findings, expression: Expression & { kind: "name" }): Typed {
  const { name } = expression;
  const attributeName = nearestAttribute(findings, name);
  const word = nearest(name, ["true", "false"]);
  const called = FUNCTIONS.get(name)?.usage ?? word;
  const suggestion = called ?? (attributeName && `@${attributeName}`);
  findings.report(
    at(expression),
    `"${name}" has no value: attributes are "@name", strings stand in quotes.`,
    suggestion,
  );
  return unknown(expression);
}
