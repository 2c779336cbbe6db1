/**
 * Node type `work_item_expand`: items for the elements of a list that an item has as an attribute. Knows nothing of the
 * elements, and no files.
 */
import { defineNode, type Json } from "dag-cook";
import { ATTRIBUTE_NAME, MAYBE_ATTRIBUTE_NAME } from "../attribute/typed/names.js";
import { sameText, type Value } from "../attribute/typed/order.js";
import { inCount, inSizes } from "../attribute/typed/parts.js";

type Expansion = "one_to_one" | "size" | "count" | "first" | "last";

export default defineNode({
  description: "Makes items from the elements of a list that each upstream item has as an attribute.",
  version: 1,
  params: {
    attribute: {
      ...ATTRIBUTE_NAME,
      required: true,
      description: "Attribute that holds the list; one value is a list, too.",
    },
    expansion: {
      type: "string",
      enum: ["one_to_one", "size", "count", "first", "last"],
      default: "one_to_one",
      description:
        "An item for each element; for every `number` elements, the last item having fewer; `number` items with as many elements as can be, larger ones first; or for each of the first or last `number` elements.",
    },
    number: { type: "integer", minimum: 1, default: 1, description: "How many; not used by `one_to_one`." },
    value: {
      ...MAYBE_ATTRIBUTE_NAME,
      default: "expandvalue",
      description: "Attribute that gets an item's element, with `size` and `count` a list; empty: none does.",
    },
    missing: {
      type: "string",
      enum: ["fail", "leave_out"],
      default: "fail",
      description: "What becomes of upstream items without the attribute.",
    },
  },
  inputs: { main: { description: "Work items to expand." } },
  attributes: {
    reads: ({ attribute }) => [attribute],
    writes: ({ value }) => ({ expandsize: "int", ...(value === "" ? {} : { [value]: "any" }) }),
  },
  *generate([upstream], { attribute, expansion, number, value, missing }) {
    const found = upstream?.attribute(attribute);
    if (upstream === undefined || (found === undefined && missing === "leave_out")) return;
    if (found === undefined)
      throw new Error(`${upstream.name} has no attribute "${attribute}"; "missing" can say what becomes of such items`);
    const elements = Array.isArray(found) ? (found as readonly Value[]) : [found];
    const lists = expansion === "size" || expansion === "count";
    const seen = new Map<string, number>();
    for (const part of partsOf(elements, expansion, number)) {
      const own = lists ? part : part[0]!;
      const repeat = seen.get(sameText(own)) ?? 0;
      seen.set(sameText(own), repeat + 1);
      // By what it holds; only equal parts of one list are told apart by a number.
      const identity = repeat === 0 ? { value: own as Json } : { value: own as Json, repeat };
      yield { identity, attributes: { expandsize: part.length, ...(value === "" ? {} : { [value]: own }) } };
    }
  },
});

function partsOf(elements: readonly Value[], expansion: Expansion, number: number): readonly (readonly Value[])[] {
  const single = (some: readonly Value[]) => some.map((element) => [element]);
  if (expansion === "one_to_one") return single(elements);
  if (expansion === "first") return single(elements.slice(0, number));
  if (expansion === "last") return single(elements.slice(-number));
  return expansion === "count" ? inCount(elements, number) : inSizes(elements, number);
}
