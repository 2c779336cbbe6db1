import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type Files, realFiles } from "../../src/base/files.js";
import { digestOf } from "../../src/base/hash.js";
import type { Store } from "../../src/store/store.js";
import { inFolder, made, publishOne, refusal, withStore } from "./workbench.js";

const A = digestOf("a");
const B = digestOf("b");

async function both(store: Store): Promise<void> {
  await publishOne(store, made(store, { files: { "a.txt": "a", "b.txt": "b" } }));
}

describe("placing", () => {
  test("placing: a copy that its owner may write, in folders made for it, left alone while it is unchanged", () =>
    inFolder(async (folder) => {
      const target = join(folder, "out/deep/a.txt");
      await withStore(folder, async (store) => {
        await both(store);
        expect(await store.files.place(A, target)).toBe("placed");
        expect(readFileSync(target, "utf8")).toBe("a");
        expect(statSync(target).mode & 0o200).toBe(0o200);
        expect(readdirSync(join(folder, "out/deep"))).toEqual(["a.txt"]);
        expect(await store.files.place(A, target)).toBe("kept");
      });
      const before = statSync(target).ino;
      await withStore(folder, async (store) => expect(await store.files.place(A, target)).toBe("kept"));
      expect(statSync(target).ino).toBe(before);
      expect(readFileSync(blobOf(folder, A), "utf8")).toBe("a");
    }));

  test("placing: another result replaces what we placed, touched or not, and restores what was deleted", () =>
    inFolder(async (folder) => {
      const target = join(folder, "a.txt");
      await withStore(folder, async (store) => {
        await both(store);
        await store.files.place(A, target);
        expect(await store.files.place(B, target)).toBe("placed");
        utimesSync(target, 1, 1);
        expect(await store.files.place(A, target)).toBe("placed");
        expect(readFileSync(target, "utf8")).toBe("a");
        expect(readdirSync(folder).sort()).toEqual([".dag", "a.txt"]);
      });
    }));

  test("placing: an edited file is moved aside, each under a name of its own", () =>
    inFolder(async (folder) => {
      const target = join(folder, "a.txt");
      await withStore(folder, async (store) => {
        await both(store);
        for (const edit of ["edit 1", "edit 2", "edit 3"]) {
          await store.files.place(A, target);
          writeFileSync(target, edit);
          expect(await store.files.place(A, target)).toBe("placed_beside_edited");
          expect(readFileSync(target, "utf8")).toBe("a");
        }
        const edited = ["", ".2", ".3"].map((suffix) => readFileSync(`${target}.edited${suffix}`, "utf8"));
        expect(edited).toEqual(["edit 1", "edit 2", "edit 3"]);
      });
    }));

  test("placing: a file that was there before us is moved aside, or kept where it has the same bytes", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "mine"), "mine");
      writeFileSync(join(folder, "same"), "a");
      await withStore(folder, async (store) => {
        await both(store);
        expect(await store.files.place(A, join(folder, "mine"))).toBe("placed_beside_edited");
        expect(readFileSync(join(folder, "mine.edited"), "utf8")).toBe("mine");
        expect(await store.files.place(A, join(folder, "same"))).toBe("kept");
      });
    }));

  test("placing: a link is replaced, never the file that it leads to", () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, "theirs"), "theirs");
      symlinkSync(join(folder, "theirs"), join(folder, "link"));
      await withStore(folder, async (store) => {
        await both(store);
        expect(await store.files.place(A, join(folder, "link"))).toBe("placed_beside_edited");
        expect(readFileSync(join(folder, "link"), "utf8")).toBe("a");
        expect(readFileSync(join(folder, "theirs"), "utf8")).toBe("theirs");
      });
    }));

  test("placing: what stands in the way is told, and nothing is touched", () =>
    inFolder(async (folder) => {
      mkdirSync(join(folder, "folder"));
      writeFileSync(join(folder, "file"), "file");
      await withStore(folder, async (store) => {
        await both(store);
        const where = join(folder, "folder");
        expect(await refusal(store.files.place(A, where))).toBe(
          `Cannot write ${where}: a folder has that name. Move it.`,
        );
        const below = join(folder, "file/a.txt");
        expect(await refusal(store.files.place(A, below))).toBe(
          `Cannot write ${below}: a part of the path is a file, not a folder. Move that file, or choose another folder.`,
        );
        const long = join(folder, "x".repeat(300));
        expect(await refusal(store.files.place(A, long))).toMatch(
          /: the name is too long for the file system\. Choose a shorter/,
        );
        expect(await refusal(store.files.place(A, "/dev/null"))).toMatch(/what is there is no file/);
        const lost = join(folder, "lost");
        writeFileSync(lost, "mine");
        expect(await refusal(store.files.place(digestOf("never made"), lost))).toBe(
          `Cannot write ${lost}: the store has lost the file. Cook its item again.`,
        );
        expect(readFileSync(lost, "utf8")).toBe("mine");
        expect(existsSync(`${lost}.edited`)).toBe(false);
      });
      expect(readdirSync(folder).sort()).toEqual([".dag", "file", "folder", "lost"]);
    }));

  // Root may write everywhere, so that the error is the file system's own words, said by an argument.
  test("placing: a folder that may not be written, and a disk that fills up, are told; an edit stays where it is", () =>
    inFolder(async (folder) => {
      const target = join(folder, "a.txt");
      let code = "EACCES";
      const files: Files = {
        ...realFiles,
        copy: (_, to) => Promise.reject(Object.assign(new Error(`${code}: ${to}`), { code })),
      };
      await withStore(
        folder,
        async (store) => {
          await both(store);
          writeFileSync(target, "edit");
          expect(await refusal(store.files.place(A, target))).toMatch(
            /a\.txt: you may not write there\. Change the folder's/,
          );
          code = "ENOSPC";
          expect(await refusal(store.files.place(A, target))).toMatch(
            /a\.txt: no space is left on the disk\. Free some/,
          );
          code = "EROFS";
          expect(await refusal(store.files.place(A, target))).toMatch(
            /a\.txt: the disk is read-only\. Choose another folder/,
          );
          expect(readFileSync(target, "utf8")).toBe("edit");
          expect(readdirSync(folder).sort()).toEqual([".dag", "a.txt"]);
        },
        { files },
      );
    }));
});

function blobOf(folder: string, digest: string): string {
  return join(folder, ".dag/blobs", digest.slice(0, 2), digest.slice(2));
}
