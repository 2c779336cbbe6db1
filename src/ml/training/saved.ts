/**
 * The files of a training, in a folder that outlives a killed attempt: each is written whole or not at all, and handed over
 * at the end. It knows paths and kinds of files, nothing of what is in them.
 */
import { existsSync } from "node:fs";
import { copyFile, link, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { slashed } from "../../base/system.js";

/** What a file of any training may be. `other_weights`: those of a network in use that are not in use, beside those that are. */
export type SavedKind = "checkpoint" | "other_weights" | "state" | "onnx" | "plot" | "tensorboard" | "summary";

/** A file that was saved. */
export interface SavedFile {
  /** Relative to the folder, with `/` between its parts. */
  readonly path: string;
  /** What it is, which decides its tag: a `SavedKind`, the role of a network that helps to train, or a kind of its family. */
  readonly kind: string;
  /** Dotted name of the parameter that says where it goes; null where none does. */
  readonly parameter: string | null;
  readonly iteration: number;
  /** Which network of its kind it is of, where there are several. */
  readonly index?: number;
}

/** Saved files by path: one that is saved again takes the place of the former. */
export class SavedFiles {
  readonly #folder: string;
  readonly #files = new Map<string, SavedFile>();
  /** Whether the folder may hold what is none of the files. */
  #untidy = true;

  /** `known`: what was saved there before, by an attempt that is continued. */
  constructor(folder: string, known: readonly SavedFile[]) {
    this.#folder = folder;
    for (const file of known) this.#files.set(file.path, file);
  }

  get all(): readonly SavedFile[] {
    return [...this.#files.values()];
  }

  /** Whether every file is where it was saved. */
  get complete(): boolean {
    return this.all.every(({ path }) => existsSync(join(this.#folder, path)));
  }

  /** Saves a file that `write` writes to the path that it is given (of the same extension). */
  async save(file: SavedFile, write: (path: string) => Promise<unknown>): Promise<void> {
    const path = join(this.#folder, file.path);
    const temporary = join(dirname(path), `.tmp-${process.pid}-${basename(path)}`);
    await mkdir(dirname(path), { recursive: true });
    try {
      await write(temporary);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    // Again at the end: the order is that of the last saves.
    this.#files.delete(file.path);
    this.#files.set(file.path, file);
  }

  /** Answers the path of a file that grows from now on, and is a saved one as it is. Its folder is there. */
  async grow(file: SavedFile): Promise<string> {
    const path = join(this.#folder, file.path);
    await mkdir(dirname(path), { recursive: true });
    this.#files.set(file.path, file);
    return path;
  }

  /**
   * Lets go of files: they are not handed over. They stay in the folder until it is tidied, since a state that was written
   * before may still name them.
   */
  letGo(isDue: (file: SavedFile) => boolean): void {
    for (const file of this.all) this.#untidy = (isDue(file) && this.#files.delete(file.path)) || this.#untidy;
  }

  /** Removes what is none of the files: what was let go, and what killed attempts left. */
  async tidy(): Promise<void> {
    if (!this.#untidy) return;
    this.#untidy = false;
    if (!existsSync(this.#folder)) return;
    for (const entry of await readdir(this.#folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const isKnown = this.#files.has(slashed(relative(this.#folder, path)));
      if (entry.isFile() && !isKnown) await rm(path, { force: true });
    }
  }

  /** Puts every file below another folder, where it shares its bytes with the saved one if the file system can. */
  async handOver(folder: string): Promise<void> {
    for (const { path } of this.#files.values()) {
      const [from, to] = [join(this.#folder, path), join(folder, path)];
      await mkdir(dirname(to), { recursive: true });
      // Saved files are only ever replaced, never written into; those that grow do so in a new one after this.
      await link(from, to).catch(() => copyFile(from, to));
    }
  }
}
