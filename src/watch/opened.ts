/**
 * The folders under the watcher's eyes, each opened once, as deep as it must be, and anew where another has its name by now.
 * Knows folders; who asked for them, and what their changes mean, it does not know.
 */
import type { Clock } from "../base/clock.js";
import { isBelow } from "../base/system.js";
import { type FolderWatch, watchFolder } from "./folder.js";
import { watchedPlaceOf } from "./places.js";

export interface OpenedFoldersDeps {
  readonly clock: Clock;
  /** What the cooks themselves write is no change. */
  isOurs(path: string): boolean;
  /** Something cannot be watched. */
  failed(error: Error): void;
}

export interface OpenedFoldersListener {
  /** `whole`: a folder came or went, with all that is in it. */
  changed(path: string, whole: boolean): void;
  /** There is a link to a file, whose changes are not of this folder. */
  linked(link: string, folder: string): void;
  /** From now on nothing in the folder passes unseen. */
  ready(folder: string): void;
}

interface Opened {
  readonly watch: FolderWatch;
  readonly deep: boolean;
  /** Which folder it was; another may have its name by now. */
  readonly stamp: string;
  isReady: boolean;
  /** Folders came below it: what came in them, and when they were seen, is not known. */
  isStale: boolean;
}

export class OpenedFolders {
  readonly #deps: OpenedFoldersDeps;
  readonly #listener: OpenedFoldersListener;
  readonly #opened = new Map<string, Opened>();

  constructor(deps: OpenedFoldersDeps, listener: OpenedFoldersListener) {
    this.#deps = deps;
    this.#listener = listener;
  }

  /** Opens a folder; `deep`: with those below. Nothing to do where it is open as it should be. */
  open(folder: string, deep: boolean): void {
    const known = this.#opened.get(folder);
    if (known !== undefined && !known.isStale && (known.deep || !deep)) return;
    this.#close(folder);
    const { clock, failed, isOurs } = this.#deps;
    const { changed, linked, ready } = this.#listener;
    const watch = watchFolder(folder, deep, isOurs, clock, { changed, failed, linked: (link) => linked(link, folder) });
    const opened: Opened = { watch, deep, stamp: watchedPlaceOf(folder).stamp, isReady: false, isStale: false };
    this.#opened.set(folder, opened);
    void watch.ready.then(() => {
      opened.isReady = true;
      if (this.#opened.get(folder) === opened) ready(folder);
    });
  }

  /** What is to be waited for until all of these are ready; none where they are. */
  waits(folders: Iterable<string>): readonly Promise<void>[] {
    const opened = [...folders].flatMap((folder) => this.#opened.get(folder) ?? []);
    return opened.filter(({ isReady }) => !isReady).map(({ watch }) => watch.ready);
  }

  /** Folders came below it: the next time that it is asked for, it is opened anew. */
  outdate(folder: string): void {
    const opened = this.#opened.get(folder);
    if (opened !== undefined) opened.isStale = true;
  }

  /** Closes those of a path's folders that are not there any more, and the deep ones around. Answers whether there are any. */
  closeReplaced(path: string, folders: Iterable<string>): boolean {
    const replaced = [...folders].filter((folder) => {
      const opened = this.#opened.get(folder);
      return opened !== undefined && watchedPlaceOf(folder).stamp !== opened.stamp;
    });
    if (replaced.length === 0) return false;
    const isAround = (folder: string): boolean => isBelow(path, folder);
    const around = [...this.#opened].filter(([folder, { deep }]) => deep && isAround(folder)).map(([folder]) => folder);
    for (const folder of [...replaced, ...around]) this.#close(folder);
    return true;
  }

  /** Closes all but these. */
  closeOthers(used: ReadonlySet<string>): void {
    for (const folder of [...this.#opened.keys()]) if (!used.has(folder)) this.#close(folder);
  }

  #close(folder: string): void {
    this.#opened.get(folder)?.watch.close();
    this.#opened.delete(folder);
  }
}
