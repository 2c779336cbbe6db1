/** Attributes of work items, expressions over them, and what is made and decided from them. */
import { describe, expect, test } from "@jest/globals";
import { failuresIn, itemsThat, statesIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const ints = (name: string, ...values: number[]) => ({ name, type: "int", values });
const wedge = (...attributes: object[]) => ({ type: "wedge", params: { attributes } });

/** The rows that `dag items` tells of a node, as `a|b|c`. */
async function rows(space: Studio, node: string, columns: string): Promise<string[]> {
  const { stdout } = await space.dag("items", "g.json", "--node", node, "--columns", columns, "--csv");
  return stdout
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.replaceAll(",", "|"));
}

describe("attributes", () => {
  test("what a cook writes is seen below: by expressions, by reads, through nodes without work", () =>
    inStudio(async (space) => {
      const types = { score: "float", word: "string", pair: "int[]" };
      space.graph("g.json", {
        two: wedge(ints("n", 1, 2)),
        up: { type: "studio/work", inputs: ["two"], params: { set: { score: 0.5, word: "x", pair: [7, 9] }, types } },
        more: {
          type: "attribute_create",
          inputs: ["up"],
          params: { attributes: [{ name: "twice", type: "float", value: "`@score * 2 * @n`" }] },
        },
        down: {
          type: "studio/work",
          label: "@word @n",
          inputs: ["more"],
          params: { text: "@word @{pair.1} `@twice + @score`", reads: ["n", "score"], output: "out/@{n:3}.txt" },
        },
      });
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("out/001.txt")).toBe("n=1 score=0.5 x 9 1.5");
      expect(space.read("out/002.txt")).toBe("n=2 score=0.5 x 9 2.5");
      expect(await rows(space, "down", "n,score,word,twice")).toEqual(["1|0.5|x|1", "2|0.5|x|2"]);
    }));

  test("a node that makes items from what a cook wrote: it waits for it, and is replayed from the store", () =>
    inStudio(async (space) => {
      const nodes = (count: number) => ({
        two: wedge(ints("n", 1, 2)),
        up: {
          type: "studio/work",
          label: "up @n",
          inputs: ["two"],
          params: { text: "@n", set: { count }, types: { count: "int" } },
        },
        spread: wedge({ name: "part", type: "int", range: { start: 1, end: 9, count: "@count" } }),
        down: { type: "studio/work", label: "down @n @part", inputs: ["spread"], params: { text: "@n @part" } },
        all: { type: "wait_for_all", inputs: ["down"] },
        end: {
          type: "studio/work",
          label: "end",
          inputs: ["all"],
          params: { text: "@partitionsize", output: "end.txt" },
        },
      });
      const graph = (count: number) => {
        const made = nodes(count);
        space.graph("g.json", { ...made, spread: { ...made.spread, inputs: ["up"] } });
      };
      graph(2);
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([
        0,
        ["down 1 1", "down 1 9", "down 2 1", "down 2 9", "end", "up 1", "up 2"],
      ]);
      expect(space.read("end.txt")).toBe("11 111 922 122 94");
      expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
      graph(3);
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["down 1 5", "down 2 5", "end", "up 1", "up 2"]);
    }));

  test("what a cook writes is held to its declaration: another type or name fails the item", () =>
    inStudio(async (space) => {
      const up = (label: string, set: object) => ({
        type: "studio/work",
        label,
        params: { text: label, set, types: { count: "int" } },
      });
      space.graph("g.json", {
        good: up("good", { count: 1 }),
        text: up("text", { count: "many" }),
        more: up("more", { count: 1, other: 2 }),
        none: up("none", {}),
        index: { type: "studio/work", label: "index", params: { set: { pdg_index: 7, "bad name": 1 } } },
      });
      const failures = failuresIn(await space.cook("g.json"));
      expect(Object.keys(failures).sort()).toEqual(["index", "more", "text"]);
      expect(failures.text).toMatch(/"count"/);
      expect(failures.more).toMatch(/"other"/);
    }));

  test("a partition has the attributes on which all its members agree", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        some: wedge(ints("n", 1, 2), ints("same", 5), { name: "word", type: "string", values: ["w"] }),
        all: { type: "wait_for_all", inputs: ["some"] },
        end: {
          type: "studio/work",
          inputs: ["all"],
          params: { text: "@same @word @partitionsize", output: "end.txt" },
        },
        differs: { type: "studio/work", label: "differs", inputs: ["all"], params: { text: "@n" } },
      });
      const cooked = await space.cook("g.json");
      expect(space.read("end.txt")).toBe("5 w 2");
      expect(Object.values(failuresIn(cooked))).toEqual([expect.stringContaining('no attribute "n"')]);
    }));
});

