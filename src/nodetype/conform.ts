/** Values against a JSON Schema, through ajv, in our words. Knows no graph: the caller says whose values they are. */
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { serialize } from "node:v8";
import type { Ajv, ErrorObject, ValidateFunction } from "ajv";
import { nearest } from "../base/suggest.js";
import type { ParamSchemas } from "./params.js";
import { type JsonSchema, ownSchema } from "./schema.js";

/** What is wrong with a value inside the values. */
export interface Violation {
  /** Keys and indices down to the value; for an absent or unknown one, its name is the last. */
  readonly path: readonly (string | number)[];
  readonly kind: "unknown" | "missing" | "value";
  /** For `value`: what must be, such as `must be at least 16, not 8`. */
  readonly message: string;
  readonly suggestion?: string;
}

/** Says what is wrong with values; an empty list: nothing. */
export type Conform = (values: unknown) => readonly Violation[];

/** All errors with their values; NaN is no number; `words` and the like are passed over. */
const OPTIONS = {
  allErrors: true,
  verbose: true,
  strict: false,
  strictNumbers: true,
  ownProperties: true,
  logger: false,
} as const;

/** Values that conformed before, by digest of schema and values: where all did, ajv is not loaded. */
export interface Conformed {
  has(digest: string): boolean;
  add(digest: string): void;
}

/** Above as many, loading ajv is cheaper than their digests. */
const MOST_REMEMBERED = 2048;

const NOTHING: Conformed = { has: () => false, add: () => {} };
const require = createRequire(import.meta.url);
let ajv: Ajv | undefined;
const ofParams = new WeakMap<ParamSchemas, ValidatorOf>();

/** Compiles a schema with the first values that are not among those that conformed before. */
export function conformTo(schema: JsonSchema, before: Conformed = NOTHING): Conform {
  return conforming(validatorOf(schema), before);
}

/** The check of a node type's evaluated parameters, compiled once for each type. */
export function conformToParams(params: ParamSchemas, before: Conformed = NOTHING): Conform {
  const validator = ofParams.get(params) ?? validatorOf(ownSchema(params));
  ofParams.set(params, validator);
  return conforming(validator, before);
}

interface ValidatorOf {
  readonly schema: () => string;
  readonly compiled: () => ValidateFunction;
}

function validatorOf(schema: JsonSchema): ValidatorOf {
  let text: string | undefined;
  let validate: ValidateFunction | undefined;
  return {
    schema: () => (text ??= JSON.stringify(schema)),
    compiled: () => (validate ??= loadAjv().compile(schema)),
  };
}

/** Loaded with the first values to be checked: it costs a start 40 ms. */
function loadAjv(): Ajv {
  if (ajv === undefined) {
    const module = require("ajv") as typeof import("ajv");
    ajv = new module.Ajv({ ...OPTIONS });
  }
  return ajv;
}

function conforming({ schema, compiled }: ValidatorOf, before: Conformed): Conform {
  let looked = 0;
  return (values) => {
    const digest = before === NOTHING || ++looked > MOST_REMEMBERED ? undefined : digestOf(schema(), values);
    if (digest !== undefined && before.has(digest)) return [];
    const validate = compiled();
    if (!validate(values)) return violations(validate);
    if (digest !== undefined) before.add(digest);
    return [];
  };
}

// Unlike JSON, serialize tells NaN from null, and what is undefined from what is absent.
function digestOf(schema: string, values: unknown): string {
  return createHash("sha256").update(schema).update(serialize(values)).digest("hex").slice(0, 32);
}

function violations(validate: ValidateFunction): readonly Violation[] {
  const errors = validate.errors ?? [];
  const wrongType = new Set(errors.filter((error) => error.keyword === "type").map((error) => error.instancePath));
  // "if" only says that another one failed; beside a wrong type, nothing else about the value matters.
  return errors
    .filter(({ keyword, instancePath }) => keyword !== "if" && (keyword === "type" || !wrongType.has(instancePath)))
    .map(violation);
}

function violation(error: ErrorObject): Violation {
  const path = pathOf(error.instancePath);
  const { params } = error as { params: Record<string, unknown> };
  if (error.keyword === "required")
    return { path: [...path, String(params.missingProperty)], kind: "missing", message: "must be given" };
  if (error.keyword === "additionalProperties") {
    const name = String(params.additionalProperty);
    const properties = (error.parentSchema as { properties?: object } | undefined)?.properties ?? {};
    return { path: [...path, name], kind: "unknown", message: "is unknown", ...suggest(name, Object.keys(properties)) };
  }
  const allowed = params.allowedValues as readonly unknown[] | undefined;
  const words = allowed ?? (error.parentSchema?.words as readonly unknown[] | undefined) ?? [];
  const names = words.filter((each) => typeof each === "string");
  const suggestion = typeof error.data === "string" ? suggest(error.data, names) : {};
  return { path, kind: "value", message: `must ${demand(error, params)}`, ...suggestion };
}

function suggest(name: string, candidates: readonly string[]): { suggestion?: string } {
  const suggestion = nearest(name, candidates);
  return suggestion === undefined ? {} : { suggestion };
}

function pathOf(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

const BOUNDS: Readonly<Record<string, string>> = {
  ">=": "be at least",
  "<=": "be at most",
  ">": "be greater than",
  "<": "be less than",
};

function demand(error: ErrorObject, params: Record<string, unknown>): string {
  const not = `, not ${shown(error.data)}`;
  const limit = Number(params.limit);
  switch (error.keyword) {
    case "type":
      return `be ${typeWords(error.schema as string | readonly string[], error.parentSchema?.words)}${not}`;
    case "const":
      return `be ${shown(error.schema)}${not}`;
    case "enum":
      return `be one of ${(params.allowedValues as readonly unknown[]).map((each) => JSON.stringify(each)).join(", ")}${not}`;
    case "multipleOf":
      return `be a multiple of ${params.multipleOf}${not}`;
    case "pattern":
      return `match /${params.pattern}/${not}`;
    case "minLength":
      return limit === 1 ? "not be empty" : `have at least ${limit} characters${not}`;
    case "minItems":
      return `have at least ${counted(limit)}, not ${(error.data as unknown[]).length}`;
    case "maxItems":
      return `have at most ${counted(limit)}, not ${(error.data as unknown[]).length}`;
    case "uniqueItems":
      return `not have the same item twice (${[params.i, params.j].sort().join(" and ")}, counted from 0)`;
    default:
      return `${BOUNDS[String(params.comparison)] ?? error.message} ${params.limit}${not}`;
  }
}

function counted(items: number): string {
  return items === 1 ? "1 item" : `${items} items`;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  integer: "a whole number",
  number: "a number",
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  null: "null",
};

function typeWords(type: string | readonly string[], words: readonly string[] = []): string {
  const types = typeof type === "string" ? [type] : type;
  return [...types.map((each) => TYPE_WORDS[each] ?? each), ...words.map(shown)].join(" or ");
}

/** A value as a message shows it: JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = typeof value === "number" ? String(value) : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
