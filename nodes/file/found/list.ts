/** Files of a folder by glob, and what happens where there are none. Knows no items. */
import type { DiscoverDoors, DiscoveredFile, ParamSchemas, ParamValues } from "dag-cook";

/** The parameters of a listing; what the pattern's default is, each type says. */
export const LISTED = {
  directory: { type: "string", path: "input", required: true, description: "Folder with the files." },
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

/** The files, in natural order. Rejects with a message for the user where none matches and that is an error. */
export async function listFiles(
  { directory, pattern, recursive, limit, no_match }: Listed,
  doors: DiscoverDoors,
): Promise<readonly DiscoveredFile[]> {
  const all = await doors.list(directory, pattern, { recursive });
  if (all.length === 0 && no_match !== "empty") {
    const where = recursive ? "or below it" : 'itself ("recursive" searches below it too)';
    const message = `No file in the folder ${directory} ${where} matches "${pattern}".`;
    if (no_match === "error") throw new Error(`${message} Set "no_match" to "warn" or "empty" where that is meant.`);
    doors.warn(message);
  }
  return all.slice(0, limit ?? all.length);
}
