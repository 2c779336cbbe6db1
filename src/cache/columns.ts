/**
 * Stamps and digests of all files that a listing found, in columns: one remembered value for a hundred thousand files, where
 * a row each takes ten times as long to read. Each stamp with its digest is a fact about a path, true for good; the columns
 * only hold many of them together. Knows nothing of where the files lie.
 */
import { type Digest, digestOf } from "../base/hash.js";
import type { FileDigest } from "./store.js";

export class Columns {
  readonly #names: Digest;
  readonly #stamps: string[];
  readonly #found: (FileDigest | undefined)[];
  /** Files whose facts came since the columns were last written. */
  fresh = 0;

  private constructor(names: Digest, stamps: string[], found: (FileDigest | undefined)[]) {
    this.#names = names;
    this.#stamps = stamps;
    this.#found = found;
  }

  static empty(names: readonly string[]): Columns {
    return new Columns(namesDigest(names), [], new Array(names.length));
  }

  /** Undefined where the text is of other names. */
  static parse(text: string, names: readonly string[]): Columns | undefined {
    const [of, stamps = "", digests = "", sizes = ""] = text.split("\n");
    if (of !== namesDigest(names)) return undefined;
    const size = sizes.split(" ");
    const found = digests.split(" ").map((digest, place) => {
      return digest === "" ? undefined : { digest: digest as Digest, size: Number(size[place]) };
    });
    return new Columns(of as Digest, stamps.split(" "), found);
  }

  isOf(names: readonly string[]): boolean {
    return this.#found.length === names.length && this.#names === namesDigest(names);
  }

  /** What the file at a place was when it had this stamp. */
  at(place: number, stamp: string): FileDigest | undefined {
    return this.#stamps[place] === stamp ? this.#found[place] : undefined;
  }

  put(place: number, stamp: string, { digest, size }: FileDigest): void {
    this.#stamps[place] = stamp;
    this.#found[place] = { digest, size };
    this.fresh += 1;
  }

  /** Whether so much is new that writing them all costs less than finding it again. */
  get isWorthWriting(): boolean {
    return this.fresh > this.#found.length / 64;
  }

  toString(): string {
    const found = Array.from(this.#found, (one) => one);
    return [
      this.#names,
      Array.from(found, (one, place) => (one === undefined ? "" : this.#stamps[place])).join(" "),
      found.map((one) => one?.digest ?? "").join(" "),
      found.map((one) => one?.size ?? 0).join(" "),
    ].join("\n");
  }
}

function namesDigest(names: readonly string[]): Digest {
  return digestOf(names.join("\0"));
}
