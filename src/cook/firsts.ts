/**
 * What changed first, within one cook: an input that changed is followed to the item that made it anew in the same cook, and that
 * one has been asked already. What lies further back, `cause` finds in the store.
 */

import type { Digest } from "../base/hash.js";
import { attributeIn, fileIn } from "../fingerprint/fields.js";
import type { WorkItem } from "../workitem/item.js";
import { ownOf } from "../workitem/lookup.js";
import type { OutputFile } from "../workitem/output.js";
import type { FirstCause, Reason } from "../workitem/reason.js";
import { upward } from "../workitem/upward.js";
import { itemName } from "./state.js";

/** The item that an input's file is of. */
export function ownerOf(
  item: WorkItem,
  digest: Digest,
): { readonly owner: WorkItem; readonly file: OutputFile } | undefined {
  const own = item.files.find((file) => file.digest === digest);
  if (own !== undefined) return { owner: item, file: own };
  for (let group = 0; group < item.parents.length; group++) {
    for (const member of item.members(group)) {
      const file = member.files.find((each) => each.digest === digest);
      if (file !== undefined) return { owner: member.item, file };
    }
  }
  return undefined;
}

/** The nearest item at or above one that sets an attribute; the item itself where none does. */
export function setterOf(item: WorkItem, name: string): WorkItem {
  for (const at of upward([item])) if (ownOf(at, name) !== undefined) return at;
  return item;
}

/** Reasons of every item that is cooked, by the item. */
type Known = ReadonlyMap<WorkItem, readonly Reason[]>;

/** The reasons of an item, each with what changed first. `known`: of the items that were asked before it, its parents among them. */
export function traced(item: WorkItem, reasons: readonly Reason[], known: Known): readonly Reason[] {
  if (!reasons.some(({ kind }) => isFromUpstream(kind))) return reasons;
  return reasons.map((reason): Reason => {
    const owner = isFromUpstream(reason.kind) ? ownerIn(item, reason, known) : undefined;
    const first = owner === undefined ? undefined : firstOf(owner, known);
    return first === undefined ? reason : { ...reason, first };
  });
}

function isFromUpstream(kind: Reason["kind"]): boolean {
  return kind === "input" || kind === "attribute";
}

/** The item above one that made a file or an attribute anew. */
function ownerIn(item: WorkItem, { field = "", new: now = [] }: Reason, known: Known): WorkItem | undefined {
  const name = attributeIn(field);
  if (name !== undefined) return setterOf(item, name);
  for (const value of now) {
    const digest = fileIn(value)?.digest;
    const owner = digest === undefined ? undefined : ownerOf(item, digest)?.owner;
    if (owner !== undefined && owner !== item && known.has(owner)) return owner;
  }
  return undefined;
}

function firstOf(item: WorkItem, known: Known): FirstCause | undefined {
  const own = known.get(item)?.[0];
  return own && (own.first ?? { ...own, item: itemName(item) });
}
