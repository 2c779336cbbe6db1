/** Attribute values compared with each other and with what parameters spell. Knows no nodes and makes no items. */
import type { UpstreamItem } from "dag-cook";
import { type Spelled, typedValue } from "./value.js";

/** Any attribute's value. */
export type Value = NonNullable<ReturnType<UpstreamItem["attribute"]>>;

/** An attribute of an upstream item, those of the engine among them that it has before it is cooked. */
export function attributeOf(item: UpstreamItem, name: string): Value | undefined {
  if (name === "pdg_index") return item.index;
  if (name === "pdg_name") return item.name;
  return item.attribute(name === "pdg_frame" ? "frame" : name) ?? (name === "pdg_frame" ? item.index : undefined);
}

/** One key of an order: an attribute, and whether the largest comes first. */
export interface SortKey {
  readonly attribute: string;
  readonly descending: boolean;
}

/** Text that is the same for equal values alone: dictionaries by sorted keys. */
export function sameText(value: Value | undefined): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return `[${value.map(sameText).join(",")}]`;
  if (typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value as Readonly<Record<string, Value>>).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${sameText(member)}`).join(",")}}`;
}

/** Whether a value is what a parameter spells: `"3"` and 3 spell the number 3, and any text itself. */
export function isSpelled(value: Value, spelled: Spelled): boolean {
  if (typeof value === "number") return typedValue(spelled, "float") === value;
  if (typeof value === "boolean") return typedValue(spelled, "bool") === value;
  return typeof value === "string" ? value === String(spelled) : false;
}

/**
 * Negative where `a` comes first: true or false before numbers before text before lists (element by element) before all
 * else. Text by its code units, so that no machine's language decides.
 */
export function compareValues(a: Value, b: Value): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (Array.isArray(a)) return compareLists(a as readonly Value[], b as readonly Value[]);
  const [left, right] = typeof a === "object" ? [sameText(a), sameText(b)] : [a, b];
  return left === right ? 0 : left < right ? -1 : 1;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (const [index, element] of a.entries()) {
    const other = b[index];
    const order = other === undefined ? 1 : compareValues(element, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function rankOf(value: Value): number {
  const rank = ["boolean", "number", "string"].indexOf(typeof value);
  return rank >= 0 ? rank : Array.isArray(value) ? 3 : 4;
}

/** Items in the order of the keys, the first deciding first; items without an attribute come last, equal ones as they were. */
export function sortedBy(items: readonly UpstreamItem[], keys: readonly SortKey[]): readonly UpstreamItem[] {
  return keys.length === 0 ? items : [...items].sort((a, b) => compareBy(a, b, keys));
}

function compareBy(a: UpstreamItem, b: UpstreamItem, keys: readonly SortKey[]): number {
  for (const { attribute, descending } of keys) {
    const [left, right] = [attributeOf(a, attribute), attributeOf(b, attribute)];
    if (left === undefined && right === undefined) continue;
    if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
    const order = compareValues(left, right);
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}
