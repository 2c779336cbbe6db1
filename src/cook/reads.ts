/** The attributes that a node's cook is shown. Knows names and values, not where they come from. */
import type { Value } from "../expression/value.js";
import type { GraphNode } from "../graph/graph.js";

/** Names that a node type declares to read, sorted. */
export function readsOf(node: GraphNode, params: Readonly<Record<string, unknown>>): readonly string[] {
  const reads = node.type.definition.attributes?.reads ?? [];
  const names = typeof reads === "function" ? (reads as (p: unknown) => readonly string[])(params) : reads;
  return [...new Set(names)].sort();
}

/** The attributes of these names that there are. */
export function read(names: readonly string[], lookup: (name: string) => Value | undefined): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const name of names) {
    const value = lookup(name);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
