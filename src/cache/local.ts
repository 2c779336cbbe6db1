/**
 * The store on this machine: puts the parts together behind the door of store.ts. What it knows of recent items it keeps
 * in memory, since only the engine that holds the lock changes results. Longer than other files for the number of the
 * door's questions; what takes thought is in the parts.
 */
import { join } from "node:path";
import type { Digest } from "../base/hash.js";
import { type CollectParts, collectGarbage, statsOf, verifyAll } from "./collect.js";
import { FileDigests } from "./digests.js";
import type { LostEntry, StoredEntry } from "./entries.js";
import { Leases } from "./leases.js";
import { Pending } from "./pending.js";
import { type Placement, Placements } from "./place.js";
import { Publisher } from "./publish.js";
import type {
  Collected,
  Entry,
  FileDigest,
  Keep,
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
  readonly boot: string;
  readonly warn: (message: string) => void;
  /** Gives the lock back. */
  readonly release: () => void;
}

/** More are read from the database again: half a kilobyte each. */
const RECENT_ITEMS = 200_000;
/** Changes that wait are committed when they are more. */
const PENDING_CHANGES = 4096;

export class LocalStore implements Store {
  readonly folder: string;
  readonly #parts: LocalParts;
  readonly #pending = new Pending();
  readonly #publisher: Publisher;
  readonly #digests: FileDigests;
  readonly #placements: Placements;
  readonly #leases: Leases;
  readonly #recent = new Map<string, Entry>();
  /** Results that miss a blob, where that cannot be written down. */
  #lost: ReadonlySet<Digest> = new Set();

  constructor(parts: LocalParts) {
    const { files, entries, clock, content, epoch } = parts;
    this.folder = parts.folder;
    this.#parts = parts;
    this.#digests = new FileDigests(files, entries, clock, this.#pending);
    this.#placements = new Placements(files, content, entries, this.#pending, parts.boot);
    this.#leases = new Leases(files, parts.folder, epoch);
    this.#publisher = new Publisher({
      ...parts,
      takeChanges: () => this.#pending.take(),
      committed: (result, publication) => this.#committed(result, publication),
    });
    if (!parts.readonly) this.#leases.clearAttempts();
    this.#heal();
  }

  lookup(items: readonly { readonly item: string; readonly fingerprint: Digest }[]): readonly Lookup[] {
    const answers: Lookup[] = new Array(items.length);
    const asked: number[] = [];
    for (const [place, { item, fingerprint }] of items.entries()) {
      const entry = this.#recent.get(item);
      if (entry?.fingerprint === fingerprint) answers[place] = { entry, previous: fingerprint, dirty: false };
      else asked.push(place);
    }
    const last = this.#parts.entries.last(asked.map((place) => items[place]!.item));
    const others = asked
      .map((place) => items[place]!.fingerprint)
      .filter((one, index) => last[index]?.fingerprint !== one);
    const reverted = new Map<Digest, StoredEntry>();
    for (const entry of this.#parts.entries.entries(others)) {
      if (entry !== null && !("lost" in entry)) reverted.set(entry.fingerprint, entry);
    }
    for (const [index, place] of asked.entries()) {
      answers[place] = this.#judge(items[place]!.item, items[place]!.fingerprint, last[index] ?? undefined, reverted);
    }
    return answers;
  }

  past(of: PastQuery): readonly PastResult[] {
    return this.#parts.entries.past(of);
  }

  manifest(fingerprint: Digest): string | undefined {
    return this.#parts.entries.manifest(fingerprint);
  }

  lastFingerprint(item: string): Digest | undefined {
    return this.#recent.get(item)?.fingerprint ?? this.#parts.entries.last([item])[0]?.fingerprint;
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
    // Other items may have had the same results.
    this.#recent.clear();
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
    this.#leases.endResume(fingerprint);
  }

  log(run: number, name: string): string {
    return join(this.folder, "logs", String(run), `${name.replaceAll(/[^\w.-]/g, "_")}.log`);
  }

  async publish(publication: Publication): Promise<Published> {
    this.#mustWrite();
    return this.#publisher.publish(publication);
  }

  flush(): Promise<void> {
    return this.#publisher.flush();
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

  knownDigests(folder: string, view: string, names: readonly string[]): Promise<readonly (FileDigest | undefined)[]> {
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
      this.#heal();
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
    this.#recent.clear();
    return verification;
  }

  async gc(keep: Keep): Promise<Collected> {
    this.#mustWrite();
    await this.#publisher.flush();
    this.#save();
    const collected = collectGarbage(this.#parts, keep);
    this.#recent.clear();
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
      this.#parts.entries.close();
      this.#tidy(this.#parts.release);
    }
  }

  #judge(
    item: string,
    fingerprint: Digest,
    last: StoredEntry | LostEntry | undefined,
    reverted: ReadonlyMap<Digest, StoredEntry>,
  ): Lookup {
    const previous = this.#recent.get(item)?.fingerprint ?? last?.fingerprint;
    const found = last?.fingerprint === fingerprint ? last : reverted.get(fingerprint);
    if (found === undefined || "lost" in found || !this.#isThere(found)) {
      return { entry: undefined, previous, dirty: last !== undefined && isForgotten(last) };
    }
    if (previous !== fingerprint) this.#pending.moved(item, fingerprint);
    this.#keep(item, found);
    return { entry: found, previous, dirty: false };
  }

  /** Whether a result may be believed: its blobs were there when we last looked, and are whole since a crash. */
  #isThere(stored: StoredEntry): boolean {
    if (this.#lost.has(stored.fingerprint)) return false;
    if (stored.boot === null || stored.boot === this.#parts.boot) return true;
    const isWhole = stored.outputs.every((output) => this.#parts.content.isIntact(output));
    if (isWhole) this.#pending.durable(stored.fingerprint);
    else this.#pending.lost(stored.fingerprint);
    return isWhole;
  }

  #heal(): void {
    const { content, entries, readonly, warn } = this.#parts;
    const { lost, stamps } = content.missing(() => entries.scan());
    if (readonly) {
      this.#lost = new Set(lost);
    } else if (stamps.length > 0) {
      entries.commit({ lost, stamps: stamps.map((stamp) => ({ ...stamp, kind: "shard" })) });
    }
    if (lost.length === 0) return;
    this.#recent.clear();
    warn(`The store ${this.folder} misses files of ${lost.length} results: their items are cooked again.`);
  }

  #committed(result: StoredEntry & { readonly item: string }, publication: Publication): void {
    const { fingerprint, outputs, attributes, seconds, item } = result;
    this.#tidy(() => this.#leases.endResume(fingerprint));
    this.#tidy(() => this.#leases.release(publication.directory));
    this.#keep(item, { fingerprint, outputs, attributes, seconds });
  }

  /** What cannot be tidied is no trouble of a result that is committed: the next start does it. */
  #tidy(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#parts.warn(explain(`Cannot tidy the store ${this.folder}`, error).message);
    }
  }

  #keep(item: string, entry: Entry): void {
    if (this.#recent.size < RECENT_ITEMS || this.#recent.has(item)) this.#recent.set(item, entry);
  }

  #save(): void {
    if (!this.#parts.readonly && this.#pending.size > 0) this.#parts.entries.commit(this.#pending.take());
  }

  #mustWrite(): void {
    if (this.#parts.readonly) throw new StoreError(`The store ${this.folder} is open for reading only.`);
  }
}

function isForgotten(entry: StoredEntry | LostEntry): boolean {
  return "lost" in entry && entry.lost === "forgotten";
}
