/** What a shell offers after `dag`: commands and options as they are, and names from the graph. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { MAIN } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

async function words(space: Studio, ...line: string[]): Promise<string[]> {
  const { exit, stdout, stderr } = await space.dag("completion", "words", "--", ...line);
  expect([exit, stderr]).toEqual([0, ""]);
  return stdout.split("\n").flatMap((each) => (each === "" ? [] : [each.split("\t")[0]!]));
}

const absent = (shell: string): boolean => spawnSync(shell, ["-c", "true"]).status !== 0;

describe("dag completion", () => {
  test("commands, their options, what an option takes, node types, and nodes of the graph in the line", () =>
    inStudio(async (space) => {
      space.graph("g.json", { up: { type: "studio/work" }, upper: { type: "studio/work", inputs: ["up"] } });
      const help = (await space.dag("--help")).stdout;
      const commands = [...help.matchAll(/^ {2}([a-z]+)\b.*[<[]/gm)].map(([, name]) => name);
      const offered = await words(space, "");
      expect(commands.length).toBeGreaterThan(15);
      expect(commands.filter((name) => name !== "help" && !offered.includes(name!))).toEqual([]);
      expect(await words(space, "co")).toEqual(["cook", "completion"]);
      expect(await words(space, "cook", "g.json", "--watch", "--dr")).toEqual(["--dry-run"]);
      expect(await words(space, "cook", "--progress", "p")).toEqual(["plain"]);
      expect(await words(space, "cache", "")).toEqual(["stats", "verify", "gc"]);
      expect(await words(space, "nodes", "studio/wo")).toContain("studio/work");
      expect(await words(space, "cook", "g.json", "--set", "up.text=1", "--node", "")).toEqual(["up", "upper"]);
      expect(await words(space, "new", "")).toEqual(["node"]);
      // Files are the shell's own.
      expect(await words(space, "cook", "")).toEqual([]);
      expect(await words(space, "cook", "absent.json", "--node", "")).toEqual([]);
    }));

  test("a node's name that a shell would read otherwise is not offered, and nothing of it is run", () =>
    inStudio(async (space) => {
      const strange = ["$(touch made)", "`touch made`", "a b", "a;touch made", "'"];
      const nodes = Object.fromEntries([...strange, "plain"].map((name) => [name, { type: "studio/work" }]));
      space.graph("g.json", nodes);
      const line = 'eval "$(dag completion bash)"; COMP_WORDS=(dag cook g.json --force ""); COMP_CWORD=4; _dag';
      const script = `dag() { "${process.execPath}" "${MAIN}" "$@"; }; ${line}; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr } = spawnSync("bash", ["-c", script], { cwd: space.folder, encoding: "utf8" });
      expect([stdout, stderr]).toEqual(["plain\n", ""]);
      expect(space.exists("made")).toBe(false);
    }));

  for (const shell of ["bash", "zsh", "fish"])
    (absent(shell) ? test.skip : test)(`the script for ${shell} is one that ${shell} can read`, () =>
      inStudio(async (space) => {
        space.write("script", (await space.dag("completion", shell)).stdout);
        const { status, stderr } = spawnSync(shell, ["-n", space.path("script")], { encoding: "utf8" });
        expect([status, stderr]).toEqual([0, ""]);
      }),
    );
});
