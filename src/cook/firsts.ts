/**
 * What changed first, within one cook: an input that changed is followed to the item that made it anew in the same cook, and that
 * one has been asked already. What lies further back, cook/cause finds in the store.
 */
import { attributeIn, fileIn } from "../fingerprint/fields.js";
import type { WorkItem } from "../workitem/item.js";
import type { FirstCause, Reason } from "../workitem/reason.js";
import { ownerOf, setterOf } from "./owners.js";
import { itemName } from "./state.js";

export class FirstCauses {
  /** Of every item that is cooked. */
  readonly #known = new Map<WorkItem, FirstCause>();

  /** The reasons of an item whose parents were asked before it, each with what changed first. */
  traced(item: WorkItem, reasons: readonly Reason[]): readonly Reason[] {
    const traced = reasons.map((reason): Reason => {
      const first = this.#first(item, reason);
      return first === undefined ? reason : { ...reason, first };
    });
    const [own] = traced;
    if (own !== undefined) this.#known.set(item, own.first ?? { ...own, item: itemName(item) });
    return traced;
  }

  #first(item: WorkItem, { kind, field = "", new: now = [] }: Reason): FirstCause | undefined {
    if (kind !== "input" && kind !== "attribute") return undefined;
    const name = attributeIn(field);
    if (name !== undefined) return this.#known.get(setterOf(item, name));
    for (const value of now) {
      const digest = fileIn(value)?.digest;
      const owner = digest === undefined ? undefined : ownerOf(item, digest)?.owner;
      const first = owner === undefined || owner === item ? undefined : this.#known.get(owner);
      if (first !== undefined) return first;
    }
    return undefined;
  }
}
