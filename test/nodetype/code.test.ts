import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { CodeReader } from "../../src/nodetype/code.js";

const folder = mkdtempSync(join(tmpdir(), "dag-code-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const codeOf = (name: string) => new CodeReader().codeOf(pathToFileURL(join(folder, name)).href);

describe("code of a node type", () => {
  write({
    "a/node.js":
      'import { loss } from "./loss.js";\nexport default { cook: async () => (await import("./deep/heavy.js")).go(loss) };',
    "a/loss.js": "export const loss = 1;",
    "a/deep/heavy.js": 'import "sharp";\nexport { go } from "../more.js";',
    "a/more.js": "export const go = 2;",
    "a/unrelated.js": "export const other = 1;",
    "node_modules/sharp/package.json": '{ "name": "sharp", "version": "9.9.9" }',
  });

  test("modules: static and literal dynamic imports are followed, packages are named with their version", () => {
    const code = codeOf("a/node.js");
    expect(code.modules.map((url) => url.slice(url.lastIndexOf("/a/")))).toEqual([
      "/a/deep/heavy.js",
      "/a/loss.js",
      "/a/more.js",
      "/a/node.js",
    ]);
    expect(code.packages).toEqual(["sharp@9.9.9"]);
    expect(code.opaque).toEqual([]);
  });

  test("digest: an edit of a reached module changes it, an edit of another does not", () => {
    const before = codeOf("a/node.js").digest;
    write({ "a/unrelated.js": "export const other = 2;" });
    expect(codeOf("a/node.js").digest).toBe(before);
    write({ "a/deep/heavy.js": 'import "sharp";\nexport { go } from "../more.js"; // edited' });
    expect(codeOf("a/node.js").digest).not.toBe(before);
  });

  test("digest: the same code in another folder is the same code", () => {
    write({ "one/n.js": 'import "./m.js";', "one/m.js": "1;", "two/n.js": 'import "./m.js";', "two/m.js": "1;" });
    expect(codeOf("one/n.js").digest).toBe(codeOf("two/n.js").digest);
  });

  test("imports that no digest can see are told", () => {
    write({ "b/node.js": "export default (name) => import(name);" });
    expect(codeOf("b/node.js").opaque).toEqual([`${join(folder, "b/node.js")}:32`]);
  });

  test("the package's own doors are followed to the files behind them", () => {
    write({ "c/node.js": 'import { defineNode } from "dag-cook";\nexport default defineNode({});' });
    const { modules, packages } = codeOf("c/node.js");
    expect(modules.some((url) => url.endsWith("/src/nodetype/define.js"))).toBe(true);
    expect(modules.some((url) => /\/src\/(schedule|cook|cache|worker)\//.test(url))).toBe(false);
    expect(packages).toEqual([]);
  });
});
