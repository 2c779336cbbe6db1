/** What goes wrong while items are made: it fails the item that it is about, or the node where there is none. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn, itemsThat } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const numbers = (count: number, start = 0) => ({ type: "generic_generator", params: { count, start } });

/** A node type that stumbles over the upstream item whose number is 1. */
function stumbling(space: Studio, name: string, parts: string): void {
  space.node(
    name,
    `import { defineNode } from "dag-cook";
const check = (item) => { if (item.attribute("number") === 1) throw new Error("no ones"); };
export default defineNode({ description: "Stumbles.", version: 1, params: {}, ${parts} });`,
  );
}

describe("one upstream item of several", () => {
  test("its expression has no value: its item fails, by name and attributes; the others are cooked", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        numbers: numbers(3),
        inverse: {
          type: "attribute_create",
          inputs: ["numbers"],
          params: { attributes: [{ name: "r", value: "`1 / @number`" }] },
        },
        up: { type: "studio/work", label: "`@number`", inputs: ["inverse"], params: { number: "@number" } },
      });
      const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain");
      expect([exit, space.cooked()]).toEqual([1, ["1", "2"]]);
      expect(stderr).toMatch(
        /^Failed: inverse_\w+ of node "inverse": .*Division by zero\.\n {2}attributes: number=0$/m,
      );
      expect(stderr).toMatch(/^Failed: 2 cooked, 0 cached, 1 failed, 1 cancelled /m);
      const plan = await space.dag("plan", "g.json");
      expect(plan.stdout).toMatch(/^inverse {2}3 items: 1 fail$/m);
      expect(plan.stdout).toMatch(/^up {7}3 items: 2 hit, 1 fail$/m);
      const items = await space.dag("items", "g.json", "--node", "inverse", "--columns", "number,state,r");
      expect(
        items.stdout
          .trim()
          .split("\n")
          .map((line) => line.trim().split(/\s+/)),
      ).toEqual([
        ["number", "state", "r"],
        ["0", "cooked_fail"],
        ["1", "cooked_success", "1"],
        ["2", "cooked_success", "0.5"],
      ]);
    }));

  test("a filter over an attribute that some lack, whose failures are ignored: the others go on", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        with: {
          type: "attribute_create",
          inputs: ["a"],
          params: { attributes: [{ name: "q", type: "int", value: 5 }] },
        },
        a: numbers(2),
        without: numbers(1, 5),
        all: { type: "merge", inputs: ["with", "without"] },
        big: { type: "filter_by_expression", inputs: ["all"], on_failure: "ignore", params: { expression: "@q > 1" } },
        together: { type: "wait_for_all", inputs: ["big"] },
        up: { type: "studio/work", label: "up", inputs: ["together"] },
      });
      const cooked = await space.cook("g.json");
      expect(Object.values(failuresIn(cooked))).toEqual([expect.stringContaining('This item has no attribute "q".')]);
      expect([cooked.exit, space.cooked()]).toEqual([1, ["up"]]);
    }));

  test("node code that throws for it, wherever it is asked for one item", () =>
    inStudio(async (space) => {
      const read = 'attributes: { reads: ["number"] }';
      stumbling(
        space,
        "generate",
        `*generate([item]) { yield { identity: 1 }; check(item); yield { identity: 2 }; }, ${read}`,
      );
      stumbling(
        space,
        "discover",
        `async discover({ n }) { if (n === 1) throw new Error("no ones"); return n; },
        *generate(_items, _params, found) { yield { identity: found }; },
        params: { n: { type: "integer", required: true, description: "N." } }`,
      );
      stumbling(
        space,
        "pairs",
        `inputs: { left: { description: "L." }, right: { description: "R." } }, *generate([item]) { check(item); yield { identity: 1 }; }, ${read}`,
      );
      space.graph("g.json", {
        numbers: numbers(3),
        generate: { type: "studio/generate", inputs: ["numbers"] },
        discover: { type: "studio/discover", inputs: ["numbers"], params: { n: "@number" } },
        pairs: { type: "studio/pairs", inputs: { left: ["numbers"], right: ["one"] } },
        one: numbers(1),
        up: { type: "studio/work", label: "`@number` up", inputs: ["discover"], params: { number: "@number" } },
      });
      const cooked = await space.cook("g.json");
      const failed = cooked.events.filter(({ type }) => type === "item_failed") as unknown as {
        readonly item: { readonly node: string; readonly index: number };
        readonly failure: { readonly message: string; readonly attributes: object };
      }[];
      expect(failed.map(({ item, failure }) => [item.node, item.index, failure.message, failure.attributes])).toEqual(
        expect.arrayContaining([
          ["generate", 3, "no ones", { number: 1 }],
          ["discover", 1, "no ones", { number: 1 }],
          ["pairs", 1, "no ones", { number: 1 }],
        ]),
      );
      expect(failed).toHaveLength(3);
      expect(cooked.events.filter(({ type }) => type === "node_failed")).toEqual([]);
      expect([cooked.exit, space.cooked(), itemsThat("cooked_cancel", cooked)]).toEqual([
        1,
        ["0 up", "2 up"],
        ["1 up"],
      ]);
    }));

  test("its loop cannot be opened, or told whether it goes on: the loop's result fails", () =>
    inStudio(async (space) => {
      const begin = { type: "feedback_begin", inputs: ["numbers"] };
      const end = { type: "feedback_end", inputs: ["work"] };
      space.graph("open.json", {
        numbers: numbers(3),
        begin: { ...begin, params: { iterations: "round(2 / @number)" } },
        work: {
          type: "studio/work",
          label: "`@number`/`@loopiter`",
          inputs: ["begin"],
          params: { number: "@number", text: "`@loopiter`" },
        },
        end,
      });
      const unopened = await space.cook("open.json");
      expect(Object.values(failuresIn(unopened))).toEqual([expect.stringContaining("Division by zero.")]);
      expect(space.cooked()).toEqual(["1/0", "1/1", "2/0"]);
      space.graph("again.json", {
        numbers: numbers(3),
        begin: { ...begin, params: { iterations: 2 } },
        work: {
          type: "studio/work",
          label: "`@number`/`@loopiter`",
          inputs: ["begin"],
          params: { number: "@number", text: "again `@loopiter`" },
        },
        end: { ...end, params: { stop_when: "1 / @number > 5" } },
      });
      const cut = await space.cook("again.json");
      expect(Object.values(failuresIn(cut))).toEqual([expect.stringContaining("Division by zero.")]);
      expect(space.cooked()).toEqual(["0/0", "1/0", "1/1", "2/0", "2/1"]);
      expect(cut.events.filter(({ type }) => type === "node_failed")).toEqual([]);
    }));
});

test("a declaration that throws is a problem of the graph's check, at the node", () =>
  inStudio(async (space) => {
    for (const part of ["writes", "reads", "removes"]) {
      space.node(
        "broken",
        `import { defineNode } from "dag-cook";
export default defineNode({ description: "B.", version: 1, params: {}, attributes: { ${part}: () => null.x }, async cook() { return {}; } });`,
      );
      space.graph("g.json", { b: { type: "studio/broken" } });
      const { exit, stderr } = await space.dag("check", "g.json");
      expect(exit).toBe(2);
      expect(stderr).toMatch(/^g\.json:\d+:\d+ .*Node "b": its node type cannot say what it declares for it: .*null/m);
    }
  }));
