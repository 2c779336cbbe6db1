/**
 * One work item: its place among the others, its attributes and its files. It knows its parents, not its node type, and
 * decides nothing: generation makes it, cook/state moves it.
 */
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import type { OutputFile } from "./output.js";
import type { State } from "./state.js";

/** Parents by declared input; a group of several is a partition's members, or all that met in one input. */
export type ParentGroups = readonly (readonly WorkItem[])[];

/** What made an item. The cook knows more of it. */
export interface Maker {
  /** The node's name. */
  readonly name: string;
  /** Attributes of its items that those below do not inherit. */
  readonly keeps: ReadonlySet<string> | undefined;
}

/** A file-bearing item below a work item's input: a partition stands for its members. */
export interface Member {
  readonly item: WorkItem;
  /** Items without work between the member and the consumer, nearest to the consumer first. */
  readonly through: readonly WorkItem[];
  readonly files: readonly OutputFile[];
}

const NO_FILES: readonly OutputFile[] = [];

export class WorkItem {
  readonly maker: Maker;
  readonly key: Digest;
  /** Place in its node's generation order, from 0. */
  readonly index: number;
  readonly parents: ParentGroups;
  /** Whether its node type has work to do. */
  readonly hasWork: boolean;
  /** The one group of its parents whose attributes it inherits, and the one whose files it offers; without it, all. */
  readonly takes: { readonly attributes: number; readonly files: number } | undefined;
  /** Set by generation, then by the cook. */
  own: Map<string, Value> | undefined;
  /** Attributes that it does not inherit. */
  removed: ReadonlySet<string> | undefined;
  /** Which of its members' files a partition offers. */
  passes: "all" | "none" | "first" | "last" | "unique" = "all";
  /** Given by generation: files from outside the graph. */
  files: readonly OutputFile[];
  /** Not `#held`: a node type may see an item through another object. */
  private held: readonly OutputFile[] | (() => readonly OutputFile[]) = NO_FILES;
  state: State = "uncooked";
  /** Why it is in its state, where that needs a word: `not_scheduled`, `partial`, a failure's message. */
  reason: string | undefined;
  label: string | undefined;
  priority = 0;
  /** Place in the order of generation of the whole graph. */
  order = 0;
  /** Parents that are not done yet. */
  pending = 0;
  /** Items that have this one as a parent and wait for it. */
  children: WorkItem[] | undefined;

  constructor(from: {
    readonly maker: Maker;
    readonly key: Digest;
    readonly index: number;
    readonly parents: ParentGroups;
    readonly hasWork: boolean;
    readonly takes?: WorkItem["takes"];
    readonly own?: Map<string, Value> | undefined;
    readonly files?: readonly OutputFile[] | undefined;
  }) {
    this.maker = from.maker;
    this.key = from.key;
    this.index = from.index;
    this.parents = from.parents;
    this.hasWork = from.hasWork;
    this.takes = from.takes;
    this.own = from.own;
    this.files = from.files ?? NO_FILES;
  }

  /** What its cook made; for an item without work see `members`. */
  get outputs(): readonly OutputFile[] {
    if (typeof this.held === "function") this.held = this.held();
    return this.held;
  }

  /** `outputs` may be found out when they are first asked for. */
  hold(outputs: WorkItem["held"]): void {
    this.held = outputs;
  }

  /** The name of the node that made it. */
  get node(): string {
    return this.maker.name;
  }

  /** Stable from cook to cook: it follows from the key, never from the position. */
  get name(): string {
    return `${this.node}_${this.key.slice(0, 10)}`;
  }

  /** Names it in the store, from cook to cook. */
  get id(): string {
    return `${this.node}/${this.key.slice(0, 32)}`;
  }

  /** 32 bits that follow from the key. */
  get seed(): number {
    return Number.parseInt(this.key.slice(-8), 16);
  }

  /** Whether it counts as done for those below: not scheduled items offer nothing. */
  get notScheduled(): boolean {
    return this.reason === NOT_SCHEDULED;
  }

  /** Whether it was stopped before its end: what it has serves those below, but is not its result. */
  get partial(): boolean {
    return this.reason === PARTIAL;
  }

  /**
   * An attribute, looked up now: its own, else the first parent's that has it; of several parents in one group, the
   * value on which all agree.
   */
  attribute(name: string): Value | undefined {
    // Chains are long: from an only parent to the next it goes without a call.
    for (let item: WorkItem | undefined = this; item !== undefined; ) {
      const own = item.own?.get(name);
      if (own !== undefined) return own;
      if (item.removed?.has(name)) return undefined;
      const groups = heritage(item);
      const only: WorkItem | undefined = groups.length === 1 && groups[0]?.length === 1 ? groups[0][0] : undefined;
      if (only === undefined) return inherited(groups, name);
      item = keeps(only, name) ? undefined : only;
    }
    return undefined;
  }

