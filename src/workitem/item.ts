/**
 * One work item: its place among the others, its attributes and its files. It knows its parents, not its node type, and
 * decides nothing: generation makes it, cook/state moves it. Longer than other files: what few items have is read and set as if all had it.
 */
import { canonicalJson, type Digest, digestOf } from "../base/hash.js";
import type { Value } from "../expression/value.js";
import { attributeOf, attributesChanged, type Found, namesOf, ownOf } from "./lookup.js";
import type { ItemSource, Special } from "./maker.js";
import { filesOf, type MemberOf, membersOf } from "./members.js";
import { type Outcome, STATE_OF } from "./outcome.js";
import type { OutputFile } from "./output.js";
import { type ItemState, isGood } from "./state.js";

/** A file-bearing item below a work item's input. */
export type Member = MemberOf<WorkItem>;

/** Parents by declared input; a group of several is a partition's members, or all that met in one input. */
export type ParentGroups = readonly (readonly WorkItem[])[];

/** An item's own attributes by name. */
export type Attributes = Readonly<Record<string, Value>>;

const NO_FILES: readonly OutputFile[] = [];

/** What an item has that many have not: a graph has a million items of which nothing is known but their attributes. */
class More {
  special: Special | undefined;
  files: readonly OutputFile[] = NO_FILES;
  outputs: readonly OutputFile[] | (() => readonly OutputFile[]) = NO_FILES;
  label: string | undefined;
  priority = 0;
  pending = 0;
  found: Found | undefined;
  children: WorkItem[] | undefined;
}

export class WorkItem {
  readonly maker: ItemSource;
  /** Which of its maker's items it is. */
  readonly row: number;
  readonly parents: ParentGroups;
  /** Set by generation, then by the cook. */
  own: Attributes | undefined;
  /** The state that it is in, or how it ended: one of both, since there are as many of it as items. */
  private stage: ItemState | Outcome = "uncooked";
  /** Place in the order of generation of the whole graph. */
  order = 0;
  /** Not `#more`: a node type may see an item through another object. */
  private more: More | undefined;

  constructor(from: {
    readonly maker: ItemSource;
    readonly row: number;
    readonly parents: ParentGroups;
    readonly special?: Special | undefined;
    readonly own?: Attributes | undefined;
    readonly files?: readonly OutputFile[] | undefined;
  }) {
    this.maker = from.maker;
    this.row = from.row;
    this.parents = from.parents;
    this.own = from.own;
    this.more = undefined;
    if (from.special !== undefined) this.having().special = from.special;
    if (from.files !== undefined) this.files = from.files;
  }

  /** What its cook made; for an item without work see `members`. */
  get outputs(): readonly OutputFile[] {
    const { more } = this;
    if (more === undefined) return NO_FILES;
    if (typeof more.outputs === "function") more.outputs = more.outputs();
    return more.outputs;
  }

  /** `outputs` may be found out when they are first asked for. */
  hold(outputs: readonly OutputFile[] | (() => readonly OutputFile[])): void {
    this.having().outputs = outputs;
  }

  private having(): More {
    this.more ??= new More();
    return this.more;
  }

  get state(): ItemState {
    return typeof this.stage === "string" ? this.stage : STATE_OF[this.stage.kind];
  }

  set state(state: ItemState) {
    this.stage = state;
  }

  /** How it ended; undefined until then. */
  get outcome(): Outcome | undefined {
    return typeof this.stage === "string" ? undefined : this.stage;
  }

  set outcome(outcome: Outcome) {
    this.stage = outcome;
  }

  get key(): Digest {
    return this.maker.keyOf(this.row);
  }

  /** Place in its node's generation order, from 0. */
  get index(): number {
    return this.maker.placeOf(this.row);
  }

  get special(): Special | undefined {
    return this.more?.special;
  }

  /** Given by generation: files from outside the graph. */
  get files(): readonly OutputFile[] {
    return this.more?.files ?? NO_FILES;
  }

  set files(files: readonly OutputFile[]) {
    if (files.length > 0 || this.more !== undefined) this.having().files = files;
  }

  get label(): string | undefined {
    return this.more?.label;
  }

  set label(label: string | undefined) {
    if (label !== undefined || this.more !== undefined) this.having().label = label;
  }

  get priority(): number {
    return this.more?.priority ?? 0;
  }

  set priority(priority: number) {
    if (priority !== 0 || this.more !== undefined) this.having().priority = priority;
  }

  /** Parents that are not done yet. */
  get pending(): number {
    return this.more?.pending ?? 0;
  }

  set pending(pending: number) {
    this.having().pending = pending;
  }

  /** What lookups found here. */
  get found(): Found | undefined {
    return this.more?.found;
  }

  set found(found: Found | undefined) {
    this.having().found = found;
  }

  /** Items that have this one as a parent and wait for it. */
  get children(): WorkItem[] | undefined {
    return this.more?.children;
  }

  set children(children: WorkItem[] | undefined) {
    if (children !== undefined || this.more !== undefined) this.having().children = children;
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
export function itemKey(parents: ParentGroups, identity: unknown, occurrence: number): Digest {
  const upstream = parents.length === 0 ? "" : parents.map((group) => group.map(({ key }) => key).join(",")).join(";");
  return digestOf(`${upstream}\n${canonicalJson(identity)}${occurrence === 0 ? "" : `\n${occurrence}`}`);
}
