/** `dag init`, `dag new node`, `dag test`, `dag migrate`; that what they write works unedited is held by test/pack. */
import { mkdirSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { CookSpace, cookedItems } from "../helpers/cook-space.js";

const space = new CookSpace();
afterAll(() => space.remove());
const edit = (file: string, from: string, to: string) => {
  expect(space.read(file)).toContain(from);
  space.write(file, space.read(file).replace(from, to));
};

describe("a project from nothing", () => {
  beforeAll(async () => {
    // The space's own files go: init takes an empty folder alone; node_modules stays.
    rmSync(space.path("package.json"));
    expect(await space.dag("init", ".")).toMatchObject({ exit: 0, stderr: "" });
  });

  test("dag init: a folder that is not empty is left alone", async () => {
    const again = await space.dag("init", ".");
    expect([again.exit, again.stderr]).toEqual([2, ". is not empty; dag init makes a new folder.\n"]);
  });

  test("what cannot be written is told with its path, and ends the command with code 3", async () => {
    space.write("file", "");
    for (const args of [
      ["nodes", "--pages", "file/pages"],
      ["init", "file/project"],
    ]) {
      const { exit, stderr } = await space.dag(...args);
      expect([exit, stderr]).toEqual([3, expect.stringMatching(/^\S*file\/p\S+ cannot be written: ENOTDIR/)]);
    }
    rmSync(space.path("file"));
  });

  test("dag new node: node, test, graph, page and schema; nothing is written over", async () => {
    const made = await space.dag("new", "node", "studio/blur");
    expect(made.exit).toBe(0);
    for (const path of [
      "nodes/studio/blur.ts",
      "nodes/studio/blur.test.ts",
      "graphs/studio/blur.json",
      "docs/nodes/studio/blur.md",
    ])
      expect([path, space.exists(path), made.stdout.includes(path)]).toEqual([path, true, true]);
    expect(JSON.stringify(JSON.parse(space.read("graph.schema.json")))).toContain('"studio/blur"');
    const again = await space.dag("new", "node", "studio/blur");
    expect([again.exit, again.stderr]).toEqual([
      2,
      "docs/nodes/studio/blur.md is there already; nothing was written.\n",
    ]);
    const wrong = await space.dag("new", "node", "../blur");
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining("cannot name a node type")]);
    expect((await space.dag("new", "node", "blur")).stderr).toContain('Did you mean "studio/blur"?');
  });

  test("dag test: a renamed parameter without a migration fails; with one it passes, and saved graphs are read and migrated", async () => {
    const file = "nodes/studio/blur.ts";
    const renamed = space
      .read(file)
      .replaceAll("gain:", "factor:")
      .replaceAll("gain,", "factor,")
      .replaceAll("* gain", "* factor");
    space.write(file, renamed);
    const test_ = "nodes/studio/blur.test.ts";
    space.write(
      test_,
      space
        .read(test_)
        .replace("gain: { to: { gain: 2 } }", "factor: { to: { factor: 2 } }")
        .replace("params: { gain: 2 }", "params: { factor: 2 }"),
    );
    const failed = await space.dag("test", test_);
    expect(failed.exit).toBe(1);
    expect(failed.stdout).toContain(
      'graphs that version 1 saved hold "gain", which the node no longer has: raise version to 2 and give migrate: { 1: (params) => … }',
    );
    expect(failed.stdout).not.toMatch(/\.dag\/code\/\w+\/(nodes|blur)/);

    edit(file, "version: 1,", "version: 2,\n  migrate: { 1: ({ gain, ...others }) => ({ ...others, factor: gain }) },");
    edit(
      test_,
      "saved: { 1: { gain: 1.5, keep_alpha: true } }",
      "saved: { 1: { gain: 1.5, keep_alpha: true }, 2: { factor: 1.5, keep_alpha: true } }",
    );
    expect((await space.dag("test", test_)).exit).toBe(0);

    const cooked = await space.cook("graphs/studio/blur.json");
    expect([cooked.exit, cooked.stderr]).toEqual([0, expect.stringContaining("dag migrate writes it so")]);
    const shown = await space.dag("migrate", "graphs/studio/blur.json", "--dry-run");
    expect(shown.stdout).toMatch(/^-.*"gain": 1\.5.*$/m);
    expect(shown.stdout).toMatch(/^\+.*"factor": 1\.5.*$/m);
    expect(space.read("graphs/studio/blur.json")).toContain("gain");
    expect((await space.dag("migrate", "graphs/studio/blur.json")).exit).toBe(0);
    expect(space.read("graphs/studio/blur.json")).toContain('"studio/blur@2"');
    const after = await space.cook("graphs/studio/blur.json");
    expect([after.exit, after.stderr.includes("warning"), cookedItems(after.events)]).toEqual([0, false, []]);
    expect((await space.dag("migrate", "graphs/studio/blur.json")).stdout).toContain("nothing to migrate");
  });

  test("dag test: no tests, an absent file, a file that is no JavaScript", async () => {
    mkdirSync(space.path("empty/nodes"), { recursive: true });
    const absent = await space.dag("test", "nodes/none.test.ts");
    expect([absent.exit, absent.stderr]).toEqual([2, "There is no nodes/none.test.ts.\n"]);
    space.write("nodes/studio/bad.test.ts", "const a = ;\n");
    const bad = await space.dag("test", "nodes/studio/bad.test.ts");
    expect([bad.exit, bad.stderr]).toEqual([2, expect.stringContaining("bad.test.ts:1:11: Expression expected")]);
  });
});
