import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { CodeReader } from "../../src/nodetype/code.js";
import { OWN_FOLDER } from "../../src/nodetype/module.js";

const folder = mkdtempSync(join(tmpdir(), "dag-code-"));
afterAll(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const urlOf = (name: string) => pathToFileURL(join(folder, name)).href;
const codeOf = (name: string) => new CodeReader().codeOf(urlOf(name), "cook");
const shortened = (urls: readonly string[]) => urls.map((url) => url.slice(folder.length + "file://".length));

const DEFINE = 'import { defineNode } from "dag-cook";\n';

/** Whether an edit of a file changes the code of `node.js`'s function. */
function edits(part: "cook" | "discover" = "cook") {
  return (files: Record<string, string>, edited: Record<string, string>): boolean => {
    const at = `edit${Math.random()}`;
    const place = (each: Record<string, string>) =>
      Object.fromEntries(Object.entries(each).map(([name, text]) => [`${at}/${name}`, text]));
    const digest = () => new CodeReader().codeOf(urlOf(`${at}/node.js`), part).digest;
    write(place(files));
    const before = digest();
    write(place(edited));
    return digest() !== before;
  };
}

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
    expect(shortened(code.modules)).toEqual(["/a/deep/heavy.js", "/a/loss.js", "/a/more.js", "/a/node.js"]);
    expect(code.packages).toEqual(["sharp@9.9.9"]);
    expect(new CodeReader().filesOf(urlOf("a/node.js")).opaque).toEqual([]);
  });

  test("digest: the same code in another folder is the same code", () => {
    const files = { "n.js": 'import "./m.js";', "m.js": "go();" };
    for (const at of ["one", "two"]) write({ [`${at}/n.js`]: files["n.js"], [`${at}/m.js`]: files["m.js"] });
    expect(codeOf("one/n.js").digest).toBe(codeOf("two/n.js").digest);
  });

  test("digest: what is kept for files that are known is what is found", () => {
    const kept = new Map<string, string>();
    let taken = 0;
    const memory = {
      recall(kind: string, key: string) {
        const text = kept.get(`${kind} ${key}`);
        if (text !== undefined) taken++;
        return text;
      },
      remember: (kind: string, key: string, text: string) => void kept.set(`${kind} ${key}`, text),
    };
    const first = new CodeReader(memory).codeOf(urlOf("a/node.js"), "cook");
    expect(new CodeReader(memory).codeOf(urlOf("a/node.js"), "cook")).toEqual(first);
    expect(taken).toBe(1);
    expect(first).toEqual(codeOf("a/node.js"));
  });

  test("imports that no digest can see are listed", () => {
    write({ "b/node.js": "export default (name) => import(name);" });
    expect(new CodeReader().filesOf(urlOf("b/node.js")).opaque).toEqual([`${join(folder, "b/node.js")}:32`]);
  });

  test("the package's own entry points are followed to the files behind them", () => {
    write({
      "c/node.js": `import { tagMatches } from "dag-cook";\n${DEFINE}export default defineNode({ cook: async () => tagMatches("a", "a") });`,
    });
    const { modules, packages } = codeOf("c/node.js");
    expect(modules.some((url) => url.endsWith("/src/workitem/output.js"))).toBe(true);
    expect(modules.some((url) => /\/src\/(schedule|cook|cache|worker|nodetype)\//.test(url))).toBe(false);
    expect(packages).toEqual([]);
  });
});

