/** The commands that tell without cooking: why, plan, items, runs, log, graph, nodes, cache. */
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Two files, `up` that writes attributes, items made from them, `down`, one partition, `end`. */
function graph(space: Studio, more: { up?: object; end?: object } = {}): void {
  const set = { score: 2, word: 'a, "b"' };
  const range = { start: 1, end: 9, count: "@score" };
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: {
      type: "studio/work",
      label: "up @stem",
      inputs: ["files"],
      params: { text: "1", set, types: { score: "int", word: "string" }, ...more.up },
    },
    spread: { type: "wedge", inputs: ["up"], params: { attributes: [{ name: "part", type: "int", range }] } },
    down: { type: "studio/work", label: "down @stem @part", inputs: ["spread"], params: { text: "@part" } },
    skip: { type: "studio/work", label: "skip @stem", inputs: ["files"], schedule_when: '@stem != "a"' },
    all: { type: "wait_for_all", inputs: ["down"] },
    end: { type: "studio/work", label: "end", inputs: ["all"], params: { output: "out/end.txt", ...more.end } },
  });
}

async function cookedGraph(space: Studio): Promise<void> {
  space.write("in/a.txt", "a");
  space.write("in/b.txt", "b");
  graph(space);
  expect((await space.cook("g.json")).exit).toBe(0);
  space.cooked();
}

/** A node of one item, below another where it is named. */
const work = (label: string, input?: string) => ({
  type: "studio/work",
  label,
  ...(input && { inputs: [input] }),
});

