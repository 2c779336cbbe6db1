/**
 * The seam of results: what items made, by fingerprint. Many are looked up at once, and published under a token: of several
 * engines only the one with the highest token (its epoch) commits. Knows digests, items' IDs and files; no graph, no blobs.
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
  /** Readable; its digest is the fingerprint, but of a result that was kept under other code (`dag accept`). */
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

/** Synchronous where it only reads: an engine has its results on its own machine. */
export interface Results {
  /** The epoch of the engine that opened them; 0 where they are open for reading only. */
  readonly token: number;
  /** One query for many items, answered in their order. Remembers the new fingerprint of an item that is cached. */
  lookup(items: readonly { readonly item: string; readonly fingerprint: Digest }[]): readonly Lookup[];
  /** Results of an item or a node, or with an output of these bytes, the newest first: a hundred at most, and a slow look. */
  past(of: PastQuery): readonly PastResult[];
  /** The readable manifest behind a fingerprint, if it is still there. */
  manifest(fingerprint: Digest): string | undefined;
  /** The fingerprint that an item had last. */
  lastFingerprint(item: string): Digest | undefined;
  /** Forgets what items had (`dag dirty`): they are cooked again. Returns how many were known. */
  forget(items: readonly string[]): number;
  /**
   * Publishes each result exactly once, all of a batch in one group, with what others bring meanwhile. Resolves to what became
   * of each, in the batch's order. From then on no end of the process loses a result, and 20 ms later no loss of power; where
   * `seconds` > 1, neither does when it resolves. `soon`: may wait some milliseconds for others that share the commit.
   */
  publish(batch: readonly Publication[], when: "at_once" | "soon"): Promise<readonly Published[]>;
}
