/**
 * A node's parameters from the file: texts compiled, constants evaluated, all checked against the node type's schema,
 * what is wrong reported at its place. Knows no other node.
 */
import { NodeError } from "../base/error.js";
import type { Compiled, Scope } from "../expression/index.js";
import type { ScalarType } from "../expression/value.js";
import type { Conform, Violation } from "../nodetype/conform.js";
import { withDefaults } from "../nodetype/defaults.js";
import type { RegisteredNodeType } from "../nodetype/registry.js";
import { type AnyParamSchema, typesOf, typeWordsOf } from "../nodetype/schema.js";
import {
  adapt,
  constantParams,
  ownProblems,
  type ParamRecord,
  perItemParams,
  replaceAt,
  type TextHome,
} from "./evaluate.js";
import type { CompiledParams } from "./graph.js";
import { type TextLeaf, textLeaves } from "./leaves.js";
import { child, type JsonPath, type Located, plain, type Span } from "./located.js";
import type { Report } from "./report.js";
import type { PlacedNode } from "./space.js";
import { compileText, constantValue, isConstant, type TextPlace } from "./texts.js";

/** What compiling a node's parameters needs beside the node. */
export interface ParamsContext {
  readonly type: RegisteredNodeType;
  /** What the node's items have. */
  readonly scope: Scope;
  readonly conform: Conform;
  /** What a text at a place means. */
  homeOf(span: Span): TextHome;
  readonly report: Report;
}

/** Compiles the parameters; undefined where an error was reported. */
export function compileParams(node: PlacedNode, context: ParamsContext): CompiledParams | undefined {
  const { type, conform, report } = context;
  const located = node.members.get("params")?.value;
  if (located !== undefined && located.kind !== "object") {
    report.error(located.span, `"params" of node "${node.name}" must be an object.`);
    return undefined;
  }
  const given = located === undefined ? {} : (plain(located) as ParamRecord);
  const filled = withDefaults(given, type.definition.params);
  const leaves = textLeaves(filled, type.definition.params).map((leaf) => compileLeaf(leaf, node, context));
  const base = leaves.reduce(
    (values, { leaf, value }) => (value ? replaceAt(values, leaf.path, value.is) : values),
    filled,
  );
  const noValueYet = new Set(leaves.filter((each) => each.value === undefined).map((each) => each.leaf.path.join(".")));
  const violations = conform(base).filter((violation) => !noValueYet.has(violation.path.join(".")));
  for (const violation of violations) reportViolation(violation, node, report);
  const dynamic = leaves.flatMap(({ leaf, home, dynamic: compiled }) =>
    compiled === undefined ? [] : [{ leaf, compiled, home }],
  );
  const broken = leaves.some((each) => each.value === undefined && each.dynamic === undefined);
  if (broken || violations.length > 0) return undefined;
  if (dynamic.length > 0) {
    reportHints(base, node, context);
    return perItemParams(base, dynamic, context);
  }
  return reportOwnProblems(base, node, context) ? constantParams(base) : undefined;
}

/** A text with what became of it: a value, or something to evaluate for each item; neither, where an error was reported. */
interface CompiledLeaf {
  readonly leaf: TextLeaf;
  readonly home: TextHome;
  readonly value?: { readonly is: unknown };
  readonly dynamic?: Compiled;
}

function compileLeaf(leaf: TextLeaf, node: PlacedNode, context: ParamsContext): CompiledLeaf {
  const { report } = context;
  const at = placeOfText(node, leaf.path);
  const home = context.homeOf(at.span);
  const variables = home.foreign ? new Map(home.variables).set("OS", node.name) : context.scope.variables;
  const given = Object.entries(leaf.schema.given ?? {}).map(
    ([name, value]) => [name, Number.isInteger(value) ? "int" : "float"] as const,
  );
  const attributes = given.length === 0 ? context.scope.attributes : new Map([...context.scope.attributes, ...given]);
  const scope: Scope = { ...context.scope, attributes, variables };
  const wanted = leaf.kind === "expression" ? wantedBy(leaf.schema) : undefined;
  const compiled = compileText(leaf.kind, leaf.text, scope, at, report, wanted);
  if (compiled === undefined) return { leaf, home };
  if (namesThisMachine(leaf, compiled))
    report.warn(
      at.span,
      `${title(leaf, node)} holds a folder of this machine, so that its results are not found again in another.`,
    );
  if (!isConstant(compiled)) return { leaf, home, dynamic: compiled };
  const value = constantValue(compiled, scope, at, report);
  if (value === undefined) return { leaf, home };
  const fitted = adapt(value, leaf, home.roots);
  if ("is" in fitted) return { leaf, home, value: fitted };
  report.error(at.span, `${title(leaf, node)}: ${fitted.problem}`);
  return { leaf, home };
}