  /** An attribute as those below inherit it. */
  handed(name: string): Value | undefined {
    return keeps(this, name) ? undefined : this.attribute(name);
  }

  /** Every attribute name that a lookup may answer. */
  attributeNames(): Set<string> {
    const names = new Set<string>();
    for (const group of heritage(this))
      for (const parent of group) for (const name of parent.attributeNames()) if (!keeps(parent, name)) names.add(name);
    for (const name of this.removed ?? []) names.delete(name);
    for (const name of this.own?.keys() ?? []) names.add(name);
    return names;
  }

  /** The file-bearing items of one input, in order. Those that were not scheduled are left out. */
  members(group: number): Member[] {
    const members: Member[] = [];
    for (const parent of this.parents[group] ?? []) collect(parent, [], members);
    return members;
  }

  /** The items that a partition holds, in order. */
  grouped(): readonly WorkItem[] {
    return this.parents.flat();
  }

  /** The files that the item offers to those below. */
  offered(): readonly OutputFile[] {
    const members: Member[] = [];
    collect(this, [], members);
    return members.length === 1 ? (members[0]?.files ?? []) : members.flatMap((member) => member.files);
  }
}

/** The reason of an item whose `schedule_when` was 0, and of those that therefore have nothing to work on. */
export const NOT_SCHEDULED = "not_scheduled";

/** The reason of an item that was stopped and saved what it had. */
export const PARTIAL = "partial";

/** A member's attribute as its consumer sees it: what the items between set comes first. */
export function memberAttribute(member: Member, name: string): Value | undefined {
  for (const item of member.through) {
    const value = item.own?.get(name);
    if (value !== undefined) return value;
    if (item.removed?.has(name)) return undefined;
  }
  return member.item.attribute(name);
}

/** An item's key: its parents' keys plus its own identity. Node names are not in it: renaming a node recooks nothing. */
export function keyOf(parents: ParentGroups, identity: unknown, occurrence: number): Digest {
  const above = parents.length === 0 ? "" : parents.map((group) => group.map(({ key }) => key).join(",")).join(";");
  return digestOf(`${above}\n${canonicalJson(identity)}${occurrence === 0 ? "" : `\n${occurrence}`}`);
}

/** Whether an item has an attribute for itself. */
function keeps({ maker, own }: WorkItem, name: string): boolean {
  return maker.keeps?.has(name) === true && own?.has(name) === true;
}

function heritage({ parents, takes }: WorkItem): ParentGroups {
  return takes === undefined ? parents : [parents[takes.attributes] ?? []];
}

function inherited(groups: ParentGroups, name: string): Value | undefined {
  for (const group of groups) {
    const value = group.length === 1 ? group[0]?.handed(name) : agreed(group, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function agreed(group: readonly WorkItem[], name: string): Value | undefined {
  const first = group[0]?.handed(name);
  if (first === undefined) return undefined;
  const text = typeof first === "object" ? canonicalJson(first) : first;
  for (const other of group) {
    const value = other.handed(name);
    if (value === undefined) return undefined;
    if ((typeof value === "object" ? canonicalJson(value) : value) !== text) return undefined;
  }
  return first;
}

function collect(item: WorkItem, through: readonly WorkItem[], into: Member[]): void {
  if (item.notScheduled) return;
  if (item.hasWork || item.files.length > 0 || item.parents.length === 0) {
    into.push({ item, through, files: item.hasWork ? item.outputs : item.files });
    return;
  }
  const start = into.length;
  const groups = item.takes === undefined ? item.parents : [item.parents[item.takes.files] ?? []];
  for (const group of groups) {
    const lays = group.length === 1 && (item.own !== undefined || item.removed !== undefined);
    for (const parent of group) collect(parent, lays ? [...through, item] : through, into);
  }
  if (item.passes !== "all") into.push(...chosen(item.passes, into.splice(start)));
}

/** The members whose files a partition offers. */
export function chosen<M extends { readonly files: readonly { readonly digest: string }[] }>(
  passes: WorkItem["passes"],
  members: readonly M[],
): readonly M[] {
  if (passes === "all") return members;
  if (passes === "none") return [];
  if (passes === "first") return members.slice(0, 1);
  if (passes === "last") return members.slice(-1);
  const seen = new Set<string>();
  const fresh = ({ digest }: M["files"][number]): boolean => !seen.has(digest) && seen.add(digest) !== undefined;
  return members
    .map((member) => ({ ...member, files: member.files.filter(fresh) }))
    .filter(({ files }) => files.length > 0);
}
