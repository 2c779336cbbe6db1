/** Filling in what a graph file leaves out. Knows schemas, checks nothing. */
import type { ParamSchemas } from "./params.js";
import type { AnyParamSchema } from "./schema.js";

/**
 * Parameters with the defaults of all that is absent, nested ones included: an absent object with `properties` is there
 * with their defaults. Values of an unexpected kind are left as they are. The answer shares no object with `schemas`.
 */
export function withDefaults(
  values: Readonly<Record<string, unknown>>,
  schemas: ParamSchemas,
): Record<string, unknown> {
  const filled = new Map(Object.entries(values));
  for (const [name, schema] of Object.entries(schemas)) {
    const value = filled.has(name) ? filled.get(name) : defaultOf(schema);
    if (value !== undefined) filled.set(name, completed(value, schema));
  }
  return Object.fromEntries(filled);
}

function defaultOf(schema: AnyParamSchema): unknown {
  if (schema.default !== undefined) return structuredClone(schema.default);
  return schema.type === "object" ? {} : undefined;
}

function completed(value: unknown, schema: AnyParamSchema): unknown {
  const { items, properties } = schema;
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => completed(item, items));
  if (properties === undefined || typeof value !== "object" || value === null) return value;
  return withDefaults(value as Record<string, unknown>, properties);
}
