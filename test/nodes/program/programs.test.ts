/** `shell`, `script` and `python_venv` with real programs. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Upstream } from "dag-cook/testing";
import python_venv from "../../../nodes/program/python_venv.js";
import script from "../../../nodes/program/script.js";
import shell from "../../../nodes/program/shell.js";
import { CookSpace, cookedItems, failuresIn } from "../../helpers/cook-space.js";
import { holdsContract } from "../contract.js";
import { copyExample, itemsOf, tableOf } from "../partition/items.js";
import { cookIn, messageOf, testFolder } from "../space.js";
import { testWith } from "../tools.js";

const folder = testFolder();
function file(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** Prints its arguments as JSON. */
const ARGS = "console.log(JSON.stringify(process.argv.slice(1)))";
/** Writes `text` to the file that its first argument names. */
const WRITE = "require('fs').writeFileSync(process.argv[1], process.argv[2] ?? 'text')";
const node = (code: string, ...args: string[]) => ["node", "-e", code, "--", ...args];

const one: Upstream = {
  name: "one",
  attributes: { size: 3 },
  files: [
    { path: file("a.txt", "a"), tag: "file/text" },
    { path: file("b.png", "b"), tag: "file/image" },
  ],
};

describe("shell", () => {
  const cook = cookIn(folder, shell);
  const ran = async (params: object, inputs: Upstream[] = [one]) =>
    (await cook({ inputs, params: { ...params } })).items[0]!;
  const answer = async (params: object) =>
    JSON.parse(String((await ran({ stdout: "attribute", ...params })).attributes.stdout));

  const result = (value: unknown) =>
    node("require('fs').writeFileSync(process.env.DAG_RESULT, process.argv[1])", JSON.stringify(value));
  holdsContract("program/shell", shell, {
    base: () => ({ inputs: [one], params: { command: node(WRITE, "made.txt"), outputs: [{ path: "made.txt" }] } }),
    changes: () => ({
      command: { to: { command: node(WRITE, "made.txt", "other") } },
      files: {
        from: { command: node(ARGS, "{files}"), outputs: [], stdout: "attribute" },
        to: { files: [file("c.txt", "c")] },
      },
      environment: {
        from: { command: node("console.log(process.env.KEY)"), outputs: [], stdout: "attribute" },
        to: { environment: [{ name: "KEY", value: "v" }] },
      },
      reads: {
        from: {
          command: node("console.log(JSON.parse(require('fs').readFileSync(process.env.DAG_ITEM)).attributes.size)"),
          outputs: [],
          stdout: "attribute",
        },
        to: { reads: ["size"] },
      },
      writes: {
        from: { command: result({ n: 1 }), outputs: [], writes: [{ name: "n" }] },
        to: { writes: [] },
        refused: true,
      },
      output: { from: { outputs: [] }, to: { output: "made.txt" } },
      output_tag: { from: { output: "made.txt" }, to: { output_tag: "file/other" } },
      outputs: { to: { outputs: [{ path: "made.txt", tag: "file/other" }] } },
      pass_inputs: { to: { pass_inputs: true } },
      stdout: { to: { stdout: "attribute" } },
      success_codes: {
        from: { command: node("process.exitCode = 3"), outputs: [], success_codes: [3] },
        to: { success_codes: [0] },
        refused: true,
      },
      warning_codes: {
        from: { command: node("process.exitCode = 3"), outputs: [], warning_codes: [3] },
        to: { warning_codes: [] },
        refused: true,
      },
    }),
  });

  test("shell: arguments arrive as they are; no shell reads them", async () => {
    const odd = ["; touch hacked", "$HOME", "`id`", "a  b", '"', "{not a place}", "*", ""];
    expect(await answer({ command: node(ARGS, ...odd) })).toEqual(odd);
  });

  test("shell: places stand for files", async () => {
    const files = [file("x.txt", "x"), file("y.txt", "y")];
    const [a, b] = one.files!.map(({ path }) => path);
    const command = node(ARGS, "{input}", "in={input.1}", "{input:file/image}", "{inputs}", "{files}", "{file.1}");
    expect(await answer({ command, files })).toEqual([a, `in=${b}`, b, a, b, ...files, files[1]]);
    expect(await messageOf(ran({ command: node(ARGS, "{input:file/model}") }))).toBe(
      "There is no file for {input:file/model}: the tags of the item's input files are file/text, file/image.",
    );
    expect(await messageOf(ran({ command: node(ARGS, "--in=$HIP/a.txt") }))).toMatch(
      /^"--in=\$HIP\/a\.txt" is the text of a file attribute, .* put "@name" into "files" and "\{file\.0\}" here/,
    );
  });

  test("shell: a program that fails on a file's name is told how to write its path", async () => {
    const failed = (name: string) => messageOf(ran({ command: node("process.exitCode = 1", name) }));
    const { name } = (await ran({ command: node(""), pass_inputs: true })).outputs[0]!;
    expect(await failed(name)).toContain(
      `Its argument "${name}" is a file's name, not where the file is: write {input}`,
    );
    expect(await failed("else")).toMatch(/ended with exit code 1\.$/);
  });

  test("shell: variables are set and taken away; a result's attributes and the standard output come back", async () => {
    process.env.DAG_TEST_GIVEN = "given";
    const shown = "console.log(JSON.stringify([process.env.DAG_TEST_GIVEN ?? null, process.env.OWN ?? null]))";
    const environment = [{ name: "OWN", value: "own" }];
    // What the engine's own environment has does not reach it, so that it cannot decide a result unseen.
    expect(await answer({ command: node(shown), environment })).toEqual([null, "own"]);
    const home = node("console.log(JSON.stringify([process.env.PATH !== undefined, process.env.TMPDIR ?? null]))");
    expect(await answer({ command: home, environment: [{ name: "TMPDIR" }] })).toEqual([true, null]);
    const writes = [
      { name: "n", type: "int" },
      { name: "list", type: "float[]" },
    ];
    const { attributes } = await ran({ command: result({ n: 4, list: [0.5] }), writes });
    expect(attributes).toEqual({ exit_code: 0, n: 4, list: [0.5] });
  });

  test("every line that is printed is in the log: broken in any way, in pieces, without an end", async () => {
    const texts = ["one\n", "tw", "o\r\n\nthree\r", "\nfour\rfive", " é".repeat(40_000), "\nlast"];
    const say = `const texts = ${JSON.stringify(texts)}; (function next() { const t = texts.shift(); if (t) process.stdout.write(t, () => setTimeout(next, 5)); })()`;
    const { log } = await ran({ command: node(say) });
    expect(log.join("\n").split("\n")).toEqual([
      "one",
      "two",
      "",
      "three",
      "four",
      `five${" é".repeat(40_000)}`,
      "last",
    ]);
  });

  test("shell: the standard output becomes the file; globs take what fits, once", async () => {
    const made = await ran({ command: node("console.log('hello')"), stdout: "output", output: "said.txt" });
    expect(made.outputs).toMatchObject([{ name: "said.txt", parameter: "output" }]);
    expect(readFileSync(made.outputs[0]!.path, "utf8")).toBe("hello\n");
    const code =
      "const fs=require('fs');fs.mkdirSync('f');for(const n of ['f/2.png','f/1.png','log.txt'])fs.writeFileSync(n,n)";
    const outputs = [
      { path: "f/1.png", tag: "file/first" },
      { path: "**/*.png", tag: "file/image" },
      { path: "*.no", required: false },
    ];
    const several = await ran({ command: node(code), outputs });
    expect(several.outputs.map(({ name, tag }) => [name, tag])).toEqual([
      ["f/1.png", "file/first"],
      ["f/2.png", "file/image"],
    ]);
    expect(await messageOf(ran({ command: node(code), outputs: [{ path: "*.exr" }] }))).toBe(
      'The program made no file "*.exr"; it made f/1.png, f/2.png, log.txt.',
    );
    expect(await messageOf(ran({ command: node(""), output: "no.txt" }))).toBe('Output "no.txt" was not written.');
  });

  test("shell: exit codes decide; what the program says of it is in the log", async () => {
    const failing = node("console.error('no licence'); process.exitCode = 3");
    expect(await messageOf(ran({ command: failing }))).toBe('"node" ended with exit code 3.');
    const { items, warnings } = await cook({ params: { command: failing, warning_codes: [3] } });
    expect([items[0]!.attributes.exit_code, items[0]!.log, warnings]).toEqual([
      3,
      ["no licence"],
      ['"node" ended with exit code 3.'],
    ]);
    expect(await messageOf(ran({ command: node("process.kill(process.pid, 'SIGTERM')") }))).toBe(
      '"node" was ended by the signal SIGTERM.',
    );
    expect(await messageOf(ran({ command: ["no-such-program"] }))).toBe(
      'The program "no-such-program" was not found on the PATH.',
    );
  });

  test.each([
    [{ command: ["bin/tool"] }, '"bin/tool" is a relative path: put it into "files"'],
    [{ command: ["convert a.png b.png"] }, "is one word of a list: its arguments are further ones"],
    [{ command: ["node", "x{inputs}"] }, "{inputs} stands for several arguments"],
    [{ command: ["node", "{output}"] }, '{output} needs the parameter "output"'],
    [{ command: ["node", "{file.1}"], files: [join(folder, "a.txt")] }, "{file.1} is none of the 1 files"],
    [{ command: ["node"], outputs: [{ path: "../secret" }] }, '"../secret" leaves the folder where the program runs'],
    [{ command: ["node"], outputs: [{ path: "/etc/passwd" }] }, '"/etc/passwd" leaves the folder'],
    [{ command: ["node"], stdout: "output" }, '"output" needs the parameter "output"'],
    [{ command: ["node"], warning_codes: [0] }, '0 is among "success_codes" too'],
    [{ command: ["node"], environment: [{ name: "A" }, { name: "A" }] }, '"A" is given twice'],
  ])("shell: %j is refused before it runs", async (params, message) => {
    expect(await messageOf(ran(params))).toContain(message);
  });

  test.each([
    ["[1]", "holds no JSON object"],
    ["{", "is no JSON"],
    ['{"n":9007199254740993}', "line 1: 9007199254740993 is beyond the whole numbers that are held exactly"],
    ['{"m":1}', 'wrote the attribute "m", which "writes" has not'],
    ["{}", 'did not write the attribute "n"'],
    ['{"n":"text"}', 'cook wrote "text" to "n", declared as int'],
  ])("shell: the result %s is an error", async (text, message) => {
    const command = node("require('fs').writeFileSync(process.env.DAG_RESULT, process.argv[1])", text);
    expect(await messageOf(ran({ command, writes: [{ name: "n", type: "int" }] }))).toContain(message);
  });
});

