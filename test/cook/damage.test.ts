/** What is damaged, lost, or changes under a cook is never believed. */
import { chmodSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { itemsThat } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

function chain(space: Studio, how = ""): void {
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    up: { type: "studio/work", label: "up @stem", inputs: ["files"], params: { text: "up", how } },
    down: {
      type: "studio/work",
      label: "down @stem",
      inputs: ["up"],
      params: { text: "down", output: "out/@stem.txt" },
    },
  });
}

/** The blob that holds a text. */
function blobOf(space: Studio, text: string): string {
  for (const file of readdirSync(space.path(".dag/blobs"), { recursive: true, withFileTypes: true })) {
    const path = join(file.parentPath, file.name).slice(space.folder.length + 1);
    if (file.isFile() && space.read(path) === text) return space.path(path);
  }
  throw new Error(`No blob holds "${text}".`);
}

describe("store", () => {
  test("blobs are read-only, and outputs at the user's paths are not", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      chain(space);
      await space.cook("g.json");
      expect(statSync(blobOf(space, "aupdown")).mode & 0o222).toBe(0);
      expect(statSync(space.path("out/a.txt")).mode & 0o200).toBe(0o200);
    }));

  test("a lost blob: its item is cooked again, what lies below is a hit", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      chain(space);
      await space.cook("g.json");
      space.cooked();
      rmSync(blobOf(space, "aup"));
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, ["up a"]]);
      expect(itemsThat("cooked_cache", again)).toEqual(["down a"]);
      expect(blobOf(space, "aup")).toMatch(/blobs/);
    }));

  test("a damaged blob: verify finds and removes it, with exit code 1; the next cook mends it", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      chain(space);
      await space.cook("g.json");
      space.cooked();
      expect((await space.dag("cache", "verify")).exit).toBe(0);
      const blob = blobOf(space, "aupdown");
      chmodSync(blob, 0o644);
      writeFileSync(blob, "aupDOWN");
      const found = await space.dag("cache", "verify");
      expect(found.exit).toBe(1);
      expect(found.stdout).toMatch(/^damaged, removed: [0-9a-f]{64}\n1 result lost a file/);
      rmSync(space.path("out"), { recursive: true });
      await space.cook("g.json");
      expect([space.cooked(), space.read("out/a.txt")]).toEqual([["down a"], "aupdown"]);
    }));

  test("the database is gone: it is made anew from the manifests, and nothing is cooked", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "a");
      chain(space);
      await space.cook("g.json");
      space.cooked();
      for (const name of space.list(".dag")) if (name.startsWith("store.db")) rmSync(space.path(`.dag/${name}`));
      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, []]);

      space.write(".dag/store.db", "this is no database, but it is long enough to look at".repeat(100));
      const third = await space.cook("g.json");
      expect([third.exit, space.cooked()]).toEqual([0, []]);
    }));

  test("an input that changes during the cook: the result is dropped and the item cooked again", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "old");
      chain(space, "wait");
      const cook = space.startCook("g.json");
      await space.until("journal", "up a waits");
      space.write("in/a.txt", "new!");
      space.go();
      const ended = await cook.ended;
      expect(ended.exit).toBe(0);
      expect(space.journal().filter((line) => line === "up a").length).toBe(2);
      expect(space.read("out/a.txt")).toBe("new!updown");
      expect(ended.stderr).toContain("an input changed while it was cooked");

      const again = await space.cook("g.json");
      expect([again.exit, space.cooked()]).toEqual([0, []]);
      // What was read of the old one was believed by nobody.
      space.write("in/a.txt", "old");
      await space.cook("g.json");
      expect(space.cooked()).toEqual(["down a", "up a", "up a waits"]);
      expect(space.read("out/a.txt")).toBe("oldupdown");
    }));

  test("an input that vanishes during the cook: the item fails and the message names the file", () =>
    inStudio(async (space) => {
      space.write("in/a.txt", "old");
      chain(space, "wait");
      const cook = space.startCook("g.json");
      await space.until("journal", "up a waits");
      rmSync(space.path("in/a.txt"));
      space.go();
      const ended = await cook.ended;
      expect(ended.exit).toBe(1);
      expect(ended.stderr).toMatch(/item_failed.*a\.txt/);
    }));
});
