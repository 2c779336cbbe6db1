/**
 * A result as the database's text, which is read when somebody looks into it: most of what a cook finds is looked into by
 * nobody. Knows nothing of the database.
 */
import type { Digest } from "../base/hash.js";
import type { StoredEntry } from "./entries.js";
import type { Entry } from "./results.js";

type Members = Pick<Entry, "outputs" | "attributes" | "seconds">;

export class PackedResult implements StoredEntry {
  readonly fingerprint: Digest;
  readonly boot: string | null;
  #members: string | Members;

  /** `members`: those of a JSON object, without its braces. */
  constructor(fingerprint: Digest, boot: string | null, members: string) {
    this.fingerprint = fingerprint;
    this.boot = boot;
    this.#members = members;
  }

  get outputs(): Entry["outputs"] {
    return this.#read().outputs;
  }

  get attributes(): Entry["attributes"] {
    return this.#read().attributes;
  }

  get seconds(): number {
    return this.#read().seconds;
  }

  #read(): Members {
    if (typeof this.#members === "string") this.#members = JSON.parse(`{${this.#members}}`) as Members;
    return this.#members;
  }
}
