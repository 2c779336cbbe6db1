/** What an attempt has for itself: its folder, its share of memory. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio } from "../helpers/studio.js";

/** Items in one worker; the second writes what it finds in its folder. \`how\`: what the first does before it. */
const HAUNTED = `
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

let late = () => {};

export default defineNode({
  description: "Writes a file, and meddles with the folders of others.",
  version: 1,
  params: {
    text: { type: "string", default: "", description: "Written." },
    how: { type: "string", default: "", description: "haunt, die, grow." },
    output: { type: "string", path: "output", required: true, description: "Where." },
  },
  async cook(item, { text, how, output }, { directory }) {
    const found = readdirSync(directory);
    const path = join(directory, output);
    writeFileSync(path, text + found.join());
    late();
    late = () => {};
    if (how === "haunt") late = () => { try { writeFileSync(path, "late"); } catch {} };
    const mark = join(process.env.CONTROL, "died");
    if (how === "die" && !existsSync(mark)) {
      writeFileSync(mark, "");
      process.exit(1);
    }
    if (how === "grow") {
      const kept = [];
      for (;;) {
        kept.push(new Uint8Array(8 << 20).fill(1));
        await new Promise((done) => setTimeout(done, 5));
      }
    }
    return { outputs: [{ path: output, tag: "file/text", parameter: "output" }] };
  },
});
`;

describe("an attempt", () => {
  test("what a node writes after its cook has returned does not reach a later item's folder", () =>
    inStudio(async (space) => {
      space.node("haunted", HAUNTED);
      space.graph("g.json", {
        one: { type: "studio/haunted", params: { text: "one", how: "haunt", output: "a/made.txt" } },
        two: { type: "studio/haunted", inputs: ["one"], params: { text: "two", output: "b/made.txt" } },
      });
      const cooked = await space.cook("g.json", "--cpu-slots", "1");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect([space.read("a/made.txt"), space.read("b/made.txt")]).toEqual(["one", "two"]);
    }));

  test("a worker that dies with several items: what it had written is in none of the folders of those sent again", () =>
    inStudio(async (space) => {
      space.node("haunted", HAUNTED);
      space.graph("g.json", {
        three: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] } },
        up: {
          type: "studio/haunted",
          inputs: ["three"],
          params: { text: "@n", how: '`@n == 2 ? "die" : ""`', output: "made/@n.txt" },
          batch_size: 3,
        },
      });
      const cooked = await space.cook("g.json", "--cpu-slots", "1");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect([1, 2, 3].map((n) => space.read(`made/${n}.txt`))).toEqual(["1", "2", "3"]);
    }));

  test("memory_limit: a worker that grows beyond it is ended, its attempt fails, and the others go on in another", () =>
    inStudio(async (space) => {
      space.node("haunted", HAUNTED);
      const nodes = {
        three: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] } },
        up: {
          type: "studio/haunted",
          inputs: ["three"],
          label: "@n",
          params: { text: "@n", how: '`@n == 2 ? "grow" : ""`', output: "made/@n.txt" },
          memory_limit: 300,
        },
      };
      space.graph("g.json", nodes);
      const cooked = await space.cook("g.json", "--cpu-slots", "1");
      expect(cooked.exit).toBe(1);
      expect(failuresIn(cooked)).toEqual({
        2: expect.stringMatching(/SIGKILL: The worker used more memory than its limit: \d+ MB of 300 MB\.$/),
      });
      expect(space.list("made")).toEqual(["1.txt", "3.txt"]);
      const { memory_limit: _, ...any } = nodes.up;
      space.graph("g.json", { ...nodes, up: any });
      const limited = await space.cook("g.json", "--cpu-slots", "1", "--memory-limit", "300");
      expect([limited.exit, failuresIn(limited)]).toEqual([1, { 2: expect.stringMatching(/MB of 300 MB\.$/) }]);
      space.graph("g.json", { ...nodes, up: { ...nodes.up, memory_limit: 0 } });
      expect((await space.dag("check", "g.json")).stderr).toContain('"memory_limit" of node "up"');
    }));
});
