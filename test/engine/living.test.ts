/** What is asked of a living engine through the command: states of items, dirty, gc, and a second cook beside it. */
import { mkdirSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { askEngine } from "../../src/engine/ask.js";
import { itemsThat, type JsonEvent } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Six frames of which two cook at a time, and a node below. */
function frames(space: Studio): void {
  space.graph("g.json", {
    f: { type: "wedge", params: { attributes: [{ name: "n", type: "int", values: [1, 2, 3] }] } },
    r: { type: "studio/work", inputs: ["f"], label: "frame @n", params: { text: "@n", how: "wait" } },
    c: { type: "studio/work", inputs: ["r"], label: "copy @n" },
    bad: { type: "studio/work", label: "bad", params: { how: "fail" } },
  });
}

const table = async (space: Studio, ...args: string[]) =>
  JSON.parse((await space.dag("items", "g.json", "--json", ...args)).stdout) as {
    readonly label: string;
    readonly node: string;
    readonly state: string;
    readonly outcome: string | null;
  }[];

/** Starts a cook beside another, and waits until it shows that one. */
async function joined(space: Studio, progress: string) {
  const child = space.start("cook", "g.json", "--progress", progress);
  let stderr = "";
  const ended = new Promise<{ readonly exit: number | null; readonly stderr: string }>((done) => {
    child.on("close", (exit) => done({ exit, stderr }));
  });
  await new Promise<void>((shown) => {
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      if (stderr.includes(progress === "json" ? "snapshot" : "cooks this already")) shown();
    });
  });
  return { ended };
}

async function untilSaid(space: Studio, text: string): Promise<void> {
  await space.until("journal", text);
}

