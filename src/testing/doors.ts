/** The doors of `discover` as the engine's listing answers them, without records or memory. Knows no graph. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { realFiles } from "../base/files.js";
import { digestOfFile } from "../base/hash.js";
import type { Store } from "../cache/store.js";
import { Listing } from "../cook/listing.js";
import type { DiscoverDoors, DiscoveredFile, Json } from "../nodetype/define.js";

/** Remembers nothing: every file is hashed when it is asked for. */
const NO_MEMORY: Pick<Store, "digest" | "knownDigests"> = {
  digest: async (path) => ({ size: (await stat(path)).size, digest: await digestOfFile(path) }),
  knownDigests: async (_folder, names) => names.map(() => undefined),
};

/** Doors to the file system; relative paths start at `root`. Warnings are added to `warnings`. */
export function fileDoors(root: string, warnings: string[]): DiscoverDoors {
  const absolute = (path: string) => resolve(root, path);
  const listing = new Listing({ store: NO_MEMORY as Store, files: realFiles, resolve: absolute, looked: () => {} });
  return {
    list: (directory, glob, { recursive = false } = {}) => listing.list({ directory, glob, recursive }),
    read: (path) => listing.read(path),
    probe: <T extends Json>(file: DiscoveredFile, look: (path: string, about: never) => Promise<T>, about?: Json) =>
      look(absolute(file.path), about as never),
    warn: (line) => void warnings.push(line),
  };
}
