/** Node type `image_import`: an item for each image file of a folder. Reads headers; decodes where parts of a file are chosen. */
import { posix } from "node:path";
import { type DiscoverContext, defineNode, type InputFile, type ParamValues } from "dag-cook";
import { type FoundFile, LISTED, patternSchema, requireSome, taggedFile } from "../file/found/list.js";
import { NAME_PARTS, partsOf, partsProblems, partTypes } from "../file/found/parts.js";
import { GEO_ATTRIBUTES, geoAttributes } from "./files/geo.js";
import { IMAGE_PATTERN, listImages, matchingImages } from "./files/pattern.js";
import {
  CHOICE,
  type Choice,
  choiceProblems,
  choosesParts,
  type Header,
  headerOf,
  type Look,
} from "./files/reading.js";

const HEADER = { width: "int", height: "int", channels: "int", bit_depth: "int" } as const;

const OWN = {
  filename: "string",
  directory: "string",
  extension: "string",
  ...HEADER,
  file_size: "int",
  ...GEO_ATTRIBUTES,
} as const;

/** Files whose headers are read at a time. */
const AT_ONCE = 16;

type Found = FoundFile & Look;

const PARAMS = {
  ...LISTED,
  pattern: patternSchema(IMAGE_PATTERN),
  unreadable: {
    type: "string",
    enum: ["error", "warn", "skip"],
    default: "error",
    effect: "items",
    description:
      "What happens with a file that is damaged or of a kind that is not supported. `error`: its item fails, those of others go on. `warn`: it has no item, and a warning names it. `skip`: it has no item.",
  },
  ...CHOICE,
  tag: { type: "string", default: "file/image", minLength: 1, description: "Tag of the files of a folder." },
  name_parts: NAME_PARTS,
} as const;

type Params = ParamValues<typeof PARAMS>;

export default defineNode({
  description:
    "Makes an item for every image file of a folder, or of each upstream item. The files are referred to, not copied, unless `channels`, `part` or a size says what to take of them.",
  version: 1,
  params: PARAMS,
  inputs: {
    main: { description: "Items whose images are taken, or for each of which the folder is read.", optional: true },
  },
  attributes: { writes: ({ name_parts }) => ({ ...OWN, ...partTypes(name_parts) }) },
  check: (params) => [...partsProblems(params.name_parts, Object.keys(OWN)), ...choiceProblems(params)],
  async discover(params, context) {
    const found = await probeAll(await listed(params, context), params, context);
    return found as readonly (Found & { [name: string]: never })[];
  },
  *generate(_upstream, params, discovered) {
    for (const { header, error, ...file } of discovered as unknown as readonly Found[]) {
      if (error !== undefined && params.unreadable !== "error") continue;
      const { base, dir, ext } = posix.parse(file.name);
      const named = { filename: base, directory: dir, extension: ext, file_size: file.size };
      const attributes = { ...named, ...(header && about(header)), ...partsOf(params.name_parts, file.name) };
      const files = [taggedFile(file, params.tag)];
      // What is not there to be cooked costs no worker.
      const work = header === undefined || choosesParts(params);
      yield { identity: file.name, label: file.name, attributes, files, work };
    }
  },
  async cook({ files }, params, { directory, signal }) {
    signal.throwIfAborted();
    const file = files[0] as InputFile;
    const { readChosen } = await import("./files/chosen.js");
    const look = await headerOf(file.path, params);
    if (look.header === undefined) throw new Error(`${file.name}: ${look.error}`);
    const attributes = about(look.header);
    if (!choosesParts(params)) return { outputs: [{ pass: file }], attributes };
    return { outputs: [{ path: await readChosen(file, params, directory), tag: file.tag }], attributes };
  },
});

function about({ bits, geo, width, height, channels }: Header) {
  return { width, height, channels, bit_depth: bits, ...geoAttributes(geo) };
}

/** The files, in natural order (those of an item in theirs). Rejects where none is an error. */
async function listed(params: Params, context: DiscoverContext): Promise<readonly FoundFile[]> {
  const { directory, pattern, recursive, limit } = params;
  const all =
    directory === null
      ? await matchingImages(context, context.upstream ?? [], pattern)
      : await listImages(context, directory, pattern, recursive);
  requireSome(all, params, context);
  return all.slice(0, limit ?? all.length);
}

async function probeAll(
  files: readonly FoundFile[],
  params: Params,
  context: DiscoverContext,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  const choice = chosenOf(params);
  for (let start = 0; start < files.length; start += AT_ONCE) {
    const group = files.slice(start, start + AT_ONCE);
    const looks = await Promise.all(group.map((file) => lookAt(file, choice, context)));
    found.push(...group.map((file, index) => ({ ...file, ...looks[index]! })));
  }
  const bad = found.filter(({ error }) => error !== undefined);
  if (bad.length > 0 && params.unreadable === "warn")
    context.warn(
      `${bad.length} of ${found.length} files have no item: ${bad.map(({ name, error }) => `${name}: ${error}`).join(" ")}`,
    );
  return found;
}

function chosenOf({ channels, part, width, height, raw_type, byte_order }: Params): Choice {
  return { channels, part, width, height, raw_type, byte_order };
}

/** A file that this machine cannot open is told apart from one that is bad: it is looked at again in the next cook. */
async function lookAt(file: FoundFile, choice: Choice, context: DiscoverContext): Promise<Look> {
  try {
    return await context.probe(file, headerOf, choice);
  } catch (cause) {
    return { error: (cause as Error).message };
  }
}
