/** Attributes and variables: whether they exist, their types, and reading them from an item. Knows no operators. */
import { numberProblem } from "../base/number.js";
import { nearest } from "../base/suggest.js";
import type { TextSpan } from "./lexer.js";
import { type Environment, ITEM_ATTRIBUTES, LOOP_ATTRIBUTES, PARTITION_ATTRIBUTES, WEDGE_ATTRIBUTES } from "./scope.js";
import { describeValue, type Findings, fail, type Typed, unknown } from "./typed.js";
import {
  describe,
  elementType,
  hasType,
  isDict,
  isList,
  type ScalarType,
  type Value,
  type ValueType,
} from "./value.js";

/** The type of an attribute, `any` in an open scope where it is not known; undefined after it was reported. */
export function attributeType(findings: Findings, span: TextSpan, name: string): ValueType | undefined {
  const { attributes, open } = findings.scope;
  const type = attributes.get(name) ?? ITEM_ATTRIBUTES.get(name) ?? (open ? "any" : undefined);
  if (type === undefined) {
    const owners = ownersOf(name);
    if (owners === undefined)
      findings.report(span, `There is no attribute "${name}" here.`, nearestAttribute(findings, name));
    else findings.report(span, `There is no attribute "${name}" here: only items ${owners} have it.`);
  }
  return type;
}

export function nearestAttribute(findings: Findings, name: string): string | undefined {
  return nearest(name, [...findings.scope.attributes.keys(), ...ITEM_ATTRIBUTES.keys()]);
}

const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...[...PARTITION_ATTRIBUTES.keys()].map((name) => [name, "of or below a partition"] as const),
  ...[...WEDGE_ATTRIBUTES.keys()].map((name) => [name, "below a wedge"] as const),
  ...[...LOOP_ATTRIBUTES.keys()].map((name) => [name, "inside a loop"] as const),
]);

/** Which items have an attribute of the engine's own: `inside a loop`. Undefined: it is none. */
export function ownersOf(name: string): string | undefined {
  return ELSEWHERE.get(name);
}

/** Notes that an attribute is read. */
export function readsAttribute(findings: Findings, name: string): void {
  findings.attributes.add(name);
  if (name === "pdg_input") findings.inputs = true;
}

/** `@name.path`: the value at a path, and of an array its first element. */
export function attributeRead(findings: Findings, span: TextSpan, name: string, path: readonly string[]): Typed {
  const declared = attributeType(findings, span, name);
  if (declared === undefined) return unknown(span);
  readsAttribute(findings, name);
  const mistake = checkPath(declared, name, path);
  if (mistake !== undefined) {
    findings.report(span, mistake);
    return unknown(span);
  }
  const type = declared === "dict" && path.length > 0 ? "any" : elementType(declared);
  const asItIs = path.length === 0 ? QUICK[type] : undefined;
  const run = (environment: Environment): Value => {
    const value = environment.attribute(name);
    if (asItIs?.(value)) return value as Value;
    if (value === undefined) missing(span, name, environment);
    return checked(span, name, type, follow(span, name, path, value));
  };
  return { ...span, type, run, constant: undefined };
}

/** The common case, kept apart from the slow path: the value is what was declared. */
const QUICK: Readonly<Partial<Record<ScalarType, (value: unknown) => boolean>>> = {
  int: Number.isInteger,
  float: Number.isFinite,
  string: (value) => typeof value === "string",
};

function checkPath(type: ValueType, name: string, path: readonly string[]): string | undefined {
  const [first, second] = path;
  if (first === undefined || type === "any" || type === "dict") return undefined;
  const index = indexOf(first);
  const what = `"${name}" is ${describe(type)}`;
  if (index === undefined) return `${what}: after its name comes an index from 0, or x, y, z, not "${first}".`;
  if (elementType(type) === type && index > 0) return `${what}: it has no index ${first}.`;
  return second === undefined ? undefined : `${what}: after the index nothing more can follow.`;
}

/** A place in an array; x, y and z are 0, 1 and 2. */
function indexOf(step: string): number | undefined {
  const component = ["x", "y", "z"].indexOf(step);
  if (component >= 0) return component;
  return /^\d+$/.test(step) ? Number(step) : undefined;
}

function follow(span: TextSpan, name: string, path: readonly string[], from: Value): Value {
  let value = from;
  let reached = name;
  for (const step of path) {
    value = member(span, reached, step, value);
    reached += `.${step}`;
  }
  while (isList(value)) value = member(span, reached, "0", value);
  return value;
}

function member(span: TextSpan, reached: string, step: string, value: Value): Value {
  if (isDict(value)) {
    if (Object.hasOwn(value, step)) return value[step]!;
    fail(span, `"${reached}" has no key "${step}" in this item.`, nearest(step, Object.keys(value)));
  }
  const list = isList(value) ? value : [value];
  const found = list[indexOf(step) ?? -1];
  if (found !== undefined) return found;
  const size = list.length === 1 ? "one value" : `${list.length} values`;
  fail(span, `"${reached}" has no index ${step}: it has ${size} in this item.`);
}

function checked(span: TextSpan, name: string, type: ScalarType, value: Value): Value {
  if (hasType(value, type)) return value;
  fail(span, `Attribute "${name}" should be ${describe(type)}, but is ${describeValue(value)} in this item.`);
}

function missing(span: TextSpan, name: string, environment: Environment): never {
  const known = [...environment.attributeNames(), ...ITEM_ATTRIBUTES.keys()];
  const suggestion = nearest(
    name,
    known.filter((other) => other !== name),
  );
  fail(span, `This item has no attribute "${name}".`, suggestion);
}

const NUMBER_TEXT = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Whether a variable's text is a number that is held as it is written; another one stays text, as a name would. */
function isNumber(text: string): boolean {
  return NUMBER_TEXT.test(text) && numberProblem(text) === undefined;
}

/** `$NAME`. Variables are text; in an expression one that is written like a number is that number. */
export function variable(findings: Findings, span: TextSpan, name: string, as: "value" | "text"): Typed {
  const known = findings.scope.variables.get(name);
  if (known === undefined) {
    const suggestion = nearest(name, findings.scope.variables.keys());
    // Text for a shell is full of them.
    const hint = as === "text" && suggestion === undefined ? ' A "$" as text is written "$$".' : "";
    findings.report(span, `There is no variable "$${name}".${hint}`, suggestion && `$${suggestion}`);
    return unknown(span);
  }
  findings.variables.add(name);
  const numeric = as === "value" && isNumber(known);
  const text = (environment: Environment): string =>
    environment.variable(name) ?? fail(span, `There is no variable "$${name}" for this item.`);
  if (!numeric) return { ...span, type: "string", run: text, constant: undefined };
  const type = Number.isInteger(Number(known)) ? "int" : "float";
  const run = (environment: Environment): number => {
    const value = text(environment);
    if (isNumber(value) && hasType(Number(value), type)) return Number(value);
    fail(span, `Variable "$${name}" should be ${describe(type)}, but is ${describeValue(value)} for this item.`);
  };
  return { ...span, type, run, constant: undefined };
}
