/** The `path` parameters among a node's evaluated parameters. Knows schemas and values, no files. */
import type { ParamSchemas } from "../nodetype/params.js";

/** A parameter's dotted name, and the path that it says. */
export type NamedPath = readonly [string, string];

/** Values of the `path` parameters of one kind, dotted names as keys where asked for by `outputsOf`. */
export function pathsOf(
  schemas: ParamSchemas,
  params: Readonly<Record<string, unknown>>,
  kind: "input" | "output",
): string[] {
  return [...namedPaths(schemas, params, kind, "")].map(([, path]) => path);
}

/** Dotted name and value of every set `path` parameter of one kind. */
export function* namedPaths(
  schemas: ParamSchemas,
  params: Readonly<Record<string, unknown>>,
  kind: "input" | "output",
  prefix: string,
): Generator<NamedPath> {
  for (const [name, schema] of Object.entries(schemas)) {
    const value = params[name];
    if (value === undefined || value === null) continue;
    if (schema.properties !== undefined && typeof value === "object") {
      yield* namedPaths(schema.properties, value as Record<string, unknown>, kind, `${prefix}${name}.`);
    } else if (schema.path === kind && typeof value === "string") yield [`${prefix}${name}`, value];
    else if (schema.items?.path === kind && Array.isArray(value)) {
      for (const path of value) yield [`${prefix}${name}`, String(path)];
    }
  }
}
