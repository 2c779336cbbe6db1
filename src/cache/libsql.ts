/**
 * The store's database in SQLite, through libsql 0.5. Only this file and the schema know SQL or the driver.
 *
 * The driver aborts the process on bound booleans and on blobs, and binds every number as a real: only strings, nulls and
 * integers are bound, integers into columns of that affinity. A row costs it more than the row's text, so bulk reads
 * answer one row for 500 keys, each column a text of as many lines.
 *
 * Results have a number of their own in the order of their commits, so that what was cooked together is read together:
 * keyed by fingerprints, which are random, the same read takes 0.9 s. One file for the whole driver, so that no other
 * need know it: three hundred lines.
 */
import { sep } from "node:path";
import Database from "libsql";
import type { Digest } from "../base/hash.js";
import {
  type Aged,
  type Changes,
  type Entries,
  FORGOTTEN,
  type LostEntry,
  type OpenEntries,
  type Result,
  type Stamp,
  type StampKind,
  type StoredEntry,
  type Totals,
} from "./entries.js";
import { PackedResult } from "./packed.js";
import { ADDED_TO_RUNS, HISTORY, SCHEMA, WRITE } from "./schema.js";
import type { PastCook, PastQuery, PastResult, Run } from "./store.js";
import { FencedError } from "./trouble.js";

const ENTRY_JSON = `'{"fingerprint":"'||e.fingerprint||'",'||coalesce(e.members,'"outputs":null')||',"boot":'
  ||coalesce('"'||e.boot||'"','null')||'}'`;
const BULK = 500;
/** Rows read at once by a scan. */
const PAGE = 1000;
/** 32 MB: a checkpoint costs two rounds of fsync, so that they are rare; replaying as much takes some 30 ms. */
const CHECKPOINT_PAGES = 8192;

type Bound = string | number | null;
type Row = readonly (string | number | null)[];
type Found = readonly (StoredEntry | LostEntry | null)[];

class LibsqlEntries implements Entries {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #readonly: boolean;
  readonly #statements = new Map<string, Database.Statement>();
  #epoch = 0;

