/** Graphs that an older version of a node type saved: read as the present one, and written so with their comments. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { migrateText } from "../../src/graph/migrate.js";
import { createRegistry } from "../../src/nodetype/registry.js";
import { check, graphOf, problems } from "./helpers.js";

const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-migrate-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "nodes/studio"), { recursive: true });
writeFileSync(
  join(folder, "nodes/studio/blur.ts"),
  `import { defineNode } from "dag-cook";
export default defineNode({
  description: "Blurs.",
  version: 3,
  params: {
    size: { type: "number", minimum: 0, default: 1, description: "Radius." },
    edge: { type: "object", default: {}, description: "Edges.", properties: { mode: { type: "string", enum: ["clamp", "wrap"], default: "clamp", description: "How." } } },
    passes: { type: "integer", default: 1, description: "How often." },
  },
  migrate: {
    1: ({ radius, ...others }) => ({ ...others, ...(radius !== undefined && { size: radius }) }),
    2: ({ wrap, ...others }) => {
      if (wrap === "broken") throw new Error("it cannot be told what was meant");
      return wrap === undefined ? others : { ...others, edge: { mode: wrap ? "wrap" : "clamp" }, passes: 2 };
    },
  },
});
`,
);
const registry = createRegistry({ sources: [join(folder, "nodes")], code: join(folder, "code") });
const graph = (type: string, params: string) => `{
  "version": 1,
  "nodes": {
    // the first
    "soft": { "type": "${type}", ${params} }
  }
}
`;

describe("pinned node types", () => {
  test("pin: the present version is as without a pin", async () => {
    const pinned = await graphOf(graph("studio/blur@3", '"params": { "size": 2 }'), { registry });
    const plain = await graphOf(graph("studio/blur", '"params": { "size": 2 }'), { registry });
    expect(pinned.nodes.get("soft")!.type).toBe(plain.nodes.get("soft")!.type);
    expect(pinned.nodes.get("soft")!.params.constant).toEqual(plain.nodes.get("soft")!.params.constant);
  });

  test("pin: an older version is migrated step by step, and said", async () => {
    const checked = await check(graph("studio/blur@1", '"params": { "radius": 4, "wrap": true }'), { registry });
    expect(checked.graph?.nodes.get("soft")?.params.constant).toEqual({ size: 4, edge: { mode: "wrap" }, passes: 2 });
    expect(checked.diagnostics).toMatchObject([
      {
        severity: "warning",
        message: 'Node "soft" wants version 1 of "studio/blur", and is read as version 3; dag migrate writes it so.',
      },
    ]);
  });

  test("pin: a migrated value that is wrong is told where it stands under its old name", async () => {
    const text = graph("studio/blur@1", '"params": { "radius": -4 }');
    const [first] = (await problems(text, { registry })).filter((line) => !line.includes("warning"));
    expect(first).toBe('graphs/a.json:5:62 Parameter "size" of node "soft" must be at least 0, not -4.');
  });

  test("pin: a version that is not here, a type that is not here, a migration that fails", async () => {
    expect(await problems(graph("studio/blur@4", '"params": {}'), { registry })).toEqual([
      'graphs/a.json:5:23 Node "soft" wants version 4 of "studio/blur"; here it is version 3.',
    ]);
    expect(await problems(graph("studio/blurr@1", '"params": {}'), { registry })).toEqual([
      'graphs/a.json:5:23 There is no node type "studio/blurr". Did you mean "studio/blur"?',
    ]);
    expect(await problems(graph("studio/blur@2", '"params": { "wrap": "broken" }'), { registry })).toContain(
      'graphs/a.json:5:23 Node "soft" wants version 2 of "studio/blur", and cannot be read as version 3: it cannot be told what was meant',
    );
  });
});

describe("migrateText", () => {
  test("migrateText: names and values change in place, comments and layout stay", async () => {
    const text = `{
  "version": 1, // of the file
  "nodes": {
    "soft": {
      "type": "studio/blur@1", // pinned
      "params": {
        "radius": 4, // in pixels
        /* edges */ "wrap": true
        // the end
      }
    },
    "hard": { "type": "studio/blur@2", "params": { "wrap": false, "size": 2 } },
    "none": { "type": "studio/blur@2", "params": { "wrap": false } },
    "other": { "type": "studio/blur" }
  }
}
`;
    const migrated = await migrateText(text, registry);
    expect(migrated.migrations).toEqual([
      { node: "soft", type: "studio/blur", from: 1, to: 3 },
      { node: "hard", type: "studio/blur", from: 2, to: 3 },
      { node: "none", type: "studio/blur", from: 2, to: 3 },
    ]);
    expect(migrated.text).toBe(`{
  "version": 1, // of the file
  "nodes": {
    "soft": {
      "type": "studio/blur@3", // pinned
      "params": {
        "size": 4, // in pixels
        /* edges */
        // the end
        "edge": { "mode": "wrap" },
        "passes": 2
      }
    },
    "hard": { "type": "studio/blur@3", "params": { "size": 2, "edge": { "mode": "clamp" }, "passes": 2 } },
    "none": { "type": "studio/blur@3", "params": { "edge": { "mode": "clamp" }, "passes": 2 } },
    "other": { "type": "studio/blur" }
  }
}
`);
    const { graph: read, diagnostics } = await check(migrated.text, { registry });
    expect(diagnostics).toEqual([]);
    expect(read?.nodes.get("soft")?.params.constant).toEqual({ size: 4, edge: { mode: "wrap" }, passes: 2 });
    expect(await migrateText(migrated.text, registry)).toEqual({ text: migrated.text, migrations: [] });
  });

  test("migrateText: without a pin, parameters that the type no longer has tell the version", async () => {
    const text = graph("studio/blur", '"params": { "radius": "@x + 1" }');
    const migrated = await migrateText(text, registry);
    expect(migrated.migrations).toMatchObject([{ from: 1, to: 3 }]);
    expect(migrated.text).toBe(text.replace("radius", "size"));
    const wrong = graph("studio/blur", '"params": { "radios": 1 }');
    expect(await migrateText(wrong, registry)).toEqual({ text: wrong, migrations: [] });
  });
});
