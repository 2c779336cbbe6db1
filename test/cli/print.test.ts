/** Text of strangers reaches standard output and error with its control characters spelled, whatever command prints it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { inStudio, type Studio } from "../helpers/studio.js";

/** Clears the screen, sets a title, colours (in the 8-bit form, too), goes back, turns the direction. */
const EVIL = "\u001b[2J\u001b]0;title\u0007\u009b31m\b\u202e";
const SPELLED = "\\u001b[2J\\u001b]0;title\\u0007\\u009b31m\\u0008\\u202e";
/** As JSON spells them. */
const IN_JSON = SPELLED.replace("\\u0008", "\\b");
const GRAPH = `g${EVIL}.json`;
const SOURCE = `in/a${EVIL}.txt`;

/** A graph with hostile names, labels, attributes, messages and output of programs. */
function hostile(space: Studio): void {
  space.write(SOURCE, `first${EVIL}\n`);
  const said = `console.log(${JSON.stringify(`said ${EVIL}\r`)}); const files =`;
  space.node("loud", space.read("nodes/studio/work.js").replace("const files =", said));
  space.node(
    "bad",
    space.read("nodes/studio/work.js").replace("told to fail", `told ${JSON.stringify(EVIL).slice(1, -1)}`),
  );
  space.graph(GRAPH, {
    files: { type: "studio/files", label: `${EVIL}@stem`, params: { directory: "in" } },
    up: {
      type: "studio/loud",
      inputs: ["files"],
      label: `up ${EVIL}`,
      params: { text: EVIL, reads: ["stem", "first"], output: `out/up${EVIL}.txt` },
    },
    program: {
      type: "shell",
      inputs: ["files"],
      label: `program ${EVIL}`,
      params: { command: ["printf", "%s\\r\\n", `printed ${EVIL}`] },
    },
    bad: { type: "studio/bad", label: `bad ${EVIL}`, params: { how: "fail" } },
  });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe("control characters", () => {
  test(
    "every command spells those of names, labels, files, attributes, messages and programs",
    () =>
      inStudio(async (space) => {
        hostile(space);
        const out = `out/up${EVIL}.txt`;
        const shows: (readonly [command: readonly string[], shown: string])[] = [
          [["check", GRAPH], `g${SPELLED}.json: 4 nodes`],
          [["plan", GRAPH], "never cooked"],
          [["cook", GRAPH, "--progress", "plain"], `told ${SPELLED}`],
          [["cook", GRAPH, "--progress", "quiet"], `told ${SPELLED}`],
          [["cook", GRAPH, "--progress", "json"], `bad ${IN_JSON}`],
          [["cook", GRAPH, "--dry-run"], "bad"],
          [["plan", GRAPH, "--json"], '"node"'],
          [["items", GRAPH], `up ${SPELLED}`],
          [["items", GRAPH, "--csv"], `up ${SPELLED}`],
          [["items", GRAPH, "--json"], `up ${IN_JSON}`],
          [["items", GRAPH, "--where", `@nothing${EVIL}`], "--where"],
          [["items", GRAPH, "--columns", `none${EVIL}`], `"none${SPELLED}"`],
          [["why", "up"], `(up ${SPELLED}) is up to date`],
          [["why", "bad"], `(bad ${SPELLED}) would be cooked`],
          [["why", "up", "--json"], `up ${IN_JSON}`],
          [["why", `no${EVIL}`], `"no${SPELLED}"`],
          [["log", "up"], `said ${SPELLED}`],
          [["log", "program"], `printed ${SPELLED}\n`],
          [["lineage", out], `  a${SPELLED}.txt`],
          [["lineage", out, "--json"], `a${IN_JSON}.txt`],
          [["lineage", `no${EVIL}`], `no${SPELLED}`],
          [["runs"], `g${SPELLED}.json`],
          [["runs", "1"], "up"],
          [["runs", "--json"], `g${IN_JSON}.json`],
          [["graph", GRAPH], "up"],
          [["graph", GRAPH, "--mermaid"], "up"],
          [["graph", GRAPH, "--svg"], "up"],
          [["graph", GRAPH, "--json"], "up"],
          [["verify", GRAPH], "items were cooked again"],
          [["accept", "up"], "Nothing to accept"],
          [["dirty", `no${EVIL}`], `"no${SPELLED}"`],
          [["dirty", "up"], "made dirty"],
          [["stop", `no${EVIL}`], "Nothing is cooking"],
          [["migrate", GRAPH], `g${SPELLED}.json: nothing to migrate`],
          [["cache", "stats"], "shell"],
          [["check", `no${EVIL}.json`], `There is no graph file no${SPELLED}.json.`],
          [["completion", "words", "--", "dirty", ""], `node of g${SPELLED}.json`],
          [[`no${EVIL}`], `no${SPELLED}`],
        ];
        const wrong: unknown[] = [];
        for (const [command, shown] of shows) {
          const { stdout, stderr } = await space.dag(...command);
          const said = stdout + stderr;
          if (CONTROL.test(said) || !said.includes(shown)) wrong.push({ command, shown, said });
          if (command.includes("--json")) JSON.parse(stdout);
        }
        expect(wrong).toEqual([]);
        // JSON holds what was said, to the character.
        const items = JSON.parse((await space.dag("items", GRAPH, "--json")).stdout) as { label: string }[];
        expect(items.map(({ label }) => label)).toContain(`up ${EVIL}`);
      }),
    120_000,
  );

  test("text has one way out of the commands", () => {
    const folder = join(import.meta.dirname, "../../../src/cli");
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
    const writers = files.filter((name) =>
      /std(out|err)\.write|console\./.test(readFileSync(join(folder, name), "utf8")),
    );
    expect(writers).toEqual(["print.ts"]);
  });
});
