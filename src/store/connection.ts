/**
 * A connection to a database file through the driver, libsql 0.5: statements, and transactions under the number of the engine
 * that leads. Knows no tables but the one that holds this number.
 *
 * The driver aborts the process on bound booleans and on blobs, and binds every number as a real: only strings, nulls and
 * integers are bound, integers into columns of that affinity.
 */
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import Database from "libsql";
import { FencedError, isUnwritable, StoreError } from "./errors.js";

/** 32 MB: a checkpoint costs two rounds of fsync, so that they are rare; replaying as much takes some 30 ms. */
const CHECKPOINT_PAGES = 8192;

type Bound = string | number | null;
export type Row = readonly (string | number | null)[];

export class Connection {
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #readonly: boolean;
  readonly #statements = new Map<string, Database.Statement>();
  /** Whether a commit waits for the disk. */
  #waits = true;
  /** Whether something was committed that may not be on the disk. */
  #isUnsynced = false;
  #epoch = 0;

  /** Makes the file where it is absent; `schema` makes its tables. Throws the driver's error, with a code. */
  constructor(path: string, readonly: boolean, schema: string) {
    this.#path = path;
    this.#readonly = readonly;
    this.#database = readonly ? connectToRead(path) : connect(path);
    this.#database.exec("pragma cache_size = -65536");
    if (readonly) {
      this.#database.exec("pragma query_only = 1");
      return;
    }
    this.#database.pragma("journal_mode = WAL");
    this.#database.exec(`pragma synchronous = FULL; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES};`);
    this.#database.exec(schema);
  }

  run(sql: string, bound: readonly Bound[]): void {
    this.#prepared(sql).run(bound);
  }

  get(sql: string, bound: readonly Bound[]): Row | undefined {
    return this.#prepared(sql).get(bound) as Row | undefined;
  }

  all(sql: string, bound: readonly Bound[]): readonly Row[] {
    return this.#prepared(sql).all(bound) as Row[];
  }

  /** Whole or not at all. Throws a FencedError where another engine leads since. `durable`: at once, else with the next `sync`. */
  transaction<T>(work: () => T, durable = true): T {
    if (durable !== this.#waits) this.#database.exec(`pragma synchronous = ${durable ? "FULL" : "NORMAL"}`);
    this.#waits = durable;
    this.run("begin immediate", []);
    try {
      this.requireLead();
      const answer = work();
      this.run("commit", []);
      if (!durable) this.#isUnsynced = true;
      return answer;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.inTransaction) this.#database.exec("rollback");
      throw error;
    }
  }

  /** Throws a FencedError where another engine leads since. */
  requireLead(): void {
    if (this.#storedEpoch() !== this.#epoch) throw new FencedError(this.#path);
  }

  /** All commits are in the database's own log, one file: on the disk with it. */
  async sync(): Promise<void> {
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    try {
      await this.#syncLog();
    } catch (error) {
      this.#isUnsynced = true;
      throw error;
    }
  }

  async #syncLog(): Promise<void> {
    const log = await open(`${this.#path}-wal`, "r");
    try {
      await log.sync();
    } finally {
      await log.close();
    }
  }

  isNew(): boolean {
    return this.#storedEpoch() === 0;
  }

  lead(least: number): number {
    this.#database.exec("begin immediate");
    try {
      this.run("update meta set value = max(value + 1, ?) where key = 'epoch'", [least]);
      this.#epoch = this.#storedEpoch();
      this.#database.exec("commit");
    } catch (error) {
      this.#database.exec("rollback");
      throw error;
    }
    return this.#epoch;
  }

  /** Gives unused space back to the disk. */
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

  #storedEpoch(): number {
    return this.get("select value from meta where key = 'epoch'", [])![0] as number;
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
}

/**
 * Beside its file a database has others that readers must be able to make. Where they may not, and no engine has left any, it is
 * read as a file that nobody writes.
 */
function connectToRead(path: string): Database.Database {
  const database = connect(path);
  try {
    database.prepare("select value from meta").raw().get([]);
    return database;
  } catch (error) {
    database.close();
    if (!isUnwritable(error) || existsSync(`${path}-wal`)) throw error;
    return connect(`${pathToFileURL(path)}?immutable=1`);
  }
}

/** Bytes of a path that the database opens: 512, less what it adds for the files beside its own. */
const LONGEST_PATH = 500;

function connect(path: string): Database.Database {
  const bytes = Buffer.byteLength(path);
  if (bytes > LONGEST_PATH)
    throw new StoreError(
      `Cannot open ${path}: the path has ${bytes} bytes, and the database opens ${LONGEST_PATH}. Move the project up.`,
    );
  try {
    return new Database(path, { timeout: 5000 });
  } catch (error) {
    throw Object.assign(new Error(`cannot open ${path}`, { cause: error }), { code: "SQLITE_CANTOPEN" });
  }
}
