/** The store on this machine: puts its parts together, and closes them. What takes thought is in the parts. */

import { type CollectParts, collectGarbage, statsOf, verifyAll } from "./collect.js";
import { FileDigests } from "./digests.js";
import { Durability } from "./durability.js";
import { explain } from "./errors.js";
import { Journal } from "./journal.js";
import { LocalBlobs } from "./local-blobs.js";
import { LocalHistory } from "./local-history.js";
import { LocalResults } from "./local-results.js";
import { LocalUserFiles } from "./local-user-files.js";
import { Lookups } from "./lookups.js";
import { Placements } from "./place.js";
import type { Collected, Keep, Store, StoreStats, Verification } from "./store.js";
import { Workspace } from "./workspace.js";

export interface LocalParts extends CollectParts {
  readonly readonly: boolean;
  readonly epoch: number;
  /** Of the engine's process. */
  readonly pid: number;
  readonly boot: string;
  readonly warn: (message: string) => void;
  /** Gives the lock back. */
  readonly release: () => void;
}

export class LocalStore implements Store {
  readonly folder: string;
  readonly boot: string;
  readonly blobs: LocalBlobs;
  readonly results: LocalResults;
  readonly history: LocalHistory;
  readonly workspace: Workspace;
  readonly files: LocalUserFiles;
  readonly #parts: LocalParts;
  readonly #durability: Durability;
  readonly #journal: Journal;
  readonly #lookups: Lookups;

  constructor(parts: LocalParts) {
    const { files, entries, clock, content, log, folder, epoch, pid, boot, warn } = parts;
    this.#parts = parts;
    this.folder = folder;
    this.boot = boot;
    const durability = new Durability({
      clock,
      sync: async () => void (await Promise.all([entries.sync(), log.sync()])),
      failed: (error) => warn(explain(`Cannot make results durable in the store ${folder}`, error).message),
    });
    const journal = new Journal({ ...parts, durability });
    const { pending } = journal;
    const lookups = new Lookups({ ...parts, journal });
    const workspace = new Workspace({ files, folder, owner: `${epoch}.${pid}`, warn });
    this.#durability = durability;
    this.#journal = journal;
    this.#lookups = lookups;
    this.workspace = workspace;
    this.blobs = new LocalBlobs(content, files, () => journal.requireWritable());
    this.results = new LocalResults({ ...parts, durability, journal, lookups, workspace });
    this.history = new LocalHistory({ ...parts, journal, lookups, workspace });
    const digests = new FileDigests(files, entries, clock, pending);
    this.files = new LocalUserFiles(digests, new Placements(files, content, entries, pending, boot), journal);
    if (!parts.readonly) workspace.clearAttempts();
    lookups.heal();
  }

  stats(): StoreStats {
    this.#journal.save();
    return statsOf(this.#parts);
  }

  async verify(): Promise<Verification> {
    this.#journal.requireWritable();
    await this.results.flush();
    this.#journal.save();
    const verification = await verifyAll(this.#parts);
    this.#lookups.forgetRecent();
    return verification;
  }

  async gc(keep: Keep): Promise<Collected> {
    this.#journal.requireWritable();
    await this.results.flush();
    this.#journal.save();
    const collected = collectGarbage(this.#parts, keep);
    this.#lookups.forgetRecent();
    return collected;
  }

  async close(): Promise<void> {
    const { folder, entries, warn, release } = this.#parts;
    await this.results.flush();
    try {
      this.#journal.save();
    } catch (error) {
      // What was remembered can be found out again; results are committed already.
      warn(explain(`Cannot write what was remembered to the store ${folder}`, error).message);
    } finally {
      this.#journal.stopWaiting();
      await this.#durability.sync();
      entries.close();
      this.workspace.tidy(release);
    }
  }
}
