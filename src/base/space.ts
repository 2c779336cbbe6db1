/** How much room there is on the disk of a path. Knows file systems, nothing of what is written. */
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The file system under a path. Sizes in bytes. */
export interface DiskSpace {
  /** The same for paths of one file system. */
  readonly volume: string;
  /** What this user may still write. */
  readonly free: number;
  readonly size: number;
}

export type SpaceOf = (path: string) => DiskSpace;

/** Of a path, or of the nearest folder above it that is there, and that this user may come to. */
export const realSpace: SpaceOf = (path) => {
  try {
    const { dev } = statSync(path);
    const { bavail, blocks, bsize } = statfsSync(path);
    return { volume: String(dev), free: bavail * bsize, size: blocks * bsize };
  } catch (error) {
    if (path === dirname(path)) throw error;
    return realSpace(dirname(path));
  }
};
