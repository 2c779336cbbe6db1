/** Scopes, items and one-line evaluation for the expression tests. */
import {
  type Compiled,
  compileExpression,
  compileTemplate,
  type Environment,
  EvaluationError,
  type ExpressionProblem,
  type Scope,
} from "../../src/expression/index.js";
import { type FileValue, fileValue, type Value, type ValueType } from "../../src/expression/value.js";

export const TYPES: Readonly<Record<string, ValueType>> = {
  width: "int",
  learning_rate: "float",
  title: "string",
  flag: "bool",
  source: "file",
  color: "float[]",
  names: "string[]",
  about: "dict",
  anything: "any",
};

export const VALUES: Readonly<Record<string, Value>> = {
  width: 64,
  learning_rate: 2e-4,
  title: "hill",
  flag: true,
  source: fileValue("$HIP/data/hill.tar.gz"),
  color: [0.25, 0.5, 1],
  names: ["first", "second"],
  about: { height: 12.5, nested: { x: "deep" }, list: [7, 8] },
  anything: 3,
  pdg_index: 7,
  pdg_input: [fileValue("$HIP/a.png", { tag: "file/image" }), fileValue("$HIP/b.txt", { tag: "file/text" })],
};

export const SCOPE: Scope = {
  attributes: new Map(Object.entries(TYPES)),
  open: false,
  variables: new Map([
    ["OS", "train"],
    ["HIP", "$HIP"],
    ["STEPS", "400"],
    ["VERSION", "007"],
  ]),
};
export const OPEN: Scope = { ...SCOPE, attributes: new Map(), open: true };

export function item(values: Readonly<Record<string, Value>> = VALUES, variables = SCOPE.variables): Environment {
  const attributes = new Map(Object.entries(values));
  const files = (attributes.get("pdg_input") ?? []) as readonly FileValue[];
  const matching = (tag: string) => files.filter((file) => (file.tag ?? "").startsWith(tag));
  return {
    attribute: (name) => attributes.get(name),
    attributeNames: () => attributes.keys(),
    variable: (name) => variables.get(name),
    inputs: matching,
  };
}

/** The compiled text; a failed compilation fails the test with its messages. */
export function compiled(result: Compiled | ExpressionProblem[]): Compiled {
  if (Array.isArray(result)) throw new Error(result.map((problem) => problem.message).join(" "));
  return result;
}

export function value(text: string, environment = item(), scope = SCOPE): Value {
  return compiled(compileExpression(text, scope)).evaluate(environment);
}

export function expanded(text: string, environment = item(), scope = SCOPE): Value {
  return compiled(compileTemplate(text, scope)).evaluate(environment);
}

/** Each problem as `marked text | message | suggestion`. */
export function problems(text: string, result: Compiled | ExpressionProblem[]): string[] {
  if (!Array.isArray(result)) return [];
  return result.map((problem) => told(text, problem));
}

export function mistakes(text: string, scope = SCOPE): string[] {
  return problems(text, compileExpression(text, scope));
}

/** Why an expression that compiles has no value for an item, in the form of `problems`. */
export function failure(text: string, environment = item(), scope = OPEN): string {
  try {
    return `no failure but ${JSON.stringify(value(text, environment, scope))}`;
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return told(text, error.problem);
  }
}

export function told(text: string, { offset, length, message, suggestion }: ExpressionProblem): string {
  return [text.slice(offset, offset + length), message, ...(suggestion === undefined ? [] : [suggestion])].join(" | ");
}
