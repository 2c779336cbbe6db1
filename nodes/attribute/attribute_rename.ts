/** Node type `attribute_rename`: the same values under other names. Knows nothing of the values. */
import { defineNode, type ParamProblem } from "dag-cook";
import { ATTRIBUTE_NAME, lacking, UPSTREAM_ATTRIBUTE } from "./typed/names.js";
import type { Value } from "./typed/order.js";

interface Rename {
  readonly from: string;
  readonly to: string;
}

export default defineNode({
  description: "Gives attributes other names; names can change places.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      required: true,
      minItems: 1,
      description: "The attributes to rename, all at once.",
      items: {
        type: "object",
        properties: {
          from: { ...UPSTREAM_ATTRIBUTE, required: true, description: "Name that items have." },
          to: { ...ATTRIBUTE_NAME, required: true, description: "Name that they get." },
        },
      },
    },
    overwrite: {
      type: "boolean",
      default: false,
      description: "Whether an attribute that already has the new name is replaced; else the node fails.",
    },
    missing: {
      type: "string",
      enum: ["fail", "ignore"],
      default: "fail",
      description: "What becomes of items without the attribute: the node fails, or they go on as they are.",
    },
  },
  inputs: { main: { description: "Work items with the attributes." } },
  attributes: {
    reads: ({ attributes }) => [...new Set(attributes.flatMap(({ from, to }) => [from, to]))],
    needs: ({ attributes, missing }) => (missing === "fail" ? attributes.map(({ from }) => from) : []),
    writes: ({ attributes }) => Object.fromEntries(attributes.map(({ to }) => [to, "any"])),
    removes: ({ attributes }) => attributes.map(({ from }) => from),
  },
  check: ({ attributes }) => problemsOf(attributes),
  *generate([upstream], { attributes, overwrite, missing }) {
    if (upstream === undefined) return;
    const renamed: Record<string, Value> = {};
    const sources = attributes.map(({ from }) => from);
    for (const { from, to } of attributes) {
      const value = upstream.attribute(from);
      if (value === undefined && missing === "ignore") continue;
      if (value === undefined) throw new Error(lacking(upstream, from));
      if (!overwrite && !sources.includes(to) && upstream.attribute(to) !== undefined)
        throw new Error(`${upstream.name} already has an attribute "${to}"; "overwrite" replaces such`);
      renamed[to] = value;
    }
    yield { identity: null, attributes: renamed, removes: sources };
  },
});

function problemsOf(renames: readonly Rename[]): readonly ParamProblem[] {
  return renames.flatMap(({ from, to }, index) => {
    const at = `attributes.${index}`;
    if (from === to) return [{ param: `${at}.to`, message: `"${to}" is its name already` }];
    const earlier = renames.slice(0, index);
    if (earlier.some((other) => other.from === from))
      return [{ param: `${at}.from`, message: `"${from}" is renamed twice` }];
    return earlier.some((other) => other.to === to) ? [{ param: `${at}.to`, message: `"${to}" is given twice` }] : [];
  });
}
