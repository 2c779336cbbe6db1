/**
 * The seam of blobs: bytes by their digest. Asynchronous, since an implementation may fetch them from another machine.
 * Knows nothing of who refers to them.
 */
import type { Digest } from "../base/hash.js";

/** The bytes that are meant, and how many there must be. */
export interface BlobRef {
  readonly digest: Digest;
  readonly size: number;
}

export interface Blobs {
  /** Where a blob is on this machine once it is there: unchecked, for who checks it himself (a worker) or fetches it first. */
  path(digest: Digest): string;
  /** Which of them are not here, or not of their size. */
  absent(blobs: readonly BlobRef[]): Promise<readonly BlobRef[]>;
  /**
   * Read-only files of this machine with the bytes, in the order of `blobs`. Their sizes are checked. Rejects with a StoreError
   * that names the first one that is missing or damaged.
   */
  get(blobs: readonly BlobRef[]): Promise<readonly string[]>;
  /** Takes a file over, which is gone from its place then. Its bytes are hashed: resolves to what they are. */
  put(file: string): Promise<BlobRef>;
}
