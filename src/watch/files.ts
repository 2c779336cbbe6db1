/**
 * Watches what a graph comes from: files, and folders as they are listed. It follows a path wherever it leads: over links,
 * to a folder that is removed and returns, to a file that is replaced. Knows paths, and nothing of graphs.
 */
import { dirname, relative, sep } from "node:path";
import type { Clock } from "../base/clock.js";
import { isDeep, type ListQuery, listingTakes } from "../cook/listing.js";
import { type FolderWatch, watchFolder } from "./folder.js";
import { type Place, placeOf } from "./places.js";

export interface WatchedFilesDoors {
  readonly clock: Clock;
  changed(path: string): void;
  /** What the cooks themselves write is no change. */
  isOurs(path: string): boolean;
  /** Something cannot be watched. */
  failed(error: Error): void;
}

/** How a folder is listed. */
interface Below {
  readonly deep: boolean;
  takes(name: string): boolean;
}

/** A path that somebody looks at. */
interface Wanted {
  readonly path: string;
  readonly below: Map<string, Below>;
  place: Place;
  /** The last round in which it was looked at. */
  round: number;
  /** It is a link in this folder, and looked at where that is. */
  readonly within?: string;
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

export class WatchedFiles {
  readonly #doors: WatchedFilesDoors;
  readonly #wanted = new Map<string, Wanted>();
  /** Who depends on an entry of a folder. */
  readonly #entries = new Map<string, Set<Wanted>>();
  readonly #opened = new Map<string, Opened>();
  /** Links that are about to be watched. */
  readonly #linking = new Set<Promise<void>>();
  #round = 0;
  #isClosed = false;

  constructor(doors: WatchedFilesDoors) {
    this.#doors = doors;
  }

