/** Node type `file_pattern`: an item for each file of a folder. Knows nothing of what is in the files. */
import { posix } from "node:path";
import { defineNode } from "dag-cook";
import { type FoundFile, LISTED, listFiles, patternSchema, taggedFile } from "./found/list.js";

export default defineNode({
  description:
    "Makes an item for every file of a folder, or of each upstream item, that matches a pattern; the files are referred to, not copied.",
  version: 1,
  params: {
    ...LISTED,
    pattern: patternSchema("*"),
    tag: { type: "string", default: "file", minLength: 1, description: "Tag of the files of a folder." },
  },
  inputs: {
    main: { description: "Items whose files are taken, or for each of which the folder is read.", optional: true },
  },
  attributes: { writes: { filename: "string", directory: "string", extension: "string", file_size: "int" } },
  async discover(params, doors) {
    return (await listFiles(params, doors)) as readonly (FoundFile & { readonly [name: string]: never })[];
  },
  *generate(_upstream, { tag }, discovered) {
    for (const file of discovered as unknown as readonly FoundFile[]) {
      const { base, dir, ext } = posix.parse(file.name);
      const attributes = { filename: base, directory: dir, extension: ext, file_size: file.size };
      yield { identity: file.name, label: file.name, attributes, files: [taggedFile(file, tag)] };
    }
  },
});
