/** What an editor makes of the graph's JSON Schema: a real JSON language service, a project's own node types among the others. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { getLanguageService, type LanguageService, TextDocument } from "vscode-json-languageservice";
import { graphSchemaText } from "../../src/graph/schema.js";
import { createRegistry } from "../../src/nodetype/registry.js";

const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-editor-"));
let service: LanguageService;

beforeAll(async () => {
  mkdirSync(join(folder, "nodes/studio"), { recursive: true });
  writeFileSync(
    join(folder, "nodes/studio/blur.ts"),
    `import { defineNode } from "dag-cook";
export default defineNode({
  description: "Blurs softly.",
  version: 2,
  params: {
    radius: { type: "number", minimum: 0, default: 1, description: "How far." },
    edge: { type: "string", enum: ["clamp", "wrap"], default: "clamp", description: "What lies beyond." },
  },
});
`,
  );
  writeFileSync(join(folder, "nodes/studio/broken.ts"), "export default {");
  const registry = createRegistry({
    compiled: [join(import.meta.dirname, "../../nodes")],
    sources: [join(folder, "nodes")],
    code: join(folder, "code"),
  });
  const schema = await graphSchemaText(registry);
  service = getLanguageService({ schemaRequestService: async () => schema });
  service.configure({ validate: true, allowComments: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

function open(node: string) {
  const marked = `{ "$schema": "file:///graph.schema.json", "version": 1, "nodes": { "soft": ${node} } }`;
  const text = marked.replace("|", "");
  const document = TextDocument.create("file:///g.json", "json", 1, text);
  const parsed = service.parseJSONDocument(document);
  const at = document.positionAt(marked.indexOf("|"));
  return { document, parsed, at };
}

/** What the service finds wrong. */
async function problems(node: string): Promise<readonly string[]> {
  const { document, parsed } = open(node);
  return (await service.doValidation(document, parsed)).map(({ message }) => String(message));
}

/** Labels that it offers at the bar. */
async function offered(node: string): Promise<readonly string[]> {
  const { document, parsed, at } = open(node);
  return ((await service.doComplete(document, at, parsed))?.items ?? []).map(({ label }) => label);
}

describe("the graph's schema in an editor", () => {
  test("completion: types, a project's own among them; parameters and values of the type that stands there", async () => {
    const types = await offered('{ "type": "|" }');
    expect(types).toEqual(expect.arrayContaining(['"wedge"', '"image_import"', '"studio/blur"']));
    expect(types).not.toContain('"studio/broken"');
    for (const type of ["studio/blur", "studio/blur@2"])
      expect(await offered(`{ "type": "${type}", "params": { "|" } }`)).toEqual(["radius", "edge"]);
    const values = await offered('{ "type": "studio/blur", "params": { "edge": "|" } }');
    expect(values).toEqual(expect.arrayContaining(['"clamp"', '"wrap"']));
  });

  test("validation: a good node, an expression and pins pass", async () => {
    expect(await problems('{ "type": "studio/blur", "params": { "radius": 2, "edge": "wrap" } }')).toEqual([]);
    expect(await problems('{ "type": "studio/blur@2", "params": { "radius": "@width / 100" } }')).toEqual([]);
    expect(await problems('{ "type": "studio/blur@1", "params": { "size": 2 } }')).toEqual([]);
  });

  test.each([
    ['{ "type": "studio/blurr" }', /pattern|valid|Value/],
    ['{ "type": "studio/blur", "params": { "radios": 2 } }', /Property radios is not allowed/],
    ['{ "type": "studio/blur", "params": { "edge": "round" } }', /Value is not accepted|does not match/],
    ['{ "type": "studio/blur", "params": { "radius": -1 } }', /minimum|Incorrect type/],
    ['{ "type": "sort" }', /Missing property "params"/],
  ])("validation: %s is marked", async (node, message) => {
    expect((await problems(node)).join("\n")).toMatch(message);
  });

  test("hover: a parameter tells what it means", async () => {
    const { document, parsed, at } = open('{ "type": "studio/blur", "params": { "rad|ius": 2 } }');
    expect(JSON.stringify(await service.doHover(document, at, parsed))).toContain("How far");
  });
});
