import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { realFiles } from "../../src/base/files.js";
import { digestOf } from "../../src/base/hash.js";
import { thisHost } from "../../src/store/lock.js";
import { fingerprint, inFolder, isHit, made, open, publishOne, refusal, withStore } from "./workbench.js";

function lockText(folder: string): string {
  return readFileSync(join(folder, ".dag/lock"), "utf8");
}

describe("the lock", () => {
  test("the lock: a second engine is refused by the process's number, until the first gives it back", () =>
    inFolder(async (folder) => {
      const first = await open(folder);
      expect(JSON.parse(lockText(folder))).toMatchObject({ pid: process.pid });
      expect(await refusal(open(folder))).toMatch(/^The store .*\.dag is in use by this process\. Wait until it ends/);
      await first.close();
      expect(existsSync(join(folder, ".dag/lock"))).toBe(false);
      await (await open(folder)).close();
    }));

  test("the lock: another live process holds it, a dead one does not", () =>
    inFolder(async (folder) => {
      const child = spawn("sleep", ["60"]);
      try {
        mkdirSync(join(folder, ".dag"));
        const { boot, host } = thisHost();
        const holder = { pid: child.pid, started: "", boot, host };
        writeFileSync(join(folder, ".dag/lock"), JSON.stringify(holder));
        expect(await refusal(open(folder))).toContain(`is in use by process ${child.pid}.`);
        await withStore(folder, async (store) => expect(isHit(store, "one")).toBe(false), { readonly: true });
      } finally {
        const ended = new Promise((resolve) => child.once("exit", resolve));
        child.kill("SIGKILL");
        await ended;
      }
      await (await open(folder)).close();
    }));

  test("the lock: a process of the same number that started at another time, or before a restart, does not hold it", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, ".dag"));
      const { pid, started, boot, host } = thisHost();
      for (const stale of [
        { pid, started: "1", boot, host },
        { pid, started, boot: "another boot", host },
      ]) {
        writeFileSync(join(folder, ".dag/lock"), JSON.stringify(stale));
        await (await open(folder)).close();
      }
      writeFileSync(join(folder, ".dag/lock"), "");
      await (await open(folder)).close();
    }));

  test("the lock: another machine's is not judged from here, and the way out is told", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, ".dag"));
      const lock = join(folder, ".dag/lock");
      writeFileSync(lock, JSON.stringify({ pid: 7, started: "", boot: "b", host: "elsewhere" }));
      expect(await refusal(open(folder))).toMatch(
        /is in use by process 7 on elsewhere\. If that process is no more, delete .*lock and try again\.$/,
      );
    }));

  test("the lock: an engine whose lock was taken over commits nothing any more, and leaves the new one's lock", () =>
    inFolder(async (folder) => {
      const first = await open(folder);
      const waiting = made(first, { item: "first", word: "first" });
      rmSync(join(folder, ".dag/lock"));
      // Another process's lock: its text differs from the first one's.
      const second = await open(folder, { host: { ...thisHost(), started: "later" } });
      mkdirSync(waiting.directory, { recursive: true });
      writeFileSync(join(waiting.directory, "a.txt"), "a");
      expect(await refusal(publishOne(first, waiting))).toMatch(/^Another engine has taken over the store/);
      expect(() => first.history.startRun("graph")).toThrow(/taken over/);
      await publishOne(second, made(second, { item: "second", word: "second" }));
      await first.close();
      expect(JSON.parse(lockText(folder))).toMatchObject({ started: "later" });
      expect([isHit(second, "first", "first"), isHit(second, "second", "second")]).toEqual([false, true]);
      await second.close();
    }));
});

describe("the format", () => {
  test("the format: a newer one is refused and left as it is, a broken file is no newer one", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, ".dag"));
      const path = join(folder, ".dag/store.json");
      writeFileSync(path, '{"format":3}');
      for (const readonly of [false, true]) {
        expect(await refusal(open(folder, { readonly }))).toMatch(
          /was written by a newer dag \(format 3; this one knows 2\)\. Update dag, or choose another folder/,
        );
      }
      expect(readdirSync(join(folder, ".dag"))).toEqual(["store.json"]);
      writeFileSync(path, "{");
      const warnings: string[] = [];
      await withStore(folder, async () => undefined, { warn: (message) => void warnings.push(message) });
      expect(warnings).toEqual([expect.stringMatching(/store\.json cannot be read/)]);
    }));

  test("the format: a folder that cannot be one is told", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, ".dag"), "a file");
      expect(await refusal(open(folder))).toMatch(
        /^Cannot use the store .*: a part of the path is a file, not a folder/,
      );
      // A file system that takes no folders, and says that they are absent.
      if (process.platform === "linux") expect(await refusal(open("/proc/dag/store"))).toMatch(/^Cannot use the store/);
    }));
});

