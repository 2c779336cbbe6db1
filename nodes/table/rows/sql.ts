/**
 * SQLite files read and made, through libsql. Knows no items. A query may come with a graph from strangers, and libsql
 * neither opens read-only nor does without functions that touch files: so a query runs on a copy, and only after its
 * compiled form (`EXPLAIN`) is found to read tables and to call harmless functions alone.
 */
import { constants } from "node:fs";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json } from "dag-cook";
import type { Database } from "libsql";
import type { Table } from "./columns.js";
import { MOST_ROWS } from "./items.js";

/** A query and what stands for its `?`. A type, since it is remembered as JSON with what was read. */
export type Query = { readonly query: string; readonly values: readonly (string | number | boolean)[] };

/** Runs a query. Rejects with a message for the user, which does not name the file. */
export async function queryRows(path: string, { query, values }: Query): Promise<Table> {
  const wal = await stat(`${path}-wal`).catch(() => undefined);
  if (wal !== undefined && wal.size > 0)
    throw new Error("it has changes beside it that are not in it yet (a -wal file); close the program that writes it");
  const folder = await mkdtemp(join(tmpdir(), "dag-sql-"));
  try {
    const copy = join(folder, "copy.db");
    await copyFile(path, copy, constants.COPYFILE_FICLONE);
    const { default: Open } = await import("libsql");
    const database = new Open(copy);
    try {
      return rowsOf(database, query, values);
    } finally {
      database.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf(database: Database, query: string, values: Query["values"]): Table {
  const bound = values.map((value) => (typeof value === "boolean" ? Number(value) : value));
  holdHarmless(database, query, bound);
  const statement = database.prepare(query);
  const columns = statement.columns().map(({ name }) => name);
  const twice = columns.find((name, place) => columns.indexOf(name) !== place);
  if (twice !== undefined)
    throw new Error(`the query answers two columns named "${twice}"; "as" gives one another name`);
  statement.raw(true).safeIntegers(true);
  const rows: (readonly Json[])[] = [];
  for (const row of statement.iterate(bound) as Iterable<readonly unknown[]>) {
    if (rows.length === MOST_ROWS) throw new Error(`the query answers more than ${MOST_ROWS} rows`);
    rows.push(row.map((cell, place) => cellOf(cell, columns[place]!)));
  }
  return { columns, rows };
}

function cellOf(cell: unknown, column: string): Json {
  if (typeof cell === "bigint") {
    if (BigInt(Number(cell)) === cell) return Number(cell);
    throw new Error(`"${column}" holds ${cell}, which is no exact number here; "cast(${column} as text)" reads it`);
  }
  if (cell === null || typeof cell === "string" || typeof cell === "number") return cell;
  throw new Error(`"${column}" holds bytes, which no attribute can; "hex(${column})" reads them`);
}

interface Step {
  readonly opcode: string;
  readonly p2: number;
  readonly p4: string | null;
}

/** Functions of SQLite's core that touch nothing outside and answer the same each time. */
const HARMLESS = new Set(
  `abs avg ceil ceiling changes char coalesce concat concat_ws count cume_dist date datetime dense_rank exp first_value
  floor format glob group_concat hex ifnull iif instr json json_array json_array_length json_extract json_group_array
  json_group_object json_object json_type json_valid julianday lag last_value lead length like likelihood likely ln log
  log10 log2 lower ltrim max median min mod nth_value ntile nullif octet_length percent_rank pi pow power printf quote
  radians degrees rank replace round row_number rtrim sign sin cos tan asin acos atan atan2 sqrt strftime string_agg
  substr substring subtype sum time timediff total trim trunc typeof unhex unicode unixepoch unlikely upper`.split(
    /\s+/,
  ),
);

/** Throws where a query does more than read the tables of its file. */
function holdHarmless(database: Database, query: string, bound: readonly (string | number)[]): void {
  const words = query.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ").trim();
  if (!/^(select|with|values)\b/i.test(words)) throw new Error("the query must begin with SELECT, WITH or VALUES");
  holdSingle(query);
  for (const { opcode, p2, p4 } of database.prepare(`explain ${query}`).all([...bound]) as Step[]) {
    if (opcode === "Transaction" && p2 !== 0) throw new Error("the query writes, and this node type only reads");
    if (opcode === "VOpen") throw new Error("the query reads a virtual table, which could be anything");
    const called = /^(\w+)\(-?\d+\)$/.exec(p4 ?? "")?.[1]?.toLowerCase();
    const calls = /^(PureFunc|Function|AggStep|AggInverse|AggFinal|AggValue)/.test(opcode);
    if (calls && (called === undefined || !HARMLESS.has(called)))
      throw new Error(`the query calls "${called ?? p4}", which is not among the functions that only compute`);
  }
}

/** Throws where another statement follows the first: SQLite would leave it out without a word. */
function holdSingle(query: string): void {
  const tokens = query.matchAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|;/g);
  for (const { 0: token, index } of tokens) {
    if (token !== ";") continue;
    if (/[^\s;]/.test(query.slice(index).replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, " ")))
      throw new Error("there is more than one statement; the query is the one statement before the first semicolon");
    return;
  }
}

/** A column of a table that is made. */
export interface SqlColumn {
  readonly name: string;
  readonly type: "integer" | "real" | "text";
}

/** Makes a database with one table. The same rows give the same bytes. Rejects where the file cannot be written. */
export async function writeTable(
  path: string,
  table: string,
  columns: readonly SqlColumn[],
  rows: readonly (readonly (string | number | boolean | null)[])[],
): Promise<void> {
  const { default: Open } = await import("libsql");
  const database = new Open(path);
  try {
    const declared = columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(", ");
    database.exec(`create table ${quoted(table)} (${declared})`);
    const insert = database.prepare(`insert into ${quoted(table)} values (${columns.map(() => "?").join(", ")})`);
    database.exec("begin");
    for (const row of rows) insert.run(row.map((cell) => (typeof cell === "boolean" ? Number(cell) : cell)));
    database.exec("commit");
  } finally {
    database.close();
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
