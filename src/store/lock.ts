/**
 * One engine at a time cooks with a store: a lock file names its process. Knows nothing of what the lock guards; should
 * two engines ever believe that they hold it, the database's epoch lets only the later one commit.
 */
import { readFileSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { join } from "node:path";
import { codeOf } from "../base/code.js";
import type { Files } from "../base/files.js";
import { InUseError, type StoreError } from "./errors.js";

/** A process as a lock names it. */
export interface Holder {
  readonly pid: number;
  /** Tells two processes with the same number apart: when it started, in the system's ticks. */
  readonly started: string;
  /** Of the machine's running time since it was switched on. */
  readonly boot: string;
  readonly host: string;
}

/** This process and the ones beside it, as an argument. */
export interface Host extends Holder {
  isAlive(pid: number, started: string): boolean;
}

/** The process that this code runs in. */
export function thisHost(): Host {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? "",
    boot: bootId(),
    host: hostname(),
    isAlive(pid, started) {
      try {
        process.kill(pid, 0);
      } catch (error) {
        return codeOf(error) === "EPERM";
      }
      return started === "" || (startOf(pid) ?? started) === started;
    },
  };
}

/** Where a store's lock lies. */
export function lockOf(folder: string): string {
  return join(folder, "lock");
}

/** The process that cooks with a store; undefined where none does. */
export function holderOf(files: Files, folder: string, host: Host): Holder | undefined {
  const found = readLock(files, lockOf(folder));
  const holder = found === undefined ? undefined : parseHolder(found);
  return holder !== undefined && isHeld(holder, host) ? holder : undefined;
}

/**
 * Takes the lock, over from an owner that is no more if need be. Answers how to give it back. Throws a StoreError with
 * the owner's process where it is alive, or on another machine.
 */
export function acquireLock(files: Files, folder: string, host: Host): () => void {
  const path = lockOf(folder);
  const { pid, started, boot } = host;
  const text = JSON.stringify({ pid, started, boot, host: host.host } satisfies Holder);
  while (!files.create(path, text)) {
    const found = readLock(files, path);
    if (found === undefined) continue;
    const holder = parseHolder(found);
    if (holder !== undefined && isHeld(holder, host)) throw inUse(holder, path, folder, host);
    const aside = `${path}.${pid}`;
    try {
      files.rename(path, aside);
    } catch (error) {
      if (codeOf(error) === "ENOENT") continue;
      throw error;
    }
    // Another engine may have taken over between the look and the move: then what was moved is its lock.
    const moved = readLock(files, aside);
    if (moved !== undefined && moved !== found) files.create(path, moved);
    files.remove(aside);
  }
  return () => {
    if (readLock(files, path) === text) files.remove(path);
  };
}

function isHeld(holder: Holder, host: Host): boolean {
  // Another machine's processes cannot be seen from here: its lock stands.
  if (holder.host !== host.host) return true;
  return isSameBoot(holder.boot, host.boot) && host.isAlive(holder.pid, holder.started);
}

function inUse(holder: Holder, path: string, folder: string, host: Host): StoreError {
  if (holder.host !== host.host) {
    return new InUseError(
      `The store ${folder} is in use by process ${holder.pid} on ${holder.host}. ` +
        `If that process is no more, delete ${path} and try again.`,
    );
  }
  const which = holder.pid === host.pid ? "this process" : `process ${holder.pid}`;
  return new InUseError(`The store ${folder} is in use by ${which}. Wait until it ends, or stop it.`);
}

function readLock(files: Files, path: string): string | undefined {
  try {
    return Buffer.from(files.read(path)).toString("utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Undefined for what a crash left half-written. */
function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, started, boot, host } = JSON.parse(text);
    return typeof pid === "number"
      ? { pid, started: String(started), boot: String(boot), host: String(host) }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Linux tells when a process started (proc(5): field 22 of stat, the 20th after the name); elsewhere undefined. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

const STARTED = "started ";

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    // Off by a second now and then: a result is then verified once more than needed, never once too little.
    return `${STARTED}${Math.round(Date.now() / 1000 - uptime())}`;
  }
}

/** A minute is forgiven to a start that was computed from a clock: a live owner must never count as gone. */
function isSameBoot(one: string, other: string): boolean {
  if (!one.startsWith(STARTED) || !other.startsWith(STARTED)) return one === other;
  return Math.abs(Number(one.slice(STARTED.length)) - Number(other.slice(STARTED.length))) <= 60;
}
