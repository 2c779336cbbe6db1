/** What is kept of a part of the graph whose items were judged one by one, where they ended well. Looks at no file. */
import { problemIn } from "../base/error.js";
import type { Digest } from "../base/hash.js";
import { digestOf } from "../base/hash.js";
import type { DiscoveryView } from "../generate/discover.js";
import type { NodeRun, Runs } from "../generate/run.js";
import type { GraphNode } from "../graph/graph.js";
import type { OutsideFile } from "../prepare/inputs.js";
import type { Prepared } from "../prepare/prepare.js";
import type { UserFiles } from "../store/user-files.js";
import type { WorkItem } from "../workitem/item.js";
import { isGood } from "../workitem/state.js";
import {
  areRows,
  keysDigest,
  type NodeRecord,
  type PartRecord,
  PIECE,
  type PieceOrder,
  type PieceRecord,
  packed,
  stamped,
} from "./pieces.js";
import type { UnchangedPart } from "./unchanged.js";

/** A file that was put at a user's path (symbolic). */
export interface PlacedFile {
  readonly path: string;
  readonly digest: Digest;
}

export interface RecordDeps {
  readonly runs: Runs;
  readonly files: Pick<UserFiles, "stamped" | "placed">;
  /** Files of a piece, where a part is cut. */
  readonly size?: number | undefined;
  resolve(symbolic: string): string;
  /** What the discoveries of a node's items looked at. */
  views(node: string): readonly DiscoveryView[];
}

/** Of some items of a node: what they have to do with files, and the items' places. */
interface Noted<T> {
  readonly places: number[];
  readonly files: T[];
}

/** Files that were listed: what each is, and the stamps of all in pieces, by listing. */
interface Source {
  readonly digests: ReadonlyMap<string, Digest>;
  readonly read: readonly OutsideFile[];
  /** Undefined where one does not say what its file is. */
  stamps(piece: number): readonly Digest[] | undefined;
}

type Kept = Omit<PartRecord, "of">;

/** Notes while a cook goes on what its items read and put somewhere. */
export class CookNotes {
  readonly #reads = new Map<string, Noted<readonly OutsideFile[]>>();
  readonly #placed = new Map<string, Noted<PlacedFile>>();
  readonly #warned = new Set<string>();

