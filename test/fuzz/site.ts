/**
 * A world's folder: its sources, the code of its node types, the outputs of its items, and what people do to them. Knows bytes,
 * paths and times, and nothing of cooking.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Broken } from "./broken.js";
import type { Edit } from "./edits.js";
import type { PlacedFile } from "./model.js";
import { WORKING } from "./works.js";

const WORKS = new URL("./works.js", import.meta.url).href;

type FileEdit = Extract<Edit, { kind: "write" | "touch" | "remove" | "move" | "swap" }>;

export class Site {
  readonly folder: string;
  /** Bytes of a user's own that were put over outputs, and must never be lost. */
  readonly #own = new Map<string, string>();
  readonly #comments = new Map<string, number>();
  #written = 0;

  /** Writes the node types; the rest follows with `furnish`. */
  constructor(folder: string) {
    this.folder = folder;
    for (const type of WORKING) this.writeCode(type);
    this.#writeType("fuzz/grow", "growing()");
  }

  furnish(files: Readonly<Record<string, string>>): void {
    for (const path of ["data/a", "data/b", "extra", "more", "out"])
      mkdirSync(join(this.folder, path), { recursive: true });
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  writeCode(type: string, variant = 0): void {
    this.#writeType(type, `working("${type.slice("fuzz/".length)}", ${variant})`);
  }

  /** From now on its code has another comment. */
  comment(type: string): void {
    this.#comments.set(type, (this.#comments.get(type) ?? 0) + 1);
  }

  #writeType(type: string, made: string): void {
    const path = join(this.folder, "nodes", `${type}.js`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `// Comment ${this.#comments.get(type) ?? 0}.\nimport * as works from "${WORKS}";\nexport default works.${made};\n`,
    );
  }

  /** No two files have the same time, as those that a person writes. Null: the file is removed. */
  write(path: string, content: string | null, keeps = false): void {
    const full = join(this.folder, path);
    if (content === null) {
      rmSync(full);
      return;
    }
    const before = keeps ? statSync(full, { throwIfNoEntry: false }) : undefined;
    writeFileSync(full, content, "latin1");
    if (before === undefined) this.#stamp(path);
    else utimesSync(full, before.atime, before.mtime);
  }

  #stamp(path: string): void {
    this.#written += 1;
    const time = 1_700_000_000 + this.#written;
    utimesSync(join(this.folder, path), time, time);
  }

  happen(edit: FileEdit): void {
    const at = (path: string) => join(this.folder, path);
    if (edit.kind === "write") this.write(edit.path, edit.content, edit.keeps);
    else if (edit.kind === "touch") this.#stamp(edit.path);
    else if (edit.kind === "remove") rmSync(at(edit.path));
    else if (edit.kind === "move") renameSync(at(edit.path), at(edit.to));
    else {
      renameSync(at(edit.path), at("aside"));
      renameSync(at(edit.to), at(edit.path));
      renameSync(at("aside"), at(edit.to));
    }
  }

  /** Somebody does something to one of the outputs. `pick`: its part of their list. */
  disturb(placed: readonly PlacedFile[], how: "remove" | "edit" | "touch", pick: number): void {
    const path = placed[pick % placed.length]?.path;
    if (path === undefined || !existsSync(join(this.folder, path))) return;
    if (how === "touch") this.#stamp(path);
    else this.#own.delete(path);
    if (how === "remove") rmSync(join(this.folder, path));
    if (how !== "edit") return;
    const own = `my own ${this.#written}`;
    this.write(path, own);
    this.#own.set(path, own);
  }

  /** Removes one of the store's blobs; answers its digest. */
  loseBlob(pick: number): string | undefined {
    const folder = join(this.folder, ".dag/blobs");
    if (!existsSync(folder)) return undefined;
    const inShard = (shard: string) => readdirSync(join(folder, shard)).map((name) => join(shard, name));
    const blobs = readdirSync(folder).flatMap(inShard).sort();
    const lost = blobs[pick % blobs.length];
    if (lost === undefined) return undefined;
    rmSync(join(folder, lost));
    return lost.replace("/", "");
  }

  /** Every output lies where it belongs, and nothing of a user's own is lost. Throws Broken. */
  requirePlaced(placed: readonly PlacedFile[]): void {
    for (const { path, content } of placed) {
      const full = join(this.folder, path);
      if (!existsSync(full)) throw new Broken(`${path} is not there`);
      if (readFileSync(full, "latin1") !== content) throw new Broken(`${path} does not hold its item's bytes`);
      const own = this.#own.get(path);
      if (own === undefined) continue;
      const [folder, name] = [dirname(full), path.slice(path.lastIndexOf("/") + 1)];
      const saved = readdirSync(folder).filter((each) => each.startsWith(`${name}.edited`));
      if (!saved.some((each) => readFileSync(join(folder, each), "latin1") === own))
        throw new Broken(`what a user made of ${path} is lost`);
      this.#own.delete(path);
    }
  }
}
