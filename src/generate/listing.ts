/**
 * The file doors that discovery goes through: a folder's files by glob, one file, each with its digest. Knows paths and
 * digests; not who asks or what the files mean.
 */
import { basename, join } from "node:path";
import type { Clock } from "../base/clock.js";
import { codeOf } from "../base/code.js";
import { problemIn, UserError } from "../base/error.js";
import type { Files } from "../base/files.js";
import { globMatcher } from "../base/glob.js";
import { TimeSlice } from "../base/time-slice.js";
import type { DiscoveredFile } from "../nodetype/define.js";
import type { UserFiles } from "../store/user-files.js";
import { Listed, type ListQuery, type Orders } from "./listed.js";

/** More than this in one folder is a mistake in the graph, not a data set. */
const MAX_FILES = 2_000_000;

/** How many files are hashed at a time: enough to hide the disk, few enough to leave the cores to the cooks. */
const HASHED_AT_ONCE = 8;

/**
 * Told the absolute path of all outside the graph that items come from, before it is looked at; of a folder that is listed,
 * also what is asked of it. What it answers is waited for: who watches has begun to by then, and no change passes unseen.
 */
export type Looked = (path: string, listed?: ListQuery) => Promise<void> | void;

export class Listing {
  readonly #remembered: Pick<UserFiles, "digest" | "knownDigests">;
  readonly #files: Files;
  readonly #resolve: (symbolic: string) => string;
  readonly #looked: Looked;
  readonly #orders: Orders;
  readonly #clock: Clock;
  #isStopped = false;

  constructor(from: {
    /** Digests of files outside the store. */
    readonly remembered: Pick<UserFiles, "digest" | "knownDigests">;
    readonly files: Files;
    readonly clock: Clock;
    readonly resolve: (symbolic: string) => string;
    readonly looked: Looked;
    readonly orders: Orders;
  }) {
    this.#remembered = from.remembered;
    this.#files = from.files;
    this.#resolve = from.resolve;
    this.#looked = from.looked;
    this.#orders = from.orders;
    this.#clock = from.clock;
  }

  /** Nobody wants to know any more what it is at: that rejects. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Matching files in natural order. Rejects with a message for the user. */
  async list(query: ListQuery): Promise<Listed> {
    const folder = this.#resolve(query.directory);
    await this.#looked(folder, query);
    const view = viewOf(query);
    const timeSlice = new TimeSlice(this.#clock);
    const found = namesIn(this.#files, folder, query);
    await timeSlice.next();
    const names = this.#orders.of(`${folder}\n${view}`, found);
    await timeSlice.next();
    const known = await this.#remembered.knownDigests(folder, view, names.all);
    const { digests, sizes, unknown, stamps } = known;
    await inParallel(unknown.length, HASHED_AT_ONCE, async (at) => {
      if (timeSlice.isOver) await timeSlice.next();
      if (this.#isStopped) throw new UserError("The cook was stopped.");
      const place = unknown[at]!;
      const { digest, size, stamp = "" } = await this.#remembered.digest(join(folder, names.all[place]!));
      digests[place] = digest;
      sizes[place] = size;
      stamps[place] = stamp;
    });
    return new Listed(query, names, known);
  }

  /** Matching names as the folder tells them, and the files' stamps in their order. Rejects with a message for the user. */
  async look(
    query: ListQuery,
  ): Promise<{ readonly names: readonly string[]; readonly stamps: Promise<readonly string[]> }> {
    const folder = this.#resolve(query.directory);
    await this.#looked(folder, query);
    const names = namesIn(this.#files, folder, query);
    return { names, stamps: this.#files.stamps(folder, names) };
  }

  /** One file. Rejects with a message for the user where it is absent. */
  async read(path: string): Promise<DiscoveredFile> {
    const absolute = this.#resolve(path);
    await this.#looked(absolute);
    try {
      const { digest, size } = await this.#remembered.digest(absolute);
      return { path, name: basename(path), digest, size };
    } catch (error) {
      throw new UserError(explain(error, `The file ${path}`));
    }
  }

  /** The absolute path behind a symbolic one. */
  absolute(path: string): string {
    return this.#resolve(path);
  }
}

function viewOf({ glob, recursive }: ListQuery): string {
  return recursive ? `${glob} below` : glob;
}

/** Whether a listing goes into the folders below. */
export function isDeep({ recursive, glob }: ListQuery): boolean {
  return recursive || glob.includes("/");
}

/** Whether a listing takes a file; its name is relative to the folder, with `/`. */
export function listingTakes({ glob, recursive }: ListQuery): (name: string) => boolean {
  const matches = globMatcher(glob, { dot: glob.startsWith(".") });
  const base = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
  if (!recursive) return matches;
  // A glob without a slash fits no name that has one.
  return glob.includes("/") ? (name) => matches(name) || matches(base(name)) : (name) => matches(base(name));
}

function namesIn(files: Files, folder: string, query: ListQuery): string[] {
  const takes = listingTakes(query);
  const deep = isDeep(query);
  const names: string[] = [];
  const walk = (relative: string): void => {
    for (const entry of files.entries(join(folder, relative))) {
      const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
      const isFolder = entry.kind === "directory";
      const isWanted = isFolder ? deep && !entry.name.startsWith(".") : takes(name);
      if (!isWanted) continue;
      checkName(files, folder, name);
      if (isFolder) {
        walk(name);
        continue;
      }
      const kind = entry.kind === "link" ? files.stat(join(folder, name))?.kind : entry.kind;
      if (kind === "file") names.push(name);
      if (names.length > MAX_FILES) throw new UserError(`The folder ${query.directory} holds over ${MAX_FILES} files.`);
    }
  };
  try {
    walk("");
  } catch (error) {
    throw new UserError(explain(error, `The folder ${query.directory}`));
  }
  return names;
}

/** Of a name that is no text the bytes are read as a mark, and nothing is found by it. */
function checkName(files: Files, folder: string, name: string): void {
  if (!name.includes("\ufffd") || files.lstat(join(folder, name)) !== undefined) return;
  throw new UserError(`the name "${name}" in it is not UTF-8. Rename it.`);
}

function explain(error: unknown, subject: string): string {
  const message = problemIn(error);
  const { cause } = error as Error;
  // The store says what went wrong in its own words, and keeps the system's error as the cause.
  const code = codeOf(error) ?? codeOf(cause);
  if (code === "ENOENT") return `${subject} does not exist.`;
  if (code === "ENOTDIR") return `${subject} is a file, not a folder.`;
  if (code === "EISDIR") return `${subject} is a folder, not a file.`;
  if (code === "ELOOP") return `${subject} cannot be reached: symbolic links on the way lead in a ring.`;
  if (code === "EACCES" || code === "EPERM") return `${subject} may not be read (permission denied).`;
  return message.startsWith(subject) ? message : `${subject} cannot be read: ${message}`;
}

async function inParallel(count: number, width: number, work: (place: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}
