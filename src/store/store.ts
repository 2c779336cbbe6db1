/**
 * The store: what the engine keeps between cooks, as an object of parts. Who needs one part takes that part. Knows no graph, no
 * node types and no scheduling.
 */
import type { Digest } from "../base/hash.js";
import type { Blobs } from "./blobs.js";
import type { History } from "./history.js";
import type { Results } from "./results.js";
import type { UserFiles } from "./user-files.js";
import type { Workspace } from "./workspace.js";

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
  /** Bytes by digest. */
  readonly blobs: Blobs;
  /** What items made, by fingerprint. */
  readonly results: Results;
  /** Runs, past cooks, small remembered values. */
  readonly history: History;
  /** Folders of attempts, what a killed cook may resume from, logs. */
  readonly workspace: Pick<Workspace, "attempt" | "resume" | "endResume" | "log">;
  /** Files outside the store: what they are, and those that were placed at users' paths. */
  readonly files: UserFiles;

  stats(): StoreStats;
  /** Reads every blob: damaged ones are removed, and results that miss one are cooked again. */
  verify(): Promise<Verification>;
  /** Removes what nothing refers to, and the results that `keep` does not keep. */
  gc(keep: Keep): Promise<Collected>;
  /** Commits what waits, gives the lock back. */
  close(): Promise<void>;
}
