/** What becomes of items that fail, and what their user is told. */
import { existsSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { type Cooked, failuresIn, itemsThat, statesIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Items 1 to 3; `up` does as told for the second alone. */
function three(space: Studio, up: object, how: string, more: object = {}): void {
  const values = { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] };
  space.graph("g.json", {
    three: { type: "wedge", params: values },
    up: {
      type: "studio/work",
      label: "up @n",
      inputs: ["three"],
      params: { text: "@n", how: `\`@n == 2 ? "${how}" : ""\`` },
      ...up,
    },
    down: { type: "studio/work", label: "down @n", inputs: ["up"], params: { text: "down @n" } },
    ...more,
  });
}

const finished = ({ events }: Cooked) =>
  events.at(-1) as unknown as { readonly exit: number; readonly counts: Record<string, number> };

describe("on_failure", () => {
  test("fail: what lies below is cancelled, the rest goes on; the second cook does what is left", () =>
    inStudio(async (space) => {
      three(space, {}, "fail", {
        all: { type: "wait_for_all", inputs: ["down"] },
        end: { type: "studio/work", label: "end", inputs: ["all"] },
      });
      const failed = await space.cook("g.json");
      expect([failed.exit, finished(failed).exit]).toEqual([1, 1]);
      expect(space.cooked()).toEqual(["down 1", "down 3", "up 1", "up 2", "up 3"]);
      expect(failuresIn(failed)).toEqual({ "up 2": "told to fail" });
      expect(finished(failed).counts).toMatchObject({ cooked_fail: 1, cooked_cancel: 3 });
      const cancelled = statesIn(failed.events).filter(({ to }) => to === "cooked_cancel");
      expect(cancelled.map(({ reason }) => reason)).toContainEqual(expect.stringMatching(/^up_\w+ is cooked_fail$/));

      three(space, {}, "");
      const mended = await space.cook("g.json");
      expect([mended.exit, space.cooked()]).toEqual([0, ["down 2", "up 2"]]);
    }));

  test("retry: attempts as many as allowed, then it failed; one success is enough", () =>
    inStudio(async (space) => {
      const again = { on_failure: "retry", retries: 2, retry_delay: 0 };
      three(space, again, "fail");
      const failed = await space.cook("g.json");
      expect(failed.exit).toBe(1);
      expect(space.cooked().filter((line) => line === "up 2").length).toBe(3);
      expect(failed.events.find(({ type }) => type === "item_failed")?.failure).toMatchObject({ attempts: 3 });

      three(space, again, "fail_once");
      const retried = await space.cook("g.json");
      expect(retried.exit).toBe(0);
      expect(space.cooked()).toEqual(["down 2", "up 2", "up 2"]);
    }));

  test("ignore: those below are cooked without what failed, and the exit code still tells it", () =>
    inStudio(async (space) => {
      three(space, { on_failure: "ignore" }, "fail", {
        all: { type: "wait_for_all", inputs: ["up"] },
        end: { type: "studio/work", label: "end", inputs: ["all"], params: { output: "end.txt" } },
      });
      const ignored = await space.cook("g.json");
      expect(space.cooked()).toEqual(["down 1", "down 2", "down 3", "end", "up 1", "up 2", "up 3"]);
      expect(space.read("end.txt")).toBe("13");
      expect([ignored.exit, finished(ignored).counts.cooked_cancel]).toEqual([1, 0]);
    }));

  test.each(["boom", "not_scheduled", "partial", "blocked", "cooked_cache", "done", ""])(
    "what a failure says (%j) decides nothing: those below an ignored one are cooked",
    (text) =>
      inStudio(async (space) => {
        space.node(
          "fails",
          `import { defineNode } from "dag-cook";
export default defineNode({ description: "Fails with a text.", version: 1,
  params: { text: { type: "string", default: "", description: "Message." } },
  async cook(_item, { text }) { throw new Error(text); } });`,
        );
        const bad = { type: "studio/fails", params: { text }, on_failure: "ignore" };
        space.graph("g.json", { bad, after: { type: "studio/work", inputs: ["bad"], label: "after" } });
        const cooked = await space.cook("g.json");
        expect([cooked.exit, space.cooked()]).toEqual([1, ["after"]]);
        const ends = statesIn(cooked.events).filter(({ outcome }) => outcome !== undefined);
        const message = text === "" ? expect.stringContaining("Error") : text;
        expect(ends).toMatchObject([
          {
            item: { node: "bad" },
            to: "cooked_fail",
            outcome: { kind: "failed", failure: { cause: "error", message } },
          },
          { item: { node: "after" }, to: "cooked_success", outcome: { kind: "done" } },
        ]);
        expect(cooked.events.at(-1)).toMatchObject({
          cooked: 1,
          partial: 0,
          notScheduled: 0,
          counts: { cooked_fail: 1 },
        });
      }),
  );

  test("a partition says which of its members failed, where that cancels it and where it is no matter", () =>
    inStudio(async (space) => {
      const all = { all: { type: "wait_for_all", inputs: ["up"] } };
      three(space, {}, "fail", all);
      const failed = await space.cook("g.json");
      const cancelled = statesIn(failed.events).find(({ item, to }) => item.node === "all" && to === "cooked_cancel");
      expect(cancelled?.reason).toMatch(
        /^1 of 3 items that it is made from have no result: up_\w+ up 2 \(cooked_fail\)$/,
      );
      three(space, { on_failure: "ignore" }, "fail", all);
      const ignored = await space.cook("g.json");
      const warned = ignored.events.filter(({ type, node }) => type === "warning" && node === "all");
      expect(warned.map(({ message }) => message)).toEqual([
        expect.stringMatching(/leaves out 1 of 3 items, which failed: up_\w+ up 2 \(cooked_fail\)$/),
      ]);
    }));

  test("block: what lies below waits in vain and the cook ends all the same", () =>
    inStudio(async (space) => {
      three(space, { on_failure: "block" }, "fail");
      const blocked = await space.cook("g.json");
      expect(blocked.exit).toBe(1);
      expect(space.cooked()).toEqual(["down 1", "down 3", "up 1", "up 2", "up 3"]);
      const waiting = statesIn(blocked.events).filter(({ to }) => to === "cooked_cancel");
      expect(waiting.map(({ reason }) => reason)).toEqual(["blocked"]);
    }));

  test("a node above that fails to generate: those below are not cooked, and the cook ends", () =>
    inStudio(async (space) => {
      space.graph("g.json", {
        files: { type: "studio/files", params: { directory: "missing" } },
        up: { type: "studio/work", inputs: ["files"] },
        all: { type: "wait_for_all", inputs: ["up"] },
        end: { type: "studio/work", inputs: ["all"] },
        other: { type: "studio/work", label: "other" },
      });
      const failed = await space.cook("g.json");
      expect([failed.exit, space.cooked()]).toEqual([1, ["other"]]);
      expect(failuresIn(failed)).toEqual({ files: "The folder $HIP/missing does not exist." });
    }));
});

describe("a worker", () => {
  test("that ends fails one attempt and nothing else: by exit, by signal, by a timeout", () =>
    inStudio(async (space) => {
      const values = { attributes: [{ name: "how", type: "string", values: ["", "exit", "kill", "exit_once"] }] };
      space.graph("g.json", {
        four: { type: "wedge", params: values },
        up: {
          type: "studio/work",
          label: "up @how",
          inputs: ["four"],
          params: { text: "@how", how: "@how" },
          on_failure: "retry",
          retries: 1,
          retry_delay: 0,
        },
        slow: { type: "studio/work", label: "slow", params: { how: "wait" }, timeout: 0.3 },
      });
      const crashed = await space.cook("g.json", "--cpu-slots", "2");
      expect(crashed.exit).toBe(1);
      expect(failuresIn(crashed)).toEqual({
        "up exit": expect.stringContaining("ended with code 7"),
        "up kill": expect.stringContaining("ended by signal SIGKILL"),
        slow: "It took longer than its timeout of 0.3 s.",
      });
      const causes = crashed.events.filter(({ type }) => type === "item_failed").map(({ failure }) => failure);
      expect(causes.map((failure) => (failure as { readonly cause: string }).cause).sort()).toEqual([
        "crash",
        "crash",
        "timeout",
      ]);
      const lines = space.cooked();
      // A worker that had other work before ends for nobody: such an item is tried by itself once more, uncounted.
      for (const name of ["up exit", "up kill", "up exit_once"])
        expect([2, 3]).toContain(lines.filter((line) => line === name).length);
      expect(lines.filter((line) => line === "up ").length).toBe(1);
      expect(itemsThat("cooked_success", crashed)).toEqual(["up ", "up exit_once"]);
    }));

  test("that crashes with many small items in one message: each is cooked once, the one fails", () =>
    inStudio(async (space) => {
      const range = { start: 1, end: 12, count: 12 };
      space.graph("g.json", {
        many: { type: "wedge", params: { attributes: [{ name: "n", type: "int", range }] } },
        up: {
          type: "studio/work",
          label: "up @n",
          inputs: ["many"],
          params: { text: "@n", how: '`@n == 5 ? "exit" : ""`' },
          batch_size: 12,
        },
      });
      const crashed = await space.cook("g.json", "--cpu-slots", "1");
      expect(crashed.exit).toBe(1);
      expect(Object.keys(failuresIn(crashed))).toEqual(["up 5"]);
      expect(itemsThat("cooked_success", crashed).length).toBe(11);
      await space.cook("g.json");
      expect([...new Set(space.cooked())].length).toBe(12);
    }));
});

describe("a failure's report", () => {
  test("names node, item, label, attributes, last lines, a log that is there and what to do; a partition, its members", () =>
    inStudio(async (space) => {
      three(space, {}, "fail", { all: { type: "wait_for_all", inputs: ["up"] } });
      const failed = await space.dag("cook", "g.json", "--progress", "plain");
      expect(failed.exit).toBe(1);
      const [head, attributes, said, log, advice] = failed.stderr.slice(failed.stderr.indexOf("Failed:")).split("\n");
      expect(head).toMatch(/^Failed: up_\w{10} \(up 2\) of node "up": told to fail$/);
      expect(attributes).toMatch(/^ {2}attributes: .*\bn=2\b/);
      expect(said).toBe("  | a line on the way");
      expect(advice).toMatch(
        /^ {2}to do: its own code refused; the log shows where\. .* the same command cooks what is left\.$/,
      );
      const [, name, path] = /^ {2}log: dag log (\S+) +\((.+)\)$/.exec(log ?? "") ?? [];
      expect(existsSync(path ?? "")).toBe(true);
      const shown = await space.dag("log", name ?? "");
      expect(shown.exit).toBe(0);
      expect(shown.stdout).toContain("a line on the way");
      expect(shown.stdout).toContain("told to fail");
      expect(failed.stderr).toMatch(/1 failed, 2 cancelled/);
      expect(failed.stderr).toMatch(
        /^all: 1 item: 1 cancelled \(1 of 3 items that it is made from have no result: up_\w+ up 2 \(cooked_fail\)\)$/m,
      );
    }));

  test("a partition that fails: shown without what its members do not agree on", () =>
    inStudio(async (space) => {
      three(space, {}, "", {
        all: { type: "wait_for_all", inputs: ["up"] },
        last: { type: "studio/work", inputs: ["all"], params: { how: "fail" } },
      });
      const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain");
      expect(exit).toBe(1);
      expect(stderr).toMatch(
        /^Failed: last_\w+ .*of node "last": told to fail\n {2}attributes: .*\bpartitionsize=3\b/m,
      );
      expect(stderr).not.toMatch(/attributes: .*\bn=/);
    }));

  test("an expression that cannot be evaluated: it fails its item alone, and says where and why", () =>
    inStudio(async (space) => {
      three(space, { params: { text: "@n" } }, "", {
        sums: { type: "studio/work", label: "sums @n", inputs: ["up"], params: { number: "1 / (@n - 2)" } },
      });
      const sums = await space.cook("g.json");
      expect([sums.exit, failuresIn(sums)]).toEqual([1, { "sums 2": 'Parameter "number": Division by zero.' }]);

      three(space, { params: { set: { word: "x" } } }, "", {
        late: { type: "studio/work", label: "late @n", inputs: ["up"], params: { text: "@wordd" } },
      });
      const late = await space.cook("g.json");
      expect(late.exit).toBe(1);
      expect(Object.keys(failuresIn(late)).length).toBe(3);
      for (const message of Object.values(failuresIn(late))) {
        expect(message).toBe('Parameter "text": This item has no attribute "wordd". Did you mean "word"?');
      }
    }));
});
