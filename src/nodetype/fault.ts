/** What is wrong with a node file, and where. Knows no node types. */

import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** A node file that cannot be used; the message names it, with line and column where they are known. */
export class NodeFileError extends Error {}

/** A fault at an offset of a text. */
export function faultAt(file: string, text: string, offset: number, message: string): NodeFileError {
  const lines = text.slice(0, offset).split("\n");
  return new NodeFileError(`${file}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}: ${message}`);
}

/**
 * A fault from what Node threw when it loaded a module: the first place in one of the `sources` (by the path under which
 * Node knows them) that its stack names.
 */
export function faultOfLoading(error: unknown, file: string, sources: ReadonlyMap<string, string>): NodeFileError {
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const places = stack.matchAll(/(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^\s():]*\.m?js):(\d+)(?::(\d+))?/g);
  for (const [, path = "", line, column] of places) {
    const source = sources.get(decodeURI(path));
    if (source === undefined) continue;
    const place = column === undefined ? line : `${line}:${column}`;
    return new NodeFileError(`${source}:${place}: ${inSources(message, sources)}`, { cause: error });
  }
  return new NodeFileError(`${file}: ${inSources(message, sources)}`, { cause: error });
}

/** The file in a folder of emitted code that says, by path below it, what each file was made from. */
export const SOURCES_FILE = "sources.json";

/** A text, such as a stack, with the paths that the author of a module knows; as it is where the module is its own source. */
export function inAuthorsPaths(text: string, module: string): string {
  for (let folder = dirname(fileURLToPath(module)); folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, SOURCES_FILE);
    if (!existsSync(file)) continue;
    const made = JSON.parse(readFileSync(file, "utf8")) as Readonly<Record<string, string>>;
    return inSources(text, new Map(Object.entries(made).map(([path, source]) => [join(folder, path), source])));
  }
  return text;
}

/** A text with the paths of sources in the place of those under which Node knows them. */
export function inSources(text: string, sources: ReadonlyMap<string, string>): string {
  let rewritten = text;
  for (const [path, source] of sources)
    rewritten = rewritten.replaceAll(`file://${path}`, source).replaceAll(path, source);
  return rewritten;
}
