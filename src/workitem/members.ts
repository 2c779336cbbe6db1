/** The file-bearing items below an input: what partitions and other items without work stand for. Moves nothing. */
import { UserError } from "../base/error.js";
import type { Value } from "../expression/value.js";
import type { WorkItem } from "./item.js";
import { ownOf } from "./lookup.js";
import type { OutputFile } from "./output.js";

/** A file-bearing item below a work item's input: a partition stands for its members. */
export interface Member {
  readonly item: WorkItem;
  /** Items without work between the member and the consumer that set attributes. */
  readonly through: Through | undefined;
  readonly files: readonly OutputFile[];
}

/** A link of the way from a member to its consumer: an item, and the rest of the way. */
export interface Through {
  readonly item: WorkItem;
  readonly nearer: Through | undefined;
}

/** More than this is a mistake in the graph: partitions of partitions that hold the same items again and again. */
const MOST_MEMBERS = 4_000_000;

/** A member's attribute as its consumer sees it: the items between come first, the nearest to the consumer before others. */
export function memberAttribute(member: Member, name: string): Value | undefined {
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
interface Step {
  readonly item: WorkItem;
  readonly through: Through | undefined;
  readonly start?: number;
}

/** The file-bearing items that some stand for, in order. Those that were not scheduled are left out. */
export function membersOf(items: readonly WorkItem[]): Member[] {
  const members: Member[] = [];
  const steps: Step[] = [];
  let met = 0;
  put(steps, items, undefined);
  for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
    const { item, through, start } = step;
    if (start !== undefined) for (const member of chosen(item.passes, members.splice(start))) members.push(member);
    else if (item.notScheduled) continue;
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
function put(steps: Step[], items: readonly WorkItem[], through: Through | undefined): void {
  for (let place = items.length - 1; place >= 0; place--) steps.push({ item: items[place]!, through });
}

function goInto(steps: Step[], item: WorkItem, through: Through | undefined): void {
  const sets = item.own !== undefined || item.removed !== undefined;
  for (const group of offering(item).toReversed()) {
    put(steps, group, sets && group.length === 1 ? { item, nearer: through } : through);
  }
}

/** The files that an item offers to those below. */
export function filesOf(item: WorkItem): readonly OutputFile[] {
  if (!offersFiles(item)) return [];
  const members = membersOf([item]);
  return members.length === 1 ? members[0]!.files : members.flatMap((member) => member.files);
}

/** Whether any file may be among its members': each item above is looked at once, however often it is met. */
function offersFiles(item: WorkItem): boolean {
  const met = new Set([item]);
  for (const each of met) {
    if (each.notScheduled) continue;
    if (bearsFiles(each)) {
      if ((each.hasWork ? each.outputs : each.files).length > 0) return true;
    } else for (const group of offering(each)) for (const parent of group) met.add(parent);
  }
  return false;
}

function bearsFiles(item: WorkItem): boolean {
  return item.hasWork || item.files.length > 0 || item.parents.length === 0;
}

function offering({ parents, takes }: WorkItem): WorkItem["parents"] {
  return takes === undefined ? parents : [parents[takes.files] ?? []];
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

function tooManyText({ name }: WorkItem): string {
  return (
    `${name} stands for more than ${MOST_MEMBERS} items: partitions above it hold the same items again and again. ` +
    "Fix: make each partition from the items themselves."
  );
}
