/** What tells that a file may be another: its stamp. Knows one file at a time; both threads that look at files use it. */
import { type BigIntStats, statSync } from "node:fs";

const OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

/** Size, mtime, inode and ctime in nanoseconds. */
export function stampOf({ size, mtimeNs, ino, ctimeNs }: BigIntStats): string {
  return `${size}:${mtimeNs}:${ino}:${ctimeNs}`;
}

/** Of what is at a path, links followed; empty where nothing can be seen there. */
export function stampAt(path: string): string {
  try {
    const found = statSync(path, OPTIONS);
    return found === undefined ? "" : stampOf(found);
  } catch {
    return "";
  }
}