function title(leaf: TextLeaf, node: PlacedNode): string {
  return `Parameter "${leaf.path.join(".")}" of node "${node.name}"`;
}

// Paths are made symbolic; any other text enters the key as it is.
function namesThisMachine({ schema }: TextLeaf, { reads }: Compiled): boolean {
  const symbolic = schema.path !== undefined || schema.effect === false;
  return !symbolic && (reads.variables.has("HIP") || reads.variables.has("JOB"));
}

/** The types of value that an expression in the place of a parameter may have. */
function wantedBy(schema: AnyParamSchema): readonly ScalarType[] {
  const types = typesOf(schema);
  const numbers: ScalarType[] = types.includes("integer") && !types.includes("number") ? ["int"] : ["float"];
  const booleans: ScalarType[] = types.includes("boolean") ? ["bool"] : [];
  const words: ScalarType[] = typeWordsOf(schema).length > 0 ? ["string"] : [];
  return [...numbers, ...booleans, ...words];
}

function reportViolation(violation: Violation, node: PlacedNode, report: Report): void {
  const { kind, path, message, suggestion } = violation;
  const name = path.join(".");
  const { key, value } = placeOfParam(node, path);
  if (kind === "unknown") report.error(key, `Node "${node.name}" has no parameter "${name}".`, suggestion);
  else if (kind === "missing") report.error(key, `Node "${node.name}" needs parameter "${name}".`);
  else report.error(value, `Parameter "${name}" of node "${node.name}" ${message}.`, suggestion);
}

/** Reports what the node type's own check finds; false where an error is among it. */
function reportOwnProblems(values: ParamRecord, node: PlacedNode, { type, report }: ParamsContext): boolean {
  const found = ownProblems(type, values);
  for (const { param, message, severity } of found) {
    const { value } = placeOfParam(node, param.split("."));
    if (severity === "warning") report.warn(value, `Node "${node.name}": ${message}`);
    else if (severity === "hint") report.hint(value, `Node "${node.name}": ${message}`);
    else report.error(value, `Node "${node.name}": ${message}`);
  }
  return found.every(({ severity = "error" }) => severity !== "error");
}

/** Hints that follow though some values differ by item; what else is wrong, each item's evaluation finds. */
function reportHints(values: ParamRecord, node: PlacedNode, { type, report }: ParamsContext): void {
  try {
    for (const { param, message, severity } of ownProblems(type, values)) {
      if (severity === "hint")
        report.hint(placeOfParam(node, param.split(".")).value, `Node "${node.name}": ${message}`);
    }
  } catch (error) {
    if (!(error instanceof NodeError)) throw error;
    // The texts of expressions are among the values, which no check has to bear.
  }
}

/** Where a parameter stands: its key and its value. For what is not in the file: the nearest key around it. */
export function placeOfParam(node: PlacedNode, path: JsonPath): { readonly key: Span; readonly value: Span } {
  const params = node.members.get("params");
  let at: Located | undefined = params?.value;
  let key = params?.key ?? node.key;
  for (const step of path) {
    const next: Located | undefined = at && child(at, step);
    if (at === undefined || next === undefined) return { key, value: key };
    key = at.kind === "object" ? at.members.get(String(step))!.key : next.span;
    at = next;
  }
  return { key, value: at?.span ?? key };
}

function placeOfText(node: PlacedNode, path: JsonPath): TextPlace {
  const params = node.members.get("params")?.value;
  const inFile = path.reduce<Located | undefined>((at, step) => at && child(at, step), params) !== undefined;
  return { span: placeOfParam(node, path).value, inside: inFile };
}
