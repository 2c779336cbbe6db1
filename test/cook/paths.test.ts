/** Where files lie decides nothing, whatever their names are, and no path leads astray. */
import { mkdirSync, renameSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const PASS = `
import { appendFileSync } from "node:fs";
import { defineNode } from "dag-cook";
export default defineNode({
  description: "Passes its inputs on.",
  version: 1,
  params: {},
  async cook(item) {
    appendFileSync(process.env.JOURNAL, item.label + "\\n");
    return { outputs: Object.values(item.inputs).flat().flatMap(({ files }) => files).map((file) => ({ pass: file })) };
  },
});
`;

function passing(space: Studio, directory: string, text = "!"): void {
  space.node("pass", PASS);
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory } },
    pass: { type: "studio/pass", label: "pass @stem", inputs: ["files"] },
    down: { type: "studio/work", label: "down @stem", inputs: ["pass"], params: { text, output: "out/@{stem}.txt" } },
  });
}

describe("paths", () => {
  test("a file that is passed on: it is found where it lies now, whatever lies where it was", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      passing(space, "in");
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ["down a", "pass a"]]);
      renameSync(space.path("in"), space.path("in2"));
      passing(space, "in2", "?");
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ["down a"]]);
      expect(space.read("out/a.txt")).toBe("a?");

      space.write("in/a.txt", "another");
      passing(space, "in2", ".");
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ["down a"]]);
      expect(space.read("out/a.txt")).toBe("a.");
    }));

  test("twins that pass the same bytes on from two folders: each goes on from its own", () =>
    inStudio(async (space) => {
      space.node("pass", PASS);
      space.write("one/a.txt", "a");
      space.write("two/a.txt", "a");
      const files = (directory: string) => ({ type: "studio/files", params: { directory } });
      space.graph("g.json", {
        one: files("one"),
        two: files("two"),
        pass: { type: "studio/pass", inputs: ["one", "two"] },
        down: { type: "studio/work", label: "down", inputs: ["pass"] },
      });
      expect((await space.cook("g.json")).exit).toBe(0);
      const { stdout } = await space.dag("items", "g.json", "--node", "pass", "--json");
      const outputs = (JSON.parse(stdout) as { outputs: { name: string }[] }[]).map((item) => item.outputs.length);
      expect(outputs).toEqual([1, 1]);
      space.write("one/a.txt", "b");
      expect((await space.cook("g.json")).exit).toBe(0);
      space.write("one/a.txt", "a");
      renameSync(space.path("two"), space.path("gone"));
      space.cooked();
      const last = await space.cook("g.json", "--set", 'two.directory="gone"', "--force", "down");
      expect([last.exit, [...new Set(space.cooked())]]).toEqual([0, ["down"]]);
    }));

  test("strange names: every file is cooked once, cached, and put under its own name", () =>
    inStudio(async (space) => {
      const names = ["we ird é#1", "new\nline", "$HIP", "`1+1`", 'quote"', "-n", "{x}", "a", "@stem", "日本"];
      for (const name of names) space.write(`in/${name}.txt`, name);
      space.write("in/.hidden.txt", "hidden files are not matched by a plain glob");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        up: { type: "studio/work", inputs: ["files"], params: { output: "out/@{stem}.txt" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, space.cooked().length]).toEqual([0, names.length]);
      expect(space.list("out")).toEqual(names.map((name) => `${name}.txt`).sort());
      for (const name of names) expect(space.read(`out/${name}.txt`)).toBe(name);
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
    }));

  test("linked folders and files are read; $HIP and $JOB lead to the graph's and the working folder", () =>
    inStudio(async (space) => {
      space.write("data/real/a.txt", "a");
      mkdirSync(space.path("sub"));
      symlinkSync("../data/real", space.path("sub/linked"));
      symlinkSync("real/a.txt", space.path("data/b.txt"));
      const files = (directory: string) => ({ type: "studio/files", params: { directory } });
      const work = (input: string) => ({
        type: "studio/work",
        label: input,
        inputs: [input],
        params: { text: "@stem", output: `out/${input}.txt` },
      });
      space.graph("sub/g.json", {
        ...{ here: files("$HIP/linked"), above: files("../data"), job: files("$JOB/data") },
        ...{ w1: work("here"), w2: work("above"), w3: work("job") },
      });
      expect((await space.cook("sub/g.json")).exit).toBe(0);
      expect(space.list("sub/out")).toEqual(["above.txt", "here.txt", "job.txt"]);
      expect(space.read("sub/out/above.txt")).toBe("ab");
      space.cooked();
      expect([(await space.cook("sub/g.json")).exit, space.cooked()]).toEqual([0, []]);
    }));

  test("an output over a file that the graph reads: refused, and the file stays", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "mine");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        up: { type: "studio/work", label: "up", inputs: ["files"], params: { text: "+", output: "in/@{stem}.txt" } },
      });
      const over = await space.cook("g.json");
      expect(over.exit).toBe(1);
      expect(failuresIn(over).up).toContain("in/a.txt");
      expect([space.read("in/a.txt"), space.list("in")]).toEqual(["mine", ["a.txt"]]);
    }));

  test("an output over the graph's file, or in the store wherever it lies: refused, and nothing is written", () =>
    inStudio(async (space) => {
      const writes = (output: string) =>
        space.graph("g.json", { up: { type: "studio/work", label: "up", params: { text: "+", output } } });
      writes("g.json");
      const before = space.read("g.json");
      expect(failuresIn(await space.cook("g.json")).up).toContain("would write over the graph file");
      expect(space.read("g.json")).toBe(before);
      writes("results/store.db");
      const over = await space.cook("g.json", "--store", "results");
      expect(failuresIn(over).up).toContain("would write over the store's file");
      writes(".hooks/run");
      expect((await space.dag("check", "g.json")).stderr).toContain('Nothing is put into ".hooks"');
    }));

  test("a file as input parameter: its content and name decide, its folder does not", () =>
    inStudio(async (space) => {
      space.node(
        "reader",
        `
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { defineNode } from "dag-cook";
export default defineNode({
  description: "Copies a file.",
  version: 1,
  params: {
    from: { type: "string", path: "input", required: true, description: "File." },
    more: { type: "array", items: { type: "string", path: "input" }, default: [], description: "Files." },
  },
  async cook(item, { from, more }, { directory }) {
    appendFileSync(process.env.JOURNAL, item.label + "\\n");
    writeFileSync(directory + "/made.txt", [from, ...more].map((path) => readFileSync(path, "utf8")).join(""));
    return { outputs: [{ path: "made.txt", tag: "file/text" }] };
  },
});
`,
      );
      space.write("one/a.txt", "a");
      space.write("two/b.txt", "b");
      const reads = (from: string, ...more: string[]) =>
        space.graph("g.json", { reads: { type: "studio/reader", label: "reads", params: { from, more } } });
      reads("one/a.txt", "two/b.txt");
      await space.cook("g.json");
      renameSync(space.path("one"), space.path("moved"));
      reads("moved/a.txt", "two/b.txt");
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["reads"]);
      space.write("two/b.txt", "B");
      expect((await space.dag("why", "reads")).stdout).toMatch(/would be cooked: .*b\.txt/);
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["reads"]);
      reads("one/a.txt");
      const gone = await space.cook("g.json");
      expect([gone.exit, failuresIn(gone).reads]).toEqual([1, "The file $HIP/one/a.txt does not exist."]);
    }));

  test("a node's env: it reaches the cook and decides it; the engine's own environment does not", () =>
    inStudio(async (space) => {
      const node = space.read("nodes/studio/work.js");
      space.node("work", node.replace("+ text;", '+ text + (process.env.MOOD ?? "");'));
      const withMood = (env: object) =>
        space.graph("g.json", { up: { type: "studio/work", label: "up", env, params: { output: "mood.txt" } } });
      withMood({ MOOD: "good" });
      await space.cook("g.json");
      expect([space.read("mood.txt"), space.cooked()]).toEqual(["good", ["up"]]);
      space.environment = { ...space.environment, UNRELATED: "1" };
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);
      withMood({ MOOD: "bad" });
      expect((await space.dag("why", "up")).stdout).toMatch(/: the environment variable MOOD was "good", is "bad"/);
      await space.cook("g.json");
      expect([space.read("mood.txt"), space.cooked()]).toEqual(["bad", ["up"]]);
    }));
});
