/**
 * Parts of a graph that stand as the last cook left them. Of a part that ended well is kept what decided it: the nodes as
 * they are written and coded, and the stamps of all files that it came from, or put somewhere. Where nothing of that is
 * another, judging its items one by one would find each result in the store: none of them is made, and the nodes count them.
 * What is another is judged item by item: of a part whose items each follow from one file, the pieces in which a file is another.
 *
 * A stamp is kept with what the file was when it had it, never one that was taken later. The store forgets all that is kept with
 * any change of its results.
 */
import { basename, dirname } from "node:path";
import { isProblem } from "../base/error.js";
import type { Files } from "../base/files.js";
import { type Digest, digestOf } from "../base/hash.js";
import type { Listing, Looked } from "../generate/listing.js";
import type { ChangedRows } from "../generate/run.js";
import type { Bounds } from "../graph/bounds.js";
import type { Graph, GraphNode } from "../graph/graph.js";
import type { Codes } from "../nodetype/code.js";
import { UNCHANGED } from "../store/history.js";
import type { Store } from "../store/store.js";
import { digestOfPart, isPlain, partsOfGraph } from "./parts.js";
import { type NodeRecord, type PartRecord, type PieceRecord, type Stamped, unpacked } from "./pieces.js";

/** Where more of its pieces do not stand, a part is judged as if it had none: all of its files are looked up at once. */
const MOST_EVALUATED = 1 / 4;

export interface UnchangedDeps {
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

/** What a listing found, and the stamps in the order in which the folder tells the names. */
interface Look {
  readonly directory: string;
  readonly names: readonly string[];
  readonly stamps: readonly string[];
}

/** What stands of a part. */
export interface UnchangedPart {
  readonly kept: PartRecord;
  /** By piece. */
  readonly unchanged: readonly boolean[];
  /** What is to be made of the others; undefined: there are none. */
  readonly rows: RowsToMake | undefined;
}

interface RowsToMake extends ChangedRows {
  /** Of its files, in order; empty where it does not say what its file is. */
  readonly stamps: readonly string[];
}

export class Unchanged {
  readonly #deps: UnchangedDeps;
  readonly #key: string;
  /** What stands of nodes, by name. */
  readonly nodes = new Map<string, NodeRecord>();
  /** By node: which of its items are made beside those that stand. */
  readonly rows = new Map<string, ChangedRows>();
  readonly #parts: Part[] = [];
  readonly #unchanged = new Map<Part, UnchangedPart>();
  readonly #looks: Look[] = [];
  #writes: ReadonlySet<string> | undefined;
  #reads: ReadonlySet<string> | undefined;
  /** What pieces that do not stand had for themselves: nobody else has it. */
  readonly #own = new Set<string>();

  constructor(deps: UnchangedDeps, asked: ReadonlySet<string> | undefined) {
    this.#deps = deps;
    this.#key = digestOf(
      JSON.stringify([deps.store.boot, deps.graph.file, deps.graph.folder, asked && [...asked].sort()]),
    );
  }

