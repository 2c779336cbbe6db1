/**
 * Watches what a graph comes from: files, and folders as they are listed. It follows a path wherever it leads: over links,
 * to a folder that is removed and returns, to a file that is replaced. Knows paths, and nothing of graphs.
 */
import { dirname, relative } from "node:path";
import { slashed } from "../base/system.js";
import type { ListQuery } from "../generate/listed.js";
import { isDeep, listingTakes } from "../generate/listing.js";
import { OpenedFolders, type OpenedFoldersDeps } from "./opened.js";
import { type WatchedPlace, watchedPlaceOf } from "./places.js";

export interface WatchedFilesDeps extends OpenedFoldersDeps {
  changed(path: string): void;
}

/** How a folder is listed. */
interface Listed {
  readonly deep: boolean;
  takes(name: string): boolean;
}

/** A path that somebody looks at. */
interface Wanted {
  readonly path: string;
  readonly below: Map<string, Listed>;
  place: WatchedPlace;
  /** The last round in which it was looked at. */
  round: number;
  /** It is a link in this folder, and looked at where that is. */
  readonly within?: string;
}

export class WatchedFiles {
  readonly #deps: WatchedFilesDeps;
  readonly #wanted = new Map<string, Wanted>();
  /** Who depends on an entry of a folder. */
  readonly #entries = new Map<string, Set<Wanted>>();
  readonly #folders: OpenedFolders;
  /** Links that are about to be watched. */
  readonly #linking = new Set<Promise<void>>();
  #round = 0;
  #isClosed = false;

  constructor(deps: WatchedFilesDeps) {
    this.#deps = deps;
    this.#folders = new OpenedFolders(deps, {
      changed: (path, whole) => this.#changed(path, whole),
      linked: (link, folder) => this.#follow(link, folder),
      // What changed while it was opened was not heard.
      ready: (folder) => this.#lookAround(folder),
    });
  }

  /**
   * Watches a path, and of a folder what a listing takes. Resolves once no change passes unseen: with whether any may have
   * until now, since nobody looked at it yet.
   */
  async add(path: string, listed?: ListQuery): Promise<boolean> {
    const known = this.#wanted.get(path);
    const wanted = known ?? { path, below: new Map<string, Listed>(), place: watchedPlaceOf(path), round: 0 };
    wanted.round = this.#round;
    const key = listed === undefined ? "" : JSON.stringify([listed.glob, listed.recursive]);
    const isNew = known === undefined || (listed !== undefined && !wanted.below.has(key));
    if (listed !== undefined && isNew) wanted.below.set(key, { deep: isDeep(listed), takes: listingTakes(listed) });
    if (known === undefined) this.#enter(wanted);
    await this.#watch(wanted);
    await Promise.all(this.#linking);
    return isNew;
  }

  /** Resolves once all that it needs is watched. */
  async #watch(wanted: Wanted): Promise<void> {
    for (;;) {
      this.#open(wanted);
      const waits = this.#folders.waits(foldersFor(wanted).keys());
      if (waits.length === 0) return;
      await Promise.all(waits);
    }
  }

  #follow(link: string, within: string): void {
    if (this.#wanted.has(link)) return;
    const wanted: Wanted = { path: link, below: new Map(), place: watchedPlaceOf(link), round: 0, within };
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
    this.#folders.closeOthers(new Set([...this.#wanted.values()].flatMap((wanted) => [...foldersFor(wanted).keys()])));
  }

  close(): void {
    this.#isClosed = true;
    this.#folders.closeOthers(new Set());
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
    for (const [folder, deep] of foldersFor(wanted)) this.#folders.open(folder, deep);
  }

  #changed(path: string, whole: boolean): void {
    if (this.#isClosed || this.#deps.isOurs(path)) return;
    for (const wanted of [...(this.#entries.get(path) ?? [])]) {
      this.#lookAgain(wanted);
      if (!wanted.place.isFolder) this.#deps.changed(wanted.path);
    }
    if (whole) this.#lookAround(path);
    if (this.#isListed(path, whole)) this.#deps.changed(path);
  }

  /** Whether a listing of a folder around it may come out otherwise. */
  #isListed(path: string, whole: boolean): boolean {
    let isListed = false;
    for (let folder = dirname(path), last = path; folder !== last; last = folder, folder = dirname(folder)) {
      const wanted = this.#wanted.get(folder);
      if (wanted === undefined) continue;
      const name = slashed(relative(folder, path));
      for (const { deep, takes } of wanted.below.values()) {
        if (!deep && name.includes("/")) continue;
        if (takes(name) || (whole && deep)) isListed = true;
        if (whole && deep) this.#folders.outdate(folder);
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
    const now = watchedPlaceOf(wanted.path);
    if (now.stamp !== before.stamp || now.entries.join("\0") !== before.entries.join("\0")) {
      this.#withdraw(wanted);
      wanted.place = now;
      this.#enter(wanted);
    }
    // Others may have watched the same folders.
    const isReplaced = this.#folders.closeReplaced(wanted.path, foldersFor(wanted).keys());
    for (const each of isReplaced ? this.#wanted.values() : [wanted]) this.#open(each);
    if (now.stamp !== before.stamp) this.#deps.changed(wanted.path);
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
