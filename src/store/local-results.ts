/** The results of a store on this machine: looked up in its database, published through its publisher, forgotten on purpose. */
import type { Digest } from "../base/hash.js";
import type { Entries } from "./entries.js";
import { explain } from "./errors.js";
import { isForgotten, type Lookups } from "./lookups.js";
import { Publisher, type PublisherParts } from "./publish.js";
import type { Lookup, PastQuery, PastResult, Publication, Published, Results } from "./results.js";
import type { Workspace } from "./workspace.js";

/** More are not listed. */
const MOST_PAST = 100;

export interface LocalResultsParts extends Omit<PublisherParts, "committed"> {
  readonly entries: Entries;
  readonly epoch: number;
  readonly workspace: Workspace;
  readonly lookups: Lookups;
}

export class LocalResults implements Results {
  readonly token: number;
  readonly #parts: LocalResultsParts;
  readonly #publisher: Publisher;

  constructor(parts: LocalResultsParts) {
    this.#parts = parts;
    this.token = parts.epoch;
    const { lookups, workspace } = parts;
    this.#publisher = new Publisher({
      ...parts,
      committed(entries, publications) {
        workspace.finished(publications);
        for (const [place, { item }] of publications.entries()) lookups.keep(item, entries[place]!);
      },
    });
  }

  lookup(items: readonly { readonly item: string; readonly fingerprint: Digest }[]): readonly Lookup[] {
    return this.#parts.lookups.lookup(items);
  }

  past(of: PastQuery): readonly PastResult[] {
    const { entries, journal } = this.#parts;
    const { unsaved } = journal;
    const others = entries.past(of).filter(({ fingerprint }) => !unsaved.has(fingerprint));
    return [...unsaved.past(of), ...others].slice(0, MOST_PAST);
  }

  manifest(fingerprint: Digest): string | undefined {
    const { entries, journal } = this.#parts;
    return journal.unsaved.manifest(fingerprint) ?? entries.manifest(fingerprint);
  }

  lastFingerprint(item: string): Digest | undefined {
    return this.#parts.lookups.lastFingerprint(item);
  }

  forget(items: readonly string[]): number {
    const { folder, journal, entries, durability, lookups } = this.#parts;
    journal.requireWritable();
    journal.save();
    const known = entries
      .last(items)
      .filter((entry) => entry !== null)
      .filter((entry) => !isForgotten(entry));
    try {
      journal.drop(
        known.map(({ fingerprint }) => fingerprint),
        { forgotten: items },
      );
    } catch (error) {
      throw explain(`Cannot commit to the store ${folder}`, error);
    }
    durability.add(known.length);
    // Other items may have had the same results.
    lookups.forgetRecent();
    return known.length;
  }

  async publish(batch: readonly Publication[], when: "at_once" | "soon"): Promise<readonly Published[]> {
    this.#parts.journal.requireWritable();
    return this.#publisher.publish(batch, when);
  }

  /** Resolves when all that was given is published, or was not. */
  flush(): Promise<void> {
    return this.#publisher.flush();
  }
}
