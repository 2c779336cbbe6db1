/** Conditions on attributes. Knows one item at a time. */
import type { ParamProblem, ParamSchema, UpstreamItem } from "dag-cook";
import { UPSTREAM_ATTRIBUTE } from "../../attribute/typed/names.js";
import { attributeOf, compareValues, isSpelled, type Value } from "../../attribute/typed/order.js";
import { type Spelled, typedValue } from "../../attribute/typed/value.js";

const COMPARISONS = [
  "exists",
  "equal",
  "not_equal",
  "less",
  "less_or_equal",
  "greater",
  "greater_or_equal",
  "contains",
] as const;

export interface Condition {
  readonly attribute: string;
  readonly is: (typeof COMPARISONS)[number];
  readonly value: Spelled | null;
}

/** Schema of a parameter that holds one. */
export const CONDITION = {
  type: "object",
  properties: {
    attribute: { ...UPSTREAM_ATTRIBUTE, required: true, description: "Name of the attribute." },
    is: {
      type: "string",
      enum: COMPARISONS,
      default: "exists",
      description: "How it is compared; a list `contains` an element, text a part.",
    },
    value: {
      type: ["number", "string", "boolean", "null"],
      default: null,
      description: "What it is compared with. Text is a template.",
    },
  },
} as const satisfies ParamSchema["items"];

export const MATCH = {
  type: "string",
  enum: ["all", "any"],
  default: "all",
  description: "Whether an item must fulfil all conditions or any to fit.",
} as const;

/** The attributes that are read. */
export function readBy(conditions: readonly Condition[]): readonly string[] {
  return conditions.map(({ attribute }) => attribute);
}

/** Those whose value is asked for: no item without them could fit. */
export function neededBy(conditions: readonly Condition[]): readonly string[] {
  return readBy(conditions.filter(({ is }) => is !== "exists"));
}

/** Whether an item fulfils all conditions, or any. */
export function fits(item: UpstreamItem, conditions: readonly Condition[], match: "all" | "any"): boolean {
  const fulfilled = (condition: Condition): boolean => fulfils(item, condition);
  return match === "all" ? conditions.every(fulfilled) : conditions.some(fulfilled);
}

/** Whether an item has the attribute and it is so. */
function fulfils(item: UpstreamItem, { attribute, is, value }: Condition): boolean {
  const found = attributeOf(item, attribute);
  if (found === undefined) return false;
  if (is === "exists") return true;
  const spelled = value!;
  if (is === "equal") return isSpelled(found, spelled);
  if (is === "not_equal") return !isSpelled(found, spelled);
  if (is === "contains") return contains(found, spelled);
  const order = compareTo(item, attribute, found, spelled);
  if (is === "less") return order < 0;
  if (is === "less_or_equal") return order <= 0;
  return is === "greater" ? order > 0 : order >= 0;
}

function contains(found: Value, spelled: Spelled): boolean {
  if (Array.isArray(found)) return (found as readonly Value[]).some((element) => isSpelled(element, spelled));
  return typeof found === "string" && found.includes(String(spelled));
}

function compareTo(item: UpstreamItem, attribute: string, found: Value, spelled: Spelled): number {
  if (typeof found === "string") return compareValues(found, String(spelled));
  const number = typeof spelled === "boolean" ? undefined : typedValue(spelled, "float");
  if (typeof found === "number" && number !== undefined) return compareValues(found, number);
  throw new Error(
    `${item.name} has ${JSON.stringify(found)} as "${attribute}", which is neither more nor less than ${JSON.stringify(spelled)}`,
  );
}

/** What is wrong with conditions. */
export function problemsOf(conditions: readonly Condition[]): readonly ParamProblem[] {
  return conditions.flatMap(({ is, value }, index) => {
    const param = `conditions.${index}`;
    if (is === "exists" && value !== null) return [{ param: `${param}.value`, message: '"exists" takes no value' }];
    return is !== "exists" && value === null ? [{ param, message: `"${is}" needs a "value"` }] : [];
  });
}
