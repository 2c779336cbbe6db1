/** Several values made one: the operations of merges and reductions. Knows no nodes. */
import { compareValues, sameText, type Value } from "./order.js";

/** What makes one value of several. */
export const REDUCTIONS = [
  "first",
  "last",
  "min",
  "max",
  "sum",
  "average",
  "median",
  "most_common",
  "count",
  "list",
  "unique",
  "sorted",
  "sorted_unique",
] as const;

export type Reduction = (typeof REDUCTIONS)[number];

/** In words, for descriptions of parameters. */
export const REDUCTION_MEANING =
  "`first` and `last` in their order; `min` and `max` (text by its letters); `sum`, `average` and `median` of numbers (of an even count, the mean of the two in the middle); `most_common` (of equally common ones the smallest); `count`; `list` of all; `unique`: list of the different ones, in their order; `sorted` and `sorted_unique`: the same lists, the smallest first.";

/** The type of an operation's result, as far as it does not depend on the values. */
export function reductionType(operation: Reduction): "int" | "float" | "any" {
  if (operation === "count") return "int";
  return operation === "average" || operation === "median" ? "float" : "any";
}

/** The one value. Throws, naming what they are the values of, where there are none or they are no numbers. */
export function reduced(values: readonly Value[], operation: Reduction, what: string): Value {
  if (operation === "count") return values.length;
  if (operation === "list") return values;
  if (operation === "sorted") return [...values].sort(compareValues);
  const first = values[0];
  if (operation === "unique" || operation === "sorted_unique") {
    const different = [...distinct(values).values()].map(({ value }) => value);
    return operation === "unique" ? different : different.sort(compareValues);
  }
  if (first === undefined) throw new Error(`${what} has no values, of which "${operation}" could make one`);
  if (operation === "first") return first;
  if (operation === "last") return values.at(-1)!;
  if (operation === "min") return values.reduce((least, value) => (compareValues(value, least) < 0 ? value : least));
  if (operation === "max") return values.reduce((most, value) => (compareValues(value, most) > 0 ? value : most));
  if (operation === "most_common") return mostCommon(values);
  return ofNumbers(values, operation, what);
}

function distinct(values: readonly Value[]): Map<string, { readonly value: Value; count: number }> {
  const found = new Map<string, { readonly value: Value; count: number }>();
  for (const value of values) {
    const text = sameText(value);
    const known = found.get(text) ?? { value, count: 0 };
    known.count += 1;
    found.set(text, known);
  }
  return found;
}

function mostCommon(values: readonly Value[]): Value {
  const ranked = [...distinct(values).values()].sort((a, b) => b.count - a.count || compareValues(a.value, b.value));
  return ranked[0]!.value;
}

function ofNumbers(values: readonly Value[], operation: "sum" | "average" | "median", what: string): number {
  const other = values.find((value) => typeof value !== "number");
  if (other !== undefined)
    throw new Error(`${what} has the value ${sameText(other)}: "${operation}" needs numbers alone`);
  const numbers = values as readonly number[];
  const sum = numbers.reduce((total, value) => total + value, 0);
  if (operation === "sum") return sum;
  if (operation === "average") return sum / numbers.length;
  const ordered = [...numbers].sort((a, b) => a - b);
  const middle = ordered.length / 2;
  return (ordered[Math.floor(middle - 0.5)]! + ordered[Math.ceil(middle - 0.5)]!) / 2;
}
