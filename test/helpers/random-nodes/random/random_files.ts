/** Node type of the random graphs: an item for each text file of a folder. Knows no other node type. */
import { type DiscoveredFile, defineNode } from "dag-cook";

export default defineNode({
  description: "Makes an item for each text file of a folder.",
  version: 1,
  params: {
    directory: { type: "string", path: "input", required: true, description: "Folder." },
    size: { type: "string", template: false, default: "size", description: "Attribute that gets a file's bytes." },
  },
  inputs: {},
  attributes: { writes: ({ size }) => ({ [size]: "int" as const }) },
  async discover({ directory }, { list }) {
    return (await list(directory, "*.txt")) as readonly (DiscoveredFile & { readonly [name: string]: never })[];
  },
  *generate(_upstream, { size }, found) {
    for (const file of found as { path: string; name: string; digest: string; size: number }[]) {
      yield { identity: file.name, attributes: { [size]: file.size }, files: [{ ...file, tag: "file/text" }] };
    }
  },
});
