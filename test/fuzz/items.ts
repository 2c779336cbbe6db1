/**
 * Work items of the model: what the specification says of attributes, files and members, told once more and plainly. It
 * shares no code with the engine.
 */
import type { SeenFile } from "./works.js";

export type Attribute = number | string | boolean | readonly Attribute[];

export type State = "good" | "skipped" | "failed" | "cancelled";

/** A member of an input, with the items without work between it and the consumer, the nearest to the consumer first. */
export interface Member {
  readonly item: Item;
  readonly through: readonly Item[];
  readonly files: readonly SeenFile[];
}

export class Item {
  readonly index: number;
  readonly parents: readonly (readonly Item[])[];
  readonly works: boolean;
  /** Follows from what it is and what it is made from: never from its place, or its node's name. */
  readonly identity: number;
  /** The group of parents that it takes attributes from, and the one that it takes files from; without it, all. */
  readonly takes: { readonly attributes: number; readonly files: number } | undefined;
  readonly own: Map<string, Attribute>;
  readonly removed: ReadonlySet<string>;
  /** Given by generation. */
  readonly files: readonly SeenFile[];
  /** What its cook made. */
  outputs: readonly SeenFile[] = [];
  state: State = "good";
  /** It failed: those below do not mind, or wait in vain. */
  ignored = false;
  blocks = false;
  /** It waits in vain itself: it is cancelled only when nothing else goes on. */
  stuck = false;
  /** Nobody asks before it is done. */
  #names: ReadonlySet<string> | undefined;
  #inherited: Map<string, Attribute | undefined> | undefined;

  constructor(from: {
    readonly index: number;
    readonly parents: Item["parents"];
    readonly works: boolean;
    readonly identity: number;
    readonly takes: Item["takes"];
    readonly attributes?: Readonly<Record<string, Attribute>> | undefined;
    readonly removes?: readonly string[] | undefined;
    readonly files?: readonly SeenFile[] | undefined;
  }) {
    this.index = from.index;
    this.parents = from.parents;
    this.works = from.works;
    this.identity = from.identity;
    this.takes = from.takes;
    this.own = new Map(Object.entries(from.attributes ?? {}));
    this.removed = new Set(from.removes);
    this.files = from.files ?? [];
  }

  /** Its own value; else that of its first parents, as far as they agree. */
  attribute(name: string): Attribute | undefined {
    if (name === "pdg_index") return this.index;
    const own = this.own.get(name);
    if (own !== undefined) return own;
    if (this.removed.has(name)) return undefined;
    this.#inherited ??= new Map();
    const known = this.#inherited.get(name);
    if (known !== undefined || this.#inherited.has(name)) return known;
    const value = this.#inherit(name);
    this.#inherited.set(name, value);
    return value;
  }

  #inherit(name: string): Attribute | undefined {
    for (const group of this.#heritage()) {
      if (group.length === 1) {
        const value = group[0]!.attribute(name);
        if (value !== undefined) return value;
        continue;
      }
      const values = group.map((parent) => parent.attribute(name));
      const [first] = values;
      if (first !== undefined && values.every((value) => sameText(value) === sameText(first))) return first;
    }
    return undefined;
  }

  attributeNames(): ReadonlySet<string> {
    this.#names ??= this.#namesNow();
    return this.#names;
  }

  #namesNow(): ReadonlySet<string> {
    const names = new Set<string>();
    for (const group of this.#heritage())
      for (const parent of group) for (const name of parent.attributeNames()) names.add(name);
    for (const name of this.removed) names.delete(name);
    for (const name of this.own.keys()) names.add(name);
    return names;
  }

  members(group: number): Member[] {
    return (this.parents[group] ?? []).flatMap((parent) => membersOf(parent, []));
  }

  offered(): readonly SeenFile[] {
    return membersOf(this, []).flatMap(({ files }) => files);
  }

  #heritage(): Item["parents"] {
    return this.takes === undefined ? this.parents : [this.parents[this.takes.attributes] ?? []];
  }
}

/** A member's attribute as its consumer sees it: what the items between say comes first. */
export function seenAttribute({ item, through }: Member, name: string): Attribute | undefined {
  if (name.startsWith("pdg_")) return item.attribute(name);
  for (const between of through) {
    const own = between.own.get(name);
    if (own !== undefined) return own;
    if (between.removed.has(name)) return undefined;
  }
  return item.attribute(name);
}

function membersOf(item: Item, through: readonly Item[]): Member[] {
  if (item.state === "skipped" || (item.state === "failed" && !item.works)) return [];
  if (item.works || item.files.length > 0 || item.parents.length === 0)
    return [{ item, through, files: item.works ? item.outputs : item.files }];
  const groups = item.takes === undefined ? item.parents : [item.parents[item.takes.files] ?? []];
  return groups.flatMap((group) => {
    const says = group.length === 1 && (item.own.size > 0 || item.removed.size > 0);
    return group.flatMap((parent) => membersOf(parent, says ? [...through, item] : through));
  });
}

export function sameText(value: Attribute | undefined): string {
  return value === undefined ? "" : JSON.stringify(value);
}