describe("dag why", () => {
  test("says which exact field decides: parameter, attribute, input content, code; and where nothing does", () =>
    inStudio(async (space) => {
      await cookedGraph(space);
      const why = async (item: string) => (await space.dag("why", item)).stdout;
      expect(await why("end")).toMatch(/^end_\w{10} \(end\) is up to date: its result is in the store\.\n$/);
      expect(await why("all")).toMatch(/ is up to date: it has no work of its own\.\n$/);
      expect(await why("skip:0")).toMatch(/ is not scheduled: its schedule_when is 0/);

      graph(space, { end: { text: "x", number: 3 } });
      expect(await why("end")).toMatch(
        /^end_\w+ \(end\) would be cooked: param\.number was 0, is 3; param\.text was "", is "x"\n$/,
      );
      graph(space, { end: { reads: ["partitionsize"] } });
      expect(await why("end")).toMatch(
        /attribute is now @partitionsize = 4|param\.reads was \[\], is \["partitionsize"\]/,
      );
      graph(space);
      space.write("in/a.txt", "A");
      const changed = await why("up:0");
      expect(changed).toMatch(
        /^up_\w+ \(up a\) would be cooked: input\.main: content of file\/text "a\.txt" changed\n {2}because of files_\w+ \(a\): in\/a\.txt has other bytes\n$/,
      );
      const name = changed.split(" ")[0] ?? "";
      expect(await why(name.slice(0, -2))).toBe(changed);
      space.write("in/a.txt", "a");
      space.write("nodes/studio/work.js", `${space.read("nodes/studio/work.js")}\nglobalThis.edited = 1;\n`);
      expect(await why("up:1")).toMatch(/^up_\w+ \(up b\) would be cooked: the node's code changed: work\.js\n$/);
      expect(space.cooked()).toEqual([]);
    }));

  test("an attribute that an item above has written: the reader says what it was and is", () =>
    inStudio(async (space) => {
      const graphOf = (value: number) =>
        space.graph("g.json", {
          n: { type: "attribute_create", params: { attributes: [{ name: "n", type: "int", value }] } },
          reads: { type: "studio/work", inputs: ["n"], params: { reads: ["n"] } },
        });
      graphOf(1);
      await space.cook("g.json");
      graphOf(2);
      const { stdout } = await space.dag("why", "reads");
      expect(stdout).toMatch(/would be cooked: .*@n\b.*1.*2/);
      expect(stdout.match(/@n/g)?.length).toBeLessThanOrEqual(4);
    }));

  test("an item that depends on what comes of others names them; an unknown one and a whole node are refused", () =>
    inStudio(async (space) => {
      space.graph("g.json", { a: work("a"), b: work("b", "a"), c: work("c", "b") });
      await space.cook("g.json");
      space.graph("g.json", { a: { ...work("a"), params: { text: "new" } }, b: work("b", "a"), c: work("c", "b") });
      const { stdout } = await space.dag("why", "c");
      expect(stdout).toMatch(/^c_\w+ may be cooked: .* 1 item above it\.\n {2}a_\w+: param\.text was "", is "new"\n$/);

      await cookedGraph(space);
      const many = await space.dag("why", "down");
      expect([many.exit, many.stderr]).toEqual([2, 'Node "down" has 4 items: say which, such as down:0.\n']);
      const unknown = await space.dag("why", "nope");
      expect([unknown.exit, unknown.stderr]).toEqual([
        2,
        'g.json makes no work item "nope". dag items g.json lists them.\n',
      ]);
      for (const command of [["why"], ["dirty"], ["cook", "g.json", "--item"]]) {
        const several = await space.dag(...command, "down_");
        expect([several.exit, several.stderr]).toEqual([
          2,
          expect.stringMatching(/^4 work items begin with "down_": down_\w{10}( \(down a .\))?, .*\. Say which\.\n$/m),
        ]);
      }
    }));
});

describe("dag plan", () => {
  test("what would be cooked, what may be, and lower bounds where items are not known yet", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      space.write("in/b.txt", "b");
      graph(space);
      const before = await space.dag("plan", "g.json");
      expect([before.exit, before.stderr, space.cooked()]).toEqual([0, "", []]);
      expect(before.stdout).toMatch(/^up +2 items: 2 cook, no history\n +2 × never cooked$/m);
      expect(before.stdout).toMatch(/^down +≥ 0 items: none yet$/m);
      expect(before.stdout).toMatch(/^skip +2 items: 1 cook, 1 not scheduled, no history$/m);
      expect(before.stdout).toMatch(/3 would be cooked, ≥ 0 more may be\.\n$/);

      expect((await space.cook("g.json")).exit).toBe(0);
      const after = await space.dag("plan", "g.json");
      expect(after.stdout).toMatch(/^end +1 item: 1 hit$/m);
      expect(after.stdout).toMatch(/\nNothing would be cooked\.\n$/);
      expect((await space.dag("cook", "g.json", "--dry-run")).stdout).toBe(after.stdout);

      space.write("in/b.txt", "B");
      const { nodes } = JSON.parse((await space.dag("plan", "g.json", "--json")).stdout) as {
        nodes: { node: string; hit: number; cook: number; may_cook: number; complete: boolean; items: number }[];
      };
      const of = (name: string) => nodes.find(({ node }) => node === name);
      expect(nodes.map(({ node }) => node).indexOf("up")).toBeLessThan(nodes.map(({ node }) => node).indexOf("end"));
      expect(of("up")).toMatchObject({ items: 2, hit: 1, cook: 1, may_cook: 0, complete: true });
      expect(of("down")).toMatchObject({ items: 2, hit: 2, cook: 0, complete: false });
    }));

  test("below a miss, items of a known number may cook; a forced node and a --node are heeded", () =>
    inStudio(async (space) => {
      const work = (input?: string) => ({ type: "studio/work", ...(input && { inputs: [input] }) });
      space.graph("g.json", { a: work(), b: work("a"), c: work("b"), other: { ...work(), params: { text: "o" } } });
      await space.cook("g.json");
      const forced = await space.dag("plan", "g.json", "--force", "a", "--node", "c");
      expect(forced.stdout).toMatch(
        /^a +1 item: 1 cook.*\n +1 × forced\nb +1 item: 1 may cook.*\nc +1 item: 1 may cook/m,
      );
      expect(forced.stdout).toMatch(/\n1 would be cooked, 2 more may be\.\n$/);
      expect(forced.stdout).not.toContain("other");
    }));

  test("made dirty with all below: each says so, though what is above is cooked, too", () =>
    inStudio(async (space) => {
      space.graph("g.json", { a: work("a"), b: work("b", "a"), c: work("c", "b") });
      await space.cook("g.json");
      expect((await space.dag("dirty", "b", "--downstream")).stdout).toMatch(/^2 of 2 items made dirty/);
      const { stdout } = await space.dag("plan", "g.json");
      expect(stdout).toMatch(
        /^b +1 item: 1 cook,.*\n +1 × it was made dirty\nc +1 item: 1 cook,.*\n +1 × it was made dirty\n/m,
      );
      expect(stdout).toMatch(/\n2 would be cooked\.\n$/);
      expect((await space.dag("why", "c")).stdout).toMatch(
        /^c_\w+ would be cooked: it was made dirty\. Before it comes 1 item above it:\n {2}b_\w+: it was made dirty\n$/,
      );
      const items = (await space.dag("items", "g.json", "--columns", "node,state", "--csv")).stdout;
      expect(items).toBe("node,state\na,cooked_cache\nb,uncooked\nc,uncooked\n");
      expect((await space.dag("dirty", "c")).stdout).toBe(
        "Nothing to make dirty: the store has no result of 1 item.\n",
      );
    }));

  test("a node that cannot make its items: exit code 1, and the message", () =>
    inStudio(async (space) => {
      space.graph("g.json", { files: { type: "studio/files", params: { directory: "missing" } } });
      const plan = await space.dag("plan", "g.json");
      expect([plan.exit, plan.stderr]).toEqual([1, 'Failed: node "files": The folder $HIP/missing does not exist.\n']);
    }));
});

