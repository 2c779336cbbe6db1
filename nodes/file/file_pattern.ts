/** Node type `file_pattern`: an item for each file of a folder. Knows nothing of what is in the files. */
import { posix } from "node:path";
import { type DiscoveredFile, defineNode } from "dag-cook";
import { LISTED, listFiles, patternSchema } from "./found/list.js";

export default defineNode({
  description:
    "Makes an item for every file in a folder that matches a pattern; the files are referred to, not copied.",
  version: 1,
  params: {
    ...LISTED,
    pattern: patternSchema("*"),
    tag: { type: "string", default: "file", minLength: 1, description: "Tag of the files." },
  },
  inputs: {},
  attributes: { writes: { filename: "string", directory: "string", extension: "string", file_size: "int" } },
  async discover(params, doors) {
    return (await listFiles(params, doors)).map(({ path, name, digest, size }) => ({ path, name, digest, size }));
  },
  *generate(_upstream, { tag }, discovered) {
    for (const { path, name, digest, size } of discovered as unknown as readonly DiscoveredFile[]) {
      const { base, dir, ext } = posix.parse(name);
      const attributes = { filename: base, directory: dir, extension: ext, file_size: size };
      yield { identity: name, label: name, attributes, files: [{ path, name, digest, size, tag }] };
    }
  },
});
