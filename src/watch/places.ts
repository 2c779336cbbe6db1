/** Where a path leads, links followed: what is there, and which names along the way decide it. Watches nothing. */
import { lstatSync, readlinkSync } from "node:fs";
import { join, parse, resolve, sep } from "node:path";

export interface WatchedPlace {
  /** Absolute paths whose coming, going or changing can change what the path leads to: itself, and every link on the way. */
  readonly entries: readonly string[];
  /** Differs where the path leads to other content: another folder, another file, or nothing. */
  readonly stamp: string;
  readonly isFolder: boolean;
}

/** As many links in a row as the system follows. */
const MOST_LINKS = 40;

export function watchedPlaceOf(path: string): WatchedPlace {
  const entries: string[] = [];
  const { root } = parse(resolve(path));
  let at = root;
  let left = partsOf(path);
  for (let links = 0; links <= MOST_LINKS; ) {
    const [name, ...rest] = left;
    if (name === undefined) break;
    const next = join(at, name);
    const found = lstatSync(next, { bigint: true, throwIfNoEntry: false });
    const isLink = found?.isSymbolicLink() === true;
    if (found === undefined || isLink || rest.length === 0) entries.push(next);
    if (found === undefined) return { entries, stamp: "nothing", isFolder: false };
    if (isLink) {
      links += 1;
      left = [...partsOf(resolve(at, readlinkSync(next))), ...rest];
      at = root;
    } else if (rest.length > 0) {
      at = next;
      left = rest;
    } else {
      const { dev, ino, size, mtimeNs, birthtimeNs } = found;
      const isFolder = found.isDirectory();
      // A folder's content is not its place: it is listed. The number of one that is gone may be given to the next.
      const content = isFolder ? birthtimeNs : `${size}:${mtimeNs}`;
      return { entries, stamp: `${next} ${dev}:${ino} ${content}`, isFolder };
    }
  }
  return { entries, stamp: "nothing", isFolder: false };
}

function partsOf(path: string): readonly string[] {
  const absolute = resolve(path);
  return absolute.slice(parse(absolute).root.length).split(sep).filter(Boolean);
}
