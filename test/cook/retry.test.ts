/** Items that are tried again: how often, when, and how that is called off. */
import { describe, expect, test } from "@jest/globals";
import { backoff, Retries } from "../../src/cook/retry.js";
import { itemsThat, statesIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

describe("backoff", () => {
  test("doubles with each attempt up to a minute, and half of it or more is waited", () => {
    const doubled = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((attempt) => Math.min(60, 0.5 * 2 ** (attempt - 1)));
    for (const seed of [0, 7, 2 ** 32 - 1])
      for (const [place, full] of doubled.entries()) {
        const seconds = backoff(place + 1, 0.5, seed);
        expect([seconds >= full / 2, seconds <= full]).toEqual([true, true]);
      }
    expect(backoff(5, 0, 1)).toBe(0);
  });

  test("follows from the item's seed: the same each time, and items that failed together come back one by one", () => {
    expect(backoff(2, 1, 42)).toBe(backoff(2, 1, 42));
    const waits = Array.from({ length: 100 }, (_, seed) => backoff(1, 1, seed));
    expect(new Set(waits).size).toBe(100);
    const mean = waits.reduce((sum, each) => sum + each, 0) / 100;
    expect(mean).toBeCloseTo(0.75, 1);
  });
});

describe("retries", () => {
  test("each comes when its time is up, and not where it was called off", () => {
    const timers = new Map<number, () => void>();
    const retries = new Retries<string>({
      after(milliseconds, run) {
        timers.set(milliseconds, run);
        return () => void timers.delete(milliseconds);
      },
    });
    const came: string[] = [];
    for (const [place, name] of ["a", "b", "c"].entries()) retries.wait(name, place + 1, () => came.push(name));
    expect([...timers.keys()]).toEqual([1000, 2000, 3000]);
    timers.get(2000)?.();
    expect(came).toEqual(["b"]);
    expect(retries.callOff((name) => name === "a")).toEqual(["a"]);
    expect(retries.callOff()).toEqual(["c"]);
    expect(timers.size).toBe(1); // the one that came
    expect(retries.callOff()).toEqual([]);
  });
});

const failing = (space: Studio, more: object) =>
  space.graph("g.json", {
    up: { type: "studio/work", label: "up", on_failure: "retry", params: { how: "fail" }, ...more },
    down: { type: "studio/work", label: "down", inputs: ["up"] },
    beside: { type: "studio/work", label: "beside" },
  });

describe("on_failure retry", () => {
  test("says of each attempt why it failed and when the next one is, and of the last that it was the last", () =>
    inStudio(async (space) => {
      failing(space, { retries: 2, retry_delay: 0.001 });
      const cooked = await space.cook("g.json");
      expect([cooked.exit, space.cooked()]).toEqual([1, ["beside", "up", "up", "up"]]);
      const warnings = cooked.events.filter(({ type }) => type === "warning").map(({ message }) => message);
      expect(warnings).toEqual([
        "up: attempt 1 of 3 failed (told to fail); tried again in 0.0 s",
        "up: attempt 2 of 3 failed (told to fail); tried again in 0.0 s",
      ]);
      const failure = cooked.events.find(({ type }) => type === "item_failed")?.failure;
      expect(failure).toMatchObject({ attempts: 3, cause: "error", tail: ["a line on the way"] });
    }));

  test("Ctrl-C while an item waits for another attempt: it is cancelled at once, and none follows", () =>
    inStudio(async (space) => {
      failing(space, { retry_delay: 3600 });
      const { child, ended } = space.startCook("g.json");
      await new Promise<void>((heard) => {
        child.stderr.on("data", (text: string) => {
          if (text.includes("tried again in")) heard();
        });
      });
      child.kill("SIGINT");
      const stopped = await ended;
      expect([stopped.exit, itemsThat("cooked_fail", stopped)]).toEqual([130, []]);
      expect(itemsThat("cooked_cancel", stopped)).toEqual(expect.arrayContaining(["down", "up"]));
      const end = statesIn(stopped.events).findLast(({ item }) => item.label === "up");
      expect(end).toMatchObject({ from: "waiting", reason: "stopped before another attempt" });
      expect(space.cooked().filter((line) => line === "up")).toEqual(["up"]);
    }));

  test("dag stop, of an item that waits for another attempt: it is cancelled, and the rest goes on", () =>
    inStudio(async (space) => {
      failing(space, { retry_delay: 3600 });
      const { child, ended } = space.startCook("g.json");
      await new Promise<void>((heard) => {
        child.stderr.on("data", (text: string) => {
          if (text.includes("tried again in")) heard();
        });
      });
      const stop = await space.dag("stop", "up:0");
      expect(stop.stdout).toMatch(/^up_\w{10} waited for another attempt: it is cancelled\.\n$/);
      const stopped = await ended;
      expect([stopped.exit, itemsThat("cooked_success", stopped)]).toEqual([130, ["beside"]]);
      expect(itemsThat("cooked_cancel", stopped)).toEqual(["down", "up"]);
    }));
});
