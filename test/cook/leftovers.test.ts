/** What an item's code leaves behind in its worker: whoever comes after it is not to blame. */
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Returns at once; then, while the next item is at work, it does what `late` says. */
const LATER = (late: string) => `
import { existsSync, readFileSync } from "node:fs";
import { defineNode } from "dag-cook";
export default defineNode({
  description: "Leaves something behind.",
  version: 1,
  params: {},
  async cook() {
    const waits = () => existsSync(process.env.JOURNAL) && readFileSync(process.env.JOURNAL, "utf8").includes(" waits");
    const timer = setInterval(() => { if (waits()) { clearInterval(timer); ${late} } }, 5);
    timer.unref();
    return {};
  },
});
`;

function project(space: Studio, late: string): void {
  space.node("later", LATER(late));
  space.graph("g.json", {
    left: { type: "studio/later" },
    after: { type: "studio/work", inputs: ["left"], params: { how: "wait" } },
  });
}

describe("what is left behind in a worker", () => {
  test.each([
    ["a late throw", 'throw new Error("a late throw")', "The worker ended with code 1: Error: a late throw"],
    [
      "a late rejection",
      'Promise.reject(new Error("a late rejection"))',
      "The worker ended with code 1: Error: a late rejection",
    ],
    ["a late exit", "process.exit(4)", "The worker ended with code 4: it said nothing"],
  ])("%s: the item at work is cooked again in a new worker, and the earlier one is named", (_, late, how) =>
    inStudio(async (space) => {
      project(space, late);
      const cooking = space.dag("cook", "g.json", "--progress", "plain", "--cpu-slots", "1");
      // It begins once in the old worker, and once in the new one.
      while (begun(space) < 2) await pause(5);
      space.go();
      const { exit, stderr } = await cooking;
      expect(stderr).toContain(`${how}. left_`);
      expect(stderr).toContain("ran in it before; cooked again in a new one.");
      expect(exit).toBe(0);
    }),
  );

  test("an item that ends every worker fails by itself", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        first: { type: "studio/work" },
        ends: { type: "studio/work", inputs: ["first"], params: { how: "exit" } },
      });
      const cooked = await space.dag("cook", "g.json", "--cpu-slots", "1");
      expect(cooked.exit).toBe(1);
      expect(cooked.stderr).toContain("The worker ended with code 7");
      // Once in a worker that had done other work, and once in a new one.
      expect(space.cooked().map((label) => label.slice(0, 4))).toEqual(["ends", "ends", "firs"]);
    }));
});

/** How often an item came to its gate. */
function begun(space: Studio): number {
  return space.exists("journal") ? space.read("journal").split(" waits\n").length - 1 : 0;
}
