import { mkdirSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type Files, realFiles } from "../../src/base/files.js";
import { digestOf } from "../../src/base/hash.js";
import type { Store } from "../../src/store/store.js";
import type { FileDigest } from "../../src/store/user-files.js";
import { ahead, inFolder, refusal, withStore } from "./workbench.js";

const old = { clock: ahead(10_000) };

/** Counts how often bytes are read. */
function counting(): { readonly files: Files; readonly reads: string[] } {
  const reads: string[] = [];
  const files: Files = {
    ...realFiles,
    digest(path) {
      reads.push(path);
      return realFiles.digest(path);
    },
    digestNow(path) {
      reads.push(path);
      return realFiles.digestNow(path);
    },
  };
  return { files, reads };
}

async function known(store: Store, path: string): Promise<FileDigest | undefined> {
  const { digests, sizes } = await store.files.knownDigests(dirname(path), basename(path), [basename(path)]);
  return digests[0] === undefined ? undefined : { digest: digests[0], size: sizes[0]! };
}

describe("file digests", () => {
  test("file digests: an unchanged file is read once, in later processes too", () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a "quoted" \u0001 ü.png');
      writeFileSync(path, "bytes");
      const { files, reads } = counting();
      await withStore(
        folder,
        async (store) => {
          expect(await known(store, path)).toBeUndefined();
          expect(await store.files.digest(path)).toMatchObject({ digest: digestOf("bytes"), size: 5 });
          expect(await store.files.digest(path)).toMatchObject({ digest: digestOf("bytes"), size: 5 });
        },
        { ...old, files },
      );
      await withStore(
        folder,
        async (store) => {
          expect(await known(store, path)).toMatchObject({ digest: digestOf("bytes"), size: 5 });
        },
        { ...old, files },
      );
      await withStore(folder, async (store) => expect(await known(store, path)).toBeDefined(), { ...old, files });
      expect(reads).toEqual([path]);
    }));

  test("file digests: a folder is looked at with and all below it, more than one page of them", () =>
    inFolder(async (folder) => {
      const names = Array.from({ length: 1100 }, (_, index) => `in/${index % 2 === 0 ? "sub/" : ""}${index}`);
      mkdirSync(join(folder, "in/sub"), { recursive: true });
      for (const name of names) writeFileSync(join(folder, name), name);
      await withStore(
        folder,
        async (store) => {
          for (const name of names) await store.files.digest(join(folder, name));
        },
        old,
      );
      await withStore(
        folder,
        async (store) => {
          const inside = names.map((name) => name.slice("in/".length));
          const found = await store.files.knownDigests(join(folder, "in"), "*", inside);
          expect(found.sizes).toEqual(names.map(({ length }) => length));
          expect(found.digests).toEqual(names.map((name) => digestOf(name)));
        },
        old,
      );
    }));

  test("file digests: of many files remembered together, those that changed are read, and no other", () =>
    inFolder(async (folder) => {
      const names = Array.from({ length: 300 }, (_, index) => `f${index}`);
      for (const name of names) writeFileSync(join(folder, name), name);
      const { files, reads } = counting();
      /** Looks as a listing does, in a process of its own, and answers the digests. */
      const look = async (asked: readonly string[], view = "*") => {
        const digests: string[] = [];
        await withStore(
          folder,
          async (store) => {
            const known = await store.files.knownDigests(folder, view, asked);
            for (const [place, name] of asked.entries()) {
              expect(known.unknown.includes(place)).toBe(known.digests[place] === undefined);
              digests.push(known.digests[place] ?? (await store.files.digest(join(folder, name))).digest);
            }
          },
          { ...old, files },
        );
        return digests;
      };
      const contents = new Map(names.map((name) => [name, name]));
      const expectRead = async (asked: readonly string[], read: readonly string[], view?: string) => {
        reads.length = 0;
        expect(await look(asked, view)).toEqual(asked.map((name) => digestOf(contents.get(name)!)));
        expect(reads).toEqual(read.map((name) => join(folder, name)));
      };
      const edit = (name: string, content: string) => {
        contents.set(name, content);
        writeFileSync(join(folder, name), content);
      };
      await expectRead(names, names);
      await expectRead(names, []);
      edit("f7", "other");
      await expectRead(names, ["f7"]);
      await expectRead(names, []);
      edit("added", "new");
      const more = ["added", ...names];
      await expectRead(more, ["added"]);
      await expectRead(more, []);
      // Other names of the folder, in another order, after most of them were remembered as they had been.
      for (const name of names.slice(0, 100)) edit(name, `${name} again`);
      await expectRead(more.toReversed(), names.slice(0, 100).toReversed());
      await expectRead(more, []);
      await expectRead(["f3", "f299"], [], "f*9");
      // What was again before: the stamp is another, and what the first one said is not believed.
      edit("f3", "f3");
      await expectRead(more, ["f3"]);
    }));

  test("file digests: same size and mtime with other bytes is another file; a touch alone is the same content", () =>
    inFolder(async (folder) => {
      const path = join(folder, "a");
      writeFileSync(path, "one");
      const { atime, mtime } = statSync(path);
      await withStore(
        folder,
        async (store) => {
          await store.files.digest(path);
          writeFileSync(join(folder, "b"), "two");
          utimesSync(join(folder, "b"), atime, mtime);
          renameSync(join(folder, "b"), path);
          expect(await known(store, path)).toBeUndefined();
          expect((await store.files.digest(path)).digest).toBe(digestOf("two"));
          utimesSync(path, 1, 1);
          expect(await known(store, path)).toBeUndefined();
          expect((await store.files.digest(path)).digest).toBe(digestOf("two"));
        },
        old,
      );
    }));

  test("file digests: a file that changed within the last two seconds is not remembered", () =>
    inFolder(async (folder) => {
      const path = join(folder, "young");
      writeFileSync(path, "young");
      await withStore(folder, async (store) => {
        expect((await store.files.digest(path)).digest).toBe(digestOf("young"));
        expect(await known(store, path)).toBeUndefined();
      });
    }));

  test("file digests: a file that changes while it is read is read again, and refused where it never holds still", () =>
    inFolder(async (folder) => {
      const path = join(folder, "busy");
      writeFileSync(path, "0");
      let changes = 1;
      const files: Files = {
        ...realFiles,
        digestNow(file) {
          const digest = realFiles.digestNow(file);
          if (changes-- > 0) writeFileSync(path, `${"x".repeat(changes + 2)}`);
          return digest;
        },
      };
      await withStore(
        folder,
        async (store) => {
          expect((await store.files.digest(path)).digest).toBe(digestOf("xx"));
          changes = 100;
          expect(await refusal(store.files.digest(path))).toBe(
            `Cannot read ${path}: it keeps changing. Wait until whatever writes it has ended.`,
          );
        },
        { files },
      );
    }));

  test("file digests: what cannot be read is told by its name", () =>
    inFolder(async (folder) => {
      await withStore(folder, async (store) => {
        const none = join(folder, "none");
        expect(await known(store, none)).toBeUndefined();
        expect(await refusal(store.files.digest(none))).toBe(`Cannot read ${none}: it is not there any more.`);
        expect(await refusal(store.files.digest(folder))).toMatch(/^Cannot read .*: a folder has that name/);
      });
    }));

  test("file digests: a file larger than a buffer is digested whole", () =>
    inFolder(async (folder) => {
      const path = join(folder, "large");
      const bytes = Buffer.alloc(3_000_001, "abcdefg");
      writeFileSync(path, bytes);
      expect(realFiles.digestNow(path)).toBe(digestOf(bytes));
      expect(await realFiles.digest(path)).toBe(digestOf(bytes));
    }));
});
