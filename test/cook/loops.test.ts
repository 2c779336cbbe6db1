/** Loops through the real command line: what goes round, when it ends, what is cooked again, and what is refused. */
import { describe, expect, test } from "@jest/globals";
import { cookedItems, type Ended, failuresIn, itemsThat, statesIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const two = { attributes: [{ name: "n", type: "string", values: ["a", "b"] }] };

/** `work` appends to the text that goes round; `all` is the result of each loop. */
function loop(space: Studio, begin: object, { end = {}, work = {}, more = {} } = {}): void {
  space.graph("g.json", {
    names: { type: "wedge", params: two },
    begin: { type: "feedback_begin", inputs: ["names"], params: begin },
    work: {
      type: "studio/work",
      inputs: ["begin"],
      label: "@n @loopiter",
      params: { text: "@n@loopiter " },
      ...work,
    },
    end: { type: "feedback_end", inputs: ["work"], ...end },
    after: {
      type: "studio/work",
      inputs: ["end"],
      label: "after @n",
      params: { output: "out/@n.txt" },
    },
    ...more,
  });
}

const lines = ({ stderr }: Ended): string[] => stderr.split("\n").filter((line) => line.startsWith("g.json:"));

describe("a loop", () => {
  test("count: files go round, one loop for each upstream item; the second cook does nothing", () =>
    inStudio(async (space) => {
      loop(space, { iterations: 3 });
      const first = await space.cook("g.json");
      expect(failuresIn(first)).toEqual({});
      expect(first.exit).toBe(0);
      expect(space.cooked()).toEqual(["a 0", "a 1", "a 2", "after a", "after b", "b 0", "b 1", "b 2"]);
      expect([space.read("out/a.txt"), space.read("out/b.txt")]).toEqual(["a0 a1 a2 ", "b0 b1 b2 "]);
      const again = await space.cook("g.json");
      expect([again.exit, cookedItems(again.events)]).toEqual([0, []]);

      // Another iteration: those before it are where they were.
      loop(space, { iterations: 4 });
      await space.cook("g.json");
      expect(space.cooked()).toEqual([...["a 3"], "after a", "after b", "b 3"].slice(-4));
      expect(space.read("out/a.txt")).toBe("a0 a1 a2 a3 ");
    }));

  test("items: one loop that takes an upstream item at each turn; without files fed back each begins anew", () =>
    inStudio(async (space) => {
      loop(space, { over: "items" });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("out/b.txt")).toBe("a0 b1 ");
      loop(space, { over: "items", files: false });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("out/b.txt")).toBe("b1 ");
    }));

  test("partition: a loop for each partition, over the items in it", () =>
    inStudio(async (space) => {
      const values = [1, 2, 3, 4, 5];
      space.graph("g.json", {
        numbers: { type: "wedge", params: { attributes: [{ name: "x", type: "int", values }] } },
        odd: {
          type: "attribute_create",
          inputs: ["numbers"],
          params: { attributes: [{ name: "odd", type: "int", value: "`@x % 2`" }] },
        },
        parts: { type: "partition_by_attribute", inputs: ["odd"], params: { attributes: [{ name: "odd" }] } },
        begin: { type: "feedback_begin", inputs: ["parts"], params: { over: "partition" } },
        work: { type: "studio/work", inputs: ["begin"], params: { text: "@x of @loopsize; " } },
        end: { type: "feedback_end", inputs: ["work"] },
        after: { type: "studio/work", inputs: ["end"], params: { output: "out/@odd.txt" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.read("out/1.txt")).toBe("1 of 3; 3 of 3; 5 of 3; ");
      expect(space.read("out/0.txt")).toBe("2 of 2; 4 of 2; ");
    }));

  test("attributes are fed back where they are named; a stop expression reads what came of a turn, and ends the loop", () =>
    inStudio(async (space) => {
      const start = {
        type: "attribute_create",
        inputs: ["names"],
        params: { attributes: [{ name: "word", type: "string", value: "first" }] },
      };
      const turns = (attributes: readonly string[], stop_when: string) =>
        loop(
          space,
          {},
          {
            work: {
              params: { text: "@word ", set: { word: "again", turn: 1 }, types: { word: "string", turn: "int" } },
            },
            end: { params: { stop_when } },
            more: {
              start,
              begin: { type: "feedback_begin", inputs: ["start"], params: { iterations: 9, attributes } },
            },
          },
        );
      turns(["w*"], '@word == "again" && @loopiter == @turn + 1');
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.read("out/a.txt")).toBe("first again again ");
      turns([], "@loopiter == 1");
      await space.cook("g.json");
      expect(space.read("out/a.txt")).toBe("first first ");
    }));

  test("nested: the inner loop begins anew in each turn of the outer one, and leaves it its own count", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        outer: { type: "feedback_begin", params: { iterations: 2 } },
        inner: { type: "feedback_begin", inputs: ["outer"], params: { iterations: 2 } },
        work: { type: "studio/work", inputs: ["inner"], params: { text: "@pdg_loopdepth:@loopiter " } },
        inner_end: { type: "feedback_end", inputs: ["work"] },
        mark: { type: "studio/work", inputs: ["inner_end"], params: { text: "| @pdg_loopdepth:@loopiter " } },
        outer_end: { type: "feedback_end", inputs: ["mark"] },
        after: { type: "studio/work", inputs: ["outer_end"], params: { text: "@pdg_loopdepth", output: "out.txt" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.read("out.txt")).toBe("2:0 2:1 | 1:0 2:0 2:1 | 1:1 0");
      const again = await space.cook("g.json");
      expect(cookedItems(again.events)).toEqual([]);
    }));

  test("inside, partitions and filters see one iteration; the second output has every iteration's result", () =>
    inStudio(async (space) => {
      loop(
        space,
        { iterations: 2, files: false },
        {
          work: { inputs: ["pair"], label: "@n @loopiter @m", params: { text: "@loopiter@m " } },
          end: { inputs: ["both"] },
          more: {
            pair: {
              type: "wedge",
              inputs: ["begin"],
              params: { attributes: [{ name: "m", type: "int", values: [1, 2] }] },
            },
            both: { type: "wait_for_all", inputs: ["work"] },
            every: { type: "wait_for_all", inputs: ["end:iterations"] },
            book: { type: "studio/work", inputs: ["every"], params: { output: "book.txt" } },
          },
        },
      );
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.read("out/a.txt")).toBe("11 12 ");
      expect(space.read("book.txt")).toBe("01 02 11 12 01 02 11 12 ");
    }));

  test("a failure ends its loop, cancels what lies below, and leaves the other loops alone", () =>
    inStudio(async (space) => {
      const how = '`@n == "a" && @loopiter == 1 ? "fail" : ""`';
      loop(space, { iterations: 3 }, { work: { params: { text: "@n@loopiter ", how } } });
      const failed = await space.cook("g.json");
      expect(failed.exit).toBe(1);
      expect(space.cooked()).toEqual(["a 0", "a 1", "after b", "b 0", "b 1", "b 2"]);
      expect(Object.keys(failuresIn(failed))).toEqual(["a 1"]);
      expect(itemsThat("cooked_cancel", failed)).toContain("after a");
      expect(statesIn(failed.events).filter(({ to }) => to === "waiting").length).toBeGreaterThan(0);
    }));

  test("an upstream item's loop begins when that item is there: it waits for no other", () =>
    inStudio(async (space) => {
      const slow = {
        type: "studio/work",
        inputs: ["names"],
        label: "slow @n",
        params: { text: "@n", how: '`@n == "b" ? "wait" : ""`' },
      };
      // Its items are known one by one, as those above it are cooked.
      const late = { type: "generic_generator", inputs: ["slow"], generate_when: "each_upstream_cooked" };
      const begin = { type: "feedback_begin", inputs: ["late"], params: { iterations: 2 } };
      loop(space, {}, { more: { slow, late, begin } });
      const { ended } = space.startCook("g.json");
      await space.until("journal", "after a");
      expect(space.journal()).not.toContain("b 0");
      space.go();
      expect((await ended).exit).toBe(0);
      expect([space.read("out/a.txt"), space.read("out/b.txt")]).toEqual(["aa0 a1 ", "bb0 b1 "]);
    }));

  test("the counts of a loop are not there after it: what reads them is a diagnostic; a loop's end may be labelled by them", () =>
    inStudio(async (space) => {
      const after = { type: "studio/work", inputs: ["end"], label: "@n @loopiter" };
      loop(space, { iterations: 2 }, { more: { after } });
      expect(lines(await space.dag("check", "g.json"))[0]).toMatch(
        /There is no attribute "loopiter" here: only items inside a loop have it/,
      );
      // In a loop around it, they are that loop's; the second output has every iteration, with its count.
      space.graph("g.json", {
        outer: { type: "feedback_begin", params: { iterations: 2 } },
        inner: { type: "feedback_begin", inputs: ["outer"], params: { iterations: 3 } },
        work: { type: "studio/work", inputs: ["inner"], params: { text: "@loopiter" } },
        inner_end: { type: "feedback_end", inputs: ["work"], label: "inner @loopiter" },
        mark: {
          type: "studio/work",
          inputs: ["inner_end"],
          params: { text: " of @loopiter; ", output: "o@loopiter.txt" },
        },
        outer_end: { type: "feedback_end", inputs: ["mark"] },
        turns: { type: "partition_by_iteration", inputs: ["outer_end:iterations"] },
        after: { type: "studio/work", inputs: ["turns"], params: { output: "out@{loopiter}.txt" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect([space.read("out0.txt"), space.read("out1.txt")]).toEqual(["012 of 0; ", "012 of 0; 012 of 1; "]);
      const ends = JSON.parse((await space.dag("items", "g.json", "--node", "inner_end", "--json")).stdout);
      const labels = ends.map(({ label }: { label: string }) => label).sort();
      const ofBoth = (turn: number) => [`inner ${turn}`, `inner ${turn}`];
      expect(labels).toEqual([...ofBoth(0), ...ofBoth(1), ...ofBoth(2), ...ofBoth(2)]);
    }));

  test("plan and items tell what is known before it is cooked, and all of it after", () =>
    inStudio(async (space) => {
      loop(space, { iterations: 2 });
      const plan = await space.dag("plan", "g.json");
      expect(plan.stdout).toMatch(/work +≥ 2 items: 2 cook/);
      await space.cook("g.json");
      expect((await space.dag("plan", "g.json")).stdout).toContain("Nothing would be cooked.");
      const items = await space.dag(
        "items",
        "g.json",
        "--node",
        "work",
        "--columns",
        "n,loopiter,loopnum,loopsize",
        "--csv",
      );
      expect(items.stdout.trim().split("\n").slice(1).sort()).toEqual(["a,0,0,2", "a,1,0,2", "b,0,1,2", "b,1,1,2"]);
    }));

  test("a node inside is chosen: its whole loop is cooked, and nothing below", () =>
    inStudio(async (space) => {
      loop(space, { iterations: 2 });
      expect((await space.cook("g.json", "--node", "work")).exit).toBe(0);
      expect(space.cooked()).toEqual(["a 0", "a 1", "b 0", "b 1"]);
    }));

  test("what is no loop is a diagnostic: unclosed, never opened, read from inside", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        begin: { type: "feedback_begin", params: { iterations: 2 } },
        work: { type: "studio/work", inputs: ["begin"] },
      });
      expect(lines(await space.dag("check", "g.json"))[0]).toMatch(/Node "begin" opens a loop that no feedback_end/);
      space.graph("g.json", { work: { type: "studio/work" }, end: { type: "feedback_end", inputs: ["work"] } });
      expect(lines(await space.dag("check", "g.json"))[0]).toMatch(/Node "end" closes no loop/);
      loop(space, { iterations: 2 }, { more: { both: { type: "merge", inputs: ["end", "work"] } } });
      expect(lines(await space.dag("check", "g.json"))[0]).toMatch(/Node "both" reads the inside of a loop/);
      loop(space, {});
      expect(lines(await space.dag("check", "g.json"))[0]).toMatch(/"iterations" must say how many/);
    }));
});
