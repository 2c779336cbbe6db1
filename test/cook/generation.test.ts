/** When nodes make their items, and that all do. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { inStudio } from "../helpers/studio.js";

const ints = (name: string, ...values: number[]) => ({
  type: "wedge",
  params: { attributes: [{ name, type: "int", values }] },
});

describe("generation", () => {
  test("two nodes that discover the same: both have their items; where it fails, both fail", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      const files = (directory: string) => ({ type: "studio/files", params: { directory } });
      const work = (input: string) => ({ type: "studio/work", label: input, inputs: [input], params: { text: input } });
      space.graph("g.json", { f1: files("in"), f2: files("in"), w1: work("f1"), w2: work("f2") });
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, ["f1", "f2"]]);
      expect((await space.dag("plan", "g.json")).stdout).toMatch(/Nothing would be cooked\.\n$/);
      space.graph("g.json", { f1: files("no"), f2: files("no"), w1: work("f1"), w2: work("f2") });
      const failed = await space.cook("g.json");
      const message = "The folder $HIP/no does not exist.";
      expect([failed.exit, failuresIn(failed)]).toEqual([1, { f1: message, f2: message }]);
    }));

  test("a discovery that only passes files on is asked anew where names change, not where content does", () =>
    inStudio(async (space) => {
      space.node(
        "passing",
        `
import { appendFileSync } from "node:fs";
import { defineNode } from "dag-cook";
export default defineNode({
  description: "An item for each text of a folder.",
  version: 1,
  params: { directory: { type: "string", path: "input", required: true, description: "Folder." } },
  inputs: {},
  attributes: { writes: { stem: "string" } },
  async discover({ directory }, { list }) {
    const files = await list(directory, "*.txt");
    appendFileSync(${JSON.stringify(space.path("asked"))}, files.length + " ");
    return files.slice(0, 3);
  },
  *generate(_upstream, _params, files) {
    for (const file of files) {
      const stem = file.name.slice(0, -4);
      yield { identity: stem, label: stem, attributes: { stem }, files: [{ ...file, tag: "file/text" }] };
    }
  },
});
`,
      );
      for (const name of ["a", "b", "c", "d"]) space.write(`in/${name}.txt`, name);
      space.graph("g.json", {
        files: { type: "studio/passing", params: { directory: "in" } },
        up: { type: "studio/work", label: "@stem", inputs: ["files"], params: { output: "out/@stem" } },
      });
      const cook = async () => {
        const { exit } = await space.cook("g.json");
        return [exit, space.cooked(), space.read("out/b"), space.read("asked")];
      };
      expect(await cook()).toEqual([0, ["a", "b", "c"], "b", "4 "]);
      space.write("in/b.txt", "bb");
      space.write("in/d.txt", "dd");
      expect(await cook()).toEqual([0, ["b"], "bb", "4 "]);
      space.write("in/aa.txt", "aa");
      expect(await cook()).toEqual([0, ["aa"], "bb", "4 5 "]);
    }));

  test("items that follow from discovery per upstream item: one look for each that differs", () =>
    inStudio(async (space) => {
      for (const name of ["d1/a", "d1/b", "d2/c"]) space.write(`${name}.txt`, name);
      space.node("files", space.read("nodes/studio/files.js").replace("inputs: {},", ""));
      space.graph("g.json", {
        two: ints("n", 1, 2),
        files: { type: "studio/files", inputs: ["two"], params: { directory: "d@n" } },
        up: { type: "studio/work", label: "@n @stem", inputs: ["files"], params: { text: "@n" } },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, [...new Set(space.cooked())]]).toEqual([0, ["1 a", "1 b", "2 c"]]);
    }));

  test("generate_when: a node that is told to wait for cooks sees what they wrote, one told not to does not", () =>
    inStudio(async (space) => {
      space.node(
        "spread",
        `
import { defineNode } from "dag-cook";
export default defineNode({
  description: "As many items as @count says, 9 where it is not known.",
  version: 1,
  params: {},
  inputs: { main: { description: "Items." } },
  attributes: { writes: { part: "int" } },
  *generate([upstream]) {
    for (let part = 0; part < (upstream.attribute("count") ?? 9); part++) yield { identity: part, attributes: { part } };
  },
});
`,
      );
      const spread = (generate_when: string) => ({ type: "studio/spread", inputs: ["up"], generate_when });
      space.graph("g.json", {
        two: ints("n", 1, 2),
        up: { type: "studio/work", inputs: ["two"], params: { set: { count: 2 }, types: { count: "int" } } },
        each: spread("each_upstream_cooked"),
        all: spread("all_upstream_cooked"),
        none: spread("all_upstream_generated"),
      });
      const { events, exit } = await space.cook("g.json");
      const last = new Map(
        events
          .filter(({ type }) => type === "node_generated")
          .map(({ node, items, complete }) => [node, [items, complete]]),
      );
      expect([exit, last.get("each"), last.get("all"), last.get("none")]).toEqual([
        0,
        [4, true],
        [4, true],
        [18, true],
      ]);
    }));

  test("all_upstream_generated: nothing is made until the node above has all its items, whatever is cooked by then", () =>
    inStudio(async (space) => {
      const up = {
        type: "studio/work",
        inputs: ["two"],
        label: "up @n",
        params: { text: "@n", set: { count: 2 }, types: { count: "int" }, how: '`@n == 2 ? "wait" : ""`' },
      };
      const range = { start: 1, end: 2, count: "@count" };
      const down = (name: string, generate_when: string) => ({
        type: "studio/work",
        label: `${name} @n @part`,
        inputs: ["spread"],
        generate_when,
        params: { text: `${name} @part` },
      });
      space.graph("g.json", {
        two: ints("n", 1, 2),
        up,
        spread: { type: "wedge", inputs: ["up"], params: { attributes: [{ name: "part", type: "int", range }] } },
        early: down("early", "automatic"),
        late: down("late", "all_upstream_generated"),
      });
      const { ended } = space.startCook("g.json", "--cpu-slots", "2");
      await space.until("journal", "early 1 2\n");
      expect(space.read("journal")).not.toContain("late");
      space.go();
      expect((await ended).exit).toBe(0);
      expect(space.cooked().filter((line) => line.startsWith("late"))).toEqual([
        "late 1 1",
        "late 1 2",
        "late 2 1",
        "late 2 2",
      ]);
    }));

  test("all_upstream_cooked: nothing is made while one item above still cooks; each_upstream_cooked does not wait", () =>
    inStudio(async (space) => {
      const up = {
        type: "studio/work",
        inputs: ["two"],
        label: "up @n",
        params: { text: "@n", set: { count: 2 }, types: { count: "int" }, how: '`@n == 2 ? "wait" : ""`' },
      };
      const below = (generate_when: string) => ({
        type: "wedge",
        inputs: ["up"],
        generate_when,
        params: { attributes: [{ name: "part", type: "int", range: { start: 1, end: 2, count: "@count" } }] },
      });
      const down = (from: string) => ({
        type: "studio/work",
        inputs: [from],
        label: `${from} @n @part`,
        params: { text: `${from} @part` },
      });
      space.graph("g.json", {
        two: ints("n", 1, 2),
        up,
        each: below("each_upstream_cooked"),
        all: below("all_upstream_cooked"),
        down_each: down("each"),
        down_all: down("all"),
      });
      const { ended } = space.startCook("g.json", "--cpu-slots", "2");
      await space.until("journal", "each 1 2\n");
      expect(space.read("journal")).not.toContain("all 1");
      space.go();
      expect((await ended).exit).toBe(0);
      expect(space.cooked().filter((line) => line.startsWith("all"))).toEqual([
        "all 1 1",
        "all 1 2",
        "all 2 1",
        "all 2 2",
      ]);
    }));

  test("@pdg_workitemcount: who reads it waits until all of the node are known, whichever was cooked first", () =>
    inStudio(async (space) => {
      const range = { start: 1, end: 2, count: "@count" };
      const work = (label: string, params: object) => ({ type: "studio/work", label, inputs: ["spread"], params });
      const slow = { text: "@n", set: { count: 2 }, types: { count: "int" }, how: '`@n == 2 ? "wait" : ""`' };
      space.graph("g.json", {
        two: ints("n", 1, 2),
        up: { type: "studio/work", inputs: ["two"], label: "up @n", params: slow },
        spread: { type: "wedge", inputs: ["up"], params: { attributes: [{ name: "part", type: "int", range }] } },
        plain: work("plain @n @part", { text: "@part" }),
        counted: work("@n @part of @pdg_workitemcount", { text: "counted @part" }),
        // How many there are above it decides how many it makes.
        all: { type: "generic_generator", inputs: ["spread"], params: { count: "@pdg_workitemcount" } },
      });
      const { ended } = space.startCook("g.json", "--cpu-slots", "2");
      await space.until("journal", "plain 1 2\n");
      expect(space.read("journal")).not.toContain(" of ");
      space.go();
      expect((await ended).exit).toBe(0);
      const counted = ["1 1 of 4", "1 2 of 4", "2 1 of 4", "2 2 of 4"];
      expect(space.cooked().filter((line) => line.includes(" of "))).toEqual(counted);
      const { stdout } = await space.dag("items", "g.json", "--node", "all", "--columns", "number", "--csv");
      expect(stdout).toBe(`number\n${"0\n1\n2\n3\n".repeat(4)}`);
      // One item alone has the same count, and so the same key.
      expect([(await space.cook("g.json", "--item", "counted:1")).exit, space.cooked()]).toEqual([0, []]);
    }));

  test("a folder that is filled in the same cook is looked at when all is in it", () =>
    inStudio(async (space) => {
      space.node("files", space.read("nodes/studio/files.js").replace("inputs: {},", ""));
      const graph = (...numbers: number[]) =>
        space.graph("g.json", {
          some: ints("n", ...numbers),
          write: { type: "studio/work", inputs: ["some"], params: { text: "text @n", output: "made/@n.txt" } },
          all: { type: "wait_for_all", inputs: ["write"] },
          found: { type: "studio/files", inputs: ["all"], params: { directory: "made" } },
          read: { type: "studio/work", inputs: ["found"], label: "@stem @first" },
        });
      space.write("made/README", "A folder has to be there.\n");
      graph(1, 2, 3);
      const first = await space.cook("g.json");
      expect([first.exit, failuresIn(first)]).toEqual([0, {}]);
      const read = () => space.cooked().filter((line) => line.includes("text"));
      expect(read()).toEqual(["1 text 1", "2 text 2", "3 text 3"]);
      graph(1, 2, 3, 4);
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(read()).toEqual(["4 text 4"]);
    }));

  test("items may pass files of upstream items through, and are cooked again when these change", () =>
    inStudio(async (space) => {
      space.node(
        "tagged",
        `
import { defineNode } from "dag-cook";
export default defineNode({
  description: "An item for each file of its upstream item.",
  version: 1,
  params: {},
  inputs: { main: { description: "Items." } },
  *generate([upstream]) {
    for (const file of upstream.offered()) yield { identity: file.name, label: file.name, files: [file] };
  },
});
`,
      );
      space.write("in/a.txt", "a");
      space.write("in/b.txt", "b");
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "in" } },
        both: { type: "wait_for_all", inputs: ["files"] },
        tagged: { type: "studio/tagged", inputs: ["both"] },
        read: {
          type: "studio/work",
          inputs: ["tagged"],
          label: { inherit: true },
          params: { output: "out/@pdg_index.txt" },
        },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, failuresIn(cooked)]).toEqual([0, {}]);
      expect([space.read("out/0.txt"), space.read("out/1.txt")]).toEqual(["a", "b"]);
      space.cooked();
      space.write("in/b.txt", "changed");
      await space.cook("g.json");
      expect([space.cooked(), space.read("out/1.txt")]).toEqual([["b.txt"], "changed"]);
    }));

  test("below items that fail, a node that waits for their cook makes none, and the rest goes on", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        two: ints("n", 1, 2),
        up: {
          type: "studio/work",
          label: "up @n",
          inputs: ["two"],
          params: { text: "@n", set: { count: 3 }, types: { count: "int" }, how: '`@n == 1 ? "fail" : ""`' },
        },
        spread: {
          type: "wedge",
          inputs: ["up"],
          params: { attributes: [{ name: "part", type: "int", range: { start: 1, end: 3, count: "@count" } }] },
          generate_when: "each_upstream_cooked",
        },
        down: { type: "studio/work", label: "down @n @part", inputs: ["spread"], params: { text: "@part" } },
      });
      const failed = await space.cook("g.json");
      expect([failed.exit, space.cooked()]).toEqual([1, ["down 2 1", "down 2 2", "down 2 3", "up 1", "up 2"]]);
    }));

  test("an error that a node's generate throws is the node's failure, with its message", () =>
    inStudio(async (space) => {
      space.node(
        "throws",
        `
import { defineNode } from "dag-cook";
export default defineNode({
  description: "Throws.",
  version: 1,
  params: {},
  *generate() {
    yield { identity: 1 };
    throw new Error("no more");
  },
});
`,
      );
      space.graph("g.json", {
        bad: { type: "studio/throws" },
        below: { type: "studio/work", label: "below", inputs: ["bad"] },
        beside: { type: "studio/work", label: "beside" },
      });
      const failed = await space.cook("g.json");
      expect([failed.exit, failuresIn(failed)]).toEqual([1, { bad: "no more" }]);
      expect(space.cooked()).toContain("beside");
    }));
});