describe("script", () => {
  const cook = cookIn(folder, script);
  const args = file("args.cjs", "console.log(JSON.stringify(process.argv.slice(2)))");
  const write = file("write.cjs", "require('fs').writeFileSync(process.argv[2], process.argv[3] ?? 'text')");
  const answering = { script: args, stdout: "attribute", outputs: [], arguments: [] };
  const env = file("env.cjs", "console.log(process.env.KEY)");
  const size = file(
    "size.cjs",
    "console.log(JSON.parse(require('fs').readFileSync(process.env.DAG_ITEM)).attributes.size)",
  );
  const result = file("result.cjs", "require('fs').writeFileSync(process.env.DAG_RESULT, '{\"n\":1}')");
  const three = file("three.cjs", "process.exitCode = 3");
  holdsContract("program/script", script, {
    base: () => ({
      inputs: [one],
      params: { script: write, arguments: ["made.txt"], outputs: [{ path: "made.txt" }] },
    }),
    changes: () => ({
      script: { to: { script: file("other.cjs", "require('fs').writeFileSync('made.txt', 'other')") } },
      language: { to: { language: "python" }, refused: true },
      interpreter: {
        from: { script: file("s.py", "open('made.txt','w').write('x')") },
        to: { interpreter: "no-such-python" },
        refused: true,
      },
      arguments: { to: { arguments: ["made.txt", "other"] } },
      files: { from: { ...answering, arguments: ["{files}"] }, to: { files: [write] } },
      environment: { from: { ...answering, script: env }, to: { environment: [{ name: "KEY", value: "v" }] } },
      reads: { from: { ...answering, script: size }, to: { reads: ["size"] } },
      writes: { from: { script: result, outputs: [], writes: [{ name: "n" }] }, to: { writes: [] }, refused: true },
      output: { from: { outputs: [] }, to: { output: "made.txt" } },
      output_tag: { from: { output: "made.txt" }, to: { output_tag: "file/other" } },
      outputs: { to: { outputs: [{ path: "made.txt", tag: "file/other" }] } },
      pass_inputs: { to: { pass_inputs: true } },
      stdout: { to: { stdout: "attribute" } },
      success_codes: {
        from: { script: three, outputs: [], success_codes: [3] },
        to: { success_codes: [0] },
        refused: true,
      },
      warning_codes: {
        from: { script: three, outputs: [], warning_codes: [3] },
        to: { warning_codes: [] },
        refused: true,
      },
    }),
  });

  test("script: a file of another kind is refused, unless the language is said", async () => {
    const text = file("program.txt", "console.log('ran')");
    expect(await messageOf(cook({ params: { script: text } }))).toContain("ends in neither .js nor .py");
    const { items } = await cook({ params: { script: text, language: "javascript", stdout: "attribute" } });
    expect(items[0]!.attributes.stdout).toBe("ran");
  });
});

