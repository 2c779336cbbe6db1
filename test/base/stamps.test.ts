/** Stamps of many files: the same as of each by itself, in the order asked. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { realFiles } from "../../src/base/files.js";

function inFolder(work: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), "dag-stamps-"));
    try {
      await work(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
}

const oneByOne = (folder: string, names: readonly string[]) =>
  names.map((name) => realFiles.stat(join(folder, name))?.stamp ?? "");

describe("stamps", () => {
  test(
    "stamps: of many files in the order asked, the absent and the linked among them",
    inFolder(async (folder) => {
      const names = Array.from({ length: 200 }, (_, place) => `${place % 2 === 0 ? "sub/" : ""}ü ${place}\n`);
      mkdirSync(join(folder, "sub"));
      for (const name of names) writeFileSync(join(folder, name), name);
      symlinkSync(names[0]!, join(folder, "link"));
      // The same files under many names are as many looks, and are made in a moment.
      const many = Array.from({ length: 9000 }, (_, place) => `${"./".repeat(place % 7)}${names[place % 200]}`);
      const asked = [...many, "absent", "link", `${names[1]}/below a file`];
      const seen = await realFiles.stamps(folder, asked);
      expect(seen.length).toBe(asked.length);
      expect(seen).toEqual(oneByOne(folder, asked));
      expect(seen.slice(-3)).toEqual(["", seen[0], ""]);
    }),
  );

  test(
    "stamps: what several ask for in one turn, each gets for itself; a change is seen by the next who asks",
    inFolder(async (folder) => {
      for (const name of ["a/1", "a/2", "b/1"]) {
        mkdirSync(join(folder, name[0]!), { recursive: true });
        writeFileSync(join(folder, name), name);
      }
      const [a, b, none] = await Promise.all([
        realFiles.stamps(join(folder, "a"), ["2", "1"]),
        realFiles.stamps(join(folder, "b/"), ["1"]),
        realFiles.stamps(folder, []),
      ]);
      expect([...a!, ...b!]).toEqual(oneByOne(folder, ["a/2", "a/1", "b/1"]));
      expect(none).toEqual([]);
      utimesSync(join(folder, "a/1"), 1, 1);
      const [two, one] = await realFiles.stamps(join(folder, "a"), ["2", "1"]);
      expect(two).toBe(a![0]);
      expect(one).not.toBe(a![1]);
    }),
  );
});
