/**
 * The store on this machine: puts the parts together behind the door of store.ts. Longer than other files for the number of
 * the door's questions; what takes thought is in the parts.
 */
import { join } from "node:path";
import type { Digest } from "../base/hash.js";
import { type CollectParts, collectGarbage, statsOf, verifyAll } from "./collect.js";
import { FileDigests } from "./digests.js";
import { Durability } from "./durability.js";
import { Leases } from "./leases.js";
import { Pending } from "./pending.js";
import { type Placement, Placements } from "./place.js";
import { Publisher } from "./publish.js";
import { isForgotten, Results } from "./results.js";
import type {
  Collected,
  Entry,
  FileDigest,
  Keep,
  KnownFiles,
  Lookup,
  PastCook,
  PastQuery,
  PastResult,
  Publication,
  Published,
  Run,
  Store,
  StoreStats,
  Verification,
} from "./store.js";
import { explain, StoreError } from "./trouble.js";

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

/** Changes that wait are committed when they are more. */
const PENDING_CHANGES = 4096;

export class LocalStore implements Store {
  readonly folder: string;
  readonly boot: string;
  readonly #parts: LocalParts;
  readonly #pending = new Pending();
  readonly #durability: Durability;
  readonly #publisher: Publisher;
  readonly #digests: FileDigests;
  readonly #placements: Placements;
  readonly #leases: Leases;
  readonly #results: Results;

