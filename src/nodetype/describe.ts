/** What there is to say about a node type: data for `dag nodes` and for its page. Knows no terminal and no format. */
import { withDefaults } from "./defaults.js";
import type { InputDeclaration, OutputDeclaration } from "./define.js";
import type { ParamSchema, ParamSchemas } from "./params.js";
import type { RegisteredNodeType } from "./registry.js";
import { type AnyParamSchema, requiredOf, typesOf } from "./schema.js";

/** A row of the table of parameters. */
export interface ParamRow {
  /** Dotted; `attributes[].name` is a member of a list's items. */
  readonly name: string;
  /** Such as `integer`, `"png" or "exr"`, `integer or "all"`, `list of string`. */
  readonly type: string;
  /** JSON; empty where there is none. */
  readonly default: string;
  /** Such as `≥ 16`, `> 0, ≤ 1`; empty where anything goes. */
  readonly range: string;
  readonly description: string;
  readonly required: boolean;
  /** False: it is not in the fingerprint. */
  readonly effect: boolean;
}

/** A node type, described. */
export interface TypeDescription {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly inputs: readonly (InputDeclaration & { readonly name: string })[];
  /** Empty where there is but one. */
  readonly outputs: readonly (OutputDeclaration & { readonly name: string })[];
  /** Attributes that its items get, with types: all, or those that they get with the parameters' defaults. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether parameters decide which attributes there are. */
  readonly attributesVary: boolean;
  readonly params: readonly ParamRow[];
}

/** The inputs that a node type declares; without a declaration, one optional input `main`. */
export function describedInputs(type: RegisteredNodeType): ReadonlyMap<string, InputDeclaration> {
  const main = { main: { description: "Work items to process.", optional: true } };
  return new Map(Object.entries(type.definition.inputs ?? main));
}

/** Describes a node type, its parameters in the order of their declaration, nested ones after their parent. */
export function describeType(type: RegisteredNodeType): TypeDescription {
  const { description, version, params } = type.definition;
  const inputs = [...describedInputs(type)].map(([name, input]) => ({ name, ...input }));
  const outputs = Object.entries(type.definition.outputs ?? {}).map(([name, output]) => ({ name, ...output }));
  const attributes = writtenOf(type);
  const attributesVary = typeof type.definition.attributes?.writes === "function";
  const described = { name: type.name, version, description, inputs, outputs, attributes, attributesVary };
  return { ...described, params: rows(params, undefined, "") };
}

function writtenOf({
  definition: { attributes, params, partition },
}: RegisteredNodeType): Readonly<Record<string, string>> {
  const own = partition === undefined ? {} : { partitionsize: "int" };
  const { writes = {} } = attributes ?? {};
  if (typeof writes !== "function") return writes === "any" ? own : { ...writes, ...own };
  try {
    const written = (writes as (values: unknown) => Record<string, string> | "any")(withDefaults({}, params));
    return written === "any" ? own : { ...written, ...own };
  } catch {
    // A parameter that has no default decides.
    return own;
  }
}

function rows(schemas: ParamSchemas, listed: ParamSchema["required"], prefix: string): readonly ParamRow[] {
  const required = new Set(requiredOf(schemas, listed));
  return Object.entries(schemas).flatMap(([name, schema]) => {
    const own: ParamRow = {
      name: prefix + name,
      type: typeText(schema),
      default: schema.default === undefined ? "" : JSON.stringify(schema.default),
      range: rangeText(schema),
      description: schema.description,
      required: required.has(name),
      effect: schema.effect !== false,
    };
    return [own, ...nested(schema, prefix + name)];
  });
}

function nested(schema: AnyParamSchema, name: string): readonly ParamRow[] {
  if (schema.properties !== undefined) return rows(schema.properties, schema.required, `${name}.`);
  return schema.items === undefined ? [] : nested(schema.items, `${name}[]`);
}

function typeText(schema: AnyParamSchema): string {
  const words = (schema.words ?? []).map((word) => JSON.stringify(word));
  if (schema.enum !== undefined) return [...schema.enum.map((each) => JSON.stringify(each)), ...words].join(" or ");
  const types = typesOf(schema).map((type) => {
    if (type === "array") return schema.items === undefined ? "list" : `list of ${typeText(schema.items)}`;
    if (type === "string") return schema.path === undefined ? "string" : `${schema.path} path`;
    return type;
  });
  return [...types, ...words].join(" or ");
}

function rangeText(schema: AnyParamSchema): string {
  const parts: [string, unknown][] = [
    ["≥ ", schema.minimum],
    ["> ", schema.exclusiveMinimum],
    ["≤ ", schema.maximum],
    ["< ", schema.exclusiveMaximum],
    ["multiple of ", schema.multipleOf],
    ["matches ", schema.pattern],
    ["characters ≥ ", schema.minLength],
    ["items ≥ ", schema.minItems],
    ["items ≤ ", schema.maxItems],
  ];
  return parts.flatMap(([words, limit]) => (limit === undefined ? [] : [`${words}${limit}`])).join(", ");
}
