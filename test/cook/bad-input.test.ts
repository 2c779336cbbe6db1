/** What a user gets wrong is told before anything runs: where, what, and what may have been meant. */
import { existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio } from "../helpers/studio.js";

/** Where the file system takes names that are no text. */
const anyNames = process.platform === "linux" ? test : test.skip;

anyNames(
  "a file and a folder whose names are not UTF-8: told by name where they are listed, and not where they are not",
  () =>
    inStudio(async (space) => {
      space.write("in/good.txt", "good");
      const odd = (name: string) => Buffer.from(`${space.folder}/in/${name}`, "latin1");
      const params = (more: object = {}) => ({ directory: "in", pattern: "*.txt", ...more });
      space.graph("g.json", { files: { type: "file_pattern", params: params() } });
      mkdirSync(odd("b\xe9"));
      expect((await space.cook("g.json")).exit).toBe(0);
      writeFileSync(odd("b\xe9d.txt"), "");
      const file = await space.cook("g.json");
      expect([file.exit, failuresIn(file).files]).toEqual([
        1,
        'The folder $HIP/in cannot be read: the name "b\ufffdd.txt" in it is not UTF-8. Rename it.',
      ]);
      rmSync(odd("b\xe9d.txt"));
      space.graph("g.json", { files: { type: "file_pattern", params: params({ recursive: true }) } });
      expect(failuresIn(await space.cook("g.json")).files).toMatch(/"b\ufffd" in it is not UTF-8\. Rename it\.$/);
    }),
);

test("links that lead in a ring: none is a file to a listing; a folder or an output behind one is told in words", () =>
  inStudio(async (space) => {
    space.write("in/a.txt", "a");
    symlinkSync("ring.txt", space.path("in/ring.txt"));
    symlinkSync("..", space.path("in/up"));
    symlinkSync("ring", space.path("ring"));
    const files = (directory: string) => ({
      type: "file_pattern",
      label: "@filename",
      params: { directory, pattern: "*.txt", recursive: true },
    });
    const up = { type: "studio/work", label: "up", inputs: ["files"], params: { output: "ring/x.txt" } };
    space.graph("g.json", { files: files("in"), ring: files("ring"), up });
    const { exit, stderr, events } = await space.cook("g.json");
    expect([exit, space.cooked()]).toEqual([1, ["up"]]);
    const words = "symbolic links on the way lead in a ring.";
    expect(failuresIn({ events }).ring).toBe(`The folder $HIP/ring cannot be reached: ${words}`);
    expect(failuresIn({ events }).up).toContain(words);
    expect(stderr).not.toContain("fault of its own");
  }));

