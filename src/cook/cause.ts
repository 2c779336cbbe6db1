/**
 * The first causes of a cook: an input that changed is followed to the item that made it, and what changed there, and so on,
 * until a file, a parameter, code or the like changed by itself. Knows manifests, the items above, and the store's past.
 */
import type { Digest } from "../base/hash.js";
import { canonicalJson } from "../base/hash.js";
import type { PastResult, Store } from "../cache/store.js";
import { filesOf } from "../fingerprint/parts.js";
import { type Change, changes, kindOf, nameOf, pairsOf, type ReasonKind } from "../fingerprint/reason.js";
import type { WorkItem } from "../workitem/item.js";
import type { OutputFile } from "../workitem/output.js";
import { upward } from "../workitem/upward.js";

export interface Cause {
  readonly kind: ReasonKind;
  /** Where it changed. */
  readonly item: WorkItem;
  /** For people. */
  readonly text: string;
}

/** How the user is told. */
export interface CauseWords {
  /** A file's path. */
  path(symbolic: string): string;
  /** A change of an item's own. */
  change(item: WorkItem, change: Change): string;
}

/** More say no more. */
const MOST = 50;

export class Causes {
  readonly #store: Pick<Store, "past" | "manifest" | "lastFingerprint">;
  readonly #words: CauseWords;
  readonly #seen = new Set<string>();
  readonly #found: Cause[] = [];

  constructor(store: Pick<Store, "past" | "manifest" | "lastFingerprint">, words: CauseWords) {
    this.#store = store;
    this.#words = words;
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
      if (kind === "file" || kind === "input" || kind === "attribute") this.#inputs(item, change);
      else this.#add({ kind, item, text: this.#words.change(item, change) });
    }
  }

  #inputs(item: WorkItem, change: Change): void {
    for (const { old, new: now } of pairsOf(change)) {
      const line = now ?? old;
      if (line === undefined || line === "item") continue;
      if (line.startsWith("@")) this.#attribute(item, old, now);
      else this.#file(item, change.field, old, now);
    }
    if (change.old.includes("item") || change.new.includes("item")) {
      const [before, after] = [change.old, change.new].map((lines) => lines.filter((line) => line === "item").length);
      const more = (after as number) > (before as number);
      const count = Math.abs((after as number) - (before as number));
      this.#add({
        kind: "input",
        item,
        text: `${change.field} has ${count} ${more ? "more" : "fewer"} items than before`,
      });
    }
  }

  #file(item: WorkItem, field: string, old: string | undefined, now: string | undefined): void {
    const [before] = old === undefined ? [] : filesOf({ field, value: old });
    if (now === undefined) {
      this.#add({ kind: "file", item, text: `${before?.name} is gone` });
      return;
    }
    const [after] = filesOf({ field, value: now });
    if (after === undefined) return;
    const { owner, file } = ownerOf(item, after.digest) ?? { owner: item, file: undefined };
    if (file?.path !== undefined) {
      const path = this.#words.path(file.path);
      this.#add({
        kind: "file",
        item: owner,
        text: before === undefined ? `${path} is new` : `${path} has other bytes`,
      });
    } else if (before === undefined || owner === item) {
      this.#add({ kind: "file", item: owner, text: `${after.name} is new` });
    } else this.#above(owner, before.digest, before.name);
  }

  /** An item above made a file that it had made otherwise before. */
  #above(owner: WorkItem, digest: Digest, name: string): void {
    const made = this.#store.past({ digest });
    const before = made.find((result) => result.item === owner.id) ?? made.find(({ node }) => node === owner.node);
    this.#compare(owner, before, name);
  }

  #attribute(item: WorkItem, old: string | undefined, now: string | undefined): void {
    const name = nameOf(now ?? old ?? "").slice(1);
    const owner = setterOf(item, name);
    const value = (line: string | undefined) => (line === undefined ? "not set" : line.slice(line.indexOf(" = ") + 3));
    const text = `@${name} was ${value(old)}, is ${value(now)}`;
    const [file] = owner.files;
    if (file?.path !== undefined && !owner.hasWork) {
      this.#add({ kind: "file", item: owner, text: `${this.#words.path(file.path)}: ${text}` });
      return;
    }
    const past = owner.hasWork ? this.#store.past({ item: owner.id }) : [];
    const before = past.find(({ attributes }) => {
      const held = attributes[name];
      return held !== undefined && canonicalJson(held) === value(old);
    });
    if (before === undefined) this.#add({ kind: "attribute", item: owner, text });
    else this.#compare(owner, before, `@${name}`);
  }

  /** Compares what decided an earlier result of an item with what decided its present one. */
  #compare(owner: WorkItem, before: PastResult | undefined, what: string): void {
    const present = this.#store.lastFingerprint(owner.id);
    const manifest = present === undefined ? undefined : this.#store.manifest(present);
    if (before === undefined || manifest === undefined) {
      this.#add({
        kind: "unknown",
        item: owner,
        text: `${what} is another; what it was made from is no longer recorded`,
      });
    } else if (before.manifest === manifest) {
      this.#add({ kind: "unknown", item: owner, text: `${what} came out otherwise, of the same inputs` });
    } else this.#trace(owner, before.manifest, manifest);
  }

  #add(cause: Cause): void {
    const isKnown = this.#found.some(({ item, text }) => item === cause.item && text === cause.text);
    if (!isKnown) this.#found.push(cause);
  }
}

/** The item that an input's file is of. */
function ownerOf(item: WorkItem, digest: Digest): { owner: WorkItem; file: OutputFile } | undefined {
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
function setterOf(item: WorkItem, name: string): WorkItem {
  for (const at of upward([item])) if (at.own?.has(name) === true) return at;
  return item;
}