describe("a damaged store", () => {
  test("a damaged store: a broken database is moved aside and built anew, with a warning", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { word: "old" }));
        await publishOne(store, made(store, { word: "one", attributes: { x: 1 } }));
      });
      const path = join(folder, ".dag/store.db");
      for (const damage of ["no database at all", readFileSync(path, "latin1").slice(0, 5000)]) {
        writeFileSync(path, damage, "latin1");
        const warnings: string[] = [];
        await withStore(
          folder,
          async (store) => {
            const [found] = store.results.lookup([{ item: "item", fingerprint: fingerprint("one") }]);
            expect(found).toMatchObject({ entry: { attributes: { x: 1 } }, previous: fingerprint("one") });
            expect(isHit(store, "old", "other")).toBe(true);
            expect(store.results.manifest(fingerprint("one"))).toBe("manifest of one");
          },
          { warn: (message) => void warnings.push(message) },
        );
        expect(warnings).toEqual([expect.stringMatching(/was damaged\. 2 results were built anew; it is kept as/)]);
      }
      expect(readdirSync(join(folder, ".dag")).filter((name) => /damaged-\d$/.test(name))).toHaveLength(2);
    }));

  test("a damaged store: only results whose blobs hash right are built anew", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        for (const word of ["good", "wrong", "gone"]) {
          await publishOne(store, made(store, { item: word, word, files: { f: `${word} bytes` } }));
        }
        writeOver(store.blobs.path(digestOf("wrong bytes")), "other bytes");
        rmSync(store.blobs.path(digestOf("gone bytes")));
      });
      rmSync(join(folder, ".dag/store.db"));
      writeFileSync(join(folder, ".dag/manifests/00000001-000000.log"), '{"fingerprint":"half', { flag: "a" });
      await withStore(folder, async (store) => {
        expect(["good", "wrong", "gone"].filter((word) => isHit(store, word, word))).toEqual(["good"]);
      });
    }));

  test("a damaged store: a result whose blob was taken away is a miss, its reason still known", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { item: "a", word: "a", files: { f: "a" } }));
        await publishOne(store, made(store, { item: "b", word: "b", files: { f: "b" } }));
      });
      rmSync(join(folder, ".dag/blobs", digestOf("a").slice(0, 2)), { recursive: true });
      const warnings: string[] = [];
      const options = { warn: (message: string) => void warnings.push(message) };
      for (const readonly of [true, false]) {
        await withStore(
          folder,
          async (store) => {
            expect([isHit(store, "a", "a"), isHit(store, "b", "b")]).toEqual([false, true]);
            expect(store.results.lastFingerprint("a")).toBe(fingerprint("a"));
            expect(store.results.manifest(fingerprint("a"))).toBe("manifest of a");
          },
          { ...options, readonly },
        );
      }
      expect(warnings).toHaveLength(2);
      await withStore(folder, async (store) => expect(isHit(store, "a", "a")).toBe(false), options);
      expect(warnings).toHaveLength(2);
    }));

  test("a damaged store: a living engine sees at its next run that a blob was taken away", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { files: { f: "a" } }));
        rmSync(store.blobs.path(digestOf("a")));
        store.history.startRun("graph");
        expect(isHit(store, "one")).toBe(false);
        await publishOne(store, made(store, { files: { f: "a" } }));
        expect(isHit(store, "one")).toBe(true);
      });
    }));

  test("a damaged store: after a restart what was not durable is verified, once, and what was is believed", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        await publishOne(store, made(store, { item: "short", word: "short", files: { f: "short" } }));
        await publishOne(store, made(store, { item: "right", word: "right", files: { f: "right" } }));
        await publishOne(store, made(store, { item: "long", word: "long", files: { f: "long" }, seconds: 1.5 }));
        writeOver(store.blobs.path(digestOf("short")), "trash");
      });
      const reads: string[] = [];
      const files = {
        ...realFiles,
        digestNow: (path: string) => {
          reads.push(path);
          return realFiles.digestNow(path);
        },
      };
      await withStore(folder, async (store) => expect(isHit(store, "short", "short")).toBe(true));
      const host = { ...thisHost(), boot: "the next boot" };
      for (const expected of [2, 0]) {
        reads.length = 0;
        await withStore(
          folder,
          async (store) => {
            const words = ["short", "right", "long"];
            expect(words.map((word) => isHit(store, word, word))).toEqual([false, true, true]);
          },
          { host, files },
        );
        expect(reads).toHaveLength(expected);
      }
    }));
});

/** Other bytes under the same name and inode: the folder does not change. */
function writeOver(path: string, text: string): void {
  chmodSync(path, 0o644);
  writeFileSync(path, text);
}
