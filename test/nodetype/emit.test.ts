/** Sources as they are imported: stripped, in a folder named by what is in it, with the author's places in every message. */
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { CodeReader } from "../../src/nodetype/code.js";
import { Emitter } from "../../src/nodetype/emit.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-emit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const emit = (name: string) => new Emitter(join(folder, ".dag/code")).emit(join(folder, name));
const import_ = async (name: string) => (await import((await emit(name)).module)) as { default: unknown };

describe("emitted code", () => {
  test("TypeScript: types are taken out, lines and columns stay, helpers come along under both their names", async () => {
    write({
      "nodes/studio/a.ts":
        'import { half, type Half } from "../../lib/half.ts";\nimport { two } from "./two.js";\nexport default ((half as Half) * two) satisfies number;\n',
      "nodes/studio/two.ts": "export const two: number = 2;\n",
      "lib/half.ts": "export type Half = number;\nexport const half: Half = 0.5;\n",
    });
    expect((await import_("nodes/studio/a.ts")).default).toBe(1);
    const { module, sources } = await emit("nodes/studio/a.ts");
    expect([...sources.values()].sort()).toEqual(
      ["lib/half.ts", "nodes/studio/a.ts", "nodes/studio/two.ts"].map((name) => join(folder, name)),
    );
    const text = readFileSync(fileURLToPath(module), "utf8");
    const source = readFileSync(join(folder, "nodes/studio/a.ts"), "utf8");
    expect(text.split("\n").map((line) => line.length)).toEqual(source.split("\n").map((line) => line.length));
  });

  test("folder: the same text is the same module, an edit of a helper is another", async () => {
    write({
      "a.ts": 'export { x as default } from "./x.ts";\n',
      "x.ts": "export const x = 1;\n",
      "y.ts": "export {};\n",
    });
    const before = await emit("a.ts");
    write({ "y.ts": "export const y = 1;\n" });
    expect((await emit("a.ts")).module).toBe(before.module);
    write({ "x.ts": "export const x = 2;\n" });
    const after = await emit("a.ts");
    expect(after.module).not.toBe(before.module);
    expect([(await import(before.module)).default, (await import(after.module)).default]).toEqual([1, 2]);
  });

  test("packages: a bare import finds what it finds from the source, wherever that lies; its version is in the code", async () => {
    const package_ = (text: string, version: string) => ({
      "package.json": JSON.stringify({ name: "paint", version, type: "module", main: "p.js" }),
      "p.js": text,
    });
    const install = (at: string, files: Record<string, string>) =>
      write(
        Object.fromEntries(Object.entries(files).map(([name, text]) => [`${at}/node_modules/paint/${name}`, text])),
      );
    install(".", package_('export default "outer";\n', "1.0.0"));
    install("deep", package_('export default "inner";\n', "2.0.0"));
    const text =
      'import paint from "paint";\nimport { defineNode } from "dag-cook";\nexport default [paint, typeof defineNode];\n';
    write({ "a.js": text, "deep/a.js": text });
    expect((await import_("a.js")).default).toEqual(["outer", "function"]);
    expect((await import_("deep/a.js")).default).toEqual(["inner", "function"]);
    const { module } = await emit("deep/a.js");
    expect(new CodeReader().codeOf(module, "cook").packages).toEqual(["paint@2.0.0"]);
  });

  test("files beside the module that it names come along, and are its code", async () => {
    write({
      "a.ts":
        'import { readFileSync } from "node:fs";\nexport default readFileSync(new URL("./data/table.csv", import.meta.url), "utf8");\n',
      "data/table.csv": "1,2\n",
    });
    expect((await import_("a.ts")).default).toBe("1,2\n");
    const before = new CodeReader().codeOf((await emit("a.ts")).module, "cook").digest;
    write({ "data/table.csv": "3,4\n" });
    expect((await import_("a.ts")).default).toBe("3,4\n");
    expect(new CodeReader().codeOf((await emit("a.ts")).module, "cook").digest).not.toBe(before);
  });

  test("code: it is the same in another folder", async () => {
    const files = {
      "nodes/s/a.ts": 'export { x as default } from "../x.ts";\n',
      "nodes/x.ts": "export const x = 1;\n",
    };
    write(Object.fromEntries(["one", "two"].flatMap((at) => Object.entries(files).map(([n, t]) => [`${at}/${n}`, t]))));
    const [one, two] = [await emit("one/nodes/s/a.ts"), await emit("two/nodes/s/a.ts")];
    expect(one.module).toBe(two.module);
  });

  test.each([
    ["export const a: number = ;\n", "a.ts:1:26: Expression expected"],
    [
      "\nenum A { x }\nexport default A;\n",
      "a.ts:2:1: TypeScript enum is more than a type, and only types are taken out",
    ],
    ['\n  import "./b";\n', 'a.ts:2:11: it names "./b", which does not exist (is "./b.ts" meant?)'],
    ['import "#b";\n', 'a.ts:1:9: "#b": import the file by its relative path'],
  ])("a source that cannot be emitted is told with its place: %#", async (text, message) => {
    write({ "a.ts": text, "b.ts": "export {};\n" });
    await expect(emit("a.ts")).rejects.toThrow(`${folder}/${message}`);
  });
});
