/** Brings the tables to what the commit log says: after an engine ended in the middle, or where they were lost. Publishes nothing. */
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import type { Content } from "./content.js";
import type { Entries, LogPosition, Result } from "./entries.js";
import { endOfEpoch, type Line, LOG_START, lastEpoch, readLog } from "./log.js";

export interface RecoverParts {
  readonly files: Files;
  readonly entries: Entries;
  readonly content: Content;
  /** The log's. */
  readonly folder: string;
}

const BATCH = 5000;

/** What the tables lack is written to them. `end`: the position that they are at then. */
export function recover({ files, entries, folder }: RecoverParts, end: LogPosition): void {
  const from = entries.logged() ?? LOG_START;
  if (replay(entries, readLog(files, folder, from))) entries.commit({ logged: end }, "soon");
}

/** Fills an empty database with the results of the log whose blobs hash right. Returns how many those are. */
export function rebuild({ files, entries, content, folder }: RecoverParts, boot: string): number {
  const checked = new Map<Digest, boolean>();
  const isIntact = ({ outputs }: Result) =>
    outputs.every((output) => {
      if (output.path !== undefined) return true;
      if (!checked.has(output.digest)) checked.set(output.digest, content.isIntact(output));
      return checked.get(output.digest) === true;
    });
  const isAny = replay(entries, readLog(files, folder), (line) =>
    isIntact(line) ? { ...line, boot: line.boot === null ? null : boot } : undefined,
  );
  if (isAny) entries.commit({ logged: endOfEpoch(lastEpoch(files, folder)) });
  return entries.totals().entries;
}

/** Returns whether there was anything. `believe`: what a result is taken for. */
function replay(
  entries: Entries,
  lines: Iterable<Line>,
  believe = (line: Result): Result | undefined => line,
): boolean {
  let isAny = false;
  let results: Result[] = [];
  let dropped: Digest[] = [];
  const commit = () => {
    if (results.length + dropped.length > 0) entries.commit({ results, dropped }, "soon");
    results = [];
    dropped = [];
  };
  for (const line of lines) {
    isAny = true;
    const result = "drop" in line ? undefined : believe(line);
    // A commit writes its results before it drops.
    if (result !== undefined && (dropped.length > 0 || results.length === BATCH)) commit();
    if (result !== undefined) results.push(result);
    else if ("drop" in line) dropped.push(line.drop);
  }
  commit();
  return isAny;
}
