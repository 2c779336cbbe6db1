/** A store that came with a folder: links in it lead no command out of it. */
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Those that would make, move or delete something, first. */
const COMMANDS = [
  ["check", "g.json"],
  ["cook", "g.json", "--progress", "plain"],
  ["cache", "gc", "--days", "0"],
  ["cook", "g.json", "--progress", "plain", "--untrusted"],
  ["cache", "verify"],
  ["cache", "stats"],
  ["plan", "g.json"],
  ["items", "g.json"],
  ["why", "up"],
  ["log", "up"],
  ["runs"],
  ["lineage", "out/up.txt"],
  ["dirty", "up"],
];

/** What the store holds at `name` becomes a link to `victim/NAME`, which holds the same. */
function linked(space: Studio, name: string): void {
  const target = space.path(`victim/${name}`);
  mkdirSync(dirname(target), { recursive: true });
  if (existsSync(space.path(`.dag/${name}`))) renameSync(space.path(`.dag/${name}`), target);
  else space.write(`victim/${name}/precious.txt`, "precious");
  mkdirSync(dirname(space.path(`.dag/${name}`)), { recursive: true });
  symlinkSync(target, space.path(`.dag/${name}`));
}

async function cooked(space: Studio): Promise<void> {
  const output = { text: "a", output: "out/up.txt" };
  space.graph("g.json", { up: { type: "studio/work", label: "up", params: output } });
  expect((await space.cook("g.json")).exit).toBe(0);
  space.cooked();
}

describe("links in a store", () => {
  test.each([
    ["cache gc and verify, through the folder of blobs", "blobs", "blobs/d1/b.txt"],
    ["a folder of blobs", "blobs/d1", "blobs/d1/b.txt"],
    ["the commit log", "manifests", "manifests/00000009-000000.log"],
    ["logs", "logs", "logs/77/precious.log"],
    ["a run's logs", "logs/77", "logs/77/precious.log"],
    ["attempts", "attempts", "attempts/precious.txt"],
    ["folders to resume from", "resume", "resume/precious.txt"],
    ["emitted code", "code", "code/precious.js"],
    ["the database", "store.db", "precious.txt"],
    ["what conformed", "conformed", "precious.txt"],
  ])("%s: commands refuse them (all, where it is the blobs), and nothing behind them changes", (_, name, precious) =>
    inStudio(async (space) => {
      await cooked(space);
      linked(space, name);
      space.write(`victim/${precious}`, "precious");
      const before = space.list("victim");
      for (const command of name === "blobs" ? COMMANDS : COMMANDS.slice(0, 3)) {
        const { exit, stderr } = await space.dag(...command);
        expect([command, exit, stderr]).toEqual([
          command,
          3,
          expect.stringContaining(`holds a link: ${space.path(".dag")}/${name}.`),
        ]);
      }
      expect([space.read(`victim/${precious}`), space.list("victim"), space.cooked()]).toEqual([
        "precious",
        before,
        [],
      ]);
    }),
  );

  test("a piece of the commit log", () =>
    inStudio(async (space) => {
      await cooked(space);
      const piece = space.list(".dag/manifests")[0];
      linked(space, `manifests/${piece}`);
      rmSync(space.path(".dag/store.db"));
      const { exit, stderr } = await space.dag("cook", "g.json", "--progress", "plain");
      expect([exit, stderr]).toEqual([3, expect.stringContaining("holds a link")]);
      expect(space.exists(".dag/store.db")).toBe(false);
    }));

  test("an item's log that lies there before its run is no way out", () =>
    inStudio(async (space) => {
      space.node(
        "loud",
        space.read("nodes/studio/work.js").replace("const files =", 'console.log("said"); const files ='),
      );
      space.graph("g.json", { up: { type: "studio/loud", label: "up" } });
      await space.cook("g.json");
      const log = space.list(".dag/logs/1")[0];
      rmSync(space.path(".dag"), { recursive: true });
      space.write("victim.txt", "precious\n");
      space.write(".dag/logs/1/README", "");
      symlinkSync(space.path("victim.txt"), space.path(`.dag/logs/1/${log}`));
      expect((await space.cook("g.json")).exit).toBe(0);
      expect([space.read("victim.txt"), space.read(`.dag/logs/1/${log}`)]).toEqual(["precious\n", "said\n"]);
    }));

  test("the store itself may be one: where it lies, its user says", () =>
    inStudio(async (space) => {
      mkdirSync(space.path("disk"));
      symlinkSync(space.path("disk"), space.path(".dag"));
      await cooked(space);
      expect((await space.dag("cache", "verify")).stdout).toBe("1 file read; all is whole.\n");
    }));
});