describe("python_venv", () => {
  const cook = cookIn(folder, python_venv);
  const withPython = testWith("python3");
  const before = process.env.DAG_VENVS;
  beforeAll(() => {
    process.env.DAG_VENVS = join(folder, "venvs");
  });
  afterAll(() => {
    if (before === undefined) delete process.env.DAG_VENVS;
    else process.env.DAG_VENVS = before;
  });

  // What pip has itself is there already, so that no registry is asked.
  holdsContract("program/python_venv", python_venv, {
    base: () => ({}),
    changes: async () => ({
      python: { to: { python: "no-such-python" }, refused: true },
      requirements: { to: { requirements: ["pip"] } },
      requirements_file: { to: { requirements_file: file("pip.txt", "pip # itself\n") } },
      packages: { to: { packages: [file("no-wheel.txt", "")] }, refused: true },
      system_site_packages: { to: { system_site_packages: true } },
    }),
  });

  withPython(
    "python_venv: a script finds what the environment has, and nothing is made twice",
    async () => {
      const wheel = file("greeting-1.0-py3-none-any.whl", "");
      // A wheel is a zip with a module and its metadata; Python writes it, so that no registry is asked.
      const make = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("greeting.py", "WORD = 'hello'")
    z.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: greeting\\nVersion: 1.0\\n")
    z.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    z.writestr("greeting-1.0.dist-info/RECORD", "")`;
      await cookIn(folder, shell)({ params: { command: ["python3", "-c", make, wheel] } });
      const made = await cook({ params: { packages: [wheel] } });
      const [output] = made.items[0]!.outputs;
      expect(output).toMatchObject({ name: "environment.json", tag: "file/python/environment" });
      expect(JSON.parse(readFileSync(output!.path, "utf8"))).toMatchObject({ python: "python3", requirements: [] });
      const again = await cook({ params: { packages: [wheel] } });
      expect(again.items[0]!.log).toEqual([]);
      const inputs = { environment: [{ name: "venv", files: [{ path: output!.path, tag: output!.tag }] }] };
      const say = file("say.py", "import greeting, sys; print(greeting.WORD, sys.prefix != sys.base_prefix)");
      const run = cookIn(folder, script);
      const { items } = await run({ inputs, params: { script: say, stdout: "attribute" } });
      expect(items[0]!.attributes.stdout).toBe("hello True");
      process.env.DAG_VENVS = join(folder, "elsewhere");
      expect(await messageOf(run({ inputs, params: { script: say } }))).toContain(
        "is no longer there; cook its node again",
      );
      process.env.DAG_VENVS = join(folder, "venvs");
      // An environment of which but the pointer is left is made anew.
      const venvs = readdirSync(join(folder, "venvs"), { recursive: true, encoding: "utf8" });
      const bins = venvs.filter((name) => /^[^/]+\/venv-[^/]+\/bin$/.test(name));
      for (const bin of bins) rmSync(join(folder, "venvs", bin), { recursive: true });
      expect(await messageOf(run({ inputs, params: { script: say } }))).toContain("is no longer there");
      await cook({ params: { packages: [wheel] } });
      const { items: healed } = await run({ inputs, params: { script: say, stdout: "attribute" } });
      expect(healed[0]!.attributes.stdout).toBe("hello True");
    },
    240_000,
  );

  test("python_venv: options among the requirements, and a Python that is not there, are errors", async () => {
    const options = file("requirements.txt", "numpy\n--index-url http://elsewhere\n");
    expect(await messageOf(cook({ params: { requirements_file: options } }))).toBe(
      'Line 2 of the requirements is no requirement: "--index-url http://elsewhere".',
    );
    expect(await messageOf(cook({ params: { requirements: ["-r other"] } }))).toContain("requirements.0");
    expect(await messageOf(cook({ params: { python: "no-such-python" } }))).toContain('"no-such-python" was not found');
  });
});

describe("programs in a graph", () => {
  let space: CookSpace;
  beforeAll(() => {
    space = new CookSpace();
  });
  afterAll(() => space.remove());

  test("programs example: it cooks; what the script found decides which items go on", async () => {
    copyExample(space, "programs.json");
    space.write("data/tiles/tile_0003.txt", "alone");
    const { long, words, numbers } = await tableOf(space, "programs.json");
    expect(long?.map(({ attributes }) => [attributes.filename, attributes.words, attributes.longest])).toEqual([
      ["tile_0001.txt", 2, "TILE"],
      ["tile_0002.txt", 2, "TILE"],
      ["tile_0004.txt", 2, "TILE"],
    ]);
    expect(space.read("out/programs/tile_0002.txt")).toBe("TILE 2\n");
    expect(words?.map(({ label }) => label)).toEqual([
      "1.txt",
      "TILE.txt",
      "2.txt",
      "TILE.txt",
      "ALONE.txt",
      "4.txt",
      "TILE.txt",
    ]);
    expect(numbers?.map(({ label }) => label)).toEqual(["1.txt", "2.txt", "4.txt"]);
  });

  testWith("python3")("python example: it cooks, in the environment that was made for it", async () => {
    copyExample(space, "python.json");
    space.write("data/tiles/tile_0003.txt", "three");
    space.environment = { DAG_VENVS: space.path("venvs") };
    const counted = await itemsOf(space, "python.json", "counted");
    space.environment = {};
    expect(counted.map(({ label, attributes }) => [label, attributes.letters])).toEqual(
      [4, 4, 5, 4].map((letters, index) => [`tile_000${index + 1}.txt`, letters]),
    );
    expect(counted[0]!.attributes.prefix).toContain(space.path("venvs"));
  });

  test("shell: an edited file that the program reads cooks again, and a mistake is told with its place", async () => {
    space.write("tool.cjs", "console.log(1)");
    const graph = (command: string[]) =>
      space.graph("tool.json", {
        run: { type: "shell", params: { command, files: ["tool.cjs"], stdout: "attribute" } },
      });
    graph(["node", "{file.0}"]);
    const cook = async () => cookedItems((await space.cook("tool.json")).events).length;
    expect([await cook(), await cook()]).toEqual([1, 0]);
    space.write("tool.cjs", "console.log(2)");
    expect(await cook()).toBe(1);
    space.write("tool.cjs", "console.error('broken pipe'); process.exit(7)");
    const failed = await space.cook("tool.json");
    expect([failed.exit, Object.values(failuresIn(failed))]).toEqual([1, ['"node" ended with exit code 7.']]);
    graph(["./tool"]);
    const { exit, stderr } = await space.dag("check", "tool.json");
    expect([exit, stderr]).toEqual([2, expect.stringMatching(/tool\.json:\d+:\d+ .*"\.\/tool" is a relative path/)]);
  });

  test("shell: a program and what it has started end with the engine", async () => {
    // The program starts another, and neither ends by itself.
    const idle = "setInterval(() => {}, 1000)";
    const code = `const { pid } = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(idle)}]);
      require('fs').writeFileSync(process.argv[1], String(pid)); ${idle}`;
    space.graph("idle.json", { run: { type: "shell", params: { command: node(code, space.path("pid.txt")) } } });
    const { child, ended } = space.startCook("idle.json");
    await space.until("pid.txt", "");
    while (space.read("pid.txt") === "") await pause(5);
    const pid = Number(space.read("pid.txt"));
    child.kill("SIGKILL");
    await ended;
    while (isRunning(pid)) await pause(20);
    expect(isRunning(pid)).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    // A process that has ended but that no one has waited for does not count.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.startsWith("Z") === false;
  } catch {
    return false;
  }
}
