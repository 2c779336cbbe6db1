import { expect, test } from "@jest/globals";
import { defineNode } from "../../src/nodetype/define.js";
import { describeType } from "../../src/nodetype/describe.js";

const definition = defineNode({
  description: "Does a thing.",
  version: 2,
  params: {
    size: {
      type: "integer",
      minimum: 16,
      maximum: 64,
      multipleOf: 2,
      words: ["all"],
      default: 32,
      description: "Edge.",
    },
    format: { type: "string", enum: ["png", "exr"], default: "png", description: "Format." },
    where: { type: "string", path: "output", required: true, effect: false, description: "Folder." },
    noise: {
      type: "object",
      description: "Noise.",
      required: ["list"],
      properties: {
        amount: { type: "number", exclusiveMinimum: 0, exclusiveMaximum: 1, default: 0.5, description: "Amount." },
        list: {
          type: "array",
          minItems: 1,
          maxItems: 3,
          items: { type: "object", properties: { name: { type: "string", minLength: 1, description: "Name." } } },
          description: "Some.",
        },
      },
    },
  },
});

test("describeType: each parameter is a row, nested ones after their parent", () => {
  const { params, ...about } = describeType({ name: "thing", module: "file:///thing.js", definition });
  expect(about).toEqual({
    name: "thing",
    version: 2,
    description: "Does a thing.",
    attributes: {},
    attributesVary: false,
    outputs: [],
    inputs: [{ name: "main", description: "Work items to process.", optional: true }],
  });
  const cells = params.map((row) => [row.name, row.type, row.default, row.range, row.required, row.effect]);
  expect(cells).toEqual([
    ["size", 'integer or "all"', "32", "≥ 16, ≤ 64, multiple of 2", false, true],
    ["format", '"png" or "exr"', '"png"', "", false, true],
    ["where", "output path", "", "", true, false],
    ["noise", "object", "", "", false, true],
    ["noise.amount", "number", "0.5", "> 0, < 1", false, true],
    ["noise.list", "list of object", "", "items ≥ 1, items ≤ 3", true, true],
    ["noise.list[].name", "string", "", "characters ≥ 1", false, true],
  ]);
  expect(params[0]?.description).toBe("Edge.");
});
