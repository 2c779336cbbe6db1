/** The JSON Schema of graph files that use a registry's node types: editors complete and check with it. */
import { describedInputs } from "../nodetype/describe.js";
import { loadAll, type RegisteredNodeType, type Registry } from "../nodetype/registry.js";
import { fileSchema, type JsonSchema, requiredOf } from "../nodetype/schema.js";
import { GRAPH_VERSION, NODE_NAME, SETTINGS, VARIABLE_NAME } from "./file.js";

/**
 * JSON Schema (draft 7) of graph files. Says less than the check: names of nodes, types of expressions and what a node
 * type checks itself are beyond it. Node files that do not load are left out.
 */
export async function graphSchema(registry: Registry): Promise<JsonSchema> {
  const { types } = await loadAll(registry);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "dag graph",
    type: "object",
    properties: {
      $schema: { type: "string" },
      version: { const: GRAPH_VERSION },
      variables: {
        description: "Values of $NAME.",
        type: "object",
        propertyNames: { pattern: VARIABLE_NAME.source },
        additionalProperties: { type: "string" },
      },
      nodes: {
        type: "object",
        propertyNames: { pattern: NODE_NAME.source },
        additionalProperties: nodeSchema(types),
      },
      inputs: {
        description: "What comes in where a node stands for this graph; its nodes read it as `:NAME`.",
        type: "object",
        additionalProperties: {
          type: "object",
          properties: { description: { type: "string" }, optional: { type: "boolean" } },
          additionalProperties: false,
        },
      },
      outputs: {
        description: "What comes out of a node that stands for this graph, the first by the node's name alone.",
        type: "object",
        additionalProperties: { $ref: "#/definitions/sources" },
      },
      params: {
        description: "Parameters of a node that stands for this graph, and those that they are: `tiles.size`.",
        type: "object",
        additionalProperties: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
      },
    },
    required: ["version", "nodes"],
    additionalProperties: false,
    definitions: { sources: { type: "array", items: { type: "string" }, uniqueItems: true } },
  };
}

/** The text of `graphs/graph.schema.json`. */
export async function graphSchemaText(registry: Registry): Promise<string> {
  return `${JSON.stringify(await graphSchema(registry), null, 2)}\n`;
}

function nodeSchema(types: readonly RegisteredNodeType[]): JsonSchema {
  return {
    type: "object",
    properties: {
      type: {
        anyOf: [
          {
            enum: types.map((type) => type.name),
            enumDescriptions: types.map((type) => type.definition.description),
          },
          { pattern: `^(${types.map(({ name }) => name).join("|")})@[1-9][0-9]*$` },
        ],
      },
      inputs: {},
      params: {},
      ...SETTINGS,
    },
    required: ["type"],
    additionalProperties: false,
    allOf: types.map((type) => ({
      // What an older version saved is for that version to know.
      if: {
        properties: { type: { enum: [type.name, `${type.name}@${type.definition.version}`] } },
        required: ["type"],
      },
      // biome-ignore lint/suspicious/noThenProperty: a word of JSON Schema
      then: typeSchema(type),
    })),
  };
}

function typeSchema(type: RegisteredNodeType): JsonSchema {
  const required = [
    ...(requiredOf(type.definition.params).length > 0 ? ["params"] : []),
    ...([...describedInputs(type).values()].some((input) => !input.optional) ? ["inputs"] : []),
  ];
  const params = fileSchema(type.definition.params);
  // What stands for a graph has the inputs and parameters that its file declares.
  if (type.definition.graphIn !== undefined)
    return { properties: { params: { ...params, additionalProperties: true }, inputs: ANY_INPUTS }, required };
  return { properties: { params, inputs: inputsSchema(type) }, required };
}

const ANY_INPUTS: JsonSchema = {
  anyOf: [
    { $ref: "#/definitions/sources" },
    { type: "object", additionalProperties: { $ref: "#/definitions/sources" } },
  ],
};

function inputsSchema(type: RegisteredNodeType): JsonSchema {
  const inputs = [...describedInputs(type)];
  const sources = { $ref: "#/definitions/sources" };
  const named = {
    type: "object",
    properties: Object.fromEntries(inputs.map(([name, { description }]) => [name, { description, ...sources }])),
    required: inputs.filter(([, { optional }]) => !optional).map(([name]) => name),
    additionalProperties: false,
  };
  return { anyOf: [inputs.length === 0 ? { type: "array", maxItems: 0 } : sources, named] };
}
