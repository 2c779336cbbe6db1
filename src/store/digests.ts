/**
 * Digests of files outside the store, remembered by size, mtime, inode and ctime. Knows nothing of what the files are.
 *
 * A file that changed less than two seconds before it was hashed is not remembered: it might change again within the same
 * tick of the file system's clock and keep its stamp (FAT's tick is the longest, two seconds). An older one cannot: any
 * later change gives it another ctime.
 */
import { dirname, join, sep } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import { Columns } from "./columns.js";
import type { Entries, Stamp } from "./entries.js";
import { explain, StoreError } from "./errors.js";
import type { Pending } from "./pending.js";
import type { FileDigest, KnownFiles } from "./user-files.js";

const GRANULARITY_MS = 2000;
const ATTEMPTS = 3;
/** Of the remembered columns. */
const KIND = "listing";
const SMALL_BYTES = 1 << 18;

export class FileDigests {
  readonly #files: Files;
  readonly #entries: Entries;
  readonly #clock: Clock;
  readonly #pending: Pending;
  readonly #known = new Map<string, Stamp>();
  readonly #preloaded = new Set<string>();
  readonly #columns = new Map<string, Columns>();
  readonly #hashing = new Map<string, Promise<FileDigest>>();

  constructor(files: Files, entries: Entries, clock: Clock, pending: Pending) {
    this.#files = files;
    this.#entries = entries;
    this.#clock = clock;
    this.#pending = pending;
  }

  /** Of the file as it is now. Rejects with a StoreError where it cannot be read, or does not hold still. */
  async digest(path: string): Promise<FileDigest> {
    const remembered = this.remembered(path);
    if (remembered !== undefined && this.#files.stat(path)?.stamp === remembered.stamp) return remembered;
    let hashing = this.#hashing.get(path);
    if (hashing === undefined) {
      hashing = this.#hash(path).finally(() => this.#hashing.delete(path));
      this.#hashing.set(path, hashing);
    }
    return hashing;
  }

  /** The same for files in a folder, in the order of their names, where they are remembered and unchanged. */
  async knownIn(folder: string, view: string, names: readonly string[]): Promise<KnownFiles> {
    // The looks begin, and go on beside the database's work.
    const looks = this.#files.stamps(folder, names);
    const prefix = join(folder, sep);
    const key = `${prefix}\n${view}`;
    const columns = this.#columnsOf(key, names, prefix.slice(0, -sep.length));
    const stamps = await looks;
    const { digests, sizes, unknown } = columns.at(stamps);
    const unseen = unknown.filter((place) => {
      const stamp = stamps[place]!;
      const remembered = stamp === "" ? undefined : this.remembered(join(folder, names[place]!));
      if (remembered?.stamp !== stamp) return true;
      columns.put(place, stamp, remembered);
      digests[place] = remembered.digest;
      sizes[place] = remembered.size;
      return false;
    });
    if (columns.isWorthWriting) {
      columns.fresh = 0;
      this.#pending.remember({ kind: KIND, key, value: String(columns), created: this.#clock.now() });
    }
    return { digests, sizes, unknown: unseen, stamps: [...stamps] };
  }

  #columnsOf(key: string, names: readonly string[], folder: string): Columns {
    let columns = this.#columns.get(key);
    if (columns?.isOf(names) === true) return columns;
    const text = this.#entries.recall(KIND, [key])[0];
    columns = text === undefined ? undefined : Columns.parse(text, names);
    if (columns === undefined) {
      columns = Columns.empty(names);
      this.#preload(folder);
    }
    this.#columns.set(key, columns);
    return columns;
  }

  #preload(folder: string): void {
    if (this.#isPreloaded(folder)) return;
    for (const stamp of this.#entries.stamps("file", folder)) {
      if (!this.#known.has(stamp.path)) this.#known.set(stamp.path, stamp);
    }
    this.#preloaded.add(folder);
  }

  /** What is known of a file, without a look at it. */
  remembered(path: string): Stamp | undefined {
    const known = this.#known.get(path);
    if (known !== undefined || this.#isPreloaded(dirname(path))) return known;
    const stored = this.#entries.stamp("file", path);
    if (stored !== undefined) this.#known.set(path, stored);
    return stored;
  }

  #isPreloaded(folder: string): boolean {
    for (let here = folder; ; here = dirname(here)) {
      if (this.#preloaded.has(here)) return true;
      if (here === dirname(here)) return false;
    }
  }

  async #hash(path: string): Promise<FileDigest> {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const started = this.#clock.now();
        const before = this.#files.stat(path);
        if (before?.kind === "other") throw new StoreError(`${path} is a pipe, a socket or a device, not a file.`);
        // A stream costs four times what a small file's bytes do.
        const isSmall = before !== undefined && before.size <= SMALL_BYTES;
        const digest = isSmall ? this.#files.digestNow(path) : await this.#files.digest(path);
        if (before === undefined || this.#files.stat(path)?.stamp !== before.stamp) continue;
        const { stamp, size, changed } = before;
        if (changed < started - GRANULARITY_MS) {
          const remembered: Stamp = { path, stamp, digest, size };
          this.#known.set(path, remembered);
          this.#pending.stamp("file", remembered);
          return remembered;
        }
        return { digest, size };
      }
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw explain(`Cannot read ${path}`, error);
    }
    throw new StoreError(`Cannot read ${path}: it keeps changing. Wait until whatever writes it has ended.`);
  }
}
