/**
 * JSON Schemas that follow from a node type's parameters: that of evaluated values, and that of a graph file, where a
 * number or boolean may be an expression and a text a template. Knows no graph.
 */
import type { ParamSchema, ParamSchemas } from "./params.js";

/** JSON Schema, draft 7, as ajv and editors read it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A schema as a parameter or as the items of a list: the latter need no description. */
export type AnyParamSchema = Omit<ParamSchema, "description"> & { readonly description?: string };

/** The types that a schema allows. */
export function typesOf(schema: AnyParamSchema): readonly string[] {
  return typeof schema.type === "string" ? [schema.type] : schema.type;
}

/** The strings that a parameter takes as they stand: its words, and the strings of its enumeration. */
export function typeWordsOf(schema: AnyParamSchema): readonly string[] {
  const listed = (schema.enum ?? []).filter((each) => typeof each === "string");
  return [...(schema.words ?? []), ...listed];
}

/** Names of an object's parameters that must be given. */
export function requiredOf(properties: ParamSchemas, listed?: true | readonly string[]): readonly string[] {
  const marked = Object.keys(properties).filter((name) => properties[name]?.required === true);
  return [...new Set([...(Array.isArray(listed) ? (listed as readonly string[]) : []), ...marked])];
}

/** The parameter that takes the files of the upstream item, where one does. `values`: what differs by item may be absent. */
export function upstreamParam(params: ParamSchemas, values: Readonly<Record<string, unknown>>): string | undefined {
  const isNull = (name: string) => Object.getOwnPropertyDescriptor(values, name)?.value === null;
  return Object.keys(params).find((name) => params[name]?.upstream === true && isNull(name));
}

/** The schema of evaluated parameters, defaults filled in. */
export function ownSchema(params: ParamSchemas): JsonSchema {
  return objectSchema(params, undefined, false, ownLeaf);
}

/** The schema of parameters as a graph file may give them. */
export function fileSchema(params: ParamSchemas): JsonSchema {
  return objectSchema(params, undefined, false, fileLeaf);
}

type Leaf = (schema: AnyParamSchema, plain: JsonSchema) => JsonSchema;

function objectSchema(
  properties: ParamSchemas,
  required: true | readonly string[] | undefined,
  additional: boolean,
  leaf: Leaf,
): JsonSchema {
  const members = Object.entries(properties).map(([name, schema]) => [name, derived(schema, leaf)]);
  return {
    type: "object",
    properties: Object.fromEntries(members),
    required: requiredOf(properties, required),
    additionalProperties: additional,
  };
}

const COPIED = [
  "enum",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "pattern",
  "minLength",
  "minItems",
  "maxItems",
  "uniqueItems",
] as const;

function derived(schema: AnyParamSchema, leaf: Leaf): JsonSchema {
  const constraints = COPIED.filter((key) => schema[key] !== undefined).map((key) => [key, schema[key]]);
  const { items, properties } = schema;
  const plain = {
    ...(properties && objectSchema(properties, schema.required, schema.additionalProperties ?? false, leaf)),
    type: schema.type,
    ...Object.fromEntries(constraints),
    ...(items && { items: derived(items, leaf) }),
  };
  return leaf(schema, plain);
}

function ownLeaf(schema: AnyParamSchema, plain: JsonSchema): JsonSchema {
  return schema.words === undefined ? plain : orWords(plain, schema.words);
}

/**
 * A schema that also allows some words. Not by `anyOf`: its errors would not tell which of the two was meant. In the
 * schema the words stand once more for the wording of errors; ajv passes them over.
 */
export function orWords(schema: JsonSchema, words: readonly string[]): JsonSchema {
  return { if: { enum: words }, else: { ...schema, words } };
}

const TEMPLATE = { type: "string", pattern: "[@$`]" };

function fileLeaf(schema: AnyParamSchema, plain: JsonSchema): JsonSchema {
  const described = {
    ...(schema.description !== undefined && { description: schema.description }),
    ...(schema.default !== undefined && { default: schema.default }),
  };
  const choices = [plain, ...(schema.words ? [{ enum: schema.words }] : []), ...textForms(schema)];
  return { ...described, ...(choices.length === 1 ? plain : { anyOf: choices }) };
}

function textForms(schema: AnyParamSchema): readonly JsonSchema[] {
  if (takesExpression(schema)) return [{ type: "string" }];
  const restricted = schema.enum !== undefined || schema.pattern !== undefined || schema.minLength !== undefined;
  return takesTemplate(schema) && restricted ? [TEMPLATE] : [];
}

/** Whether a string that is none of the parameter's words is an expression. */
export function takesExpression(schema: AnyParamSchema): boolean {
  const types = typesOf(schema);
  const calculated = types.some((type) => type === "integer" || type === "number" || type === "boolean");
  return calculated && (!types.includes("string") || typeWordsOf(schema).length > 0);
}

/** Whether a string that is no expression is a template. */
export function takesTemplate(schema: AnyParamSchema): boolean {
  return typesOf(schema).includes("string") && schema.template !== false;
}
