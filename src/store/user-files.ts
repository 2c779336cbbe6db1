/**
 * Files outside the store: the digests of sources, remembered as long as a file keeps its stamp, and outputs that were placed at
 * users' paths. Knows nothing of what the files are.
 */
import type { Digest } from "../base/hash.js";

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

export type Placement = "kept" | "placed" | "placed_beside_edited";

export interface UserFiles {
  /** The digest of a file remembered by (size, mtime, inode, ctime): no read where nothing changed. */
  digest(path: string): Promise<FileDigest>;
  /**
   * The same for files in a folder and those below it, in the order of their names, where remembered and unchanged. `view`
   * tells apart the ways in which a folder is listed (its glob, say): what one found is remembered together.
   */
  knownDigests(folder: string, view: string, names: readonly string[]): Promise<KnownFiles>;
  /** What is remembered of a file, without a look at it. */
  stamped(path: string): FileDigest | undefined;
  /**
   * Puts a blob at a user's absolute path: nothing to do where it is there unchanged; reflink, else copy; an edited file
   * is moved to `NAME.edited` first. Rejects with a message for the user (no space, not writable, a folder is there).
   */
  place(digest: Digest, target: string): Promise<Placement>;
  /** What was placed at a user's absolute path, without a look at it. */
  placed(target: string): FileDigest | undefined;
}
