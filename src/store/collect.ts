/**
 * Looks after a store: counts, verifies and removes what nothing refers to. Knows nothing of
 * publishing; its callers see to it that none is under way.
 */
import { join } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import type { Content } from "./content.js";
import type { Entries, StampKind } from "./entries.js";
import { refuseLinks } from "./links.js";
import type { CommitLog } from "./log.js";
import type { Collected, Keep, StoreStats, Verification } from "./store.js";

export interface CollectParts {
  readonly folder: string;
  readonly files: Files;
  readonly entries: Entries;
  readonly clock: Clock;
  readonly content: Content;
  readonly log: CommitLog;
}

const DAY_MS = 86_400_000;

export function statsOf({ folder, files, entries, content }: CollectParts): StoreStats {
  let blobs = 0;
  let blobBytes = 0;
  for (const digest of content.blobs()) {
    blobs += 1;
    blobBytes += files.lstat(content.path(digest))?.size ?? 0;
  }
  const database = ["store.db", "store.db-wal"].map((name) => files.stat(join(folder, name))?.size ?? 0);
  return {
    ...entries.totals(),
    blobs,
    blobBytes,
    databaseBytes: database.reduce((sum, size) => sum + size, 0),
    resumeBytes: bytesUnder(files, join(folder, "resume")),
    logBytes: bytesUnder(files, join(folder, "logs")),
  };
}

/** Reads every blob; removes what is damaged, and marks as lost what misses one. */
export async function verifyAll({ folder, entries, files, content }: CollectParts): Promise<Verification> {
  refuseLinks(files, folder);
  const good = new Set<Digest>();
  const damaged: Digest[] = [];
  for (const digest of [...content.blobs()]) {
    const path = content.path(digest);
    const found = files.lstat(path);
    if (found === undefined) continue;
    if (found.kind === "file" && (await files.digest(path)) === digest) good.add(digest);
    else damaged.push(digest);
  }
  for (const digest of damaged) content.remove(digest);
  const lost: Digest[] = [];
  for (const { fingerprint, outputs } of entries.scan()) {
    const isMissing = outputs.some(
      ({ digest, path }) => path === undefined && !good.has(digest) && !content.has(digest),
    );
    if (isMissing) lost.push(fingerprint);
  }
  entries.commit({ lost, stamps: shardStamps(content) });
  return { blobs: good.size + damaged.length, damaged, lost, database: entries.check() };
}

/** Removes the results that are not kept, and then what nothing refers to. */
export function collectGarbage(parts: CollectParts, keep: Keep): Collected {
  const { folder, files, entries, content, log } = parts;
  refuseLinks(files, folder);
  const before = parts.clock.now() - keep.days * DAY_MS;
  const dropped: Digest[] = [];
  for (const { fingerprint, created, isLast } of entries.aged()) {
    if (created < before && !(keep.last && isLast)) dropped.push(fingerprint);
  }
  const unstamped = (["file", "placed"] as const).flatMap((kind) => vanished(parts, kind));
  entries.commit({ dropped, unstamped, forgetBefore: before });

  const referred = new Set<Digest>();
  const done = new Set<string>();
  for (const { fingerprint, outputs } of entries.scan()) {
    done.add(fingerprint);
    for (const { digest, path } of outputs) if (path === undefined) referred.add(digest);
  }
  const orphans = [...content.blobs()].filter((digest) => !referred.has(digest));
  const bytes = orphans.reduce((sum, digest) => sum + (files.lstat(content.path(digest))?.size ?? 0), 0);
  for (const digest of orphans) content.remove(digest);
  entries.commit({ stamps: shardStamps(content) });

  const isOld = (path: string) => (files.lstat(path)?.changed ?? 0) < before;
  const resume = join(folder, "resume");
  const resumeFolders = removeWhere(
    files,
    resume,
    (name) => done.has(name.split(".")[0]!) || isOld(join(resume, name)),
  );
  const logs = join(folder, "logs");
  const oldLogs = removeWhere(files, logs, (name) => isOld(join(logs, name)));
  // Emitted node code is touched whenever it is used, and made again where it is missing.
  const code = join(folder, "code");
  removeWhere(files, code, (name) => isOld(join(code, name)));
  log.replace(entries.results(), entries.totals().entries, (logged) => entries.commit({ logged }));
  entries.compact();
  return { entries: dropped.length, blobs: orphans.length, bytes, resumeFolders, logs: oldLogs };
}

function shardStamps(content: Content) {
  return content.settle().map((stamp) => ({ ...stamp, kind: "shard" as const }));
}

/** Stamps of files that are no more. */
function vanished({ entries, files }: CollectParts, kind: StampKind) {
  const gone = entries.stamps(kind, "").filter(({ path }) => files.stat(path) === undefined);
  return gone.map(({ path }) => ({ kind, path }));
}

function removeWhere(files: Files, folder: string, isUseless: (name: string) => boolean): number {
  const useless = files.list(folder).filter(isUseless);
  for (const name of useless) files.remove(join(folder, name));
  return useless.length;
}

function bytesUnder(files: Files, path: string): number {
  const found = files.lstat(path);
  if (found?.kind !== "directory") return found?.size ?? 0;
  return files.list(path).reduce((sum, name) => sum + bytesUnder(files, join(path, name)), 0);
}
