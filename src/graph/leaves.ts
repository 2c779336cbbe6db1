/** The strings of parameters that are expressions or templates, found by the parameters' schema. Compiles nothing. */
import type { ParamSchemas } from "../nodetype/params.js";
import { type AnyParamSchema, takesExpression, takesTemplate, typeWordsOf } from "../nodetype/schema.js";
import type { JsonPath } from "./located.js";

/** A string that stands for a value. */
export interface TextLeaf {
  readonly path: JsonPath;
  readonly text: string;
  readonly kind: "expression" | "template";
  readonly schema: AnyParamSchema;
}

/** The texts in parameters, in their order. What does not fit the schema is passed over: the schema's check reports it. */
export function textLeaves(values: Readonly<Record<string, unknown>>, schemas: ParamSchemas): readonly TextLeaf[] {
  return inObject(values, schemas, []);
}

function inObject(values: object, schemas: ParamSchemas, path: JsonPath): readonly TextLeaf[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const schema = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    return schema === undefined ? [] : inValue(value, schema, [...path, name]);
  });
}

function inValue(value: unknown, schema: AnyParamSchema, path: JsonPath): readonly TextLeaf[] {
  if (typeof value === "string") return inText(value, schema, path);
  if (typeof value !== "object" || value === null) return [];
  const { items, properties } = schema;
  if (!Array.isArray(value)) return properties === undefined ? [] : inObject(value, properties, path);
  return items === undefined ? [] : value.flatMap((item, index) => inValue(item, items, [...path, index]));
}

function inText(text: string, schema: AnyParamSchema, path: JsonPath): readonly TextLeaf[] {
  const words = typeWordsOf(schema);
  if (words.includes(text)) return [];
  if (!takesExpression(schema)) return takesTemplate(schema) ? [{ path, text, kind: "template", schema }] : [];
  // A bare name has no value, so that it is a misspelt word: the schema's check knows the right ones.
  if (words.length > 0 && BARE_NAME.test(text)) return [];
  return [{ path, text, kind: "expression", schema }];
}

const BARE_NAME = /^(?!(?:true|false)$)[A-Za-z_][A-Za-z0-9_]*$/;
