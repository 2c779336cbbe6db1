import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createRegistry } from "../../src/nodetype/registry.js";

const node = 'export default { description: "d", version: 1, params: {} };\n';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "registry-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe("createRegistry", () => {
  test("createRegistry: a compiled file's name is its type's; a source's path is", async () => {
    const file = put("a/image/blur.js", node);
    for (const other of ["image/blur.d.ts", "image/blur.test.js", "image/deep/x.js", "y.js"]) put(`a/${other}`, node);
    put("own/studio/blur.js", node);
    put("own/studio/2d/soft.ts", node);
    put("own/studio/2d/soft.js", "stale {");
    put("own/studio/2d/soft.test.ts", node);
    put("own/studio/helper.ts", "export const half = 0.5;\n");
    put("own/studio/again.js", 'export { default } from "./blur.js";\n');
    put("own/alone.ts", node);
    const registry = createRegistry({
      compiled: [join(folder, "a"), join(folder, "absent")],
      sources: [join(folder, "own"), join(folder, "absent")],
      code: join(folder, "code"),
    });
    expect([...registry.names]).toEqual(["blur", "studio/2d/soft", "studio/again", "studio/blur"]);
    const blur = await registry.get("blur");
    expect(blur).toMatchObject({ name: "blur", module: pathToFileURL(file).href, definition: { version: 1 } });
    expect(await registry.get("blur")).toBe(blur);
    expect(await registry.get("studio/blur")).not.toBe(blur);
    expect(await registry.get("image")).toBeUndefined();
    expect(await registry.get("__proto__")).toBeUndefined();
    await expect(registry.get("studio/helper")).rejects.toThrow("helper.ts: it has no default export");
    await expect(registry.get("alone")).rejects.toThrow(
      "alone.ts: a project's own node type lies in a folder of nodes",
    );
  });

  test("createRegistry: a type is loaded when it is asked for; one that does not load names its file", async () => {
    const broken = put("a/broken.js", 'throw new Error("no such library");\n');
    const wrong = put("a/wrong.js", "export default 3;\n");
    put("a/good.js", node);
    const registry = createRegistry({ compiled: [folder] });
    expect(await registry.get("good")).toBeDefined();
    await expect(registry.get("broken")).rejects.toThrow(
      `The node type "broken" does not load: ${broken}:1:7: no such library`,
    );
    await expect(registry.get("wrong")).rejects.toThrow(`The node type "wrong" does not load: ${wrong}: its default`);
  });

  test("createRegistry: two files of one name are refused with both, by those who use them alone", async () => {
    const one = put("a/blur.js", node);
    const two = put("b/blur.js", node);
    put("b/sharpen.js", node);
    const registry = createRegistry({ compiled: [folder] });
    await expect(registry.get("blur")).rejects.toThrow(`Two files make the node type "blur": ${one} and ${two}`);
    expect(await registry.get("sharpen")).toBeDefined();
  });
});
