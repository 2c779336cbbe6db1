import { spawnSync } from "node:child_process";
import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { AppendedFile } from "../../../src/ml/monitor/appended-file.js";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dag-append-"));
  path = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("appended file", () => {
  test("it is begun anew, and pieces come after its beginning", () => {
    writeFileSync(path, "something longer");
    const file = new AppendedFile(path, "a");
    file.append(Buffer.from("b"));
    file.append("c");
    file.sync();
    file.close();
    expect(readFileSync(path, "utf8")).toBe("abc");
  });

  test("what was there stays as it is under another name", () => {
    writeFileSync(path, "published");
    linkSync(path, join(folder, "other"));
    const file = new AppendedFile(path, "a");
    file.append("b");
    file.close();
    expect(readFileSync(join(folder, "other"), "utf8")).toBe("published");
  });

  // The shell's limit of a file's size stands for a full disk: what is written up to it stays.
  (process.platform === "win32" ? test.skip : test)(
    "a piece that has no room leaves nothing, a smaller one fits",
    () => {
      const method = pathToFileURL(resolve("dist/src/ml/monitor/appended-file.js"));
      const code = `
      const { AppendedFile } = await import("${method}");
      const file = new AppendedFile(process.argv[1], "");
      const piece = new Uint8Array(3000).fill(97);
      for (let count = 0; ; count++) {
        try {
          file.append(piece);
        } catch (error) {
          file.append(Buffer.from("b"));
          process.stdout.write(JSON.stringify([count, error.code]));
          break;
        }
      }`;
      const node = [process.execPath, "--input-type=module", "-e", code, path];
      const { stdout } = spawnSync("sh", ["-c", 'ulimit -f 16; exec "$@"', "sh", ...node], { encoding: "utf8" });
      const [count, problem] = JSON.parse(stdout) as [number, string];
      expect(problem).toBe("EFBIG");
      expect(count).toBeGreaterThan(1);
      expect(readFileSync(path, "utf8")).toBe(`${"a".repeat(3000 * count)}b`);
    },
  );
});
