import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { codeOf } from "../../src/base/code.js";
import { realFiles, writeAtomic } from "../../src/base/files.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dag-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function codeFrom(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    return codeOf(error);
  }
  return undefined;
}

describe("writeAtomic", () => {
  test("writeAtomic: replaces the file whole, and leaves nothing beside it", () => {
    const path = join(folder, "a.json");
    writeAtomic(path, "first, longer");
    const first = statSync(path).ino;
    writeAtomic(path, new Uint8Array([0, 255]));
    expect([...readFileSync(path)]).toEqual([0, 255]);
    expect(statSync(path).ino).not.toBe(first);
    expect(readdirSync(folder)).toEqual(["a.json"]);
  });

  test("writeAtomic: where it fails, what was there stays, and nothing beside it", () => {
    mkdirSync(join(folder, "taken"));
    expect(codeFrom(() => writeAtomic(join(folder, "taken"), "x"))).toBe("EISDIR");
    expect(codeFrom(() => writeAtomic(join(folder, "none/a"), "x"))).toBe("ENOENT");
    expect(readdirSync(folder)).toEqual(["taken"]);
  });
});

describe("files", () => {
  test("files: what is absent has no stat, no list, and is removed already", () => {
    writeFileSync(join(folder, "file"), "");
    for (const path of [join(folder, "none"), join(folder, "file/below")]) {
      expect(realFiles.stat(path)).toBeUndefined();
      expect(realFiles.list(path)).toEqual([]);
      realFiles.remove(path);
    }
  });

  test("files: stat follows a link, lstat does not; a change gives another stamp", () => {
    const [file, link] = [join(folder, "file"), join(folder, "link")];
    writeFileSync(file, "12345");
    symlinkSync(file, link);
    expect(realFiles.stat(link)).toEqual(realFiles.stat(file));
    expect(realFiles.stat(link)).toMatchObject({ kind: "file", size: 5 });
    expect(realFiles.lstat(link)).toMatchObject({ kind: "link" });
    expect(realFiles.stat(folder)).toMatchObject({ kind: "directory" });
    const before = realFiles.stat(file)?.stamp;
    writeFileSync(file, "123456");
    expect(realFiles.stat(file)?.stamp).not.toBe(before);
  });

  test("files: create makes a file once", () => {
    const path = join(folder, "lock");
    expect([realFiles.create(path, "one"), realFiles.create(path, "two")]).toEqual([true, false]);
    expect(readFileSync(path, "utf8")).toBe("one");
  });

  test("files: a copy of a protected file may be written, and replaces a protected one", async () => {
    const [from, to] = [join(folder, "from"), join(folder, "to")];
    writeFileSync(from, "bytes");
    realFiles.protect(from);
    expect(statSync(from).mode & 0o222).toBe(0);
    for (let time = 0; time < 2; time++) {
      await realFiles.copy(from, to);
      expect(readFileSync(to, "utf8")).toBe("bytes");
      expect(statSync(to).mode & 0o200).toBe(0o200);
      realFiles.protect(to);
    }
  });

  test("files: append adds to the end, sync takes files and folders", async () => {
    const path = join(folder, "log");
    realFiles.append(path, "a\n");
    realFiles.append(path, "b\n");
    expect(readFileSync(path, "utf8")).toBe("a\nb\n");
    await realFiles.sync(path);
    await realFiles.sync(folder);
  });
});
