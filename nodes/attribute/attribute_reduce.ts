/** Node type `attribute_reduce`: lists made single values. Knows nothing of what they mean. */
import { defineNode, type ParamProblem } from "dag-cook";
import { lacking, MAYBE_ATTRIBUTE_NAME, UPSTREAM_ATTRIBUTE } from "./typed/names.js";
import type { Value } from "./typed/order.js";
import { REDUCTION_MEANING, REDUCTIONS, reduced, reductionType } from "./typed/reduction.js";

export default defineNode({
  description: "Makes single values of attributes that are lists: their sum, largest, average, and so on.",
  version: 1,
  params: {
    reductions: {
      type: "array",
      required: true,
      minItems: 1,
      description: "The attributes and what is made of each.",
      items: {
        type: "object",
        properties: {
          attribute: { ...UPSTREAM_ATTRIBUTE, required: true, description: "Attribute; one value is a list, too." },
          operation: { type: "string", enum: REDUCTIONS, default: "first", description: REDUCTION_MEANING },
          into: {
            ...MAYBE_ATTRIBUTE_NAME,
            default: "",
            description: "Name of the attribute that gets the value; empty: the same.",
          },
        },
      },
    },
    missing: {
      type: "string",
      enum: ["fail", "ignore"],
      default: "fail",
      description:
        "What becomes of items without one of the attributes: the node fails, or they go on without its value.",
    },
  },
  inputs: { main: { description: "Work items with lists." } },
  attributes: {
    reads: ({ reductions }) => reductions.map(({ attribute }) => attribute),
    needs: ({ reductions, missing }) => (missing === "fail" ? reductions.map(({ attribute }) => attribute) : []),
    writes: ({ reductions }) =>
      Object.fromEntries(
        reductions.map(({ attribute, operation, into }) => [into || attribute, reductionType(operation)]),
      ),
  },
  check: ({ reductions }) => problemsOf(reductions.map(({ attribute, into }) => into || attribute)),
  *generate([upstream], { reductions, missing }) {
    if (upstream === undefined) return;
    const attributes: Record<string, Value> = {};
    for (const { attribute, operation, into } of reductions) {
      const found = upstream.attribute(attribute);
      if (found === undefined && missing === "ignore") continue;
      if (found === undefined) throw new Error(lacking(upstream, attribute));
      const values = Array.isArray(found) ? (found as readonly Value[]) : [found];
      attributes[into || attribute] = reduced(values, operation, `"${attribute}" of ${upstream.name}`);
    }
    yield { identity: null, attributes };
  },
});

function problemsOf(names: readonly string[]): readonly ParamProblem[] {
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [{ param: `reductions.${index}`, message: `"${name}" is made twice` }] : [],
  );
}
