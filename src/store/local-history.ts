/** The history of a store on this machine, in its database. A run's end and its forecast are for those who look back: no cook ends for them. */
import type { Clock } from "../base/clock.js";
import type { Entries } from "./entries.js";
import { explain } from "./errors.js";
import { type History, type MemoryKind, type PastCook, type Run, UNCHANGED } from "./history.js";
import type { Journal } from "./journal.js";
import type { Lookups } from "./lookups.js";
import type { Workspace } from "./workspace.js";

export interface LocalHistoryParts {
  readonly folder: string;
  readonly entries: Entries;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly lookups: Lookups;
  readonly workspace: Workspace;
  readonly warn: (message: string) => void;
}

export class LocalHistory implements History {
  readonly #parts: LocalHistoryParts;

  constructor(parts: LocalHistoryParts) {
    this.#parts = parts;
  }

  recall<Value>(kind: MemoryKind<Value>, key: string): Value | undefined {
    return this.recallMany(kind, [key])[0];
  }

  recallMany<Value>(kind: MemoryKind<Value>, keys: readonly string[]): readonly (Value | undefined)[] {
    const { entries, journal } = this.#parts;
    // With results that are not in the tables yet, what is there of this kind does not hold any more.
    const isEnded = kind.name === UNCHANGED.name && journal.unsaved.size > 0;
    return entries.recall(kind.name, keys).map((stored, place) => {
      const text = journal.pending.recall(kind.name, keys[place]!) ?? (isEnded ? undefined : stored);
      return text === undefined ? undefined : kind.decode(text);
    });
  }

  remember<Value>(kind: MemoryKind<Value>, key: string, value: Value): void {
    const { journal, clock } = this.#parts;
    journal.pending.remember({ kind: kind.name, key, value: kind.encode(value), created: clock.now() });
    journal.noted();
  }

  startRun(graph: string): number {
    const { folder, entries, clock, journal, lookups, workspace } = this.#parts;
    journal.requireWritable();
    try {
      journal.save();
      lookups.heal();
      const run = entries.startRun(graph, clock.now());
      workspace.clearLogs(run);
      return run;
    } catch (error) {
      throw explain(`Cannot use the store ${folder}`, error);
    }
  }

  noteForecast(run: number, forecast: unknown): void {
    const { folder, entries, journal, warn } = this.#parts;
    journal.requireWritable();
    try {
      entries.noteForecast(run, forecast);
    } catch (error) {
      warn(explain(`Cannot write the run's forecast to the store ${folder}`, error).message);
    }
  }

  endRun(run: number, exit: number, counts: Readonly<Record<string, number>>, actual: unknown = null): void {
    const { folder, entries, clock, journal, warn } = this.#parts;
    journal.requireWritable();
    try {
      journal.saveSoon();
      entries.endRun(run, clock.now(), exit, counts, actual);
    } catch (error) {
      warn(explain(`Cannot write the run's end to the store ${folder}`, error).message);
    }
  }

  runs(limit: number): readonly Run[] {
    return this.#parts.entries.runs(limit);
  }

  pastCooks(type: string): readonly PastCook[] {
    const { entries, journal } = this.#parts;
    journal.save();
    return entries.pastCooks(type);
  }
}