/** A node type whose functions reach different parts of one helper, and a loss in another. */
const NODE = `${DEFINE}import { inside, listed, problems } from "./help.js";
import { sep } from "node:path";
import { paint as brush } from "paint";
const SCALE = 2;
export default defineNode({
  description: "A node.",
  version: 1,
  params: { size: { type: "integer", default: 4, description: "A size." } },
  check: (params) => problems(params),
  async discover(params, { list }) { return listed(await list(".", "*")); },
  *generate() { yield { identity: "one" }; },
  async cook(item, { size }, { log }) {
    const { loss } = await import("./loss.js");
    if (size < 0) throw new RangeError("the size is negative");
    log("a size: " + size);
    return { attributes: { loss: loss(size) * SCALE * inside(size), way: sep + brush } };
  },
});
`;
const HELP = `export function inside(x) {
  return x + 1;
}
export const listed = (files) => files.length;
export function problems({ size }) {
  return size < 0 ? [{ param: "size", message: "too small" }] : [];
}
`;
const LOSS = `export function loss(x) {
  return x * x;
}
export const unused = 1;
`;
const FILES = {
  "node.js": NODE,
  "help.js": HELP,
  "loss.js": LOSS,
  "node_modules/paint/package.json": '{ "name": "paint", "version": "1.0.0" }',
};

describe("what an edit changes", () => {
  const cook = edits("cook");
  const discover = edits("discover");
  const replaced = (name: keyof typeof FILES, from: string, to: string) => {
    expect(FILES[name]).toContain(from);
    return { [name]: FILES[name].replace(from, to) };
  };

  test.each([
    ["a comment in the cook", "node.js", "const { loss }", "/* the loss */ const { loss }"],
    ["a comment on a line of its own", "loss.js", "  return x * x;", "  // squared\n  return x * x; // indeed"],
    ["an indentation", "loss.js", "  return x * x;", "\treturn x  *  x;"],
    ["the message of an error", "node.js", "the size is negative", "the size must not be negative"],
    ["a line of the log", "node.js", "a size: ", "the size: "],
    ["what check finds", "help.js", "too small", "smaller than 0"],
    ["the discovery", "help.js", "files.length", "files.length + 1"],
    ["the generation", "node.js", 'identity: "one"', 'identity: "two"'],
    ["the description", "node.js", "A node.", "One node."],
    ["an export that nothing uses", "loss.js", "unused = 1", "unused = 2"],
  ] as const)("cook: not by %s", (_, name, from, to) => {
    expect(cook(FILES, replaced(name, from, to))).toBe(false);
  });

  test.each([
    ["its own text", "node.js", "* SCALE *", "+ SCALE *"],
    ["a constant of its module", "node.js", "SCALE = 2", "SCALE = 3"],
    ["a function of another module", "help.js", "x + 1", "x + 2"],
    ["what it imports later", "loss.js", "x * x", "x + x"],
    ["the class of an error", "node.js", "new RangeError", "new TypeError"],
    ["a line break that ends a statement", "loss.js", "return x * x", "return\n  x * x"],
    ["another export under the same name", "node.js", "{ inside, listed, problems }", "{ listed as inside, problems }"],
    ["another export of Node's own", "node.js", "import { sep }", "import { delimiter as sep }"],
    ["another export of a package", "node.js", "{ paint as brush }", "{ oil as brush }"],
    ["the version of a package", "node_modules/paint/package.json", "1.0.0", "1.0.1"],
    [
      "a statement that acts when a module is loaded",
      "help.js",
      "export function inside",
      "globalThis.x = 1;\nexport function inside",
    ],
    [
      "a constant that a call made",
      "help.js",
      "export function inside",
      "export const other = register();\nexport function inside",
    ],
  ] as const)("cook: by %s", (_, name, from, to) => {
    expect(cook(FILES, replaced(name, from, to))).toBe(true);
  });

  test("discover: by its own code, not by that of the cook", () => {
    expect(discover(FILES, replaced("help.js", "files.length", "files.length + 1"))).toBe(true);
    expect(discover(FILES, replaced("loss.js", "x * x", "x + x"))).toBe(false);
    expect(discover(FILES, replaced("help.js", "x + 1", "x + 2"))).toBe(false);
  });

  test("cook: a definition that is not written out counts as a whole", () => {
    const made = {
      ...FILES,
      "node.js": `${NODE.replace("export default defineNode({", "const parts = ({")}export default make(parts);\n`,
    };
    expect(cook(made, { "help.js": HELP.replace("too small", "smaller than 0") })).toBe(true);
  });

  test("cook: a definition by another name is written out, too", () => {
    const named = {
      ...FILES,
      "node.js": `${NODE.replace("export default defineNode", "const node = defineNode")}export { node as default };\n`,
    };
    expect(cook(named, { "help.js": HELP.replace("too small", "smaller than 0") })).toBe(false);
    expect(cook(named, { "loss.js": LOSS.replace("x * x", "x + x") })).toBe(true);
  });

  test("cook: what re-exports lead to counts, and what they rename", () => {
    const files = {
      "node.js": 'import { go } from "./door.js";\nexport default { cook: async () => go() };',
      "door.js": 'export { one as go } from "./inner.js";\nexport * from "./rest.js";',
      "inner.js": "export const one = () => 1;\nexport const two = () => 2;",
      "rest.js": "export const three = () => 3;",
    };
    expect(cook(files, { "inner.js": files["inner.js"].replace("=> 1", "=> 7") })).toBe(true);
    expect(cook(files, { "inner.js": files["inner.js"].replace("=> 2", "=> 7") })).toBe(false);
    expect(cook(files, { "door.js": files["door.js"].replace("one as go", "two as go") })).toBe(true);
    expect(cook(files, { "rest.js": files["rest.js"].replace("=> 3", "=> 7") })).toBe(false);
    const all = {
      ...files,
      "node.js": 'import * as door from "./door.js";\nexport default { cook: async () => door };',
    };
    expect(cook(all, { "rest.js": files["rest.js"].replace("=> 3", "=> 7") })).toBe(true);
  });

  test("cook: what cannot be parsed counts as it is", () => {
    const broken = {
      "node.js": 'import { x } from "./x.js";\nexport default { cook: async () => x ???? 1 };',
      "x.js": "export const x = 1;",
    };
    expect(cook(broken, { "x.js": "export const x = 1; // edited" })).toBe(true);
  });
});

