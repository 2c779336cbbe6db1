/**
 * The store's database in memory: what libsql.ts does, without SQL. Commits are whole and fenced; those that may be durable
 * later are so with the next sync. Knows nothing of what its rows are for; a test holds it to the answers of the real one.
 */
import type { Digest } from "../../src/base/hash.js";
import {
  type Aged,
  type Changes,
  changesResults,
  type Entries,
  FORGOTTEN,
  type LogPosition,
  type LostEntry,
  type Memory,
  type Result,
  type Stamp,
  type StampKind,
  type StoredEntry,
  type Totals,
} from "../../src/store/entries.js";
import { FencedError } from "../../src/store/errors.js";
import { type PastCook, type Run, UNCHANGED } from "../../src/store/history.js";
import type { PastQuery, PastResult } from "../../src/store/results.js";
import type { Dice } from "../helpers/dice.js";

type Found = readonly (StoredEntry | LostEntry | null)[];

/** A result; `members` is the text of what may be hit, null where that was lost. */
interface Row extends Omit<Result, "outputs" | "attributes" | "seconds"> {
  members: string | null;
  boot: string | null;
}

/** What is in the file. */
export class Tables {
  /** What a loss of power may leave instead, the oldest first. */
  earlier: Tables[] = [];
  /** Whether the power never fails. */
  readonly #lasts: boolean;
  epoch = 0;
  entries = new Map<Digest, Row>();
  items = new Map<string, Digest>();
  stamps = new Map<string, Stamp & { readonly kind: StampKind }>();
  memories = new Map<string, Memory>();
  runs: Run[] = [];
  logged: LogPosition | undefined;

  constructor({ lasts = false } = {}) {
    this.#lasts = lasts;
  }

  /** Before a commit that is durable with the next sync. */
  keepEarlier(): void {
    if (!this.#lasts) this.earlier = [...this.earlier, this.copy()];
  }

  /** As it is now, apart from what is changed later. */
  copy(): Tables {
    const copy = new Tables();
    copy.#take(this);
    return copy;
  }

  /** The power fails. */
  lose(dice: Dice): void {
    const left = dice.from(0, this.earlier.length);
    const found = this.earlier[left];
    this.earlier = [];
    if (found !== undefined) this.#take(found);
  }

  #take({ epoch, entries, items, stamps, memories, runs, logged }: Tables): void {
    this.epoch = epoch;
    this.entries = new Map([...entries].map(([fingerprint, row]) => [fingerprint, { ...row }]));
    this.items = new Map(items);
    this.stamps = new Map(stamps);
    this.memories = new Map(memories);
    this.runs = [...runs];
    this.logged = logged;
  }
}

/** Who looks at every commit before it is done, and after: by throwing before, it fails; whole or not at all. */
export type CommitWatcher = (when: "before" | "after") => void;

export class MemoryEntries implements Entries {
  readonly #tables: Tables;
  readonly #path: string;
  readonly #readonly: boolean;
  readonly #watch: CommitWatcher;
  #epoch = 0;

  constructor(tables: Tables, path: string, readonly: boolean, watch: CommitWatcher) {
    this.#tables = tables;
    this.#path = path;
    this.#readonly = readonly;
    this.#watch = watch;
  }

  last(items: readonly string[]): Found {
    return items.map((item) => {
      const fingerprint = this.#tables.items.get(item);
      return fingerprint === undefined ? null : this.#entry(fingerprint);
    });
  }

