/** What an item has from the node that made it. Knows no items. */
import type { Digest } from "../base/hash.js";

/** What made an item. The cook knows more of it. */
export interface ItemSource {
  /** The node's name. */
  readonly name: string;
  /** Attributes of its items that those below do not inherit. */
  readonly keeps: ReadonlySet<string> | undefined;
  /** The group of parents whose attributes go before those of the others. */
  readonly main: number;
  /** Whether its items have work to be done. */
  readonly hasWork: boolean;
  /** The key of the item in one of its rows, from 0. */
  keyOf(row: number): Digest;
  /** The place of that item in the node's generation order, from 0. */
  placeOf(row: number): number;
}

/** What few items have. */
export interface Special {
  /** The one group of its parents whose attributes it inherits, and the one whose files it offers; without it, all. */
  readonly takes?: { readonly attributes: number; readonly files: number } | undefined;
  /** False: of a node type with work, one that has none. */
  readonly work?: false;
  /** Attributes that it does not inherit. */
  readonly removed?: ReadonlySet<string> | undefined;
  /** Why its node type could not make it: it fails once it is ready. */
  readonly problem?: string | undefined;
  /** Which of its members' files a partition offers; without it, all. */
  readonly passes?: "all" | "none" | "first" | "last" | "unique" | undefined;
}
