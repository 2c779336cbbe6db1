/** Node type `filter_by_range`: passes items on whose index, or number, lies in a range. Knows no other conditions. */
import { defineNode, type UpstreamItem } from "dag-cook";
import { lacking, MAYBE_UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import { attributeOf } from "../attribute/typed/order.js";
import { goesOn, OPERATION } from "./filter/operation.js";

export default defineNode({
  description: "Keeps or removes the items whose index, or a number of theirs, lies in a range.",
  version: 1,
  params: {
    attribute: {
      ...MAYBE_UPSTREAM_ATTRIBUTE,
      default: "",
      description: "Attribute that holds the number, such as `frame`; empty: an item's place in its node, from 0.",
    },
    start: { type: "number", required: true, description: "First number of the range." },
    end: { type: "number", required: true, description: "Last number, which belongs to the range." },
    step: {
      type: ["number", "null"],
      exclusiveMinimum: 0,
      default: null,
      description: "Distance of the numbers from `start` on that are in the range; null: all are.",
    },
    missing: {
      type: "string",
      enum: ["fail", "keep", "remove"],
      default: "fail",
      description: "What becomes of items without the attribute.",
    },
    operation: OPERATION,
  },
  inputs: { main: { description: "Work items to filter." } },
  attributes: {
    reads: ({ attribute }) => (attribute === "" ? [] : [attribute]),
    needs: ({ attribute, missing }) => (attribute === "" || missing !== "fail" ? [] : [attribute]),
  },
  check: ({ start, end }) =>
    start > end ? [{ param: "end", message: `the range ends at ${end}, before it starts at ${start}` }] : [],
  *generate([upstream], { attribute, start, end, step, missing, operation }) {
    if (upstream === undefined) return;
    const number = numberOf(upstream, attribute);
    if (number === undefined && missing === "fail")
      throw new Error(`${lacking(upstream, attribute)}; "missing" can say what becomes of such items`);
    const kept =
      number === undefined
        ? missing === "keep"
        : goesOn(start <= number && number <= end && isStep(number - start, step), operation);
    if (kept) yield { identity: null };
  },
});

function isStep(distance: number, step: number | null): boolean {
  if (step === null) return true;
  // Fractions such as 0.1 are never exact: a billionth of a step is none.
  return Math.abs(distance / step - Math.round(distance / step)) < 1e-9;
}

function numberOf(item: UpstreamItem, name: string): number | undefined {
  const value = name === "" ? item.index : attributeOf(item, name);
  if (value === undefined || typeof value === "number") return value;
  throw new Error(`${item.name} has ${JSON.stringify(value)} as "${name}", which is no number`);
}
