/** `dag cook --watch` with the real watcher: what changed is cooked again, what runs and is still wanted goes on. */
import { rmSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";
import { WAITS, watching } from "../helpers/watching.js";

const graph = (space: Studio, text: string) =>
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: { type: "studio/work", label: "up @stem", inputs: ["files"], params: { text, output: "out/@{stem}.txt" } },
  });

/** With a second file, the discovery says that it looks, and waits for the test's word. */
const HELD = `
    const { appendFileSync, existsSync } = await import("node:fs");
    if (files.length > 1) appendFileSync(process.env.JOURNAL, "looking at b\\n");
    while (files.length > 1 && !existsSync(process.env.CONTROL + "/look")) await new Promise((done) => setTimeout(done, 3));`;

describe("dag cook --watch", () => {
  test("a new, a changed and a removed file, then the graph, then a broken graph: just what follows is cooked", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      space.write("in/b.txt", "b");
      graph(space, "1");
      const text = await watching(space, async (said) => {
        await said(WAITS);
        expect(space.cooked()).toEqual(["up a", "up b"]);
        space.write("in/c.txt", "c");
        await said(WAITS, 2);
        expect(space.cooked()).toEqual(["up c"]);
        space.write("in/a.txt", "changed");
        await said(WAITS, 3);
        expect([space.cooked(), space.read("out/a.txt")]).toEqual([["up a"], "changed1"]);
        rmSync(space.path("in/b.txt"));
        await said(WAITS, 4);
        expect(space.cooked()).toEqual([]);
        graph(space, "2");
        await said(WAITS, 5);
        expect(space.cooked()).toEqual(["up a", "up c"]);
        space.write("g.json", '{ "version": 1, ');
        await said("The last good graph stays.");
        await said(WAITS, 6);
        expect(space.cooked()).toEqual([]);
      });
      expect(text).toContain("Changed: in/c.txt");
      expect(text).toContain('(param.text was "1", is "2")');
    }));

  test("in mid-cook: a running item that is still wanted goes on and runs once; what changed is cooked", () =>
    inStudio(async (space) => {
      const held = (text: string) =>
        space.graph("g.json", {
          slow: { type: "studio/work", label: "slow", params: { text: "slow", how: "wait", output: "out/slow.txt" } },
          quick: { type: "studio/work", label: "quick", params: { text, output: "out/quick.txt" } },
        });
      held("1");
      await watching(space, async (said) => {
        await space.until("journal", "slow waits");
        await space.until("out/quick.txt", "1");
        held("2");
        await space.until("out/quick.txt", "2");
        space.go();
        await said(WAITS);
        expect(space.read("out/slow.txt")).toBe("slow");
        expect(space.cooked().filter((line) => line === "slow")).toEqual(["slow"]);
      });
    }));

  test("in mid-cook: a running item whose key changed is ended and cooked again", () =>
    inStudio(async (space) => {
      const held = (text: string) =>
        space.graph("g.json", {
          slow: { type: "studio/work", label: `slow ${text}`, params: { text, how: "wait", output: "out/slow.txt" } },
        });
      held("1");
      await watching(space, async (said) => {
        await space.until("journal", "slow 1 waits");
        held("2");
        await space.until("journal", "slow 2 waits");
        space.go();
        await said(WAITS);
        expect(space.read("out/slow.txt")).toBe("2");
      });
    }));

  test("in mid-cook: an item that ends before the next cook knows it, is not cooked again", () =>
    inStudio(async (space) => {
      const list = "const files = await list(directory, pattern);";
      space.node("files", space.read("nodes/studio/files.js").replace(list, list + HELD));
      const made = "const path = output ??";
      const ends = 'if (how === "wait") appendFileSync(process.env.JOURNAL, item.label + " ends\\n");';
      space.node("work", space.read("nodes/studio/work.js").replace(made, `${ends} ${made}`));
      space.write("in/a.txt", "a");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        slow: { type: "studio/work", label: "slow @stem", inputs: ["files"], params: { how: "wait" } },
      });
      await watching(space, async (said) => {
        await space.until("journal", "slow a waits");
        space.write("in/b.txt", "b");
        await space.until("journal", "looking at b");
        space.go();
        await space.until("journal", "slow a ends");
        space.write("control/look", "");
        await said(WAITS);
        expect(space.cooked().filter((line) => line === "slow a" || line === "slow b")).toEqual(["slow a", "slow b"]);
      });
    }));

  test("in mid-cook: what runs on an edited item's result gives way to it, where both want all slots", () =>
    inStudio(async (space) => {
      const edited = (text: string) =>
        space.graph("g.json", {
          up: { type: "studio/work", label: `up ${text}`, params: { text } },
          slow: {
            type: "studio/work",
            label: "slow",
            inputs: ["up"],
            slots: { cpu: "all" },
            params: { text: "!", how: "wait", output: "out/slow.txt" },
          },
        });
      edited("1");
      await watching(space, async (said) => {
        await space.until("journal", "slow waits");
        edited("2");
        await space.until("journal", "up 2");
        space.go();
        await said(WAITS);
        expect(space.read("out/slow.txt")).toBe("2!");
      });
    }));

  test("what the cook itself puts into a watched folder is no change; what was cooked, and why, is told", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in", pattern: "?.txt" } },
        all: { type: "studio/files", params: { directory: "in", pattern: "*" } },
        up: {
          type: "studio/work",
          label: "up @stem",
          inputs: ["files"],
          params: { text: "!", output: "in/@{stem}_made.txt" },
        },
      });
      const text = await watching(space, async (said) => {
        await said(WAITS);
        space.write("in/b.txt", "b");
        await said(WAITS, 2);
        space.write("in/a.txt", "other");
        await said(WAITS, 3);
        expect(space.list("in")).toEqual(["a.txt", "a_made.txt", "b.txt", "b_made.txt"]);
      });
      expect(text.match(/^(Changed|Cooked): .*$/gm)).toEqual([
        "Changed: in/b.txt",
        "Cooked: up: up b (never cooked)",
        "Changed: in/a.txt",
        'Cooked: up: up a (input.main: content of file/text "a.txt" changed)',
      ]);
    }));

  test("node code: an edited cook, generate, schema and helper are loaded anew; a broken edit leaves the last good ones", () =>
    inStudio(async (space) => {
      const node = (items: number, text: string, params = "") => `
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";
import { mark } from "./mark.ts";
export default defineNode({
  description: "Writes.",
  version: 1,
  params: { ${params} },
  *generate() { for (let at: number = 0; at < ${items}; at++) yield { identity: at, label: String(at) }; },
  async cook({ label }, _params, { directory }) {
    writeFileSync(join(directory, "made" + label + ".txt"), mark + "${text}");
    return { outputs: [{ path: "made" + label + ".txt", tag: "file" }] };
  },
});`;
      const out = 'out: { type: "string", default: "x", description: "Not heard." }';
      space.write("nodes/studio/mark.ts", 'export const mark: string = "1";\n');
      space.write("nodes/studio/many.ts", node(1, "a"));
      const cooks = (text: string, params: object) =>
        space.graph("g.json", {
          many: { type: "studio/many", params },
          up: { type: "studio/work", inputs: ["many"], params: { keep: 2, text, output: "out/@{pdg_index}.txt" } },
        });
      cooks("", {});
      const text = await watching(space, async (said) => {
        await said(WAITS);
        expect(space.list("out")).toEqual(["0.txt"]);
        space.write("nodes/studio/many.ts", node(2, "a"));
        await space.until("out/1.txt", "1a");
        space.write("nodes/studio/mark.ts", 'export const mark: string = "2";\n');
        await space.until("out/1.txt", "2a");
        space.write("nodes/studio/many.ts", `${node(2, "b")} {`);
        await said("The last good graph stays.");
        space.write("nodes/studio/many.ts", node(2, "b", out));
        await space.until("out/1.txt", "2b");
        cooks("!", { out: "out/y" });
        await space.until("out/1.txt", "2b!");
      });
      expect(text).toMatch(/does not load: .*many\.ts:\d+:\d+: /);
      expect(text).toContain("Changed: nodes/studio/mark.ts");
      expect(text).not.toContain("has no parameter");
    }));
});
