/** Node type `filter_by_attribute`: passes items on by their attributes. Knows no expressions. */
import { defineNode } from "dag-cook";
import { ATTRIBUTE_NAME } from "../attribute/typed/names.js";
import { COMPARISONS, fulfils, problemsOf } from "./filter/condition.js";
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
      items: {
        type: "object",
        properties: {
          attribute: { ...ATTRIBUTE_NAME, required: true, description: "Name of the attribute." },
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
      },
    },
    match: {
      type: "string",
      enum: ["all", "any"],
      default: "all",
      description: "Whether an item must fulfil all conditions or any to fit.",
    },
    operation: OPERATION,
  },
  inputs: { main: { description: "Work items to filter." } },
  attributes: { reads: ({ conditions }) => conditions.map(({ attribute }) => attribute) },
  check: ({ conditions }) => problemsOf(conditions),
  *generate([upstream], { conditions, match, operation }) {
    if (upstream === undefined) return;
    const fulfilled = conditions.map((condition) => fulfils(upstream, condition));
    const fits = match === "all" ? fulfilled.every(Boolean) : fulfilled.some(Boolean);
    if (goesOn(fits, operation)) yield { identity: null };
  },
});
