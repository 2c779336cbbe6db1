/** A node's code decides its cooks: all that its module reaches, and nothing else. */
import { describe, expect, test } from "@jest/globals";
import { reasonsIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const node = (imports: string, text: string) => `
import { appendFileSync, writeFileSync } from "node:fs";
import { defineNode } from "dag-cook";
${imports}
export default defineNode({
  description: "Writes a text.",
  version: 1,
  params: {},
  async cook(item, params, { directory }) {
    appendFileSync(process.env.JOURNAL, item.label + "\\n");
    ${text}
    writeFileSync(directory + "/made.txt", text);
    return { outputs: [{ path: "made.txt", tag: "file/text" }] };
  },
});
`;

function project(space: Studio): void {
  space.write("nodes/lib/near.js", 'export const near = "near";\n');
  space.write("nodes/lib/deep/far.js", 'export const far = "far";\n');
  space.write("nodes/lib/unrelated.js", 'export const unrelated = "unrelated";\n');
  space.node("one", node('import { near } from "../lib/near.js";', "const text = near;"));
  space.node("two", node("", 'const text = (await import("../lib/deep/far.js")).far;'));
  space.graph("g.json", {
    one: { type: "studio/one", label: "one" },
    two: { type: "studio/two", label: "two" },
    below: { type: "studio/work", label: "below", inputs: ["one"] },
  });
}

describe("node code", () => {
  test("an edited module: those that reach it are cooked, by static and by dynamic import; no others", () =>
    inStudio(async (space) => {
      project(space);
      const first = await space.cook("g.json");
      expect([first.exit, space.cooked()]).toEqual([0, ["below", "one", "two"]]);

      space.write("nodes/lib/unrelated.js", 'export const unrelated = "edited";\n');
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);

      space.write("nodes/lib/near.js", 'export const near = "nearer";\n');
      const near = await space.cook("g.json");
      expect(space.cooked()).toEqual(["below", "one"]);
      expect(reasonsIn(near).one).toBe("the node's code changed");
      expect(reasonsIn(near).below).toContain("made.txt");

      // Only a comment: the code is the same.
      space.write("nodes/lib/near.js", 'export const near = "nearer"; // now\n');
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);

      // The code is another, its bytes are not.
      space.write("nodes/lib/near.js", 'export const near = "near" + "er";\n');
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["one"]);

      space.write("nodes/lib/deep/far.js", 'export const far = "further";\n');
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["two"]);
      const why = await space.dag("why", "two");
      expect(why.stdout).toContain("up to date");

      space.node("two", node("", 'const text = (await import("../lib/deep/far.js")).far + "!";'));
      expect((await space.dag("why", "two")).stdout).toContain("would be cooked: the node's code changed");
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["two"]);
    }));

  test("a raised version: its items are cooked again", () =>
    inStudio(async (space) => {
      project(space);
      await space.cook("g.json");
      space.cooked();
      space.node("one", space.read("nodes/studio/one.js").replace("version: 1", "version: 2"));
      const raised = await space.cook("g.json");
      expect(space.cooked()).toEqual(["one"]);
      expect(reasonsIn(raised).one).toContain("studio/one@1, is studio/one@2");
    }));

  test("a package of another version: its users are cooked again, and the reason names it", () =>
    inStudio(async (space) => {
      project(space);
      const install = (version: string) => {
        space.write(
          "node_modules/blur/package.json",
          JSON.stringify({ name: "blur", version, type: "module", main: "a.js" }),
        );
        space.write("node_modules/blur/a.js", 'export const blur = "blur";\n');
      };
      install("1.0.0");
      space.node("one", node('import { blur } from "blur";', "const text = blur;"));
      await space.cook("g.json");
      space.cooked();
      install("1.0.1");
      const other = await space.cook("g.json");
      expect(space.cooked()).toEqual(["one"]);
      expect(reasonsIn(other).one).toContain("blur@1.0.0 → blur@1.0.1");
    }));

  test("a node file that does not load: the graph's place, the file and the cause are named; exit code 2", () =>
    inStudio(async (space) => {
      project(space);
      space.node("one", 'import { nothing } from "../lib/missing.js";\nexport default {};\n');
      const broken = await space.dag("cook", "g.json");
      expect(broken.exit).toBe(2);
      expect(broken.stderr).toMatch(/g\.json:\d+:\d+ .*"studio\/one" does not load: .*one\.js:1:26: .*missing\.js/);
      expect(broken.stderr).not.toContain("fault of its own");

      space.node("one", "this is no module {");
      const syntax = await space.dag("cook", "g.json");
      expect(syntax.exit).toBe(2);
      expect(syntax.stderr).toContain("one.js: it has no default export");
    }));

  test("a helper that vanishes below a dynamic import: the message says so, and no stack is shown", () =>
    inStudio(async (space) => {
      project(space);
      space.node("two", node("", 'const text = (await import("../lib/gone.js")).far;'));
      const gone = await space.dag("cook", "g.json");
      expect([1, 2]).toContain(gone.exit);
      expect(gone.stderr).toContain("gone.js");
      expect(gone.stderr).not.toContain("fault of its own");
    }));
});
