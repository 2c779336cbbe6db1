/** The attributes that a node's cook is shown. Knows names and values, not where they come from. */
import { callNode } from "../base/error.js";
import { type Value, valueText } from "../expression/value.js";
import type { GraphNode } from "../graph/graph.js";

/** Names that a node type declares to read, sorted. */
export function readsOf(node: GraphNode, params: Readonly<Record<string, unknown>>): readonly string[] {
  const reads = node.type.definition.attributes?.reads ?? [];
  const names =
    typeof reads === "function" ? callNode(() => (reads as (p: unknown) => readonly string[])(params)) : reads;
  return [...new Set(names)].sort();
}

/** The variables of the environment that an item's work is given: those that its node type declares, where there are any. */
export function variablesFor(
  { type, env, flags }: GraphNode,
  params: Readonly<Record<string, unknown>>,
  lookup: (name: string) => Value | undefined,
): Record<string, string> {
  const { environment = [] } = type.definition;
  if (env.size === 0 && type.definition.environment === undefined) return NO_VARIABLES;
  const declared =
    typeof environment === "function"
      ? callNode(() => (environment as (p: unknown) => readonly string[] | "any")(params))
      : environment;
  const variables: Record<string, string> = {};
  for (const name of declared === "any" ? flags.exported : declared) {
    const exported = flags.exported.has(name) ? lookup(name) : undefined;
    const value =
      exported === undefined ? (declared === "any" ? undefined : process.env[name]) : variableText(exported);
    if (value !== undefined) variables[name] = value;
  }
  return { ...variables, ...Object.fromEntries(env) };
}

const NO_VARIABLES: Record<string, string> = {};

function variableText(value: Value): string {
  return valueText(value) ?? JSON.stringify(value);
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
