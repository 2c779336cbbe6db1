/** Room on disks: what is refused before it runs, and what waits while a disk is low. */
import { mkdirSync, rmSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import type { CookEvent } from "../../src/event/event.js";
import { FreeSpace, NoSpaceError } from "../../src/forecast/free-space.js";
import { canMount, fill, megabytes, mount, unmount } from "../helpers/disk.js";
import { inStudio } from "../helpers/studio.js";

/** Two volumes of 10 GB, told by the first letter of a path; the clock is turned by hand. */
function fakes() {
  const free: Record<string, number> = { a: 9e9, b: 9e9 };
  const events: CookEvent[] = [];
  const holds: boolean[] = [];
  let look: (() => void) | undefined;
  const room = new FreeSpace({
    clock: {
      after(_milliseconds, run) {
        look = run;
        return () => {
          look = undefined;
        };
      },
    },
    space: (path) => ({ volume: path.charAt(0), free: free[path.charAt(0)] ?? 0, size: 10e9 }),
    sink: (event) => void events.push(event),
    pause: (held) => void holds.push(held),
  });
  return { room, free, events, holds, tick: () => look?.(), isWatching: () => look !== undefined };
}

describe("room", () => {
  test("needs of one volume are added up, a hundredth is kept free, and all that lacks is told at once", () => {
    const { room, free, isWatching } = fakes();
    const needs = [
      { path: "a/store", size: 4e9 },
      { path: "a/out", size: 3e9 },
      { path: "b/out", size: 1e9 },
      { path: "b/other", size: 0 },
    ];
    free.a = 7.05e9;
    free.b = 0.5e9;
    const message = (() => {
      try {
        room.begin(needs);
      } catch (error) {
        return error instanceof NoSpaceError ? error.message : error;
      }
      return undefined;
    })();
    expect(message).toBe(
      "There is too little room on the disk of a/store and a/out: as past cooks went, up to 7.0 GB are needed, and 100.0 MB " +
        "are kept free; 7.0 GB are free. Free 50.0 MB (dag cache gc removes what nothing refers to), choose another folder, " +
        "or cook all the same with --no-disk-check.\n" +
        "There is too little room on the disk of b/out: as past cooks went, up to 1.0 GB are needed, and 100.0 MB are kept " +
        "free; 500.0 MB are free. Free 600.0 MB (dag cache gc removes what nothing refers to), choose another folder, or " +
        "cook all the same with --no-disk-check.",
    );
    expect(isWatching()).toBe(false);
    free.a = 7.1e9;
    free.b = 1.1e9;
    room.begin(needs);
    expect(isWatching()).toBe(true);
    room.end();
    expect(isWatching()).toBe(false);
  });

  test("nothing known to be needed is never refused; a low disk holds what is to start, and lets it go on with room", () => {
    const { room, free, events, holds, tick } = fakes();
    room.begin([
      { path: "a/store", size: 0 },
      { path: "b/out", size: 0 },
    ]);
    free.b = 60e6;
    tick();
    expect([events, holds]).toEqual([[], []]);
    free.b = 49e6;
    tick();
    free.b = 99e6;
    tick();
    expect(events).toEqual([{ type: "disk_low", path: "b/out", free: 49e6, wanted: 100e6 }]);
    expect(holds).toEqual([true]);
    free.b = 100e6;
    tick();
    expect(events[1]).toEqual({ type: "disk_room", path: "b/out", free: 100e6 });
    free.a = 0;
    tick();
    expect(holds).toEqual([true, false, true]);
    room.end();
    expect(holds).toEqual([true, false, true, false]);
  });
});

const mounting = canMount() ? test : test.skip;

describe("a small disk (needs root to mount one)", () => {
  mounting("too small for what past cooks made: code 3 before anything is cooked; what is written over counts", () =>
    inStudio(async (space) => {
      mkdirSync(space.path("disk"));
      mount(space.path("disk"), "size=8m");
      try {
        megabytes(space, "disk", "a");
        expect((await space.cook("g.json")).exit).toBe(0);
        space.cooked();
        // Just so much that what is new fits beside what is there, and nothing is left to keep free.
        mount(space.path("disk"), "remount,size=6152k");
        // The same names: what is there makes room for what comes.
        megabytes(space, "disk", "b");
        const replaced = await space.cook("g.json");
        expect([replaced.exit, space.cooked()]).toEqual([0, ["up 1", "up 2", "up 3"]]);
        megabytes(space, "disk/more", "c");
        const refused = await space.dag("cook", "g.json", "--progress", "quiet");
        expect([refused.exit, space.cooked()]).toEqual([3, []]);
        expect(refused.stderr).toMatch(
          /^There is too little room on the disk of \S+disk\/more: as past cooks went, up to 3\.1 MB are needed, and 63\.0 kB are kept free; 3\.2 MB are free\. Free 54\.\d kB .*--no-disk-check\.\n$/,
        );
        expect(JSON.parse((await space.dag("runs", "--json", "--limit", "1")).stdout)).toMatchObject([{ exit: 3 }]);
        const anyway = await space.cook("g.json", "--no-disk-check");
        expect([anyway.exit, space.cooked()]).toEqual([0, ["up 1", "up 2", "up 3"]]);
      } finally {
        unmount(space.path("disk"));
      }
    }),
  );

  mounting("low: the cook says so and starts nothing; with room again it goes on by itself", () =>
    inStudio(async (space) => {
      mkdirSync(space.path("disk"));
      mount(space.path("disk"), "size=8m");
      try {
        megabytes(space, "disk", "a");
        const filler = fill(space.path("disk"));
        const { child, ended } = space.startCook("g.json");
        let said = "";
        const told = (type: string) =>
          new Promise<void>((done) => {
            const look = (chunk: string) => {
              said += chunk;
              if (said.includes(`"type":"${type}"`)) done();
            };
            child.stderr.on("data", look);
          });
        await told("disk_low");
        expect(space.cooked()).toEqual([]);
        rmSync(filler);
        const { exit, events } = await ended;
        expect([exit, space.cooked()]).toEqual([0, ["up 1", "up 2", "up 3"]]);
        expect(events.filter(({ type }) => type === "disk_room")).toHaveLength(1);
      } finally {
        unmount(space.path("disk"));
      }
    }),
  );
});
