/**
 * A disk in memory: what programs see of it, and what of that would be left after the power failed. A name is durable once
 * its folder was synced, bytes once their file was; until then anything may be left of them. Times have the coarse ticks of
 * a real file system, and numbers of files are used again. Knows bytes and names, not what they are for.
 */
import { posix } from "node:path";
import type { FileStat, Files } from "../../src/base/files.js";
import { type Digest, digestOf } from "../../src/base/hash.js";
import type { Dice } from "../helpers/dice.js";

/** Milliseconds between two times that a file can have. */
const TICK_MS = 4;

interface File {
  readonly kind: "file";
  readonly number: number;
  bytes: Buffer;
  /** What is on the disk for sure. */
  synced: Buffer;
  mtime: number;
  ctime: number;
  /** What a database keeps in the file: it knows itself what is durable. */
  database?: Database;
}

/** What loses a part of itself with the power. */
export interface Database {
  lose(dice: Dice): void;
}

interface Folder {
  readonly kind: "directory";
  readonly number: number;
  readonly names: Map<string, Inode>;
  synced: Map<string, Inode>;
  mtime: number;
  ctime: number;
}

type Inode = File | Folder;

/** What a change does to the disk, by the names of Files. */
export type Change =
  | "write"
  | "append"
  | "create"
  | "makeDirectory"
  | "rename"
  | "remove"
  | "protect"
  | "copy"
  | "sync";

/** Who looks at every operation before it is done: by throwing, it fails. `torn`: a part is done first. */
export interface Watcher {
  change(change: Change, path: string, torn: () => void): void;
  look(path: string): void;
}

export class Disk {
  readonly #now: () => number;
  readonly #free: number[] = [];
  #numbered = 1;
  #root: Folder;

  constructor(now: () => number) {
    this.#now = now;
    this.#root = this.#folder();
  }

