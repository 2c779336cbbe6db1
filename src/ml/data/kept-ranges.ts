/**
 * Data ranges that an earlier start of the same training measured, in a folder that outlives it: files with the same stamps are not decoded
 * again. Knows nothing of how ranges are measured.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolders, writeAtomic } from "../../base/files.js";
import { canonicalJson, digestOf } from "../../base/hash.js";
import { stampAt } from "../../base/stamp.js";
import { type Ranged, type RangeParam, type RangeSource, sampleRange } from "./ranges.js";

interface Kept extends Ranged {
  /** Digest of what the range depends on. */
  readonly of: string;
}

/** As `sampleRange`. `folder`: where it was kept, if ever, and is from now on. */
export async function keptRange(folder: string, source: RangeSource, param: RangeParam): Promise<Ranged> {
  // Nothing is decoded.
  if ((param === null || Array.isArray(param)) && source.floats.length === 0) return sampleRange(source, param);
  const path = join(folder, `${source.kind}_range.json`);
  const of = dependenciesOf(source, param);
  const kept = read(path);
  if (kept?.of === of) return kept;
  const { range, warnings } = await sampleRange(source, param);
  // A file may have been changed while it was decoded.
  if (dependenciesOf(source, param) === of) {
    makeFolders(folder);
    writeAtomic(path, JSON.stringify({ of, range, warnings } satisfies Kept));
  }
  return { range, warnings };
}

function dependenciesOf({ sides, floats, ...rest }: RangeSource, param: RangeParam): string {
  const stampOfSide = ({ path, half }: RangeSource["sides"][number]) => [path, half ?? null, stampAt(path)];
  return digestOf(canonicalJson([param, rest, sides.map(stampOfSide), floats.map(({ path }) => path)]));
}

/** Undefined where there is none, or it is damaged. */
function read(path: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Kept;
  } catch {
    return undefined;
  }
}
