/** Values in words, for labels and cells. Knows no items. */
import type { Json } from "dag-cook";
import { sameText, type Value } from "./order.js";

/** Longer values are cut in a label. */
const LONGEST = 40;

/** A value as one scalar: a file as its path, other lists and dictionaries as JSON. */
export function scalarOf(value: Value): string | number | boolean {
  if (typeof value !== "object") return value;
  return "$file" in value ? String(value.$file) : sameText(value);
}

/** Names with their values: `size 64, kind tile`; no value is `none`. */
export function labelOf(values: Readonly<Record<string, Json | Value>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${value === null ? "none" : shortened(String(scalarOf(value as Value)))}`)
    .join(", ");
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
