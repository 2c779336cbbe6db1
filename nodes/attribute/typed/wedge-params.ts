/** The parameters of a wedge. Knows only their shape. */
import type { ParamSchemas } from "dag-cook";
import { DISTRIBUTION } from "./distribution.js";
import { ATTRIBUTE_NAME, MAYBE_ATTRIBUTE_NAME } from "./names.js";
import { VARIED_TYPES } from "./varied.js";

/** A number, or the components of a vector or colour. */
const NUMBERS = { type: ["number", "array"], items: { type: "number" } } as const;

const VARIED = {
  name: { ...ATTRIBUTE_NAME, required: true, description: "Name of the attribute, as expressions read it after `@`." },
  type: {
    type: "string",
    enum: VARIED_TYPES,
    default: "float",
    description: "Type of the values; vectors and colors are lists of numbers.",
  },
  env_export: {
    type: "boolean",
    default: false,
    description: "Whether it is a variable in the environment of programs that items below start, too.",
  },
  values: {
    type: ["array", "null"],
    items: { type: ["number", "string", "boolean", "array"], items: { type: "number" } },
    minItems: 1,
    default: null,
    description: "The values, in order. Text is a template, evaluated for each upstream item.",
  },
  range: {
    type: ["object", "null"],
    default: null,
    description: "Numbers from `start` to `end`: `count` of them, evenly, or in steps of `step`.",
    properties: {
      start: { ...NUMBERS, required: true, description: "First value." },
      end: { ...NUMBERS, required: true, description: "Last value (with `step`: no value lies beyond)." },
      count: { type: ["integer", "null"], minimum: 1, default: null, description: "How many values." },
      step: { type: ["number", "null"], default: null, description: "Distance of the values." },
    },
  },
  bracket: {
    type: ["object", "null"],
    default: null,
    description: "Numbers about a centre: from `center` − `offset` to `center` + `offset`, evenly.",
    properties: {
      center: { ...NUMBERS, required: true, description: "Value in the middle." },
      offset: { ...NUMBERS, required: true, description: "Distance of the first and the last value from it." },
      count: { type: "integer", minimum: 3, default: 3, description: "How many values, an odd number." },
    },
  },
  random: {
    type: ["object", "null"],
    default: null,
    description: "Random numbers; of a vector or color, its three components by themselves.",
    properties: {
      samples: { type: ["integer", "null"], minimum: 1, default: null, description: "How many values." },
      seed: {
        type: "number",
        default: 0,
        description: "Other values for another seed; it may differ by upstream item.",
      },
      ...DISTRIBUTION,
    },
  },
  expression: {
    type: ["object", "null"],
    default: null,
    description: "Numbers that are calculated, each by its place.",
    properties: {
      value: {
        type: "number",
        required: true,
        given: { wedgenum: 0, wedgecount: 1 },
        description:
          'Evaluated for each value: `"pow(2, @wedgenum)"`. `@wedgenum` is its place among them, from 0, and `@wedgecount` how many there are; all else is the upstream item\'s.',
      },
      count: { type: ["integer", "null"], minimum: 1, default: null, description: "How many values." },
    },
  },
  files: {
    type: ["array", "null"],
    items: { type: "string", path: "input" },
    default: null,
    description: "Of the type `file`: the files, in order.",
  },
} as const satisfies ParamSchemas;

const numberName = (name: string, what: string) =>
  ({ ...MAYBE_ATTRIBUTE_NAME, default: name, description: `Attribute for ${what}; empty: none.` }) as const;

/** The parameters. */
export const WEDGE_PARAMS = {
  attributes: {
    type: "array",
    default: [],
    description: "The attributes that vary, each in one of the ways that follow its type.",
    items: { type: "object", properties: VARIED },
  },
  combine: {
    type: "string",
    enum: ["product", "zip"],
    default: "product",
    description:
      "Every combination of the attributes' values, or the first values together, then the second ones, and so on.",
  },
  count: {
    type: ["integer", "null"],
    minimum: 1,
    default: null,
    description:
      "With `zip`: how many variations. Lists that end earlier start again; ranges and random samples without a number of their own have so many values.",
  },
  order: {
    type: "string",
    enum: ["input", "wedge"],
    default: "input",
    template: false,
    description:
      "Whether all variations of an upstream item come one after another, or the first variation of every upstream item, then the second one. The latter waits until all of these are there.",
  },
  preserve_wedge_numbers: {
    type: "boolean",
    default: false,
    description: "Whether the number and count in this wedge are put behind those of the wedges above, as lists.",
  },
  names: {
    type: "object",
    description: "Names of the attributes that number the variations; stacked wedges must agree on them.",
    properties: {
      wedgeindex: numberName("wedgeindex", "the number among all variations of all stacked wedges"),
      wedgenum: numberName("wedgenum", "the number among this wedge's variations of one upstream item"),
      wedgeattribs: numberName("wedgeattribs", "the names of the attributes that vary"),
      wedgecount: numberName("wedgecount", "how many variations this wedge makes of one upstream item"),
      wedgetotal: numberName("wedgetotal", "how many variations all stacked wedges make"),
    },
  },
} as const satisfies ParamSchemas;
