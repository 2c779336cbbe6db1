/** A cook that is stopped, killed, or kept out of its store; and the same command again. */
import { describe, expect, test } from "@jest/globals";
import { itemsThat, statesIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Items 1 to 3 are quick; `slow` waits for the gate; `after` lies below it. */
function graph(space: Studio, how: string): void {
  const range = { start: 1, end: 3, count: 3 };
  space.graph("g.json", {
    three: { type: "wedge", params: { attributes: [{ name: "n", type: "int", range }] } },
    quick: { type: "studio/work", label: "quick @n", inputs: ["three"], params: { text: "@n" } },
    all: { type: "wait_for_all", inputs: ["quick"] },
    slow: {
      type: "studio/work",
      label: "slow",
      inputs: ["all"],
      params: { text: "slow", how, output: "out/slow.txt" },
    },
    after: {
      type: "studio/work",
      label: "after",
      inputs: ["slow"],
      params: { text: "after", output: "out/after.txt" },
    },
  });
}

const QUICK = ["quick 1", "quick 2", "quick 3"];

describe("Ctrl-C", () => {
  test("once: nothing more begins, the running item saves and its part is kept; the next cook goes on from it", () =>
    inStudio(async (space) => {
      graph(space, "save");
      const { child, ended } = space.startCook("g.json");
      await space.until("journal", "slow waits");
      // A terminal sends the signal to all of its processes, the workers among them.
      process.kill(-(child.pid ?? 0), "SIGINT");
      const stopped = await ended;
      expect(stopped.exit).toBe(130);
      expect(stopped.stderr).toContain("Stopping: running items may save.");
      expect(space.cooked()).toEqual([...QUICK, "slow", "slow waits"]);
      const end = statesIn(stopped.events).findLast(({ item }) => item.label === "slow");
      expect(end).toMatchObject({ to: "cooked_success", reason: "partial" });
      expect(itemsThat("cooked_cancel", stopped)).toEqual(["after"]);
      expect(stopped.events.at(-1)).toMatchObject({ type: "cook_finished", exit: 130, cooked: 3, partial: 1 });
      expect(space.read("out/slow.txt")).toBe("partial");

      const why = await space.dag("why", "slow");
      expect(why.stdout).toMatch(/would be cooked: it has a partial result, from which its cook goes on\n$/);
      const items = await space.dag("items", "g.json", "--columns", "label,outcome", "--csv");
      expect(items.stdout).toContain("slow,partial");
      space.go();
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, ["after", "slow", "slow goes on from step 1", "slow waits"]]);
      expect(space.read("out/after.txt")).toBe("123slowafter");
      const runs = JSON.parse((await space.dag("runs", "--json")).stdout) as { readonly exit: number }[];
      expect(runs.map(({ exit }) => exit)).toEqual([0, 130]);
    }));

  test("twice: running items are ended at once", () =>
    inStudio(async (space) => {
      graph(space, "wait");
      const { child, ended } = space.startCook("g.json");
      await space.until("journal", "slow waits");
      child.kill("SIGINT");
      // Two signals on the way at once are one.
      const isHeard = (said: string): boolean => said.includes('"stop_asked"');
      await new Promise<void>((heard) => child.stderr.on("data", (said: string) => isHeard(said) && heard()));
      child.kill("SIGINT");
      const stopped = await ended;
      expect(stopped.exit).toBe(130);
      expect(itemsThat("cooked_success", stopped)).toEqual(QUICK);
      expect(statesIn(stopped.events).some(({ to }) => to === "cooked_fail")).toBe(false);
      space.cooked();
      space.go();
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, ["after", "slow", "slow goes on from step 1", "slow waits"]]);
    }));
});

