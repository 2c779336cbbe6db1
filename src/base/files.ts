/**
 * The file system as an argument: the few operations that the engine's own folders and the user's outputs need, small
 * enough for a simulation to stand in. Knows nothing of what the files mean. Failures are the file system's own errors.
 */
import { createHash } from "node:crypto";
import {
  accessSync,
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  type Dirent,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { chmod, copyFile, open } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { codeOf } from "./code.js";
import { type Digest, digestOfFile } from "./hash.js";
import { stampOf } from "./stamp.js";
import { stampsIn } from "./stamps.js";

export interface FileStat {
  readonly kind: "file" | "directory" | "link" | "other";
  /** Bytes. */
  readonly size: number;
  /** Size, mtime, inode and ctime in nanoseconds: another stamp means that the file may be another. */
  readonly stamp: string;
  /** When bytes or properties changed last (ctime), which no program can set: milliseconds since the epoch. */
  readonly changed: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: FileStat["kind"];
}

/** Synchronous where the work is a system call or two on small data, a promise where it may take long. */
export interface Files {
  /** Follows links. Undefined where nothing is there. */
  stat(path: string): FileStat | undefined;
  /** Does not follow a link at `path` itself. */
  lstat(path: string): FileStat | undefined;
  /** The path with all links in it followed, as far as it exists; what is absent of it stays as it is. */
  real(path: string): string;
  /** Stamps of files in a folder and those below it, in the order of their names; empty for what cannot be seen. */
  stamps(folder: string, names: readonly string[]): Promise<readonly string[]>;
  /** Names in a folder, in no order; none where the folder is absent. */
  list(folder: string): string[];
  /** The same with what each is; links are not followed. Throws where the folder is absent. */
  entries(folder: string): readonly FolderEntry[];
  read(path: string): Uint8Array;
  /** Whole and durable, or not at all. */
  write(path: string, data: string | Uint8Array): void;
  /** Adds to a file's end; a crash may leave a part of `text`, and a loss of power until `sync` anything. */
  append(path: string, text: string): void;
  /** Makes the file, or answers false where it is there already. */
  create(path: string, text: string): boolean;
  /** With its parents; nothing to do where it is there. */
  makeDirectory(path: string): void;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): void;
  /** A file, or a folder with all in it; nothing to do where it is absent. */
  remove(path: string): void;
  /** Nobody may write the file from now on. */
  protect(path: string): void;
  /** A copy that its owner may write, sharing blocks where the file system can. Replaces what is at `to`. */
  copy(from: string, to: string): Promise<void>;
  /** Durable from now on: a file's bytes, or a folder's names. */
  sync(path: string): Promise<void>;
  digest(path: string): Promise<Digest>;
  digestNow(path: string): Digest;
}

let temporaries = 0;

/**
 * Writes a file whole or not at all: to a temporary in the same folder, fsync, rename. The folder must be there. Throws
 * the file system's error, and then leaves what was at `path`.
 */
export function writeAtomic(path: string, data: string | Uint8Array): void {
  temporaries += 1;
  const temporary = join(dirname(path), `.tmp-${process.pid}-${temporaries}`);
  try {
    const file = openSync(temporary, "w");
    try {
      writeFileSync(file, data);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Makes a folder and those above it where they are absent. Node's own `recursive` never ends where a file system answers
 * that a folder is absent instead of taking it, as /proc does.
 */
export function makeFolders(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    const above = dirname(path);
    if (codeOf(error) !== "ENOENT" || existsSync(above)) throw error;
    makeFolders(above);
    makeFolders(path);
  }
}

/** What new files may be: not for others to write where the process's mask says so. */
const WRITABLE = 0o666 & ~process.umask();
/** For what is read at once and not kept. */
const chunk = Buffer.allocUnsafeSlow(1 << 18);

function nearestFolder(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestFolder(dirname(path));
}

/** The machine's own file system. */
export const realFiles: Files = {
  stat: (path) => statWith(statSync, path),
  lstat: (path) => statWith(lstatSync, path),
  real(path) {
    const there = nearestFolder(path);
    return join(realpathSync.native(there), relative(there, path));
  },
  stamps: stampsIn,
  list(folder) {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  },
  entries: (folder) =>
    readdirSync(folder, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
  read: (path) => readFileSync(path),
  write: writeAtomic,
  append: (path, text) => appendFileSync(path, text),
  create(path, text) {
    try {
      writeFileSync(path, text, { flag: "wx" });
      return true;
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false;
      throw error;
    }
  },
  makeDirectory(path) {
    try {
      makeFolders(path);
    } catch (error) {
      // Node says "absent" where the disk may not be written: asked of the nearest folder that is there, the system tells.
      if (isAbsent(error)) accessSync(nearestFolder(path), constants.W_OK);
      throw error;
    }
  },
  rename: renameSync,
  remove(path) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  },
  protect(path) {
    chmodSync(path, 0o444);
  },
  async copy(from, to) {
    rmSync(to, { force: true });
    await copyFile(from, to, constants.COPYFILE_FICLONE);
    await chmod(to, WRITABLE);
  },
  async sync(path) {
    const file = await open(path, "r").catch((error: unknown) => {
      // Windows opens no folders, and keeps their names durable by itself.
      if (process.platform === "win32" && codeOf(error) === "EPERM") return undefined;
      throw error;
    });
    try {
      await file?.sync();
    } finally {
      await file?.close();
    }
  },
  digest: digestOfFile,
  digestNow(path) {
    const sum = createHash("sha256");
    const file = openSync(path, "r");
    try {
      for (let count = readSync(file, chunk); count > 0; count = readSync(file, chunk)) {
        sum.update(chunk.subarray(0, count));
      }
    } finally {
      closeSync(file);
    }
    return sum.digest("hex") as Digest;
  },
};

const OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

function statWith(stat: typeof statSync | typeof lstatSync, path: string): FileStat | undefined {
  try {
    const found = stat(path, OPTIONS);
    if (found === undefined) return undefined;
    return {
      kind: kindOf(found),
      size: Number(found.size),
      stamp: stampOf(found),
      changed: Number(found.ctimeMs),
    };
  } catch (error) {
    // Links that lead in a ring lead nowhere, as one does whose target is gone.
    if (isAbsent(error) || codeOf(error) === "ELOOP") return undefined;
    throw error;
  }
}

function kindOf(found: Pick<Dirent, "isFile" | "isDirectory" | "isSymbolicLink">): FileStat["kind"] {
  return found.isFile() ? "file" : found.isDirectory() ? "directory" : found.isSymbolicLink() ? "link" : "other";
}

/** A parent that is a file counts as absent too: nothing can be there. */
function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}
