/** The store's database in SQLite: what is written into it, and the whole of it behind the door of entries.ts. */
import { Connection } from "./connection.js";
import {
  type Changes,
  changesResults,
  type Entries,
  type LogPosition,
  type OpenEntries,
  type Result,
} from "./entries.js";
import { UNCHANGED } from "./history.js";
import { Queries } from "./queries.js";
import { ADDED_TO_RUNS, STORE_SCHEMA, WRITE } from "./schema.js";

class LibsqlEntries extends Queries implements Entries {
  readonly #database: Connection;

  constructor(path: string, readonly: boolean) {
    const database = new Connection(path, readonly, STORE_SCHEMA);
    super(database);
    this.#database = database;
    if (readonly) return;
    const columns = new Set(database.all("select name from pragma_table_info('runs')", []).map(([name]) => name));
    for (const name of ADDED_TO_RUNS) {
      if (!columns.has(name)) database.run(`alter table runs add column ${name} text`, []);
    }
  }

  startRun(graph: string, now: number): number {
    return this.#database.transaction(() => {
      this.#database.run("insert into runs (graph, started, counts) values (?, ?, '{}')", [graph, now]);
      return this.#database.get("select max(id) from runs", [])![0] as number;
    });
  }

  noteForecast(run: number, forecast: unknown): void {
    const bound = [JSON.stringify(forecast), run];
    this.#database.transaction(() => this.#database.run("update runs set forecast = ? where id = ?", bound));
  }

  endRun(run: number, now: number, exit: number, counts: Readonly<Record<string, number>>, actual: unknown): void {
    const bound = [now, exit, JSON.stringify(counts), actual === null ? null : JSON.stringify(actual), run];
    const sql = "update runs set ended = ?, exit = ?, counts = ?, actual = ? where id = ?";
    this.#database.transaction(() => this.#database.run(sql, bound));
  }

  commit(changes: Changes, durable: "at_once" | "soon" = "at_once"): void {
    this.#database.transaction(() => this.#write(changes), durable === "at_once");
  }

  logged(): LogPosition | undefined {
    const sql = "select value from meta where key in ('log_epoch', 'log_piece', 'log_offset') order by key";
    const [epoch, offset, piece] = this.#database.all(sql, []).map(([value]) => Number(value));
    return epoch === undefined ? undefined : { epoch, piece: piece!, offset: offset! };
  }

  requireLead(): void {
    this.#database.requireLead();
  }

  sync(): Promise<void> {
    return this.#database.sync();
  }

  isNew(): boolean {
    return this.#database.isNew();
  }

  lead(least: number): number {
    return this.#database.lead(least);
  }

  compact(): void {
    this.#database.compact();
  }

  close(): void {
    this.#database.close();
  }

  #write(changes: Changes): void {
    if (changesResults(changes)) this.#database.run(WRITE.dropKind, [UNCHANGED.name]);
    for (const fingerprint of changes.durable ?? []) this.#database.run(WRITE.durable, [fingerprint]);
    for (const fingerprint of changes.lost ?? []) this.#database.run(WRITE.lost, [fingerprint]);
    this.#writeResults(changes.results ?? []);
    for (const { item, fingerprint } of changes.moved ?? []) this.#database.run(WRITE.item, [item, fingerprint]);
    for (const item of changes.forgotten ?? []) this.#database.run(WRITE.forgetEntry, [item]);
    for (const fingerprint of changes.dropped ?? []) {
      for (const sql of [WRITE.dropItems, WRITE.dropManifest, WRITE.drop]) this.#database.run(sql, [fingerprint]);
    }
    for (const { kind, path, stamp, digest, size } of changes.stamps ?? []) {
      this.#database.run(WRITE.stamp, [kind, path, stamp, digest, size]);
    }
    for (const { kind, path } of changes.unstamped ?? []) this.#database.run(WRITE.unstamp, [kind, path]);
    for (const { kind, key, value, created } of changes.memories ?? []) {
      this.#database.run(WRITE.memory, [kind, key, value, created]);
    }
    const { logged } = changes;
    if (logged !== undefined) this.#database.run(WRITE.logged, [logged.epoch, logged.piece, logged.offset]);
    if (changes.forgetBefore !== undefined) this.#database.run(WRITE.dropMemories, [changes.forgetBefore]);
  }

  /** A statement costs the driver more than its rows' text. */
  #writeResults(results: readonly Result[]): void {
    if (results.length === 0) return;
    const text = (row: (result: Result) => readonly unknown[]): string => JSON.stringify(results.map(row));
    const rows = text(({ fingerprint, outputs, attributes, seconds, boot, node, type, created }) => {
      const members = JSON.stringify({ outputs, attributes, seconds }).slice(1, -1);
      return [fingerprint, members, Math.round(seconds * 1e6), boot, node, type, created];
    });
    this.#database.run(WRITE.results, [rows]);
    const manifests = text(({ fingerprint, item, name, manifest }) => [fingerprint, item, name, manifest]);
    this.#database.run(WRITE.manifests, [manifests]);
    this.#database.run(WRITE.items, [text(({ fingerprint, item }) => [item, fingerprint])]);
  }
}

/** Opens or makes a database file. Throws the driver's error, with a code. */
export const openEntries: OpenEntries = (path, readonly) => new LibsqlEntries(path, readonly);
