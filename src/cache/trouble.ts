/** What can go wrong with a store, in the user's words. Knows codes of the file system and the database, no cure. */
import { codeOf } from "../base/files.js";

/** A message for the user; `cause` is the error behind it. */
export class StoreError extends Error {
  override readonly name = "StoreError";
}

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
  ENAMETOOLONG: "the name is too long for the file system. Choose a shorter one.",
  ENOENT: "it is not there any more.",
  EMFILE: "too many files are open. Raise the limit (ulimit -n).",
  SQLITE_BUSY: "another program holds the database. Close that program, or try again.",
  SQLITE_CORRUPT: "the database is damaged. It is built anew by `dag cache verify`.",
  SQLITE_NOTADB: "the database is damaged. It is built anew by `dag cache verify`.",
};

/** `Cannot write out/a.png: no space is left on the disk. …` A StoreError is left as it is. */
export function explain(what: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error) ?? "";
  const isUnreadable = what.startsWith("Cannot read") && (code === "EACCES" || code === "EPERM");
  const words = isUnreadable
    ? "you may not read it. Change its permissions."
    : (WORDS[code] ?? (error instanceof Error ? error.message : String(error)));
  return new StoreError(`${what}: ${words}`, { cause: error });
}

/** Whether the database itself is broken, not the way to it. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error) ?? "";
  return code.startsWith("SQLITE_CORRUPT") || code === "SQLITE_NOTADB";
}
