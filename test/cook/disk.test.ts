/** Disks that are full or read-only: real ones, mounted small, where the tests run as root on Linux. */
import { chmodSync, mkdirSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { failuresIn } from "../helpers/cook-space.js";
import { canMount, megabytes, mount, unmount } from "../helpers/disk.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const mounting = canMount() ? test : test.skip;

async function onDisk(space: Studio, options: string, body: (remount: (options: string) => void) => Promise<void>) {
  const folder = space.path("disk");
  mkdirSync(folder);
  mount(folder, options);
  try {
    await body((how) => mount(folder, `remount,${how}`));
  } finally {
    unmount(folder);
  }
}

describe("a full disk", () => {
  mounting("under the outputs: the message says so, nothing half-written is there; with space, nothing is cooked", () =>
    inStudio((space) =>
      onDisk(space, "size=1500k", async (remount) => {
        megabytes(space, "disk/out");
        const full = await space.cook("g.json", "--cpu-slots", "1");
        expect(full.exit).toBe(1);
        const failures = failuresIn(full);
        const whole = [1, 2, 3].filter((n) => failures[`up ${n}`] === undefined);
        expect(whole.length).toBeLessThan(2);
        for (const [label, message] of Object.entries(failures))
          expect(message).toMatch(
            new RegExp(`^Cannot write .*${label.at(-1)}\\.bin: no space is left on the disk\\. Free some, `),
          );
        expect(space.list("disk/out")).toEqual(whole.map((n) => `${n}.bin`));
        for (const name of space.list("disk/out")) expect(space.read(`disk/out/${name}`).length).toBe(1 << 20);
        expect(space.cooked().length).toBe(3);
        remount("size=20m");
        const again = await space.cook("g.json");
        expect([again.exit, space.cooked(), space.list("disk/out")]).toEqual([0, [], ["1.bin", "2.bin", "3.bin"]]);
      }),
    ),
  );

  mounting("under the store: items fail with the cause and the engine lives; with space, the rest is cooked", () =>
    inStudio((space) =>
      onDisk(space, "size=2500k", async (remount) => {
        megabytes(space, "out");
        const full = await space.cook("g.json", "--cpu-slots", "1", "--store", "disk/store");
        expect(full.exit).toBe(1);
        expect(full.stderr).not.toContain("fault of its own");
        for (const message of Object.values(failuresIn(full))) expect(message).toMatch(/no space/i);
        // The store may say after it that it cannot write the run's end.
        expect(full.events.findLast(({ type }) => type !== "notice")).toMatchObject({ type: "cook_finished", exit: 1 });
        const done = new Set(space.cooked());
        expect(done.size).toBe(3);
        remount("size=50m");
        const again = await space.cook("g.json", "--store", "disk/store");
        expect(again.exit).toBe(0);
        expect(space.cooked()).toEqual(Object.keys(failuresIn(full)).sort());
        expect((await space.dag("cache", "verify", "--store", "disk/store")).exit).toBe(0);
      }),
    ),
  );

  mounting("from the start, or read-only: code 3 and the reason", () =>
    inStudio((space) =>
      onDisk(space, "size=8k", async (remount) => {
        megabytes(space, "out");
        const full = await space.dag("cook", "g.json", "--store", "disk/store");
        expect(full.exit).toBe(3);
        expect(full.stderr).toMatch(/disk\/store.*no space is left/s);
        remount("size=1m,ro");
        const readonly = await space.dag("cook", "g.json", "--store", "disk/store2");
        expect(readonly.exit).toBe(3);
        expect(readonly.stderr).toMatch(/disk\/store2.*read-only/s);
        expect(full.stderr + readonly.stderr).not.toContain("fault of its own");
      }),
    ),
  );
});

mounting("a store on a disk that is read-only: what reads it does, what would write says so with code 3", () =>
  inStudio((space) =>
    onDisk(space, "size=20m", async (remount) => {
      space.graph("g.json", { up: { type: "studio/work", label: "up" } });
      const store = ["--store", "disk/store"];
      await space.cook("g.json", ...store);
      remount("ro");
      const plan = await space.dag("plan", "g.json", ...store);
      expect([plan.exit, plan.stdout]).toEqual([0, expect.stringContaining("Nothing would be cooked.")]);
      const why = await space.dag("why", "up", "--graph", "g.json", ...store);
      expect([why.exit, why.stdout]).toEqual([0, expect.stringContaining("is up to date")]);
      expect((await space.dag("runs", ...store)).stdout).toContain("g.json");
      for (const command of [
        ["cook", "g.json"],
        ["dirty", "up", "--graph", "g.json"],
      ]) {
        const { exit, stderr } = await space.dag(...command, ...store);
        expect([exit, stderr]).toEqual([
          3,
          expect.stringMatching(/^Cannot use the store .*: the disk is read-only\. /),
        ]);
      }
      remount("rw");
      expect([(await space.cook("g.json", ...store)).exit, space.cooked()]).toEqual([0, ["up"]]);
    }),
  ),
);

describe("an output folder that cannot be written", () => {
  mounting("on a read-only disk: the item fails and says what to do; it is not cooked again for that", () =>
    inStudio((space) =>
      onDisk(space, "ro", async (remount) => {
        space.graph("g.json", { up: { type: "studio/work", label: "up", params: { output: "disk/x.txt" } } });
        const readonly = await space.cook("g.json");
        expect([readonly.exit, space.cooked()]).toEqual([1, ["up"]]);
        expect(failuresIn(readonly).up).toMatch(/disk\/x\.txt: the disk is read-only\. Choose another folder\.$/);
        remount("rw");
        expect([(await space.cook("g.json")).exit, space.cooked()]).toEqual([0, []]);
        expect(space.exists("disk/x.txt")).toBe(true);
      }),
    ),
  );

  const ordinary = process.getuid?.() === 0 ? test.skip : test;
  ordinary("without permission: the item fails and says what to do", () =>
    inStudio(async (space) => {
      mkdirSync(space.path("out"));
      chmodSync(space.path("out"), 0o555);
      space.graph("g.json", { up: { type: "studio/work", label: "up", params: { output: "out/x.txt" } } });
      const denied = await space.cook("g.json");
      expect([denied.exit, failuresIn(denied).up]).toEqual([1, expect.stringContaining("you may not write there")]);
    }),
  );

  test("where a folder or a file is in the way: the message names it", () =>
    inStudio(async (space) => {
      mkdirSync(space.path("out/x.txt"), { recursive: true });
      space.write("file", "in the way");
      space.graph("g.json", {
        a: { type: "studio/work", label: "a", params: { output: "out/x.txt" } },
        b: { type: "studio/work", label: "b", params: { output: "file/x.txt" } },
      });
      const failures = failuresIn(await space.cook("g.json"));
      expect(failures.a).toMatch(/out\/x\.txt: a folder has that name/);
      expect(failures.b).toMatch(/file\/x\.txt: a part of the path is a file/);
    }));
});
