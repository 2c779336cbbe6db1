/** Files outside a store on this machine: remembered digests and placements behind one part. */
import type { Digest } from "../base/hash.js";
import type { FileDigests } from "./digests.js";
import type { Journal } from "./journal.js";
import type { Placements } from "./place.js";
import type { FileDigest, KnownFiles, Placement, UserFiles } from "./user-files.js";

export class LocalUserFiles implements UserFiles {
  readonly #digests: FileDigests;
  readonly #placements: Placements;
  readonly #journal: Journal;

  constructor(digests: FileDigests, placements: Placements, journal: Journal) {
    this.#digests = digests;
    this.#placements = placements;
    this.#journal = journal;
  }

  async digest(path: string): Promise<FileDigest> {
    const digest = await this.#digests.digest(path);
    this.#journal.noted();
    return digest;
  }

  knownDigests(folder: string, view: string, names: readonly string[]): Promise<KnownFiles> {
    return this.#digests.knownIn(folder, view, names);
  }

  stamped(path: string): FileDigest | undefined {
    return this.#digests.remembered(path);
  }

  async place(digest: Digest, target: string): Promise<Placement> {
    this.#journal.requireWritable();
    return this.#placements.place(digest, target);
  }

  placed(target: string): FileDigest | undefined {
    return this.#placements.at(target);
  }
}
