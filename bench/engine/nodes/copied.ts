/** Node type of the benchmarks: copies each file of an item, the least that a node which makes files does. */
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { defineNode } from "dag-cook";

export default defineNode({
  description: "Copies each file of an item.",
  version: 1,
  params: {},
  inputs: { main: { description: "Items with files." } },
  async cook({ inputs }, _params, { directory }) {
    const outputs = inputs
      .main!.flatMap(({ files }) => files)
      .map((file, index) => {
        copyFileSync(file.path, join(directory, `${index}`));
        return { path: `${index}`, tag: file.tag };
      });
    return { outputs };
  },
});
