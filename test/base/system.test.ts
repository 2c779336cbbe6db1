/** The answers for systems on which the tests do not run. */
import { describe, expect, test } from "@jest/globals";
import { cacheFolder, groupOf, hasDeviceFiles, isBelow, isForeignPath, slashed } from "../../src/base/system.js";

describe("what differs between systems", () => {
  test("paths: separators, what lies in a folder, drives", () => {
    expect([slashed("a\\b/c", "\\"), slashed("a\\b/c", "/")]).toEqual(["a/b/c", "a\\b/c"]);
    const inside = (path: string, folder: string, separator: string) => isBelow(path, folder, separator);
    expect([inside("/p/a", "/p", "/"), inside("/pq", "/p", "/"), inside("/a", "/", "/")]).toEqual([true, false, true]);
    expect([inside("C:\\p\\a", "C:\\p", "\\"), inside("C:\\a", "C:\\", "\\"), inside("C:\\pq", "C:\\p", "\\")]).toEqual(
      [true, true, false],
    );
    const drives = ["C:\\x", "c:/x", "/c:/x", "x:y"];
    expect(drives.map((path) => isForeignPath(path, "/"))).toEqual([true, true, false, false]);
    expect(drives.map((path) => isForeignPath(path, "\\"))).toEqual([false, false, false, false]);
  });

  test("processes: a group where there are groups", () => {
    expect([groupOf(7, "linux"), groupOf(7, "darwin"), groupOf(7, "win32")]).toEqual([[-7, 7], [-7, 7], [7]]);
  });

  test("folders and programs: caches, device files", () => {
    const cache = (platform: NodeJS.Platform, environment = {}) => cacheFolder(environment, platform, "/home/me");
    expect([cache("linux"), cache("darwin")]).toEqual(["/home/me/.cache", "/home/me/Library/Caches"]);
    expect([cache("linux", { XDG_CACHE_HOME: "/x" }), cache("linux", { XDG_CACHE_HOME: "" })]).toEqual([
      "/x",
      "/home/me/.cache",
    ]);
    expect(cacheFolder({ LOCALAPPDATA: "D:\\l" }, "win32", "C:\\me")).toBe("D:\\l");
    expect(cacheFolder({}, "win32", "C:\\me")).toBe("C:\\me\\AppData\\Local");
    expect([hasDeviceFiles("linux"), hasDeviceFiles("darwin"), hasDeviceFiles("win32")]).toEqual([true, false, false]);
  });
});