  /** Watches a path, and of a folder what a listing takes. Resolves once no change passes unseen. */
  async add(path: string, listed?: ListQuery): Promise<void> {
    const known = this.#wanted.get(path);
    const wanted = known ?? { path, below: new Map<string, Below>(), place: placeOf(path), round: 0 };
    wanted.round = this.#round;
    const key = listed === undefined ? "" : JSON.stringify([listed.glob, listed.recursive]);
    if (listed !== undefined && !wanted.below.has(key))
      wanted.below.set(key, { deep: isDeep(listed), takes: listingTakes(listed) });
    if (known === undefined) this.#enter(wanted);
    await this.#watch(wanted);
    await Promise.all(this.#linking);
  }

  /** Resolves once all that it needs is watched. */
  async #watch(wanted: Wanted): Promise<void> {
    for (;;) {
      this.#open(wanted);
      const waits = [...foldersFor(wanted).keys()].flatMap((folder) => this.#opened.get(folder) ?? []);
      if (waits.every(({ isReady }) => isReady)) return;
      await Promise.all(waits.map(({ watch }) => watch.ready));
    }
  }

  #follow(link: string, within: string): void {
    if (this.#wanted.has(link)) return;
    const wanted: Wanted = { path: link, below: new Map(), place: placeOf(link), round: 0, within };
    this.#enter(wanted);
    const linking = this.#watch(wanted).finally(() => this.#linking.delete(linking));
    this.#linking.add(linking);
  }

  /** What is looked at from now on is of another round. */
  turn(): void {
    this.#round += 1;
  }

  /** Leaves what was not looked at in this round. */
  leaveOthers(): void {
    const isLeft = ({ round, within }: Wanted): boolean =>
      within === undefined ? round !== this.#round : this.#wanted.get(within)?.round !== this.#round;
    for (const wanted of [...this.#wanted.values()].filter(isLeft)) this.#withdraw(wanted);
    const used = new Set([...this.#wanted.values()].flatMap((wanted) => [...foldersFor(wanted).keys()]));
    for (const folder of [...this.#opened.keys()]) if (!used.has(folder)) this.#close(folder);
  }

  close(): void {
    this.#isClosed = true;
    for (const folder of [...this.#opened.keys()]) this.#close(folder);
  }

  #enter(wanted: Wanted): void {
    this.#wanted.set(wanted.path, wanted);
    for (const entry of wanted.place.entries) {
      const there = this.#entries.get(entry) ?? new Set();
      this.#entries.set(entry, there.add(wanted));
    }
  }

  #withdraw(wanted: Wanted): void {
    this.#wanted.delete(wanted.path);
    for (const entry of wanted.place.entries) {
      const there = this.#entries.get(entry);
      there?.delete(wanted);
      if (there?.size === 0) this.#entries.delete(entry);
    }
  }

  #open(wanted: Wanted): void {
    if (this.#isClosed) return;
    for (const [folder, deep] of foldersFor(wanted)) {
      const known = this.#opened.get(folder);
      if (known !== undefined && !known.isStale && (known.deep || !deep)) continue;
      this.#close(folder);
      const { clock, failed, isOurs } = this.#doors;
      const watch = watchFolder(folder, deep, isOurs, clock, {
        heard: (path, whole) => this.#heard(path, whole),
        linked: (path) => this.#follow(path, folder),
        failed,
      });
      const opened: Opened = { watch, deep, stamp: placeOf(folder).stamp, isReady: false, isStale: false };
      this.#opened.set(folder, opened);
      void watch.ready.then(() => {
        opened.isReady = true;
        // What changed while it was opened was not heard.
        if (this.#opened.get(folder) === opened) this.#lookAround(folder);
      });
    }
  }

  #close(folder: string): void {
    this.#opened.get(folder)?.watch.close();
    this.#opened.delete(folder);
  }

  #heard(path: string, whole: boolean): void {
    if (this.#isClosed || this.#doors.isOurs(path)) return;
    for (const wanted of [...(this.#entries.get(path) ?? [])]) {
      this.#lookAgain(wanted);
      if (!wanted.place.isFolder) this.#doors.changed(wanted.path);
    }
    if (whole) this.#lookAround(path);
    if (this.#isListed(path, whole)) this.#doors.changed(path);
  }

  /** Whether a listing of a folder around it may come out otherwise. */
  #isListed(path: string, whole: boolean): boolean {
    let isListed = false;
    for (let folder = dirname(path), last = path; folder !== last; last = folder, folder = dirname(folder)) {
      const wanted = this.#wanted.get(folder);
      const opened = this.#opened.get(folder);
      if (wanted === undefined) continue;
      const name = relative(folder, path).split(sep).join("/");
      for (const { deep, takes } of wanted.below.values()) {
        if (!deep && name.includes("/")) continue;
        if (takes(name) || (whole && deep)) isListed = true;
        if (whole && deep && opened !== undefined) opened.isStale = true;
      }
    }
    return isListed;
  }

  /** Looks again where the paths lead that go through a folder. */
  #lookAround(folder: string): void {
    for (const wanted of [...this.#wanted.values()]) if (foldersFor(wanted).has(folder)) this.#lookAgain(wanted);
  }

  /** Something on the way to a path changed: does it lead elsewhere, or through other folders? */
  #lookAgain(wanted: Wanted): void {
    const before = wanted.place;
    const now = placeOf(wanted.path);
    if (now.stamp !== before.stamp || now.entries.join("\0") !== before.entries.join("\0")) {
      this.#withdraw(wanted);
      wanted.place = now;
      this.#enter(wanted);
    }
    this.#closeReplaced(wanted.path, [...foldersFor(wanted).keys()]);
    this.#open(wanted);
    if (now.stamp !== before.stamp) this.#doors.changed(wanted.path);
  }

  /** Ends the watch of folders that are not there any more, though others may have their names; and of those around. */
  #closeReplaced(path: string, folders: readonly string[]): void {
    const replaced = folders.filter((folder) => {
      const opened = this.#opened.get(folder);
      return opened !== undefined && placeOf(folder).stamp !== opened.stamp;
    });
    if (replaced.length === 0) return;
    const isAround = (folder: string): boolean => path.startsWith(`${folder}${sep}`);
    const around = [...this.#opened].filter(([folder, { deep }]) => deep && isAround(folder)).map(([folder]) => folder);
    for (const folder of [...replaced, ...around]) this.#close(folder);
    // Others may have watched the same folders.
    for (const each of this.#wanted.values()) this.#open(each);
  }
}

/** The folders to be watched for a path, and whether with those below. */
function foldersFor({ path, place, below }: Wanted): ReadonlyMap<string, boolean> {
  const folders = new Map<string, boolean>(place.entries.map((entry) => [dirname(entry), false]));
  if (place.isFolder && below.size > 0)
    folders.set(
      path,
      [...below.values()].some(({ deep }) => deep),
    );
  return folders;
}
