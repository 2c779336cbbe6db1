/** `dag stop`: one item of a running cook is stopped from another process; and items that give up by themselves. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn, itemsThat } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Two items wait for the gate, each with one below it. */
function graph(space: Studio, how = "save"): void {
  space.graph("g.json", {
    two: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2] }] } },
    slow: {
      type: "studio/work",
      label: "slow @n",
      inputs: ["two"],
      params: { text: "slow @n", how, set: { got: 7 }, output: "out/slow_@{n}.txt" },
    },
    after: {
      type: "studio/work",
      label: "after @n",
      inputs: ["slow"],
      params: { text: " after", reads: ["got"], output: "out/after_@{n}.txt" },
    },
  });
}

/** Starts a cook and waits until both items are at work. */
async function started(space: Studio) {
  const begun = space.startCook("g.json", "--cpu-slots", "2");
  await space.until("journal", "slow 1 waits");
  await space.until("journal", "slow 2 waits");
  return begun;
}

describe("dag stop", () => {
  test("stops one item: those below take what it has, the rest goes on, and the same command resumes it", () =>
    inStudio(async (space) => {
      graph(space);
      const { ended } = await started(space);
      const stop = await space.dag("stop", "slow:0", "g.json");
      expect([stop.exit, stop.stdout]).toEqual([
        0,
        expect.stringMatching(
          /^Stopping slow_[0-9a-f]{10}: it may save what it has, and the rest of the cook goes on\./,
        ),
      ]);
      await space.until("journal", "after 1");
      expect(space.read("out/slow_1.txt")).toBe("partial");
      space.go();
      const cooked = await ended;
      expect(cooked.exit).toBe(130);
      expect(cooked.events.at(-1)).toMatchObject({ type: "cook_finished", exit: 130, cooked: 3, partial: 1 });
      expect(space.read("out/after_1.txt")).toBe("partialgot=7  after");
      expect(space.read("out/after_2.txt")).toBe("slow 2got=7  after");
      expect(space.list(".dag")).not.toContain("door");

      const items = JSON.parse((await space.dag("items", "g.json", "--node", "slow", "--json")).stdout);
      expect(items).toMatchObject([
        {
          label: "slow 1",
          state: "cooked_success",
          outcome: "partial",
          attributes: { got: 7 },
          outputs: [{ name: "slow_1.txt" }],
        },
        { label: "slow 2", state: "cooked_cache" },
      ]);
      expect((await space.dag("runs")).stdout).toMatch(/130 +5 +0 +1 +0 +0 +g\.json/);
      expect((await space.dag("plan", "g.json")).stdout).toContain(
        "it has a partial result, from which its cook goes on",
      );
      space.cooked();
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([
        0,
        ["after 1", "slow 1", "slow 1 goes on from step 1", "slow 1 waits"],
      ]);
      expect(space.read("out/after_1.txt")).toBe("slow 1got=7  after");
      expect((await space.cook("g.json")).events.at(-1)).toMatchObject({ cooked: 0, partial: 0 });
    }));

  test("the summary counts what is partial", () =>
    inStudio(async (space) => {
      graph(space);
      const child = space.start("cook", "g.json", "--cpu-slots", "2", "--progress", "plain");
      let said = "";
      child.stderr.on("data", (text: Buffer) => {
        said += text;
      });
      const closed = new Promise((resolve) => child.on("close", resolve));
      await space.until("journal", "slow 1 waits");
      await space.until("journal", "slow 2 waits");
      for (const item of ["slow:0", "slow:1"]) expect((await space.dag("stop", item)).exit).toBe(0);
      expect(await closed).toBe(130);
      expect(said).toContain("slow: 2 items: 2 partial");
      expect(said).toMatch(/Stopped: 2 cooked, 0 cached, 2 partial \(/);
    }));

  test("asked again, it ends the item at once; those below are cancelled", () =>
    inStudio(async (space) => {
      graph(space, "wait");
      const { ended } = await started(space);
      // Its node does not listen: without the second word it would wait for the gate.
      const words = [(await space.dag("stop", "slow:0")).stdout, (await space.dag("stop", "slow:0")).stdout];
      expect(words[1]).toMatch(/^slow_[0-9a-f]{10} is ended at once\.\n$/);
      space.go();
      const cooked = await ended;
      expect(cooked.exit).toBe(130);
      expect(itemsThat("cooked_cancel", cooked)).toEqual(["after 1", "slow 1"]);
      expect(itemsThat("cooked_success", cooked)).toEqual(["after 2", "slow 2"]);
    }));

  test("says what cannot be stopped", () =>
    inStudio(async (space) => {
      graph(space);
      const nowhere = await space.dag("stop", "slow:0");
      expect([nowhere.exit, nowhere.stderr]).toEqual([2, `Nothing is cooking with the store ${space.path(".dag")}.\n`]);
      expect((await space.dag("stop", "slow:0", "h.json")).stderr).toBe("There is no graph file h.json.\n");
      const { ended } = await started(space);
      const refusal = async (...args: string[]) => {
        const { exit, stderr } = await space.dag("stop", ...args);
        expect(exit).toBe(2);
        return stderr;
      };
      expect(await refusal("nobody")).toBe(
        'The graph makes no work item "nobody". dag items lists those that it makes.\n',
      );
      expect(await refusal("after:0")).toMatch(/^after_[0-9a-f]{10} is not running: it is waiting\.\n$/);
      expect(await refusal("after")).toBe('No item of node "after" is running.\n');
      expect(await refusal("slow")).toMatch(/^2 items of node "slow" are running: say which, slow_\w+, slow_\w+\.\n$/);
      space.write("h.json", "{}");
      expect(await refusal("slow:0", "h.json")).toBe("The cook that runs here is of g.json, not of h.json.\n");
      space.go();
      expect((await ended).exit).toBe(0);
    }));

  test("an item with the same fingerprint takes the part, too", () =>
    inStudio(async (space) => {
      const work = { type: "studio/work", label: "$OS", params: { text: "same", how: "save" } };
      space.graph("g.json", {
        one: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1] }] } },
        a: { ...work, inputs: ["one"] },
        b: { ...work, inputs: ["one"] },
      });
      const { ended } = space.startCook("g.json");
      await space.until("journal", "a waits");
      const told = await space.dag("stop", "a");
      expect([told.exit, told.stderr]).toEqual([0, ""]);
      const cooked = await ended;
      expect(cooked.events.at(-1)).toMatchObject({ exit: 130, partial: 2 });
    }));
});

describe("a cook that gives up", () => {
  test("fails with its message and is not tried again; what it has is at the user's path, and nothing below sees it", () =>
    inStudio(async (space) => {
      const work = { type: "studio/work", label: "$OS" };
      space.graph("g.json", {
        hard: { ...work, on_failure: "retry", params: { how: "give_up", output: "out/hard.txt" } },
        below: { ...work, inputs: ["hard"] },
      });
      const cooked = await space.cook("g.json");
      expect(cooked.exit).toBe(1);
      expect(failuresIn(cooked)).toEqual({ hard: "told to give up" });
      expect(itemsThat("cooked_cancel", cooked)).toEqual(["below"]);
      expect(space.cooked()).toEqual(["hard"]);
      expect(space.read("out/hard.txt")).toBe("as far as it came");
      expect((await space.cook("g.json")).exit).toBe(1);
      expect(space.cooked()).toEqual(["hard"]);
    }));
});
