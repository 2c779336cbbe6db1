/**
 * Attributes, looked up along an item's parents. What was found is kept where a lookup would otherwise go up twice, so that
 * it takes as long as there are items above, however they meet, and nothing recurses on their depth. Knows no states but
 * whether an item still changes.
 */
import { canonicalJson } from "../base/hash.js";
import type { Value } from "../expression/value.js";

/** What a lookup needs of an item. */
export interface AttributeOwner {
  readonly maker: { readonly keeps: ReadonlySet<string> | undefined; readonly main: number };
  readonly own: Readonly<Record<string, Value>> | undefined;
  readonly removed: ReadonlySet<string> | undefined;
  readonly parents: readonly (readonly AttributeOwner[])[];
  readonly takes: { readonly attributes: number } | undefined;
  /** Whether neither it nor any item above it gets other attributes from now on. */
  readonly settled: boolean;
  /** The lookup's own. */
  found: Found | undefined;
}

/** What was found at an item. */
export interface Found {
  /** Holds until an item changes that was not settled; of a settled item, for good. */
  readonly until: number;
  readonly values: Map<string, Value | undefined>;
  names: ReadonlySet<string> | undefined;
}

/** An item whose value waits for those of its parents. */
interface Meeting {
  readonly item: AttributeOwner;
  /** Where the way up began that led to it. */
  readonly from: AttributeOwner;
  readonly groups: readonly (readonly AttributeOwner[])[];
  group: number;
  place: number;
  value: Value | undefined;
  text: unknown;
}

/** From so many items on, a way up is kept for who comes the same way. */
const LONG = 32;
const NO_NAMES: ReadonlySet<string> = new Set();
let changes = 0;

/** An item that others may be below got another attribute. */
export function attributesChanged(): void {
  changes += 1;
}

/**
 * An attribute as it is now: the item's own, else the first parent's that has it; of several parents in one group, the value
 * on which all agree.
 */
export function attributeOf(item: AttributeOwner, name: string): Value | undefined {
  const waiting: Meeting[] = [];
  for (let at: AttributeOwner | undefined = item; ; ) {
    let value = at === undefined ? undefined : climb(at, name, waiting);
    at = undefined;
    while (value !== MEETS && waiting.length > 0) {
      const meeting = waiting.at(-1)!;
      const isWhole = takeIn(meeting, value as Value | undefined);
      if (!isWhole) break;
      waiting.pop();
      value = meeting.value;
      keep(meeting.item, name, value);
      if (meeting.from !== meeting.item) keep(meeting.from, name, value);
    }
    const last = waiting.at(-1);
    if (last === undefined) return value as Value | undefined;
    const next = last.groups[last.group]![last.place]!;
    if (!keeps(next, name)) at = next;
  }
}

/** An attribute that is an item's own. Names are anybody's: `constructor` is none that an object has by itself. */
export function ownOf({ own }: Pick<AttributeOwner, "own">, name: string): Value | undefined {
  return own !== undefined && Object.hasOwn(own, name) ? own[name] : undefined;
}

/** Says that a way up ends where several items meet; no value of an attribute. */
const MEETS = Symbol("meets");

/** Goes up to what has the name; where several meet on the way, notes them instead. */
function climb(from: AttributeOwner, name: string, waiting: Meeting[]): Value | undefined | typeof MEETS {
  let steps = 0;
  let value: Value | undefined;
  for (let item: AttributeOwner | undefined = from; item !== undefined; steps += 1) {
    value = ownOf(item, name);
    if (value !== undefined || item.removed?.has(name)) break;
    const found = foundAt(item)?.values;
    if (found?.has(name)) {
      value = found.get(name);
      break;
    }
    const groups: Meeting["groups"] = heritage(item);
    const only: AttributeOwner | undefined = groups.length === 1 && groups[0]!.length === 1 ? groups[0]![0] : undefined;
    const first = only === undefined ? groups.findIndex((group) => group.length > 0) : -1;
    if (first >= 0) {
      const start = steps < LONG ? item : from;
      waiting.push({ item, from: start, groups, group: first, place: 0, value: undefined, text: undefined });
      return MEETS;
    }
    item = only === undefined || keeps(only, name) ? undefined : only;
  }
  if (steps >= LONG) keep(from, name, value);
  return value;
}

