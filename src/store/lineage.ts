/**
 * What a file came from, read from manifests alone: the database may be gone, and the file may lie anywhere, since it is
 * known by its bytes. Knows results and their manifests; no graph.
 */
import type { Digest } from "../base/hash.js";
import { type ManifestFile, type ManifestParts, manifestParts } from "../fingerprint/fields.js";
import type { Result } from "./entries.js";
import type { Line } from "./log.js";

/** A file that an item read. `from`: the result that made it; undefined for a source file. */
export interface LineageInput extends ManifestFile {
  readonly from: Digest | undefined;
}

export interface LineageItem {
  readonly result: Result;
  readonly parts: ManifestParts;
  readonly inputs: readonly LineageInput[];
}

export interface Lineage {
  /** Results that made just these bytes, the latest first; none where no item of the store did. */
  readonly makers: readonly Digest[];
  /** All that is above them, and they themselves. */
  readonly items: ReadonlyMap<Digest, LineageItem>;
  /** Files that no item made, each content once, by name. */
  readonly sources: readonly { readonly digest: Digest; readonly name: string }[];
  /** How many results read a file of these bytes that they did not make. */
  readonly readers: number;
}

/** Traces a file's digest up. A result that was dropped from the store since still tells where its files came from. */
export function lineageOf(digest: Digest, lines: Iterable<Line>): Lineage {
  const results = new Map<Digest, Result>();
  // Of one fingerprint, the last line decides.
  for (const line of lines) if (!("drop" in line)) results.set(line.fingerprint, line);
  const makers = makersIn(results.values());
  const items = new Map<Digest, LineageItem>();
  const sources = new Map<Digest, string>();
  const own = makers.get(digest) ?? [];
  const queue = [...own];
  for (let result = queue.pop(); result !== undefined; result = queue.pop()) {
    if (items.has(result.fingerprint)) continue;
    const parts = manifestParts(result.manifest);
    const inputs = parts.files.map((file) => {
      const maker = makerOf(file, result, makers.get(file.digest) ?? []);
      if (maker !== undefined) queue.push(maker);
      else if (!sources.has(file.digest)) sources.set(file.digest, file.name);
      return { ...file, from: maker?.fingerprint };
    });
    items.set(result.fingerprint, { result, parts, inputs });
  }
  let readers = 0;
  for (const { manifest } of results.values()) if (manifest.includes(digest)) readers += 1;
  return {
    makers: own.map(({ fingerprint }) => fingerprint),
    items,
    sources: [...sources].map(([one, name]) => ({ digest: one, name })).sort((a, b) => (a.name < b.name ? -1 : 1)),
    readers,
  };
}

/** Who made which bytes, the latest first. An item that passes on what it read made nothing. */
function makersIn(results: Iterable<Result>): Map<Digest, Result[]> {
  const makers = new Map<Digest, Result[]>();
  for (const result of results) {
    for (const { digest, path } of result.outputs) {
      if (path !== undefined || result.manifest.includes(digest)) continue;
      const known = makers.get(digest);
      if (known === undefined) makers.set(digest, [result]);
      else if (!known.includes(result)) known.push(result);
    }
  }
  for (const known of makers.values()) known.sort((a, b) => b.created - a.created);
  return makers;
}

/** The one whose bytes a reader had: of several, one of the name that the reader saw, and made before it was read. */
function makerOf({ digest, name }: ManifestFile, reader: Result, makers: readonly Result[]): Result | undefined {
  const before = makers.filter(({ created }) => created <= reader.created);
  const named = before.find(({ outputs }) =>
    outputs.some((output) => output.digest === digest && output.name === name),
  );
  return named ?? before[0] ?? makers[0];
}
