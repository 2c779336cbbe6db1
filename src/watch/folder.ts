/**
 * One folder under the watcher's eyes (chokidar). It tells the path of everything that comes, goes or changes in it; what
 * that means, it does not know. Regular files are seen through their folder: a watch each would be a hundred thousand.
 */
import type { Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { watch } from "chokidar";
import type { Clock } from "../base/clock.js";
import { watchedPlaceOf } from "./places.js";

export interface FolderWatch {
  /** From then on nothing passes unseen. */
  readonly ready: Promise<void>;
  close(): void;
}

export interface FolderListener {
  /** `whole`: a folder came or went, with all that is in it. */
  changed(path: string, whole: boolean): void;
  /** There is a link to a file, whose changes are not of this folder. */
  linked(path: string): void;
  failed(error: Error): void;
}

/** A folder that vanishes while it is read may never be ready. */
const READY_MS = 3000;

/** Watches a folder; `deep`: with those below. `skips`: what is not looked into. */
export function watchFolder(
  folder: string,
  deep: boolean,
  skips: (path: string) => boolean,
  clock: Clock,
  { changed, linked, failed }: FolderListener,
): FolderWatch {
  // A folder behind a link is not listed either: links may lead in rings.
  const isLeftOut = (path: string, stats: Stats | undefined): boolean => {
    if (path === folder) return false;
    if (stats?.isSymbolicLink() !== true) return stats?.isFile() === true;
    if (!watchedPlaceOf(path).isFolder) linked(path);
    return true;
  };
  const watcher = watch(folder, {
    ignoreInitial: true,
    atomic: false,
    ...(deep ? {} : { depth: 0 }),
    ignored: (path, stats) => skips(path) || isLeftOut(path, stats),
  });
  watcher.on("all", (event, path) => changed(path, event === "addDir" || event === "unlinkDir"));
  // The system's own words, with the name in the folder.
  watcher.on("raw", (_event, name: string | null, about) => {
    const { watchedPath } = about as { readonly watchedPath: string };
    if (name === null) return changed(watchedPath, true);
    changed(join(watchedPath, name), false);
    // A folder says its own name where it is moved or removed.
    if (name === basename(watchedPath)) changed(join(dirname(watchedPath), name), true);
  });
  watcher.on("error", (error) => failed(error as Error));
  let isReady: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const callOff = clock.after(READY_MS, isReady);
  const begun = (): void => {
    callOff();
    isReady();
  };
  watcher.on("ready", begun);
  return {
    ready,
    close() {
      begun();
      void watcher.close();
    },
  };
}
