/** Parameters of a node type as a test gives them: filled in and checked as the engine does, but without expressions. */
import { conformToParams } from "../nodetype/conform.js";
import { withDefaults } from "../nodetype/defaults.js";
import type { ParamSchema, ParamSchemas, ParamValues } from "../nodetype/params.js";

/** Parameters as a test gives them: some of the declared ones. */
export type SomeParams = Readonly<Record<string, unknown>>;

/** Some of a node type's parameters, and of each object's members: the others have their defaults. */
export type GivenParams<S extends ParamSchemas> = Given<ParamValues<S>>;

type Given<T> = T extends readonly (infer I)[]
  ? readonly Given<I>[]
  : T extends object
    ? { readonly [K in keyof T]?: Given<T[K]> }
    : T;

/** The parameters with defaults filled in. Throws, naming each wrong one, where they do not fit the schema. */
export function completeParams(schemas: ParamSchemas, given: SomeParams): SomeParams {
  const params = withDefaults(given, schemas);
  const violations = conformToParams(schemas)(params);
  if (violations.length === 0) return params;
  throw new Error(violations.map(({ path, message }) => `${path.join(".") || "params"} ${message}`).join("; "));
}

/** Dotted names of the parameters that hold values: `training.learning_rate`. A list of objects is one of them. */
export function leavesOf(
  schemas: ParamSchemas,
  prefix = "",
): readonly (readonly [name: string, schema: ParamSchema])[] {
  return Object.entries(schemas).flatMap(([name, schema]) =>
    schema.type === "object" && schema.properties
      ? leavesOf(schema.properties, `${prefix}${name}.`)
      : [[`${prefix}${name}`, schema] as const],
  );
}

/** `over` laid upon `base`, objects member by member. */
export function mergeParams(base: SomeParams, over: SomeParams): SomeParams {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isPlain(below) && isPlain(value) ? mergeParams(below, value) : value;
  }
  return merged;
}

function isPlain(value: unknown): value is SomeParams {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
