/** How much room there is on the disk of a path. Knows file systems, nothing of what is written. */
import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The file system under a path. Sizes in bytes. */
export interface Space {
  /** The same for paths of one file system. */
  readonly volume: string;
  /** What this user may still write. */
  readonly free: number;
  readonly size: number;
}

export type SpaceOf = (path: string) => Space;

/** Of a path, or of the nearest folder above it that is there. */
export const realSpace: SpaceOf = (path) => {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined && path !== dirname(path)) return realSpace(dirname(path));
  const { bavail, blocks, bsize } = statfsSync(path);
  return { volume: String(found?.dev), free: bavail * bsize, size: blocks * bsize };
};
