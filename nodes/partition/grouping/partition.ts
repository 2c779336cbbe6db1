/**
 * What all partitioners share: the order of the items, splitting them beforehand, and attributes that a partition gets
 * from its members. Knows no rule by which items are grouped. When a node partitions (once all upstream items are
 * generated, or cooked) is said by its `generate_when`, like that of every other node.
 */
import type { GeneratedPartition, Json, ParamProblem, ParamSchemas, ParamValues, UpstreamItem } from "dag-cook";
import { sameText, sortedBy, type Value } from "../../attribute/typed/order.js";
import { REDUCTION_MEANING, REDUCTIONS, type Reduction, reduced, reductionType } from "../../attribute/typed/reduction.js";
import { NAME_PATTERN } from "../../attribute/typed/value.js";

/** Items that become a partition. */
export interface Group {
  /** What distinguishes it among groups of the same items: the values that they share, never a position. */
  readonly identity: Json;
  readonly items: readonly UpstreamItem[];
  readonly attributes?: Readonly<Record<string, Value>>;
}

/** Schema of a parameter that names an attribute. */
export const ATTRIBUTE_NAME = { type: "string", pattern: NAME_PATTERN, template: false } as const;

/** The parameters that every partitioner has. */
export const SHARED = {
  sort: {
    type: "array",
    default: [],
    description: "The order of the items before they are grouped, the first attribute deciding first.",
    items: {
      type: "object",
      properties: {
        attribute: { ...ATTRIBUTE_NAME, required: true, description: "Attribute; items without it come last." },
        descending: { type: "boolean", default: false, description: "Whether the largest value comes first." },
      },
    },
  },
  split_by: {
    type: "array",
    default: [],
    items: ATTRIBUTE_NAME,
    uniqueItems: true,
    description: "Attributes by whose values the items are split first: no partition has members of two such groups.",
  },
  merge: {
    type: "array",
    default: [],
    description: "Attributes of a partition made from its members', beside those on which all members agree.",
    items: {
      type: "object",
      properties: {
        attribute: { ...ATTRIBUTE_NAME, required: true, description: "Attribute; members without it do not count." },
        operation: { type: "string", enum: REDUCTIONS, default: "first", description: REDUCTION_MEANING },
        into: {
          ...ATTRIBUTE_NAME,
          pattern: `^$|${NAME_PATTERN}`,
          default: "",
          description: "Name of the partition's attribute; empty: the same.",
        },
      },
    },
  },
} as const satisfies ParamSchemas;

export type Shared = ParamValues<typeof SHARED>;
type Merge = Shared["merge"][number];

/** The partitions of all upstream items: sorted, then split, then grouped. Empty groups make none. */
export function* partitionsOf(
  upstream: readonly UpstreamItem[],
  shared: Shared,
  group: (items: readonly UpstreamItem[]) => Iterable<Group>,
): Generator<GeneratedPartition> {
  for (const split of splitsOf(sortedBy(upstream, shared.sort), shared.split_by)) {
    for (const { identity, items, attributes } of group(split.items)) {
      if (items.length === 0) continue;
      yield {
        identity: shared.split_by.length === 0 ? identity : { split: split.values, group: identity },
        members: items,
        attributes: { ...mergedFrom(items, shared.merge), ...attributes },
      };
    }
  }
}

interface Split {
  readonly values: Json;
  readonly items: readonly UpstreamItem[];
}

function splitsOf(items: readonly UpstreamItem[], names: readonly string[]): readonly Split[] {
  if (names.length === 0) return [{ values: null, items }];
  return distinct(items, names).map((found) => ({ values: found.values, items: found.items }));
}

/** Items by the values that they share, in the order in which these first appear; an absent value is one, too. */
export function distinct(
  items: readonly UpstreamItem[],
  names: readonly string[],
): readonly { readonly values: Readonly<Record<string, Json>>; readonly items: readonly UpstreamItem[] }[] {
  const found = new Map<string, { readonly values: Readonly<Record<string, Json>>; readonly items: UpstreamItem[] }>();
  for (const item of items) {
    const values = names.map((name) => item.attribute(name));
    const text = values.map(sameText).join("\n");
    const known = found.get(text) ?? {
      values: Object.fromEntries(names.map((name, index) => [name, (values[index] ?? null) as Json])),
      items: [],
    };
    known.items.push(item);
    found.set(text, known);
  }
  return [...found.values()];
}

function mergedFrom(items: readonly UpstreamItem[], merges: readonly Merge[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(
    merges.flatMap(({ attribute, operation, into }) => {
      const values = items.map((item) => item.attribute(attribute)).filter((value) => value !== undefined);
      return values.length === 0 ? [] : [[into || attribute, reduced(values, operation, `"${attribute}"`)] as const];
    }),
  );
}

/** Names of the attributes that partitioning reads: where a cook writes one, it waits for that. */
export function readBy(shared: Shared, own: readonly string[] = []): readonly string[] {
  const named = [...shared.sort, ...shared.merge].map(({ attribute }) => attribute);
  return [...new Set([...own, ...shared.split_by, ...named])];
}

/** Types of the attributes that merging writes. */
export function writtenBy({ merge }: Shared): Readonly<Record<string, ReturnType<typeof reductionType>>> {
  return Object.fromEntries(
    merge.map(({ attribute, operation, into }) => [into || attribute, reductionType(operation as Reduction)]),
  );
}

/** What is wrong with the shared parameters. */
export function problemsOfShared({ merge }: Shared): readonly ParamProblem[] {
  const names = merge.map(({ attribute, into }) => into || attribute);
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ param: `merge.${index}`, message: `"${name}" is merged twice` }] : [],
  );
}