describe("beside a running cook", () => {
  test("dag items shows what is cooking, what waits, and what has ended", () =>
    inStudio(async (space) => {
      frames(space);
      const { ended } = space.startCook("g.json", "--cpu-slots", "1");
      await untilSaid(space, "frame 1 waits");
      const now = await table(space);
      const stateOf = (label: string) => now.find((item) => item.label === label)?.state;
      const below = now.filter(({ node }) => node === "c").map(({ state }) => state);
      expect([stateOf("frame 1"), ...below]).toEqual(["cooking", "waiting", "waiting", "waiting"]);
      expect(["scheduled", "waiting"]).toContain(stateOf("frame 3"));
      const cooking = await table(space, "--where", '@state == "cooking"');
      expect(cooking.map(({ label }) => label)).toEqual(["frame 1"]);
      space.go();
      expect((await ended).exit).toBe(1);
      const after = await table(space);
      expect(after.find(({ label }) => label === "copy 1")).toMatchObject({ state: "cooked_cache", outcome: "cached" });
      expect(after.find(({ label }) => label === "bad")).toMatchObject({ state: "cooked_fail", outcome: "failed" });
    }));

  test("dag dirty is heard by it; gc and another cook with its store are refused in words", () =>
    inStudio(async (space) => {
      frames(space);
      const other = { one: { type: "studio/work", label: "one" } };
      space.graph("h.json", other);
      expect((await space.dag("cook", "h.json")).exit).toBe(0);
      const { child, ended } = space.startCook("g.json", "--cpu-slots", "1");
      await untilSaid(space, "frame 1 waits");
      const dirty = await space.dag("dirty", "one", "--graph", "h.json");
      expect([dirty.exit, dirty.stdout]).toEqual([0, "1 of 1 item made dirty; the next cook cooks it again.\n"]);
      const gc = await space.dag("cache", "gc");
      expect([gc.exit, gc.stderr]).toEqual([
        3,
        "Something is being cooked, and what it makes must not go. Wait until it is done.\n",
      ]);
      for (const args of [
        ["h.json"],
        ["g.json", "--node", "f"],
        ["g.json", "--set", "r.number=2"],
        ["g.json", "--watch"],
      ]) {
        const { exit, stderr } = await space.dag("cook", ...args);
        expect([args, exit, stderr]).toEqual([args, 3, expect.stringContaining(`is in use by process ${child.pid}.`)]);
      }
      space.go();
      await ended;
      expect((await space.dag("cook", "h.json")).stderr).toContain("1 cooked");
    }));

  test("a second cook of the same shows the first: its state so far, its events, its code; the work is done once", () =>
    inStudio(async (space) => {
      frames(space);
      const first = space.startCook("g.json", "--cpu-slots", "2");
      for (const label of ["frame 1", "frame 2"]) await untilSaid(space, `${label} waits`);
      const [second, third] = [await joined(space, "json"), await joined(space, "plain")];
      space.go();
      const [one, two, three] = [await first.ended, await second.ended, await third.ended];
      expect([one.exit, two.exit, three.exit]).toEqual([1, 1, 1]);
      const events = two.stderr
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as JsonEvent);
      expect(events[0]).toMatchObject({ type: "notice", severity: "info" });
      expect(events[1]).toMatchObject({ type: "snapshot", started: { type: "cook_started" } });
      const nodes = (events[1]?.nodes ?? []) as { node: string; running: { item: { label: string } }[] }[];
      const running = nodes.find(({ node }) => node === "r")?.running.map(({ item }) => item.label);
      expect(running?.sort()).toEqual(["frame 1", "frame 2"]);
      expect(events.at(-1)).toMatchObject({ type: "cook_finished", exit: 1, cooked: 6 });
      expect(itemsThat("cooked_success", { events })).toEqual(expect.arrayContaining(["copy 1", "frame 1", "frame 3"]));
      expect(three.stderr).toContain(`Process ${first.child.pid} cooks this already`);
      expect(three.stderr).toMatch(/r: 3 items: 3 cooked\n/);
      expect(three.stderr).toMatch(/Failed: 6 cooked, 0 cached, 1 failed/);
      expect(space.cooked().filter((line) => line === "frame 1")).toHaveLength(1);
    }));

  test.each([
    ["/nowhere/at/all", "short"],
    ["/proc/self", "x".repeat(120)],
  ])("where there is no folder for its socket in %s, another is found; the temporary one may be %s", (runtime, name) =>
    inStudio(async (space) => {
      const temporary = space.path(name);
      mkdirSync(temporary);
      space.graph("g.json", { one: { type: "studio/work", label: "one", params: { how: "wait" } } });
      space.environment = { ...space.environment, XDG_RUNTIME_DIR: runtime, TMPDIR: temporary };
      const { child, ended } = space.startCook("g.json");
      await untilSaid(space, "one waits");
      expect((await askEngine(space.path(".dag"), { ask: "status" }))?.pid).toBe(child.pid);
      space.go();
      const { exit, events } = await ended;
      expect([exit, events.filter(({ type }) => type === "notice")]).toEqual([0, []]);
    }),
  );

  test("requests of a program: status, and a stop of the whole cook, in which running items save", () =>
    inStudio(async (space) => {
      space.graph("g.json", { slow: { type: "studio/work", label: "slow", params: { how: "save" } } });
      const folder = space.path(".dag");
      expect(await askEngine(folder, { ask: "status" })).toBeUndefined();
      const { child, ended } = space.startCook("g.json");
      await untilSaid(space, "slow waits");
      expect(await askEngine(folder, { ask: "status" })).toMatchObject({
        pid: child.pid,
        graph: "g.json",
        cooking: true,
        watching: false,
        counts: { cooking: 1 },
      });
      await expect(askEngine(folder, { ask: "stop_all", how: "save", graph: "h.json" })).rejects.toThrow(
        "The cook that runs here is of g.json, not of h.json.",
      );
      await expect(askEngine(folder, { ask: "nonsense" } as never)).rejects.toThrow("does not understand");
      await askEngine(folder, { ask: "stop_all", how: "save", graph: null });
      expect((await ended).events.at(-1)).toMatchObject({ exit: 130, partial: 1 });
    }));
});

describe("beside a watch", () => {
  test("dirty has it cook again, a second cook shows what it does, gc waits for nothing when it is idle", () =>
    inStudio(async (space) => {
      space.graph("g.json", { one: { type: "studio/work", label: "one" } });
      const { child, ended } = space.startCook("g.json", "--watch");
      await untilSaid(space, "one");
      const idle = async () => {
        while ((await askEngine(space.path(".dag"), { ask: "status" }))?.cooking !== false)
          await new Promise((later) => setTimeout(later, 20));
      };
      await idle();
      expect((await space.dag("cache", "gc", "--days", "0")).stdout).toMatch(/^Removed /);
      const shown = await space.cook("g.json");
      expect([shown.exit, shown.events.at(-1)?.type]).toEqual([0, "cook_finished"]);
      await idle();
      expect((await space.dag("dirty", "one")).exit).toBe(0);
      while (space.cooked().length < 1) await new Promise((later) => setTimeout(later, 20));
      child.kill("SIGINT");
      await ended;
    }));
});
