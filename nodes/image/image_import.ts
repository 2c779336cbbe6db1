/** Node type `image_import`: an item for each image file of a folder. Reads headers, decodes nothing. */
import { posix } from "node:path";
import { type DiscoverDoors, defineNode } from "dag-cook";
import { type FoundFile, LISTED, listFiles, patternSchema, taggedFile } from "../file/found/list.js";
import { NAME_PARTS, partsOf, partsProblems, partTypes } from "../file/found/parts.js";

const OWN = {
  filename: "string",
  directory: "string",
  extension: "string",
  width: "int",
  height: "int",
  channels: "int",
  bit_depth: "int",
  file_size: "int",
} as const;

/** Files whose headers are read at a time. */
const AT_ONCE = 16;

type Found = FoundFile & {
  readonly header: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly bits: number;
  };
};

export default defineNode({
  description:
    "Makes an item for every image file of a folder, or of each upstream item; the files are referred to, not copied.",
  version: 1,
  params: {
    ...LISTED,
    pattern: patternSchema("*.{png,jpg,jpeg,tif,tiff,webp}"),
    tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the files of a folder." },
    name_parts: NAME_PARTS,
  },
  inputs: {
    main: { description: "Items whose images are taken, or for each of which the folder is read.", optional: true },
  },
  attributes: { writes: ({ name_parts }) => ({ ...OWN, ...partTypes(name_parts) }) },
  check: ({ name_parts }) => partsProblems(name_parts, Object.keys(OWN)),
  async discover(params, doors) {
    const found = await probeAll(await listFiles(params, doors), doors);
    return found as readonly (Found & { [name: string]: never })[];
  },
  *generate(_upstream, { tag, name_parts }, discovered) {
    for (const { header, ...file } of discovered as unknown as readonly Found[]) {
      const { width, height, channels, bits } = header;
      const { base, dir, ext } = posix.parse(file.name);
      const named = { filename: base, directory: dir, extension: ext };
      const own = { ...named, width, height, channels, bit_depth: bits, file_size: file.size };
      const attributes = { ...own, ...partsOf(name_parts, file.name) };
      yield { identity: file.name, label: file.name, attributes, files: [taggedFile(file, tag)] };
    }
  },
});

async function probeAll(files: readonly FoundFile[], doors: DiscoverDoors): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const group = files.slice(start, start + AT_ONCE);
    const headers = await Promise.all(group.map((file) => doors.probe(file, headerOf)));
    found.push(...group.map((file, index) => ({ ...file, header: headers[index]! })));
  }
  return found;
}

async function headerOf(path: string) {
  const { readHeader } = await import("dag-cook/image");
  const { width, height, channels, depth } = await readHeader(path);
  return { width, height, channels, bits: depth === "float" ? 32 : depth };
}
