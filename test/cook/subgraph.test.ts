/** Graph files as nodes, through the real command line. */
import { describe, expect, test } from "@jest/globals";
import { cookedItems, failuresIn, statesIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const NUMBERS = { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] } };

/** Items that are larger than `least` are written; the others come out of `rest`. */
const INNER = {
  version: 1,
  variables: { WORD: "inner" },
  inputs: { main: { description: "Numbers." } },
  outputs: { written: ["write"], rest: ["split:rest"] },
  params: { least: "split.conditions.0.value", text: ["write.text"], output: "write.output" },
  nodes: {
    split: {
      type: "split",
      inputs: [":main"],
      params: { conditions: [{ attribute: "n", is: "greater", value: 1 }] },
    },
    write: { type: "studio/work", inputs: ["split"], label: "$OS @n", params: { text: "$WORD @n" } },
  },
};

function outer(space: Studio, inner: object, nodes: object, variables: Record<string, string> = {}): void {
  space.write("lib/inner.json", JSON.stringify(inner));
  space.graph("g.json", { numbers: NUMBERS, ...nodes }, variables);
}

const sub = (from: string, params: object = {}, more: object = {}) => ({
  type: "subgraph",
  inputs: [from],
  params: { graph: "lib/inner.json", ...params },
  ...more,
});

describe("subgraph", () => {
  test("its nodes are cooked by their path, once for each node that stands for it; outputs are read by name", () =>
    inStudio(async (space) => {
      outer(space, INNER, {
        one: sub("numbers"),
        two: sub("one:rest", { least: 0 }),
        after: { type: "studio/work", inputs: ["one", "two"], label: "after @n" },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.cooked()).toEqual(["after 1", "after 2", "after 3", "one/write 2", "one/write 3", "two/write 1"]);
      const named = statesIn(cooked.events).find(({ item }) => item.node === "one/write");
      expect(named?.item.name).toMatch(/^one\/write_[0-9a-f]{10}$/);
      const log = await space.dag("items", "g.json", "--node", "two/write", "--columns", "name", "--csv");
      expect(log.stdout).toMatch(/two\/write_/);
      expect(cookedItems((await space.cook("g.json")).events)).toEqual([]);
    }));

  test("promoted parameters mean what they mean where they are said: variables, paths, attributes, --set", () =>
    inStudio(async (space) => {
      const said = { text: "$WORD @n", output: "out/@n.txt", least: "`@n - 1`" };
      outer(space, INNER, { one: sub("numbers", said) }, { WORD: "outer" });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.list("out")).toEqual(["1.txt", "2.txt", "3.txt"]);
      expect(space.read("out/2.txt")).toBe("outer 2");
      const set = await space.cook("g.json", "--set", "one.text=$WORD set");
      expect(set.exit).toBe(0);
      expect(space.read("out/2.txt")).toBe("outer set");
      // What the inner file says by itself starts at its own folder.
      const own = { ...INNER.nodes, write: { ...INNER.nodes.write, params: { text: "$WORD", output: "made/@n.txt" } } };
      outer(space, { ...INNER, nodes: own }, { one: sub("numbers") }, { WORD: "outer" });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("lib/made/3.txt")).toBe("inner");
    }));

  test("graphs in graphs in graphs; a loop around one; bypassed, its items pass by", () =>
    inStudio(async (space) => {
      const middle = {
        version: 1,
        inputs: { main: { description: "Numbers." } },
        outputs: { main: ["deep"] },
        params: { text: "deep.text" },
        nodes: { deep: { ...sub(":main"), params: { graph: "inner.json" } } },
      };
      space.write("lib/middle.json", JSON.stringify(middle));
      const around = (more: object) => ({
        begin: { type: "feedback_begin", inputs: ["numbers"], params: { iterations: 2 } },
        mid: { type: "subgraph", inputs: ["begin"], params: { graph: "lib/middle.json", text: "@loopiter;" }, ...more },
        end: { type: "feedback_end", inputs: ["mid"] },
        after: { type: "studio/work", inputs: ["end"], label: "after @n", params: { output: "out/@n.txt" } },
      });
      outer(space, INNER, around({}));
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect(space.read("out/3.txt")).toBe("0;1;");
      expect(space.cooked()).toContain("mid/deep/write 2");
      outer(space, INNER, around({ bypass: true }));
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.cooked()).toEqual(["after 1", "after 2", "after 3"]);
    }));

  test("what is wrong is said at its place, in the file that says it", () =>
    inStudio(async (space) => {
      outer(
        space,
        { ...INNER, nodes: { ...INNER.nodes, more: { type: "studio/work", params: { txt: "" } } } },
        {
          one: sub("numbers", { leest: 3, text: "@m" }, { timeout: 3 }),
          two: sub("one:rset"),
          three: { type: "subgraph", params: { graph: "lib/none.json" } },
          four: { type: "subgraph", params: { graph: "/etc/passwd" } },
        },
      );
      const { exit, stderr } = await space.dag("check", "g.json");
      const said = stderr.split("\n").filter((line) => /^(g|lib\/inner)\.json:\d/.test(line));
      expect(exit).toBe(2);
      const expected = [
        /^g\.json:\d+:\d+ Node "one" has no parameter "leest"\. Did you mean "least"\?$/,
        /^g\.json:\d+:\d+ There is no attribute "m" here\./,
        /^g\.json:\d+:\d+ "timeout" says nothing of a node that stands for a graph/,
        /^g\.json:\d+:\d+ Node "one" has no output "rset"\. Did you mean "rest"\?$/,
        /^g\.json:\d+:\d+ There is no graph file .*none\.json\.$/,
        /^g\.json:\d+:\d+ Node "four" needs input|^g\.json:\d+:\d+ \/etc\/passwd lies outside/,
        /^lib\/inner\.json:1:\d+ Node "one\/more" has no parameter "txt"\. Did you mean "text"\?$/,
      ];
      for (const line of expected) expect(said).toContainEqual(expect.stringMatching(line));
    }));

  test("files that lie in each other are a cycle; so is a graph that hands on what it gets to itself", () =>
    inStudio(async (space) => {
      const self = { version: 1, nodes: { again: { type: "subgraph", params: { graph: "inner.json" } } } };
      outer(space, self, { one: { type: "subgraph", params: { graph: "lib/inner.json" } } });
      const files = await space.dag("check", "g.json");
      expect(files.stderr).toContain("The graph files have a cycle: lib/inner.json -> lib/inner.json.");
      const through = { version: 1, inputs: { main: {} }, outputs: { main: [":main"] }, nodes: {} };
      outer(space, through, { one: sub("one"), after: { type: "studio/work", inputs: ["one"] } });
      const wires = await space.dag("check", "g.json");
      expect([wires.exit, wires.stderr]).toEqual([2, expect.stringContaining("comes from itself")]);
      const cycle = await (async () => {
        outer(space, INNER, { one: sub("back"), back: { type: "merge", inputs: ["one"] } });
        return space.dag("check", "g.json");
      })();
      expect(cycle.stderr).toMatch(/The graph has a cycle: .*one\/split -> one\/write -> back/);
    }));
});
