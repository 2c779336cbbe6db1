/** How the command is used, and what it answers to those who use it wrongly. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { itemsThat, reasonsIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

function graph(space: Studio): void {
  const two = { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2] }] } };
  const work = (label: string, input: string, params: object = {}) => ({
    type: "studio/work",
    label,
    inputs: [input],
    params,
  });
  space.graph("g.json", {
    two,
    up: work("up @n", "two", { text: "@n" }),
    down: work("down @n", "up"),
    beside: work("beside @n", "two", { text: "b@n" }),
  });
}

describe("dag", () => {
  test("--help and --version on the standard output; what is unknown on the error stream with code 2", () =>
    inStudio(async (space) => {
      const manifest = JSON.parse(readFileSync(join(resolve(import.meta.dirname, "../../.."), "package.json"), "utf8"));
      const version = await space.dag("--version");
      expect(version).toEqual({ exit: 0, stdout: `${manifest.version}\n`, stderr: "" });
      const help = await space.dag("--help");
      expect([help.exit, help.stderr]).toEqual([0, ""]);
      for (const command of [
        "cook",
        "check",
        "plan",
        "items",
        "why",
        "dirty",
        "graph",
        "nodes",
        "cache",
        "runs",
        "log",
        "doctor",
      ])
        expect(help.stdout).toMatch(new RegExp(`^ {2}${command}\\b`, "m"));
      expect((await space.dag("cook", "--help")).stdout).toContain("--set <node.param=JSON>");

      const wrong: [string[], string][] = [
        [["coook", "g.json"], "(Did you mean cook?)"],
        [["cook", "g.json", "--nod", "up"], "(Did you mean --node?)"],
        [["cook"], "missing required argument 'graph'"],
        [["cook", "g.json", "--progress", "loud"], "Allowed choices are auto, tty, plain, json, quiet"],
        [["cook", "g.json", "--cpu-slots", "0"], "It is a whole number from 1."],
        [["runs", "--limit", "two"], "It is a whole number from 1."],
        [["cache", "burn"], "Allowed choices are stats, verify, gc"],
        [["nodes", "wedgee"], 'There is no node type "wedgee". Did you mean "wedge"?'],
      ];
      for (const [args, words] of wrong) {
        const { exit, stdout, stderr } = await space.dag(...args);
        expect([args, exit, stdout, stderr]).toEqual([args, 2, "", expect.stringContaining(words)]);
      }
      const nothing = await space.dag();
      expect([nothing.exit, nothing.stdout + nothing.stderr]).toEqual([2, expect.stringContaining("Usage: dag")]);
    }));

  test("a node that the graph does not have: code 2 and the nearest name, whatever the command", () =>
    inStudio(async (space) => {
      graph(space);
      const commands = [
        ["cook", "g.json", "--node", "dwn"],
        ["cook", "g.json", "--dry-run", "--node", "dwn"],
        ["cook", "g.json", "--force", "dwn"],
        ["plan", "g.json", "--node", "dwn"],
        ["plan", "g.json", "--force", "dwn"],
        ["items", "g.json", "--node", "dwn"],
      ];
      for (const args of commands) {
        const { exit, stderr } = await space.dag(...args);
        expect([args, exit, stderr]).toEqual([args, 2, 'The graph has no node "dwn". Did you mean "down"?\n']);
      }
      expect(space.cooked()).toEqual([]);
    }));
});

describe("dag cook", () => {
  test("--set: a value over the graph's, several, into a nested one; what is wrong is told with its place", () =>
    inStudio(async (space) => {
      graph(space);
      await space.cook("g.json");
      space.cooked();
      const set = await space.cook(
        "g.json",
        "--set",
        'down.text="d@n"',
        "--set",
        "down.number=2",
        "--set",
        "two.attributes.0.values=[2]",
      );
      expect([set.exit, space.cooked()]).toEqual([0, ["down 2"]]);
      expect(reasonsIn(set)["down 2"]).toBe('param.number was 0, is 2; param.text was "", is "d2"');
      expect(itemsThat("cooked_cache", set)).toEqual(["beside 2", "up 2"]);

      const bad = await space.dag(
        ...["cook", "g.json", "--set", "upp.text=1", "--set", "up.txt=1", "--set", "up.text", "--set", "up.number=-"],
        ...["--set", 'up.keep="x"', "--set", "two.attributes.7.values=[1]", "--set", "down.text="],
      );
      expect([bad.exit, bad.stdout, space.cooked()]).toEqual([2, "", []]);
      expect(bad.stderr).toContain('--set:1:1 There is no node "upp". Did you mean "up"?');
      expect(bad.stderr).toContain('--set:2:4 Node "up" has no parameter "txt". Did you mean "text"?');
      expect(bad.stderr).toContain('--set:3:1 "up.text" is not of the form node.parameter=value.');
      for (const place of ["--set:4:", "--set:5:", "--set:6:", "--set:7:"]) expect(bad.stderr).toContain(place);
    }));

  test("--wedge: the node once for each value", () =>
    inStudio(async (space) => {
      graph(space);
      const wedged = await space.cook("g.json", "--wedge", "down.number=1,2,3");
      expect(wedged.exit).toBe(0);
      expect(space.cooked().filter((line) => line.startsWith("down")).length).toBe(6);
    }));

  test("--node: the node and what it needs; --item: the item and what it needs", () =>
    inStudio(async (space) => {
      graph(space);
      expect([(await space.cook("g.json", "--node", "up")).exit, space.cooked()]).toEqual([0, ["up 1", "up 2"]]);
      await space.dag("dirty", "up", "--graph", "g.json");
      expect([(await space.cook("g.json", "--item", "down:1")).exit, space.cooked()]).toEqual([0, ["down 2", "up 2"]]);
      const { stdout } = await space.dag("items", "g.json", "--node", "down", "--columns", "name", "--csv");
      const [, name = ""] = stdout.split("\n");
      expect([(await space.cook("g.json", "--item", name)).exit, space.cooked()]).toEqual([0, ["down 1", "up 1"]]);
    }));

  test("--item that is none: code 2, a message, and nothing is cooked in its stead", () =>
    inStudio(async (space) => {
      graph(space);
      const wrong: [string, RegExp][] = [
        ["nope", /no (work item|node) "nope"/],
        ["up", /^"up" is a node: --node up cooks it, --item up:0 its first item\.\n$/],
        ["down:7", /no work item "down:7"/],
        ["down_0000000000", /no work item "down_0000000000"/],
        ["dwn:0", /no (work item "dwn:0"|node "dwn"\. Did you mean "down"\?)/],
      ];
      for (const [item, words] of wrong) {
        const { exit, stderr } = await space.dag("cook", "g.json", "--item", item);
        expect([item, exit, stderr]).toEqual([item, 2, expect.stringMatching(words)]);
        expect(space.cooked().filter((line) => line.startsWith("beside") || item === "nope")).toEqual([]);
      }
      const { stdout } = await space.dag("runs");
      expect(stdout.split("\n").slice(1)).toEqual([
        expect.stringMatching(/^ +2 +\S+ \S+ +refused +2 /),
        expect.stringMatching(/^ +1 +\S+ \S+ +refused +2 /),
        "",
      ]);
      expect((await space.dag("runs", "1")).stdout).toMatch(/^Run 1 was refused with code 2: /);
    }));

  test("--dry-run: says what plan says and leaves nothing behind", () =>
    inStudio(async (space) => {
      graph(space);
      const dry = await space.dag("cook", "g.json", "--dry-run");
      const plan = await space.dag("plan", "g.json");
      expect([dry.exit, dry.stdout, space.cooked()]).toEqual([0, plan.stdout, []]);
      expect((await space.dag("runs")).stdout).not.toContain("g.json");
    }));
});

describe("progress", () => {
  test("json: every line is an event of a version; each item's states follow each other; nothing on the standard output", () =>
    inStudio(async (space) => {
      graph(space);
      const { events, stdout, stderr } = await space.cook(
        "g.json",
        "--set",
        'down.how="`@n == 2 ? \\"fail\\" : \\"\\"`"',
      );
      expect(stdout).toBe("");
      for (const line of stderr.trimEnd().split("\n"))
        expect(JSON.parse(line)).toMatchObject({ version: 3, type: expect.any(String) });
      expect(events[0]).toMatchObject({ type: "cook_started", graph: expect.stringContaining("g.json"), run: 1 });
      expect(events.at(-1)).toMatchObject({ type: "cook_finished", exit: 1, cooked: 5, counts: { cooked_fail: 1 } });
      const known = ["cook_started", "node_generated", "item_state", "item_missed", "item_progress", "item_failed"];
      known.push("attempt_ended", "item_published");
      for (const { type } of events) expect([...known, "output_placed", "warning", "cook_finished"]).toContain(type);
      const states = new Map<string, string>();
      for (const event of events) {
        if (event.type !== "item_state") continue;
        const { name } = event.item as { readonly name: string };
        expect(event.from).toBe(states.get(name) ?? "uncooked");
        states.set(name, String(event.to));
      }
      expect([...states.values()].sort()).toEqual([
        ...Array(1).fill("cooked_fail"),
        ...Array(5).fill("cooked_success"),
      ]);
    }));

  test("plain and quiet: lines without escapes; quiet says what fails and nothing else; data is never mixed with them", () =>
    inStudio(async (space) => {
      graph(space);
      const plain = await space.dag("cook", "g.json", "--progress", "plain");
      expect([plain.exit, plain.stdout]).toEqual([0, ""]);
      expect(plain.stderr).toMatch(/^up: 2 items: 2 cooked$/m);
      expect(plain.stderr).toMatch(/Done: 6 cooked, 0 cached \(\d+\.\d+ s\)\.\n$/);
      const again = await space.dag("cook", "g.json");
      expect(again.stderr).toMatch(/Nothing to cook: all 8 work items are up to date/);
      space.graph("few.json", { none: { type: "wedge" }, one: { type: "generic_generator" } });
      const few = async (node: string) => (await space.dag("cook", "few.json", "--node", node)).stderr;
      expect(await few("none")).toContain("Nothing to cook: no node makes a work item (");
      expect(await few("one")).toContain("Nothing to cook: the one work item is up to date (");
      const quiet = await space.dag("cook", "g.json", "--progress", "quiet", "--force", "up");
      expect(quiet).toEqual({ exit: 0, stdout: "", stderr: "" });
      const failing = await space.dag(
        "cook",
        "g.json",
        "--progress",
        "quiet",
        "--force",
        "up",
        "--set",
        'up.how="fail"',
      );
      expect([failing.exit, failing.stdout]).toEqual([1, ""]);
      expect(failing.stderr).toMatch(/Failed: up_\w+ \(up \d\) of node "up": told to fail\n/);
      for (const { stderr } of [plain, again, failing]) expect(stderr).not.toContain("\u001b");
    }));

  test("of many failures of a node the first ten are told, then how many more there are, and where", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        many: { type: "generic_generator", params: { count: 13 } },
        up: { type: "studio/work", inputs: ["many"], params: { how: "fail" } },
      });
      const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain");
      expect(exit).toBe(1);
      expect(stderr.match(/told to fail/g)).toHaveLength(10);
      expect(stderr).toMatch(/^Failed: 3 more items of node "up"; their logs are in .+logs.1$/m);
      expect(stderr).toMatch(/^Failed: .*13 failed/m);
    }));

  test("a label with a terminal's commands is spelled; a node that cannot make its items is in the last line", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        up: { type: "studio/work", label: "\u001b[2Jup", params: { how: "fail" } },
        none: { type: "image_import", params: { directory: "absent" } },
      });
      for (const progress of ["plain", "tty"]) {
        space.environment = { ...space.environment, NO_COLOR: "1" };
        const { exit, stderr } = await space.dag("cook", "g.json", "--progress", progress);
        expect([exit, stderr.includes("\u001b[2J")]).toEqual([1, false]);
        expect(stderr).toMatch(/Failed: up_\w+ \(\\u001b\[2Jup\) of node "up"/);
        expect(stderr).toContain('Failed: node "none": The folder $HIP/absent does not exist.');
        if (progress !== "quiet")
          expect(stderr).toMatch(/Failed: 0 cooked, 0 cached, 1 failed, 1 node without items \(/);
      }
    }));

  test("a reader that goes away: the cook goes on to its end", () =>
    inStudio(async (space) => {
      graph(space);
      const { child, ended } = space.startCook("g.json");
      child.stderr.once("data", () => child.stderr.destroy());
      const { exit } = await ended;
      expect([exit, space.cooked().length]).toEqual([0, 6]);
      expect((await space.cook("g.json")).events.at(-1)).toMatchObject({ cooked: 0 });
    }));

  test("tty: colours and movement are for terminals; NO_COLOR and CI are heeded", () =>
    inStudio(async (space) => {
      graph(space);
      space.environment = { ...space.environment, CI: "true", FORCE_COLOR: undefined, NO_COLOR: "1" };
      const ci = await space.dag("cook", "g.json");
      expect([ci.exit, ci.stderr.includes("\u001b")]).toEqual([0, false]);
      space.environment = { ...space.environment, CI: undefined };
      const tty = await space.dag("cook", "g.json", "--progress", "tty", "--force", "up");
      expect([tty.exit, tty.stdout]).toEqual([0, ""]);
      expect(tty.stderr).toContain("up");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours' own escapes.
      expect(tty.stderr).not.toMatch(/\u001b\[\d*(;\d+)*m/);
    }));
});
