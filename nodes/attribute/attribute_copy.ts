/** Node type `attribute_copy`: attributes of the items of one branch, for those of another. Knows nothing of the values. */
import { defineNode, type UpstreamItem } from "dag-cook";
import { grouped } from "../partition/grouping/order.js";
import {
  exactNames,
  isPattern,
  namesFitting,
  readsOf,
  UPSTREAM_ATTRIBUTE,
  UPSTREAM_ATTRIBUTES,
} from "./typed/names.js";
import { sameText, type Value } from "./typed/order.js";

export default defineNode({
  description: "Copies attributes of the items of `from` onto the items of `main` that match them.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      items: { ...UPSTREAM_ATTRIBUTES, attribute: "from" },
      required: true,
      minItems: 1,
      description: "Names of the attributes, or patterns such as `size_*`.",
    },
    match: {
      type: "string",
      enum: ["index", "attribute", "all"],
      default: "index",
      description:
        "Which items match: those at the same place of their inputs, those with the same value of `by`, or all of `from` with each of `main` (of several, the later ones' values count).",
    },
    by: {
      ...UPSTREAM_ATTRIBUTE,
      default: "name",
      description: "With `attribute`: the attribute whose values are compared.",
    },
    unmatched: {
      type: "string",
      enum: ["keep", "leave_out"],
      default: "keep",
      description: "Whether items of `main` that nothing matches go on as they are.",
    },
    overwrite: {
      type: "boolean",
      default: true,
      description: "Whether attributes that an item already has are replaced, or kept.",
    },
  },
  inputs: {
    main: { description: "Work items that get the attributes." },
    from: { description: "Work items that have them. Only their attributes are taken, not their files." },
  },
  attributes: {
    reads: ({ attributes, match, by }) => readsOf(match === "attribute" ? [by, ...attributes] : attributes),
    needs: ({ attributes, match, by }) => exactNames(match === "attribute" ? [by, ...attributes] : attributes),
    writes: ({ attributes }) =>
      attributes.some(isPattern) ? "any" : Object.fromEntries(attributes.map((name) => [name, "any"])),
  },
  together: true,
  *generate(_upstream, { attributes, match, by, unmatched, overwrite }, _discovered, { inputs }) {
    const [main, from] = [inputs.main ?? [], inputs.from ?? []].map((all) => all.flatMap(({ items }) => items));
    const matches = matching(match, by, from!);
    for (const [place, item] of main!.entries()) {
      const found = matches(item, place);
      if (found.length === 0 && unmatched === "leave_out") continue;
      const copied = copiedFrom(found, attributes).filter(([name]) => overwrite || item.attribute(name) === undefined);
      yield { identity: null, upstream: [item], attributes: Object.fromEntries(copied) };
    }
  },
});

type Matches = (item: UpstreamItem, place: number) => readonly UpstreamItem[];

function matching(match: "index" | "attribute" | "all", by: string, from: readonly UpstreamItem[]): Matches {
  if (match === "all") return () => from;
  if (match === "index") return (_, place) => from.slice(place, place + 1);
  const byValue = grouped(from, (item) => sameText(item.attribute(by)));
  return (item) => (item.attribute(by) === undefined ? [] : (byValue.get(sameText(item.attribute(by))) ?? []));
}

function copiedFrom(items: readonly UpstreamItem[], names: readonly string[]): readonly (readonly [string, Value])[] {
  return items.flatMap((item) =>
    names
      .flatMap((name) => namesFitting([item], name))
      .flatMap((name) => {
        const value = item.attribute(name);
        return value === undefined ? [] : [[name, value] as const];
      }),
  );
}
