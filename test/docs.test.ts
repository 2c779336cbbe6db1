/** What is generated from definitions is what stands in the repository. `UPDATE=1 npm test` writes it anew. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { pagesOf } from "../src/cli/pages.js";
import { nodeTypes } from "../src/engine/project.js";
import { graphSchemaText } from "../src/graph/schema.js";
import { describeType, type TypeDescription } from "../src/nodetype/describe.js";

const ROOT = resolve(import.meta.dirname, "../..");

function holds(path: string, text: string): void {
  const file = join(ROOT, path);
  if (process.env.UPDATE !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file) ? readFileSync(file, "utf8") : "absent").toBe(text);
}

describe("generated files", () => {
  const registry = nodeTypes();

  test("docs/nodes: every node type has its page", async () => {
    const described: TypeDescription[] = [];
    // One after another: jest's loader does not take modules that are asked for at once.
    for (const name of [...registry.names].sort()) described.push(describeType((await registry.get(name))!));
    for (const [path, text] of pagesOf(described)) holds(join("docs/nodes", path), text);
  });

  test("graphs/graph.schema.json: it knows every node type", async () => {
    holds("graphs/graph.schema.json", await graphSchemaText(registry));
  });
});
