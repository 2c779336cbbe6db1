/**
 * What is kept of a part of the graph, and the pieces that a part may be cut into: where every item follows from one file of one
 * listing, what becomes of some files is no matter to the others. Knows nodes' runs and files by their stamps; looks at none.
 */
import type { Digest } from "../base/hash.js";
import { digestOf } from "../base/hash.js";
import type { ListQuery } from "../generate/listed.js";
import { type ChangedRows, type NodeRun, UnchangedConflict } from "../generate/run.js";
import type { WorkItem } from "../workitem/item.js";

/** Files of a piece: few enough that judging them all costs little, so many that what is kept of them is little beside them. */
export const PIECE = 256;

/** What became of a node's items; those that are neither were done without work. */
export interface NodeRecord {
  readonly node: string;
  readonly items: number;
  /** Whose results are in the store. */
  readonly cached: number;
  readonly notScheduled: number;
  /** Of partitions: how many items they hold, and which of their files they offer. */
  readonly partitions?: { readonly members: number; readonly outputs: readonly string[] };
}

/** Files by their symbolic paths, and one digest of their stamps in that order. */
export interface Stamped {
  readonly paths: readonly string[];
  readonly stamps: Digest;
}

/** What is kept of a piece. */
export interface PieceRecord {
  readonly nodes: readonly NodeRecord[];
  /** Of its files in each of the part's listings. */
  readonly stamps: readonly Digest[];
  readonly read: Stamped;
  readonly placed: Stamped;
}

/** What is kept of a part. */
export interface PartRecord {
  readonly of: Digest;
  readonly listings: readonly { readonly query: ListQuery; readonly names: Digest }[];
  /** Without it, all of the part is one piece. */
  readonly cut?: PieceOrder;
  /** Null: what did not end well. */
  readonly pieces: readonly (PieceRecord | null)[];
}

/** How the files of the only listing lie in pieces. */
export interface PieceOrder {
  /** Files of each piece but the last, in natural order. */
  readonly size: number;
  /** Where each stands in the order in which the folder tells them; packed. */
  readonly order: string;
  /** Of each piece: the keys of the items that its files became. */
  readonly keys: readonly Digest[];
}

/** Files with their stamps, as they are kept. Undefined where the stamp of one is not known. */
export function stamped(files: ReadonlyMap<string, string | undefined>): Stamped | undefined {
  const stamps = [...files.values()];
  if (stamps.some((stamp) => stamp === undefined || stamp === "")) return undefined;
  return { paths: [...files.keys()], stamps: digestOf(stamps.join("\n")) };
}

export function packed(order: readonly number[]): string {
  return Buffer.from(Uint32Array.from(order).buffer).toString("base64");
}

export function unpacked(order: string): Uint32Array {
  return new Uint32Array(Uint8Array.from(Buffer.from(order, "base64")).buffer);
}

/** The digest of items' keys, in their order. */
export function keysDigest(items: readonly WorkItem[]): Digest {
  return digestOf(items.map(({ key }) => key).join("\n"));
}

/**
 * Whether each item of a part's runs follows from one file: the first run says that it makes an item of each (`perFile`), and every
 * other has one at the place of that above it, and is told of no other. The first is that of the listing.
 */
export function areRows(runs: readonly NodeRun[], files: number): boolean {
  const [first] = runs;
  if (first?.node.bypass !== false || first.definition.perFile !== true || first.sources.flat().length > 0)
    return false;
  return runs.every((run) => {
    const { items, node, sources } = run;
    const { definition } = node.type;
    const outputs = Object.keys(definition.outputs ?? {});
    const isOneOfMany =
      definition.again !== undefined || run.together || run.counts || run.waitsForCooks || run.waitsForAll;
    if (isOneOfMany || run.around?.asked === true || outputs.length > 1 || items.length !== files) return false;
    if (run === first) return true;
    return definition.discover === undefined && node.inputs.size === 1 && sources[0]?.length === 1 && isBeside(run);
  });
}

/** Whether each item is made of the item at its place above. */
function isBeside({ items, sources }: NodeRun): boolean {
  const above = sources[0]![0]!.items;
  return items.every(({ parents }, place) => parents[0]?.[0] === above[place] && parents[0]?.length === 1);
}

/** Throws a HeldClash where a run whose other items stand came to other items than those that were there. */
export function requireRows(run: NodeRun, { places, keys }: ChangedRows): void {
  if (run.items.length !== places.length) throw new UnchangedConflict();
  if (run.sources.flat().length > 0) {
    if (!isBeside(run)) throw new UnchangedConflict();
    return;
  }
  let from = 0;
  for (const { count, digest } of keys) {
    if (keysDigest(run.items.slice(from, from + count)) !== digest) throw new UnchangedConflict();
    from += count;
  }
}
