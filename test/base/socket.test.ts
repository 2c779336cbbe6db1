/** Places of sockets on systems of every kind: what each allows, and who may enter. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { UserError } from "../../src/base/error.js";
import { makePrivate, removePlace, type System, socketPlaces } from "../../src/base/socket.js";

const socketPlace = (name: string, system: System) => socketPlaces(name, system)[0]!;
const NAME = "0123456789abcdef";

describe("the place of a socket", () => {
  test.each([
    ["linux", "/run/user/1000", "/tmp", `/run/user/1000/dag-${NAME}/engine`],
    ["linux", undefined, "/tmp", `/tmp/dag-${NAME}/engine`],
    ["darwin", undefined, "/var/folders/zz/T", `/var/folders/zz/T/dag-${NAME}/engine`],
    ["freebsd", "not/absolute", "/tmp", `/tmp/dag-${NAME}/engine`],
    // Longer than any socket's path may be.
    ["linux", `/run/${"x".repeat(90)}`, "/scratch", `/scratch/dag-${NAME}/engine`],
    ["linux", `/run/${"x".repeat(90)}`, `/${"y".repeat(90)}`, `/tmp/dag-${NAME}/engine`],
    // Bytes count, and not letters.
    ["linux", `/run/${"ä".repeat(40)}`, "/scratch", `/scratch/dag-${NAME}/engine`],
  ] as const)("%s with %s and %s", (platform, runtimeFolder, temporaryFolder, path) => {
    expect(socketPlace(NAME, { platform, runtimeFolder, temporaryFolder }).path).toBe(path);
  });

  test("where the first cannot be had, there is another, each once", () => {
    const system = { platform: "linux", runtimeFolder: "/run/user/0", temporaryFolder: "/tmp" } as const;
    const paths = socketPlaces(NAME, system).map(({ path }) => path);
    expect(paths).toEqual([`/run/user/0/dag-${NAME}/engine`, `/tmp/dag-${NAME}/engine`]);
  });

  test("the longest paths that systems take, to the byte", () => {
    const at = (platform: "linux" | "darwin", length: number) => {
      const temporaryFolder = `/${"t".repeat(length - `//dag-${NAME}/engine`.length)}`;
      return socketPlace(NAME, { platform, runtimeFolder: undefined, temporaryFolder }).path.length;
    };
    const shortest = `/tmp/dag-${NAME}/engine`.length;
    expect([at("linux", 107), at("linux", 108)]).toEqual([107, shortest]);
    expect([at("darwin", 103), at("darwin", 104)]).toEqual([103, shortest]);
  });

  test("Windows: a named pipe, and no folder", () => {
    const system = { platform: "win32", runtimeFolder: undefined, temporaryFolder: "C:\\Temp" } as const;
    expect(socketPlace(NAME, system)).toEqual({ path: `\\\\.\\pipe\\dag-${NAME}`, folder: undefined });
  });

  test("a name that fits nowhere is said to whoever can change it", () => {
    const system = { platform: "linux", runtimeFolder: undefined, temporaryFolder: "/tmp" } as const;
    expect(() => socketPlace("n".repeat(100), system)).toThrow(UserError);
  });

  test("its folder is its user's alone, whatever the mask, and is not one that is there", () => {
    const around = mkdtempSync(join(tmpdir(), "dag-socket-"));
    const folder = join(around, "own");
    const before = process.umask(0o777);
    try {
      makePrivate(folder);
    } finally {
      process.umask(before);
    }
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(() => makePrivate(folder)).toThrow(/EEXIST/);
    removePlace({ path: join(folder, "engine"), folder });
    removePlace({ path: join(folder, "engine"), folder });
    rmSync(around, { recursive: true });
  });
});