describe("wedge", () => {
  test("stacked, per upstream item, by values and ranges: every combination once, in order", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        outer: wedge(ints("a", 1, 2), { name: "b", type: "string", values: ["x", "y"] }),
        inner: { ...wedge({ name: "c", type: "float", range: { start: 0, end: 1, count: 3 } }), inputs: ["outer"] },
        steps: wedge({ name: "d", type: "int", range: { start: 0, end: 10, step: 4 } }),
      });
      expect(await rows(space, "outer", "index,a,b,wedgeindex,wedgenum,wedgetotal")).toEqual([
        ...["0|1|x|0|0|4", "1|1|y|1|1|4", "2|2|x|2|2|4", "3|2|y|3|3|4"],
      ]);
      const inner = await rows(space, "inner", "a,b,c,wedgeindex,wedgenum,wedgecount,wedgetotal");
      expect(inner.length).toBe(12);
      expect(inner.slice(0, 4)).toEqual(["1|x|0|0|0|3|12", "1|x|0.5|1|1|3|12", "1|x|1|2|2|3|12", "1|y|0|3|0|3|12"]);
      expect(inner.at(-1)).toBe("2|y|1|11|2|3|12");
      expect(await rows(space, "steps", "d")).toEqual(["0", "4", "8"]);
    }));
});

describe("schedule_when", () => {
  test("0: the item is not scheduled, nor what lies below; a partition leaves it out", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        three: wedge(ints("n", 1, 2, 3)),
        up: {
          type: "studio/work",
          label: "up @n",
          inputs: ["three"],
          params: { text: "@n" },
          schedule_when: "@n != 2",
        },
        down: { type: "studio/work", label: "down @n", inputs: ["up"], params: { text: "d" } },
        all: { type: "wait_for_all", inputs: ["down"] },
        end: { type: "studio/work", label: "end", inputs: ["all"], params: { output: "end.txt" } },
        none: { type: "studio/work", label: "none", inputs: ["three"], schedule_when: 0 },
        nothing: { type: "wait_for_all", inputs: ["none"] },
        empty: { type: "studio/work", label: "empty", inputs: ["nothing"] },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, space.cooked()]).toEqual([0, ["down 1", "down 3", "end", "up 1", "up 3"]]);
      expect(space.read("end.txt")).toBe("1d3d");
      const skipped = statesIn(cooked.events).filter(({ reason }) => reason === "not_scheduled");
      expect(skipped.map(({ to, from }) => `${from} ${to}`)).toEqual(Array(6).fill("waiting cooked_success"));
      expect(skipped.map(({ item }) => item.node).sort()).toEqual(["down", "empty", "none", "none", "none", "up"]);
      expect(cooked.events.at(-1)).toMatchObject({ notScheduled: 7 });
      const plan = await space.dag("plan", "g.json");
      expect(plan.stdout).toMatch(/up +3 items: 2 hit, 1 not scheduled/);
      expect((await space.dag("why", "up:1")).stdout).toContain("not scheduled: its schedule_when is 0");
    }));

  test("over what a cook wrote: it is evaluated when the item is ready", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        two: wedge(ints("n", 1, 2)),
        up: { type: "studio/work", inputs: ["two"], params: { set: { good: 1 }, types: { good: "int" } } },
        down: { type: "studio/work", label: "down @n", inputs: ["up"], schedule_when: "@good && @n == 2" },
      });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, space.cooked().filter((line) => line.startsWith("down"))]).toEqual([0, ["down 2"]]);
    }));
});

