/** Node types by name. A file's path is its type's name: `nodes/image/augment.ts` is `augment`. */
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NodeDefinition } from "./define.js";

/** A node type that was found and loaded. */
export interface RegisteredNodeType {
  /** `augment`, or `studio/blur` for a project's own. */
  readonly name: string;
  /** File URL of the compiled module that exports it by default. */
  readonly module: string;
  readonly definition: NodeDefinition;
}

/** Where node types come from. Types are loaded when asked for: a graph pays for what it uses. */
export interface Registry {
  readonly names: ReadonlySet<string>;
  /** Undefined for an unknown name. Rejects, with file and message, for a node file that does not load. */
  get(name: string): Promise<RegisteredNodeType | undefined>;
}

/** A node file that cannot be used; the message names it. */
export class NodeFileError extends Error {}

/** A folder of compiled node modules, `<area>/<name>.js`. */
export interface NodeFolder {
  readonly folder: string;
  /** Whether the area is part of the name: `studio/blur.js` is `studio/blur` then, else `blur`. */
  readonly areas?: boolean;
}

/**
 * Scans folders; an absent one has no types. Throws NodeFileError where two files make one name. No file is loaded
 * before its type is asked for.
 */
export function createRegistry(options: { readonly folders: readonly NodeFolder[] }): Registry {
  const files = new Map<string, string>();
  for (const { folder, areas } of options.folders) {
    for (const file of nodeFiles(folder)) {
      const name = (areas === true ? `${basename(dirname(file))}/` : "") + basename(file, ".js");
      const other = files.get(name);
      if (other !== undefined) throw new NodeFileError(`Two files make the node type "${name}": ${other} and ${file}`);
      files.set(name, file);
    }
  }
  const loaded = new Map<string, Promise<RegisteredNodeType>>();
  return {
    names: new Set(files.keys()),
    async get(name) {
      const file = files.get(name);
      if (file === undefined) return undefined;
      const loading = loaded.get(name) ?? load(name, file);
      loaded.set(name, loading);
      return loading;
    },
  };
}

function nodeFiles(folder: string): readonly string[] {
  return subfolders(folder).flatMap((area) =>
    readdirSync(join(folder, area))
      .filter((name) => name.endsWith(".js") && !name.endsWith(".test.js"))
      .sort()
      .map((name) => join(folder, area, name)),
  );
}

function subfolders(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function load(name: string, file: string): Promise<RegisteredNodeType> {
  const url = pathToFileURL(file).href;
  let exported: unknown;
  try {
    exported = ((await import(url)) as { default?: unknown }).default;
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new NodeFileError(`The node type "${name}" does not load: ${file}: ${cause}`, { cause: error });
  }
  if (!isDefinition(exported))
    throw new NodeFileError(
      `The node type "${name}" does not load: ${file}: its default export is not made by defineNode (it needs description, version and params)`,
    );
  return { name, module: url, definition: exported };
}

function isDefinition(value: unknown): value is NodeDefinition {
  if (typeof value !== "object" || value === null) return false;
  const { description, version, params } = value as Record<string, unknown>;
  return (
    typeof description === "string" && typeof version === "number" && typeof params === "object" && params !== null
  );
}
