/**
 * The parameters that every partitioner has, and what follows from them alone. Knows no items. When a node partitions
 * (once all upstream items are generated, or cooked) is said by its `generate_when`, like that of every other node.
 */
import type { ParamProblem, ParamSchemas, ParamValues } from "dag-cook";
import {
  exactNames,
  isPattern,
  MAYBE_ATTRIBUTE_NAME,
  readsOf,
  UPSTREAM_ATTRIBUTE,
  UPSTREAM_ATTRIBUTES,
} from "../../attribute/typed/names.js";
import { REDUCTION_MEANING, REDUCTIONS, reductionType } from "../../attribute/typed/reduction.js";

export const SHARED = {
  sort: {
    type: "array",
    default: [],
    description: "The order of the items before they are grouped, the first attribute deciding first.",
    items: {
      type: "object",
      properties: {
        attribute: { ...UPSTREAM_ATTRIBUTE, required: true, description: "Attribute; items without it come last." },
        descending: { type: "boolean", default: false, description: "Whether the largest value comes first." },
      },
    },
  },
  split_by: {
    type: "array",
    default: [],
    items: UPSTREAM_ATTRIBUTE,
    uniqueItems: true,
    description: "Attributes by whose values the items are split first: no partition has members of two such groups.",
  },
  merge: {
    type: "array",
    default: [],
    description:
      "Attributes of a partition made from its members', beside those on which all members agree. The first entry that fits an attribute counts.",
    items: {
      type: "object",
      properties: {
        attribute: {
          ...UPSTREAM_ATTRIBUTES,
          required: true,
          description: "Attribute, or a pattern such as `size_*`; members without it do not count.",
        },
        operation: { type: "string", enum: REDUCTIONS, default: "first", description: REDUCTION_MEANING },
        into: {
          ...MAYBE_ATTRIBUTE_NAME,
          default: "",
          description: "Name of the partition's attribute; empty: the same.",
        },
      },
    },
  },
  outputs: {
    type: "string",
    enum: ["all", "none", "first", "last", "unique"],
    default: "all",
    description:
      "Which files of its members a partition offers: all, none, those of the first or last member, or each content once.",
  },
} as const satisfies ParamSchemas;

export type Shared = ParamValues<typeof SHARED>;
export type Merge = Shared["merge"][number];

/** Names of the attributes that partitioning reads: where a cook writes one, it waits for that. */
export function readBy(shared: Shared, own: readonly string[] = []): readonly string[] {
  return readsOf([...own, ...namedBy(shared)]);
}

/** Those of them without which there is no order, split, or merged attribute. */
export function neededBy(shared: Shared, own: readonly string[] = []): readonly string[] {
  return exactNames([...own, ...namedBy(shared)]);
}

function namedBy({ sort, split_by, merge }: Shared): readonly string[] {
  return [...split_by, ...[...sort, ...merge].map(({ attribute }) => attribute)];
}

type Written = Readonly<Record<string, ReturnType<typeof reductionType>>>;

/** Types of the attributes that merging writes; where a pattern says which, that is known only when it runs. */
export function writtenBy({ merge }: Shared): Written | "any" {
  if (merge.some(({ attribute }) => isPattern(attribute))) return "any";
  return Object.fromEntries(
    merge.map(({ attribute, operation, into }) => [into || attribute, reductionType(operation)]),
  );
}

/** What is wrong with the shared parameters. */
export function problemsOfShared({ merge }: Shared): readonly ParamProblem[] {
  const names = merge.map(({ attribute, into }) => into || attribute);
  return merge.flatMap(({ attribute, into }, index) => {
    const at = `merge.${index}`;
    if (isPattern(attribute) && into !== "")
      return [{ param: `${at}.into`, message: `the several attributes of "${attribute}" cannot have one name` }];
    const name = names[index]!;
    return names.indexOf(name) < index ? [{ param: at, message: `"${name}" is merged twice` }] : [];
  });
}
