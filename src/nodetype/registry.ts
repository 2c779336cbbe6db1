/**
 * Node types by name. A file's path is its type's name: this package's `nodes/image/augment.js` is `augment`, a project's
 * `nodes/studio/blur.ts` is `studio/blur`. Knows where files lie and how they load, nothing of graphs.
 */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { codeOf } from "../base/code.js";
import type { NodeDefinition } from "./define.js";
import { Emitter } from "./emit.js";
import { faultOfLoading, NodeFileError } from "./fault.js";
import { type NodeSource, nodeSources } from "./sources.js";

/** A node type that was found and loaded. */
export interface RegisteredNodeType {
  /** `augment`, or `studio/blur` for a project's own. */
  readonly name: string;
  /** File URL of the JavaScript that exports it by default: what workers import. */
  readonly module: string;
  /** The files that `module` was made from; absent where it is its own source. */
  readonly sources?: readonly string[];
  readonly definition: NodeDefinition;
}

/** Where node types come from. Types are loaded when asked for: a graph pays for what it uses. */
export interface Registry {
  readonly names: ReadonlySet<string>;
  /** Undefined for an unknown name. Rejects with a NodeFileError for a node file that cannot be used. */
  get(name: string): Promise<RegisteredNodeType | undefined>;
}

export interface RegistryOptions {
  /** Folders of compiled modules, `<area>/<name>.js`, imported where they are; the area is not part of the name. */
  readonly compiled?: readonly string[];
  /** Folders of sources, `<area>/…/<name>.ts` or `.js`; the path is the name. */
  readonly sources?: readonly string[];
  /** Where the JavaScript of sources is put. */
  readonly code?: string;
}

/** Scans folders; an absent one has no types. No file is loaded before its type is asked for. */
export function createRegistry({ compiled = [], sources = [], code = ".dag/code" }: RegistryOptions): Registry {
  const found = [...compiled.flatMap(compiledFiles), ...sources.flatMap(nodeSources)];
  const byName = new Map<string, NodeSource[]>();
  for (const source of found) byName.set(source.name, [...(byName.get(source.name) ?? []), source]);
  const names = [...byName].filter(([, files]) => files.some(({ helper }) => helper === undefined));
  const emitter = new Emitter(code);
  const loaded = new Map<string, Promise<RegisteredNodeType>>();
  return {
    names: new Set(names.map(([name]) => name)),
    async get(name) {
      const files = byName.get(name);
      if (files === undefined) return undefined;
      const loading = loaded.get(name) ?? load(name, files, emitter);
      loaded.set(name, loading);
      return loading;
    },
  };
}

/** All types that load, by name, and what is wrong with the others. */
export async function loadAll(
  registry: Registry,
): Promise<{ readonly types: readonly RegisteredNodeType[]; readonly faults: readonly NodeFileError[] }> {
  const types: RegisteredNodeType[] = [];
  const faults: NodeFileError[] = [];
  // One after another: jest's loader does not take modules that are asked for at once.
  for (const name of [...registry.names].sort()) {
    try {
      types.push((await registry.get(name))!);
    } catch (error) {
      if (!(error instanceof NodeFileError)) throw error;
      faults.push(error);
    }
  }
  return { types, faults };
}

function compiledFiles(folder: string): readonly NodeSource[] {
  return subfolders(folder).flatMap((area) =>
    readdirSync(join(folder, area))
      .filter((name) => name.endsWith(".js") && !name.endsWith(".test.js"))
      .sort()
      .map((file) => ({ name: basename(file, ".js"), file: join(folder, area, file), compiled: true })),
  );
}

function subfolders(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

async function load(name: string, files: readonly NodeSource[], emitter: Emitter): Promise<RegisteredNodeType> {
  const [first, other] = files.filter(({ helper }) => helper === undefined);
  if (first !== undefined && other !== undefined)
    throw new NodeFileError(`Two files make the node type "${name}": ${first.file} and ${other.file}`);
  const source = first ?? files[0]!;
  try {
    if (source.helper !== undefined) throw new NodeFileError(`${source.file}: ${source.helper}`);
    return await loadFile(name, source, emitter);
  } catch (error) {
    if (!(error instanceof NodeFileError)) throw error;
    throw new NodeFileError(`The node type "${name}" does not load: ${error.message}`, { cause: error });
  }
}

async function loadFile(name: string, { file, compiled }: NodeSource, emitter: Emitter): Promise<RegisteredNodeType> {
  const { module, sources } =
    compiled === true
      ? { module: pathToFileURL(file).href, sources: new Map([[file, file]]) }
      : await emitter.emit(file);
  let exported: unknown;
  try {
    exported = ((await import(module)) as { default?: unknown }).default;
  } catch (error) {
    throw faultOfLoading(error, file, sources);
  }
  if (!isDefinition(exported))
    throw new NodeFileError(
      `${file}: its default export is not made by defineNode (it needs description, version and params)`,
    );
  return { name, module, definition: exported, ...(compiled !== true && { sources: [...sources.values()] }) };
}

function isDefinition(value: unknown): value is NodeDefinition {
  if (typeof value !== "object" || value === null) return false;
  const { description, version, params } = value as Record<string, unknown>;
  return (
    typeof description === "string" && typeof version === "number" && typeof params === "object" && params !== null
  );
}
