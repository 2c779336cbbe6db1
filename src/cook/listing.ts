/**
 * The file doors that discovery goes through: a folder's files by glob, one file, each with its digest. Knows paths and
 * digests; not who asks or what the files mean.
 */
import { basename, join } from "node:path";
import picomatch from "picomatch";
import { codeOf, type Files } from "../base/files.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { FileDigest, Store } from "../cache/store.js";
import type { DiscoveredFile } from "../nodetype/define.js";

/** More than this in one folder is a mistake in the graph, not a data set. */
const MAX_FILES = 2_000_000;

/** How many files are hashed at a time: enough to hide the disk, few enough to leave the cores to the cooks. */
const HASHED_AT_ONCE = 8;

/** What a listing asks for; paths are symbolic. */
export interface ListQuery {
  readonly directory: string;
  readonly glob: string;
  readonly recursive: boolean;
}

export class Listing {
  readonly #store: Store;
  readonly #files: Files;
  readonly #resolve: (symbolic: string) => string;

  readonly #looked: (path: string, deep: boolean) => void;

  /** `looked` is told the absolute path of everything that is looked at, and whether with all below it. */
  constructor(from: {
    readonly store: Store;
    readonly files: Files;
    readonly resolve: (symbolic: string) => string;
    readonly looked: (path: string, deep: boolean) => void;
  }) {
    this.#store = from.store;
    this.#files = from.files;
    this.#resolve = from.resolve;
    this.#looked = from.looked;
  }

  /** Matching files in natural order. Rejects with a message for the user. */
  async list(query: ListQuery): Promise<DiscoveredFile[]> {
    const folder = this.#resolve(query.directory);
    this.#looked(folder, isDeep(query));
    const names = namesIn(this.#files, folder, query);
    const known = await this.#store.knownDigests(folder, viewOf(query), names);
    const made = (place: number, { digest, size }: FileDigest): DiscoveredFile => {
      const name = names[place]!;
      return { path: `${query.directory}/${name}`, name, digest, size };
    };
    const files = known.map((found, place) => (found === undefined ? undefined : made(place, found)));
    const unknown = [...files.keys()].filter((place) => files[place] === undefined);
    await inParallel(unknown.length, HASHED_AT_ONCE, async (at) => {
      const place = unknown[at]!;
      files[place] = made(place, await this.#store.digest(join(folder, names[place]!)));
    });
    return files as DiscoveredFile[];
  }

  /** One file. Rejects with a message for the user where it is absent. */
  async read(path: string): Promise<DiscoveredFile> {
    const absolute = this.#resolve(path);
    this.#looked(absolute, false);
    try {
      const { digest, size } = await this.#store.digest(absolute);
      return { path, name: basename(path), digest, size };
    } catch (error) {
      throw new Error(explain(error, `The file ${path}`));
    }
  }

  /** The absolute path behind a symbolic one. */
  absolute(path: string): string {
    return this.#resolve(path);
  }
}

/** One digest of a listing: the same names with the same content in the same order. */
export function listingDigest(files: readonly DiscoveredFile[]): Digest {
  let text = "";
  for (const file of files) text += `${file.digest} ${file.name}\n`;
  return digestOf(text);
}

function viewOf({ glob, recursive }: ListQuery): string {
  return recursive ? `${glob} below` : glob;
}

function isDeep({ recursive, glob }: ListQuery): boolean {
  return recursive || glob.includes("/");
}

function namesIn(files: Files, folder: string, query: ListQuery): string[] {
  const matches = picomatch(query.glob, { dot: query.glob.startsWith(".") });
  const deep = isDeep(query);
  const names: string[] = [];
  const walk = (relative: string): void => {
    for (const entry of files.entries(join(folder, relative))) {
      const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
      const isFolder = entry.kind === "directory";
      if (isFolder && deep && !entry.name.startsWith(".")) walk(name);
      if (isFolder || !(matches(name) || (query.recursive && matches(entry.name)))) continue;
      const kind = entry.kind === "link" ? files.stat(join(folder, name))?.kind : entry.kind;
      if (kind === "file") names.push(name);
      if (names.length > MAX_FILES) throw new Error(`The folder ${query.directory} holds over ${MAX_FILES} files.`);
    }
  };
  try {
    walk("");
  } catch (error) {
    throw new Error(explain(error, `The folder ${query.directory}`));
  }
  return naturally(names);
}

/** Sorts so that `tile2` comes before `tile10`. */
export function naturally(names: readonly string[]): string[] {
  const keyed = names.map((name) => ({ name, key: name.replace(/\d+/g, (digits) => digits.padStart(16, "0")) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.name < b.name ? -1 : 1));
  return keyed.map(({ name }) => name);
}

function explain(error: unknown, subject: string): string {
  const { message, cause } = error as Error;
  // The store says what went wrong in its own words, and keeps the system's error as the cause.
  const code = codeOf(error) ?? codeOf(cause);
  if (code === "ENOENT") return `${subject} does not exist.`;
  if (code === "ENOTDIR") return `${subject} is a file, not a folder.`;
  if (code === "EISDIR") return `${subject} is a folder, not a file.`;
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
