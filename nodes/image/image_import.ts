/** Node type `image_import`: an item for each image file of a folder. Reads headers, decodes nothing. */
import { type DiscoverDoors, type DiscoveredFile, defineNode } from "dag-cook";

/** Files whose headers are read at a time. */
const AT_ONCE = 16;

interface Found extends DiscoveredFile {
  readonly header: {
    readonly width: number;
    readonly height: number;
    readonly channels: number;
    readonly bits: number;
  };
}

export default defineNode({
  description: "Makes an item for every image file in a folder; the files are referred to, not copied.",
  version: 1,
  params: {
    directory: { type: "string", path: "input", required: true, description: "Folder with the images." },
    pattern: {
      type: "string",
      default: "*.{png,jpg,jpeg,tif,tiff,webp}",
      template: false,
      minLength: 1,
      description: "Glob that a file's path below the folder (with `recursive`, or its name) must match.",
    },
    recursive: { type: "boolean", default: false, description: "Whether folders below are searched too." },
    limit: {
      type: ["integer", "null"],
      minimum: 1,
      default: null,
      description: "Takes the first files only, in natural order (`tile2` before `tile10`).",
    },
    no_match: {
      type: "string",
      enum: ["error", "warn", "empty"],
      default: "error",
      description: "What happens where no file matches: an error, a warning and no items, or just no items.",
    },
    tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the files." },
  },
  inputs: {},
  attributes: {
    writes: { filename: "string", width: "int", height: "int", channels: "int", bit_depth: "int", file_size: "int" },
  },
  async discover({ directory, pattern, recursive, limit, no_match }, doors) {
    const all = await doors.list(directory, pattern, { recursive });
    if (all.length === 0 && no_match !== "empty") {
      const where = recursive ? "or below it" : 'itself ("recursive" searches below it too)';
      const message = `No file in the folder ${directory} ${where} matches "${pattern}".`;
      if (no_match === "error") throw new Error(`${message} Set "no_match" to "warn" or "empty" where that is meant.`);
      doors.warn(message);
    }
    return probeAll(all.slice(0, limit ?? all.length), doors) as Promise<
      readonly (Found & { [name: string]: never })[]
    >;
  },
  *generate(_upstream, { tag }, discovered) {
    for (const { header, path, name, digest, size } of discovered as unknown as readonly Found[]) {
      const { width, height, channels, bits } = header;
      const attributes = { filename: name, width, height, channels, bit_depth: bits, file_size: size };
      yield { identity: name, label: name, attributes, files: [{ path, name, digest, size, tag }] };
    }
  },
});

async function probeAll(files: readonly DiscoveredFile[], doors: DiscoverDoors): Promise<readonly Found[]> {
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
