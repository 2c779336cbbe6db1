/** Parameters about the values of images: data ranges, and values that are not finite. They know no pixels. */
import type { ParamProblem } from "dag-cook";

/** What becomes of NaN and infinities; the same for every node that reads floats. */
export const NON_FINITE = {
  type: "number",
  words: ["error"],
  default: "error",
  description:
    "NaN and infinities in images of floats: `error` fails and names the file and the place; a number replaces them.",
} as const;

/** [low, high]. */
export const RANGE = {
  type: ["array", "null"],
  items: { type: "number" },
  minItems: 2,
  maxItems: 2,
  default: null,
} as const;

/** The range of a training set's inputs or references. */
export function range<const K extends "input" | "reference">(kind: K) {
  return {
    type: ["array", "object", "null"],
    items: { type: "number" },
    minItems: 2,
    maxItems: 2,
    words: ["measured"],
    properties: {
      percentiles: {
        type: "array",
        items: { type: "number", minimum: 0, maximum: 100 },
        minItems: 2,
        maxItems: 2,
        required: true,
        description: `Two percentiles of all values of the ${kind}s, such as [1, 99]: few extreme values do not decide.`,
      },
    },
    default: null,
    description: `The values of ${kind} images that are 0 and 1 to the network, such as [-300, 2200] for heights in meters: [low, high]; \`"measured"\`, the lowest and the highest of the whole set; or percentiles of it. It is undone in results and recorded in models. Null: values are taken as they are, 0 to 1.`,
  } as const;
}

/** What a parameter of \`range\` may be. */
export type RangeValue = readonly number[] | "measured" | { readonly percentiles: readonly number[] } | null;

/** What is wrong with a range: its ends do not rise. */
export function rangeProblems(param: string, value: RangeValue): readonly ParamProblem[] {
  if (value === null || value === "measured") return [];
  const isList = Array.isArray(value);
  const [low, high] = (isList ? value : (value as { percentiles: readonly number[] }).percentiles) as [number, number];
  if (low < high) return [];
  const where = isList ? param : `${param}.percentiles`;
  return [
    { param: where, message: `${where}: the first number must be below the second, and ${low} is not below ${high}` },
  ];
}
