/** What the machine, or the user's part of it, lacks: told in words with code 3, and never by a stack. */
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { inStudio } from "../helpers/studio.js";

const linux = process.platform === "linux" ? test : test.skip;

describe("dag, where something is short", () => {
  linux("open files: how many there may be, how many are needed, and what to do", () =>
    inStudio(async (space) => {
      space.graph("g.json", { up: { type: "studio/work", label: "up" } });
      const hardly = await space.dagAfter("ulimit -n 30", "cook", "g.json");
      expect([hardly.exit, hardly.stderr]).toEqual([
        3,
        "dag cannot go on: too many files are open. Raise the limit (ulimit -n 1024).\n",
      ]);
      const few = await space.dagAfter("ulimit -n 150", "cook", "g.json", "--cpu-slots", "10", "--gpu-slots", "0");
      expect([few.exit, few.stderr, space.cooked()]).toEqual([
        3,
        "A process may have 150 files open here, and a cook needs 168. " +
          "Raise the limit (ulimit -n 168), or have fewer items cook at once (--cpu-slots 5).\n",
        [],
      ]);
      expect(
        (await space.dagAfter("ulimit -n 150", "cook", "g.json", "--cpu-slots", "5", "--gpu-slots", "0")).exit,
      ).toBe(0);
    }),
  );

  linux("a working folder that is gone, or whose name is not UTF-8", () =>
    inStudio(async (space) => {
      space.graph("g.json", {});
      const gone = await space.dagAfter("mkdir gone && cd gone && rmdir ../gone", "check", "../g.json");
      expect([gone.exit, gone.stderr]).toEqual([
        3,
        expect.stringContaining("The working folder is not there any more."),
      ]);
      const odd = Buffer.from(`${space.folder}/b\xe9`, "latin1");
      mkdirSync(odd);
      writeFileSync(Buffer.concat([odd, Buffer.from("/g.json")]), space.read("g.json"));
      const { exit, stderr } = await space.dagAfter("cd b*", "cook", "g.json");
      expect([exit, stderr]).toEqual([
        3,
        expect.stringMatching(/^The name of the working folder is not UTF-8: .*b\ufffd\. /),
      ]);
      expect(space.list(".").filter((name) => name.startsWith("b"))).toHaveLength(1);
    }),
  );
});