/** The nodes of items that failed. */
async function failedOf(space: Studio): Promise<readonly string[]> {
  const { stdout } = await space.dag("items", "g.json", "--where", '@state == "cooked_fail"', "--json");
  return (JSON.parse(stdout) as { node: string }[]).map(({ node }) => node);
}

describe("dag items", () => {
  test("what failed when it was last cooked is cooked_fail until it is cooked", () =>
    inStudio(async (space) => {
      const item = {
        type: "shell",
        params: { command: ["test", "-e", "{file.0}"], files: ["a.txt"], success_codes: [1] },
      };
      space.write("a.txt", "a");
      space.graph("g.json", { one: item });
      expect((await space.cook("g.json")).exit).toBe(1);
      expect(await failedOf(space)).toEqual(["one"]);
      space.graph("g.json", { one: { ...item, params: { ...item.params, success_codes: [0] } } });
      expect((await space.cook("g.json")).exit).toBe(0);
      space.write("a.txt", "b");
      expect(await failedOf(space)).toEqual([]);
    }));

  test("the table, its filter, its columns, as CSV and as JSON", () =>
    inStudio(async (space) => {
      await cookedGraph(space);
      const table = await space.dag("items", "g.json");
      expect(table.stdout.split("\n")[0]).toMatch(
        /^node +index +name +state +outcome +label +stem +first +score +word/,
      );
      expect(table.stdout).toMatch(/^up +1 +up_\w{10} +cooked_cache +cached +up b +b +b +2 +a, "b"$/m);
      expect(table.stdout).toMatch(/^skip +0 +skip_\w{10} +cooked_success +not_scheduled +skip a/m);

      const where = ["--where", '@part > 1 && @stem == "a"', "--columns", "node,state, stem,part,word"];
      const csv = await space.dag("items", "g.json", ...where, "--csv");
      expect(csv.stdout).toBe(
        'node,state,stem,part,word\nspread,cooked_success,a,9,"a, ""b"""\ndown,cooked_cache,a,9,"a, ""b"""\n',
      );
      const rows = JSON.parse((await space.dag("items", "g.json", "--node", "down", "--json")).stdout) as object[];
      expect(rows.length).toBe(4);
      expect(rows[1]).toMatchObject({
        node: "down",
        index: 1,
        state: "cooked_cache",
        label: "down a 9",
        attributes: { stem: "a", part: 9, score: 2 },
        outputs: [{ name: "made.txt", tag: "file/text", size: 3 }],
      });
      expect(await failedOf(space)).toEqual([]);
      const none = await space.dag("items", "g.json", "--where", "@nothing == 1", "--json");
      expect([none.exit, none.stdout]).toEqual([0, "[]\n"]);
      expect(none.stderr).toBe('Warning: no item has an attribute "nothing" so far.\n');
      const misspelt = await space.dag("items", "g.json", "--columns", "name,scor,pdg_frame");
      expect([misspelt.exit, misspelt.stderr]).toEqual([
        0,
        'Warning: no item has an attribute "scor" so far. Did you mean "score"?\n',
      ]);
      const fixed = ["--where", '@outcome == "not_scheduled" && @node == "skip"', "--columns", "label", "--csv"];
      expect((await space.dag("items", "g.json", ...fixed)).stdout).toMatch(/^label\nskip a\n/);
      const both = await space.dag("items", "g.json", "--json", "--csv");
      expect([both.exit, both.stderr.split("\n")[0]]).toEqual([
        2,
        "error: option '--json' cannot be used with option '--csv'",
      ]);
      const wrong = await space.dag("items", "g.json", "--where", "@part >");
      expect([wrong.exit, wrong.stderr]).toEqual([2, "--where:8 The expression ends where a value should follow.\n"]);
    }));

  test("an attribute that has the name of a column is shown as what it is", () =>
    inStudio(async (space) => {
      const attributes = [{ name: "state", type: "string", values: ["new", "used"] }];
      space.graph("g.json", { cars: { type: "wedge", params: { attributes } } });
      const { stdout } = await space.dag("items", "g.json", "--where", '@state == "used"', "--csv");
      expect(stdout).toMatch(
        /^node,index,name,state,outcome,label,state,.*\ncars,1,cars_\w+,cooked_success,done,[^,]*,used,.*\n$/,
      );
    }));
});

