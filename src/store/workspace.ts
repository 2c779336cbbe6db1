/**
 * Folders of the engine's own: attempts, what a killed cook may resume from, logs. Knows nothing of what is in them.
 *
 * A resume folder is called by its fingerprint and the engine that holds it. A new engine renames it, so that a worker left over
 * from a killed engine no longer reaches it. An engine is known by epoch and process: epochs begin anew where the database
 * is lost before anything was published.
 */
import { basename, join, sep } from "node:path";
import type { Files } from "../base/files.js";
import type { Digest } from "../base/hash.js";
import { explain } from "./errors.js";

export interface WorkspaceParts {
  readonly files: Files;
  /** The store's. */
  readonly folder: string;
  readonly owner: string;
  readonly warn: (message: string) => void;
}

export class Workspace {
  readonly #files: Files;
  readonly #warn: (message: string) => void;
  readonly #folder: string;
  readonly #attempts: string;
  readonly #resumes: string;
  readonly #owner: string;
  /** Empty folders, to be used again: making and removing one costs more than publishing its file. */
  readonly #empty: string[] = [];
  /** Those that are in use. */
  readonly #given = new Set<string>();
  #made = 0;
  /** Names of resume folders that engines before us left, by fingerprint. */
  #found: Map<string, string> | undefined;

  /** `owner`: the engine's epoch and process, `3.4711`. */
  constructor({ files, folder, owner, warn }: WorkspaceParts) {
    this.#files = files;
    this.#folder = folder;
    this.#warn = warn;
    this.#attempts = join(folder, "attempts");
    this.#resumes = join(folder, "resume");
    this.#owner = owner;
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
    // `join` takes longer than all the rest.
    return `${this.#attempts}${sep}${this.#owner}-${++this.#made}`;
  }

  /** Results are committed: neither their attempts' folders nor what a killed cook could resume from is needed any more. */
  finished(results: readonly { readonly fingerprint: Digest; readonly directory: string }[]): void {
    this.tidy(() => this.#endResumes(results.map(({ fingerprint }) => fingerprint)));
    this.tidy(() => this.#release(results.map(({ directory }) => directory)));
  }

  /** What cannot be tidied is no trouble of a result that is committed: the next start does it. */
  tidy(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#warn(explain(`Cannot tidy the store ${this.#folder}`, error).message);
    }
  }

  /** Attempts whose files have moved into the store: nobody works in their folders any more. */
  #release(folders: readonly string[]): void {
    // Of items without files most never made theirs: one look at all is cheaper than one at each.
    const made = new Set(this.#listed(this.#attempts));
    for (const folder of folders) {
      const isOurs = this.#given.delete(folder);
      if (!isOurs) this.#files.remove(folder);
      else if (made.has(basename(folder))) this.#reuse(folder);
    }
  }

  /** What the node's code still writes by the old name must not reach the next attempt. */
  #reuse(folder: string): void {
    const next = this.#fresh();
    this.#files.rename(folder, next);
    if (this.#files.list(next).length === 0) this.#empty.push(next);
    else this.#files.remove(next);
  }

  /** The resume folder of a fingerprint (not made yet), leased to this engine. Throws a StoreError where it cannot be taken over. */
  resume(fingerprint: Digest): string {
    const folder = `${this.#resumes}${sep}${fingerprint}.${this.#owner}`;
    try {
      const known = this.#earlier().get(fingerprint);
      if (known !== undefined) this.#files.rename(join(this.#resumes, known), folder);
      this.#earlier().delete(fingerprint);
      return folder;
    } catch (error) {
      throw explain(`Cannot take over a resume folder of the store ${this.#folder}`, error);
    }
  }

  /** Deletes a resume folder: what is in it came from inputs that changed, and must not be resumed from. */
  endResume(fingerprint: Digest): void {
    this.#endResumes([fingerprint]);
  }

  /** Logs of a run of that number, which a database that was lost knew, make way. */
  clearLogs(run: number): void {
    this.#files.remove(join(this.#folder, "logs", String(run)));
  }

  /** Path of an item's log in this run. */
  log(run: number, name: string): string {
    return join(this.#folder, "logs", String(run), `${name.replaceAll(/[^\w.-]/g, "_")}.log`);
  }

  #endResumes(fingerprints: readonly Digest[]): void {
    const made = new Set(this.#listed(this.#resumes));
    for (const fingerprint of made.size === 0 ? [] : fingerprints) {
      const name = `${fingerprint}.${this.#owner}`;
      if (made.has(name)) this.#files.remove(join(this.#resumes, name));
    }
  }

  #listed(folder: string): readonly string[] {
    return this.#files.lstat(folder) === undefined ? [] : this.#files.list(folder);
  }

  #earlier(): Map<string, string> {
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
