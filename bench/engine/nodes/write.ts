/** Node type of the benchmarks: writes one file of 1 KB for each upstream item. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Writes a file of 1 KB for each upstream item.",
  version: 1,
  params: {},
  attributes: { reads: ["number"] },
  async cook({ attributes }, _params, { directory }) {
    writeFileSync(join(directory, "file"), `${attributes.number} `.padEnd(1024, "x"));
    return { outputs: [{ path: "file", tag: "file" }] };
  },
});
