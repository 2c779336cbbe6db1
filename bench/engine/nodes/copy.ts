/** Node type of the benchmarks: copies each file of a folder, as the peer's `cp` does. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";
import { directory, discoverFiles, generateFiles } from "./listed.js";

export default defineNode({
  description: "An item for each file in a folder and those below it; copies it.",
  version: 1,
  params: { directory },
  inputs: {},
  perFile: true,
  discover: ({ directory: folder }, context) => discoverFiles(folder, context),
  generate: (_upstream, _params, discovered) => generateFiles(discovered),
  async cook({ files }, _params, { directory: folder }) {
    copyFileSync(files[0]!.path, join(folder, "copy"));
    return { outputs: [{ path: "copy", tag: "file" }] };
  },
});
