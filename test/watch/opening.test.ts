/** `dag cook --watch`, and what happens about the opening of a graph: before it is watched, while it is broken, as it ends. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";
import { WAITS, watching } from "../helpers/watching.js";

const files = { type: "studio/files", params: { directory: "in" } };
const work = (params: object, more: object = {}) => ({
  type: "studio/work",
  label: "up @stem",
  inputs: ["files"],
  params: { output: "out/@{stem}.txt", ...params },
  ...more,
});
const graph = (space: Studio, text: string) => space.graph("g.json", { files, up: work({ text }) });

/** A node type whose file, when it is loaded, says so and waits for the test's word. */
const HELD = `
import { appendFileSync as say, existsSync as isThere } from "node:fs";
say(process.env.JOURNAL, "opening\\n");
while (!isThere(process.env.CONTROL + "/open")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
`;

describe("dag cook --watch, opening", () => {
  test("a graph that is edited after it was read and before it is watched: the edit is cooked", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      space.node("work", HELD + space.read("nodes/studio/work.js"));
      graph(space, "old");
      await watching(space, async (said) => {
        await space.until("journal", "opening");
        graph(space, "new");
        space.write("control/open", "");
        await said(WAITS);
        expect(space.read("out/a.txt")).toBe("anew");
      });
    }));

  test("a broken graph names a graph and a node type that are not there yet: it is opened when they come", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      graph(space, "");
      const text = await watching(space, async (said) => {
        await said(WAITS);
        space.graph("g.json", { files, up: work({ text: "1" }, { type: "later/work" }) });
        await said("The last good graph stays.");
        await said(WAITS, 2);
        space.write("nodes/later/work.js", space.read("nodes/studio/work.js"));
        await space.until("out/a.txt", "a1");
        space.graph("g.json", {
          files,
          up: work({ text: "2" }),
          inner: { type: "subgraph", params: { graph: "inner.json" } },
        });
        await said("The last good graph stays.", 2);
        space.graph("inner.json", { one: { type: "studio/work", params: { text: "inner", output: "out/inner.txt" } } });
        await space.until("out/inner.txt", "inner");
        await space.until("out/a.txt", "a2");
      });
      expect(text.split("There is no node type").length - 1).toBe(1);
      expect(text.split("There is no graph file").length - 1).toBe(1);
    }));

  test("as JSON: all that is told is events, of a graph that is broken too, at once or in mid-watch", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      const broken = () => space.graph("g.json", { files, up: work({ texd: "" }) });
      broken();
      const { exit, stderr } = await space.cook("g.json");
      const problem = {
        type: "diagnostic",
        severity: "error",
        message: 'Node "up" has no parameter "texd".',
        suggestion: "text",
        place: { file: "g.json", line: expect.any(Number), column: 9, length: 6 },
        text: expect.stringMatching(/^g\.json:\d+:9 Node .*\n.*"texd": ""\n +~{6}$/),
      };
      const message = "1 problem in g.json; nothing was run.";
      const told = (text: string) =>
        text
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line));
      expect([exit, told(stderr)]).toEqual([
        2,
        [problem, { type: "notice", severity: "error", message }].map((event) => expect.objectContaining(event)),
      ]);
      graph(space, "");
      const text = await watching(
        space,
        async (said) => {
          await said("watch_waiting");
          broken();
          await said("watch_waiting", 2);
        },
        { args: ["--progress", "json"] },
      );
      const events = told(text);
      expect(events).toContainEqual(expect.objectContaining(problem));
      const notices = events.filter(({ type }) => type === "notice").map((notice) => [notice.severity, notice.message]);
      expect(notices).toEqual([
        ["error", `${message} The last good graph stays.`],
        ["info", "Stopping: running items may save. Once more ends them at once."],
      ]);
    }));

  test("--force holds for the first cook; --set for every one", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      space.write("in/b.txt", "b");
      graph(space, "");
      expect((await space.cook("g.json", "--set", 'up.text="set"')).exit).toBe(0);
      expect(space.cooked()).toEqual(["up a", "up b"]);
      const cooks = async (said: (text: string, times?: number) => Promise<void>) => {
        await said(WAITS);
        expect(space.cooked()).toEqual(["up a", "up b"]);
        space.write("in/a.txt", "A");
        await said(WAITS, 2);
        expect([space.cooked(), space.read("out/a.txt")]).toEqual([["up a"], "Aset"]);
      };
      await watching(space, cooks, { args: ["--force", "up", "--set", 'up.text="set"'] });
    }));

  test("--item: an item that an edit takes away is told and waited for; a terminal that closes ends it all", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      space.write("in/b.txt", "b");
      graph(space, "");
      const { stdout } = await space.dag("items", "g.json", "--json");
      const items = JSON.parse(stdout) as { readonly name: string; readonly label: string }[];
      const { name = "" } = items.find(({ label }) => label === "up a") ?? {};
      const cooks = async (said: (text: string, times?: number) => Promise<void>) => {
        await said(WAITS);
        expect(space.cooked()).toEqual(["up a"]);
        rmSync(space.path("in/a.txt"));
        await said("The graph makes no work item");
        await said(WAITS, 2);
        space.write("in/a.txt", "back");
        await space.until("out/a.txt", "back");
      };
      await watching(space, cooks, { args: ["--item", name], signal: "SIGHUP" });
      expect(space.list(".dag")).not.toContain("lock");
    }));
});