/** Takes in the value of the parent that was waited for. Returns whether the meeting's own value is known by that. */
function takeIn(meeting: Meeting, value: Value | undefined): boolean {
  const group = meeting.groups[meeting.group]!;
  if (value !== undefined && group.length === 1) {
    meeting.value = value;
    return true;
  }
  const text = typeof value === "object" ? canonicalJson(value) : value;
  if (meeting.place === 0) {
    meeting.value = value;
    meeting.text = text;
  }
  meeting.place += 1;
  if (value !== undefined && text === meeting.text) return meeting.place === group.length;
  // They do not agree: the next group may.
  meeting.value = undefined;
  meeting.place = 0;
  do meeting.group += 1;
  while (meeting.groups[meeting.group]?.length === 0);
  return meeting.group >= meeting.groups.length;
}

/** All attributes of a group of parents, as an item below it alone inherits them. */
export function attributesOf(group: readonly AttributeOwner[]): Readonly<Record<string, Value>> {
  const child: AttributeOwner = {
    ...{ maker: { keeps: undefined, main: 0 }, own: undefined, removed: undefined, parents: [group], takes: undefined },
    ...{ settled: false, found: undefined },
  };
  const found = [...namesOf(child)].map((name) => [name, attributeOf(child, name)] as const);
  return Object.fromEntries(found.filter((each): each is [string, Value] => each[1] !== undefined));
}

/** Every name that a lookup may find. */
export function namesOf(item: AttributeOwner): ReadonlySet<string> {
  const known = new Map<AttributeOwner, ReadonlySet<string>>();
  const stack = [item];
  for (let at = stack.at(-1); at !== undefined; at = stack.at(-1)) {
    const kept = known.has(at) ? undefined : foundAt(at)?.names;
    if (kept !== undefined) known.set(at, kept);
    if (!known.has(at)) {
      const before = stack.length;
      for (const group of heritage(at)) for (const parent of group) if (!known.has(parent)) stack.push(parent);
      if (stack.length > before) continue;
      known.set(at, namesFrom(at, known));
      if (at.parents.length > 0) foundFor(at).names = known.get(at);
    }
    stack.pop();
  }
  return known.get(item)!;
}

function namesFrom(item: AttributeOwner, known: ReadonlyMap<AttributeOwner, ReadonlySet<string>>): ReadonlySet<string> {
  const { own, removed } = item;
  const parents = heritage(item).flat();
  // Most items have the names of their first parent, and share the set with it.
  const [first] = parents;
  const shared = first === undefined ? NO_NAMES : known.get(first)!;
  const isSame =
    parents.every((parent) => known.get(parent) === shared && parent.maker.keeps === undefined) &&
    Object.keys(own ?? {}).every((name) => shared.has(name)) &&
    ![...(removed ?? [])].some((name) => shared.has(name));
  if (isSame) return shared;
  const names = new Set<string>();
  for (const parent of parents) for (const name of known.get(parent)!) if (!keeps(parent, name)) names.add(name);
  for (const name of removed ?? []) names.delete(name);
  for (const name in own) names.add(name);
  return names;
}

/** Whether an item has an attribute for itself. */
function keeps({ maker, own }: AttributeOwner, name: string): boolean {
  return maker.keeps?.has(name) === true && own !== undefined && Object.hasOwn(own, name);
}

function heritage({ parents, takes, maker: { main } }: AttributeOwner): AttributeOwner["parents"] {
  if (takes !== undefined) return [parents[takes.attributes] ?? []];
  return main === 0 || parents.length < 2 ? parents : [parents[main] ?? [], ...parents.toSpliced(main, 1)];
}

function foundAt({ found }: AttributeOwner): Found | undefined {
  return found !== undefined && (found.until === changes || found.until === Number.POSITIVE_INFINITY)
    ? found
    : undefined;
}

function foundFor(item: AttributeOwner): Found {
  const until = item.settled ? Number.POSITIVE_INFINITY : changes;
  if (item.found?.until !== until) item.found = { until, values: new Map(), names: undefined };
  return item.found;
}

function keep(item: AttributeOwner, name: string, value: Value | undefined): void {
  foundFor(item).values.set(name, value);
}
