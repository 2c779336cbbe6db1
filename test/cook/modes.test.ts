/** What a user says about the store: cache modes, --force, dag dirty. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn, itemsThat, reasonsIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

function twoNodes(space: Studio, up: object = {}, down: object = {}): void {
  const values = { attributes: [{ name: "n", type: "int", values: [1, 2] }] };
  space.graph("g.json", {
    two: { type: "wedge", params: values },
    up: { type: "studio/work", label: "up @n", inputs: ["two"], params: { text: "@n" }, ...up },
    down: { type: "studio/work", label: "down @n", inputs: ["up"], params: { text: "." }, ...down },
  });
}

const ALL = ["down 1", "down 2", "up 1", "up 2"];

describe("cache_mode", () => {
  test("never: cooked each time, what it makes is read below and cuts the recook off", () =>
    inStudio(async (space) => {
      twoNodes(space, { cache_mode: "never" });
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ALL]);
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, ["up 1", "up 2"]]);
      expect(reasonsIn(again)["up 1"]).toBe("cache_mode is never");
      // Nothing of it was kept: in its usual mode it has never been cooked.
      twoNodes(space);
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["up 1", "up 2"]);
    }));

  test("always_write: cooked each time, and kept for others", () =>
    inStudio(async (space) => {
      twoNodes(space, { cache_mode: "always_write" });
      await space.cook("g.json");
      space.cooked();
      const again = await space.cook("g.json");
      expect(space.cooked()).toEqual(["up 1", "up 2"]);
      expect(reasonsIn(again)["up 2"]).toBe("cache_mode is always_write");
      twoNodes(space);
      await space.cook("g.json");
      expect(space.cooked()).toEqual([]);
    }));

  test("always_read: a hit as ever, a miss fails the item with its reason and cooks nothing", () =>
    inStudio(async (space) => {
      twoNodes(space);
      await space.cook("g.json");
      space.cooked();
      twoNodes(space, { cache_mode: "always_read" });
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
      twoNodes(space, { cache_mode: "always_read", params: { text: "`@n * 2`" } });
      const missed = await space.cook("g.json");
      // The value 2 of the first was cooked for the second before: the same work.
      expect([missed.exit, space.cooked()]).toEqual([1, []]);
      expect(failuresIn(missed)).toEqual({ "up 2": expect.stringMatching(/always_read.*param\.text was "2", is "4"/) });
      expect(itemsThat("cooked_cancel", missed).length).toBe(1);
    }));
});

describe("dag cook --force", () => {
  test("the node's items are cooked; below, equal bytes are hits", () =>
    inStudio(async (space) => {
      twoNodes(space);
      await space.cook("g.json");
      space.cooked();
      const forced = await space.cook("g.json", "--force", "up");
      expect([forced.exit, space.cooked()]).toEqual([0, ["up 1", "up 2"]]);
      expect(reasonsIn(forced)).toEqual({ "up 1": "forced", "up 2": "forced" });
      await space.cook("g.json", "--force", "up", "--force", "down");
      expect(space.cooked()).toEqual(ALL);
      const unknown = await space.dag("cook", "g.json", "--force", "upp");
      expect([unknown.exit, unknown.stderr]).toEqual([2, 'The graph has no node "upp". Did you mean "up"?\n']);
    }));
});

describe("dag dirty", () => {
  test("a node, an item, with and without what lies below", () =>
    inStudio(async (space) => {
      twoNodes(space);
      await space.cook("g.json");
      space.cooked();
      const node = await space.dag("dirty", "up");
      expect([node.exit, node.stdout]).toEqual([0, "2 of 2 items made dirty; the next cook cooks them again.\n"]);
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["up 1", "up 2"]);

      const item = await space.dag("dirty", "up:1", "--downstream");
      expect(item.stdout).toContain("2 of 2 items");
      expect((await space.dag("why", "up:1")).stdout).toContain("would be cooked");
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["down 2", "up 2"]);

      const unknown = await space.dag("dirty", "nothing");
      expect([unknown.exit, unknown.stderr]).toEqual([
        2,
        'g.json makes no work item "nothing", and none of a node of that name.\n',
      ]);
    }));
});
