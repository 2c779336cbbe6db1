/**
 * The door to the store of results: what the engine asks of it. Knows digests, items' ids and files; nothing of graphs,
 * node types or scheduling. Implementations get the folder, the entries' database and the clock as arguments.
 */
import type { Digest } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import type { OutputFile } from "../workitem/output.js";

/** A committed result. */
export interface Entry {
  readonly fingerprint: Digest;
  readonly outputs: readonly OutputFile[];
  readonly attributes: Readonly<Record<string, Value>>;
  /** Time of the cook alone. */
  readonly seconds: number;
}

/** What the store knows of an item. */
export interface Lookup {
  /** The committed result of the fingerprint asked for, its blobs present. */
  readonly entry: Entry | undefined;
  /** The fingerprint that the item had when it was last cooked or hit. */
  readonly previous: Digest | undefined;
  /** Whether that result was forgotten on purpose (`dag dirty`). */
  readonly dirty: boolean;
}

/** Which past results are meant. */
export type PastQuery = { readonly item: string } | { readonly node: string } | { readonly digest: Digest };

/** A result that was committed once, as far as it is still recorded. */
export interface PastResult {
  readonly item: string;
  readonly node: string;
  readonly fingerprint: Digest;
  readonly manifest: string;
  readonly attributes: Readonly<Record<string, Value>>;
}

/** A result about to be published. */
export interface Publication {
  /** Id of the item: stable from cook to cook. */
  readonly item: string;
  /** The item's name for people, and its node's name and type: for `stats`, `runs` and history. */
  readonly name: string;
  readonly node: string;
  readonly type: string;
  readonly fingerprint: Digest;
  /** Readable; its digest is the fingerprint. */
  readonly manifest: string;
  /** The attempt's folder; files with no `path` and no `source` lie in it under their `name`. */
  readonly directory: string;
  /** `source`: the digest is in the store already (passed on). */
  readonly outputs: readonly (OutputFile & { readonly made: boolean })[];
  readonly attributes: Readonly<Record<string, Value>>;
  readonly seconds: number;
  /** Asked just before the commit: false drops the result (an input changed meanwhile). Absent where nothing outside the store is an input. */
  readonly stillHolds?: (() => Promise<boolean>) | undefined;
}

/** What became of a publication. `refused`: this one alone cannot be committed; the error is in the user's words. */
export type Published =
  | { readonly kind: "published"; readonly entry: Entry }
  | { readonly kind: "dropped" }
  | { readonly kind: "refused"; readonly error: Error };

/** What a file was when it was hashed. */
export interface FileDigest {
  readonly digest: Digest;
  readonly size: number;
  /** Its stamp then, where no later change can have the same. */
  readonly stamp?: string;
}

/** What many files are, in columns, in the order of their names. They are the asker's own, to fill in what is unknown. */
export interface KnownFiles {
  readonly digests: (Digest | undefined)[];
  readonly sizes: number[];
  /** What they are follows from these, as long as they have them; empty where it does not. */
  readonly stamps: string[];
  /** Places of those of which nothing is known. */
  readonly unknown: readonly number[];
}

/** What one cook of an item took, as far as it is known. */
export interface PastCook {
  readonly node: string;
  readonly seconds: number;
  /** What it added to the store; null where its result was lost. */
  readonly bytes: number | null;
  /** What was put at the user's paths; null where its result was lost. */
  readonly placed: number | null;
}

/** One `dag cook`. Times in milliseconds since the epoch. */
export interface Run {
  readonly id: number;
  readonly graph: string;
  readonly started: number;
  readonly ended: number | null;
  readonly exit: number | null;
  /** Items by final state. */
  readonly counts: Readonly<Record<string, number>>;
  /** What it was expected to take, and what it took: JSON, whose shapes the cook knows; null where there is none. */
  readonly forecast: unknown;
  readonly actual: unknown;
}

/** What a store holds. Sizes in bytes. */
export interface StoreStats {
  readonly entries: number;
  /** Items of which a last result is known. */
  readonly items: number;
  readonly types: readonly { readonly type: string; readonly entries: number; readonly seconds: number }[];
  readonly blobs: number;
  readonly blobBytes: number;
  readonly databaseBytes: number;
  readonly resumeBytes: number;
  readonly logBytes: number;
}

