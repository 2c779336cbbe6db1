/** What becomes of items that belong to no group. Knows no rule of grouping. */
import type { UpstreamItem } from "dag-cook";
import { inOrderOf } from "./order.js";
import type { Group } from "./partition.js";

const POLICIES = ["fail", "leave_out", "one_partition", "own_partitions", "every_partition"] as const;

export type Unmatched = (typeof POLICIES)[number];

/** The parameter. */
export const UNMATCHED = {
  type: "string",
  enum: POLICIES,
  default: "fail",
  description:
    "What becomes of items that belong to no partition: the node fails; they are left out; they make one partition, or one each; or they join every partition.",
} as const;

/**
 * The groups with the items that are in none of them. Throws for `fail`, saying of the first such item what `lacks`
 * answers, such as `has no attribute "tile"`.
 */
export function withUnmatched(
  groups: readonly Group[],
  all: readonly UpstreamItem[],
  policy: Unmatched,
  lacks: (item: UpstreamItem) => string,
): readonly Group[] {
  const matched = new Set(groups.flatMap(({ items }) => items));
  const rest = all.filter((item) => !matched.has(item));
  const [first] = rest;
  if (first === undefined || policy === "leave_out") return groups;
  if (policy === "fail")
    throw new Error(`${first.name} ${lacks(first)}; "unmatched" can say what becomes of such items`);
  if (policy === "one_partition") return [...groups, { identity: "unmatched", items: rest }];
  if (policy === "own_partitions")
    return [...groups, ...rest.map((item) => ({ identity: "unmatched", items: [item] }))];
  const inOrder = inOrderOf(all);
  return groups.map((group) => ({ ...group, items: inOrder([...group.items, ...rest]) }));
}
