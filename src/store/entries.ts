/**
 * The store's database as an argument: results, items' last results, stamps of files, small remembered values and runs.
 * It commits groups of changes whole or not at all, and only for the engine that opened it last. Knows nothing of blobs
 * on disk. The one driver is in libsql.ts.
 */
import type { Digest } from "../base/hash.js";
import type { PastCook, Run } from "./history.js";
import type { Entry, PastQuery, PastResult } from "./results.js";

/** A result as the database has it. */
export interface StoredEntry extends Entry {
  /** The boot of the machine during which its blobs were written, while they may not be durable; else null. */
  readonly boot: string | null;
}

/** A result whose blobs are gone, or that was forgotten: it is no hit any more. */
export interface LostEntry {
  readonly fingerprint: Digest;
  /** `forgotten`: on purpose. */
  readonly lost: "gone" | "forgotten";
}

/** Stands in the place of the boot, in a result that was forgotten on purpose. */
export const FORGOTTEN = "forgotten";

/** A result with all that is kept of it: a line of the manifests, a row of the database. */
export interface Result extends StoredEntry {
  readonly item: string;
  readonly name: string;
  readonly node: string;
  readonly type: string;
  readonly manifest: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** A file as it was when its content was known. */
export interface Stamp {
  readonly path: string;
  readonly stamp: string;
  readonly digest: Digest;
  readonly size: number;
}

/** `file`: one that was hashed; `placed`: one that was put at a user's path; `shard`: a folder of the content store. */
export type StampKind = "file" | "placed" | "shard";

/** A small value that was remembered. */
export interface Memory {
  readonly kind: string;
  readonly key: string;
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
}

/** A place in the commit log: all of lower epochs and pieces is before it, and so many bytes of its own piece. */
export interface LogPosition {
  readonly epoch: number;
  readonly piece: number;
  readonly offset: number;
}

/** What one transaction changes. Done in this order; with any change of results, what was remembered as `UNCHANGED` is forgotten first. */
export interface Changes {
  /** Results whose blobs are known to be durable. */
  readonly durable?: readonly Digest[];
  /** Results whose blobs are gone or damaged: no hit any more, though their manifests stay. */
  readonly lost?: readonly Digest[];
  /** After what was found out before they were made: one that was lost is there again. */
  readonly results?: readonly Result[];
  /** Items that were cached with another result than their last one, since. */
  readonly moved?: readonly { readonly item: string; readonly fingerprint: Digest }[];
  /** Items whose last results are to be made again. */
  readonly forgotten?: readonly string[];
  /** Results to leave out altogether. */
  readonly dropped?: readonly Digest[];
  readonly stamps?: readonly (Stamp & { readonly kind: StampKind })[];
  readonly unstamped?: readonly { readonly kind: StampKind; readonly path: string }[];
  readonly memories?: readonly Memory[];
  /** Remembered values from before this time are left out. */
  readonly forgetBefore?: number;
  /** All of the commit log before this is in the tables. */
  readonly logged?: LogPosition;
}

/** Whether a change is one of results. */
export function changesResults({ moved, lost, results, forgotten, dropped }: Changes): boolean {
  return [moved, lost, results, forgotten, dropped].some((some) => (some?.length ?? 0) > 0);
}

export interface Totals {
  readonly entries: number;
  readonly items: number;
  /** Results by node type. */
  readonly types: readonly { readonly type: string; readonly entries: number; readonly seconds: number }[];
}

/** A result as `gc` judges it. */
export interface Aged {
  readonly fingerprint: Digest;
  /** Milliseconds since the epoch. */
  readonly created: number;
  /** Whether some item had it last. */
  readonly isLast: boolean;
}

export interface Entries {
  /** What each item had last, in the order asked; null for an unknown one. */
  last(items: readonly string[]): readonly (StoredEntry | LostEntry | null)[];
  /** The results of fingerprints, in the order asked; null for an unknown one. */
  entries(fingerprints: readonly Digest[]): readonly (StoredEntry | LostEntry | null)[];
  manifest(fingerprint: Digest): string | undefined;
  /** Results of an item or a node, or with an output of these bytes, the newest first. */
  past(of: PastQuery): readonly PastResult[];
  /** Every result that may be hit. */
  scan(): Iterable<StoredEntry>;
  /** The same with all that is kept of each. */
  results(): Iterable<Result>;
  aged(): Iterable<Aged>;
  stamp(kind: StampKind, path: string): Stamp | undefined;
  /** Those of a folder and all below it; of all where `folder` is "". */
  stamps(kind: StampKind, folder: string): readonly Stamp[];
  /** Values in the order of the keys. */
  recall(kind: string, keys: readonly string[]): readonly (string | undefined)[];
  startRun(graph: string, now: number): number;
  noteForecast(run: number, forecast: unknown): void;
  endRun(run: number, now: number, exit: number, counts: Readonly<Record<string, number>>, actual: unknown): void;
  /** Newest first. */
  runs(limit: number): readonly Run[];
  /** Past cooks of a node type, newest first: the last hundred of each node among the latest. */
  pastCooks(type: string): readonly PastCook[];
  totals(): Totals;
  /**
   * Whole or not at all. Throws a FencedError where another engine has opened the database to cook since. `soon`: a loss of
   * power may take the last of such commits back until `sync`, or a commit without it.
   */
  commit(changes: Changes, durable?: "at_once" | "soon"): void;
  /** What `logged` was last; undefined where it never was. */
  logged(): LogPosition | undefined;
  /** Throws a FencedError where another engine has opened the database to cook since. */
  requireLead(): void;
  /** Makes durable what was committed. */
  sync(): Promise<void>;
  /** Whether no engine has led it yet. */
  isNew(): boolean;
  /** Becomes the one engine that may commit, under a number above all before it and not below `least`. */
  lead(least: number): number;
  /** Problems that the database finds in itself. */
  check(): readonly string[];
  /** Gives unused space back to the disk. */
  compact(): void;
  close(): void;
}

/** Opens or makes the database file; `readonly` refuses every change. Throws the driver's error. */
export type OpenEntries = (path: string, readonly: boolean) => Entries;