describe("kill -9 of the engine", () => {
  test("then the same command: nothing committed is cooked again, the rest goes on from where it was", () =>
    inStudio(async (space) => {
      graph(space, "wait");
      const { child, ended } = space.startCook("g.json");
      await space.until("journal", "slow waits");
      child.kill("SIGKILL");
      expect((await ended).exit).toBe(null);
      expect(space.cooked()).toEqual([...QUICK, "slow", "slow waits"]);
      const unfinished = await space.dag("runs");
      expect(unfinished.stdout).toContain("ended unfinished");
      space.go();
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, ["after", "slow", "slow goes on from step 1", "slow waits"]]);
      expect(space.read("out/after.txt")).toBe("123slowafter");
      expect(space.list(".dag/resume")).toEqual([]);
      expect((await space.dag("cache", "verify")).exit).toBe(0);
    }));

  test("again and again, among many small items: what an event called cooked is never cooked again", () =>
    inStudio(async (space) => {
      const range = { start: 1, end: 300, count: 300 };
      space.graph("g.json", {
        many: { type: "wedge", params: { attributes: [{ name: "n", type: "int", range }] } },
        up: { type: "studio/work", label: "up @n", inputs: ["many"], params: { text: "@n", output: "out/@{n}.txt" } },
        down: { type: "studio/work", label: "down @n", inputs: ["up"], params: { text: "d" } },
      });
      const committed = new Set<string>();
      for (const wanted of [1, 40, 90]) {
        const { child, ended } = space.startCook("g.json");
        let seen = 0;
        child.stderr.on("data", (text: string) => {
          seen += text.split('"to":"cooked_success"').length - 1;
          if (seen >= wanted) child.kill("SIGKILL");
        });
        const killed = await ended;
        expect(killed.exit).toBe(null);
        for (const line of space.cooked()) expect(committed.has(line)).toBe(false);
        for (const item of [...itemsThat("cooked_success", killed), ...itemsThat("cooked_cache", killed)])
          committed.add(item);
      }
      const last = await space.cook("g.json");
      expect(last.exit).toBe(0);
      for (const line of space.cooked()) expect(committed.has(line)).toBe(false);
      expect(space.list("out").filter((name) => name.endsWith(".txt")).length).toBe(300);
      for (const n of [1, 77, 300]) expect(space.read(`out/${n}.txt`)).toBe(String(n));
      expect((await space.cook("g.json")).events.at(-1)).toMatchObject({ cooked: 0 });
      expect((await space.dag("cache", "verify")).exit).toBe(0);
    }));

  test("its workers do not outlive it", () =>
    inStudio(async (space) => {
      const node = space.read("nodes/studio/work.js");
      space.node(
        "work",
        node.replace(
          "const once =",
          'writeFileSync(join(process.env.CONTROL, "pid"), String(process.pid));\nconst once =',
        ),
      );
      graph(space, "wait");
      const { child, ended } = space.startCook("g.json");
      await space.until("journal", "slow waits");
      const worker = Number(space.read("control/pid"));
      child.kill("SIGKILL");
      await ended;
      await gone(worker);
    }));
});

describe("a store", () => {
  test("that another engine cooks with: the second is refused with code 3; reading goes on beside it", () =>
    inStudio(async (space) => {
      graph(space, "wait");
      const { child, ended } = space.startCook("g.json");
      await space.until("journal", "slow waits");
      const second = await space.dag("cook", "g.json", "--node", "slow");
      expect(second.exit).toBe(3);
      expect(second.stderr).toBe(
        `The store ${space.path(".dag")} is in use by process ${child.pid}. Wait until it ends, or stop it.\n`,
      );
      for (const args of [
        ["cache", "gc"],
        ["cache", "verify"],
      ])
        expect([args, (await space.dag(...args)).exit]).toEqual([args, 3]);
      const [plan, items, runs, why] = [
        await space.dag("plan", "g.json"),
        await space.dag("items", "g.json"),
        await space.dag("runs"),
        await space.dag("why", "quick:0"),
      ];
      expect([plan.exit, items.exit, runs.exit, why.exit]).toEqual([0, 0, 0, 0]);
      expect(plan.stdout).toMatch(/quick +3 items: 3 hit/);
      expect(why.stdout).toContain("up to date");
      const other = await space.cook("g.json", "--store", "other", "--node", "quick");
      expect(other.exit).toBe(0);
      space.go();
      expect((await ended).exit).toBe(0);
    }));
});

describe("several engines at once", () => {
  test("one cooks, the others show what it does, and every item is cooked once", () =>
    inStudio(async (space) => {
      graph(space, "");
      const all = await Promise.all([1, 2, 3].map(() => space.dag("cook", "g.json", "--progress", "quiet")));
      expect(all.some(({ exit }) => exit === 0)).toBe(true);
      // One that comes as the first ends finds neither its engine nor the store free.
      for (const { exit, stderr } of all)
        if (exit !== 0) expect([exit, stderr]).toEqual([3, expect.stringMatching(/is in use by process \d+\./)]);
      expect(space.cooked()).toEqual(["after", ...QUICK, "slow"]);
    }));
});

/** Resolves when a process is no more; the test's time limit ends the wait. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
