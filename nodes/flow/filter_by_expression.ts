/** Node type `filter_by_expression`: passes items on for which an expression is true. Knows no attributes by itself. */
import { defineNode } from "dag-cook";
import { goesOn, OPERATION } from "./filter/operation.js";

export default defineNode({
  description: "Keeps or removes the items for which an expression is true.",
  version: 1,
  params: {
    expression: {
      type: ["boolean", "number"],
      required: true,
      description: 'Evaluated for each upstream item, which fits where it is true, or not 0: `"@width > 512"`.',
    },
    operation: OPERATION,
  },
  inputs: { main: { description: "Work items to filter." } },
  *generate([upstream], { expression, operation }) {
    if (upstream !== undefined && goesOn(Number(expression) !== 0, operation)) yield { identity: null };
  },
});
