/** Node type `file_pattern`: an item for each file of a folder. Knows nothing of what is in the files. */
import { posix } from "node:path";
import { defineNode } from "dag-cook";
import { type FoundFile, LISTED, listFiles, patternSchema, taggedFile } from "./found/list.js";
import { NAME_PARTS, partsOf, partsProblems, partTypes } from "./found/parts.js";
import { tagSchema } from "./made/tag.js";

const OWN = { filename: "string", directory: "string", extension: "string", file_size: "int" } as const;

export default defineNode({
  description:
    "Makes an item for every file of a folder, or of each upstream item, that matches a pattern; the files are referred to, not copied.",
  version: 1,
  params: {
    ...LISTED,
    pattern: patternSchema("*"),
    tag: tagSchema("the files of a folder"),
    name_parts: NAME_PARTS,
  },
  inputs: {
    main: { description: "Items whose files are taken, or for each of which the folder is read.", optional: true },
  },
  attributes: { writes: ({ name_parts }) => ({ ...OWN, ...partTypes(name_parts) }) },
  check: ({ name_parts }) => partsProblems(name_parts, Object.keys(OWN)),
  perFile: true,
  async discover(params, context) {
    return (await listFiles(params, context)) as readonly (FoundFile & { readonly [name: string]: never })[];
  },
  *generate(_upstream, { tag, name_parts }, discovered) {
    for (const file of discovered as unknown as readonly FoundFile[]) {
      const { base, dir, ext } = posix.parse(file.name);
      const own = { filename: base, directory: dir, extension: ext, file_size: file.size };
      const attributes = { ...own, ...partsOf(name_parts, file.name) };
      yield { identity: file.name, label: file.name, attributes, files: [taggedFile(file, tag)] };
    }
  },
});
