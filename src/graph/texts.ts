/** Expressions and templates of a graph file: compiled, with their problems at their places. Knows no node types. */
import {
  type Compiled,
  compileExpression,
  compileTemplate,
  type Environment,
  EvaluationError,
  type ExpressionProblem,
  type Scope,
} from "../expression/index.js";
import type { ScalarType, Value } from "../expression/value.js";
import { placeInside, type Span } from "./located.js";
import type { Report } from "./report.js";

/** Where a text stands: a string in the file (`inside`), or something that brought the text in, such as a default. */
export interface TextPlace {
  readonly span: Span;
  readonly inside: boolean;
}

/**
 * Compiles a text; its problems are reported, and then there is no answer. `wanted`: types of which an expression's value
 * must have one.
 */
export function compileText(
  kind: "expression" | "template",
  text: string,
  scope: Scope,
  at: TextPlace,
  report: Report,
  wanted?: readonly ScalarType[],
): Compiled | undefined {
  const compiled = kind === "expression" ? compileExpression(text, scope, wanted) : compileTemplate(text, scope);
  if (!isProblems(compiled)) return compiled;
  for (const problem of compiled) reportProblem(problem, at, report);
  return undefined;
}

/** The value of a text that reads no work item; a problem is reported, and then there is no answer. */
export function constantValue(compiled: Compiled, scope: Scope, at: TextPlace, report: Report): Value | undefined {
  try {
    return compiled.evaluate(constantEnvironment(scope));
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    reportProblem(error.problem, at, report);
    return undefined;
  }
}

/** Whether a text has the same value for every work item. */
export function isConstant(compiled: Compiled): boolean {
  return compiled.reads.attributes.size === 0 && !compiled.reads.inputs;
}

function constantEnvironment(scope: Scope): Environment {
  return {
    attribute: () => undefined,
    attributeNames: () => [],
    variable: (name) => scope.variables.get(name),
    inputs: () => [],
  };
}

function isProblems(compiled: Compiled | readonly ExpressionProblem[]): compiled is readonly ExpressionProblem[] {
  return Array.isArray(compiled);
}

function reportProblem(problem: ExpressionProblem, at: TextPlace, report: Report): void {
  const place = at.inside ? placeInside(at.span, problem.offset, problem.length) : at.span;
  report.error(place, problem.message, problem.suggestion);
}
