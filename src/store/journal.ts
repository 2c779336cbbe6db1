/**
 * Changes on their way into the database: those that may wait are kept until there are many, or until somebody needs them to be
 * there. Knows nothing of what they mean.
 */
import type { Durability } from "./durability.js";
import type { Entries } from "./entries.js";
import { Pending } from "./pending.js";
import { StoreError } from "./trouble.js";

export interface JournalParts {
  readonly folder: string;
  readonly readonly: boolean;
  readonly entries: Entries;
  readonly durability: Durability;
}

/** Changes that wait are committed when there are more. */
const PENDING_CHANGES = 4096;

export class Journal {
  readonly pending = new Pending();
  readonly #parts: JournalParts;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** Throws a StoreError where the store is open for reading only. */
  requireWritable(): void {
    if (this.#parts.readonly) throw new StoreError(`The store ${this.#parts.folder} is open for reading only.`);
  }

  /** Something was added to what is pending. */
  noted(): void {
    if (this.pending.size > PENDING_CHANGES) this.save();
  }

  /** Commits all that is pending. Throws the database's error. */
  save(): void {
    const { readonly, entries, durability } = this.#parts;
    if (readonly || this.pending.size === 0) return;
    entries.commit(this.pending.take(), "soon");
    durability.add(1);
  }
}
