/** Writes files into its folder, or around it, as its parameters say. */
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { defineNode } from "../../../src/nodetype/define.js";

export default defineNode({
  description: "Writes files.",
  version: 1,
  params: {
    files: { type: "object", description: "Text by relative path.", additionalProperties: true },
    links: { type: "object", description: "Target of a symbolic link by relative path.", additionalProperties: true },
    outputs: { type: "array", description: "What is answered; without it, all files." },
  },
  async cook(_item, params, { directory }) {
    for (const [path, text] of Object.entries(params.files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), String(text));
    }
    for (const [path, target] of Object.entries(params.links)) await symlink(String(target), join(directory, path));
    const all = Object.keys(params.files).map((path) => ({ path, tag: "file/text" }));
    return { outputs: (params.outputs as typeof all | undefined) ?? all };
  },
});
