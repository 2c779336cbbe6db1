import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { digestOf } from "../../src/base/hash.js";
import { textKind } from "../../src/store/history.js";
import { ahead, fingerprint, inFolder, isHit, made, publishOne, withStore } from "./workbench.js";

const DAY = 86_400_000;

describe("gc", () => {
  test("gc: removes old results that no item had last, and what then nothing refers to", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { word: "old", files: { own: "old", shared: "shared" } }));
        await publishOne(store, made(store, { word: "last", files: { own: "last", shared: "shared" } }));
      });
      await withStore(folder, async (store) => {
        expect(await store.gc({ days: 30, last: true })).toEqual({
          entries: 0,
          blobs: 0,
          bytes: 0,
          resumeFolders: 0,
          logs: 0,
        });
        expect([isHit(store, "old", "x"), isHit(store, "last", "x")]).toEqual([true, true]);
      });
      rmSync(join(folder, ".dag/store.db"));
      await withStore(folder, async (store) => expect(store.results.lastFingerprint("item")).toBe(fingerprint("last")));
      await withStore(
        folder,
        async (store) => {
          expect(await store.gc({ days: 30, last: true })).toMatchObject({ entries: 1, blobs: 1, bytes: 3 });
          expect([isHit(store, "old"), isHit(store, "last")]).toEqual([false, true]);
          expect(existsSync(store.blobs.path(digestOf("shared")))).toBe(true);
          expect(await store.gc({ days: 30, last: false })).toMatchObject({ entries: 1, blobs: 2, bytes: 10 });
          expect(store.stats()).toMatchObject({ entries: 0, items: 0, blobs: 0 });
        },
        { clock: ahead(31 * DAY) },
      );
    }));

  test("gc: the database is still built anew from the manifests that it leaves", () =>
    inFolder(async (folder) => {
      for (const word of ["a", "b"]) {
        await withStore(folder, (store) => publishOne(store, made(store, { item: word, word, files: { f: word } })));
      }
      expect(readdirSync(join(folder, ".dag/manifests"))).toHaveLength(2);
      await withStore(folder, async (store) => {
        await store.gc({ days: 30, last: true });
        expect(readdirSync(join(folder, ".dag/manifests"))).toHaveLength(1);
        await publishOne(store, made(store, { item: "c", word: "c", files: { f: "c" } }));
      });
      rmSync(join(folder, ".dag/store.db"));
      await withStore(folder, async (store) => {
        expect(["a", "b", "c"].map((word) => isHit(store, word, word))).toEqual([true, true, true]);
        expect(store.results.manifest(fingerprint("a"))).toBe("manifest of a");
      });
    }));

  test("gc: keeps what an unfinished cook may go on from, removes what a finished or an old one left", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { word: "done" }));
        for (const name of [`${fingerprint("done")}.1`, `${fingerprint("going on")}.1`]) {
          mkdirSync(join(folder, ".dag/resume", name), { recursive: true });
        }
        mkdirSync(join(folder, ".dag/logs/1"), { recursive: true });
        writeFileSync(store.workspace.log(1, "a/b c"), "log");
        store.history.remember(textKind("probe"), "key", "value");
        expect(await store.gc({ days: 30, last: true })).toMatchObject({ resumeFolders: 1, logs: 0 });
        expect(readdirSync(join(folder, ".dag/resume"))).toEqual([`${fingerprint("going on")}.1`]);
        expect(readdirSync(join(folder, ".dag/logs/1"))).toEqual(["a_b_c.log"]);
      });
      await withStore(
        folder,
        async (store) => {
          expect(store.history.recall(textKind("probe"), "key")).toBe("value");
          expect(await store.gc({ days: 30, last: true })).toMatchObject({ resumeFolders: 1, logs: 1, entries: 0 });
          expect(store.history.recall(textKind("probe"), "key")).toBeUndefined();
        },
        { clock: ahead(31 * DAY) },
      );
    }));
});

describe("verify", () => {
  test("verify: removes damaged blobs, and their results are cooked again", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        for (const word of ["good", "bad", "gone"]) {
          await publishOne(store, made(store, { item: word, word, files: { f: word } }));
        }
        rmSync(store.blobs.path(digestOf("bad")));
        writeFileSync(store.blobs.path(digestOf("bad")), "BAD");
        rmSync(store.blobs.path(digestOf("gone")));
        const { lost, ...others } = await store.verify();
        expect(others).toEqual({ blobs: 2, damaged: [digestOf("bad")], database: [] });
        expect(new Set(lost)).toEqual(new Set([fingerprint("bad"), fingerprint("gone")]));
        expect(existsSync(store.blobs.path(digestOf("bad")))).toBe(false);
        expect(["good", "bad", "gone"].map((word) => isHit(store, word, word))).toEqual([true, false, false]);
      });
      await withStore(folder, async (store) => {
        expect(await store.verify()).toEqual({ blobs: 1, damaged: [], lost: [], database: [] });
      });
    }));

  test("verify: a database can be built anew on demand", () =>
    inFolder(async (folder) => {
      await withStore(folder, (store) => publishOne(store, made(store)));
      await withStore(folder, async (store) => expect(isHit(store, "one")).toBe(true), { rebuild: true });
      expect(existsSync(join(folder, ".dag/store.db.damaged-1"))).toBe(true);
    }));
});

describe("stats", () => {
  test("stats: counts results by type, blobs and bytes", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        expect(store.stats()).toMatchObject({ entries: 0, items: 0, types: [], blobs: 0, blobBytes: 0, logBytes: 0 });
        await publishOne(store, made(store, { item: "a", word: "a", files: { f: "12345" }, seconds: 0.25 }));
        await publishOne(store, made(store, { item: "b", word: "b", files: { f: "12345", g: "678" }, seconds: 0.5 }));
        mkdirSync(join(folder, ".dag/logs/1"), { recursive: true });
        writeFileSync(store.workspace.log(1, "a"), "four");
        const types = [{ type: "test_type", entries: 2, seconds: 0.75 }];
        expect(store.stats()).toMatchObject({ entries: 2, items: 2, types, blobs: 2, blobBytes: 8, logBytes: 4 });
        expect(store.stats().databaseBytes).toBeGreaterThan(0);
      });
    }));
});
