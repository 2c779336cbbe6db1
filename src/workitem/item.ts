/**
 * One work item: its place among the others, its attributes and its files. It knows its parents, not its node type, and
 * decides nothing: generation makes it, cook/state moves it.
 */
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import { attributeOf, attributesChanged, type Found, namesOf, ownOf } from "./lookup.js";
import { filesOf, type MemberOf, membersOf } from "./members.js";
import type { Outcome } from "./outcome.js";
import type { OutputFile } from "./output.js";
import { isGood, type State } from "./state.js";

/** A file-bearing item below a work item's input. */
export type Member = MemberOf<WorkItem>;

/** Parents by declared input; a group of several is a partition's members, or all that met in one input. */
export type ParentGroups = readonly (readonly WorkItem[])[];

/** What made an item. The cook knows more of it. */
export interface Maker {
  /** The node's name. */
  readonly name: string;
  /** Attributes of its items that those below do not inherit. */
  readonly keeps: ReadonlySet<string> | undefined;
  /** The group of parents whose attributes go before those of the others. */
  readonly main: number;
  /** Whether its items have work to be done. */
  readonly hasWork: boolean;
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

/** An item's own attributes by name. */
export type Attributes = Readonly<Record<string, Value>>;

const NO_FILES: readonly OutputFile[] = [];

export class WorkItem {
  readonly maker: Maker;
  readonly key: Digest;
  /** Place in its node's generation order, from 0. */
  readonly index: number;
  readonly parents: ParentGroups;
  readonly special: Special | undefined;
  /** Set by generation, then by the cook. */
  own: Attributes | undefined;
  /** Given by generation: files from outside the graph. */
  files: readonly OutputFile[];
  /** Not `#held`: a node type may see an item through another object. */
  private held: readonly OutputFile[] | (() => readonly OutputFile[]) = NO_FILES;
  state: State = "uncooked";
  /** How it ended; undefined until then. */
  outcome: Outcome | undefined;
  label: string | undefined;
  priority = 0;
  /** Place in the order of generation of the whole graph. */
  order = 0;
  /** Parents that are not done yet. */
  pending = 0;
  /** What lookups found here. */
  found: Found | undefined;
  /** Items that have this one as a parent and wait for it. */
  children: WorkItem[] | undefined;

  constructor(from: {
    readonly maker: Maker;
    readonly key: Digest;
    readonly index: number;
    readonly parents: ParentGroups;
    readonly special?: Special | undefined;
    readonly own?: Attributes | undefined;
    readonly files?: readonly OutputFile[] | undefined;
  }) {
    this.maker = from.maker;
    this.key = from.key;
    this.index = from.index;
    this.parents = from.parents;
    this.special = from.special;
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

  /** Whether its node type has work to do. */
  get hasWork(): boolean {
    return this.maker.hasWork && this.special?.work !== false;
  }

  get takes(): Special["takes"] {
    return this.special?.takes;
  }

  get removed(): Special["removed"] {
    return this.special?.removed;
  }

  get passes(): NonNullable<Special["passes"]> {
    return this.special?.passes ?? "all";
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

  /** Whether its `schedule_when` was 0, or that of all that it would work on: it offers nothing to those below. */
  get notScheduled(): boolean {
    return this.outcome?.kind === "not_scheduled";
  }

  /** Whether those below get no files through it: it was not scheduled, or failed before there was any work. */
  get offersNothing(): boolean {
    return this.notScheduled || (this.outcome?.kind === "failed" && !this.hasWork);
  }

  /** Whether it was stopped before its end: what it has serves those below, but is not its result. */
  get partial(): boolean {
    return this.outcome?.kind === "partial";
  }

  /** An attribute as it is now: its own, or inherited. */
  attribute(name: string): Value | undefined {
    return ownOf(this, name) ?? attributeOf(this, name);
  }

  /** Gives it an attribute that its cook found. */
  set(name: string, value: Value): void {
    // Others may hold what it had.
    this.own = { ...this.own, [name]: value };
    attributesChanged();
  }

  /** Every attribute name that a lookup may find. */
  attributeNames(): ReadonlySet<string> {
    return namesOf(this);
  }

  /** Whether it is done well, and so are all above it: none of them gets other attributes. */
  get settled(): boolean {
    return isGood(this.state);
  }

  /** The file-bearing items of one input, in order. Those that offer nothing are left out. */
  members(group: number): Member[] {
    return membersOf(this.parents[group] ?? []);
  }

  /** The items that a partition holds, in order. */
  grouped(): readonly WorkItem[] {
    return this.parents.flat();
  }

  /** The files that the item offers to those below. */
  offered(): readonly OutputFile[] {
    return filesOf<WorkItem>(this);
  }
}

/** An item's key: its parents' keys plus its own identity. Node names are not in it: renaming a node recooks nothing. */
export function keyOf(parents: ParentGroups, identity: unknown, occurrence: number): Digest {
  const above = parents.length === 0 ? "" : parents.map((group) => group.map(({ key }) => key).join(",")).join(";");
  return digestOf(`${above}\n${canonicalJson(identity)}${occurrence === 0 ? "" : `\n${occurrence}`}`);
}
