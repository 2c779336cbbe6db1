/** Files by glob, of a folder or of the upstream item, and what happens where there are none. Knows no items. */
import { type DiscoverContext, type DiscoveredFile, globMatcher, type ParamSchemas, type ParamValues } from "dag-cook";
import { tagOf } from "../made/tag.js";

/** A file that was found; that of an upstream item has no path, and a tag of its own. */
export type FoundFile = Omit<DiscoveredFile, "path"> & { readonly path?: string; readonly tag?: string };

/** The parameters of a listing; what the pattern's default is, each type says. */
export const LISTED = {
  directory: {
    type: ["string", "null"],
    path: "input",
    upstream: true,
    default: null,
    description:
      "Folder with the files, which may differ by upstream item. Without it, the files of the upstream item are taken, once it is cooked; they keep their tags.",
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
} as const satisfies ParamSchemas;

/** The parameter `pattern`, with a default. */
export function patternSchema<const D extends string>(pattern: D) {
  return {
    type: "string",
    default: pattern,
    template: false,
    minLength: 1,
    description: "Glob that a file's path below the folder (with `recursive`, or its name) must match.",
  } as const;
}

type Listed = ParamValues<typeof LISTED> & { readonly pattern: string };

/** The files, in natural order (those of an item in theirs). Rejects with a message for the user where none is an error. */
export async function listFiles(params: Listed, context: DiscoverContext): Promise<readonly FoundFile[]> {
  const { directory, pattern, recursive, limit } = params;
  const all =
    directory === null
      ? matching(context.upstream ?? [], pattern)
      : await context.list(directory, pattern, { recursive });
  requireSome(all, params, context);
  return all.slice(0, limit ?? all.length);
}

/** Warns, or throws with a message for the user, where no file was found and that is not meant. */
export function requireSome(
  found: readonly unknown[],
  { directory, pattern, recursive, no_match }: Listed,
  context: Pick<DiscoverContext, "warn">,
): void {
  if (found.length === 0 && no_match !== "empty") {
    const where = recursive ? "or below it" : 'itself ("recursive" searches below it too)';
    const place = directory === null ? "of the upstream item" : `in the folder ${directory} ${where}`;
    const message = `No file ${place} matches "${pattern}".`;
    if (no_match === "error") throw new Error(`${message} Set "no_match" to "warn" or "empty" where that is meant.`);
    context.warn(message);
  }
}

/** A file as an item's: that of an upstream item with its own tag, else with the one that is given, or that of its name. */
export function taggedFile({ path, name, digest, size, tag: own }: FoundFile, given: string | null) {
  const tag = tagOf(given, name);
  return path === undefined ? { name, digest, size, tag: own ?? tag } : { path, name, digest, size, tag };
}

/** Files whose name fits, wherever in its folders it stands. */
function matching(files: readonly FoundFile[], pattern: string): readonly FoundFile[] {
  const matches = globMatcher(pattern);
  return files.filter(({ name }) => matches(name) || matches(name.slice(name.lastIndexOf("/") + 1)));
}
