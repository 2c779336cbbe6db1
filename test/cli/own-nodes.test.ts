/** A project's own node types through the command: found, stripped, kept apart when broken, and loaded anew in a watch. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { failuresIn, itemsThat, reasonsIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const typed = (text: string, more = "") => `import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CookContext, defineNode } from "dag-cook";
import { shout } from "./shout.ts";

export default defineNode({
  description: "Writes a text.",
  version: 1,
  params: { text: { type: "string", default: "a", description: "What is written." } },
  ${more}
  async cook(_item, { text }, { directory }: CookContext) {
    writeFileSync(join(directory, "made.txt"), shout(text + ${JSON.stringify(text)}));
    return { outputs: [{ path: "made.txt", tag: "file/text" }] };
  },
});
`;
const SHOUT = "export const shout = (text: string): string => text.toUpperCase();\n";

function project(space: Studio): void {
  space.write("nodes/studio/typed.ts", typed("b"));
  space.write("nodes/studio/shout.ts", SHOUT);
  space.graph("graphs/deep/g.json", { one: { type: "studio/typed", label: "one" } });
}

describe("a project's own node types", () => {
  test("TypeScript without a build: cooked, then a hit; an edited helper cooks again and is named", () =>
    inStudio(async (space) => {
      project(space);
      const first = await space.cook("graphs/deep/g.json");
      expect([first.exit, failuresIn(first), itemsThat("cooked_success", first)]).toEqual([0, {}, ["one"]]);
      expect(itemsThat("cooked_cache", await space.cook("graphs/deep/g.json"))).toEqual(["one"]);
      space.write("nodes/studio/shout.ts", SHOUT.replace("toUpperCase", "toLowerCase"));
      const second = await space.cook("graphs/deep/g.json");
      expect(reasonsIn(second).one).toContain("code");
      expect(itemsThat("cooked_success", second)).toEqual(["one"]);
    }));

  test("places: beside the graph, in the project, and in installed packages of node types", () =>
    inStudio(async (space) => {
      project(space);
      space.write(
        "graphs/deep/nodes/near/typed.ts",
        typed("near").replace("./shout.ts", "../../../../nodes/studio/shout.ts"),
      );
      for (const name of ["dag-nodes-blur", "@some/dag-nodes-paint", "other-package"]) {
        const area = name.replace(/^.*-/, "");
        space.write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: "1.0.0", type: "module" }));
        space.write(`node_modules/${name}/nodes/${area}/typed.ts`, typed(area));
        space.write(`node_modules/${name}/nodes/${area}/shout.ts`, SHOUT);
      }
      const types = ["studio/typed", "near/typed", "blur/typed", "paint/typed"];
      space.graph("graphs/deep/g.json", Object.fromEntries(types.map((type, at) => [`n${at}`, { type, label: type }])));
      const cooked = await space.cook("graphs/deep/g.json");
      expect([cooked.stderr.includes("problem"), itemsThat("cooked_success", cooked)]).toEqual([
        false,
        types.toSorted(),
      ]);
      space.graph("g.json", { far: { type: "package/typed" }, near: { type: "near/typed" } });
      const { stderr } = await space.dag("check", "g.json");
      expect(stderr.match(/There is no node type "[^"]*"/g)).toEqual([
        'There is no node type "package/typed"',
        'There is no node type "near/typed"',
      ]);
    }));

  test("one broken node file: graphs that use it are told file, line and message; others cook, and the list names it", () =>
    inStudio(async (space) => {
      project(space);
      space.write("nodes/studio/broken.ts", "const a = 1;\nexport default a +;\n");
      space.write(
        "nodes/studio/thrown.ts",
        'const a: unknown = 1;\nif (a === 1) throw new Error("no licence");\nexport default a;\n',
      );
      space.write("nodes/studio/missing.ts", 'import { nothing } from "./shout.ts";\n\nexport default nothing;\n');
      expect((await space.cook("graphs/deep/g.json")).exit).toBe(0);
      const uses = (type: string) => space.graph("bad.json", { bad: { type } });
      const told = async (type: string) => {
        uses(type);
        const { exit, stderr } = await space.dag("check", "bad.json");
        return [exit, stderr.split("\n")[0]?.replaceAll(space.folder, "…")];
      };
      expect(await told("studio/broken")).toEqual([
        2,
        'bad.json:6:15 The node type "studio/broken" does not load: …/nodes/studio/broken.ts:2:19: Expression expected.',
      ]);
      expect(await told("studio/thrown")).toEqual([
        2,
        'bad.json:6:15 The node type "studio/thrown" does not load: …/nodes/studio/thrown.ts:2:20: no licence.',
      ]);
      expect((await told("studio/missing"))[1]).toContain(
        "…/nodes/studio/missing.ts:1: The requested module './shout.js'",
      );
      const { exit, stdout, stderr } = await space.dag("nodes");
      expect([exit, stdout.includes("studio/typed")]).toEqual([0, true]);
      expect(stderr).toContain("broken.ts:2:19: Expression expected");
      const schema = await space.dag("nodes", "--schema");
      expect([schema.exit, schema.stdout.includes('"studio/typed"')]).toEqual([0, true]);
    }));

  test("a project that cannot be written, and no project around: they are checked all the same", () =>
    inStudio(async (space) => {
      project(space);
      space.write("taken", "no folder");
      const { exit, stderr } = await space.dag("check", "graphs/deep/g.json", "--store", "taken/store");
      expect([exit, stderr]).toEqual([0, ""]);
      expect(space.exists(".dag")).toBe(false);
    }));

  test("the smallest node type of docs/writing-a-node.md cooks as it stands there", () =>
    inStudio(async (space) => {
      const page = readFileSync(resolve(import.meta.dirname, "../../../docs/writing-a-node.md"), "utf8");
      const [, source] = /```ts\n(\/\/ nodes\/studio\/shout\.ts[\s\S]*?)```/.exec(page) ?? [];
      space.write("nodes/studio/shout.ts", source!);
      space.write("in/a.txt", "hello");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        loud: { type: "studio/shout@1", inputs: ["files"] },
        kept: { type: "studio/work", inputs: ["loud"], params: { keep: 9, output: "out/a.txt" } },
      });
      expect(failuresIn(await space.cook("g.json"))).toEqual({});
      expect(space.read("out/a.txt")).toBe("HELLO!");
    }));

  test("a type that is never cached is cooked each time, and the plan says so", () =>
    inStudio(async (space) => {
      project(space);
      space.write("nodes/studio/typed.ts", typed("b", 'cache: "never",'));
      for (const _ of [1, 2])
        expect(itemsThat("cooked_success", await space.cook("graphs/deep/g.json"))).toEqual(["one"]);
      const { stdout } = await space.dag("plan", "graphs/deep/g.json");
      expect(stdout).toMatch(/one +1 item: 1 cook, never cached/);
    }));

  test("attributes that a type declares are known below: a wrong name and a wrong type are told before anything cooks", () =>
    inStudio(async (space) => {
      project(space);
      space.write("nodes/studio/typed.ts", typed("b", 'attributes: { writes: { glow: "float", kind: "string" } },'));
      const below = (number: string) => ({
        one: { type: "studio/typed" },
        two: { type: "studio/work", inputs: ["one"], params: { number } },
      });
      space.graph("good.json", below("@glow * 2"));
      space.graph("name.json", below("@glwo * 2"));
      space.graph("type.json", below("@kind * 2"));
      expect((await space.dag("check", "good.json")).exit).toBe(0);
      expect((await space.dag("check", "name.json")).stderr).toContain(
        'There is no attribute "glwo" here. Did you mean "glow"?',
      );
      expect((await space.dag("check", "type.json")).stderr).toMatch(/string/);
    }));

  test("a cook that throws: the log's stack names the author's file, line and column", () =>
    inStudio(async (space) => {
      project(space);
      space.write(
        "nodes/studio/shout.ts",
        "export const shout = (text: string): string => {\n  throw new Error('no ' + text);\n};\n",
      );
      expect(failuresIn(await space.cook("graphs/deep/g.json"))).toEqual({ one: "no ab" });
      const { stdout } = await space.dag("log", "one");
      expect(stdout).toMatch(/nodes\/studio\/shout\.ts:2:9/);
      expect(stdout).toMatch(/nodes\/studio\/typed\.ts:12:\d+/);
      expect(stdout).not.toContain(".dag/code");
    }));
});
