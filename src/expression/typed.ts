/**
 * A part of an expression once it is checked: its type, and the closure that evaluates it. Types are checked where they
 * are known, and values where they are not (`any`), by one function, so that both say the same. Knows no operators.
 */
import { at, type TextSpan } from "./lexer.js";
import { type Environment, EvaluationError, type ExpressionProblem, type Scope } from "./scope.js";
import {
  assignable,
  describe,
  hasType,
  isFile,
  isList,
  numberText,
  typeOf,
  type Value,
  type ValueType,
} from "./value.js";

export type Evaluate = (environment: Environment) => Value;

export interface Typed extends TextSpan {
  readonly type: ValueType;
  readonly run: Evaluate;
  /** The value where it is known before the cook. */
  readonly constant: Value | undefined;
}

/** Types of which a value must have one. */
export type WantedTypes = readonly ValueType[];

export const NUMBER: WantedTypes = ["float"];
export const WHOLE: WantedTypes = ["int"];
export const TEXT: WantedTypes = ["string", "file"];
export const CONDITION: WantedTypes = ["float", "bool"];
export const PRINTABLE: WantedTypes = ["string", "float", "bool", "file"];
export const LIST: WantedTypes = ["float[]", "string[]", "file[]"];

/** What an item gives may be put together again and again, twice as long each time. */
const LONGEST_TEXT = 2 ** 20;

/** A text that was put together; fails where it has grown out of all measure. */
export function grown(text: string, span: TextSpan): string {
  if (text.length > LONGEST_TEXT) fail(span, `The text comes to more than ${LONGEST_TEXT} characters.`);
  return text;
}

/** What is gathered while an expression or template is compiled. */
export class Findings {
  readonly scope: Scope;
  readonly problems: ExpressionProblem[] = [];
  readonly attributes = new Set<string>();
  readonly variables = new Set<string>();
  inputs = false;

  constructor(scope: Scope) {
    this.scope = scope;
  }

  report(span: TextSpan, message: string, suggestion?: string): void {
    this.problems.push(problem(span, message, suggestion));
  }

  /** Whether nothing is read from an item. */
  get constant(): boolean {
    return this.attributes.size === 0 && this.variables.size === 0 && !this.inputs;
  }

  /** A part made of others; computed at once where all of them are constant, so that `1 / 0` is found before the cook. */
  fold(span: TextSpan, type: ValueType, parts: readonly Typed[], run: Evaluate): Typed {
    const open = { ...at(span), type, run, constant: undefined };
    if (this.problems.length > 0 || parts.some((part) => part.constant === undefined)) return open;
    try {
      return literal(span, run(NO_ITEM));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.problems.push(error.problem);
      return { ...open, type: "any" };
    }
  }

  /** The closure of `part`, which must have one of the wanted types; `who` needs it, in words. */
  expect(part: Typed, wanted: WantedTypes, who: string): Evaluate {
    const needs = `${who} needs ${wanted.map(describe).join(" or ")}`;
    const { type, run } = part;
    if (type === "any") {
      return (environment) => {
        const value = run(environment);
        if (wanted.some((one) => hasType(value, one))) return value;
        fail(part, `${needs}, but this is ${describeValue(value)}.`);
      };
    }
    if (!wanted.some((one) => assignable(type, one))) {
      const hint = type === "float" && wanted.includes("int") ? " Write round(…), floor(…) or ceil(…)." : "";
      this.report(part, `${needs}, but this is ${describe(type)}.${hint}`);
    }
    return run;
  }
}

export function literal(span: TextSpan, value: Value): Typed {
  return { ...at(span), type: typeOf(value), run: () => value, constant: value };
}

/** Stands where a mistake was reported, and causes no further ones. */
export function unknown(span: TextSpan): Typed {
  return { ...at(span), type: "any", run: () => fail(span, "A mistake."), constant: undefined };
}

/** Ends the evaluation for this item. */
export function fail(span: TextSpan, message: string, suggestion?: string): never {
  throw new EvaluationError(problem(span, message, suggestion));
}

export function problem(span: TextSpan, message: string, suggestion?: string): ExpressionProblem {
  return { ...at(span), message, ...(suggestion === undefined ? {} : { suggestion }) };
}

/** A value in words for messages, shortened. */
export function describeValue(value: Value): string {
  if (typeof value === "number") return Number.isFinite(value) ? numberText(value) : "not a finite number";
  if (typeof value === "string") return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  if (typeof value === "boolean") return String(value);
  if (isFile(value)) return `the file ${value.$file}`;
  return isList(value) ? "a list" : "a dictionary";
}

/** The type of a result that is whole where all numbers are. */
export function numeric(types: readonly ValueType[]): ValueType {
  if (types.includes("any")) return "any";
  return types.every((type) => type === "int") ? "int" : "float";
}

/** Where constants are computed: reading from it would be a bug. */
const NO_ITEM: Environment = {
  attribute: () => undefined,
  attributeNames: () => [],
  variable: () => undefined,
  inputs: () => [],
};
