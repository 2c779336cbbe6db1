/**
 * Templates: text in which attributes, variables and expressions in backticks expand. Knows where each begins and ends;
 * what they mean is told by the expression language.
 */
import { type Compiled, compilePart, finish } from "./compile.js";
import { attributeRead, variable } from "./names.js";
import type { Environment, ExpressionProblem, Scope } from "./scope.js";
import { type Evaluate, Findings, grown, NUMBER, PRINTABLE, type Typed, unknown } from "./typed.js";
import { numberText, valueText } from "./value.js";

/** What expands, in the order in which it is tried. Anything else is text, `{iteration}` too. */
const EXPANSION =
  /(?<doubled>@@|\$\$|``)|`(?<expression>[^`]*)(?<close>`?)|@\{(?<braced>[^}]*)(?<end>\}?)|\$\{(?<bracedName>[^}]*)(?<nameEnd>\}?)|@(?<attribute>[A-Za-z_][A-Za-z0-9_]*)|\$(?<variable>[A-Za-z_][A-Za-z0-9_]*)/g;
const BRACED = /^([A-Za-z_][A-Za-z0-9_]*)((?:\.[A-Za-z0-9_]+)*)(?::(\d+))?$/;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const WIDEST = 64;

type Part = (environment: Environment) => string;

/** Checks and compiles a template. Its value is always a string. Answers all problems found, in the order of the text. */
export function compileTemplate(text: string, scope: Scope): Compiled | ExpressionProblem[] {
  const findings = new Findings(scope);
  const parts: (string | Part)[] = [];
  let end = 0;
  for (const found of text.matchAll(EXPANSION)) {
    parts.push(text.slice(end, found.index));
    end = found.index + found[0].length;
    const doubled = found.groups?.doubled;
    parts.push(doubled === undefined ? expansion(findings, text, found) : doubled.slice(1));
  }
  parts.push(text.slice(end));
  return finish(
    findings,
    {
      offset: 0,
      length: text.length,
      type: "string",
      run: joined(parts, text.length),
      constant: undefined,
    },
    text,
  );
}

/** Neighbouring texts become one, so that a template that reads nothing costs nothing. */
function joined(parts: readonly (string | Part)[], length: number): Part {
  const merged: (string | Part)[] = [""];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else if (part !== "") merged.push(part);
  }
  const [only] = merged;
  if (merged.length === 1 && typeof only === "string") return () => only;
  return (environment) => {
    let text = "";
    for (const part of merged) {
      text = grown(text + (typeof part === "string" ? part : part(environment)), { offset: 0, length });
    }
    return text;
  };
}

function expansion(findings: Findings, text: string, found: RegExpExecArray): Part {
  const span = { offset: found.index, length: found[0].length };
  const groups = found.groups!;
  if (groups.attribute !== undefined) return printed(findings, attributeRead(findings, span, groups.attribute, []));
  if (groups.variable !== undefined) return printed(findings, variable(findings, span, groups.variable, "text"));
  if (groups.expression !== undefined) {
    if (groups.close === "`") {
      return printed(findings, compilePart(findings, text, span.offset + 1, span.offset + span.length - 1));
    }
    findings.report(span, "This backtick has no partner; a backtick as text is written twice.");
  } else if (groups.bracedName !== undefined) {
    if (groups.nameEnd === "}" && NAME.test(groups.bracedName)) {
      return printed(findings, variable(findings, span, groups.bracedName, "text"));
    }
    findings.report(span, 'A variable is written "$NAME", or with its name in "{}"; a "$" as text is written "$$".');
  } else if (groups.end === "}") {
    return braced(findings, span, groups.braced!);
  } else {
    findings.report(span, 'This "@{" has no closing "}"; an "@" as text is written "@@".');
  }
  return printed(findings, unknown(span));
}

/** `@{name.path:width}`. */
function braced(findings: Findings, span: { offset: number; length: number }, inner: string): Part {
  const [, name, path = "", digits] = BRACED.exec(inner) ?? [];
  if (name === undefined) {
    const forms = '"@{name}", "@{name.x}" or "@{name:4}"; an expression stands in backticks';
    findings.report(span, `An attribute is written ${forms}.`);
    return printed(findings, unknown(span));
  }
  const value = attributeRead(findings, span, name, path.split(".").slice(1));
  if (digits === undefined) return printed(findings, value);
  const width = Number(digits);
  if (width < 1 || width > WIDEST) findings.report(span, `A width lies between 1 and ${WIDEST}.`);
  const run = findings.expect(value, NUMBER, `":${digits}" after an attribute`);
  return (environment) => padded(run(environment) as number, width);
}

/** Zeros in front, behind a minus sign, up to `width` characters. */
function padded(value: number, width: number): string {
  const sign = value < 0 ? "-" : "";
  return sign + numberText(Math.abs(value)).padStart(width - sign.length, "0");
}

function printed(findings: Findings, part: Typed): Part {
  const run: Evaluate = findings.expect(part, PRINTABLE, "A template");
  return (environment) => valueText(run(environment))!;
}
