import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { digestOf } from "../../src/base/hash.js";
import type { Store } from "../../src/store/store.js";
import { fingerprint, inFolder, isHit, made, publishOne, withStore } from "./workbench.js";

const CHILD = fileURLToPath(new URL("killed.child.js", import.meta.url));
const WORDS = ["a", "b"];

/** Cooks in a process that is killed before its n-th change. Answers whether it was, and what it knew as published. */
function cook(folder: string, last: number): { readonly isKilled: boolean; readonly published: readonly string[] } {
  const child = spawnSync(process.execPath, [CHILD, folder, String(last)], { encoding: "utf8" });
  if (child.signal === null && child.status !== 0) throw new Error(child.stderr);
  return { isKilled: child.signal === "SIGKILL", published: child.stdout.split("\n").filter((word) => word !== "") };
}

/** What is hit must be whole. Answers the words that are. */
function hits(store: Store): string[] {
  return WORDS.filter((word) => {
    const [found] = store.results.lookup([{ item: word, fingerprint: fingerprint(word) }]);
    for (const { digest } of found?.entry?.outputs ?? [])
      expect(digestOf(readFileSync(store.blobs.path(digest)))).toBe(digest);
    return found?.entry !== undefined;
  });
}

describe("a killed engine", () => {
  test("a killed engine: at every point, what was published is hit, nothing half-written is, and the next one goes on", async () => {
    let points = 0;
    for (let isKilled = true; isKilled; ) {
      points += 1;
      await inFolder(async (folder) => {
        const child = cook(folder, points);
        isKilled = child.isKilled;
        await withStore(folder, async (store) => {
          const found = hits(store);
          expect(found).toEqual(expect.arrayContaining([...child.published]));
          const resume = store.workspace.resume(fingerprint("b"));
          const hasStarted = existsSync(join(folder, ".dag/resume"));
          if (hasStarted && !found.includes("b")) expect(readFileSync(join(resume, "checkpoint"), "utf8")).toBe("7");
          for (const word of WORDS.filter((one) => !found.includes(one))) {
            await publishOne(
              store,
              made(store, { item: word, word, files: { "x.txt": `${word} x`, "y.txt": "the same" } }),
            );
          }
          await store.files.place(digestOf("b x"), join(folder, "out.txt"));
          expect(readFileSync(join(folder, "out.txt"), "utf8")).toBe("b x");
          expect(readdirSync(folder).sort()).toEqual([".dag", "out.txt"]);
          expect(hits(store)).toEqual(WORDS);
          expect((await store.verify()).damaged).toEqual([]);
        });
      });
    }
    expect(points).toBeGreaterThan(25);
    // A process for each point: a busy machine takes its time.
  }, 180_000);

  test("a killed engine: the database is built anew from what it left", async () => {
    for (const point of [20, 30, 1000]) {
      await inFolder(async (folder) => {
        const { published } = cook(folder, point);
        for (const name of ["store.db", "store.db-wal", "store.db-shm"])
          rmSync(join(folder, ".dag", name), { force: true });
        await withStore(folder, async (store) => {
          expect(hits(store)).toEqual(expect.arrayContaining([...published]));
          expect(isHit(store, "never made")).toBe(false);
        });
      });
    }
  });
});