export interface Verification {
  readonly blobs: number;
  /** Blobs whose bytes were not those of their digests; they are removed. */
  readonly damaged: readonly Digest[];
  /** Results that miss a blob: their items are cooked again. */
  readonly lost: readonly Digest[];
  /** What the database finds wrong with itself. Opening the store with `rebuild` mends it. */
  readonly database: readonly string[];
}

export interface Keep {
  /** Results, resume folders, logs and remembered values as young as this stay. */
  readonly days: number;
  /** Whether every item's last result stays however old. */
  readonly last: boolean;
}

/** What was removed. */
export interface Collected {
  readonly entries: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly resumeFolders: number;
  readonly logs: number;
}

export interface Store {
  readonly folder: string;
  /** Tells when the machine was switched on: what was written before may not be whole. */
  readonly boot: string;

  /** Bulk, synchronous: one query for many items. Remembers the new fingerprint of an item that is hit. */
  lookup(items: readonly { readonly item: string; readonly fingerprint: Digest }[]): readonly Lookup[];
  /** Results of an item or a node, or with an output of these bytes, the newest first: a hundred at most, and a slow look. */
  past(of: PastQuery): readonly PastResult[];
  /** The readable manifest behind a fingerprint, if it is still there. */
  manifest(fingerprint: Digest): string | undefined;
  /** The fingerprint that an item had last. */
  lastFingerprint(item: string): Digest | undefined;
  /** Forgets what items had (`dag dirty`): they miss at the next cook. Answers how many were known. */
  forget(items: readonly string[]): number;

  /** Absolute path of a blob; read-only. */
  blob(digest: Digest): string;
  /** A new attempt's folder (empty, or not made yet). */
  attempt(): string;
  /** The resume folder of a fingerprint (not made yet), leased to this engine. */
  resume(fingerprint: Digest): string;
  /** Deletes a resume folder: what lies in it came from inputs that changed, and must not be gone on from. */
  endResume(fingerprint: Digest): void;
  /** Path of an item's log in this run. */
  log(run: number, name: string): string;

  /**
   * Publishes each result exactly once, all of a batch in one group, with what others bring meanwhile. Resolves to what became
   * of each, in the batch's order. From then on no end of the process loses a result, and 20 ms later no loss of power; where
   * `seconds` > 1, neither does when it resolves. `soon`: may wait some milliseconds for others that share the commit.
   */
  publish(batch: readonly Publication[], when: "at_once" | "soon"): Promise<readonly Published[]>;

  /**
   * Puts a file at a user's absolute path: nothing to do where it is there unchanged; reflink, else copy; an edited file
   * is moved to `NAME.edited` first. Rejects with a message for the user (no space, not writable, a folder is there).
   */
  place(digest: Digest, target: string): Promise<"kept" | "placed" | "placed_beside_edited">;

  /** The digest of a file remembered by (size, mtime, inode, ctime): no read where nothing changed. */
  digest(path: string): Promise<FileDigest>;
  /**
   * The same for files in a folder and those below it, in the order of their names, where remembered and unchanged. `view`
   * tells apart the ways in which a folder is listed (its glob, say): what one found is remembered together.
   */
  knownDigests(folder: string, view: string, names: readonly string[]): Promise<KnownFiles>;

  /** What is remembered of a file, without a look at it. */
  stamped(path: string): FileDigest | undefined;
  /** What was put at a user's absolute path, without a look at it. */
  placed(target: string): FileDigest | undefined;

  /** Small JSON values by key: discoveries, header probes. */
  recall(kind: string, key: string): string | undefined;
  /** Many at once, in the order of the keys: a tenth of the time. */
  recallMany(kind: string, keys: readonly string[]): readonly (string | undefined)[];
  remember(kind: string, key: string, value: string): void;

  startRun(graph: string): number;
  /** Notes what a run is expected to take. */
  foretell(run: number, forecast: unknown): void;
  /** `actual`: what it took, where something was foretold. */
  endRun(run: number, exit: number, counts: Readonly<Record<string, number>>, actual?: unknown): void;
  runs(limit: number): readonly Run[];
  /** Past cooks of a node type in this store, newest first: the last hundred of each node among the latest. */
  history(type: string): readonly PastCook[];

  stats(): StoreStats;
  /** Reads every blob: damaged ones are removed, and results that miss one are cooked again. */
  verify(): Promise<Verification>;
  /** Removes what nothing refers to, and the results that `keep` does not keep. */
  gc(keep: Keep): Promise<Collected>;

  /** Commits what waits, gives the lock back. */
  close(): Promise<void>;
}
