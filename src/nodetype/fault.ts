/** What is wrong with a node file, and where. Knows no node types. */

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

/** A text with the paths that its author knows. */
function inSources(text: string, sources: ReadonlyMap<string, string>): string {
  let told = text;
  for (const [path, source] of sources) told = told.replaceAll(`file://${path}`, source).replaceAll(path, source);
  return told;
}