describe("the package's own node types", () => {
  const copy = join(folder, "package");
  const shipped = ["src", "nodes"] as const;

  /** Digests of the cook's code, as a copy of the package finds them in a process of its own. */
  function digests(types: readonly string[]): readonly string[] {
    const text =
      `import { CodeReader } from ${JSON.stringify(pathToFileURL(join(copy, "dist/src/nodetype/code.js")).href)};\n` +
      `const nodes = ${JSON.stringify(types.map((type) => pathToFileURL(join(copy, `dist/nodes/${type}.js`)).href))};\n` +
      'console.log(nodes.map((node) => new CodeReader().codeOf(node, "cook").digest).join("\\n"));\n';
    return execFileSync(process.execPath, ["--input-type=module", "-e", text], { encoding: "utf8", cwd: copy })
      .trim()
      .split("\n");
  }

  function edited(file: string, from: string | RegExp, to: string): void {
    const path = join(copy, "dist", file);
    const text = readFileSync(path, "utf8");
    expect(text).toMatch(from);
    writeFileSync(path, text.replace(from, to));
  }

  test("training: comments, checks and the doctor's verdicts retrain nothing, a loss does, and exports nothing again", () => {
    for (const each of shipped) cpSync(join(OWN_FOLDER, "dist", each), join(copy, "dist", each), { recursive: true });
    cpSync(join(OWN_FOLDER, "package.json"), join(copy, "package.json"));
    symlinkSync(join(OWN_FOLDER, "node_modules"), join(copy, "node_modules"));
    const types = ["ml/ml_train_style_transfer", "ml/onnx_export"];
    const [train, exported] = digests(types);
    expect(train).not.toBe(exported);
    edited("src/ml/training/watch.js", "export", "// a comment\nexport");
    edited("nodes/ml/style_transfer/problems.js", /set it, to 1 for example/, "set it, to 2 for example");
    expect(digests(types)).toEqual([train, exported]);
    edited("src/ml/translation/losses.js", /mean\(/, "sum(");
    const [again, same] = digests(types);
    expect(again).not.toBe(train);
    expect(same).toBe(exported);
  });
});
