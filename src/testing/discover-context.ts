/** The doors of `discover` as the engine's listing answers them, without records or memory. Knows no graph. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { realClock } from "../base/clock.js";
import { realFiles } from "../base/files.js";
import { digestOfFile } from "../base/hash.js";
import { Orders } from "../generate/listed.js";
import { Listing } from "../generate/listing.js";
import type { DiscoverContext, InputFile, Json } from "../nodetype/define.js";
import type { UserFiles } from "../store/user-files.js";

/** Remembers nothing: every file is hashed when it is asked for. */
const NO_MEMORY: Pick<UserFiles, "digest" | "knownDigests"> = {
  digest: async (path) => ({ size: (await stat(path)).size, digest: await digestOfFile(path) }),
  knownDigests: async (_folder, _view, names) => {
    return { digests: [], sizes: [], unknown: [...names.keys()], stamps: [] };
  },
};

/**
 * Doors to the file system; relative paths start at `root`. Warnings are added to `warnings`. `upstream`: where files of an
 * upstream item are asked for.
 */
export function discoverContext(
  root: string,
  warnings: string[],
  upstream: readonly InputFile[] | undefined,
): DiscoverContext {
  const absolute = (path: string) => resolve(root, path);
  const listing = new Listing({
    remembered: NO_MEMORY,
    files: realFiles,
    clock: realClock,
    resolve: absolute,
    looked: () => {},
    orders: new Orders(),
  });
  const placeOf = (file: { readonly digest: string; readonly path?: string }): string =>
    file.path === undefined ? upstream!.find(({ digest }) => digest === file.digest)!.path : absolute(file.path);
  return {
    upstream: upstream?.map(({ name, tag, digest, size }) => ({ name, tag, digest, size })),
    list: async (directory, glob, { recursive = false } = {}) =>
      (await listing.list({ directory, glob, recursive })).files(),
    read: (path) => listing.read(path),
    probe: <T extends Json>(
      file: { readonly digest: string; readonly path?: string },
      look: (path: string, about: never) => Promise<T>,
      about?: Json,
    ) => look(placeOf(file), about as never),
    warn: (line) => void warnings.push(line),
  };
}
