/**
 * Stamps and digests of all files that a listing found, in columns: one remembered value for a hundred thousand files, where
 * a row each takes ten times as long to read. Each stamp with its digest is a fact about a path, true for good; the columns
 * only hold many of them together. Knows nothing of where the files lie.
 */
import { type Digest, digestOf } from "../base/hash.js";
import type { FileDigest, KnownFiles } from "./user-files.js";

export class Columns {
  readonly #of: Digest;
  readonly #stamps: string[];
  /** Empty for a file of which nothing is known. */
  readonly #digests: string[];
  readonly #sizes: (number | string)[];
  /** The names that were last found to be its own. */
  #names: readonly string[];
  /** Files whose facts came since the columns were last written. */
  fresh = 0;

  private constructor(
    of: Digest,
    names: readonly string[],
    columns: readonly [string[], string[], (number | string)[]],
  ) {
    this.#of = of;
    this.#names = names;
    [this.#stamps, this.#digests, this.#sizes] = columns;
  }

  static empty(names: readonly string[]): Columns {
    const column = (): string[] => names.map(() => "");
    return new Columns(namesDigest(names), names, [column(), column(), column()]);
  }

  /** Undefined where the text is of other names. */
  static parse(text: string, names: readonly string[]): Columns | undefined {
    const [of, stamps = "", digests = "", sizes = ""] = text.split("\n");
    if (of !== namesDigest(names)) return undefined;
    return new Columns(of as Digest, names, [stamps.split(" "), digests.split(" "), sizes.split(" ")]);
  }

  isOf(names: readonly string[]): boolean {
    if (this.#names === names) return true;
    if (this.#names.length !== names.length || this.#of !== namesDigest(names)) return false;
    this.#names = names;
    return true;
  }

  /** What the files were when they had these stamps; those of which it is not known are `unknown`. */
  at(stamps: readonly string[]): Omit<KnownFiles, "unknown" | "stamps"> & { readonly unknown: number[] } {
    const digests = new Array<Digest | undefined>(stamps.length);
    const sizes = new Array<number>(stamps.length);
    const unknown: number[] = [];
    for (const [place, stamp] of stamps.entries()) {
      const digest = stamp === this.#stamps[place] ? this.#digests[place]! : "";
      digests[place] = digest === "" ? undefined : (digest as Digest);
      sizes[place] = Number(this.#sizes[place]);
      if (digest === "") unknown.push(place);
    }
    return { digests, sizes, unknown };
  }

  put(place: number, stamp: string, { digest, size }: FileDigest): void {
    this.#stamps[place] = stamp;
    this.#digests[place] = digest;
    this.#sizes[place] = size;
    this.fresh += 1;
  }

  /** Whether so much is new that writing them all costs less than finding it again. */
  get isWorthWriting(): boolean {
    return this.fresh > this.#names.length / 64;
  }

  toString(): string {
    return [this.#of, ...[this.#stamps, this.#digests, this.#sizes].map((column) => column.join(" "))].join("\n");
  }
}

function namesDigest(names: readonly string[]): Digest {
  return digestOf(names.join("\0"));
}
