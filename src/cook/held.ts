/**
 * Parts of a graph that stand as the last cook left them. Of a part that ended well is kept what decided it: the nodes as
 * they are written and coded, and the stamps of all files that it came from, or put somewhere. Where nothing of that is
 * another, judging its items one by one would find each result in the store: none of them is made, and the nodes count them.
 * What is another is judged item by item.
 *
 * A stamp is kept with what the file was when it had it, never one that was taken later. The store forgets all that is kept with
 * any change of its results.
 */
import { basename, dirname } from "node:path";
import { isProblem } from "../base/error.js";
import type { Files } from "../base/files.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { Codes } from "../nodetype/code.js";
import { HELD } from "../store/history.js";
import type { Store } from "../store/store.js";
import type { Bounds } from "./bounds.js";
import type { ListQuery } from "./listed.js";
import type { Listing, Looked } from "./listing.js";
import { digestOfPart, isPlain, partsOf } from "./parts.js";

/** What became of a node's items; those that are neither were done without work. */
export interface HeldNode {
  readonly node: string;
  readonly items: number;
  /** Whose results are in the store. */
  readonly cached: number;
  readonly notScheduled: number;
  /** Of partitions: how many items they hold, and which of their files they offer. */
  readonly partitions?: { readonly members: number; readonly outputs: readonly string[] };
}

/** Files by their symbolic paths, and one digest of their stamps in that order. */
interface Stamped {
  readonly paths: readonly string[];
  readonly stamps: Digest;
}

/** What is kept of a part. */
export interface HeldPart {
  readonly of: Digest;
  readonly nodes: readonly HeldNode[];
  readonly listings: readonly { readonly query: ListQuery; readonly names: Digest; readonly stamps: Digest }[];
  readonly read: Stamped;
  readonly placed: Stamped;
}

export interface HeldDoors {
  readonly graph: Graph;
  readonly nodes: readonly GraphNode[];
  readonly store: Store;
  readonly files: Files;
  readonly code: Codes;
  readonly listing: Listing;
  readonly bounds: Bounds;
  readonly looked: Looked;
  resolve(symbolic: string): string;
  /** The first lines of the manifests of a node's items; undefined where they differ, or the node has no work. Rejects where they cannot be had. */
  shared(node: GraphNode): Promise<string | undefined>;
}

interface Part {
  readonly nodes: readonly GraphNode[];
  readonly of: Digest;
}

/** An item claims what a part that stands has: only judging all of its items says who may. */
export class HeldClash extends Error {}

export class Held {
  readonly #doors: HeldDoors;
  readonly #key: string;
  /** Those of the parts that stand, by name. */
  readonly nodes = new Map<string, HeldNode>();
  readonly #parts: Part[] = [];
  readonly #standing = new Map<Part, HeldPart>();
  /** Names of listed files, by the symbolic folder. */
  readonly #listed: { readonly directory: string; readonly names: readonly string[] }[] = [];
  #writes: ReadonlySet<string> | undefined;
  #reads: ReadonlySet<string> | undefined;