describe("dag runs, log, cache", () => {
  test("past cooks newest first, the log of an item that said something, what the store holds", () =>
    inStudio(async (space) => {
      for (const args of [["runs"], ["log", "x"], ["cache", "stats"], ["why", "x"]]) {
        const { exit, stderr } = await space.dag(...args);
        expect([args[0], exit, stderr]).toEqual([args[0], 2, expect.stringMatching(/^Nothing was cooked here yet/)]);
      }
      await cookedGraph(space);
      await space.cook("g.json", "--set", 'up.how="fail"', "--force", "up");
      const runs = JSON.parse((await space.dag("runs", "--json")).stdout) as {
        id: number;
        exit: number;
        graph: string;
      }[];
      expect(runs.map(({ id, exit, graph: name }) => [id, exit, name])).toEqual([
        [2, 1, "g.json"],
        [1, 0, "g.json"],
      ]);
      expect((await space.dag("runs", "--limit", "1")).stdout).toMatch(/^ *run .*\n +2 .* 1 .*g\.json\n$/);
      const up = JSON.parse((await space.dag("items", "g.json", "--node", "up", "--json")).stdout) as {
        name: string;
      }[];
      const log = await space.dag("log", up[0]?.name ?? "");
      expect(log.stdout).toMatch(/a line on the way[\s\S]*told to fail/);
      const none = await space.dag("log", "end");
      expect([none.exit, none.stderr]).toEqual([2, expect.stringContaining('No log of an item "end" is kept')]);

      const stats = await space.dag("cache", "stats");
      expect(stats.stdout).toMatch(/8 results of 8 work items\n\d+ files, .*database/);
      expect((await space.dag("cache", "verify")).stdout).toMatch(/^\d+ files read; all is whole\.\n$/);
    }));

  test("gc keeps every item's last result, and removes older ones when asked", () =>
    inStudio(async (space) => {
      const text = (value: string) => space.cook("g.json", "--set", `a.text="${value}"`);
      space.graph("g.json", { a: { type: "studio/work", label: "a" } });
      await text("old");
      await text("new");
      expect((await space.dag("cache", "gc")).stdout).toMatch(/^Removed 0 results, 0 files/);
      expect((await space.dag("cache", "gc", "--days", "0")).stdout).toMatch(/^Removed 1 result, 1 file/);
      space.cooked();
      await text("new");
      expect(space.cooked()).toEqual([]);
      await text("old");
      expect(space.cooked()).toEqual(["a"]);
      expect((await space.dag("cache", "verify")).exit).toBe(0);
    }));
});

describe("dag graph, nodes, check, doctor", () => {
  test("a drawing, a list, a page, a verdict: on the standard output", () =>
    inStudio(async (space) => {
      graph(space);
      const [svg, dot, mermaid, json, check, nodes, one, schema, doctor] = [
        await space.dag("graph", "g.json", "--svg"),
        await space.dag("graph", "g.json"),
        await space.dag("graph", "g.json", "--mermaid"),
        await space.dag("graph", "g.json", "--json"),
        await space.dag("check", "g.json"),
        await space.dag("nodes"),
        await space.dag("nodes", "studio/work", "--json"),
        await space.dag("nodes", "--schema"),
        await space.dag("doctor"),
      ];
      expect(svg.stdout).toMatch(/^<svg [\s\S]*studio\/work[\s\S]*<\/svg>\n$/);
      expect(dot.stdout).toMatch(/^digraph[\s\S]*studio\/work/);
      expect(mermaid.stdout).toMatch(/^flowchart LR\n/);
      expect(JSON.stringify(JSON.parse(json.stdout))).toContain("studio/files");
      expect(check.stdout).toBe(
        "g.json: 7 nodes, no problem found.\nIt runs the project's own node code: studio/files, studio/work.\n",
      );
      expect(nodes.stdout).toMatch(/^studio\/work +Writes a text, or misbehaves\.$/m);
      expect(JSON.parse(one.stdout)).toMatchObject([{ name: "studio/work", version: 1 }]);
      expect(JSON.stringify(JSON.parse(schema.stdout))).toContain("studio/work");
      expect(doctor.stdout).toMatch(/✓ +node +\d+\.\d+\.\d+/);
      for (const { exit } of [svg, dot, mermaid, json, check, nodes, one, schema]) expect(exit).toBe(0);
    }));
});
