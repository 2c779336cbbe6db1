/** The file-bearing items below an input: what partitions and other items without work stand for. Moves nothing. */
import { UserError } from "../base/error.js";
import type { Value } from "../expression/value.js";
import { ownOf } from "./lookup.js";
import type { OutputFile } from "./output.js";

/** What the walk needs of an item, whose parents are `I`. */
export interface MemberSource<I> {
  readonly name: string;
  readonly parents: readonly (readonly I[])[];
  readonly takes: { readonly files: number } | undefined;
  readonly passes: "all" | "none" | "first" | "last" | "unique";
  readonly own: Readonly<Record<string, Value>> | undefined;
  readonly removed: ReadonlySet<string> | undefined;
  readonly hasWork: boolean;
  readonly offersNothing: boolean;
  /** Of its work, and of its generation. */
  readonly outputs: readonly OutputFile[];
  readonly files: readonly OutputFile[];
  attribute(name: string): Value | undefined;
}

/** A file-bearing item below a work item's input: a partition stands for its members. */
export interface MemberOf<I> {
  readonly item: I;
  /** Items without work between the member and the consumer that set attributes. */
  readonly through: Through<I> | undefined;
  readonly files: readonly OutputFile[];
}

/** A link of the way from a member to its consumer: an item, and the rest of the way. */
export interface Through<I> {
  readonly item: I;
  readonly nearer: Through<I> | undefined;
}

/** More than this is a mistake in the graph: partitions of partitions that hold the same items again and again. */
const MOST_MEMBERS = 4_000_000;

/** A member's attribute as its consumer sees it: the items between come first, the nearest to the consumer before others. */
export function memberAttribute<I extends MemberSource<I>>(member: MemberOf<I>, name: string): Value | undefined {
  let value: Value | undefined;
  let isDecided = false;
  for (let link = member.through; link !== undefined; link = link.nearer) {
    const own = ownOf(link.item, name);
    if (own === undefined && link.item.removed?.has(name) !== true) continue;
    value = own;
    isDecided = true;
  }
  return isDecided ? value : member.item.attribute(name);
}

/** One step of the walk: an item to go into; or, with `start`, one whose members are all found. */
interface Step<I> {
  readonly item: I;
  readonly through: Through<I> | undefined;
  readonly start?: number;
}

/** The file-bearing items that some stand for, in order. Those that offer nothing are left out. */
export function membersOf<I extends MemberSource<I>>(items: readonly I[]): MemberOf<I>[] {
  const members: MemberOf<I>[] = [];
  const steps: Step<I>[] = [];
  let met = 0;
  put(steps, items, undefined);
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { item, through, start } = step;
    if (start !== undefined) for (const member of chosen(item.passes, members.splice(start))) members.push(member);
    else if (item.offersNothing) continue;
    else if (bearsFiles(item)) {
      members.push({ item, through, files: item.hasWork ? item.outputs : item.files });
      met += 1;
      if (met > MOST_MEMBERS) throw new UserError(tooManyText(items[0]!));
    } else {
      if (item.passes !== "all") steps.push({ item, through, start: members.length });
      goInto(steps, item, through);
    }
  }
  return members;
}

/** The last is put first: it is taken last. */
function put<I>(steps: Step<I>[], items: readonly I[], through: Through<I> | undefined): void {
  for (let place = items.length - 1; place >= 0; place--) steps.push({ item: items[place]!, through });
}

function goInto<I extends MemberSource<I>>(steps: Step<I>[], item: I, through: Through<I> | undefined): void {
  const sets = item.own !== undefined || item.removed !== undefined;
  for (const group of offered(item).toReversed()) {
    put(steps, group, sets && group.length === 1 ? { item, nearer: through } : through);
  }
}

/** The files that an item offers to those below. */
export function filesOf<I extends MemberSource<I>>(item: I): readonly OutputFile[] {
  if (!offersFiles(item)) return [];
  const members = membersOf([item]);
  return members.length === 1 ? members[0]!.files : members.flatMap((member) => member.files);
}

/** Whether any file may be among its members': each item above is looked at once, however often it is met. */
function offersFiles<I extends MemberSource<I>>(item: I): boolean {
  const met = new Set([item]);
  for (const each of met) {
    if (each.offersNothing) continue;
    if (bearsFiles(each)) {
      if ((each.hasWork ? each.outputs : each.files).length > 0) return true;
    } else for (const group of offered(each)) for (const parent of group) met.add(parent);
  }
  return false;
}

function bearsFiles<I>(item: MemberSource<I>): boolean {
  return item.hasWork || item.files.length > 0 || item.parents.length === 0;
}

function offered<I>({ parents, takes }: MemberSource<I>): readonly (readonly I[])[] {
  return takes === undefined ? parents : [parents[takes.files] ?? []];
}

/** The members whose files a partition offers. */
export function chosen<M extends { readonly files: readonly { readonly digest: string }[] }>(
  passes: MemberSource<unknown>["passes"],
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

function tooManyText({ name }: MemberSource<unknown>): string {
  return (
    `${name} stands for more than ${MOST_MEMBERS} items: partitions above it hold the same items again and again. ` +
    "Fix: make each partition from the items themselves."
  );
}
