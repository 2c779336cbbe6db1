/** What a look into a folder found: names in natural order, and what each file is, in columns. Looks at nothing itself. */
import { type Digest, digestOf } from "../base/hash.js";
import type { DiscoveredFile } from "../nodetype/define.js";
import type { KnownFiles } from "../store/user-files.js";

/** What a listing asks for; paths are symbolic. */
export interface ListQuery {
  readonly directory: string;
  readonly glob: string;
  readonly recursive: boolean;
}

/** Names in natural order; what follows from them is found out once. */
export class Names {
  readonly all: readonly string[];
  /** In the order in which the folder told them. */
  readonly found: readonly string[];
  readonly #paths = new Map<string, readonly string[]>();
  #digest: Digest | undefined;

  constructor(all: readonly string[], found: readonly string[]) {
    this.all = all;
    this.found = found;
  }

  /** The same names in the same order. */
  get digest(): Digest {
    this.#digest ??= digestOf(this.all.join("\0"));
    return this.#digest;
  }

  /** Their paths in a folder. */
  in(directory: string): readonly string[] {
    let paths = this.#paths.get(directory);
    if (paths === undefined) {
      paths = this.all.map((name) => `${directory}/${name}`);
      this.#paths.set(directory, paths);
    }
    return paths;
  }
}

export class Listed {
  readonly #query: ListQuery;
  readonly #names: Names;
  readonly #known: KnownFiles;

  /** `known`: of every name. */
  constructor(query: ListQuery, names: Names, known: KnownFiles) {
    this.#query = query;
    this.#names = names;
    this.#known = known;
  }

  /** The same names in the same order. */
  get namesDigest(): Digest {
    return this.#names.digest;
  }

  /** The same names with the same content in the same order. */
  get digest(): Digest {
    const { digests } = this.#known;
    let text = "";
    for (const [place, name] of this.#names.all.entries()) text += `${digests[place]} ${name}\0`;
    return digestOf(text);
  }

  /** The same names in the order in which the folder tells them. */
  get foundDigest(): Digest {
    return digestOf(this.#names.found.join("\0"));
  }

  /** The places of the names in the order in which the folder tells them. */
  get order(): readonly number[] {
    const places = new Map(this.#names.found.map((name, place) => [name, place]));
    return this.#names.all.map((name) => places.get(name)!);
  }

  /**
   * A digest of the stamps in the order in which the folder tells the names; or, with `size`, one for each so many in natural
   * order. Undefined where one of them does not say what its file is.
   */
  stampsIn(size: number | undefined): readonly (Digest | undefined)[] {
    const { stamps } = this.#known;
    const of = (some: readonly string[]) => (some.includes("") ? undefined : digestOf(some.join("\n")));
    if (size === undefined) {
      const places = new Map(this.#names.all.map((name, place) => [name, place]));
      return [of(this.#names.found.map((name) => stamps[places.get(name)!]!))];
    }
    const count = Math.ceil(stamps.length / size);
    return Array.from({ length: count }, (_, piece) => of(stamps.slice(piece * size, (piece + 1) * size)));
  }

  /** Path and digest of every file. */
  *each(): Generator<{ readonly path: string; readonly digest: Digest }, void> {
    const paths = this.#names.in(this.#query.directory);
    for (const [place, path] of paths.entries()) yield { path, digest: this.#known.digests[place]! };
  }

  get length(): number {
    return this.#names.all.length;
  }

  /** The files of some places, made anew: whoever gets them may do with them as he likes. */
  files(from = 0, count = this.length): DiscoveredFile[] {
    const { digests, sizes } = this.#known;
    const paths = this.#names.in(this.#query.directory);
    const files: DiscoveredFile[] = [];
    for (let place = from; place < from + count; place++) {
      const [path, name] = [paths[place]!, this.#names.all[place]!];
      files.push({ path, name, digest: digests[place]!, size: sizes[place]! });
    }
    return files;
  }
}

/** The order of names, kept from cook to cook: where a folder holds what it held, there is nothing to sort. */
export class Orders {
  readonly #kept = new Map<string, { readonly found: readonly string[]; readonly names: Names }>();

  /** The names in natural order. `view`: what was looked at, and how. */
  of(view: string, found: readonly string[]): Names {
    const kept = this.#kept.get(view);
    if (kept !== undefined && areSame(kept.found, found)) return kept.names;
    const names = new Names(naturally(found), found);
    this.#kept.set(view, { found, names });
    return names;
  }
}

function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, place) => name === others[place]);
}

/** Sorts so that `tile2` comes before `tile10`. */
export function naturally(names: readonly string[]): string[] {
  const keyed = names.map((name) => ({ name, key: name.replace(/\d+/g, (digits) => digits.padStart(16, "0")) }));
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.name < b.name ? -1 : 1));
  return keyed.map(({ name }) => name);
}
