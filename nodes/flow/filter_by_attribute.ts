/** Node type `filter_by_attribute`: passes items on by their attributes. Knows no expressions. */
import { defineNode } from "dag-cook";
import { CONDITION, fits, MATCH, neededBy, problemsOf, readBy } from "./filter/condition.js";
import { goesOn, OPERATION } from "./filter/operation.js";

export default defineNode({
  description: "Keeps or removes items by conditions on their attributes.",
  version: 1,
  params: {
    conditions: {
      type: "array",
      required: true,
      minItems: 1,
      description: "The conditions. An item without the attribute fulfils none.",
      items: CONDITION,
    },
    match: MATCH,
    operation: OPERATION,
  },
  inputs: { main: { description: "Work items to filter." } },
  attributes: { reads: ({ conditions }) => readBy(conditions), needs: ({ conditions }) => neededBy(conditions) },
  check: ({ conditions }) => problemsOf(conditions),
  *generate([upstream], { conditions, match, operation }) {
    if (upstream === undefined) return;
    if (goesOn(fits(upstream, conditions, match), operation)) yield { identity: null };
  },
});
