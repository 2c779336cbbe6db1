/**
 * What is read from the store's database. A row costs the driver more than the row's text, so bulk reads answer one row for 500
 * keys, each column a text of as many lines. Writes nothing.
 *
 * Results have a number of their own in the order of their commits, so that what was cooked together is read together:
 * keyed by fingerprints, which are random, the same read takes 0.9 s.
 */
import { sep } from "node:path";
import type { Digest } from "../base/hash.js";
import type { Connection, Row } from "./connection.js";
import {
  type Aged,
  FORGOTTEN,
  type LostEntry,
  type Result,
  type Stamp,
  type StampKind,
  type StoredEntry,
  type Totals,
} from "./entries.js";
import type { PastCook, Run } from "./history.js";
import { PackedResult } from "./packed.js";
import type { PastQuery, PastResult } from "./results.js";
import { HISTORY } from "./schema.js";

const ENTRY_JSON = `'{"fingerprint":"'||e.fingerprint||'",'||coalesce(e.members,'"outputs":null')||',"boot":'
  ||coalesce('"'||e.boot||'"','null')||'}'`;
const BULK = 500;
/** Rows read at once by a scan. */
const PAGE = 1000;
type Found = readonly (StoredEntry | LostEntry | null)[];

/** The reading half of `Entries`. */
export class Queries {
  readonly #database: Connection;

  constructor(database: Connection) {
    this.#database = database;
  }

  last(items: readonly string[]): Found {
    return this.#find("left join items i on i.item = j.value left join entries e on e.id = i.entry", items);
  }

  entries(fingerprints: readonly Digest[]): Found {
    return this.#find("left join entries e on e.fingerprint = j.value", fingerprints);
  }

  manifest(fingerprint: Digest): string | undefined {
    const sql = "select m.manifest from manifests m join entries e on e.id = m.entry where e.fingerprint = ?";
    return this.#database.get(sql, [fingerprint])?.[0] as string | undefined;
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
    return this.#database.all(sql, [key]).map(([item, node, fingerprint, manifest, members]) => {
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
    const used = new Set(this.#database.all("select distinct entry from items", []).map(([entry]) => entry));
    for (const [id, fingerprint, created] of this.#pages("select e.id, e.fingerprint, e.created from entries e")) {
      yield { fingerprint: fingerprint as Digest, created: created as number, isLast: used.has(id!) };
    }
  }

  stamp(kind: StampKind, path: string): Stamp | undefined {
    const sql = "select stamp, digest, size from stamps where kind = ? and path = ?";
    const row = this.#database.get(sql, [kind, path]);
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
    for (let [text, last] = this.#database.get(sql, [kind, from, to])!; text !== null; ) {
      for (const stamp of JSON.parse(`[${text}]`)) stamps.push(stamp);
      [text, last] = this.#database.get(sql, [kind, last!, to])!;
    }
    return stamps;
  }

  recall(kind: string, keys: readonly string[]): readonly (string | undefined)[] {
    // `cross` keeps the order of the tables: a plain join reads all memories of the kind for every query.
    const sql = `select j.key, m.value from json_each(?) j cross join memories m on m.kind = ? and m.key = j.value`;
    const values: (string | undefined)[] = new Array(keys.length).fill(undefined);
    for (let from = 0; from < keys.length; from += BULK) {
      const rows = this.#database.all(sql, [JSON.stringify(keys.slice(from, from + BULK)), kind]);
      for (const [position, value] of rows) values[from + Number(position)] = value as string;
    }
    return values;
  }

  runs(limit: number): readonly Run[] {
    // All columns: a reader may find a store that no engine of this version has opened to cook, which lacks the last ones.
    const sql = "select * from runs order by id desc limit ?";
    const json = (text: Row[number] | undefined) => (typeof text === "string" ? JSON.parse(text) : null);
    return this.#database.all(sql, [limit]).map(([id, graph, started, ended, exit, counts, forecast, actual]) => {
      const told = { counts: json(counts), forecast: json(forecast), actual: json(actual) };
      return { id, graph, started, ended, exit, ...told } as unknown as Run;
    });
  }

  pastCooks(type: string): readonly PastCook[] {
    return this.#database.all(HISTORY, [type]).map(([node, micros, bytes, placed, isLost]) => {
      const sizes = isLost === 1 ? { bytes: null, placed: null } : { bytes: Number(bytes), placed: Number(placed) };
      return { node: node as string, seconds: (micros as number) / 1e6, ...sizes };
    });
  }

  totals(): Totals {
    const one = (sql: string) => this.#database.get(sql, [])![0] as number;
    const types = this.#database.all(
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

  check(): readonly string[] {
    const rows = this.#database.all("pragma quick_check", []).map(([line]) => String(line));
    return rows.filter((line) => line !== "ok");
  }

  /** `select` answers an entry's id first. */
  *#pages(select: string): Iterable<Row> {
    const sql = `${select} where e.id > ? order by e.id limit ${PAGE}`;
    for (let rows = this.#database.all(sql, [0]); rows.length > 0; rows = this.#database.all(sql, [rows.at(-1)![0]!]))
      yield* rows;
  }

  #find(join: string, keys: readonly string[]): Found {
    const columns = ["e.fingerprint", "e.boot", "e.members"].map((column) => joined(column));
    const sql = `select ${columns.join()} from json_each(?) j ${join}`;
    const found: Found[number][] = [];
    for (let from = 0; from < keys.length; from += BULK) {
      const row = this.#database.get(sql, [JSON.stringify(keys.slice(from, from + BULK))])!;
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
}

/** A column of all rows as one text, a line each: a row costs the driver more than its text. No value has a line's end. */
function joined(column: string): string {
  return `group_concat(coalesce(${column}, ''), char(10))`;
}
