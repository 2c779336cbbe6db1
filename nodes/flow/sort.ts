/** Node type `sort`: the same items in another order. Knows attributes only as keys. */
import { defineNode } from "dag-cook";
import { lacking, UPSTREAM_ATTRIBUTE } from "../attribute/typed/names.js";
import { attributeOf, sortedBy } from "../attribute/typed/order.js";

export default defineNode({
  description: "Puts items into an order: their index counts in it. Nothing is cooked again because of its place.",
  version: 1,
  params: {
    by: {
      type: "array",
      required: true,
      minItems: 1,
      description: "The attributes that decide, the first deciding first; items equal in all stay in their order.",
      items: {
        type: "object",
        properties: {
          attribute: { ...UPSTREAM_ATTRIBUTE, required: true, description: "Attribute; items without it come last." },
          descending: { type: "boolean", default: false, description: "Whether the largest value comes first." },
        },
      },
    },
  },
  inputs: { main: { description: "Work items to sort." } },
  attributes: {
    reads: ({ by }) => by.map(({ attribute }) => attribute),
    needs: ({ by }) => by.map(({ attribute }) => attribute),
  },
  together: true,
  *generate(upstream, { by }) {
    const absent = by.find(({ attribute }) => upstream.every((item) => attributeOf(item, attribute) === undefined));
    if (absent !== undefined && upstream[0] !== undefined)
      throw new Error(`no item can be put in order: ${lacking(upstream[0], absent.attribute)}`);
    for (const item of sortedBy(upstream, by)) yield { identity: null, upstream: [item] };
  },
});
