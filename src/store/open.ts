/**
 * Opens a store: its format, its lock, its database, which is built anew where it is damaged. Knows nothing of what is
 * then asked of it.
 */
import { join, resolve } from "node:path";
import type { Clock } from "../base/clock.js";
import type { Files } from "../base/files.js";
import { digestOf } from "../base/hash.js";
import { Content } from "./content.js";
import type { Entries, OpenEntries } from "./entries.js";
import { explain, isDamage, StoreError } from "./errors.js";
import { refuseLinks } from "./links.js";
import { LocalStore } from "./local.js";
import { acquireLock, type Host } from "./lock.js";
import { CommitLog, lastEpoch, logFolder } from "./log.js";
import { rebuild, recover } from "./recover.js";
import type { Store } from "./store.js";

type Warn = (message: string) => void;

/** Raised when an older `dag` could not read what this one writes. */
const FORMAT = 2;

export interface StoreOptions {
  /** Where the store lies: made where it is absent. */
  readonly folder: string;
  readonly files: Files;
  readonly entries: OpenEntries;
  readonly clock: Clock;
  readonly host: Host;
  /** Takes no lock and changes nothing: beside a running cook. An absent store is then an empty one. */
  readonly readonly?: boolean;
  /** Builds the database anew even where it opens. */
  readonly rebuild?: boolean;
  /** For what the user should know and need not mend. */
  readonly warn?: Warn;
}

/**
 * Rejects with a StoreError where the folder cannot be used or holds links, another engine holds it, or a newer `dag` wrote it.
 * Nothing is left behind then.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const folder = resolve(options.folder);
  try {
    refuseLinks(options.files, folder);
    return options.readonly === true ? openToRead(folder, options) : openOrRebuild(folder, options);
  } catch (error) {
    throw explain(`Cannot use the store ${folder}`, error);
  }
}

function openOrRebuild(folder: string, options: StoreOptions): Store {
  try {
    return openToCook(folder, options);
  } catch (error) {
    if (!isDamage(error) || options.rebuild === true) throw error;
    return openToCook(folder, { ...options, rebuild: true });
  }
}

function openToRead(folder: string, options: StoreOptions): Store {
  const { files, clock, host, warn = ignore } = options;
  checkFormat(files, folder, warn);
  const path = join(folder, "store.db");
  const entries = files.stat(path) === undefined ? options.entries(":memory:", false) : options.entries(path, true);
  const content = new Content(files, join(folder, "blobs"), entries.stamps("shard", ""));
  const log = new CommitLog(files, logFolder(folder), 0);
  const parts = { folder, files, entries, clock, content, log, boot: shortBoot(host), pid: host.pid, warn };
  return new LocalStore({ ...parts, readonly: true, epoch: 0, release: ignore });
}

function openToCook(folder: string, options: StoreOptions): Store {
  const { files, clock, host, warn = ignore } = options;
  files.makeDirectory(folder);
  const format = checkFormat(files, folder, warn);
  const release = acquireLock(files, folder, host);
  let entries: Entries | undefined;
  try {
    if (format !== FORMAT) writeFormat(files, folder);
    const path = join(folder, "store.db");
    const aside = options.rebuild === true ? moveAside(files, path) : undefined;
    entries = options.entries(path, false);
    const boot = shortBoot(host);
    const logs = logFolder(folder);
    const content = new Content(files, join(folder, "blobs"), entries.stamps("shard", ""));
    const recoverable = { folder: logs, files, entries, content };
    // Nobody has led a database that is new, or whose rebuilding was cut short.
    if (entries.isNew()) announceRebuild(aside, rebuild(recoverable, boot), folder, warn);
    const epoch = entries.lead(lastEpoch(files, logs) + 1);
    const log = new CommitLog(files, logs, epoch);
    // What an engine before us could still commit, it did before we led.
    recover(recoverable, log.end);
    const parts = { folder, files, entries, clock, content, log, epoch, boot, pid: host.pid };
    return new LocalStore({ ...parts, readonly: false, warn, release });
  } catch (error) {
    entries?.close();
    release();
    throw error;
  }
}

/** The log goes along: it belongs to the old file alone. Undefined where there is nothing to move. */
function moveAside(files: Files, path: string): string | undefined {
  if (files.lstat(path) === undefined) return undefined;
  let number = 1;
  while (files.lstat(`${path}.damaged-${number}`) !== undefined) number += 1;
  const aside = `${path}.damaged-${number}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (files.lstat(`${path}${suffix}`) !== undefined) files.rename(`${path}${suffix}`, `${aside}${suffix}`);
  }
  return aside;
}

function announceRebuild(aside: string | undefined, count: number, folder: string, warn: Warn): void {
  if (aside !== undefined) {
    warn(`The database of the store ${folder} was damaged. ${count} results were built anew; it is kept as ${aside}.`);
  } else if (count > 0) {
    warn(`The database of the store ${folder} was missing. ${count} results were built anew.`);
  }
}

/** It stands in every result that is not durable. */
function shortBoot({ boot }: Host): string {
  return digestOf(boot).slice(0, 8);
}

/** The format of the store; undefined where it is new or cannot be read. Throws a StoreError where a newer `dag` wrote it. */
function checkFormat(files: Files, folder: string, warn: Warn): number | undefined {
  const path = join(folder, "store.json");
  if (files.stat(path) === undefined) return undefined;
  const format = formatOf(Buffer.from(files.read(path)).toString("utf8"));
  if (format === undefined) {
    warn(`${path} cannot be read: the store is taken to be of format ${FORMAT}.`);
  } else if (format > FORMAT) {
    throw new StoreError(
      `The store ${folder} was written by a newer dag (format ${format}; this one knows ${FORMAT}). ` +
        "Update dag, or choose another folder for the store.",
    );
  }
  return format;
}

function writeFormat(files: Files, folder: string): void {
  files.write(join(folder, "store.json"), `${JSON.stringify({ format: FORMAT })}\n`);
}

function formatOf(text: string): number | undefined {
  try {
    const { format } = JSON.parse(text);
    return typeof format === "number" ? format : undefined;
  } catch {
    return undefined;
  }
}

function ignore(): void {}
