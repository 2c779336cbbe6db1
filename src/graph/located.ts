/** JSON values that know where they stand. Knows nothing of graphs. */
import type { Place } from "../base/diagnostic.js";
import type { Json } from "../nodetype/define.js";
import { placeAt, type SourceText } from "./text.js";

/** A stretch of a source text. */
export interface Span {
  readonly source: SourceText;
  readonly offset: number;
  readonly length: number;
}

/** A member of an object: the span of its key, quotes included, and its value. */
export interface LocatedMember {
  readonly key: Span;
  readonly value: Located;
}

/** A JSON value with its span. */
export type Located =
  | { readonly kind: "object"; readonly span: Span; readonly members: ReadonlyMap<string, LocatedMember> }
  | { readonly kind: "array"; readonly span: Span; readonly items: readonly Located[] }
  | { readonly kind: "leaf"; readonly span: Span; readonly value: string | number | boolean | null };

/** Keys and indices from a value down to one inside it. */
export type JsonPath = readonly (string | number)[];

/** The plain value. */
export function plain(located: Located): Json {
  if (located.kind === "leaf") return located.value;
  if (located.kind === "array") return located.items.map(plain);
  // fromEntries defines members, so that a key such as `__proto__` is one like any other.
  return Object.fromEntries([...located.members].map(([name, member]) => [name, plain(member.value)]));
}

/** The value's child by key or index. */
export function child(located: Located, step: string | number): Located | undefined {
  if (located.kind === "object") return located.members.get(String(step))?.value;
  return located.kind === "array" ? located.items[Number(step)] : undefined;
}

/** The span of the value at a path; where the path leads nowhere, of the last value on the way. */
export function spanOfValue(root: Located, path: JsonPath): Span {
  let at = root;
  for (const step of path) {
    const next = child(at, step);
    if (next === undefined) break;
    at = next;
  }
  return at.span;
}

/** The span of the key that the path ends with; of the value where it ends with an index or leads nowhere. */
export function spanOfKey(root: Located, path: JsonPath): Span {
  let at: Located | undefined = root;
  for (const step of path.slice(0, -1)) at = at && child(at, step);
  const key = at?.kind === "object" ? at.members.get(String(path.at(-1)))?.key : undefined;
  return key ?? spanOfValue(root, path);
}

/** The place of a span: a value of several lines is marked where it begins. */
export function placeOf(span: Span): Place {
  const { source, offset, length } = span;
  const end = source.text.indexOf("\n", offset);
  return placeAt(source, offset, end === -1 ? length : Math.min(length, end - offset));
}

/**
 * The place of `length` characters at `offset` inside a JSON string's value: escapes such as `\n` and `\u0041` count as
 * the one character that they stand for. `span` is that of the string, quotes included.
 */
export function placeInside(span: Span, offset: number, length: number): Place {
  const { text } = span.source;
  if (text[span.offset] !== '"') return placeAt(span.source, span.offset + offset, length);
  const from = skipCharacters(text, span.offset + 1, offset);
  return placeAt(span.source, from, skipCharacters(text, from, length) - from);
}

function skipCharacters(text: string, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && text[at] !== '"'; left -= 1) {
    if (text[at] !== "\\") at += 1;
    else at += text[at + 1] === "u" ? 6 : 2;
  }
  return at;
}
