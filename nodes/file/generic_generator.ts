/** Node type `generic_generator`: so many items. Knows nothing of what they are for. */
import { defineNode, type ParamProblem } from "dag-cook";
import { ATTRIBUTE_NAME, MAYBE_ATTRIBUTE_NAME } from "../attribute/typed/names.js";

export default defineNode({
  description: "Makes a number of items: of each upstream item, or out of nothing. What they do, the nodes below say.",
  version: 1,
  params: {
    count: {
      type: "integer",
      minimum: 0,
      maximum: 1_000_000,
      default: 1,
      effect: "items",
      description: 'How many items; an expression may make it differ by upstream item: `"@tiles"`.',
    },
    start: { type: "integer", default: 0, description: "Number of the first item." },
    number: { ...ATTRIBUTE_NAME, default: "number", description: "Attribute that gets an item's number." },
    total: {
      ...MAYBE_ATTRIBUTE_NAME,
      default: "",
      description: "Attribute that gets how many there are; empty: none does.",
    },
  },
  attributes: {
    writes: ({ number, total }) => ({ [number]: "int" as const, ...(total !== "" && { [total]: "int" as const }) }),
  },
  check: ({ number, total }) => sameName(number, total),
  *generate(_upstream, { count, start, number, total }) {
    for (let index = start; index < start + count; index++) {
      yield { identity: index, attributes: { [number]: index, ...(total !== "" && { [total]: count }) } };
    }
  },
});

function sameName(number: string, total: string): readonly ParamProblem[] {
  return number === total ? [{ param: "total", message: `"${total}" is the name of the item's number already` }] : [];
}