describe("priority and label", () => {
  test("with one slot the highest priority begins first, then the order of generation", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        four: wedge(ints("n", 1, 2, 3, 4)),
        up: {
          type: "studio/work",
          label: "$OS @{n:2}/`@n * 10`",
          inputs: ["four"],
          params: { text: "@n" },
          priority: "min(@n, 3)",
        },
      });
      const cooked = await space.cook("g.json", "--cpu-slots", "1");
      expect(cooked.exit).toBe(0);
      expect(space.journal()).toEqual(["up 03/30", "up 04/40", "up 02/20", "up 01/10"]);
    }));

  test("inherit: an item has its parent's priority and label", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        three: { ...wedge(ints("n", 1, 2, 3)), priority: "10 * @n", label: "from above @n" },
        up: {
          type: "studio/work",
          inputs: ["three"],
          params: { text: "@n @pdg_priority" },
          label: { inherit: true },
          priority: { inherit: true },
        },
      });
      await space.cook("g.json", "--cpu-slots", "1");
      expect(space.journal()).toEqual(["from above 3", "from above 2", "from above 1"]);
      expect(await rows(space, "up", "n,pdg_priority,pdg_label")).toEqual([
        "1|10|from above 1",
        "2|20|from above 2",
        "3|30|from above 3",
      ]);
    }));
});

describe("expressions in parameters", () => {
  test("each item has its own: numbers, text, files of its inputs", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "alpha");
      space.write("in/b.txt", "beta");
      const calls = '`stem(pdginput(0, "file"))` `pdginputsize("file/text")`';
      const params = {
        keep: "1 + @pdg_index",
        text: `@stem @first ${calls} $OS $\{WHO}_1 @@ $$`,
        output: "out/`@stem`.txt",
      };
      const files = { type: "studio/files", params: { directory: "in" } };
      space.graph(
        "g.json",
        { files, up: { type: "studio/work", label: "@stem", inputs: ["files"], params } },
        { WHO: "me" },
      );
      expect((await space.cook("g.json")).exit).toBe(0);
      expect(space.read("out/a.txt")).toBe("aa alpha a 1 up me_1 @ $");
      expect(space.read("out/b.txt")).toBe("beb beta b 1 up me_1 @ $");
      expect(itemsThat("cooked_cache", await space.cook("g.json"))).toEqual(["a", "b"]);
    }));

  test("a value outside the parameter's schema: the item fails and the message says what must be", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        two: wedge(ints("n", 1, 2)),
        up: { type: "studio/work", inputs: ["two"] },
        sheet: { type: "contact_sheet", label: "sheet @n", inputs: ["up"], params: { cell: "@n * 2000" } },
      });
      const wrong = await space.cook("g.json");
      expect(wrong.exit).toBe(1);
      expect(failuresIn(wrong)["sheet 2"]).toMatch(/"cell".* must be at most 2048, not 4000/);
    }));

  test("an attribute that is a file counts by its content and name, in whatever folder; a cook gets where it lies", () =>
    inStudio(async (space) => {
      space.node(
        "points",
        `
import { defineNode } from "dag-cook";
export default defineNode({
  description: "An item with a file as an attribute.",
  version: 1,
  params: { path: { type: "string", path: "input", required: true, description: "Which." } },
  attributes: { writes: { file: "file" } },
  *generate(_upstream, { path }) {
    yield { identity: null, attributes: { file: { $file: path } } };
  },
});
`,
      );
      space.write("a/in.txt", "one");
      space.write("b/in.txt", "one");
      const graph = (path: string) =>
        space.graph("g.json", {
          points: { type: "studio/points", params: { path } },
          read: {
            type: "studio/work",
            inputs: ["points"],
            label: "read",
            params: { reads: ["file"], output: "out.txt" },
          },
        });
      const cook = async (path: string) => {
        graph(path);
        expect((await space.cook("g.json")).exit).toBe(0);
        return space.cooked();
      };
      expect(await cook("a/in.txt")).toEqual(["read"]);
      expect(space.read("out.txt")).toContain(JSON.stringify(space.path("a/in.txt")));
      expect(await cook("b/in.txt")).toEqual([]);
      space.write("b/in.txt", "other");
      expect(await cook("b/in.txt")).toEqual(["read"]);
    }));
});
