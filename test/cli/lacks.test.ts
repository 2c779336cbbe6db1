/** What the machine, or the user's part of it, lacks: told in words with code 3, and never by a stack. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { afterLine } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";
import { WAITS, watching } from "../helpers/watching.js";

/** Whether what a user may watch can be lowered for one process. */
const limiting =
  spawnSync("unshare", ["-Ur", ...afterLine("echo 0 > /proc/sys/user/max_inotify_watches"), "true"]).status === 0
    ? test
    : test.skip;

const linux = process.platform === "linux" ? test : test.skip;

const dagAfter = (space: Studio, line: string, ...args: string[]) => {
  space.within = afterLine(line);
  return space.dag(...args);
};

describe("dag, where something is short", () => {
  linux("open files: how many there may be, how many are needed, and what to do", () =>
    inStudio(async (space) => {
      space.graph("g.json", { up: { type: "studio/work", label: "up" } });
      const hardly = await dagAfter(space, "ulimit -n 30", "cook", "g.json");
      expect([hardly.exit, hardly.stderr]).toEqual([
        3,
        "dag cannot go on: too many files are open. Raise the limit (ulimit -n 1024).\n",
      ]);
      const few = await dagAfter(space, "ulimit -n 150", "cook", "g.json", "--cpu-slots", "10", "--gpu-slots", "0");
      expect([few.exit, few.stderr, space.cooked()]).toEqual([
        3,
        "A process may have 150 files open here, and a cook needs 168. " +
          "Raise the limit (ulimit -n 168), or have fewer items cook at once (--cpu-slots 5).\n",
        [],
      ]);
      expect(
        (await dagAfter(space, "ulimit -n 150", "cook", "g.json", "--cpu-slots", "5", "--gpu-slots", "0")).exit,
      ).toBe(0);
    }),
  );

  linux("a working folder that is gone, or whose name is not UTF-8", () =>
    inStudio(async (space) => {
      space.graph("g.json", {});
      const gone = await dagAfter(space, "mkdir gone && cd gone && rmdir ../gone", "check", "../g.json");
      expect([gone.exit, gone.stderr]).toEqual([
        3,
        expect.stringContaining("The working folder is not there any more."),
      ]);
      const odd = Buffer.from(`${space.folder}/b\xe9`, "latin1");
      mkdirSync(odd);
      writeFileSync(Buffer.concat([odd, Buffer.from("/g.json")]), space.read("g.json"));
      const { exit, stderr } = await dagAfter(space, "cd b*", "cook", "g.json");
      expect([exit, stderr]).toEqual([
        3,
        expect.stringMatching(/^The name of the working folder is not UTF-8: .*b\ufffd\. /),
      ]);
      expect(space.list(".").filter((name) => name.startsWith("b"))).toHaveLength(1);
    }),
  );

  limiting.each(["max_inotify_watches", "max_inotify_instances"])(
    "what may be watched (%s): told once, with a folder and what to raise; it cooks all the same",
    (limit) =>
      inStudio(async (space) => {
        for (const name of ["a", "b", "c"]) space.write(`in/${name}/x.txt`, name);
        const params = { directory: "in", pattern: "*.txt", recursive: true };
        space.graph("g.json", { files: { type: "file_pattern", params } });
        space.within = ["unshare", "-Ur", ...afterLine(`echo 0 > /proc/sys/user/${limit}`)];
        const text = await watching(space, (said) => said(WAITS));
        const name = limit.replace("inotify", "user");
        expect(text.match(/^Warning: .*$/gm)).toEqual([
          expect.stringMatching(
            `not all that the graph comes from can be watched, from .+ on: .* Raise fs\\.inotify\\.${name} \\(sysctl\\)`,
          ),
        ]);
        expect(text).toContain("files: 3 items");
      }),
  );
});
