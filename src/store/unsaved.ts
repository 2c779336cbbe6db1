/** Results that are in the commit log, and not in the database's tables yet: found here first. Knows no blobs. */
import type { Digest } from "../base/hash.js";
import type { Result, StoredEntry } from "./entries.js";
import type { PastQuery, PastResult } from "./results.js";

export class Unsaved {
  readonly #results = new Map<Digest, Result>();
  /** The last result of each item. */
  readonly #items = new Map<string, Result>();

  get size(): number {
    return this.#results.size;
  }

  add(results: readonly Result[]): void {
    for (const result of results) {
      // The order of the last commits is that of the table.
      this.#results.delete(result.fingerprint);
      this.#results.set(result.fingerprint, result);
      this.#items.set(result.item, result);
    }
  }

  /** They are in the tables now; what was committed after them stays. */
  written(results: readonly Result[]): void {
    for (const result of results) {
      if (this.#results.get(result.fingerprint) === result) this.#results.delete(result.fingerprint);
      if (this.#items.get(result.item) === result) this.#items.delete(result.item);
    }
  }

  drop(fingerprint: Digest): void {
    this.#results.delete(fingerprint);
  }

  /** Undefined where no result of the item is here, though an older one may be in the tables. */
  last(item: string): StoredEntry | undefined {
    const result = this.#items.get(item);
    return result === undefined ? undefined : this.find(result.fingerprint);
  }

  find(fingerprint: Digest): StoredEntry | undefined {
    const result = this.#results.get(fingerprint);
    if (result === undefined) return undefined;
    // Without the rest, so that manifests are not kept in memory.
    const { outputs, attributes, seconds, boot } = result;
    return { fingerprint, outputs, attributes, seconds, boot };
  }

  has(fingerprint: Digest): boolean {
    return this.#results.has(fingerprint);
  }

  manifest(fingerprint: Digest): string | undefined {
    return this.#results.get(fingerprint)?.manifest;
  }

  /** In the order of their last commits. */
  all(): readonly Result[] {
    return [...this.#results.values()];
  }

  /** The newest first. */
  past(of: PastQuery): readonly PastResult[] {
    return this.all()
      .filter((result) => {
        if ("item" in of) return result.item === of.item;
        return "node" in of ? result.node === of.node : result.outputs.some(({ digest }) => digest === of.digest);
      })
      .reverse();
  }

  clear(): void {
    this.#results.clear();
    this.#items.clear();
  }
}
