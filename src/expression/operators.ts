/** The operators: which types each takes and gives, and what it does. Knows no syntax and no names. */
import type { TextSpan } from "./lexer.js";
import type { BinaryOperator, UnaryOperator } from "./parse.js";
import {
  CONDITION,
  describeValue,
  type Evaluate,
  type Findings,
  fail,
  grown,
  LIST,
  NUMBER,
  numeric,
  PRINTABLE,
  TEXT,
  type Typed,
  type WantedTypes,
} from "./typed.js";
import { assignable, describe, elementType, isFile, isList, type Value, type ValueType, valueText } from "./value.js";

export function unary(findings: Findings, operator: UnaryOperator, operand: Typed, span: TextSpan): Typed {
  if (operator === "!") {
    const run = findings.expect(operand, CONDITION, '"!"');
    return findings.fold(span, "bool", [operand], (environment) => !run(environment));
  }
  const run = findings.expect(operand, NUMBER, `"${operator}"`) as NumberRun;
  const negated: Evaluate = (environment) => -run(environment);
  return findings.fold(span, numeric([operand.type]), [operand], operator === "-" ? negated : run);
}

export function binary(findings: Findings, operator: BinaryOperator, left: Typed, right: Typed, span: TextSpan): Typed {
  switch (operator) {
    case "||":
    case "&&":
      return logical(findings, operator, left, right, span);
    case "+":
      return plus(findings, left, right, span);
    case "-":
    case "*":
    case "/":
    case "%":
      return arithmetic(findings, operator, left, right, span);
    case "in":
      return membership(findings, left, right, span);
    default:
      return comparison(findings, operator, left, right, span);
  }
}

export function ternary(findings: Findings, condition: Typed, then: Typed, otherwise: Typed, span: TextSpan): Typed {
  const test = findings.expect(condition, CONDITION, '"?"');
  const [yes, no] = [then.run, otherwise.run];
  return findings.fold(span, common(findings, then, otherwise, span), [condition, then, otherwise], (environment) =>
    test(environment) ? yes(environment) : no(environment),
  );
}

type NumberRun = (environment: Parameters<Evaluate>[0]) => number;

/** The type of a value that is one of two. */
function common(findings: Findings, one: Typed, other: Typed, span: TextSpan): ValueType {
  const [a, b] = [one.type, other.type];
  if (a === b) return a;
  if (a === "any" || b === "any") return "any";
  if (kindOf(a) === "number" && kindOf(b) === "number") return "float";
  if (assignable(a, "float[]") && assignable(b, "float[]")) return "float[]";
  findings.report(span, `Both results must be of one type, but these are ${describe(a)} and ${describe(b)}.`);
  return "any";
}

function logical(findings: Findings, operator: "||" | "&&", left: Typed, right: Typed, span: TextSpan): Typed {
  const a = findings.expect(left, CONDITION, `"${operator}"`);
  const b = findings.expect(right, CONDITION, `"${operator}"`);
  const both: Evaluate = (environment) => !!a(environment) && !!b(environment);
  const either: Evaluate = (environment) => !!a(environment) || !!b(environment);
  return findings.fold(span, "bool", [left, right], operator === "&&" ? both : either);
}

type Arithmetic = "+" | "-" | "*" | "/" | "%";

const COMPUTE: Readonly<Record<Arithmetic, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
};

function arithmetic(findings: Findings, operator: Arithmetic, left: Typed, right: Typed, span: TextSpan): Typed {
  const a = findings.expect(left, NUMBER, `"${operator}"`) as NumberRun;
  const b = findings.expect(right, NUMBER, `"${operator}"`) as NumberRun;
  const compute = COMPUTE[operator];
  const type = numeric([left.type, right.type]);
  return findings.fold(span, operator === "/" && type === "int" ? "float" : type, [left, right], (environment) => {
    const x = a(environment);
    const y = b(environment);
    const result = compute(x, y);
    return Number.isFinite(result) ? result : notFinite(span, operator, x, y);
  });
}

function notFinite(span: TextSpan, operator: Arithmetic, x: number, y: number): never {
  if (y === 0 && (operator === "/" || operator === "%")) fail(span, "Division by zero.");
  fail(span, `${describeValue(x)} ${operator} ${describeValue(y)} is larger than any number can be.`);
}

