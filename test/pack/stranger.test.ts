/**
 * What a stranger does, with the packed package and an empty folder: init, new node, edit, cook, change a parameter, cook
 * again, test, compile. Nothing is fetched: the package's dependencies are linked from here. The command line is in few
 * files there, as it is packed.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const ROOT = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(realpathSync(tmpdir()), "dag-stranger-"));
const project = join(folder, "project");
afterAll(() => rmSync(folder, { recursive: true }));

function dag(...args: string[]) {
  return dagWith({}, ...args);
}

function dagWith(variables: Readonly<Record<string, string>>, ...args: string[]) {
  const main = join(folder, "node_modules/dag-cook/dist/src/cli/main.js");
  // Nothing of this checkout may be found by accident.
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd: args[0] === "init" ? folder : project,
    env: { ...process.env, ...variables },
    encoding: "utf8",
  });
  return { exit: status, stdout, stderr };
}

const edit = (name: string, from: string, to: string) => {
  const file = join(project, name);
  const text = readFileSync(file, "utf8");
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
};

beforeAll(() => {
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: ROOT,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  expect(packed).toContain(tarball);
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "dag-cook"), { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, tarball!), "--strip-components=1", "-C", join(modules, "dag-cook")]);
  execFileSync(process.execPath, [join(ROOT, ".build/bundle.js"), join(modules, "dag-cook")]);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (!name.startsWith(".")) symlinkSync(realpathSync(join(ROOT, "node_modules", name)), join(modules, name));
  }
}, 120_000);

describe("a stranger with the packed package", () => {
  test("dag init; the graph cooks at once, and only once", () => {
    expect(dag("init", "project")).toMatchObject({ exit: 0, stderr: "" });
    const first = dag("cook", "graphs/main.json");
    expect([first.exit, first.stderr]).toEqual([0, expect.stringContaining("Done: 4 cooked")]);
    expect(dag("cook", "graphs/main.json").stderr).toContain("Nothing to cook");
  });

  test("dag cook: where there is nothing to cook, few files are loaded, and the doors of node types stay files of their own", () => {
    const coverage = join(folder, "coverage");
    expect(dagWith({ NODE_V8_COVERAGE: coverage }, "cook", "graphs/main.json").stderr).toContain("Nothing to cook");
    const reports = readdirSync(coverage).map((name) => JSON.parse(readFileSync(join(coverage, name), "utf8")));
    const loaded = reports.flatMap(({ result }) => result.map(({ url }: { url: string }) => url));
    const own = loaded.filter((url) => url.includes("/dag-cook/dist/src/")).map((url) => url.replace(/^.*\/src\//, ""));
    const engine = own.filter((name) => /^(graph|fingerprint|event|cache|worker|schedule|cook|report)\//.test(name));
    // Unbundled, it would be 150.
    expect([own.length < 50, engine, own.includes("nodetype/define.js")]).toEqual([true, [], true]);
    expect(readFileSync(join(folder, "node_modules/dag-cook/dist/src/bundle/LICENSES.md"), "utf8")).toContain(
      "# commander ",
    );
  });

  test("dag new node; everything passes before a line is edited, the types too", () => {
    expect(dag("new", "node", "studio/blur").exit).toBe(0);
    expect(dag("cook", "graphs/studio/blur.json")).toMatchObject({ exit: 0 });
    const tested = dag("test", "nodes/studio/blur.test.ts");
    expect([tested.exit, tested.stdout]).toEqual([0, expect.stringContaining("fail 0")]);
    const compiled = compile();
    expect([compiled.status, compiled.stdout]).toEqual([0, ""]);
  });

  test("an edited node cooks its own items again; a changed parameter too, with the reason; its test says what broke", () => {
    edit("nodes/studio/blur.ts", "value * gain", "Math.sqrt(value) * gain");
    const edited = dag("cook", "graphs/studio/blur.json");
    expect([edited.exit, edited.stderr]).toEqual([0, expect.stringContaining("(the node's code changed)")]);
    edit("graphs/studio/blur.json", '"gain": 1.5', '"gain": 0.5');
    expect(dag("cook", "graphs/studio/blur.json").stderr).toContain("(param.gain was 1.5, is 0.5)");
    expect(dag("cook", "graphs/studio/blur.json").stderr).toContain("Nothing to cook");
    const tested = dag("test", "nodes/studio/blur.test.ts");
    expect([tested.exit, tested.stdout]).toEqual([1, expect.stringContaining("✖ studio/blur: values are multiplied")]);
  });

  test("a wrong value of an enum, in the node's code or as its default, does not compile", () => {
    const node = (code: string, byDefault: string) =>
      writeFileSync(
        join(project, "nodes/studio/picky.ts"),
        `import { defineNode } from "dag-cook";
export default defineNode({
  description: "Picks.",
  version: 1,
  params: { format: { type: "string", enum: ["png", "tif"], default: "${byDefault}", description: "Format." } },
  async cook(_item, { format }) {
    return { attributes: { found: format === "${code}" } };
  },
});
`,
      );
    node("png", "tif");
    expect(compile().stdout).toBe("");
    node("exr", "tif");
    expect(compile().stdout).toContain("TS2367");
    node("png", "exr");
    expect(compile().stdout).toContain("the default must be one of");
  });
});

function compile() {
  const options = { cwd: project, encoding: "utf8" } as const;
  return spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", "."], options);
}
