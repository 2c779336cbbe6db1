import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { digestOf } from "../../src/base/hash.js";
import { fill } from "../helpers/disk.js";
import { inFolder, isHit, made, open, publishOne, refusal, withStore } from "./workbench.js";

/** A small disk of its own; undefined where this user may not mount one. */
function mountSmallDisk(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const disk = mkdtempSync(join(tmpdir(), "dag-small-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]).status === 0) return disk;
  rmSync(disk, { recursive: true });
  return undefined;
}

const disk = mountSmallDisk();
const onSmallDisk = disk === undefined ? test.skip : test;
afterAll(() => {
  if (disk === undefined) return;
  // Lazily: the database's driver lets go of its files when its memory is collected.
  spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true });
});

describe("a full disk (needs root to mount a small one)", () => {
  onSmallDisk("a full disk: results are refused in the user's words, and go on when there is space again", async () => {
    const store = await open(disk!);
    await publishOne(store, made(store, { item: "before", word: "before" }));
    const waiting = Array.from({ length: 200 }, (_, index) => {
      const word = `w${index}`;
      return made(store, { item: word, word, files: {}, attributes: { long: "x".repeat(20_000) } });
    });
    const filler = fill(disk!);
    const refusals = await Promise.all(waiting.map((publication) => refusal(publishOne(store, publication))));
    expect(new Set(refusals)).toEqual(
      new Set([expect.stringMatching(/^Cannot commit to the store .*: no space is left on the disk\. Free some/)]),
    );
    expect([isHit(store, "before", "before"), isHit(store, "w0", "w0")]).toEqual([true, false]);
    rmSync(filler);
    const again = made(store, { item: "w0", word: "w0" });
    expect(await publishOne(store, again)).toMatchObject({ kind: "published" });
    await store.close();
    await withStore(disk!, async (next) => {
      expect([isHit(next, "before", "before"), isHit(next, "w0", "w0")]).toEqual([true, true]);
    });
  });

  onSmallDisk("a full disk: a file that does not fit at the user's path is told, and what was there stays", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        const large = "x".repeat(6 << 20);
        await publishOne(store, made(store, { files: { large } }));
        const target = join(disk!, "large");
        writeFileSync(target, "mine");
        expect(await refusal(store.files.place(digestOf(large), target))).toBe(
          `Cannot write ${target}: no space is left on the disk. Free some, or choose another folder.`,
        );
        expect(readText(target)).toBe("mine");
      });
    }),
  );
});

function readText(path: string): string {
  return spawnSync("cat", [path], { encoding: "utf8" }).stdout;
}
