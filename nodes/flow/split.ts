/** Node type `split`: items in two ways, by an expression or by their attributes. Knows no further rule. */
import { defineNode } from "dag-cook";
import { CONDITION, fits, MATCH, neededBy, problemsOf, readBy } from "./filter/condition.js";

export default defineNode({
  description: "Sends the items that fit through its first output, and all others through `rest`.",
  version: 1,
  params: {
    expression: {
      type: ["boolean", "number", "null"],
      default: null,
      description: 'Evaluated for each upstream item, which fits where it is true, or not 0: `"@width > 512"`.',
    },
    conditions: {
      type: "array",
      default: [],
      description: "Conditions on attributes, instead of an expression. An item without the attribute fulfils none.",
      items: CONDITION,
    },
    match: MATCH,
  },
  inputs: { main: { description: "Work items to split." } },
  outputs: {
    fits: { description: "The items that fit." },
    rest: { description: "All others." },
  },
  attributes: { reads: ({ conditions }) => readBy(conditions), needs: ({ conditions }) => neededBy(conditions) },
  check: ({ expression, conditions }) =>
    (expression === null) === (conditions.length === 0)
      ? [{ param: "expression", message: 'either an "expression" or "conditions" say which items fit' }]
      : problemsOf(conditions),
  *generate([upstream], { expression, conditions, match }) {
    if (upstream === undefined) return;
    const goes = expression === null ? fits(upstream, conditions, match) : Number(expression) !== 0;
    yield { identity: null, output: goes ? "fits" : "rest" };
  },
});
