/** Why a work item is cooked, as data. Makes no words of it: report/reasons does. */
import type { ItemName } from "./name.js";

/** What sort of thing makes an item cook. */
export type ReasonKind =
  | "file"
  | "input"
  | "attribute"
  | "parameter"
  | "code"
  | "version"
  | "package"
  | "environment"
  | "seed"
  | "order"
  | "never_cooked"
  | "dirty"
  /** Its result is no longer in the store. */
  | "lost"
  /** Nor was it ever kept: it was made where results are not. */
  | "not_kept"
  /** It has a partial result, from which its cook goes on. */
  | "partial"
  | "forced"
  | "cache_mode"
  | "never_cached"
  /** It changed, and the record of what it was is gone. */
  | "unknown";

/** Why an item is cooked; an item may have several reasons. */
export interface Reason {
  readonly kind: ReasonKind;
  /** What changed: `param.copies`, `code`, `input.main` (its files), `@width`, `cache_mode`. */
  readonly field?: string;
  /** Of the field: the values that are gone, and those that came; a file has `$file` (its name), `digest` and `tag`. */
  readonly old?: readonly unknown[];
  readonly new?: readonly unknown[];
  /** What the node type says of such a change. */
  readonly meaning?: string;
  /** Of changed code: the names of the modules that are others, where the earlier ones were noted. */
  readonly modules?: readonly string[];
  /** Of an input or an attribute that an item above makes, and that was made in this cook: what changed first. */
  readonly first?: FirstCause;
}

/** Something that changed by itself, and at which item. */
export type FirstCause = Omit<Reason, "first"> & { readonly item: ItemName };
