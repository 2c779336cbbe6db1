/** The variations of a wedge: the ways in which the values of several attributes meet. Knows no work items. */
import type { Json, ParamProblem } from "dag-cook";
import { sameText, type Value } from "./order.js";
import { Repeats } from "./repeats.js";
import { type Calculate, columnOf, MOST, problemsOfVaried, sizeOfVaried, type Varied } from "./varied.js";

/** How several attributes meet: every combination, the first varying slowest, or one after another side by side. */
export type Combination = "product" | "zip";

/** One variation: values by name, in the order of the attributes. */
export interface Variation {
  readonly values: Readonly<Record<string, Value>>;
  readonly identity: Json;
}

/** Variations, made one after another: there may be a million. */
export interface Variations {
  readonly length: number;
  [Symbol.iterator](): Iterator<Variation>;
}

/**
 * All variations, in order. `calculate` answers for an attribute, by its place, what its expression gives. `count`: side by side, how many there are, for which values are taken from the start again.
 * What `problemsOf` finds must be absent.
 */
export function variationsOf(
  attributes: readonly Varied[],
  combine: Combination,
  count: number | null,
  calculate: (attribute: number) => Calculate,
): Variations {
  const columns = attributes.map((each, index) => columnOf(each, count, calculate(index)));
  const isZip = combine === "zip";
  const lengths = columns.map(({ length }) => length);
  const length = isZip ? (count ?? lengths[0] ?? 0) : lengths.reduce((all, one) => all * one, 1);
  // Of every combination of values that differ, none comes again.
  const isSingle = !isZip && columns.every(({ differ }) => differ);
  return {
    length,
    *[Symbol.iterator]() {
      const repeats = new Repeats();
      for (let row = 0; row < length; row++) {
        const places = isZip ? lengths.map((each) => row % each) : digits(row, lengths);
        const values = Object.fromEntries(columns.map(({ name, at }, column) => [name, at(places[column]!)]));
        const repeat = isSingle ? 0 : repeats.before(values);
        // Values are a variation's identity; where they come again, as random and repeated ones may, also the how many-th it is.
        yield { values, identity: (repeat === 0 ? values : { values, repeat }) as Json };
      }
    },
  };
}

/** A number by its place in each column, of which the last counts fastest. */
function digits(row: number, lengths: readonly number[]): number[] {
  const places = lengths.map(() => 0);
  for (let column = lengths.length - 1, rest = row; column >= 0; column--) {
    const length = lengths[column]!;
    places[column] = rest % length;
    rest = Math.floor(rest / length);
  }
  return places;
}

/** All that is wrong with the attributes and their combination. */
export function problemsOf(
  attributes: readonly Varied[],
  combine: Combination,
  count: number | null,
): readonly ParamProblem[] {
  if (count !== null && combine !== "zip") return [{ param: "count", message: 'it counts only with "combine": "zip"' }];
  const problems = attributes.flatMap((each, index) => [
    ...(attributes.findIndex(({ name }) => name === each.name) < index
      ? [{ param: `attributes.${index}.name`, message: `"${each.name}" varies twice` }]
      : []),
    ...problemsOfVaried(each, `attributes.${index}`, count),
    ...(combine === "product" ? repeatProblems(each, `attributes.${index}`) : []),
  ]);
  return problems.length > 0 ? problems : sizeProblems(attributes, combine, count);
}

function repeatProblems({ values, type }: Varied, at: string): readonly ParamProblem[] {
  const seen = new Set<string | number>();
  for (const value of values ?? []) {
    // Text that a template made of a number is that number.
    const own = type === "float" || type === "int" ? Number(value) : sameText(value);
    if (seen.has(own)) return [{ param: `${at}.values`, message: `${own} is there twice` }];
    seen.add(own);
  }
  return [];
}

function sizeProblems(
  attributes: readonly Varied[],
  combine: Combination,
  count: number | null,
): readonly ParamProblem[] {
  const sizes = attributes.map((each) => sizeOfVaried(each, count));
  const odd = combine === "zip" && count === null ? sizes.findIndex((size) => size !== sizes[0]) : -1;
  if (odd > 0) {
    const [first, other] = [attributes[0]!, attributes[odd]!];
    const message = `"${other.name}" has ${sizes[odd]} values and "${first.name}" has ${sizes[0]}: "zip" needs as many of each`;
    return [{ param: `attributes.${odd}`, message }];
  }
  const product = sizes.reduce((all, size) => all * size, 1);
  const total = combine === "zip" ? (count ?? sizes[0] ?? 0) : product;
  return total > MOST ? [{ param: "attributes", message: `${total} variations are above the limit of ${MOST}` }] : [];
}
