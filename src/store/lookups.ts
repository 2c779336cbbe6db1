/**
 * The results that items have: looked up for many at once, believed only where their blobs are there and whole. What is
 * known of recent items is kept in memory, since only the engine that holds the lock changes results. Publishes nothing.
 */
import type { Digest } from "../base/hash.js";
import type { Content } from "./content.js";
import type { Entries, LostEntry, StoredEntry } from "./entries.js";
import type { Journal } from "./journal.js";
import type { Entry, Lookup } from "./results.js";

/** More are read from the database again: half a kilobyte each. */
const RECENT_ITEMS = 200_000;

export interface LookupParts {
  readonly folder: string;
  readonly content: Content;
  readonly entries: Entries;
  readonly journal: Pick<Journal, "pending" | "unsaved">;
  readonly boot: string;
  readonly readonly: boolean;
  readonly warn: (message: string) => void;
}

export class Lookups {
  readonly #parts: LookupParts;
  readonly #recent = new Map<string, Entry>();
  /** Results that miss a blob, where that cannot be written down. */
  #lost: ReadonlySet<Digest> = new Set();

  constructor(parts: LookupParts) {
    this.#parts = parts;
  }

  lookup(items: readonly { readonly item: string; readonly fingerprint: Digest }[]): readonly Lookup[] {
    const lookups: Lookup[] = new Array(items.length);
    const asked: number[] = [];
    for (const [place, { item, fingerprint }] of items.entries()) {
      const entry = this.#recent.get(item);
      if (entry?.fingerprint === fingerprint) lookups[place] = { entry, previous: fingerprint, dirty: false };
      else asked.push(place);
    }
    const last = this.#last(asked.map((place) => items[place]!.item));
    const others = asked
      .map((place) => items[place]!.fingerprint)
      .filter((one, index) => last[index]?.fingerprint !== one);
    const reverted = new Map<Digest, StoredEntry>();
    for (const entry of this.#find(others)) {
      if (entry !== null && !("lost" in entry)) reverted.set(entry.fingerprint, entry);
    }
    for (const [index, place] of asked.entries()) {
      lookups[place] = this.#evaluate(
        items[place]!.item,
        items[place]!.fingerprint,
        last[index] ?? undefined,
        reverted,
      );
    }
    return lookups;
  }

  lastFingerprint(item: string): Digest | undefined {
    return this.#recent.get(item)?.fingerprint ?? this.#last([item])[0]?.fingerprint;
  }

  /** Others may have changed results: what is known of recent items is asked anew. */
  forgetRecent(): void {
    this.#recent.clear();
  }

  /** Looks whether the blobs of all results are there, as far as another hand may have been at them. */
  heal(): void {
    const { folder, content, entries, journal, readonly, warn } = this.#parts;
    const { lost, stamps } = content.missing(function* () {
      yield* entries.scan();
      yield* journal.unsaved.all();
    });
    if (readonly) {
      this.#lost = new Set(lost);
    } else if (stamps.length > 0) {
      entries.commit({ lost, stamps: stamps.map((stamp) => ({ ...stamp, kind: "shard" })) });
    }
    if (lost.length === 0) return;
    this.#recent.clear();
    warn(`The store ${folder} misses files of ${lost.length} results: their items are cooked again.`);
  }

  /** An item has this result now. */
  keep(item: string, entry: Entry): void {
    if (this.#recent.size < RECENT_ITEMS || this.#recent.has(item)) this.#recent.set(item, entry);
  }

  /** What each item had last; of those that are not in the tables yet, from the log. */
  #last(items: readonly string[]): readonly (StoredEntry | LostEntry | null)[] {
    const { entries, journal } = this.#parts;
    const { unsaved } = journal;
    return merged(
      items,
      (item) => unsaved.last(item),
      // The tables may have a result of that fingerprint that was lost, or forgotten, before it was made again.
      (others) => entries.last(others).map((entry) => (entry && unsaved.find(entry.fingerprint)) ?? entry),
    );
  }

  #find(fingerprints: readonly Digest[]): readonly (StoredEntry | LostEntry | null)[] {
    const { entries, journal } = this.#parts;
    const { unsaved } = journal;
    return merged(
      fingerprints,
      (each) => unsaved.find(each),
      (others) => entries.entries(others),
    );
  }

  #evaluate(
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
    if (previous !== fingerprint) this.#parts.journal.pending.moved(item, fingerprint);
    this.keep(item, found);
    return { entry: found, previous, dirty: false };
  }

  /** Whether a result may be believed: its blobs were there when we last looked, and are whole since a crash. */
  #isThere(stored: StoredEntry): boolean {
    if (this.#lost.has(stored.fingerprint)) return false;
    if (stored.boot === null || stored.boot === this.#parts.boot) return true;
    const isWhole = stored.outputs.every((output) => this.#parts.content.isIntact(output));
    if (isWhole) this.#parts.journal.pending.durable(stored.fingerprint);
    else this.#parts.journal.pending.lost(stored.fingerprint);
    return isWhole;
  }
}

/** One answer for each key: what `first` knows, else what `rest` does, which is asked once for all. */
function merged<Key, Found>(
  keys: readonly Key[],
  first: (key: Key) => Found | undefined,
  rest: (keys: readonly Key[]) => readonly (Found | LostEntry | null)[],
): readonly (Found | LostEntry | null)[] {
  const found = keys.map(first);
  const others = keys.filter((_, place) => found[place] === undefined);
  const lookups = rest(others).values();
  return others.length === keys.length ? [...lookups] : found.map((each) => each ?? lookups.next().value!);
}

/** Whether a result was forgotten on purpose. */
export function isForgotten(entry: StoredEntry | LostEntry): boolean {
  return "lost" in entry && entry.lost === "forgotten";
}