describe("a graph with mistakes", () => {
  test("all are told at once with place, source line and the nearest name; nothing runs; exit code 2", () =>
    inStudio(async (space) => {
      space.write(
        "g.json",
        `{
  // comments are allowed
  "version": 1,
  "nodes": {
    "three": { "type": "wegde" },
    "up": { "type": "studio/work", "inputs": ["tree"], "params": { "texd": "x", "number": [1], "keep": "1 +" } },
    "n": { "type": "wedge", "params": { "attributes": [{ "name": "rate", "type": "int", "values": [1] }] } },
    "down": { "type": "studio/work", "inputs": ["n"], "params": { "number": "@rates * 2" }, "retrys": 2 },
    "left": { "type": "merge", "inputs": ["right"] },
    "right": { "type": "merge", "inputs": ["left"] },
    "free": { "type": "studio/work" },
  }
}
`,
      );
      for (const command of ["cook", "check", "plan"]) {
        const { exit, stderr, stdout } = await space.dag(command, "g.json");
        expect([exit, stdout, space.cooked()]).toEqual([2, "", []]);
        expect(stderr).toContain('g.json:5:24 There is no node type "wegde". Did you mean "wedge"?');
        expect(stderr).toContain('    "three": { "type": "wegde" },\n');
        expect(stderr).toMatch(/\n +~{7}\n/);
        expect(stderr).toMatch(/g\.json:6:\d+ .*"tree".* Did you mean "three"\?/);
        expect(stderr).toMatch(/g\.json:6:\d+ Node "up" has no parameter "texd"\. Did you mean "text"\?/);
        expect(stderr).toMatch(/g\.json:6:\d+ .*"number".* must be a number.*, not \[1\]/);
        expect(stderr).toMatch(/g\.json:6:\d+ /);
        expect(stderr).toMatch(/g\.json:8:\d+ .*"rates".* Did you mean "rate"\?/);
        expect(stderr).toMatch(/g\.json:8:\d+ .*"retrys".* Did you mean "retries"\?/);
        expect(stderr).toMatch(/left -> right -> left|right -> left -> right/);
        expect(stderr).toMatch(/\n\d+ problems in g\.json; nothing was run\.\n$/);
      }
    }));

  test("a name that stands twice does not hide what else is wrong", () =>
    inStudio(async (space) => {
      space.write("g.json", '{ "version": 1, "nodes": {\n"a": { "type": "nope" },\n"a": { "type": "merge" } } }');
      const { exit, stderr } = await space.dag("check", "g.json");
      expect(exit).toBe(2);
      expect(stderr).toMatch(
        /^g\.json:2:16 There is no node type "nope"[\s\S]*\ng\.json:3:1 "a" stands here a second time/,
      );
    }));

  test("more work items than asked for: refused before anything is cooked, with the node and what raises it", () =>
    inStudio(async (space) => {
      const many = (count: number, input?: string) => ({
        type: "generic_generator",
        ...(input && { inputs: [input] }),
        params: { count, number: input ?? "number" },
      });
      const pairs = { type: "image_composite", inputs: { main: ["a"], over: ["a"] } };
      space.graph("g.json", { first: { type: "studio/work", label: "first" }, a: many(100), b: many(1e6, "a") });
      for (const command of ["cook", "plan", "items", "verify"]) {
        const { exit, stderr } = await space.dag(command, "g.json", "--max-items", "5000");
        expect([command, exit, stderr]).toEqual([
          command,
          2,
          expect.stringMatching(
            /^The graph makes more than 5000 work items; node "b" would make the next\. .*--max-items N/,
          ),
        ]);
      }
      expect(space.cooked()).toEqual([]);
      // Pairs are counted before they are made.
      space.graph("g.json", { a: many(200_000), pairs });
      const crossed = await space.dag("plan", "g.json");
      expect([crossed.exit, crossed.stderr]).toEqual([
        2,
        expect.stringContaining('2000000 work items; node "pairs" would'),
      ]);
    }));

  test("broken JSON, an empty file, a list, a folder, no file, another version", () =>
    inStudio(async (space) => {
      space.write("broken.json", '{\n  "version": 1,\n  "nodes": { "a": { "type": "merge" }\n}\n');
      space.write("empty.json", "");
      space.write("list.json", "[]");
      space.write("version.json", '{ "version": 9, "nodes": {} }');
      const broken = await space.dag("cook", "broken.json");
      expect([broken.exit, broken.stderr]).toEqual([2, expect.stringMatching(/^broken\.json:\d+:\d+ /)]);
      const expected: [string, RegExp][] = [
        ["empty.json", /^empty\.json:1:1 /],
        ["list.json", /^list\.json:1:1 A graph is an object/],
        ["version.json", /^version\.json:1:14 This program reads graphs of version 1\./],
        ["missing.json", /^There is no graph file missing\.json\.\n$/],
        ["control", /^control is a folder, not a graph file\.\n$/],
      ];
      for (const [file, words] of expected) {
        const { exit, stderr } = await space.dag("cook", file);
        expect([file, exit, stderr]).toEqual([file, 2, expect.stringMatching(words)]);
      }
    }));

  test("a cycle through itself, an empty graph", () =>
    inStudio(async (space) => {
      space.graph("self.json", { a: { type: "merge", inputs: ["a"] } });
      const self = await space.dag("check", "self.json");
      expect([self.exit, self.stderr]).toEqual([2, expect.stringContaining("a -> a")]);
      space.graph("none.json", {});
      const none = await space.cook("none.json");
      expect([none.exit, none.events.at(-1)?.type]).toEqual([0, "cook_finished"]);
    }));
});

