/** Graphs of strangers: what a graph reaches is told, and with `--untrusted` refused, before anything of it runs. */
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

const nodes = {
  run: { type: "shell", params: { command: ["touch", "{output}"], output: "out/ran.txt" } },
  ask: { type: "url_request", params: { url: "http://localhost:1/" } },
  own: { type: "studio/loud", params: { output: "out/own.txt" } },
  env: { type: "generic_generator", params: { count: 1 }, label: "$SECRET" },
  data: { type: "generic_generator", params: { count: 2 } },
};

/** A node type that tells when it is loaded. */
function loud(space: Studio): void {
  const says = 'import { appendFileSync as say } from "node:fs";\nsay(process.env.JOURNAL, "loaded\\n");\n';
  space.node("loud", says + space.read("nodes/studio/work.js"));
  space.environment = { ...space.environment, SECRET: "s3cret" };
}

describe("a graph of a stranger", () => {
  test("dag check tells what a graph runs and asks; what is bypassed is not told", () =>
    inStudio(async (space) => {
      loud(space);
      space.graph("g.json", { ...nodes, more: { ...nodes.run, bypass: true } });
      const { stdout } = await space.dag("check", "g.json");
      expect(stdout.split("\n").slice(1)).toEqual([
        "It runs programs: run (shell).",
        "It asks servers: ask (url_request).",
        "It runs the project's own node code: studio/loud.",
        "",
      ]);
      space.graph("g.json", { data: nodes.data });
      expect((await space.dag("check", "g.json")).stdout).toBe("g.json: 1 node, no problem found.\n");
    }));

  test("--untrusted: programs, servers, own code and the environment are refused at their places, and nothing runs", () =>
    inStudio(async (space) => {
      loud(space);
      space.graph("g.json", nodes);
      for (const command of [["check"], ["cook", "--progress", "plain"], ["plan"]]) {
        const { exit, stderr } = await space.dag(...command, "g.json", "--untrusted");
        expect(exit).toBe(2);
        expect(stderr).toContain('g.json:6:15 "shell" runs programs, which --untrusted refuses.');
        expect(stderr).toContain('"url_request" asks servers, which --untrusted refuses.');
        expect(stderr).toContain(`"studio/loud" is the project's own node code, which --untrusted does not run.`);
        expect(stderr).toContain("$SECRET");
        expect(stderr).not.toContain("s3cret");
      }
      expect([space.cooked(), space.exists("out")]).toEqual([[], false]);
    }));

  test("--untrusted: a graph that is data cooks, in graphs in graphs too", () =>
    inStudio(async (space) => {
      const table = { columns: [{ attribute: "number" }], output: "out/t.csv" };
      space.graph("inner.json", { run: nodes.run });
      const all = { type: "wait_for_all", inputs: ["data"] };
      const csv = { type: "csv_output", inputs: ["all"], params: table };
      space.graph("g.json", { data: nodes.data, all, csv });
      expect((await space.dag("cook", "g.json", "--untrusted")).exit).toBe(0);
      expect(space.read("out/t.csv")).toBe("number\n0\n1\n");
      space.graph("g.json", { data: nodes.data, inner: { type: "subgraph", params: { graph: "inner.json" } } });
      const { exit, stderr } = await space.dag("cook", "g.json", "--untrusted");
      expect([exit, stderr]).toEqual([2, expect.stringContaining('inner.json:6:15 "shell" runs programs')]);
    }));

  test("--untrusted: outputs go to out beside the graph and to --allow-write alone, by where folders really lie", () =>
    inStudio(async (space) => {
      const cook = (output: string, ...more: string[]) => {
        const table = { columns: [{ attribute: "number" }], output };
        const all = { type: "wait_for_all", inputs: ["data"] };
        space.graph("g.json", { data: nodes.data, all, csv: { type: "csv_output", inputs: ["all"], params: table } });
        return space.dag("cook", "g.json", "--progress", "plain", "--untrusted", ...more);
      };
      for (const output of ["t.csv", "Makefile", "outer/t.csv", "out/../t.csv", "$JOB/t.csv", "out/.git/config"]) {
        const { exit, stderr } = await cook(output);
        expect([output, exit, stderr]).toEqual([
          output,
          2,
          expect.stringMatching(/allow it with --allow(-write)? DIR/),
        ]);
      }
      expect((await cook("made/t.csv", "--allow-write", "made")).exit).toBe(0);
      expect([space.read("made/t.csv"), space.exists("t.csv")]).toEqual(["number\n0\n1\n", false]);
      expect((await cook("out/deep/t.csv")).exit).toBe(0);
      mkdirSync(space.path("elsewhere"));
      symlinkSync(space.path("elsewhere"), space.path("out/link"));
      expect(await cook("out/link/t.csv")).toMatchObject({
        stderr: expect.stringContaining("leads by a symbolic link to"),
      });
      rmSync(space.path("out"), { recursive: true });
      symlinkSync(space.path("elsewhere"), space.path("out"));
      expect(await cook("out/t.csv")).toMatchObject({ stderr: expect.stringContaining("leads by a symbolic link to") });
      expect(space.list("elsewhere")).toEqual([]);
    }));

  test("the first cook of a graph that runs programs says so, the next ones do not", () =>
    inStudio(async (space) => {
      space.graph("g.json", { run: nodes.run });
      const cook = async () => (await space.dag("cook", "g.json", "--progress", "plain")).stderr;
      expect(await cook()).toContain("It runs programs: run (shell).");
      expect(await cook()).not.toContain("It runs programs");
      space.graph("g.json", { run: nodes.run, again: { ...nodes.run, params: { command: ["true"] } } });
      expect(await cook()).toContain("It runs programs: run (shell), again (shell).");
    }));
});