/** Numbers are added; where one side is text, the other is appended or prepended as text. */
function plus(findings: Findings, left: Typed, right: Typed, span: TextSpan): Typed {
  const kinds = [kindOf(left.type), kindOf(right.type)];
  const text = kinds.includes("text");
  if (!text && !kinds.includes("any")) return arithmetic(findings, "+", left, right, span);
  const other: WantedTypes = text ? PRINTABLE : kinds.includes("number") ? ["float", "string", "file"] : PRINTABLE;
  const a = findings.expect(left, other, '"+"');
  const b = findings.expect(right, other, '"+"');
  return findings.fold(span, text ? "string" : "any", [left, right], (environment) =>
    add(a(environment), b(environment), span),
  );
}

function add(a: Value, b: Value, span: TextSpan): Value {
  if (isText(a) || isText(b)) return grown(valueText(a)! + valueText(b)!, span);
  if (typeof a !== "number" || typeof b !== "number") {
    fail(span, `"+" needs two numbers, or a string, but these are ${describeValue(a)} and ${describeValue(b)}.`);
  }
  return Number.isFinite(a + b) ? a + b : notFinite(span, "+", a, b);
}

type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";
type Comparable = number | string | boolean;

const COMPARE: Readonly<Record<Comparison, (a: Comparable, b: Comparable) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function comparison(findings: Findings, operator: Comparison, left: Typed, right: Typed, span: TextSpan): Typed {
  const equality = operator === "==" || operator === "!=";
  const before = findings.problems.length;
  const wanted: WantedTypes = equality ? PRINTABLE : ["float", "string", "file"];
  const a = findings.expect(left, wanted, `"${operator}"`);
  const b = findings.expect(right, wanted, `"${operator}"`);
  const compare = COMPARE[operator];
  const [one, other] = [kindOf(left.type), kindOf(right.type)];
  const checked = one === "any" || other === "any";
  const said = findings.problems.length > before;
  if (!checked && !said && one !== other)
    findings.report(span, unlike(operator, describe(left.type), describe(right.type)));
  return findings.fold(span, "bool", [left, right], (environment) => {
    const x = comparable(a(environment));
    const y = comparable(b(environment));
    if (checked && typeof x !== typeof y) fail(span, unlike(operator, describeValue(x), describeValue(y)));
    return compare(x, y);
  });
}

/** Whether a value is among those of a list, or a text is a part of another. */
function membership(findings: Findings, left: Typed, right: Typed, span: TextSpan): Typed {
  const b = findings.expect(right, [...LIST, "string", "file"], '"in"');
  const kind = kindOf(right.type);
  const wanted: WantedTypes = kind === "text" ? TEXT : kind === "list" ? elementOf(right.type) : PRINTABLE;
  const a = findings.expect(left, wanted, '"in"');
  return findings.fold(span, "bool", [left, right], (environment) => {
    const value = comparable(a(environment));
    const whole = b(environment);
    if (isList(whole)) return whole.some((element) => comparable(element) === value);
    if (typeof value !== "string") fail(span, `"in" looks for a text in a text, but this is ${describeValue(value)}.`);
    return valueText(whole)!.includes(value);
  });
}

/** What may be looked for in a list of a type. */
function elementOf(list: ValueType): WantedTypes {
  return kindOf(elementType(list)) === "text" ? TEXT : [elementType(list) === "int" ? "float" : elementType(list)];
}

function unlike(operator: Comparison, one: string, other: string): string {
  return `"${operator}" compares values of one type, but these are ${one} and ${other}.`;
}

/** Files are compared by their paths. */
function comparable(value: Value): Comparable {
  return isFile(value) ? value.$file : (value as Comparable);
}

function isText(value: Value): boolean {
  return typeof value === "string" || isFile(value);
}

type Kind = "number" | "text" | "bool" | "dict" | "list" | "any";

function kindOf(type: ValueType): Kind {
  if (type === "int" || type === "float") return "number";
  if (type === "string" || type === "file") return "text";
  return type === "bool" || type === "dict" || type === "any" ? type : "list";
}
