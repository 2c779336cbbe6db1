/**
 * The first causes of a cook: an input that changed is followed to the item that made it, and what changed there, and so on,
 * until a file, a parameter, code or the like changed by itself. Knows manifests, the items above, and the store's past.
 */
import { canonicalJson, type Digest } from "../base/hash.js";
import { attributeIn, fileIn } from "../fingerprint/fields.js";
import { type Change, changes, kindOf, pairsOf } from "../fingerprint/reason.js";
import type { PastResult, Results } from "../store/results.js";
import type { WorkItem } from "../workitem/item.js";
import type { ReasonKind } from "../workitem/reason.js";
import { ownerOf, setterOf } from "./firsts.js";

/** What changed by itself at an item. */
export type Detail =
  /** A field of what decides it. */
  | { readonly what: "change"; readonly change: Change }
  /** A file; `isPath`: a source, by its symbolic path, and not one of the name alone. */
  | {
      readonly what: "file";
      readonly name: string;
      readonly isPath: boolean;
      readonly became: "gone" | "new" | "changed";
    }
  /** An input has so many more members, or fewer. */
  | { readonly what: "members"; readonly field: string; readonly more: number }
  /** `source`: the symbolic path of the file that it was read from. */
  | {
      readonly what: "attribute";
      readonly name: string;
      readonly old: unknown;
      readonly new: unknown;
      readonly source?: string;
    }
  /** A file or an attribute is another, and what it was made from is not recorded any more; or is the same. */
  | { readonly what: "made"; readonly name: string; readonly of: "unrecorded" | "the_same" };

export interface Cause {
  readonly kind: ReasonKind;
  /** Where it changed. */
  readonly item: WorkItem;
  readonly detail: Detail;
}

/** More say no more. */
const MOST = 50;

export class Causes {
  readonly #results: Pick<Results, "past" | "manifest" | "lastFingerprint">;
  readonly #seen = new Set<string>();
  readonly #found: Cause[] = [];

  constructor(results: Pick<Results, "past" | "manifest" | "lastFingerprint">) {
    this.#results = results;
  }

  /** Why an item's manifest is another than it was. A change of its own is a cause by itself. */
  of(item: WorkItem, old: string, now: string): readonly Cause[] {
    this.#trace(item, old, now);
    return this.#found;
  }

  #trace(item: WorkItem, old: string, now: string): void {
    if (this.#seen.has(item.id) || this.#found.length >= MOST) return;
    this.#seen.add(item.id);
    for (const change of changes(old, now)) {
      const kind = kindOf(change);
      const name = attributeIn(change.field);
      if (kind === "attribute" && name !== undefined)
        for (const { old: before, new: after } of pairsOf(change)) this.#attribute(item, name, before, after);
      else if (kind === "file" || kind === "input") this.#inputs(item, change);
      else this.#add({ kind, item, detail: { what: "change", change } });
    }
  }

  #inputs(item: WorkItem, change: Change): void {
    for (const { old, new: now } of pairsOf(change)) this.#file(item, fileIn(old), fileIn(now));
    const members = (values: readonly unknown[]): number => values.filter((value) => value === null).length;
    const more = members(change.new) - members(change.old);
    if (more !== 0) this.#add({ kind: "input", item, detail: { what: "members", field: change.field, more } });
  }

  #file(item: WorkItem, before: ReturnType<typeof fileIn>, after: ReturnType<typeof fileIn>): void {
    const add = (owner: WorkItem, name: string, became: "gone" | "new" | "changed", isPath = false): void =>
      this.#add({ kind: "file", item: owner, detail: { what: "file", name, isPath, became } });
    if (after === undefined) {
      if (before !== undefined) add(item, before.name, "gone");
      return;
    }
    const { owner, file } = ownerOf(item, after.digest) ?? { owner: item, file: undefined };
    if (file?.path !== undefined) add(owner, file.path, before === undefined ? "new" : "changed", true);
    else if (before === undefined || owner === item) add(owner, after.name, "new");
    else this.#upstream(owner, before.digest, before.name);
  }

  /** An item above made a file that it had made otherwise before. */
  #upstream(owner: WorkItem, digest: Digest, name: string): void {
    const made = this.#results.past({ digest });
    const before = made.find((result) => result.item === owner.id) ?? made.find(({ node }) => node === owner.node);
    this.#compare(owner, before, name);
  }

  #attribute(item: WorkItem, name: string, old: unknown, now: unknown): void {
    const owner = setterOf(item, name);
    const detail = { what: "attribute" as const, name, old, new: now };
    const [file] = owner.files;
    if (file?.path !== undefined && !owner.hasWork) {
      this.#add({ kind: "file", item: owner, detail: { ...detail, source: file.path } });
      return;
    }
    const past = owner.hasWork ? this.#results.past({ item: owner.id }) : [];
    const before = past.find(({ attributes }) => {
      const unchanged = attributes[name];
      return unchanged !== undefined && old !== undefined && canonicalJson(unchanged) === canonicalJson(old);
    });
    if (before === undefined) this.#add({ kind: "attribute", item: owner, detail });
    else this.#compare(owner, before, `@${name}`);
  }

  /** Compares what decided an earlier result of an item with what decided its present one. */
  #compare(owner: WorkItem, before: PastResult | undefined, name: string): void {
    const present = this.#results.lastFingerprint(owner.id);
    const manifest = present === undefined ? undefined : this.#results.manifest(present);
    const unknown = (of: "unrecorded" | "the_same"): void =>
      this.#add({ kind: "unknown", item: owner, detail: { what: "made", name, of } });
    if (before === undefined || manifest === undefined) unknown("unrecorded");
    else if (before.manifest === manifest) unknown("the_same");
    else this.#trace(owner, before.manifest, manifest);
  }

  #add(cause: Cause): void {
    const text = canonicalJson(cause.detail);
    if (!this.#found.some(({ item, detail }) => item === cause.item && canonicalJson(detail) === text))
      this.#found.push(cause);
  }
}