  constructor(path: string, readonly: boolean) {
    this.#path = path;
    this.#readonly = readonly;
    this.#database = connect(path);
    this.#database.exec("pragma cache_size = -65536");
    if (readonly) {
      this.#database.exec("pragma query_only = 1");
      return;
    }
    this.#database.pragma("journal_mode = WAL");
    this.#database.exec(`pragma synchronous = FULL; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
    this.#database.exec(SCHEMA);
    const columns = new Set(this.#all("select name from pragma_table_info('runs')", []).map(([name]) => name));
    for (const name of ADDED_TO_RUNS) {
      if (!columns.has(name)) this.#database.exec(`alter table runs add column ${name} text`);
    }
  }

  last(items: readonly string[]): Found {
    return this.#find("left join items i on i.item = j.value left join entries e on e.id = i.entry", items);
  }

  entries(fingerprints: readonly Digest[]): Found {
    return this.#find("left join entries e on e.fingerprint = j.value", fingerprints);
  }

  manifest(fingerprint: Digest): string | undefined {
    const sql = "select m.manifest from manifests m join entries e on e.id = m.entry where e.fingerprint = ?";
    return this.#get(sql, [fingerprint])?.[0] as string | undefined;
  }

  past(of: PastQuery): readonly PastResult[] {
    // None is indexed: it is asked by people, a few times.
    const [where, key] =
      "item" in of
        ? ["m.item = ?", of.item]
        : "node" in of
          ? ["e.node = ?", of.node]
          : ["instr(e.members, ?) > 0", of.digest];
    const sql = `select m.item, e.node, e.fingerprint, m.manifest, e.members from manifests m
      join entries e on e.id = m.entry where ${where} and e.members is not null order by e.id desc limit 100`;
    return this.#all(sql, [key]).map(([item, node, fingerprint, manifest, members]) => {
      const { attributes } = JSON.parse(`{${members}}`) as Pick<StoredEntry, "attributes">;
      return { item, node, fingerprint, manifest, attributes } as PastResult;
    });
  }

  *scan(): Iterable<StoredEntry> {
    const sql = `select e.id, ${ENTRY_JSON}, e.members from entries e`;
    for (const [, entry, members] of this.#pages(sql)) if (members !== null) yield JSON.parse(entry as string);
  }

  *results(): Iterable<Result> {
    const sql = `select e.id, ${ENTRY_JSON}, e.members, e.node, e.type, e.created, m.item, m.name, m.manifest
      from entries e join manifests m on m.entry = e.id`;
    for (const [, entry, members, node, type, created, item, name, manifest] of this.#pages(sql)) {
      if (members !== null) yield { ...JSON.parse(entry as string), item, name, node, type, manifest, created };
    }
  }

  *aged(): Iterable<Aged> {
    const used = new Set(this.#all("select distinct entry from items", []).map(([entry]) => entry));
    for (const [id, fingerprint, created] of this.#pages("select e.id, e.fingerprint, e.created from entries e")) {
      yield { fingerprint: fingerprint as Digest, created: created as number, isLast: used.has(id!) };
    }
  }

  stamp(kind: StampKind, path: string): Stamp | undefined {
    const sql = "select stamp, digest, size from stamps where kind = ? and path = ?";
    const row = this.#get(sql, [kind, path]);
    if (row === undefined) return undefined;
    const [stamp, digest, size] = row;
    return { path, stamp, digest, size } as Stamp;
  }

  stamps(kind: StampKind, folder: string): readonly Stamp[] {
    const sql = `select group_concat('{"path":'||json_quote(path)||',"stamp":"'||stamp||'","digest":"'||digest
      ||'","size":'||size||'}'), max(path)
      from (select * from stamps where kind = ? and path > ? and path < ? order by path limit ${PAGE})`;
    const after = String.fromCharCode(sep.charCodeAt(0) + 1);
    const [from, to] = folder === "" ? ["", "\u{10ffff}"] : [`${folder}${sep}`, `${folder}${after}`];
    const stamps: Stamp[] = [];
    for (let [text, last] = this.#get(sql, [kind, from, to])!; text !== null; ) {
      for (const stamp of JSON.parse(`[${text}]`)) stamps.push(stamp);
      [text, last] = this.#get(sql, [kind, last!, to])!;
    }
    return stamps;
  }

  recall(kind: string, keys: readonly string[]): readonly (string | undefined)[] {
    // `cross` keeps the order of the tables: a plain join reads all memories of the kind for every query.
    const sql = `select j.key, m.value from json_each(?) j cross join memories m on m.kind = ? and m.key = j.value`;
    const values: (string | undefined)[] = new Array(keys.length).fill(undefined);
    for (let from = 0; from < keys.length; from += BULK) {
      const rows = this.#all(sql, [JSON.stringify(keys.slice(from, from + BULK)), kind]);
      for (const [position, value] of rows) values[from + Number(position)] = value as string;
    }
    return values;
  }

  startRun(graph: string, now: number): number {
    return this.#transaction(() => {
      this.#run("insert into runs (graph, started, counts) values (?, ?, '{}')", [graph, now]);
      return this.#get("select max(id) from runs", [])![0] as number;
    });
  }

  foretell(run: number, forecast: unknown): void {
    const bound = [JSON.stringify(forecast), run];
    this.#transaction(() => this.#run("update runs set forecast = ? where id = ?", bound));
  }

  endRun(run: number, now: number, exit: number, counts: Readonly<Record<string, number>>, actual: unknown): void {
    const bound = [now, exit, JSON.stringify(counts), actual === null ? null : JSON.stringify(actual), run];
    const sql = "update runs set ended = ?, exit = ?, counts = ?, actual = ? where id = ?";
    this.#transaction(() => this.#run(sql, bound));
  }

  runs(limit: number): readonly Run[] {
    // All columns: a reader may find a store that no engine of this version has opened to cook, which lacks the last ones.
    const sql = "select * from runs order by id desc limit ?";
    const json = (text: Row[number] | undefined) => (typeof text === "string" ? JSON.parse(text) : null);
    return this.#all(sql, [limit]).map(([id, graph, started, ended, exit, counts, forecast, actual]) => {
      const told = { counts: json(counts), forecast: json(forecast), actual: json(actual) };
      return { id, graph, started, ended, exit, ...told } as unknown as Run;
    });
  }

  history(type: string): readonly PastCook[] {
    return this.#all(HISTORY, [type]).map(([node, micros, bytes, placed, isLost]) => {
      const sizes = isLost === 1 ? { bytes: null, placed: null } : { bytes: Number(bytes), placed: Number(placed) };
      return { node: node as string, seconds: (micros as number) / 1e6, ...sizes };
    });
  }

  totals(): Totals {
    const one = (sql: string) => this.#get(sql, [])![0] as number;
    const types = this.#all(
      "select type, count(*), sum(micros) from entries where members is not null group by type order by type",
      [],
    );
    return {
      entries: one("select count(*) from entries where members is not null"),
      items: one("select count(*) from items"),
      types: types.map(([type, entries, micros]) => {
        return { type: type as string, entries: entries as number, seconds: (micros as number) / 1e6 };
      }),
    };
  }

  commit(changes: Changes): void {
    this.#transaction(() => this.#write(changes));
  }

  isNew(): boolean {
    return this.#storedEpoch() === 0;
  }

  lead(least: number): number {
    this.#database.exec("begin immediate");
    try {
      this.#run("update meta set value = max(value + 1, ?) where key = 'epoch'", [least]);
      this.#epoch = this.#storedEpoch();
      this.#database.exec("commit");
    } catch (error) {
      this.#database.exec("rollback");
      throw error;
    }
    return this.#epoch;
  }

  check(): readonly string[] {
    const rows = this.#all("pragma quick_check", []).map(([line]) => String(line));
    return rows.filter((line) => line !== "ok");
  }

  compact(): void {
    this.#database.exec("vacuum");
  }

  close(): void {
    this.#statements.clear();
    try {
      if (!this.#readonly) this.#database.pragma("wal_checkpoint(TRUNCATE)");
    } catch {
      // A full disk, say: what the log holds is there all the same, and is read from it.
    }
    this.#database.close();
  }

  #write(changes: Changes): void {
    for (const { item, fingerprint } of changes.moved ?? []) this.#run(WRITE.item, [item, fingerprint]);
    for (const fingerprint of changes.durable ?? []) this.#run(WRITE.durable, [fingerprint]);
    for (const fingerprint of changes.lost ?? []) this.#run(WRITE.lost, [fingerprint]);
    for (const result of changes.results ?? []) this.#writeResult(result);
    for (const item of changes.forgotten ?? []) this.#run(WRITE.forgetEntry, [item]);
    for (const fingerprint of changes.dropped ?? []) {
      for (const sql of [WRITE.dropItems, WRITE.dropManifest, WRITE.drop]) this.#run(sql, [fingerprint]);
    }
    for (const { kind, path, stamp, digest, size } of changes.stamps ?? []) {
      this.#run(WRITE.stamp, [kind, path, stamp, digest, size]);
    }
    for (const { kind, path } of changes.unstamped ?? []) this.#run(WRITE.unstamp, [kind, path]);
    for (const { kind, key, value, created } of changes.memories ?? []) {
      this.#run(WRITE.memory, [kind, key, value, created]);
    }
    if (changes.forgetBefore !== undefined) this.#run(WRITE.dropMemories, [changes.forgetBefore]);
  }

  #writeResult(result: Result): void {
    const { fingerprint, outputs, attributes, seconds, boot, node, type, created, item, name, manifest } = result;
    const members = JSON.stringify({ outputs, attributes, seconds }).slice(1, -1);
    this.#run(WRITE.result, [fingerprint, members, Math.round(seconds * 1e6), boot, node, type, created]);
    this.#run(WRITE.manifest, [item, name, manifest, fingerprint]);
    this.#run(WRITE.item, [item, fingerprint]);
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec("begin immediate");
    try {
      if (this.#storedEpoch() !== this.#epoch) throw new FencedError(this.#path);
      const answer = work();
      this.#database.exec("commit");
      return answer;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.inTransaction) this.#database.exec("rollback");
      throw error;
    }
  }

  #storedEpoch(): number {
    return this.#get("select value from meta where key = 'epoch'", [])![0] as number;
  }

  /** `select` answers an entry's id first. */
  *#pages(select: string): Iterable<Row> {
    const sql = `${select} where e.id > ? order by e.id limit ${PAGE}`;
    for (let rows = this.#all(sql, [0]); rows.length > 0; rows = this.#all(sql, [rows.at(-1)![0]!])) yield* rows;
  }

  #find(join: string, keys: readonly string[]): Found {
    const columns = ["e.fingerprint", "e.boot", "e.members"].map((column) => joined(column));
    const sql = `select ${columns.join()} from json_each(?) j ${join}`;
    const found: Found[number][] = [];
    for (let from = 0; from < keys.length; from += BULK) {
      const row = this.#get(sql, [JSON.stringify(keys.slice(from, from + BULK))])!;
      const [fingerprints, boots, members] = row.map((text) => (text as string).split("\n"));
      for (const [place, fingerprint] of (fingerprints as Digest[]).entries()) {
        const text = members![place]!;
        if (fingerprint === "") found.push(null);
        else if (text === "") found.push({ fingerprint, lost: boots![place] === FORGOTTEN ? "forgotten" : "gone" });
        else found.push(new PackedResult(fingerprint, boots![place] || null, text));
      }
    }
    return found;
  }

  #prepared(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      if (statement.reader) statement.raw();
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #run(sql: string, bound: readonly Bound[]): void {
    this.#prepared(sql).run(bound);
  }

  #get(sql: string, bound: readonly Bound[]): Row | undefined {
    return this.#prepared(sql).get(bound) as Row | undefined;
  }

  #all(sql: string, bound: readonly Bound[]): readonly Row[] {
    return this.#prepared(sql).all(bound) as Row[];
  }
}

/** Opens or makes a database file. Throws the driver's error, with a code. */
export const openEntries: OpenEntries = (path, readonly) => new LibsqlEntries(path, readonly);

/** A column of all rows as one text, a line each: a row costs the driver more than its text. No value has a line's end. */
function joined(column: string): string {
  return `group_concat(coalesce(${column}, ''), char(10))`;
}

function connect(path: string): Database.Database {
  try {
    return new Database(path, { timeout: 5000 });
  } catch (error) {
    throw Object.assign(new Error(`cannot open ${path}`, { cause: error }), { code: "SQLITE_CANTOPEN" });
  }
}