  constructor(doors: HeldDoors, asked: ReadonlySet<string> | undefined) {
    this.#doors = doors;
    this.#key = digestOf(
      JSON.stringify([doors.store.boot, doors.graph.file, doors.graph.folder, asked && [...asked].sort()]),
    );
  }

  /** Finds out which parts stand, but for those with one of these nodes; none where they have more items than that. */
  async find(not: ReadonlySet<string>, most: number): Promise<void> {
    const kept = new Map(this.#recall().map((part) => [part.of, part]));
    await Promise.all(
      partsOf(this.#doors.nodes).map(async (nodes) => {
        const part = await this.#partOf(nodes);
        if (part === undefined) return;
        this.#parts.push(part);
        const before = nodes.some(({ name }) => not.has(name)) ? undefined : kept.get(part.of);
        if (before === undefined || !(await this.#stands(before))) return;
        this.#standing.set(part, before);
      }),
    );
    const held = [...this.#standing.values()].flatMap(({ nodes }) => nodes);
    if (held.reduce((sum, { items }) => sum + items, 0) > most) this.#standing.clear();
    else for (const node of held) this.nodes.set(node.node, node);
  }

  /** Of files that an item claims or reads, one that a part that stands puts somewhere; of those that it claims, also one that is read there. */
  clash(claims: readonly string[], reads: readonly string[]): string | undefined {
    if (this.#standing.size === 0 || claims.length + reads.length === 0) return undefined;
    const parts = [...this.#standing.values()];
    this.#writes ??= new Set(parts.flatMap(({ placed }) => placed.paths));
    const writes = this.#writes;
    const read = writes.size === 0 ? undefined : reads.find((path) => writes.has(path));
    if (claims.length === 0 || read !== undefined) return read;
    const listed = this.#listed.flatMap(({ directory, names }) => names.map((name) => `${directory}/${name}`));
    this.#reads ??= new Set([...parts.flatMap(({ read }) => read.paths), ...listed]);
    const all = this.#reads;
    return claims.find((path) => writes.has(path) || all.has(path));
  }

  /** Keeps what stands now. `made`: of a part that was judged, what is to be kept; undefined where it did not end well. */
  async keep(made: (nodes: readonly GraphNode[]) => Promise<Omit<HeldPart, "of"> | undefined>): Promise<void> {
    if (this.#parts.every((part) => this.#standing.has(part))) return;
    const kept: HeldPart[] = [];
    for (const part of this.#parts) {
      const before = this.#standing.get(part);
      const now = before ?? (await made(part.nodes));
      if (now !== undefined) kept.push({ ...now, of: part.of });
    }
    const text = JSON.stringify(kept);
    this.#doors.store.history.remember(HELD, this.#key, `${digestOf(text)}\n${text}`);
  }

  #recall(): readonly HeldPart[] {
    const kept = this.#doors.store.history.recall(HELD, this.#key) ?? "";
    const [digest, text = ""] = kept.split("\n");
    return digest === digestOf(text) ? (JSON.parse(text) as HeldPart[]) : [];
  }

  async #partOf(nodes: readonly GraphNode[]): Promise<Part | undefined> {
    if (!nodes.every(isPlain)) return undefined;
    const { graph, code, shared } = this.#doors;
    try {
      const texts = new Map<GraphNode, string>();
      for (const node of nodes) {
        const text = await shared(node);
        if (text !== undefined) texts.set(node, text);
      }
      return { nodes, of: digestOfPart(nodes, graph, code, texts) };
    } catch (error) {
      if (!isProblem(error)) throw error;
      // A file that is gone, say: whoever judges the items says so.
      return undefined;
    }
  }

  async #stands({ listings, read, placed }: HeldPart): Promise<boolean> {
    const { resolve, looked, bounds, listing } = this.#doors;
    try {
      for (const path of read.paths) await looked(resolve(path));
      const folders = new Set(placed.paths.map((path) => dirname(resolve(path))));
      for (const folder of folders) if (bounds.foreseen(`${folder}/file`) !== undefined) return false;
      const looks = await Promise.all([
        this.#areAs(read),
        this.#areAs(placed),
        ...listings.map(async ({ query, names, stamps }) => {
          const found = await listing.look(query);
          if (digestOf(found.names.join("\0")) !== names) return false;
          this.#listed.push({ directory: query.directory, names: found.names });
          return digestOf((await found.stamps).join("\n")) === stamps;
        }),
      ]);
      return looks.every((isSame) => isSame);
    } catch (error) {
      if (!isProblem(error)) throw error;
      // A folder that is gone, or may not be read: whoever judges the items says so.
      return false;
    }
  }

  async #areAs({ paths, stamps }: Stamped): Promise<boolean> {
    if (paths.length === 0) return true;
    const { files, resolve } = this.#doors;
    const byFolder = new Map<string, { readonly names: string[]; readonly places: number[] }>();
    for (const [place, path] of paths.entries()) {
      const absolute = resolve(path);
      const folder = dirname(absolute);
      const group = byFolder.get(folder) ?? { names: [], places: [] };
      byFolder.set(folder, group);
      group.names.push(basename(absolute));
      group.places.push(place);
    }
    const all = new Array<string>(paths.length);
    await Promise.all(
      [...byFolder].map(async ([folder, { names, places }]) => {
        for (const [at, stamp] of (await files.stamps(folder, names)).entries()) all[places[at]!] = stamp;
      }),
    );
    return digestOf(all.join("\n")) === stamps;
  }
}

/** Files with their stamps, as they are kept. Undefined where the stamp of one is not known. */
export function stamped(files: ReadonlyMap<string, string | undefined>): Stamped | undefined {
  const stamps = [...files.values()];
  if (stamps.some((stamp) => stamp === undefined || stamp === "")) return undefined;
  return { paths: [...files.keys()], stamps: digestOf(stamps.join("\n")) };
}
