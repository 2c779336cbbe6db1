/** Node types in other languages: a JSON file beside an executable, real programs, the real command. */
import { execFileSync } from "node:child_process";
import { cpSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { CookSpace, cookedItems, failuresIn, itemsThat, reasonsIn } from "../helpers/cook-space.js";
import { inStudio, type Studio } from "../helpers/studio.js";

const EXAMPLES = resolve(import.meta.dirname, "../../../graphs/examples");
const python = (() => {
  try {
    return execFileSync("python3", ["--version"]).length > 0;
  } catch {
    return false;
  }
})();

const description = (more: object = {}) =>
  JSON.stringify(
    {
      description: "Runs a program.",
      version: 1,
      command: [process.execPath, "./say.mjs"],
      attributes: { reads: ["stem"], writes: { count: "int" } },
      params: { text: { type: "string", default: "a", description: "A text." } },
      ...more,
    },
    null,
    2,
  );

/** A program that says the given lines; `task` is the work item as it got it. */
const program = (body: string) => `
import { readFileSync, writeFileSync } from "node:fs";
const task = JSON.parse(readFileSync(0, "utf8"));
const say = (words) => console.log(JSON.stringify(words));
${body}
`;

const GOOD = program(`
const [member] = task.item.inputs.main;
writeFileSync("made.txt", readFileSync(member.files[0].path, "utf8") + task.params.text + task.item.attributes.stem);
console.log("a line that is no JSON");
console.error("a line of the error stream");
say({ progress: { fraction: 0.5 } });
say({ metric: { name: "loss", value: 0.25, step: 3 }, image: { name: "made", path: "made.txt", step: 3 } });
say({ warn: "mind this" });
say({ output: { path: "made.txt", tag: "file/text" } });
say({ pass: { digest: member.files[0].digest, tag: "file/source" } });
say({ attributes: { count: 7 } });
`);

function project(space: Studio, say = GOOD, more: object = {}): void {
  space.write("in/x.txt", "X");
  space.write("nodes/studio/said.json", description(more));
  space.write("nodes/studio/say.mjs", say);
  space.graph("g.json", {
    files: { type: "studio/files", params: { directory: "in" } },
    said: { type: "studio/said", inputs: ["files"], label: "said" },
    below: {
      type: "studio/work",
      inputs: ["said"],
      label: "below",
      params: { number: "@count", keep: 9, output: "out/below.txt" },
    },
  });
}

describe("external node types", () => {
  test("the item goes in, files, attributes, figures and lines come out; an edit of the program cooks again", () =>
    inStudio(async (space) => {
      project(space);
      const first = await space.cook("g.json");
      expect([first.exit, failuresIn(first)]).toEqual([0, {}]);
      expect(space.read("out/below.txt")).toBe("XaxX");
      expect(first.events).toContainEqual(expect.objectContaining({ type: "warning", message: "said: mind this" }));
      const { stdout } = await space.dag("log", "said");
      expect(stdout).toContain("a line that is no JSON");
      expect(stdout).toContain("a line of the error stream");
      const [run] = space.list(".dag/logs");
      const kept = space.list(`.dag/logs/${run}`).filter((name) => name.includes(".steps"));
      const [images, figures] = kept.map((name) => `.dag/logs/${run}/${name}`);
      expect(space.list(images!)).toEqual(["made_3.txt"]);
      expect(
        space
          .read(figures!)
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ).toMatchObject([
        { metric: "loss", value: 0.25, step: 3 },
        { image: "made", file: "made_3.txt", step: 3 },
      ]);
      expect(cookedItems((await space.cook("g.json")).events)).toEqual([]);
      space.write("nodes/studio/say.mjs", GOOD.replace("count: 7", "count: 8"));
      const edited = await space.cook("g.json");
      expect(itemsThat("cooked_success", edited)).toEqual(["below", "said"]);
      expect(reasonsIn(edited).said).toContain("code");
      const parameter = await space.cook("g.json", "--set", "said.text=b");
      expect(reasonsIn(parameter).said).toBe('param.text was "a", is "b"');
    }));

  test.each<[string, string, string]>([
    [
      "ends badly",
      program('console.error("Traceback\\n  out of ink"); process.exit(3);'),
      "ended with code 3:   out of ink",
    ],
    ["says an error", program('say({ error: "The paper is wet." }); process.exit(1);'), "The paper is wet."],
    [
      "says an unknown word",
      program("say({ outputs: [] });"),
      'The program said "outputs", which is none of output, pass,',
    ],
    [
      "says a number that no double holds",
      program(`console.log('{ "attributes": { "count": 9007199254740993 } }');`),
      "9007199254740993 is beyond the whole numbers that are held exactly",
    ],
    [
      "passes on what it was not given",
      program('say({ pass: { digest: "0" } });'),
      'passes on "0", which is the digest of none',
    ],
    [
      "names no file of its folder",
      program('say({ output: { path: "../x", tag: "a" } });'),
      'Output "../x" leaves context.directory.',
    ],
    ["writes an undeclared attribute", program("say({ attributes: { size: 1 } });"), '"size"'],
  ])("a program that %s fails its item with words", (_name, say, message) =>
    inStudio(async (space) => {
      project(space, say);
      const { exit, ...cooked } = await space.cook("g.json");
      expect([exit, failuresIn(cooked).said]).toEqual([1, expect.stringContaining(message)]);
    }),
  );

  test("a description that is wrong is told with its place; a program that is not there with its name", () =>
    inStudio(async (space) => {
      project(space);
      const told = async (text: string) => {
        space.write("nodes/studio/said.json", text);
        return (await space.dag("check", "g.json")).stderr.split("\n")[0]?.replace(space.folder, "…");
      };
      const at = "does not load: …/nodes/studio/said.json:";
      expect(await told(description().replace('"version": 1', '"version": 1.5'))).toContain(
        `${at}3:14: "version" is a whole number from 1.`,
      );
      expect(await told(description().replace('"params"', '"parms"'))).toContain(
        `${at}16:3: it has "parms" (is "params" meant?).`,
      );
      expect(await told(description().replace("./say.mjs", "./gone.mjs"))).toContain("gone.mjs");
      expect(await told(description().replace('"type": "string",', '"type": "text",'))).toContain(
        'the type of parameter "text" is one or several of',
      );
      expect(await told('{ "command": [ ')).toContain("this is not JSON");
      space.write("nodes/studio/said.json", description({ command: ["no-such-program"] }));
      expect(failuresIn(await space.cook("g.json")).said).toBe(
        'The program "no-such-program" was not found on the PATH.',
      );
    }));

  (python ? test : test.skip)(
    "the example in Python cooks with the standard library alone, and is described like any other",
    async () => {
      const space = new CookSpace();
      try {
        for (const name of ["external.json", "nodes"])
          cpSync(`${EXAMPLES}/${name}`, space.path(name), { recursive: true });
        const cooked = await space.cook("external.json");
        expect([cooked.exit, itemsThat("cooked_success", cooked).filter((label) => label.includes("degrees"))]).toEqual(
          [0, ["0 degrees", "45 degrees", "90 degrees"]],
        );
        expect(space.exists("out/gradients.png")).toBe(true);
        expect((await space.dag("nodes", "example/gradient")).stdout).toContain('"linear" or "smooth"');
        const wrong = await space.dag("check", "external.json", "--set", 'gradients.curve="round"');
        expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('must be one of "linear", "smooth"')]);
      } finally {
        space.remove();
      }
    },
  );
});
