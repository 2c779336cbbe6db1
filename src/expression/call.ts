/** Calls of functions: their arguments are counted, typed and bound. Knows no function by name. */
import { nearest } from "../base/suggest.js";
import { parsePattern, patternArguments } from "./format.js";
import type { FunctionDefinition } from "./function.js";
import { FUNCTIONS } from "./functions.js";
import type { TextSpan } from "./lexer.js";
import { attributeType, readsAttribute } from "./names.js";
import { describeValue, type Findings, fail, grown, type Typed, unknown, type WantedTypes } from "./typed.js";
import type { ValueType } from "./value.js";

export function call(
  findings: Findings,
  name: TextSpan & { text: string },
  args: readonly Typed[],
  span: TextSpan,
): Typed {
  const definition = FUNCTIONS.get(name.text);
  if (definition === undefined) {
    findings.report(name, `There is no function "${name.text}".`, nearest(name.text, FUNCTIONS.keys()));
    return unknown(span);
  }
  const wanted = wantedArguments(findings, definition, args, span);
  if (wanted === undefined) return unknown(span);
  const runs = args.map((argument, index) => findings.expect(argument, wanted[index]!, definition.usage));
  const read = noteReads(findings, definition, args);
  const { result, reads } = definition;
  const types = args.map((argument) => argument.type);
  const type = typeof result === "string" ? result : result(types, read);
  const failed = (message: string): never => fail(span, message);
  const run = (environment: Parameters<Typed["run"]>[0]) => {
    const values = runs.map((argument) => argument(environment));
    const value = definition.apply(values, environment, failed);
    if (typeof value === "number" && !Number.isFinite(value)) {
      failed(`${name.text}(${values.map(describeValue).join(", ")}) is not a finite number.`);
    }
    return typeof value === "string" ? grown(value, span) : value;
  };
  // What reads from the item is never constant, even where its arguments are.
  return reads === undefined ? findings.fold(span, type, args, run) : { ...span, type, run, constant: undefined };
}

/** The types that each argument may have; undefined after a wrong number, or a bad pattern, was reported. */
function wantedArguments(
  findings: Findings,
  definition: FunctionDefinition,
  args: readonly Typed[],
  span: TextSpan,
): readonly WantedTypes[] | undefined {
  const { usage, parameters, rest } = definition;
  const pattern = definition.pattern === undefined ? undefined : args[0];
  const fixed = pattern === undefined ? parameters : patternWanted(findings, usage, pattern);
  if (fixed === undefined) return undefined;
  const least = definition.required ?? fixed.length;
  const most = rest === undefined || pattern ? fixed.length : Number.POSITIVE_INFINITY;
  if (args.length >= least && args.length <= most) {
    return rest === undefined ? fixed : args.map((_, index) => fixed[index] ?? rest);
  }
  const count =
    least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
  const values = count === "1" || count === "at least 1" ? "value" : "values";
  findings.report(span, `${usage} takes ${count} ${values}${pattern ? " with this pattern" : ""}, not ${args.length}.`);
  return undefined;
}

/** The pattern, and then what its directives need. */
function patternWanted(findings: Findings, usage: string, pattern: Typed): readonly WantedTypes[] | undefined {
  if (typeof pattern.constant !== "string") {
    findings.report(pattern, `${usage} needs a pattern in quotes, so that its values can be checked before the cook.`);
    return undefined;
  }
  const parsed = parsePattern(pattern.constant);
  if (typeof parsed === "string") {
    findings.report(pattern, parsed);
    return undefined;
  }
  return [["string"], ...patternArguments(parsed)];
}

/** Notes what a call reads from the item. Returns the type of the attribute that is read, where it must be known. */
function noteReads(
  findings: Findings,
  { reads, usage }: FunctionDefinition,
  args: readonly Typed[],
): ValueType | undefined {
  if (reads === "inputs") findings.inputs = true;
  if (reads === "outputs") readsAttribute(findings, "pdg_output");
  if (reads !== "attribute" && reads !== "presence") return undefined;
  const named = args[0]!;
  const name = named.constant;
  if (typeof name !== "string") {
    findings.report(named, `${usage} needs a name in quotes, so that what is read is known before the cook.`);
    return undefined;
  }
  const type = reads === "presence" ? "any" : attributeType(findings, named, name);
  if (type !== undefined) readsAttribute(findings, name);
  return type;
}
