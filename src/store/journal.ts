/**
 * Changes on their way into the database. Results are committed by the log alone; they and all that may wait are written to the
 * tables later, in larger transactions: when there are many, a while after the last one, or before somebody needs them there.
 * Knows nothing of what the changes mean.
 */
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { Durability } from "./durability.js";
import type { Changes, Entries, Result } from "./entries.js";
import { HELD } from "./history.js";
import { type CommitLog, LOG_START, logFolder, logState, readLog } from "./log.js";
import { Pending } from "./pending.js";
import { explain, StoreError } from "./trouble.js";
import { Unsaved } from "./unsaved.js";

export interface JournalParts {
  readonly folder: string;
  readonly files: Files;
  readonly readonly: boolean;
  readonly entries: Entries;
  readonly log: CommitLog;
  readonly durability: Durability;
  readonly clock: Clock;
  readonly warn: (message: string) => void;
}

/** Changes that wait are written when there are more. */
const PENDING_CHANGES = 4096;
/** The same for results: so many take some 40 ms, in which nobody else is heard. */
const UNSAVED_RESULTS = 2048;
/** Milliseconds until results are written where no others come: a reader beside the engine sees them in the tables then. */
const IDLE_MS = 500;

export class Journal {
  readonly pending = new Pending();
  readonly #unsaved = new Unsaved();
  readonly #parts: JournalParts;
  #callOff: (() => void) | undefined;
  #isSoon = false;
  /** What the log was when it was read last. */
  #seen = "";

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** Results that are not in the tables yet. One who only reads looks for them in the log, where another engine adds them. */
  get unsaved(): Unsaved {
    if (this.#parts.readonly) this.#readAhead();
    return this.#unsaved;
  }

  /** Throws a StoreError where the store is open for reading only. */
  requireWritable(): void {
    if (this.#parts.readonly) throw new StoreError(`The store ${this.#parts.folder} is open for reading only.`);
  }

  /**
   * Commits results as one group. Throws a FencedError where another engine leads, or the file system's error; then none of them
   * is committed. Whoever takes over reads the log after it leads: one who leads still after its write is seen by the next.
   */
  commit(results: readonly Result[]): void {
    if (results.length === 0) return;
    const { entries, log } = this.#parts;
    entries.requireLead();
    log.append(results);
    entries.requireLead();
    this.#unsaved.add(results);
    for (const { item } of results) this.pending.published(item);
    this.pending.forgetKind(HELD.name);
    this.#saveLater();
  }

  /** Leaves results out from here on, together with other changes: in the log first. Throws the database's, or the file system's error. */
  drop(fingerprints: readonly Result["fingerprint"][], changes: Changes): void {
    this.save();
    const { entries, log } = this.#parts;
    entries.requireLead();
    log.append(fingerprints.map((drop) => ({ drop })));
    entries.commit({ ...changes, logged: log.end });
  }

  /** Something was added to what is pending. */
  noted(): void {
    if (this.pending.size > PENDING_CHANGES) this.save();
  }

  /** Writes to the tables all that is not there yet. Throws the database's error; what was committed is kept, and written with the next. */
  save(): void {
    const { readonly, entries, log, durability } = this.#parts;
    if (readonly || this.pending.size + this.#unsaved.size === 0) return;
    this.stopWaiting();
    entries.commit({ ...this.pending.take(), results: this.#unsaved.all(), logged: log.end }, "soon");
    this.#unsaved.clear();
    durability.add(1);
  }

  /** Before the end: nothing is written by itself any more. */
  stopWaiting(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#isSoon = false;
  }

  #readAhead(): void {
    const { files, folder, entries } = this.#parts;
    const logs = logFolder(folder);
    const state = logState(files, logs);
    if (state === this.#seen) return;
    this.#seen = state;
    this.#unsaved.clear();
    for (const line of readLog(files, logs, entries.logged() ?? LOG_START)) {
      if ("drop" in line) this.#unsaved.drop(line.drop);
      else this.#unsaved.add([line]);
    }
  }

  #saveLater(): void {
    const isSoon = this.#unsaved.size >= UNSAVED_RESULTS;
    if (this.#callOff !== undefined && (this.#isSoon || !isSoon)) return;
    this.stopWaiting();
    this.#isSoon = isSoon;
    this.#callOff = this.#parts.clock.after(isSoon ? 0 : IDLE_MS, () => this.#saveBeside());
  }

  /** Results are committed all the same. */
  #saveBeside(): void {
    this.stopWaiting();
    try {
      this.save();
    } catch (error) {
      this.#parts.warn(explain(`Cannot write to the database of the store ${this.#parts.folder}`, error).message);
    }
  }
}
