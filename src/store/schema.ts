/**
 * The tables of the store's database, and the statements that change them. `entries.members` is the text of a result as
 * members of a JSON object, so that reading it is joining texts; where it is null the result was lost: it is no hit, but
 * its manifest still says why its item is cooked again.
 */

import { FORGOTTEN } from "./entries.js";

/** Makes what is not there yet. */
export const STORE_SCHEMA = `
create table if not exists meta (key text primary key, value integer) without rowid;
create table if not exists entries (
  id integer primary key, fingerprint text not null unique, members text,
  micros integer not null, boot text, node text not null, type text not null, created integer not null);
create index if not exists entries_type on entries (type);
create table if not exists manifests (entry integer primary key, item text not null, name text not null, manifest text not null);
create table if not exists items (item text primary key, entry integer not null) without rowid;
create table if not exists stamps (
  kind text, path text, stamp text not null, digest text not null, size integer not null,
  primary key (kind, path)) without rowid;
create table if not exists memories (kind text, key text, value text not null, created integer not null,
  primary key (kind, key)) without rowid;
create table if not exists runs (
  id integer primary key autoincrement, graph text not null, started integer not null, ended integer, exit integer,
  counts text not null, forecast text, actual text);
insert or ignore into meta values ('epoch', 0);
`;

/** Columns of `runs` that older stores have not. */
export const ADDED_TO_RUNS = ["forecast", "actual"] as const;

/**
 * Past cooks of a type: of the latest of its results, the last hundred of each node. A file whose digest its manifest names
 * was passed on, and not made.
 */
export const HISTORY = `
with latest as (select id, node from entries where type = ?1 order by id desc limit 20000),
placed as (select id, row_number() over (partition by node order by id desc) as place from latest)
select e.node, e.micros,
  (select coalesce(sum(o.value->>'$.size'), 0) from json_each('{'||e.members||'}', '$.outputs') o
    where o.value->>'$.path' is null and instr(m.manifest, o.value->>'$.digest') = 0),
  (select coalesce(sum(o.value->>'$.size'), 0) from json_each('{'||e.members||'}', '$.outputs') o
    where o.value->>'$.parameter' is not null), e.members is null
from placed p join entries e on e.id = p.id left join manifests m on m.entry = e.id
where p.place <= 100 order by e.id desc`;

/** One statement for each kind of change; those of many rows take them as the text of a JSON array. */
export const WRITE = {
  results: `insert into entries (fingerprint, members, micros, boot, node, type, created)
    select value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6 from json_each(?) where true
    on conflict (fingerprint) do update set members = excluded.members, micros = excluded.micros, boot = excluded.boot, created = excluded.created`,
  manifests: `insert or replace into manifests select e.id, j.value->>1, j.value->>2, j.value->>3
    from json_each(?) j cross join entries e on e.fingerprint = j.value->>0`,
  items: `insert into items select j.value->>0, e.id from json_each(?) j cross join entries e on e.fingerprint = j.value->>1
    where true on conflict (item) do update set entry = excluded.entry`,
  item: `insert into items select ?, id from entries where fingerprint = ?
    on conflict (item) do update set entry = excluded.entry`,
  durable: "update entries set boot = null where fingerprint = ?",
  lost: "update entries set members = null where fingerprint = ?",
  forgetEntry: `update entries set members = null, boot = '${FORGOTTEN}' where id = (select entry from items where item = ?)`,
  dropItems: "delete from items where entry = (select id from entries where fingerprint = ?)",
  dropManifest: "delete from manifests where entry = (select id from entries where fingerprint = ?)",
  drop: "delete from entries where fingerprint = ?",
  stamp: "insert or replace into stamps values (?, ?, ?, ?, ?)",
  unstamp: "delete from stamps where kind = ? and path = ?",
  memory: "insert or replace into memories values (?, ?, ?, ?)",
  dropKind: "delete from memories where kind = ?",
  logged: "insert or replace into meta values ('log_epoch', ?), ('log_piece', ?), ('log_offset', ?)",
  dropMemories: "delete from memories where created < ?",
} as const;