  reads({ item, outside }: Prepared): void {
    if (outside.length > 0) note(this.#reads, item, outside);
  }

  placed(item: WorkItem, file: PlacedFile): void {
    note(this.#placed, item, file);
  }

  /** A user is warned of what a node's items are: also when they are the same again. */
  warned(node: string): void {
    this.#warned.add(node);
  }

  /** Undefined where a part did not end well, or a file may have changed without another stamp. `before`: what stood of it. */
  async part(
    nodes: readonly GraphNode[],
    before: UnchangedPart | undefined,
    deps: RecordDeps,
  ): Promise<Kept | undefined> {
    const all = nodes.map(({ name }) => deps.runs.get(name)!);
    const runs = all.flatMap((each) => each.runs);
    if (nodes.some(({ name }) => this.#warned.has(name))) return undefined;
    if (!all.every(({ complete }) => complete) || runs.some(({ failure }) => failure !== undefined)) return undefined;
    return before?.rows === undefined ? this.#whole(nodes, runs, deps) : this.#mended(nodes, before, deps);
  }

  async #whole(nodes: readonly GraphNode[], runs: readonly NodeRun[], deps: RecordDeps): Promise<Kept | undefined> {
    const views = [...new Set(nodes.flatMap(({ name }) => deps.views(name)))];
    const found = await listedBy(views);
    if (found === undefined) return undefined;
    const cut = cutOf(runs, nodes, views, deps.size ?? PIECE);
    const { lists, listings, digests, read } = found;
    const stamps = lists.map((list) => list.stampsIn(cut?.size));
    const source: Source = {
      ...{ digests, read },
      stamps: (piece) => {
        const some = stamps.map((each) => each[piece]);
        return some.every((each) => each !== undefined) ? some : undefined;
      },
    };
    const wanted = Array.from({ length: cut?.keys.length ?? 1 }, (_, piece) => piece);
    const pieces = this.#pieces(nodes, wanted, cut?.size, source, deps);
    if (pieces.every((piece) => piece === null)) return undefined;
    return { listings, pieces, ...(cut !== undefined && { cut }) };
  }

  /** Pieces that stood stay; the others are as they were judged. */
  #mended(nodes: readonly GraphNode[], { kept, unchanged, rows }: UnchangedPart, deps: RecordDeps): Kept {
    const { size } = kept.cut!;
    const { places, files, stamps } = rows!;
    const byPiece = new Map<number, string[]>();
    for (const [at, place] of places.entries()) listIn(byPiece, Math.floor(place / size)).push(stamps[at]!);
    const source: Source = {
      digests: new Map(files.map(({ path, digest }) => [path, digest as Digest])),
      read: [],
      stamps: (piece) => {
        const some = byPiece.get(piece)!;
        return some.includes("") ? undefined : [digestOf(some.join("\n"))];
      },
    };
    const changed = [...unchanged.keys()].filter((piece) => !unchanged[piece]);
    const made = this.#pieces(nodes, changed, size, source, deps);
    const pieces = kept.pieces.map((piece, at) => (unchanged[at] ? piece : made[changed.indexOf(at)]!));
    return { ...kept, pieces };
  }

  /** Null for each that did not end well. `size`: how many files are in each; undefined: all are in one. */
  #pieces(
    nodes: readonly GraphNode[],
    pieces: readonly number[],
    size: number | undefined,
    source: Source,
    deps: RecordDeps,
  ): readonly (PieceRecord | null)[] {
    const pieceOf = (place: number): number => (size === undefined ? 0 : Math.floor(place / size));
    const byPiece = <T>(noted: readonly Noted<T>[]): Map<number, T[]> => {
      const some = new Map<number, T[]>();
      for (const { places, files } of noted)
        for (const [at, place] of places.entries()) listIn(some, pieceOf(place)).push(files[at]!);
      return some;
    };
    const reads = byPiece(nodes.flatMap(({ name }) => this.#reads.get(name) ?? []));
    const placed = byPiece(nodes.flatMap(({ name }) => this.#placed.get(name) ?? []));
    const items = nodes.map(({ name }): ReadonlyMap<number, readonly WorkItem[]> => {
      const all = deps.runs.get(name)!.items;
      if (size === undefined) return new Map([[0, all]]);
      const lists = new Map<number, WorkItem[]>();
      for (const item of all) listIn(lists, pieceOf(item.index)).push(item);
      return lists;
    });
    return pieces.map((piece): PieceRecord | null => {
      const ended = nodes.map(({ name }, at) =>
        endOf(name, items[at]!.get(piece) ?? [], deps.runs.get(name)!.definition.partition !== undefined),
      );
      const stamps = source.stamps(piece);
      if (stamps === undefined || !ended.every((each) => each !== undefined)) return null;
      const read = readStamps([...source.read, ...(reads.get(piece) ?? []).flat()], source.digests, deps);
      const put = placedStamps(placed.get(piece) ?? [], deps);
      return read === undefined || put === undefined ? null : { nodes: ended, stamps, read, placed: put };
    });
  }
}

function note<T>(all: Map<string, Noted<T>>, { node, index }: WorkItem, file: T): void {
  const noted = all.get(node) ?? { places: [], files: [] };
  all.set(node, noted);
  noted.places.push(index);
  noted.files.push(file);
}

function listIn<K, T>(lists: Map<K, T[]>, key: K): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}

function readStamps(files: readonly OutsideFile[], listed: Source["digests"], { files: known, resolve }: RecordDeps) {
  const read = new Map<string, string | undefined>();
  for (const { path, digest } of files) {
    const found = listed.get(path);
    if (found === digest) continue;
    // One that is in a listing, and other than it was listed, changed meanwhile.
    const last = found === undefined ? known.stamped(resolve(path)) : undefined;
    read.set(path, last?.digest === digest ? last.stamp : undefined);
  }
  return stamped(read);
}

function placedStamps(files: readonly PlacedFile[], { files: known, resolve }: RecordDeps) {
  const placed = new Map<string, string | undefined>();
  for (const { path, digest } of files) {
    const last = known.placed(resolve(path));
    placed.set(path, last?.digest === digest ? last.stamp : undefined);
  }
  return stamped(placed);
}

/** Undefined where one of the items did not end well. */
function endOf(node: string, items: readonly WorkItem[], isPartition: boolean): NodeRecord | undefined {
  let [cached, notScheduled, members] = [0, 0, 0];
  const outputs = new Set<string>();
  for (const item of items) {
    if (!isGood(item.state) || item.partial) return undefined;
    if (isPartition) {
      members += item.grouped().length;
      outputs.add(item.passes);
    }
    if (item.notScheduled) notScheduled += 1;
    else if (item.hasWork) cached += 1;
  }
  const all = { node, items: items.length, cached, notScheduled };
  return isPartition ? { ...all, partitions: { members, outputs: [...outputs] } } : all;
}

/** How a part is cut; undefined where it is not. */
function cutOf(
  runs: readonly NodeRun[],
  nodes: readonly GraphNode[],
  views: readonly DiscoveryView[],
  size: number,
): PieceOrder | undefined {
  const [only, ...others] = views;
  const list = others.length === 0 ? only?.passed : undefined;
  if (list === undefined || list.length <= size || only!.readFiles().length > 0) return undefined;
  if (runs.length !== nodes.length || !areRows(runs, list.length)) return undefined;
  const { items } = runs[0]!;
  const keys = Array.from({ length: Math.ceil(items.length / size) }, (_, piece) =>
    keysDigest(items.slice(piece * size, (piece + 1) * size)),
  );
  return { size, order: packed(list.order), keys };
}

/** What discoveries found, as it is kept; undefined where a folder was refused. */
async function listedBy(views: readonly DiscoveryView[]) {
  const digests = new Map<string, Digest>();
  const listings: PartRecord["listings"][number][] = [];
  const lists = [];
  const read: OutsideFile[] = [];
  for (const each of views) {
    for (const file of each.readFiles()) read.push(file);
    for (const { query, found } of each.listed()) {
      const listed = await found.catch((error: unknown) => void problemIn(error));
      if (listed === undefined) return undefined;
      listings.push({ query, names: listed.foundDigest });
      lists.push(listed);
      for (const { path, digest } of listed.each()) digests.set(path, digest);
    }
  }
  return { digests, listings, lists, read };
}
