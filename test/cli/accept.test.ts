/** `dag accept`: results that stay under changed code, and what is said of them, through the command line. */
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Files → up → all → end, and a loop beside them whose iterations depend on one another. */
function graph(space: Studio, text = "1"): void {
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: { type: "studio/work", label: "up @stem", inputs: ["files"], params: { text } },
    all: { type: "wait_for_all", inputs: ["up"] },
    end: { type: "studio/work", label: "end", inputs: ["all"], params: { text: "!", output: "out/end.txt" } },
    begin: { type: "feedback_begin", params: { iterations: 3 } },
    step: { type: "studio/work", label: "step @loopiter", inputs: ["begin"], params: { text: "s" } },
    done: { type: "feedback_end", inputs: ["step"] },
  });
}

async function cooked(space: Studio): Promise<void> {
  space.write("in/a.txt", "a");
  space.write("in/b.txt", "b");
  graph(space);
  expect((await space.cook("g.json")).exit).toBe(0);
  space.cooked();
}

/** The node type writes another text: what it made so far is not what it would make now. */
function changeCode(space: Studio, mark: string): void {
  const path = "nodes/studio/work.js";
  const code = space.read(path);
  space.write(path, code.replace(/\.join\(""\) \+ text(?: \+ "[^"]*")?;/, `.join("") + text + "${mark}";`));
}

describe("dag accept", () => {
  test("results under changed code are kept, the iterations of a loop among them; nothing is cooked, and it is said for ever", () =>
    inStudio(async (space) => {
      await cooked(space);
      changeCode(space, "other");
      const accepted = await space.dag("accept", "up", "end", "step");
      expect([accepted.exit, accepted.stderr]).toEqual([0, ""]);
      expect(accepted.stdout).toBe(
        "6 results accepted under the changed code; dag why and dag lineage say so from now on.\n",
      );
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
      expect(space.read("out/end.txt")).toBe("a1b1!");
      const when = /kept under changed code \(dag accept\) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/;
      const why = await space.dag("why", "end");
      expect(why.stdout).toMatch(/^end.* is up to date/);
      expect(why.stdout).toMatch(when);
      expect((await space.dag("lineage", "out/end.txt")).stdout.match(new RegExp(when, "g"))).toHaveLength(3);

      changeCode(space, "again");
      await space.dag("accept", "up", "end", "step");
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
      const { accepted: all } = JSON.parse((await space.dag("why", "end", "--json")).stdout) as {
        accepted: { code: string; fingerprint: string }[];
      };
      expect(new Set(all.map(({ code }) => code)).size).toBe(2);
      expect(all.every(({ fingerprint }) => /^[0-9a-f]{64}$/.test(fingerprint))).toBe(true);
    }));

  test("what changed in something else, too, is cooked; a reason never names what was accepted", () =>
    inStudio(async (space) => {
      await cooked(space);
      changeCode(space, "other");
      await space.dag("accept", "up", "end", "step");
      graph(space, "2");
      const why = await space.dag("why", "up:0");
      expect(why.stdout).toMatch(/would be cooked: param\.text was "1", is "2"\n/);
      changeCode(space, "third");
      const accepted = await space.dag("accept", "up");
      expect(accepted.stdout).toBe(
        "Nothing to accept: no result of up differs from what is asked for in its code alone.\n" +
          "2 items would be cooked for other reasons: dag plan g.json shows them.\n",
      );
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.cooked()).toEqual(["end", "step 0", "step 1", "step 2", "up a", "up b"]);
      expect(space.read("out/end.txt")).toBe("a2thirdb2third!third");
    }));

  test("what a stopped item saved is no result, and an item that is cooked in any case is not accepted", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        slow: { type: "studio/work", label: "slow", params: { how: "save", output: "out/slow.txt" } },
      });
      const { child, ended } = space.startCook("g.json");
      await space.until("journal", "slow waits");
      child.kill("SIGINT");
      expect((await ended).exit).toBe(130);
      space.graph("g2.json", { end: { type: "studio/work", cache_mode: "always_write", params: { text: "e" } } });
      expect((await space.cook("g2.json")).exit).toBe(0);
      changeCode(space, "other");
      expect((await space.dag("accept", "slow", "--graph", "g.json")).stdout).toMatch(/^Nothing to accept/);
      expect((await space.dag("accept", "end", "--graph", "g2.json")).stdout).toMatch(/^Nothing to accept/);
    }));

  test("unchanged, unknown and never cooked nodes, and a store that is in use: in words", () =>
    inStudio(async (space) => {
      graph(space);
      expect((await space.dag("accept", "up")).stderr).toMatch(/^Nothing was cooked here yet/);
      await cooked(space);
      expect((await space.dag("accept", "up")).stdout).toMatch(/^Nothing to accept/);
      const unknown = await space.dag("accept", "upp");
      expect([unknown.exit, unknown.stderr]).toEqual([2, 'The graph has no node "upp". Did you mean "up"?\n']);
      expect((await space.dag("accept")).exit).toBe(2);
    }));
});
