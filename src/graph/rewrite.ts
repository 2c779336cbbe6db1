/** Edits that give an object of a file other members: comments, order and layout stay. Knows JSON with comments alone. */
import { isDeepStrictEqual } from "node:util";
import { createScanner, type Edit } from "jsonc-parser";
import { type Located, type LocatedMember, plain, type Span } from "./located.js";

type Values = Readonly<Record<string, unknown>>;
type LocatedObject = Located & { readonly kind: "object" };

// The value of jsonc-parser's SyntaxKind for a comma.
const COMMA = 5;

/** Puts a value in the place of what a span holds. */
export function replacing({ offset, length }: Span, value: unknown): Edit {
  return { offset, length, content: written(value) };
}

/**
 * Edits that make `values` of an object. A member whose value stands under another name now, or the only one that went where
 * only one came, is renamed in its place.
 */
export function objectEdits(old: LocatedObject, values: Values): Edit[] {
  const gone = [...old.members.keys()].filter((name) => !Object.hasOwn(values, name));
  const added: string[] = [];
  const edits: Edit[] = [];
  const fresh = Object.keys(values).filter((name) => !old.members.has(name));
  const single = gone.length === 1 && fresh.length === 1;
  for (const name of fresh) {
    const same = gone.find((each) => isDeepStrictEqual(plain(old.members.get(each)!.value), values[name]));
    const before = same ?? (single ? gone[0] : undefined);
    if (before === undefined) {
      added.push(name);
      continue;
    }
    gone.splice(gone.indexOf(before), 1);
    const { key, value } = old.members.get(before)!;
    edits.push(replacing(key, name), ...valueEdits(value, values[name]));
  }
  for (const [name, { value }] of old.members) {
    if (Object.hasOwn(values, name)) edits.push(...valueEdits(value, values[name]));
  }
  return [
    ...edits,
    ...memberEdits(
      old,
      new Set(gone),
      added.map((name) => `${written(name)}: ${written(values[name])}`),
    ),
  ];
}

function valueEdits(old: Located, value: unknown): Edit[] {
  if (isDeepStrictEqual(plain(old), value)) return [];
  const both = old.kind === "object" && typeof value === "object" && value !== null && !Array.isArray(value);
  return both ? objectEdits(old, value as Values) : [replacing(old.span, value)];
}

/** Takes members out and adds others at the end, with the commas that this needs. */
function memberEdits(old: LocatedObject, gone: ReadonlySet<string>, added: readonly string[]): Edit[] {
  const { text } = old.span.source;
  const edits: Edit[] = [];
  let last: LocatedMember | undefined;
  for (const [name, member] of old.members) {
    if (!gone.has(name)) last = member;
    else {
      const end = commaAfter(member) ?? endOf(member) - 1;
      edits.push(lineless(text, member.key.offset, end + 1));
    }
  }
  const comma = last && commaAfter(last);
  const isLast = last === [...old.members.values()].at(-1);
  if (last !== undefined && added.length > 0 && comma === undefined)
    edits.push({ offset: endOf(last), length: 0, content: "," });
  if (comma !== undefined && added.length === 0 && !isLast) edits.push({ offset: comma, length: 1, content: "" });
  if (added.length > 0) edits.push(appended(old, added, last === undefined));
  return edits;
}

function appended(old: LocatedObject, added: readonly string[], alone: boolean): Edit {
  const { source, offset, length } = old.span;
  const inside = source.text.slice(offset, offset + length - 1);
  const [, indent] = /\n([ \t]*)\S/.exec(inside) ?? [];
  const before = indent === undefined ? " " : `\n${indent}`;
  const separated = added.map((member) => before + member).join(",");
  // A line's first blank is still there when all its members go.
  const content = alone && indent === undefined && old.members.size > 0 ? separated.trimStart() : separated;
  const close = inside.trimEnd().length === inside.length && indent === undefined ? " " : "";
  return { offset: offset + inside.trimEnd().length, length: 0, content: content + close };
}

/** Takes a stretch out, with the blanks before it where it ends its line. */
function lineless(text: string, from: number, to: number): Edit {
  const endsLine = /^[ \t]*(\r?\n|$)/.test(text.slice(to, text.indexOf("\n", to) + 1 || text.length));
  let start = from;
  let end = to;
  if (endsLine) while (start > 0 && /[ \t]/.test(text[start - 1]!)) start -= 1;
  else while (/[ \t]/.test(text[end] ?? "") && text[end + 1] !== "}") end += 1;
  const ownLine = endsLine && text[start - 1] === "\n";
  if (ownLine) start -= text[start - 2] === "\r" ? 2 : 1;
  return { offset: start, length: end - start, content: "" };
}

function endOf({ value: { span } }: LocatedMember): number {
  return span.offset + span.length;
}

/** The offset of the comma after a member; undefined where none follows. */
function commaAfter(member: LocatedMember): number | undefined {
  const scanner = createScanner(member.value.span.source.text, true);
  scanner.setPosition(endOf(member));
  return scanner.scan() === COMMA ? scanner.getTokenOffset() : undefined;
}

/** JSON on one line, as people write it. */
function written(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ");
}