  /** The file system as a program sees it. */
  files(watcher: Watcher): Files {
    const change = (kind: Change, path: string, work: () => void, torn: () => void = () => {}): void => {
      watcher.change(kind, path, torn);
      work();
    };
    const look = <T>(path: string, answer: () => T): T => {
      watcher.look(path);
      return answer();
    };
    const stat = (path: string) => look(path, () => this.stat(path));
    return {
      stat,
      lstat: stat,
      real: (path) => path,
      stamps: async (folder, names) => names.map((name) => this.stat(posix.join(folder, name))?.stamp ?? ""),
      list: (path) => look(path, () => this.list(path)),
      entries: (path) =>
        look(path, () => [...this.#need(path, "directory").names].map(([name, { kind }]) => ({ name, kind }))),
      read: (path) => look(path, () => Buffer.from(this.#need(path, "file").bytes)),
      write: (path, data) => change("write", path, () => this.#writeWhole(path, Buffer.from(data))),
      append: (path, text) =>
        change(
          "append",
          path,
          () => this.#append(path, text),
          () => this.#append(path, text.slice(0, text.length / 2)),
        ),
      create: (path, text) => {
        let made = false;
        const work = () => {
          made = this.stat(path) === undefined;
          if (made) this.write(path, text);
        };
        change("create", path, work, () => this.stat(path) ?? this.write(path, text.slice(0, text.length / 2)));
        return made;
      },
      makeDirectory: (path) => change("makeDirectory", path, () => this.makeDirectory(path)),
      rename: (from, to) => change("rename", to, () => this.rename(from, to)),
      remove: (path) => change("remove", path, () => this.remove(path)),
      protect: (path) => change("protect", path, () => void this.#touch(this.#need(path, "file"))),
      copy: async (from, to) => {
        const { bytes } = this.#need(from, "file");
        const copied = (part: Buffer) => () => this.#fresh(to, part);
        change("copy", to, copied(bytes), copied(bytes.subarray(0, bytes.length / 2)));
      },
      sync: async (path) => change("sync", path, () => this.#sync(path)),
      digest: async (path) => look(path, () => this.digest(path)),
      digestNow: (path) => look(path, () => this.digest(path)),
    };
  }

  stat(path: string): FileStat | undefined {
    const found = this.#find(path);
    if (found === undefined) return undefined;
    const size = found.kind === "file" ? found.bytes.length : 0;
    const stamp = `${size}:${found.mtime}:${found.number}:${found.ctime}`;
    return { kind: found.kind, size, stamp, changed: found.ctime };
  }

  /** The inode's; undefined where nothing is there. */
  number(path: string): number | undefined {
    return this.#find(path)?.number;
  }

  list(path: string): string[] {
    const found = this.#find(path);
    return found?.kind === "directory" ? [...found.names.keys()] : [];
  }

  read(path: string): string {
    return this.#need(path, "file").bytes.toString("utf8");
  }

  digest(path: string): Digest {
    return digestOf(this.#need(path, "file").bytes);
  }

  /** Writes into the file that is there, or makes one; nothing is durable. */
  write(path: string, text: string): void {
    const found = this.#find(path);
    if (found?.kind === "file") {
      found.bytes = Buffer.from(text);
      this.#touch(found);
      found.mtime = found.ctime;
    } else this.#fresh(path, Buffer.from(text));
  }

  /** The database in a file; made, with a durable name, where none is there. */
  database<T extends Database>(path: string, make: () => T): T {
    if (this.#find(path) === undefined) {
      this.#fresh(path, EMPTY);
      this.#parent(path).synced.set(posix.basename(path), this.#need(path));
    }
    const file = this.#need(path, "file");
    file.database ??= make();
    return file.database as T;
  }

  makeDirectory(path: string): void {
    let at = this.#root;
    for (const name of partsOf(path)) {
      const next = at.names.get(name) ?? this.#folder();
      if (next.kind === "file") throw trouble("ENOTDIR", path);
      if (!at.names.has(name)) this.#name(at, name, next);
      at = next;
    }
  }

  rename(from: string, to: string): void {
    const moved = this.#need(from);
    const target = this.#parent(to);
    const there = target.names.get(posix.basename(to));
    if (there?.kind === "directory" && there.names.size > 0) throw trouble("ENOTEMPTY", to);
    this.#unname(this.#parent(from), posix.basename(from));
    this.#name(target, posix.basename(to), moved);
    this.#touch(moved);
  }

  remove(path: string): void {
    const found = this.#find(path);
    if (found === undefined) return;
    this.#unname(this.#parent(path), posix.basename(path));
    this.#free.push(found.number);
  }

  /** Paths of all files below a folder, with their texts. */
  *texts(folder: string): Iterable<readonly [string, string]> {
    const found = this.#find(folder);
    if (found?.kind !== "directory") return;
    for (const [name, inode] of found.names) {
      const path = posix.join(folder, name);
      if (inode.kind === "file") yield [path, inode.bytes.toString("utf8")];
      else yield* this.texts(path);
    }
  }

  /** A file, its name and the names of the folders above are durable. */
  keep(path: string): void {
    for (let at = path; ; at = posix.dirname(at)) {
      if (this.#find(at) !== undefined) this.#sync(at);
      if (at === posix.dirname(at)) return;
    }
  }

  /** All that is there is durable. */
  settle(): void {
    const settle = (folder: Folder): void => {
      folder.synced = new Map(folder.names);
      for (const inode of folder.names.values()) {
        if (inode.kind === "file") inode.synced = inode.bytes;
        else settle(inode);
      }
    };
    settle(this.#root);
  }

  /** The power fails: of what was not synced, any part is left. */
  lose(dice: Dice): void {
    const lose = (folder: Folder): void => {
      for (const name of new Set([...folder.names.keys(), ...folder.synced.keys()])) {
        const left = dice.chance(0.5) ? folder.names.get(name) : folder.synced.get(name);
        if (left === undefined) folder.names.delete(name);
        else folder.names.set(name, left);
      }
      for (const inode of folder.names.values()) {
        if (inode.kind === "directory") lose(inode);
        else if (inode.database !== undefined) inode.database.lose(dice);
        else inode.bytes = leftOf(inode, dice);
      }
    };
    lose(this.#root);
    this.settle();
  }

  #folder(): Folder {
    const time = this.#time();
    return { kind: "directory", number: this.#number(), names: new Map(), synced: new Map(), mtime: time, ctime: time };
  }

  #number(): number {
    return this.#free.pop() ?? this.#numbered++;
  }

  #time(): number {
    return Math.floor(this.#now() / TICK_MS) * TICK_MS;
  }

  #find(path: string): Inode | undefined {
    let at: Inode | undefined = this.#root;
    for (const name of partsOf(path)) at = at?.kind === "directory" ? at.names.get(name) : undefined;
    return at;
  }

  #need(path: string): Inode;
  #need(path: string, kind: "file"): File;
  #need(path: string, kind: "directory"): Folder;
  #need(path: string, kind?: Inode["kind"]): Inode {
    const found = this.#find(path);
    if (found === undefined) throw trouble("ENOENT", path);
    if (kind !== undefined && found.kind !== kind) throw trouble(kind === "file" ? "EISDIR" : "ENOTDIR", path);
    return found;
  }

  #parent(path: string): Folder {
    return this.#need(posix.dirname(path), "directory");
  }

  #name(folder: Folder, name: string, inode: Inode): void {
    folder.names.set(name, inode);
    this.#touch(folder);
    folder.mtime = folder.ctime;
  }

  #unname(folder: Folder, name: string): void {
    folder.names.delete(name);
    this.#touch(folder);
    folder.mtime = folder.ctime;
  }

  #touch(inode: Inode): void {
    inode.ctime = this.#time();
  }

  /** A new file, instead of what is there. */
  #fresh(path: string, bytes: Buffer): void {
    const time = this.#time();
    const file: File = { kind: "file", number: this.#number(), bytes, synced: EMPTY, mtime: time, ctime: time };
    this.#name(this.#parent(path), posix.basename(path), file);
  }

  #writeWhole(path: string, bytes: Buffer): void {
    this.#fresh(path, bytes);
    this.#need(path, "file").synced = bytes;
  }

  #append(path: string, text: string): void {
    const found = this.#find(path);
    const before = found?.kind === "file" ? found.bytes.toString("utf8") : "";
    this.write(path, before + text);
  }

  #sync(path: string): void {
    const found = this.#need(path);
    if (found.kind === "file") found.synced = found.bytes;
    else found.synced = new Map(found.names);
  }
}

const EMPTY = Buffer.alloc(0);

function leftOf({ bytes, synced }: File, dice: Dice): Buffer {
  if (bytes === synced) return bytes;
  const roll = dice.part();
  if (roll < 0.3) return bytes;
  if (roll < 0.6) return synced;
  const half = bytes.subarray(0, dice.from(0, bytes.length));
  // Its size may be there, and its bytes not.
  return roll < 0.8 ? half : Buffer.concat([half, Buffer.alloc(bytes.length - half.length)]);
}

const PARTS = new Map<string, readonly string[]>();

/** The names of a path. Remembered: the same few are asked for again and again. */
function partsOf(path: string): readonly string[] {
  const known = PARTS.get(path);
  if (known !== undefined) return known;
  if (PARTS.size > 10_000) PARTS.clear();
  const parts = path.split("/").filter((part) => part !== "");
  PARTS.set(path, parts);
  return parts;
}

/** An error as a file system throws it. */
export function trouble(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
