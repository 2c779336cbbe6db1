/** Node type `wedge`: work items from variations of values. Knows nothing of what the attributes are for. */
import { defineNode, type UpstreamItem } from "dag-cook";
import { NAME_PATTERN, SPELLED_TYPES } from "./typed/value.js";
import { problemsOf, type Varied, variationsOf } from "./typed/variation.js";

export default defineNode({
  description: "Makes an item for every variation of one or more attributes, of each upstream item.",
  version: 1,
  params: {
    attributes: {
      type: "array",
      default: [],
      description: "The attributes that vary, each by a list of values or by a range.",
      items: {
        type: "object",
        properties: {
          name: {
            type: "string",
            pattern: NAME_PATTERN,
            template: false,
            required: true,
            description: "Name of the attribute, as expressions read it after `@`.",
          },
          type: { type: "string", enum: SPELLED_TYPES, default: "float", description: "Type of the values." },
          values: {
            type: ["array", "null"],
            items: { type: ["number", "string", "boolean"] },
            minItems: 1,
            default: null,
            description: "The values, in order. Text is a template.",
          },
          range: {
            type: ["object", "null"],
            default: null,
            description: "Numbers from `start` to `end`: `count` of them, evenly, or in steps of `step`.",
            properties: {
              start: { type: "number", required: true, description: "First value." },
              end: { type: "number", required: true, description: "Last value (with `step`: no value lies beyond)." },
              count: { type: ["integer", "null"], minimum: 1, default: null, description: "How many values." },
              step: { type: ["number", "null"], default: null, description: "Distance of the values." },
            },
          },
        },
      },
    },
    combine: {
      type: "string",
      enum: ["product", "zip"],
      default: "product",
      description:
        "Every combination of the attributes' values, or the first values together, then the second ones, and so on.",
    },
  },
  attributes: {
    writes: ({ attributes }) => ({
      wedgeindex: "int",
      wedgenum: "int",
      wedgeattribs: "string[]",
      wedgecount: "int",
      wedgetotal: "int",
      ...Object.fromEntries((attributes as readonly Varied[]).map(({ name, type }) => [name, type])),
    }),
  },
  check: ({ attributes, combine }) => problemsOf(attributes as readonly Varied[], combine),
  *generate([upstream], params) {
    const attributes = params.attributes as readonly Varied[];
    const problem = problemsOf(attributes, params.combine)[0];
    if (problem) throw new Error(`${problem.param}: ${problem.message}`);
    const variations = attributes.length === 0 ? [] : variationsOf(attributes, params.combine);
    const names = attributes.map(({ name }) => name);
    for (const [wedgenum, variation] of variations.entries()) {
      const stacked = stackedOn(upstream, names, wedgenum, variations.length);
      const label = Object.entries(variation).map(([name, value]) => `${name} ${value}`);
      yield { identity: variation, attributes: { ...variation, ...stacked }, label: label.join(", ") };
    }
  },
});

/**
 * `wedgenum` of `wedgecount` variations of one upstream item; counted over all wedges that are stacked, `wedgeindex` of
 * `wedgetotal` with the attributes `wedgeattribs`.
 */
function stackedOn(upstream: UpstreamItem | undefined, names: readonly string[], wedgenum: number, wedgecount: number) {
  const number = (name: string, otherwise: number) => {
    const value = upstream?.attribute(name);
    return typeof value === "number" ? value : otherwise;
  };
  const earlier = upstream?.attribute("wedgeattribs");
  const above = Array.isArray(earlier) ? (earlier as readonly string[]) : [];
  return {
    wedgenum,
    wedgecount,
    wedgeindex: number("wedgeindex", 0) * wedgecount + wedgenum,
    wedgetotal: number("wedgetotal", 1) * wedgecount,
    wedgeattribs: [...new Set([...above, ...names])],
  };
}
