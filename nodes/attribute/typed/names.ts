/** Names of attributes, and patterns of them. Knows no values. */
import { globMatcher, nearest, type UpstreamItem } from "dag-cook";
import { NAME_PATTERN } from "./value.js";

/** Schema of a parameter that names an attribute. */
export const ATTRIBUTE_NAME = { type: "string", pattern: NAME_PATTERN, template: false } as const;

/** Schema of a parameter that names an attribute, or by `*` (any letters) and `?` (one) several. */
export const ATTRIBUTE_NAMES = { type: "string", pattern: "^[A-Za-z_*?][A-Za-z0-9_*?]*$", template: false } as const;

/** Schema of a parameter that names an attribute or is empty. */
export const MAYBE_ATTRIBUTE_NAME = { type: "string", pattern: `^$|${NAME_PATTERN}`, template: false } as const;

/** The same for names of attributes that items above have: one that none of them can have is found before the cook. */
export const UPSTREAM_ATTRIBUTE = { ...ATTRIBUTE_NAME, attribute: true } as const;
export const UPSTREAM_ATTRIBUTES = { ...ATTRIBUTE_NAMES, attribute: true } as const;
export const MAYBE_UPSTREAM_ATTRIBUTE = { ...MAYBE_ATTRIBUTE_NAME, attribute: true } as const;

/**
 * What a type reads that must know every attribute there is: with it, generation waits until upstream items are cooked,
 * since a cook may write further ones.
 */
export const ALL_ATTRIBUTES = "pdg_state";

/** Whether it stands for several names. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a name is the one given, or fits the pattern. */
export function fits(pattern: string, name: string): boolean {
  if (!isPattern(pattern)) return pattern === name;
  return globMatcher(pattern)(name);
}

/** Names of the items' attributes that fit, sorted by their letters. A name that is no pattern is itself the answer. */
export function namesFitting(items: readonly UpstreamItem[], pattern: string): readonly string[] {
  if (!isPattern(pattern)) return [pattern];
  const names = new Set(items.flatMap((item) => [...item.attributeNames()]));
  return [...names].filter((name) => fits(pattern, name)).sort();
}

/** Those of the names that are no patterns. */
export function exactNames(names: readonly string[]): readonly string[] {
  return names.filter((name) => !isPattern(name));
}

/** The names as `attributes.reads` takes them: where a pattern is among them, generation waits for every cook. */
export function readsOf(names: readonly string[]): readonly string[] {
  const exact = exactNames(names);
  return [...new Set(exact.length < names.length ? [...exact, ALL_ATTRIBUTES] : exact)];
}

/** Says that an item lacks an attribute, and which one may be meant. */
export function lacking(item: UpstreamItem, name: string): string {
  return `${item.name} ${lack(item, name)}`;
}

/** The same of an item that is named before. */
export function lack(item: UpstreamItem, name: string): string {
  const meant = nearest(name, item.attributeNames());
  return `has no attribute "${name}"${meant === undefined ? "" : ` (is "${meant}" meant?)`}`;
}