  entries(fingerprints: readonly Digest[]): Found {
    return fingerprints.map((fingerprint) => this.#entry(fingerprint));
  }

  manifest(fingerprint: Digest): string | undefined {
    return this.#tables.entries.get(fingerprint)?.manifest;
  }

  past(of: PastQuery): readonly PastResult[] {
    const results = [...this.results()].reverse();
    return results.filter((result) => {
      if ("item" in of) return result.item === of.item;
      return "node" in of ? result.node === of.node : result.outputs.some(({ digest }) => digest === of.digest);
    });
  }

  *scan(): Iterable<StoredEntry> {
    for (const fingerprint of this.#tables.entries.keys()) {
      const entry = this.#entry(fingerprint);
      if (entry !== null && !("lost" in entry)) yield entry;
    }
  }

  *results(): Iterable<Result> {
    for (const { members, ...row } of this.#tables.entries.values())
      if (members !== null) yield { ...row, ...JSON.parse(members) };
  }

  *aged(): Iterable<Aged> {
    const used = new Set(this.#tables.items.values());
    for (const { fingerprint, created } of this.#tables.entries.values())
      yield { fingerprint, created, isLast: used.has(fingerprint) };
  }

  stamp(kind: StampKind, path: string): Stamp | undefined {
    const found = this.#tables.stamps.get(`${kind} ${path}`);
    return found && shown(found);
  }

  stamps(kind: StampKind, folder: string): readonly Stamp[] {
    return [...this.#tables.stamps.values()]
      .filter((stamp) => stamp.kind === kind && (folder === "" || stamp.path.startsWith(`${folder}/`)))
      .map(shown)
      .sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  recall(kind: string, keys: readonly string[]): readonly (string | undefined)[] {
    return keys.map((key) => this.#tables.memories.get(`${kind} ${key}`)?.value);
  }

  startRun(graph: string, now: number): number {
    return this.#transaction(({ runs }) => {
      const id = runs.length + 1;
      runs.push({ id, graph, started: now, ended: null, exit: null, counts: {}, forecast: null, actual: null });
      return id;
    });
  }

  noteForecast(run: number, forecast: unknown): void {
    this.#transaction(({ runs }) => {
      runs[run - 1] = { ...runs[run - 1]!, forecast: structuredClone(forecast) };
    });
  }

  endRun(run: number, ended: number, exit: number, counts: Readonly<Record<string, number>>, actual: unknown): void {
    this.#transaction(({ runs }) => {
      runs[run - 1] = { ...runs[run - 1]!, ended, exit, counts: { ...counts }, actual: structuredClone(actual) };
    });
  }

  runs(limit: number): readonly Run[] {
    return [...this.#tables.runs].reverse().slice(0, limit);
  }

  /** What past cooks took decides nothing: none are told of. */
  pastCooks(): readonly PastCook[] {
    return [];
  }

  totals(): Totals {
    const hits = [...this.scan()].length;
    return { entries: hits, items: this.#tables.items.size, types: [] };
  }

  commit(changes: Changes, durable: "at_once" | "soon" = "at_once"): void {
    this.#transaction((tables) => write(tables, changes), durable);
  }

  logged(): LogPosition | undefined {
    return this.#tables.logged;
  }

  requireLead(): void {
    if (this.#tables.epoch !== this.#epoch) throw new FencedError(this.#path);
  }

  async sync(): Promise<void> {
    this.#watch("before");
    this.#tables.earlier = [];
    this.#watch("after");
  }

  isNew(): boolean {
    return this.#tables.epoch === 0;
  }

  lead(least: number): number {
    this.#watch("before");
    this.#tables.earlier = [];
    this.#tables.epoch = Math.max(this.#tables.epoch + 1, least);
    this.#epoch = this.#tables.epoch;
    this.#watch("after");
    return this.#epoch;
  }

  check(): readonly string[] {
    return [];
  }

  compact(): void {}

  close(): void {}

  #entry(fingerprint: Digest): StoredEntry | LostEntry | null {
    const row = this.#tables.entries.get(fingerprint);
    if (row === undefined) return null;
    if (row.members === null) return { fingerprint, lost: row.boot === FORGOTTEN ? "forgotten" : "gone" };
    return { fingerprint, ...JSON.parse(row.members), boot: row.boot };
  }

  #transaction<T>(work: (tables: Tables) => T, durable: "at_once" | "soon" = "at_once"): T {
    this.#watch("before");
    if (this.#readonly) throw Object.assign(new Error("readonly"), { code: "SQLITE_READONLY" });
    this.requireLead();
    if (durable === "soon") this.#tables.keepEarlier();
    else this.#tables.earlier = [];
    const answer = work(this.#tables);
    this.#watch("after");
    return answer;
  }
}

function forgetHeld({ memories }: Tables): void {
  for (const key of [...memories.keys()]) if (key.startsWith(`${UNCHANGED.name} `)) memories.delete(key);
}

/** In the order of the real one. */
function write(tables: Tables, changes: Changes): void {
  const { entries, items } = tables;
  if (changesResults(changes)) forgetHeld(tables);
  const move = (item: string, fingerprint: Digest): void => {
    if (entries.has(fingerprint)) items.set(item, fingerprint);
  };
  const lose = (fingerprint: Digest | undefined): void => {
    const row = fingerprint && entries.get(fingerprint);
    if (row) row.members = null;
  };
  for (const fingerprint of changes.durable ?? []) {
    const row = entries.get(fingerprint);
    if (row !== undefined) row.boot = null;
  }
  for (const fingerprint of changes.lost ?? []) lose(fingerprint);
  for (const { outputs, attributes, seconds, ...row } of changes.results ?? []) {
    const before = entries.get(row.fingerprint);
    const { node, type } = before ?? row;
    entries.set(row.fingerprint, { ...row, node, type, members: JSON.stringify({ outputs, attributes, seconds }) });
    move(row.item, row.fingerprint);
  }
  for (const { item, fingerprint } of changes.moved ?? []) move(item, fingerprint);
  for (const item of changes.forgotten ?? []) {
    const last = items.get(item);
    lose(last);
    const row = last && entries.get(last);
    if (row) row.boot = FORGOTTEN;
  }
  for (const fingerprint of changes.dropped ?? []) {
    for (const [item, last] of items) if (last === fingerprint) items.delete(item);
    entries.delete(fingerprint);
  }
  writeBeside(tables, changes);
}

function writeBeside(tables: Tables, changes: Changes): void {
  for (const stamp of changes.stamps ?? []) tables.stamps.set(`${stamp.kind} ${stamp.path}`, { ...stamp });
  for (const { kind, path } of changes.unstamped ?? []) tables.stamps.delete(`${kind} ${path}`);
  for (const memory of changes.memories ?? []) tables.memories.set(`${memory.kind} ${memory.key}`, memory);
  if (changes.logged !== undefined) tables.logged = changes.logged;
  const { forgetBefore = Number.NEGATIVE_INFINITY } = changes;
  for (const [key, { created }] of tables.memories) if (created < forgetBefore) tables.memories.delete(key);
}

function shown({ path, stamp, digest, size }: Stamp): Stamp {
  return { path, stamp, digest, size };
}
