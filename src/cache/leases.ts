/**
 * Folders of the engine's own: attempts, and what a killed cook may go on from. Knows nothing of what lies in them.
 *
 * A resume folder is called by its fingerprint and the epoch of the engine that holds it. A new engine renames it to its
 * own epoch, so that a worker left over from a killed engine no longer reaches it.
 */
import { join } from "node:path";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";

export class Leases {
  readonly #files: Files;
  readonly #attempts: string;
  readonly #resumes: string;
  readonly #epoch: number;
  /** Empty folders, to be used again: making and removing one costs more than publishing its file. */
  readonly #empty: string[] = [];
  /** Those that are in use. */
  readonly #given = new Set<string>();
  #made = 0;
  /** Names of resume folders by fingerprint, those of engines before us too. */
  #found: Map<string, string> | undefined;

  constructor(files: Files, folder: string, epoch: number) {
    this.#files = files;
    this.#attempts = join(folder, "attempts");
    this.#resumes = join(folder, "resume");
    this.#epoch = epoch;
  }

  /** Attempts of an engine that is no more. */
  clearAttempts(): void {
    this.#files.remove(this.#attempts);
  }

  /** A folder that is empty or not made yet, under a name that no attempt had before. */
  attempt(): string {
    const folder = this.#empty.pop() ?? this.#fresh();
    this.#given.add(folder);
    return folder;
  }

  #fresh(): string {
    return join(this.#attempts, `${this.#epoch}-${++this.#made}`);
  }

  /** An attempt whose files have moved into the store: nobody works in its folder any more. */
  release(folder: string): void {
    // A look is cheaper than removing what an item without files never made.
    if (!this.#given.delete(folder) || this.#files.lstat(folder) === undefined) {
      this.#files.remove(folder);
      return;
    }
    // What the node's code still writes by the old name must not reach the next attempt.
    const next = this.#fresh();
    this.#files.rename(folder, next);
    if (this.#files.list(next).length === 0) this.#empty.push(next);
    else this.#files.remove(next);
  }

  resume(fingerprint: Digest): string {
    const name = `${fingerprint}.${this.#epoch}`;
    const known = this.#names().get(fingerprint);
    if (known !== undefined && known !== name)
      this.#files.rename(join(this.#resumes, known), join(this.#resumes, name));
    this.#names().set(fingerprint, name);
    return join(this.#resumes, name);
  }

  /** What a committed result does not need any more. */
  endResume(fingerprint: Digest): void {
    const name = this.#names().get(fingerprint);
    if (name === undefined) return;
    const folder = join(this.#resumes, name);
    if (this.#files.lstat(folder) !== undefined) this.#files.remove(folder);
    this.#names().delete(fingerprint);
  }

  #names(): Map<string, string> {
    if (this.#found === undefined) {
      this.#found = new Map();
      const epochOf = (name: string) => Number(name.split(".")[1]);
      for (const name of this.#files.list(this.#resumes).sort((a, b) => epochOf(a) - epochOf(b))) {
        this.#found.set(name.split(".")[0]!, name);
      }
    }
    return this.#found;
  }
}
