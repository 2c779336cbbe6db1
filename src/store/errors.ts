/** What can go wrong with a store, in the user's words. Knows codes of the file system and the database, no cure. */
import { codeOf } from "../base/code.js";
import { UserError } from "../base/error.js";

/** A message for the user; `cause` is the error behind it. */
export class StoreError extends UserError {
  override readonly name = "StoreError";

  constructor(message: string, { cause }: { readonly cause?: unknown } = {}) {
    super(message, 3, { cause });
  }
}

/** Another engine cooks with the store. */
export class InUseError extends StoreError {}

/** Another engine has taken the store over: nothing that this one does is committed any more. */
export class FencedError extends StoreError {
  constructor(folder: string) {
    super(`Another engine has taken over the store ${folder}. This one may not commit to it any more; start it again.`);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk. Free some, or choose another folder.",
  SQLITE_FULL: "no space is left on the disk. Free some, or choose another folder.",
  EDQUOT: "your disk quota is used up. Free some space, or choose another folder.",
  EACCES: "you may not write there. Change the folder's permissions, or choose another folder.",
  EPERM: "you may not write there. Change the folder's permissions, or choose another folder.",
  EROFS: "the disk is read-only. Choose another folder.",
  SQLITE_READONLY: "you may not write there. Change the folder's permissions, or choose another folder.",
  SQLITE_CANTOPEN: "it cannot be opened. Change the folder's permissions, or choose another folder.",
  ENOTDIR: "a part of the path is a file, not a folder. Move that file, or choose another folder.",
  EEXIST: "a part of the path is a file, not a folder. Move that file, or choose another folder.",
  EISDIR: "a folder has that name. Move the folder, or choose another name.",
  ELOOP: "symbolic links on the way lead in a ring. Remove one of them.",
  ENAMETOOLONG: "the name is too long for the file system. Choose a shorter one.",
  ENOENT: "it is not there any more.",
  EMFILE: "too many files are open. Raise the limit (ulimit -n 1024).",
  ENFILE: "too many files are open on this machine. End other programs.",
  ENOMEM: "no memory is left. End other programs, or have fewer items cook at once (--cpu-slots).",
  EAGAIN: "the system starts no more processes for you. End some, or raise the limit (ulimit -u).",
  EFBIG: "the file is larger than your limit (ulimit -f) or the file system allows.",
  EIO: "the disk reports an error. Look into the system's log, and choose another disk.",
  SQLITE_IOERR:
    "the disk reports an error, or a file would pass your limit (ulimit -f). Choose another disk, or raise it.",
  SQLITE_BUSY: "another program holds the database. Close that program, or try again.",
  SQLITE_CORRUPT: "the database is damaged. It is built anew by `dag cache verify`.",
  SQLITE_NOTADB: "the database is damaged. It is built anew by `dag cache verify`.",
};

/** `Cannot write out/a.png: no space is left on the disk. …` A StoreError is left as it is. */
export function explain(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = troubleOf(error);
  const isUnreadable = what.startsWith("Cannot read") && (code === "EACCES" || code === "EPERM");
  const words = isUnreadable
    ? "you may not read it. Change its permissions."
    : (WORDS[code] ?? (error instanceof Error ? error.message : String(error)));
  return new StoreError(`${what}: ${words}`, { cause: error });
}

/** Whether the database itself is broken, not the way to it. */
export function isDamage(error: unknown): boolean {
  const code = troubleOf(error);
  return code === "SQLITE_CORRUPT" || code === "SQLITE_NOTADB";
}

/** Whether the database may be one that can be read, and its folder not written: which of the codes comes, the disk decides. */
export function isUnwritable(error: unknown): boolean {
  const code = troubleOf(error);
  return code === "SQLITE_READONLY" || code === "SQLITE_CANTOPEN";
}

/** Whether the machine, or what the user may have of it, is used up. */
export function isShortage(error: unknown): boolean {
  return SHORTAGES.has(troubleOf(error));
}

const SHORTAGES: ReadonlySet<string> = new Set([
  ...["EMFILE", "ENFILE", "ENOMEM", "EAGAIN", "EFBIG", "EIO", "ENOSPC", "EDQUOT", "EROFS"],
  ...["SQLITE_FULL", "SQLITE_IOERR"],
]);

/** The last byte of the database's codes is the kind of error; of some, the driver gives the number alone. */
const KINDS: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};

/** The code of an error, of the database's the kind alone; empty where it has none. */
function troubleOf(error: unknown): string {
  const code = codeOf(error) ?? "";
  const number = /^UNKNOWN_SQLITE_ERROR_(\d+)$/.exec(code)?.[1];
  if (number !== undefined) return KINDS[Number(number) & 0xff] ?? code;
  return Object.values(KINDS).find((kind) => code.startsWith(kind)) ?? code;
}
