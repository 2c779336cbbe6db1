/** Text to located JSON: comments and trailing commas are allowed. Knows JSON, not what a graph is. */
import { createScanner, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Diagnostic } from "../base/diagnostic.js";
import { numberProblem } from "../base/number.js";
import { type Located, type LocatedMember, placeOf, type Span } from "./located.js";
import { placeAt, type SourceText, sourceText } from "./text.js";

const MAX_CHARACTERS = 32 * 1024 * 1024;
const MAX_DEPTH = 64;
/** Names, values and signs: some gigabyte once they are located. */
const MAX_TOKENS = 6_000_000;

/** What reading gives. `root` is there where the text is JSON; of a name that stands twice, with the first. */
export interface ReadResult {
  readonly source: SourceText;
  readonly root: Located | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a text under the name that its diagnostics show. Never throws. */
export function readJson(file: string, text: string): ReadResult {
  const source = sourceText(file, text.startsWith("\uFEFF") ? text.slice(1) : text);
  const rejection = tooMuch(source);
  if (rejection !== undefined) return { source, root: undefined, diagnostics: [rejection] };
  const errors: ParseError[] = [];
  const tree = parseTree(source.text, errors, { allowTrailingComma: true, disallowComments: false });
  const diagnostics = errors.length > 0 ? [syntaxError(source, errors[0]!)] : [];
  const root = tree === undefined ? undefined : locate(source, tree, diagnostics);
  return { source, root: errors.length === 0 ? root : undefined, diagnostics };
}

// The parser descends by recursion, so that depth is counted before it runs.
function tooMuch(source: SourceText): Diagnostic | undefined {
  if (source.text.length > MAX_CHARACTERS)
    return problem(source, 0, 1, `The file has ${source.text.length} characters; at most ${MAX_CHARACTERS} are read.`);
  const scanner = createScanner(source.text, true);
  let depth = 0;
  let tokens = 0;
  for (let token = scanner.scan(); token !== SYNTAX.end; token = scanner.scan()) {
    if (token === SYNTAX.openBrace || token === SYNTAX.openBracket) depth += 1;
    else if (token === SYNTAX.closeBrace || token === SYNTAX.closeBracket) depth -= 1;
    tokens += 1;
    if (tokens > MAX_TOKENS)
      return problem(
        source,
        scanner.getTokenOffset(),
        1,
        `The file has more than ${MAX_TOKENS} names, values and signs.`,
      );
    if (depth > MAX_DEPTH)
      return problem(source, scanner.getTokenOffset(), 1, `Objects and lists are nested more than ${MAX_DEPTH} deep.`);
  }
  return undefined;
}

// The values of jsonc-parser's SyntaxKind, a const enum, which a module compiled by itself cannot read.
const SYNTAX = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 };

const WORDING: Readonly<Record<string, string>> = {
  InvalidSymbol: "This is not JSON; a text stands in double quotes",
  InvalidNumberFormat: "This is not a number",
  PropertyNameExpected: 'A name in double quotes is expected here, or "}"',
  ValueExpected: "A value is expected here",
  ColonExpected: 'A ":" is expected here',
  CommaExpected: 'A "," is expected here',
  CloseBraceExpected: 'A "}" is expected here',
  CloseBracketExpected: 'A "]" is expected here',
  EndOfFileExpected: "The end of the file is expected here",
  InvalidCommentToken: "No comment may stand here",
  UnexpectedEndOfComment: "This comment is not closed",
  UnexpectedEndOfString: "This text is not closed by a double quote",
  UnexpectedEndOfNumber: "This number is not finished",
  InvalidUnicode: "This is no \\u escape: four hexadecimal digits belong to it",
  InvalidEscapeCharacter: "This escape is unknown; a backslash is written as \\\\",
  InvalidCharacter: "A control character may not stand in a text; write it as an escape",
};

// Only the first: those after it mostly follow from it.
function syntaxError(source: SourceText, error: ParseError): Diagnostic {
  const words = WORDING[printParseErrorCode(error.error)] ?? "This is not JSON";
  if (error.offset < source.text.trimEnd().length) return problem(source, error.offset, error.length, `${words}.`);
  const end = source.text.trimEnd().length;
  return problem(source, Math.max(0, end - 1), 1, end === 0 ? "The file is empty." : `${words}, but the file ends.`);
}

function problem(source: SourceText, offset: number, length: number, message: string): Diagnostic {
  return { severity: "error", message, place: placeAt(source, offset, length) };
}

function locate(source: SourceText, node: Node, diagnostics: Diagnostic[]): Located {
  const span: Span = { source, offset: node.offset, length: node.length };
  const children = node.children ?? [];
  if (node.type === "array")
    return { kind: "array", span, items: children.map((each) => locate(source, each, diagnostics)) };
  const problem = node.type === "number" ? numberProblem(textOf(span)) : undefined;
  if (problem !== undefined) diagnostics.push(inexact(span, problem));
  if (node.type !== "object") return { kind: "leaf", span, value: node.value as string | number | boolean | null };
  const members = new Map<string, LocatedMember>();
  for (const { children: [key, value] = [] } of children) {
    if (key === undefined || value === undefined) continue;
    const name = key.value as string;
    const keySpan: Span = { source, offset: key.offset, length: key.length };
    const first = members.get(name);
    if (first === undefined) members.set(name, { key: keySpan, value: locate(source, value, diagnostics) });
    else diagnostics.push(repeated(name, keySpan, first.key));
  }
  return { kind: "object", span, members };
}

function textOf({ source, offset, length }: Span): string {
  return source.text.slice(offset, offset + length);
}

function inexact(span: Span, problem: string): Diagnostic {
  return { severity: "error", message: `${problem}; in quotes it is text.`, place: placeOf(span) };
}

function repeated(name: string, span: Span, first: Span): Diagnostic {
  const message = `"${name}" stands here a second time; it is in line ${placeOf(first).line} already.`;
  return { severity: "error", message, place: placeOf(span) };
}
