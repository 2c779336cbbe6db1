/** Which item at or above another a file or an attribute comes from. Knows items alone. */
import type { Digest } from "../base/hash.js";
import type { WorkItem } from "../workitem/item.js";
import { ownOf } from "../workitem/lookup.js";
import type { OutputFile } from "../workitem/output.js";
import { upward } from "../workitem/upward.js";

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
