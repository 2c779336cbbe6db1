/** The shape of a graph file, as types and as the schema of all but the nodes' parameters. Knows no node types. */
import type { Json } from "../nodetype/define.js";
import { type JsonSchema, orWords } from "../nodetype/schema.js";

/** The version of the graph file that this program reads. */
export const GRAPH_VERSION = 1;

/** A graph file's JSON, where nothing is wrong with it. */
export interface GraphFile {
  readonly $schema?: string;
  readonly version: typeof GRAPH_VERSION;
  readonly variables?: Readonly<Record<string, string>>;
  readonly nodes: Readonly<Record<string, NodeFile>>;
}

/** One node in a graph file. */
export interface NodeFile extends NodeSettings {
  readonly type: string;
  /** Merged into the first declared input, or by declared input. */
  readonly inputs?: readonly string[] | Readonly<Record<string, readonly string[]>>;
  readonly params?: Readonly<Record<string, Json>>;
}

/** What every node may be told, whatever its type. */
export interface NodeSettings {
  readonly schedule_when?: string | number | boolean;
  readonly label?: string | { readonly default: true } | { readonly inherit: true } | { readonly node: true };
  readonly priority?: string | number | { readonly inherit: true } | { readonly node: true };
  readonly scheduler?: "local";
  readonly generate_when?: "automatic" | "all_upstream_generated" | "all_upstream_cooked" | "each_upstream_cooked";
  readonly cache_mode?: "automatic" | "always_read" | "always_write" | "never";
  readonly on_failure?: "fail" | "retry" | "ignore" | "block";
  readonly retries?: number;
  /** Seconds. */
  readonly retry_delay?: number;
  /** Seconds; null: none. */
  readonly timeout?: number | null;
  /** Megabytes; null: any. */
  readonly memory_limit?: number | null;
  readonly slots?: { readonly cpu?: number | "all"; readonly gpu?: number };
  readonly batch_size?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly bypass?: boolean;
}

/** What names of nodes look like: they stand in names of work items, of files, and before `.` and `:`. */
export const NODE_NAME = /^[A-Za-z][A-Za-z0-9_-]*$/;

/** What names of variables look like. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Variables that the engine gives. */
export const RESERVED_VARIABLES = ["HIP", "JOB", "OS"];

const mode = (...names: string[]) => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, { const: true }])),
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
});

/** JSON Schemas of a node's settings, by key; forms that exclude each other stand behind `if`, for clear errors. */
export const SETTINGS: Readonly<Record<keyof NodeSettings, JsonSchema>> = {
  schedule_when: {
    description: "Expression; an item for which it is 0 or false is not scheduled.",
    type: ["string", "number", "boolean"],
  },
  label: {
    description: 'Template of the items\' labels, or {"default": true}, {"inherit": true}, {"node": true}.',
    if: { type: "object" },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: mode("default", "inherit", "node"),
    else: { type: ["string", "object"] },
  },
  priority: {
    description: 'Expression, higher first, or {"inherit": true}, {"node": true}.',
    if: { type: "object" },
    // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
    then: mode("inherit", "node"),
    else: { type: ["string", "number", "object"] },
  },
  scheduler: { description: "Where the items cook.", enum: ["local"] },
  generate_when: {
    description: "When the node makes its items.",
    enum: ["automatic", "all_upstream_generated", "all_upstream_cooked", "each_upstream_cooked"],
  },
  cache_mode: {
    description: "How results are kept: always_read fails an item whose result is not there.",
    enum: ["automatic", "always_read", "always_write", "never"],
  },
  on_failure: { description: "What a failed item means.", enum: ["fail", "retry", "ignore", "block"] },
  retries: {
    description: "How often a failed item is tried again, where on_failure is retry; 3 unless given.",
    type: "integer",
    minimum: 0,
  },
  retry_delay: {
    description:
      "Seconds from the first failed attempt to the next one; doubled with each further one, up to a minute; 0.5 unless given.",
    type: "number",
    minimum: 0,
  },
  timeout: { description: "Seconds that an item may cook; null: any.", type: ["number", "null"], exclusiveMinimum: 0 },
  memory_limit: {
    description:
      "Megabytes that the worker of an item may use; one that uses more is ended, and the attempt fails; null: any.",
    type: ["number", "null"],
    exclusiveMinimum: 0,
  },
  slots: {
    description: "What an item holds of the machine while it cooks.",
    type: "object",
    properties: {
      cpu: orWords({ type: "integer", minimum: 0 }, ["all"]),
      gpu: { type: "integer", minimum: 0 },
    },
    additionalProperties: false,
  },
  batch_size: { description: "How many items a worker gets at once.", type: "integer", minimum: 1 },
  env: {
    description: "Environment variables of the items' workers; templates.",
    type: "object",
    additionalProperties: { type: "string" },
  },
  bypass: { description: "Whether the node hands its inputs on as they are.", type: "boolean" },
};

/** The keys of a node. */
export const NODE_KEYS: readonly string[] = ["type", "inputs", "params", ...Object.keys(SETTINGS)];

/** The schema of all settings of a node together. */
export const SETTINGS_SCHEMA: JsonSchema = { type: "object", properties: SETTINGS };