describe("paths", () => {
  test("an output outside the allowed folders is refused before the cook; --allow lets it", () =>
    inStudio(async (space) => {
      await inStudio(async (other) => {
        space.graph("g.json", {
          up: { type: "studio/work", label: "up", params: { output: other.path("out/x.txt") } },
        });
        const refused = await space.dag("cook", "g.json");
        expect([refused.exit, space.cooked()]).toEqual([2, []]);
        expect(refused.stderr).toMatch(/^g\.json:\d+:\d+ .*out\/x\.txt lies outside .*--allow DIR/);
        const climbed = await space.dag("cook", "g.json", "--set", 'up.output="../../../../../../etc/x.txt"');
        expect([climbed.exit, climbed.stderr.includes("/etc/x.txt lies outside")]).toEqual([2, true]);
        const allowed = await space.cook("g.json", "--allow", other.path("out"));
        expect([allowed.exit, other.read("out/x.txt")]).toEqual([0, ""]);
        const item = await space.cook("g.json", "--set", 'up.output="`\\"../../../../../../tmp/\\"`x.txt"');
        expect([item.exit === 1 || item.exit === 2, item.stderr.includes("lies outside")]).toEqual([true, true]);
      });
    }));

  test("a folder that is a link to outside is not followed; --allow lets it", () =>
    inStudio(async (space) => {
      await inStudio(async (other) => {
        symlinkSync(other.folder, space.path("out"));
        space.graph("g.json", {
          up: { type: "studio/work", label: "up", params: { text: "x", output: "out/deep/x.txt" } },
        });
        const refused = await space.cook("g.json");
        const folder = join(realpathSync(other.folder), "deep");
        expect([refused.exit, space.cooked(), failuresIn(refused)]).toEqual([
          1,
          [],
          { up: expect.stringContaining(`/out/deep leads by a symbolic link to ${folder}, outside of`) },
        ]);
        expect([other.exists("deep"), (await space.cook("g.json", "--allow", other.folder)).exit]).toEqual([false, 0]);
        expect(other.read("deep/x.txt")).toBe("x");
        // A result that is there already is not put outside either.
        other.write("deep/x.txt", "y");
        expect([(await space.cook("g.json")).exit, other.read("deep/x.txt")]).toEqual([1, "y"]);
      });
      // Within the project a link may lead anywhere.
      space.write("real/readme.txt", "");
      symlinkSync(space.path("real"), space.path("inner"));
      expect((await space.cook("g.json", "--set", 'up.output="inner/x.txt"')).exit).toBe(0);
      expect(space.read("real/x.txt")).toBe("x");
    }));

  test("a path that is known only per item is held to the same rule", () =>
    inStudio(async (space) => {
      const attributes = [{ name: "where", type: "string", values: ["in", "../../../../../../tmp"] }];
      space.graph("g.json", {
        two: { type: "wedge", params: { attributes } },
        up: { type: "studio/work", label: "up @where", inputs: ["two"], params: { output: "@where/dag-test-x.txt" } },
      });
      const cooked = await space.cook("g.json");
      expect(cooked.exit).toBe(1);
      expect(Object.values(failuresIn(cooked))).toEqual([
        expect.stringMatching(/dag-test-x\.txt lies outside .*--allow DIR/),
      ]);
      expect(space.read("in/dag-test-x.txt")).toBe("");
    }));
});

describe("an output path", () => {
  test("that names no file: refused, and nothing is written above the folders", () =>
    inStudio(async (space) => {
      for (const output of [".", "$HIP", "$JOB", "out/", "..", "../"]) {
        space.graph("g.json", { up: { type: "studio/work", label: "up", params: { output } } });
        const refused = await space.cook("g.json");
        expect([output, refused.exit === 0, space.cooked()]).toEqual([output, false, []]);
      }
      expect(existsSync("/$HIP")).toBe(false);
    }));

  test("in which the node fills names: it stays within its folder", () =>
    inStudio(async (space) => {
      const node = space.read("nodes/studio/work.js");
      space.node("work", node.replace('const path = output ?? "made.txt";', "const path = text;"));
      const named = (text: string) =>
        space.graph("g.json", { up: { type: "studio/work", label: "up", params: { text, output: "out/{name}.txt" } } });
      named("filled.txt");
      expect([(await space.cook("g.json")).exit, space.list("out")]).toEqual([0, ["filled.txt"]]);
      named("../../escaped.txt");
      const escaped = await space.cook("g.json");
      expect([escaped.exit, failuresIn(escaped).up]).toEqual([1, expect.stringMatching(/escaped\.txt|ENOENT/)]);
      expect([space.exists("escaped.txt"), space.exists("../escaped.txt")]).toEqual([false, false]);
    }));
});

describe("image_import", () => {
  test("a folder without a match, a missing folder, and a file that is no image: the message says what to do", () =>
    inStudio(async (space) => {
      space.write("in/a.png", "this is no image");
      space.write("none/a.md", "");
      const at = (directory: string) => ({ type: "image_import", params: { directory } });
      space.graph("g.json", { none: at("none"), missing: at("missing"), bad: at("in"), file: at("in/a.png") });
      const failures = failuresIn(await space.cook("g.json"));
      expect(failures.none).toMatch(/^No file in the folder \$HIP\/none .*"no_match" to "warn" or "empty"/);
      expect(failures.missing).toBe("The folder $HIP/missing does not exist.");
      expect(Object.values(failures)).toContainEqual(expect.stringMatching(/^a\.png: this is not an image/));
      expect(failures.file).toBe("The folder $HIP/in/a.png is a file, not a folder.");
      const warned = await space.cook("g.json", "--node", "none", "--set", 'none.no_match="warn"');
      expect([warned.exit, warned.events.filter(({ type }) => type === "warning").length]).toEqual([0, 1]);
    }));
});
