/**
 * Changes on their way into the database. Results are committed by the log alone; they and all that may wait are written to the
 * tables later: when there are many, a while after the last one, or before somebody needs them there; a slice in a transaction,
 * so that others are heard in between.
 * Knows nothing of what the changes mean.
 */
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import type { Durability } from "./durability.js";
import type { Changes, Entries, LogPosition, Result } from "./entries.js";
import { explain, StoreError } from "./errors.js";
import { UNCHANGED } from "./history.js";
import { type CommitLog, LOG_START, logFolder, logState, readLog } from "./log.js";
import { Pending } from "./pending.js";
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
/** The same for results: some 2 kB of memory each. What recovery writes to the tables is no more. */
const UNSAVED_RESULTS = 16_384;
/** Results in a transaction, or a group more: so many take some 40 ms, in which nobody else is heard. */
const SLICE = 2048;
/** Milliseconds until results are written where no others come: who reads beside the engine need not read the log then. */
const IDLE_MS = 500;

/** Results that were committed together; and the log's position behind them. */
interface Group {
  readonly results: readonly Result[];
  readonly end: LogPosition;
}

export class Journal {
  readonly pending = new Pending();
  readonly #unsaved = new Unsaved();
  /** What is unsaved, in the order of the log. */
  #groups: Group[] = [];
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
   * Commits results as one group. Throws the file system's error, and then none of them is committed; or a FencedError where
   * another engine leads, which may have read them or not. That engine reads the log once it leads: what was written by one
   * that leads still after its write is seen by the next.
   */
  commit(results: readonly Result[]): void {
    if (results.length === 0) return;
    const { entries, log } = this.#parts;
    entries.requireLead();
    log.append(results);
    entries.requireLead();
    this.#unsaved.add(results);
    this.#groups.push({ results, end: log.end });
    for (const { item } of results) this.pending.published(item);
    this.pending.forgetKind(UNCHANGED.name);
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
    if (this.pending.size <= PENDING_CHANGES) return;
    if (this.#unsaved.size <= SLICE) this.save();
    else this.saveSoon();
  }

  /** Begins to write all that is not in the tables yet, once what is at hand is done. */
  saveSoon(): void {
    this.#saveIn(0);
  }

  /** Writes to the tables all that is not there yet. Throws the database's error; what was committed is kept, and written with the next. */
  save(): void {
    if (this.#parts.readonly) return;
    this.stopWaiting();
    while (this.pending.size + this.#groups.length > 0) this.#saveSlice();
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
    this.#saveIn(this.#unsaved.size >= UNSAVED_RESULTS ? 0 : IDLE_MS);
  }

  #saveIn(milliseconds: number): void {
    if (this.#isSoon) return;
    this.stopWaiting();
    this.#isSoon = milliseconds === 0;
    this.#callOff = this.#parts.clock.after(milliseconds, () => this.#saveBeside());
  }

  /** Results are committed all the same. */
  #saveBeside(): void {
    this.stopWaiting();
    try {
      this.#saveSlice();
    } catch (error) {
      this.#parts.warn(explain(`Cannot write to the database of the store ${this.#parts.folder}`, error).message);
      return;
    }
    if (this.#groups.length > 0) this.saveSoon();
  }

  /** The oldest groups; what else is pending comes with the last. */
  #saveSlice(): void {
    if (this.pending.size + this.#groups.length === 0) return;
    const { entries, durability } = this.#parts;
    let count = 0;
    let size = 0;
    while (count < this.#groups.length && size < SLICE) size += this.#groups[count++]!.results.length;
    const groups = this.#groups.slice(0, count);
    const isLast = count === this.#groups.length;
    const results = groups.flatMap((group) => group.results);
    const logged = groups.at(-1)?.end;
    const others = isLast ? this.pending.take() : this.pending.takeFound();
    entries.commit({ ...others, results, ...(logged !== undefined && { logged }) }, "soon");
    this.#groups = this.#groups.slice(count);
    this.#unsaved.written(results);
    durability.add(1);
  }
}
