/**
 * The content store: files named by the digests of their bytes, read-only, in 256 folders. Knows nothing of who refers
 * to them.
 *
 * That a result's blobs are there is not asked file by file (100k stats take 0.3 s). Every commit notes its folders'
 * stamps; a folder that still has its stamp has lost nothing, and after another's hand or a crash `missing` looks through
 * the folders that differ.
 */
import { dirname, join } from "node:path";
import { codeOf } from "../base/code.js";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import type { OutputFile } from "../workitem/output.js";
import type { Stamp } from "./entries.js";
import { StoreError } from "./errors.js";

const ABSENT = "absent";
/** The file system makes files durable together that are asked for together. */
const SYNCED_AT_ONCE = 16;

export class Content {
  readonly folder: string;
  readonly #files: Files;
  /** The stamp that each folder had after our last change to it, everything committed being there. */
  readonly #known: Map<string, string>;
  /** Folders that we changed since the last `settle`. */
  readonly #touched = new Set<string>();
  /** Folders that another hand has changed meanwhile: they get no stamp until they were looked through. */
  readonly #doubtful = new Set<string>();

  constructor(files: Files, folder: string, known: readonly Stamp[]) {
    this.#files = files;
    this.folder = folder;
    this.#known = new Map(known.map(({ path, stamp }) => [path, stamp]));
  }

  path(digest: Digest): string {
    return join(this.folder, digest.slice(0, 2), digest.slice(2));
  }

  has(digest: Digest): boolean {
    return this.sizeOf(digest) !== undefined;
  }

  /** Bytes; undefined where it is not there. */
  sizeOf(digest: Digest): number | undefined {
    const found = this.#files.lstat(this.path(digest));
    return found?.kind === "file" ? found.size : undefined;
  }

  /**
   * Moves a file of this digest and size into the store; where the right bytes are there already, leaves it. Throws a
   * StoreError where the file is not as said, or the file system's error.
   */
  add(file: string, digest: Digest, size: number): void {
    if (this.#isRight(digest, size)) return;
    const found = this.#files.lstat(file);
    if (found?.kind !== "file") throw new StoreError(`${file} was said to be made, but ${notAFile(found?.kind)}.`);
    if (found.size !== size) {
      throw new StoreError(`${file} has changed since it was hashed: ${size} bytes then, ${found.size} now.`);
    }
    const path = this.path(digest);
    this.#touch(digest.slice(0, 2));
    this.#files.protect(file);
    try {
      this.#files.rename(file, path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
      this.#files.makeDirectory(dirname(path));
      this.#files.rename(file, path);
    }
  }

  remove(digest: Digest): void {
    this.#touch(digest.slice(0, 2));
    this.#files.remove(this.path(digest));
  }

  /** Makes blobs and their names durable. */
  async sync(digests: readonly Digest[]): Promise<void> {
    const paths = [...new Set(digests)].map((digest) => this.path(digest));
    for (let from = 0; from < paths.length; from += SYNCED_AT_ONCE)
      await Promise.all(paths.slice(from, from + SYNCED_AT_ONCE).map((path) => this.#files.sync(path)));
    await Promise.all([...new Set(paths.map((path) => dirname(path)))].map((shard) => this.#files.sync(shard)));
    if (paths.length > 0) await this.#files.sync(this.folder);
  }

  /** Whether an output is as it was made; one that lies outside the store is not looked at. */
  isIntact({ digest, size, path }: OutputFile): boolean {
    return path !== undefined || this.#isRight(digest, size);
  }

  /** The stamps of the folders changed since the last call, to be committed with what changed them. */
  settle(): readonly Stamp[] {
    const stamps: Stamp[] = [];
    for (const shard of this.#touched) {
      if (this.#doubtful.has(shard)) continue;
      const stamp = this.#stampOf(shard);
      this.#known.set(shard, stamp);
      stamps.push(shardStamp(shard, stamp));
    }
    this.#touched.clear();
    return stamps;
  }

  /**
   * Looks through the folders that another hand or a crash has changed. Answers which of `entries` (asked for only where
   * such a folder is found) miss a blob, and the stamps that hold once those are marked as lost.
   */
  missing(entries: () => Iterable<{ readonly fingerprint: Digest; readonly outputs: readonly OutputFile[] }>): {
    readonly lost: readonly Digest[];
    readonly stamps: readonly Stamp[];
  } {
    const changed = new Map<string, { readonly stamp: string; readonly names: ReadonlySet<string> }>();
    // Most are absent from a small store: one look is cheaper than one each.
    const present = new Set(this.#files.list(this.folder));
    for (const shard of SHARDS) {
      const stamp = present.has(shard) ? this.#stampOf(shard) : ABSENT;
      if (stamp === (this.#known.get(shard) ?? ABSENT) && !this.#doubtful.has(shard)) continue;
      changed.set(shard, { stamp, names: new Set(this.#files.list(join(this.folder, shard))) });
    }
    if (changed.size === 0) return { lost: [], stamps: [] };
    // Asked once more, since an engine that cooks beside a reader may have added it meanwhile.
    const isMissing = ({ digest, path }: OutputFile) =>
      path === undefined && changed.get(digest.slice(0, 2))?.names.has(digest.slice(2)) === false && !this.has(digest);
    const lost: Digest[] = [];
    for (const { fingerprint, outputs } of entries()) if (outputs.some(isMissing)) lost.push(fingerprint);
    for (const [shard, { stamp }] of changed) this.#known.set(shard, stamp);
    this.#doubtful.clear();
    return { lost, stamps: [...changed].map(([shard, { stamp }]) => shardStamp(shard, stamp)) };
  }

  /** The digests of all that is there. */
  *blobs(): Iterable<Digest> {
    for (const shard of SHARDS) {
      for (const name of this.#files.list(join(this.folder, shard))) yield `${shard}${name}` as Digest;
    }
  }

  #isRight(digest: Digest, size: number): boolean {
    const path = this.path(digest);
    return this.sizeOf(digest) === size && this.#files.digestNow(path) === digest;
  }

  #touch(shard: string): void {
    if (this.#touched.has(shard)) return;
    if (this.#stampOf(shard) !== (this.#known.get(shard) ?? ABSENT)) this.#doubtful.add(shard);
    this.#touched.add(shard);
  }

  #stampOf(shard: string): string {
    return this.#files.stat(join(this.folder, shard))?.stamp ?? ABSENT;
  }
}

const SHARDS: readonly string[] = Array.from({ length: 256 }, (_, index) => index.toString(16).padStart(2, "0"));

function shardStamp(shard: string, stamp: string): Stamp {
  // A folder has no digest: its stamp is all.
  return { path: shard, stamp, digest: "" as Digest, size: 0 };
}

function notAFile(kind: string | undefined): string {
  return kind === undefined ? "is not there" : kind === "link" ? "is a link: write the file itself" : "is no file";
}
