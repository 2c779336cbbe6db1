/** Node type `partition_by_attribute`: items that have attributes, or their values, in common. Knows no other rule. */
import { defineNode, type ParamProblem, type UpstreamItem } from "dag-cook";
import { labelOf } from "../attribute/typed/label.js";
import { isPattern, lack, namesFitting, UPSTREAM_ATTRIBUTES } from "../attribute/typed/names.js";
import { attributeOf, isSpelled } from "../attribute/typed/order.js";
import type { Spelled } from "../attribute/typed/value.js";
import { type Alike, distinct, type Group, partitionsOf } from "./grouping/partition.js";
import { neededBy, problemsOfShared, readBy, SHARED, writtenBy } from "./grouping/shared.js";
import { UNMATCHED, withUnmatched } from "./grouping/unmatched.js";

type Rule = "values" | "listed" | "names" | "pattern";

interface Wanted {
  readonly name: string;
  readonly value: Spelled | null;
}

export default defineNode({
  description: "Partitions items by their attributes: by the values they share, by listed values, or by having them.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      required: true,
      minItems: 1,
      description: "The attributes that decide.",
      items: {
        type: "object",
        properties: {
          name: {
            ...UPSTREAM_ATTRIBUTES,
            required: true,
            description: 'Name of the attribute; with `"by": "pattern"`, a pattern such as `size_*`.',
          },
          value: {
            type: ["number", "string", "boolean", "null"],
            default: null,
            description: 'With `"by": "listed"`, the value that members have.',
          },
        },
      },
    },
    by: {
      type: "string",
      enum: ["values", "listed", "names", "pattern"],
      default: "values",
      description:
        "A partition for each of the different values there are, for the listed values, for having the attributes, or for having each attribute that fits a pattern.",
    },
    independently: {
      type: "boolean",
      default: false,
      description:
        "Whether each attribute makes partitions of its own; else those items are together that agree on all of them (`values`), or fulfil all of them (`listed`, `names`: one partition).",
    },
    unmatched: UNMATCHED,
    ...SHARED,
  },
  inputs: { main: { description: "Work items to partition." } },
  attributes: {
    reads: (params) =>
      readBy(
        params,
        params.attributes.map(({ name }) => name),
      ),
    needs: (params) => neededBy(params, params.unmatched === "fail" ? params.attributes.map(({ name }) => name) : []),
    writes: writtenBy,
  },
  check: (params) => [...problemsOf(params.attributes, params.by), ...problemsOfShared(params)],
  *partition(upstream, params) {
    const { attributes, by, independently, unmatched } = params;
    const sets = independently ? attributes.map((each) => [each]) : [attributes];
    yield* partitionsOf(upstream, params, (items) => {
      const groups = by === "pattern" ? fitting(items, attributes) : sets.flatMap((set) => groupsBy(items, set, by));
      return withUnmatched(groups, items, unmatched, (item) => mismatch(item, attributes));
    });
  },
});

function groupsBy(items: readonly UpstreamItem[], wanted: readonly Wanted[], by: Rule): readonly Group[] {
  const names = wanted.map(({ name }) => name);
  const having = items.filter((item) => names.every((name) => attributeOf(item, name) !== undefined));
  if (by === "names") return [withNames(names, having)];
  if (by === "values") return distinct(having, names).map(({ values, items: alike }) => withValues(values, alike));
  const fitting = having.filter((item) =>
    wanted.every(({ name, value }) => isSpelled(attributeOf(item, name)!, value!)),
  );
  return [withValues(Object.fromEntries(wanted.map(({ name, value }) => [name, value])), fitting)];
}

function withNames(names: readonly string[], items: Group["items"]): Group {
  return { identity: { names }, items, label: names.join(", ") };
}

function withValues(values: Alike["values"], items: Group["items"]): Group {
  return { identity: { values }, items, label: labelOf(values) };
}

function fitting(items: readonly UpstreamItem[], wanted: readonly Wanted[]): readonly Group[] {
  const names = new Set(wanted.flatMap(({ name }) => namesFitting(items, name)));
  return [...names].map((name) =>
    withNames(
      [name],
      items.filter((item) => attributeOf(item, name) !== undefined),
    ),
  );
}

function mismatch(item: UpstreamItem, wanted: readonly Wanted[]): string {
  if (wanted.some(({ name }) => isPattern(name))) return "has no attribute that fits";
  const absent = wanted.find(({ name }) => attributeOf(item, name) === undefined);
  return absent === undefined ? "has none of the listed values" : lack(item, absent.name);
}

function problemsOf(attributes: readonly Wanted[], by: Rule): readonly ParamProblem[] {
  return attributes.flatMap(({ name, value }, index) => {
    const param = `attributes.${index}`;
    const twice = attributes.findIndex((other) => other.name === name && other.value === value) < index;
    if (twice) return [{ param: `${param}.name`, message: `"${name}" is given twice` }];
    if (by !== "pattern" && isPattern(name))
      return [{ param: `${param}.name`, message: `"${name}" is a pattern, which needs "by": "pattern"` }];
    if (by === "listed" && value === null) return [{ param, message: `"${name}" needs a "value" to be listed by` }];
    if (by !== "listed" && value !== null)
      return [{ param: `${param}.value`, message: 'a value counts only with "by": "listed"' }];
    return [];
  });
}
