/** Discovers the files of a folder with their first line and their length. */
import { readFile } from "node:fs/promises";
import { defineNode } from "../../../src/nodetype/define.js";

let looks = 0;

export default defineNode({
  description: "Finds files.",
  version: 1,
  params: {
    directory: { type: "string", default: ".", description: "Where." },
    stranger: { type: "boolean", default: false, description: "Probes a file that no door answered." },
  },
  async discover({ directory, stranger }, { list, probe, read, warn }) {
    if (stranger) {
      const file = { path: "/etc/hostname", name: "hostname", digest: "0", size: 0 };
      await probe(file, async () => 1);
    }
    const files = await list(directory, "*.txt");
    const lines = files.map((file) => probe(file, async (path) => firstLine(path)));
    const lengths = files.map((file) => probe(file, async (path) => (await readFile(path)).length));
    const single = await read("$HIP/single.txt");
    warn("found them");
    return {
      names: files.map(({ name }) => name),
      lines: await Promise.all(lines),
      lengths: await Promise.all(lengths),
      single: await probe(single, async (path) => firstLine(path)),
      keys: Object.keys(files[0] ?? {}),
      looks,
    };
  },
});

async function firstLine(path: string): Promise<string> {
  looks += 1;
  return (await readFile(path, "utf8")).split("\n")[0]!;
}