  constructor(parts: LocalParts) {
    const { files, entries, clock, content, epoch, pid } = parts;
    this.folder = parts.folder;
    this.boot = parts.boot;
    this.#parts = parts;
    this.#digests = new FileDigests(files, entries, clock, this.#pending);
    this.#placements = new Placements(files, content, entries, this.#pending, parts.boot);
    this.#leases = new Leases(files, parts.folder, `${epoch}.${pid}`);
    this.#results = new Results({ ...parts, pending: this.#pending });
    this.#durability = new Durability({
      clock,
      sync: async () => void (await Promise.all([entries.sync(), parts.manifests.sync()])),
      failed: (error) => parts.warn(explain(`Cannot make results durable in the store ${parts.folder}`, error).message),
    });
    this.#publisher = new Publisher({
      ...parts,
      durability: this.#durability,
      takeChanges: () => this.#pending.take(),
      committed: (committed, publications) => this.#committed(committed, publications),
    });
    if (!parts.readonly) this.#leases.clearAttempts();
    this.#results.heal();
  }

  lookup(items: readonly { readonly item: string; readonly fingerprint: Digest }[]): readonly Lookup[] {
    return this.#results.lookup(items);
  }

  past(of: PastQuery): readonly PastResult[] {
    return this.#parts.entries.past(of);
  }

  manifest(fingerprint: Digest): string | undefined {
    return this.#parts.entries.manifest(fingerprint);
  }

  lastFingerprint(item: string): Digest | undefined {
    return this.#results.lastFingerprint(item);
  }

  forget(items: readonly string[]): number {
    this.#mustWrite();
    this.#save();
    const known = this.#parts.entries
      .last(items)
      .filter((entry) => entry !== null)
      .filter((entry) => !isForgotten(entry));
    this.#parts.entries.commit({ forgotten: items });
    this.#parts.manifests.append(known.map(({ fingerprint }) => ({ drop: fingerprint })));
    this.#durability.add(known.length);
    // Other items may have had the same results.
    this.#results.forgetRecent();
    return known.length;
  }

  blob(digest: Digest): string {
    return this.#parts.content.path(digest);
  }

  attempt(): string {
    return this.#leases.attempt();
  }

  resume(fingerprint: Digest): string {
    try {
      return this.#leases.resume(fingerprint);
    } catch (error) {
      throw explain(`Cannot take over a resume folder of the store ${this.folder}`, error);
    }
  }

  endResume(fingerprint: Digest): void {
    this.#leases.endResumes([fingerprint]);
  }

  log(run: number, name: string): string {
    return join(this.folder, "logs", String(run), `${name.replaceAll(/[^\w.-]/g, "_")}.log`);
  }

  async publish(batch: readonly Publication[], when: "at_once" | "soon"): Promise<readonly Published[]> {
    this.#mustWrite();
    return this.#publisher.publish(batch, when);
  }

  async place(digest: Digest, target: string): Promise<Placement> {
    this.#mustWrite();
    return this.#placements.place(digest, target);
  }

  async digest(path: string): Promise<FileDigest> {
    const digest = await this.#digests.digest(path);
    if (this.#pending.size > PENDING_CHANGES) this.#save();
    return digest;
  }

  stamped(path: string): FileDigest | undefined {
    return this.#digests.remembered(path);
  }

  placed(target: string): FileDigest | undefined {
    return this.#placements.at(target);
  }

  knownDigests(folder: string, view: string, names: readonly string[]): Promise<KnownFiles> {
    return this.#digests.knownIn(folder, view, names);
  }

  recall(kind: string, key: string): string | undefined {
    return this.recallMany(kind, [key])[0];
  }

  recallMany(kind: string, keys: readonly string[]): readonly (string | undefined)[] {
    const stored = this.#parts.entries.recall(kind, keys);
    return stored.map((value, index) => this.#pending.recall(kind, keys[index]!) ?? value);
  }

  remember(kind: string, key: string, value: string): void {
    this.#pending.remember({ kind, key, value, created: this.#parts.clock.now() });
    if (this.#pending.size > PENDING_CHANGES) this.#save();
  }

  startRun(graph: string): number {
    this.#mustWrite();
    try {
      this.#results.heal();
      return this.#parts.entries.startRun(graph, this.#parts.clock.now());
    } catch (error) {
      throw explain(`Cannot use the store ${this.folder}`, error);
    }
  }

  foretell(run: number, forecast: unknown): void {
    this.#mustWrite();
    try {
      this.#parts.entries.foretell(run, forecast);
    } catch (error) {
      // It is for those who look back: no cook ends for it.
      this.#parts.warn(explain(`Cannot write the run's forecast to the store ${this.folder}`, error).message);
    }
  }

  endRun(run: number, exit: number, counts: Readonly<Record<string, number>>, actual: unknown = null): void {
    this.#mustWrite();
    try {
      this.#save();
      this.#parts.entries.endRun(run, this.#parts.clock.now(), exit, counts, actual);
    } catch (error) {
      this.#parts.warn(explain(`Cannot write the run's end to the store ${this.folder}`, error).message);
    }
  }

  runs(limit: number): readonly Run[] {
    return this.#parts.entries.runs(limit);
  }

  history(type: string): readonly PastCook[] {
    return this.#parts.entries.history(type);
  }

  stats(): StoreStats {
    return statsOf(this.#parts);
  }

  async verify(): Promise<Verification> {
    this.#mustWrite();
    await this.#publisher.flush();
    const verification = await verifyAll(this.#parts);
    this.#results.forgetRecent();
    return verification;
  }

  async gc(keep: Keep): Promise<Collected> {
    this.#mustWrite();
    await this.#publisher.flush();
    this.#save();
    const collected = collectGarbage(this.#parts, keep);
    this.#results.forgetRecent();
    return collected;
  }

  async close(): Promise<void> {
    await this.#publisher.flush();
    try {
      this.#save();
    } catch (error) {
      // What was remembered can be found out again; results are committed already.
      this.#parts.warn(explain(`Cannot write what was remembered to the store ${this.folder}`, error).message);
    } finally {
      await this.#durability.sync();
      this.#parts.entries.close();
      this.#tidy(this.#parts.release);
    }
  }

  #committed(entries: readonly Entry[], publications: readonly Publication[]): void {
    this.#tidy(() => this.#leases.endResumes(entries.map(({ fingerprint }) => fingerprint)));
    this.#tidy(() => this.#leases.release(publications.map(({ directory }) => directory)));
    for (const [place, { item }] of publications.entries()) this.#results.keep(item, entries[place]!);
  }

  /** What cannot be tidied is no trouble of a result that is committed: the next start does it. */
  #tidy(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.warn(explain(`Cannot tidy the store ${this.folder}`, error).message);
    }
  }

  #save(): void {
    if (this.#parts.readonly || this.#pending.size === 0) return;
    const changes = this.#pending.take();
    this.#parts.entries.commit(changes, "soon");
    this.#durability.add(1);
  }

  #mustWrite(): void {
    if (this.#parts.readonly) throw new StoreError(`The store ${this.folder} is open for reading only.`);
  }
}
