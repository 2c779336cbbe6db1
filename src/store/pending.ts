/**
 * Changes of the database that may wait for the next commit, since losing them costs only time. Knows nothing of when
 * that is.
 */
import type { Digest } from "../base/hash.js";
import type { Changes, Memory, Stamp, StampKind } from "./entries.js";

export class Pending {
  #moved = new Map<string, Digest>();
  #durable = new Set<Digest>();
  #lost = new Set<Digest>();
  #stamps = new Map<string, Stamp & { readonly kind: StampKind }>();
  #memories = new Map<string, Memory>();

  moved(item: string, fingerprint: Digest): void {
    this.#moved.set(item, fingerprint);
  }

  /** The item's last result is a newer one. */
  published(item: string): void {
    this.#moved.delete(item);
  }

  durable(fingerprint: Digest): void {
    this.#durable.add(fingerprint);
  }

  lost(fingerprint: Digest): void {
    this.#lost.add(fingerprint);
  }

  stamp(kind: StampKind, stamp: Stamp): void {
    this.#stamps.set(`${kind} ${stamp.path}`, { ...stamp, kind });
  }

  remember(memory: Memory): void {
    this.#memories.set(`${memory.kind} ${memory.key}`, memory);
  }

  forgetKind(kind: string): void {
    for (const [key, memory] of this.#memories) if (memory.kind === kind) this.#memories.delete(key);
  }

  recall(kind: string, key: string): string | undefined {
    return this.#memories.get(`${kind} ${key}`)?.value;
  }

  get size(): number {
    return this.#moved.size + this.#durable.size + this.#lost.size + this.#stamps.size + this.#memories.size;
  }

  /** What was found out about results that are in the tables, which is then no longer here: before others are written over them. */
  takeFound(): Changes {
    const changes: Changes = { durable: [...this.#durable], lost: [...this.#lost] };
    this.#durable.clear();
    this.#lost.clear();
    return changes;
  }

  /** All of it, which is then no longer here: what it says of results holds once all of those are in the tables. */
  take(): Changes {
    const changes: Changes = {
      ...this.takeFound(),
      moved: [...this.#moved].map(([item, fingerprint]) => ({ item, fingerprint })),
      stamps: [...this.#stamps.values()],
      memories: [...this.#memories.values()],
    };
    this.#moved.clear();
    this.#stamps.clear();
    this.#memories.clear();
    return changes;
  }
}
