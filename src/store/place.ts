/**
 * Puts files of the content store at users' paths, and never loses what a user made there. Knows nothing of which items
 * the files belong to.
 */
import { dirname, join } from "node:path";
import type { FileStat, Files } from "../base/files.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { Content } from "./content.js";
import type { Entries, Stamp } from "./entries.js";
import { explain, StoreError } from "./errors.js";
import type { Pending } from "./pending.js";
import type { FileDigest, Placement } from "./user-files.js";

export class Placements {
  readonly #files: Files;
  readonly #content: Content;
  readonly #entries: Entries;
  readonly #pending: Pending;
  readonly #boot: string;
  #known: Map<string, Stamp> | undefined;

  /** `boot`: tells when the machine was switched on. Of what was written before that, anything may be left. */
  constructor(files: Files, content: Content, entries: Entries, pending: Pending, boot: string) {
    this.#files = files;
    this.#content = content;
    this.#entries = entries;
    this.#pending = pending;
    this.#boot = boot;
  }

  /** Rejects with a StoreError in the user's words. */
  async place(digest: Digest, target: string): Promise<Placement> {
    try {
      const found = this.#files.stat(target);
      if (found === undefined) return await this.#copy(digest, target, "placed");
      if (found.kind !== "file") throw new StoreError(`Cannot write ${target}: ${inTheWay(found.kind)}`);
      const known = this.#placed().get(target);
      const isKnown = known?.stamp === this.#stampOf(found);
      const present = isKnown ? known.digest : await this.#files.digest(target);
      if (present === digest) {
        if (!isKnown) this.#record(digest, target);
        return "kept";
      }
      // Bytes that we put there, or could put there again, are no loss.
      const isUntouched = known?.stamp.endsWith(` ${found.stamp}`) === true;
      const isOurs = isUntouched || present === known?.digest || this.#content.has(present);
      return await this.#copy(digest, target, isOurs ? "placed" : "placed_beside_edited");
    } catch (error) {
      throw explain(`Cannot write ${target}`, error);
    }
  }

  /** What was put at a path since the machine was switched on, as far as it is known. */
  at(target: string): FileDigest | undefined {
    const known = this.#placed().get(target);
    if (known?.stamp.startsWith(`${this.#boot} `) !== true) return undefined;
    return { ...known, stamp: known.stamp.slice(this.#boot.length + 1) };
  }

  #placed(): Map<string, Stamp> {
    this.#known ??= new Map(this.#entries.stamps("placed", "").map((stamp) => [stamp.path, stamp]));
    return this.#known;
  }

  async #copy(digest: Digest, target: string, how: Placement): Promise<Placement> {
    const folder = dirname(target);
    // One name for each target: what a crash left is overwritten by the next attempt.
    const temporary = join(folder, `.dag-${digestOf(target).slice(0, 16)}`);
    const source = this.#content.path(digest);
    if (!this.#content.has(digest)) {
      throw new StoreError(`Cannot write ${target}: the store has lost the file. Cook its item again.`);
    }
    this.#files.makeDirectory(folder);
    try {
      await this.#files.copy(source, temporary);
      // Only now, when nothing that may fail for want of space is left to do.
      if (how === "placed_beside_edited") this.#files.rename(target, this.#editedName(target));
      this.#files.rename(temporary, target);
    } catch (error) {
      this.#files.remove(temporary);
      throw error;
    }
    this.#record(digest, target);
    return how;
  }

  #record(digest: Digest, target: string): void {
    const found = this.#files.stat(target);
    if (found === undefined) return;
    const stamp: Stamp = { path: target, stamp: this.#stampOf(found), digest, size: found.size };
    this.#placed().set(target, stamp);
    this.#pending.stamp("placed", stamp);
  }

  /** Copies are not made durable one by one: after a power failure their bytes are looked at, whatever their stamps say. */
  #stampOf({ stamp }: FileStat): string {
    return `${this.#boot} ${stamp}`;
  }

  /** `NAME.edited`, then `NAME.edited.2` and so on: none that is taken. */
  #editedName(target: string): string {
    for (let number = 1; ; number++) {
      const name = `${target}.edited${number === 1 ? "" : `.${number}`}`;
      if (this.#files.lstat(name) === undefined) return name;
    }
  }
}

function inTheWay(kind: string): string {
  return kind === "directory" ? "a folder has that name. Move it." : "what is there is no file. Choose another name.";
}
