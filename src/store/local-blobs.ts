/** Blobs in a folder of this machine: the content store behind its seam. */
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import type { BlobRef, Blobs } from "./blobs.js";
import type { Content } from "./content.js";
import { explain, StoreError } from "./errors.js";

export class LocalBlobs implements Blobs {
  readonly #content: Content;
  readonly #files: Files;
  readonly #requireWritable: () => void;

  constructor(content: Content, files: Files, requireWritable: () => void) {
    this.#content = content;
    this.#files = files;
    this.#requireWritable = requireWritable;
  }

  path(digest: Digest): string {
    return this.#content.path(digest);
  }

  async absent(blobs: readonly BlobRef[]): Promise<readonly BlobRef[]> {
    return blobs.filter((blob) => this.#content.sizeOf(blob.digest) !== blob.size);
  }

  async get(blobs: readonly BlobRef[]): Promise<readonly string[]> {
    for (const { digest, size } of blobs) this.#require(digest, size);
    return blobs.map(({ digest }) => this.#content.path(digest));
  }

  async put(file: string): Promise<BlobRef> {
    this.#requireWritable();
    try {
      const digest = await this.#files.digest(file);
      const size = this.#files.lstat(file)?.size ?? 0;
      this.#content.add(file, digest, size);
      return { digest, size };
    } catch (error) {
      throw explain(`Cannot put ${file} into the store`, error);
    }
  }

  #require(digest: Digest, size: number): void {
    const found = this.#content.sizeOf(digest);
    if (found === size) return;
    const what = found === undefined ? "is not there any more" : `has ${found} bytes instead of ${size}`;
    throw new StoreError(
      `The store's file ${this.#content.path(digest)} ${what}. Fix: run "dag cache verify", then cook again.`,
    );
  }
}
