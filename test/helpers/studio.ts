/** Small node types for a space, and the journal in which they say what they did. */
import { readFileSync, rmSync } from "node:fs";
import { CookSpace } from "./cook-space.js";

/** An item for each file of a folder, with its stem as label and as attribute `stem`, its first line as `first`. */
const FILES = `
import { readFile } from "node:fs/promises";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Makes an item for each file of a folder.",
  version: 1,
  params: {
    directory: { type: "string", path: "input", required: true, description: "Folder." },
    pattern: { type: "string", template: false, default: "*.txt", description: "Glob." },
  },
  inputs: {},
  attributes: { writes: { stem: "string", first: "string" } },
  async discover({ directory, pattern }, { list, probe }) {
    const files = await list(directory, pattern);
    const firsts = files.map((file) => probe(file, async (path) => (await readFile(path, "utf8")).split("\\n")[0]));
    return (await Promise.all(firsts)).map((first, place) => ({ ...files[place], first }));
  },
  *generate(_upstream, _params, found) {
    for (const { first, ...file } of found) {
      const stem = file.name.replace(/\\.\\w+$/, "");
      yield { identity: file.name, label: stem, attributes: { stem, first }, files: [{ ...file, tag: "file/text" }] };
    }
  },
});
`;

/**
 * One item per upstream item. It writes the beginning (\`keep\` characters) of all its input files, then \`text\`, into a
 * file, and the attributes of \`set\`. It says in the journal that it began, and waits, fails or ends its process as told.
 */
const WORK = `
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Writes a text, or misbehaves.",
  version: 1,
  params: {
    text: { type: "string", default: "", description: "Written after the inputs." },
    keep: { type: ["integer", "null"], default: null, description: "Characters of each input file." },
    number: { type: "number", default: 0, description: "Any number." },
    reads: { type: "array", items: { type: "string" }, default: [], description: "Attributes that are read." },
    set: { type: "object", additionalProperties: true, default: {}, description: "Attributes that are written." },
    types: { type: "object", additionalProperties: true, default: {}, description: "Types of the attributes; {}: any." },
    tag: { type: "string", default: "file/text", description: "Tag of the file." },
    output: { type: ["string", "null"], path: "output", default: null, description: "Where the file is put." },
    how: { type: "string", default: "", effect: false, description: "wait, fail, fail_once, give_up, exit, exit_once, kill, save." },
  },
  attributes: {
    reads: ({ reads }) => reads,
    writes: ({ set, types }) => (Object.keys(set).length === 0 ? {} : Object.keys(types).length === 0 ? "any" : types),
  },
  async cook(item, { text, keep, set, tag, output, how }, context) {
    const files = Object.values(item.inputs).flat().flatMap((member) => member.files);
    const read = Object.entries(item.attributes).map(([name, value]) => name + "=" + JSON.stringify(value) + " ");
    const made = files.map(({ path }) => readFileSync(path, "utf8").slice(0, keep ?? undefined)).join("") + read.join("") + text;
    appendFileSync(process.env.JOURNAL, item.label + "\\n");
    const once = (name) => {
      const mark = join(process.env.CONTROL, item.name + name);
      const first = !existsSync(mark);
      writeFileSync(mark, "");
      return first;
    };
    if (how === "fail" || (how === "fail_once" && once(".failed"))) {
      console.log("a line on the way");
      throw new Error("told to fail");
    }
    if (how === "give_up") {
      writeFileSync(join(context.directory, output), "as far as it came");
      return { outputs: [{ path: output, tag, parameter: "output" }], failure: "told to give up" };
    }
    if (how === "exit" || (how === "exit_once" && once(".exited"))) process.exit(7);
    if (how === "kill") process.kill(process.pid, "SIGKILL");
    if (how === "wait" || how === "save") {
      const saved = join(context.resume, "saved");
      if (existsSync(saved)) appendFileSync(process.env.JOURNAL, item.label + " goes on from " + readFileSync(saved, "utf8") + "\\n");
      writeFileSync(saved, "step 1");
      appendFileSync(process.env.JOURNAL, item.label + " waits\\n");
      while (!existsSync(join(process.env.CONTROL, "go"))) {
        if (context.signal.aborted && how === "save") {
          writeFileSync(join(context.directory, output ?? "partial.txt"), "partial");
          const parameter = output === null ? {} : { parameter: "output" };
          return { outputs: [{ path: output ?? "partial.txt", tag, ...parameter }], attributes: set, partial: true };
        }
        await pause(3);
      }
    }
    const path = output ?? "made.txt";
    writeFileSync(join(context.directory, path), made);
    const parameter = output === null ? {} : { parameter: "output" };
    return { outputs: [{ path, tag, ...parameter }], attributes: set };
  },
});
`;

/** A space with \`studio/files\` and \`studio/work\`. */
export class Studio extends CookSpace {
  constructor() {
    super();
    this.node("files", FILES);
    this.node("work", WORK);
    this.write("control/README", "Marks and gates of the nodes.\n");
    this.environment = { JOURNAL: this.path("journal"), CONTROL: this.path("control") };
  }

  /** What was said in the journal since the last call, sorted: parallel work has no order. */
  cooked(): string[] {
    return this.journal().sort();
  }

  /** The same in the order in which it was said. */
  journal(): string[] {
    if (!this.exists("journal")) return [];
    const lines = readFileSync(this.path("journal"), "utf8")
      .split("\n")
      .filter((line) => line !== "");
    rmSync(this.path("journal"));
    return lines;
  }

  /** Opens the gate of the nodes that wait. */
  go(): void {
    this.write("control/go", "");
  }
}

/** Runs a test's body in a studio of its own. */
export async function inStudio(body: (space: Studio) => Promise<void>): Promise<void> {
  const space = new Studio();
  try {
    await body(space);
  } finally {
    space.remove();
  }
}