  /** Finds out which parts stand, but for those with one of these nodes; none where they have more items than that. */
  async find(not: ReadonlySet<string>, most: number): Promise<void> {
    const kept = new Map(this.#recall().map((part) => [part.of, part]));
    await Promise.all(
      partsOfGraph(this.#deps.nodes).map(async (nodes) => {
        const part = await this.#partOf(nodes);
        if (part === undefined) return;
        this.#parts.push(part);
        const before = nodes.some(({ name }) => not.has(name)) ? undefined : kept.get(part.of);
        const unchanged = before && (await this.#unchangedOf(before));
        if (unchanged !== undefined) this.#unchanged.set(part, unchanged);
      }),
    );
    const nodes = [...this.#unchanged.values()].flatMap(nodesOf);
    if (nodes.reduce((sum, { items }) => sum + items, 0) > most) this.#unchanged.clear();
    else for (const node of nodes) this.nodes.set(node.node, node);
    for (const [{ nodes: all }, { kept: before, unchanged, rows }] of this.#unchanged) {
      if (rows === undefined) continue;
      for (const { name } of all) this.rows.set(name, rows);
      for (const { path } of rows.files) this.#own.add(path);
      for (const [place, piece] of before.pieces.entries())
        if (!unchanged[place]) for (const path of piece?.placed.paths ?? []) this.#own.add(path);
    }
  }

  /** Of files that an item claims or reads, one that a part that stands puts somewhere; of those that it claims, also one that is read there. */
  clash(claims: readonly string[], reads: readonly string[]): string | undefined {
    if (this.#unchanged.size === 0) return undefined;
    const isNew = (path: string): boolean => !this.#own.has(path);
    const [claimed, looked] = [claims.filter(isNew), reads.filter(isNew)];
    if (claimed.length + looked.length === 0) return undefined;
    const pieces = [...this.#unchanged.values()].flatMap(({ kept, unchanged }) =>
      kept.pieces.filter((_, at) => unchanged[at]),
    );
    this.#writes ??= new Set(pieces.flatMap((piece) => piece?.placed.paths ?? []));
    const writes = this.#writes;
    const read = writes.size === 0 ? undefined : looked.find((path) => writes.has(path));
    if (claimed.length === 0 || read !== undefined) return read;
    const listed = this.#looks.flatMap(({ directory, names }) => names.map((name) => `${directory}/${name}`));
    this.#reads ??= new Set([...pieces.flatMap((piece) => piece?.read.paths ?? []), ...listed]);
    const all = this.#reads;
    return claimed.find((path) => writes.has(path) || all.has(path));
  }

  /** Keeps what stands now. `made`: of a part of which not all stood, what is to be kept; undefined where that is nothing. */
  async keep(
    made: (
      nodes: readonly GraphNode[],
      before: UnchangedPart | undefined,
    ) => Promise<Omit<PartRecord, "of"> | undefined>,
  ): Promise<void> {
    const isWhole = (part: Part): boolean => this.#unchanged.get(part)?.unchanged.every((each) => each) === true;
    if (this.#parts.every(isWhole)) return;
    const kept: PartRecord[] = [];
    for (const part of this.#parts) {
      const before = this.#unchanged.get(part);
      const now = isWhole(part) ? before!.kept : await made(part.nodes, before);
      if (now !== undefined) kept.push({ ...now, of: part.of });
    }
    const text = JSON.stringify(kept);
    this.#deps.store.history.remember(UNCHANGED, this.#key, `${digestOf(text)}\n${text}`);
  }

  #recall(): readonly PartRecord[] {
    const kept = this.#deps.store.history.recall(UNCHANGED, this.#key) ?? "";
    const [digest, text = ""] = kept.split("\n");
    return digest === digestOf(text) ? (JSON.parse(text) as PartRecord[]) : [];
  }

  async #partOf(nodes: readonly GraphNode[]): Promise<Part | undefined> {
    if (!nodes.every(isPlain)) return undefined;
    const { graph, code, shared } = this.#deps;
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

  async #unchangedOf(kept: PartRecord): Promise<UnchangedPart | undefined> {
    try {
      if (!(await this.#mayLook(kept))) return undefined;
      const looks = await Promise.all(kept.listings.map((listing) => this.#look(listing)));
      if (!looks.every((look) => look !== undefined)) return undefined;
      this.#looks.push(...looks);
      const order = kept.cut && unpacked(kept.cut.order);
      const unchanged = await Promise.all(
        kept.pieces.map(async (piece, place) => {
          const stamps = looks.map((look) => digestOf(stampsIn(look, kept, place, order).join("\n")));
          if (piece?.stamps.every((digest, at) => digest === stamps[at]) !== true) return false;
          return (await this.#areAs(piece.read)) && (await this.#areAs(piece.placed));
        }),
      );
      const changed = unchanged.filter((each) => !each).length;
      if (changed === 0) return { kept, unchanged, rows: undefined };
      if (kept.cut === undefined || changed > Math.max(2, unchanged.length * MOST_EVALUATED)) return undefined;
      return { kept, unchanged, rows: await this.#rowsOf(kept.cut, unchanged, looks[0]!, order!) };
    } catch (error) {
      if (!isProblem(error)) throw error;
      // A folder or a file that is gone, or may not be read: whoever judges the items says so.
      return undefined;
    }
  }

  /** Whether outputs lie where they may; whoever watches looks from now on. */
  async #mayLook({ pieces }: PartRecord): Promise<boolean> {
    const { resolve, looked, bounds } = this.#deps;
    for (const piece of pieces) for (const path of piece?.read.paths ?? []) await looked(resolve(path));
    const folders = new Set(pieces.flatMap((piece) => piece?.placed.paths ?? []).map((path) => dirname(resolve(path))));
    return [...folders].every((folder) => bounds.foreseen(`${folder}/file`) === undefined);
  }

  /** Undefined where it finds other names. */
  async #look({ query, names }: PartRecord["listings"][number]): Promise<Look | undefined> {
    const found = await this.#deps.listing.look(query);
    if (digestOf(found.names.join("\0")) !== names) return undefined;
    return { directory: query.directory, names: found.names, stamps: await found.stamps };
  }

  /** What is made of the pieces that do not stand. Rejects where a file of theirs cannot be read. */
  async #rowsOf(
    { size, keys }: NonNullable<PartRecord["cut"]>,
    unchanged: readonly boolean[],
    { directory, names }: Look,
    order: Uint32Array,
  ): Promise<RowsToMake> {
    const { store, resolve } = this.#deps;
    const rows = { places: [] as number[], files: [] as ChangedRows["files"][number][], stamps: [] as string[] };
    const counted: { readonly count: number; readonly digest: Digest }[] = [];
    for (const [piece, isUnchanged] of unchanged.entries()) {
      if (isUnchanged) continue;
      const end = Math.min((piece + 1) * size, names.length);
      for (let place = piece * size; place < end; place++) {
        const name = names[order[place]!]!;
        const path = `${directory}/${name}`;
        const { digest, size: bytes, stamp = "" } = await store.files.digest(resolve(path));
        rows.places.push(place);
        rows.files.push({ path, name, digest, size: bytes });
        rows.stamps.push(stamp);
      }
      counted.push({ count: end - piece * size, digest: keys[piece]! });
    }
    return { ...rows, keys: counted };
  }

  async #areAs({ paths, stamps }: Stamped): Promise<boolean> {
    if (paths.length === 0) return true;
    const { files, resolve } = this.#deps;
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

/** Of the files of one piece. */
function stampsIn(
  { stamps }: Look,
  { cut }: PartRecord,
  piece: number,
  order: Uint32Array | undefined,
): readonly string[] {
  if (cut === undefined || order === undefined) return stamps;
  return Array.from(order.subarray(piece * cut.size, (piece + 1) * cut.size), (place) => stamps[place]!);
}

/** What stands of each node, over all pieces. */
function nodesOf({ kept, unchanged }: UnchangedPart): readonly NodeRecord[] {
  const [first, ...others] = kept.pieces.filter(
    (piece, place): piece is PieceRecord => unchanged[place] === true && piece !== null,
  );
  if (first === undefined) return [];
  return first.nodes.map((node, at) => {
    const sum = { ...node };
    for (const { nodes } of others) {
      sum.items += nodes[at]!.items;
      sum.cached += nodes[at]!.cached;
      sum.notScheduled += nodes[at]!.notScheduled;
    }
    return sum;
  });
}
