import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { Ajv } from "ajv";
import { plain } from "../../src/graph/located.js";
import { readJson } from "../../src/graph/read.js";
import { graphSchema, graphSchemaText } from "../../src/graph/schema.js";
import { createRegistry } from "../../src/nodetype/registry.js";

const fixtures = createRegistry({ compiled: [join(import.meta.dirname, "nodes")] });

async function accepts(nodes: string): Promise<boolean> {
  const validate = new Ajv({ strict: false, logger: false }).compile(await graphSchema(fixtures));
  return validate(plain(readJson("g.json", `{ "version": 1, "nodes": { ${nodes} } }`).root!));
}

describe("graphSchema", () => {
  test("graphSchema: it is a schema that strict JSON Schema readers accept, node types' words aside", async () => {
    const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false });
    for (const word of ["enumDescriptions", "words"]) ajv.addKeyword(word);
    expect(() => ajv.compile({})).not.toThrow();
    expect(ajv.compile(await graphSchema(fixtures))({ version: 1, nodes: {} })).toBe(true);
  });

  test("graphSchema: numbers may be expressions, words and templates are allowed", async () => {
    expect(await accepts('"r": { "type": "resize", "params": { "size": 32, "sharpen": true, "format": "exr" } }')).toBe(
      true,
    );
    expect(await accepts('"r": { "type": "resize", "params": { "size": "@x", "sharpen": "1", "format": "$F" } }')).toBe(
      true,
    );
    expect(await accepts('"r": { "type": "resize", "params": { "noise": { "channels": [0, "@x"] } } }')).toBe(true);
    expect(await accepts('"t": { "type": "tiles", "params": { "directory": "d", "size": "half" } }')).toBe(true);
    expect(await accepts('"r": { "type": "resize", "slots": { "cpu": "all" }, "label": { "inherit": true } }')).toBe(
      true,
    );
  });

  test("graphSchema: what cannot be right is refused", async () => {
    expect(await accepts('"r": { "type": "resise" }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "params": { "sise": 32 } }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "params": { "size": 8 } }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "params": { "format": "pgn" } }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "params": { "noise": { "amont": 1 } } }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "prams": {} }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "cache_mode": "nevr" }')).toBe(false);
    expect(await accepts('"r": { "type": "resize", "label": { "inherits": true } }')).toBe(false);
    expect(await accepts('"t": { "type": "tiles", "params": {} }')).toBe(false);
    expect(await accepts('"t": { "type": "tiles", "params": { "directory": "d" }, "inputs": ["a"] }')).toBe(false);
    expect(await accepts('"a": { "type": "apply", "inputs": { "model": ["m"] } }')).toBe(false);
    expect(await accepts('"a": { "type": "apply" }')).toBe(false);
  });

  test("graphSchema: parameters carry their description and default for editors", async () => {
    const text = await graphSchemaText(fixtures);
    expect(text).toContain('"description": "Edge in pixels."');
    expect(text).toContain('"default": 256');
    expect(text.endsWith("}\n")).toBe(true);
  });
});
